package rules

import "rejoinder/moderation/text"

// spamWords returns the words that weighed most in the classifier's score, each as it stands in the text.
func (e *evaluation) spamWords() []string {
	words := []string{}
	for _, p := range e.facts.Spam.places(e.facts.Body) {
		words = append(words, e.facts.Body[p[0]:p[1]])
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
		if text.MixedScripts(e.facts.Body[w.Start:w.End]) {
			n++
		}
	}
	return n
}
