package rules

import "sort"

// scanWords looks for words and phrases: it lays the words of the field side by side, each between spaces,
// and has the automaton read that.
func (e *evaluation) scanWords(f field) {
	if e.matcher.words == nil {
		return
	}
	words := e.words(f)
	joined, starts := e.joined[:0], e.starts[:0]
	joined = append(joined, fieldBegins...)
	joined = append(joined, ' ')
	for _, w := range words {
		starts = append(starts, len(joined))
		joined = append(append(joined, w.Folded...), ' ')
	}
	joined = append(joined, fieldEnds...)
	e.joined, e.starts = joined, starts
	scanAutomaton(e.matcher.words, joined, func(key *termKey, end int) {
		first := sort.SearchInts(starts, end-len(key.text))
		last := sort.SearchInts(starts, end) - 1
		e.found(key.terms, f, words[first].Start, words[last].End)
	})
}
