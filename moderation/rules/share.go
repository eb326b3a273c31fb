package rules

import (
	"cmp"
	"slices"
	"unicode"
)

// listedShare returns how much of a field the list of a condition's question covers, from 0 to 1, in the
// field where it is most; white space does not count. Of more than maxSpans occurrences, the others are taken
// to be like those kept.
func (e *evaluation) listedShare(q *question) float64 {
	if e.listed(q) == 0 {
		return 0
	}
	share := 0.0
	for f := range q.fields.all {
		n := e.counts[countIndex(q.list, f)]
		if n == 0 || !f.quotable() {
			continue
		}
		written := e.written(f)
		if e.matcher.lists[q.list].mode.engine == domainEngine {
			written = e.asWritten(f)
		}
		covered := float64(e.covered(q.list, f, written)) * float64(max(n, maxSpans)) / maxSpans
		share = max(share, covered/float64(shown(written)))
	}
	return min(share, 1)
}

// covered counts the characters of a field, without white space, that lie in matches of the list.
func (e *evaluation) covered(list int32, f field, written string) int {
	var found []match
	for _, m := range e.matches {
		if m.list == list && m.field == f {
			found = append(found, m)
		}
	}
	slices.SortFunc(found, func(a, b match) int { return cmp.Compare(a.start, b.start) })
	characters, reached := 0, 0
	for _, m := range found {
		if m.end > reached {
			characters += shown(written[max(m.start, reached):m.end])
			reached = m.end
		}
	}
	return characters
}

// shown counts the characters of s that are not white space.
func shown(s string) int {
	n := 0
	for _, r := range s {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}
