package rules

import (
	"cmp"
	"slices"
	"sort"
)

// near returns the matches of two lists that stand in the body with at most that many words between them. It
// takes n log n in the matches: each needs to be compared only with its nearest neighbour on either side.
func (e *evaluation) near(q *question) []match {
	s := e.speech()
	first, second := e.inBody(q.list), e.inBody(q.other)
	found := append(s.closeTo(first, second, int(q.words)), s.closeTo(second, first, int(q.words))...)
	slices.SortFunc(found, func(a, b match) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end), cmp.Compare(a.list, b.list))
	})
	return slices.Compact(found)
}

// closeTo returns each match that has one of the others close behind it, with that other one. The others are
// in order. Two that overlap are one thing, not two beside each other.
func (s *speech) closeTo(matches, others []match, words int) []match {
	var found []match
	for _, m := range matches {
		n := sort.Search(len(others), func(i int) bool { return others[i].start >= m.end })
		if n < len(others) && s.extentOf(others[n]).first-s.extentOf(m).last-1 <= words {
			found = append(found, m, others[n])
		}
	}
	return found
}
