package classify

import (
	"math"
	"unicode"

	"rejoinder/moderation/text"
)

// shapes is the number of shape features.
const shapes = 11

// counted holds the character counts of a text.
type counted struct {
	runes, letters, capitals, foreign int
	digits, marks, shouts             int
	lineEnds, longestRun              int
}

// shapeOf returns the shape features of a text, each on a coarse scale whose steps are learned separately.
func shapeOf(r *text.Reading, words int) [shapes]int {
	c := count(r.Shown)
	return [shapes]int{
		level(c.runes), level(words), min(len(r.Links), 3), level(c.digits), level(c.shouts), level(c.lineEnds),
		share(c.capitals, c.letters), share(c.digits, c.runes), share(c.marks, c.runes), share(c.foreign, c.letters),
		min(c.longestRun, 6),
	}
}

func count(body string) counted {
	var c counted
	last, run := rune(-1), 0
	for _, r := range body {
		c.runes++
		if run++; r != last {
			last, run = r, 1
		}
		c.longestRun = max(c.longestRun, run)
		c.add(r)
	}
	return c
}

func (c *counted) add(r rune) {
	switch {
	case 'a' <= r && r <= 'z':
		c.letters++
	case r == '\n':
		c.lineEnds++
	case unicode.IsSpace(r):
	case unicode.IsLetter(r):
		c.letters++
		if unicode.IsUpper(r) {
			c.capitals++
		}
		if r > unicode.MaxLatin1 {
			c.foreign++
		}
	case unicode.IsDigit(r):
		c.digits++
	default:
		c.marks++
		if r == '!' || r == '?' {
			c.shouts++
		}
	}
}

// level maps a count to a logarithmic scale with base 1.5.
func level(n int) int {
	if n <= 0 {
		return 0
	}
	return 1 + int(math.Log(float64(n))/math.Log(1.5))
}

// share maps a ratio to a scale from 1 to 10, and none to 0.
func share(part, whole int) int {
	if part == 0 || whole == 0 {
		return 0
	}
	return 1 + part*9/whole
}
