package text

import "slices"

// Nearest returns the known name closest to what was typed; empty if none is close: one slip for each three
// letters, and at least one.
func Nearest(written string, known []string) string {
	best, distance := "", max(1, len(written)/3)+1
	for _, name := range known {
		if d := editDistance(written, name, distance); d < distance {
			best, distance = name, d
		}
	}
	return best
}

// editDistance counts the insertions, deletions, substitutions and transpositions of neighbours that turn a
// into b (optimal string alignment), in bytes. It stops counting at enough.
func editDistance(a, b string, enough int) int {
	if len(a)-len(b) >= enough || len(b)-len(a) >= enough || len(a) > 100 {
		return enough
	}
	before, above, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, above, row = above, row, before
		if slices.Min(above) >= enough && slices.Min(before) >= enough { // no later row can be smaller
			return enough
		}
	}
	return above[len(b)]
}
