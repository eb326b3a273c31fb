package rules

import (
	"sort"

	"rejoinder/moderation/text"
)

// spamWords returns the words that weighed most in the classifier's score, each as it stands in the text.
func (e *evaluation) spamWords() []string {
	words := []string{}
	for _, p := range e.facts.Spam.places(e.facts.Body) {
		words = append(words, e.facts.Body[p[0]:p[1]])
	}
	return words
}

// hostileWords returns the words that weighed most in the score for hostility, each as it stands in the text.
func (e *evaluation) hostileWords() []string {
	words := []string{}
	for _, s := range e.hostility().Spans {
		words = append(words, e.facts.Body[s.Start:s.End])
	}
	return words
}

// places returns the words that lie within the text: of an erased comment nothing is left to point at.
func (s SpamScore) places(body string) []Place {
	for i, p := range s.Words {
		if p[0] < 0 || p[0] >= p[1] || p[1] > len(body) {
			return s.Words[:i]
		}
	}
	return s.Words
}

// mixedWords counts the words whose letters come from several scripts that look alike.
func (e *evaluation) mixedWords() int {
	n := 0
	for _, w := range e.words(bodyField) {
		if text.MixedScripts(e.read().Shown[w.Start:w.End]) {
			n++
		}
	}
	return n
}

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
	scanAutomaton(e.matcher.words, joined, func(o occurrence) {
		first := sort.SearchInts(starts, o.start)
		last := sort.SearchInts(starts, o.end) - 1
		e.foundNumbers(o.terms, f, words[first].Start, words[last].End)
	})
}
