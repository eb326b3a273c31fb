package text

import (
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"rejoinder/moderation/text/dictionary"
)

// Evidence is what the words of a text say about its language. It is immutable.
type Evidence struct {
	words []wordEvidence
	hits  []int // by language of stopwords
}

// wordEvidence is what one word says.
type wordEvidence struct {
	start, end int
	stopword   languageSet
	known      dictionary.Set
}

// Evidence returns what the words of Shown say about its language.
func (r *Reading) Evidence() *Evidence {
	r.weigh.Do(func() { r.evidence = newEvidence(r.Shown, r.Words()) })
	return r.evidence
}

func newEvidence(shown string, words []Word) *Evidence {
	e := &Evidence{words: make([]wordEvidence, 0, len(words)), hits: make([]int, len(stopwords))}
	for at, w := range words {
		one := wordEvidence{start: w.Start, end: w.End, known: dictionary.Languages(w.Folded)}
		if IsLaughter(w.Folded) {
			one.known = 0 // people laugh alike in many languages
		}
		if at < languageWords && !inSpelledWord(words, at) {
			for _, i := range stopwordIn(shown, w) {
				one.stopword |= 1 << i
				e.hits[i]++
			}
		}
		e.words = append(e.words, one)
	}
	return e
}

// IsLaughter reports whether a folded word is written laughter: "hahaha", "jeje", "ахаха", "kkkk".
func IsLaughter(word string) bool {
	return utf8.RuneCountInString(word) >= 4 && strings.Trim(word, "haeijkxахеї") == ""
}

// Leaning is what a text says for or against one set of languages. It is immutable.
type Leaning struct {
	evidence        *Evidence
	stopwords       languageSet
	known           dictionary.Set
	here, elsewhere int // words that a dictionary knows in one of the languages, and in others only
}

// Leaning weighs a text for a set of languages, by their tags.
func (e *Evidence) Leaning(languages []string) *Leaning {
	l := &Leaning{evidence: e, known: dictionary.SetOf(languages...)}
	for i, s := range stopwords {
		if slices.Contains(languages, s.tag) {
			l.stopwords |= 1 << i
		}
	}
	for _, w := range e.words {
		l.count(w, 1)
	}
	return l
}

func (l *Leaning) count(w wordEvidence, n int) {
	switch {
	case w.known&l.known != 0:
		l.here += n
	case w.known != 0:
		l.elsewhere += n
	}
}

// Allows reports whether the words outside a span leave open that the text is in one of the languages: no other
// language has more than twice as many stopwords, and not most of the known words are of others. Pieces of a
// disguised word inside the span, as in "c*nt", say nothing. It takes time in the length of the span.
func (l *Leaning) Allows(inside Span) bool {
	rest, e := *l, l.evidence
	hits := [maxStopwordLists]int{}
	copy(hits[:], e.hits)
	from := sort.Search(len(e.words), func(i int) bool { return e.words[i].end > inside.Start })
	for _, w := range e.words[from:] {
		if w.start >= inside.End {
			break
		}
		rest.count(w, -1)
		for i := range e.hits {
			if w.stopword>>i&1 != 0 {
				hits[i]--
			}
		}
	}
	own, most := 0, 0
	for i := range e.hits {
		most = max(most, hits[i])
		if l.stopwords>>i&1 != 0 {
			own = max(own, hits[i])
		}
	}
	return 2*own >= most && rest.here >= rest.elsewhere
}

// leastDeciding is how many words of one of the languages decide for it, and mostDeciding in how many words of a text
// they are looked for: the language of longer texts is known.
const (
	leastDeciding = 2
	mostDeciding  = 40
)

// Decides reports whether the words outside a span say that the text is in one of the languages and not in another
// one: at least two are known in them and not in the other, and all that are known are known in them.
func (l *Leaning) Decides(inside Span, other string) bool {
	words := l.evidence.words
	if len(words) > mostDeciding {
		return false
	}
	elsewhere, own := dictionary.SetOf(other), 0
	for _, w := range words {
		switch {
		case w.known == 0, w.end > inside.Start && w.start < inside.End:
		case w.known&l.known == 0:
			return false
		case w.known&elsewhere == 0:
			own++
		}
	}
	return own >= leastDeciding
}

// maxStopwordLists bounds the languages of stopwords: a languageSet has as many bits.
const maxStopwordLists = 64

// WordLanguages returns the languages in which a word, as it is written, is an ordinary one, as far as the
// dictionary knows.
func WordLanguages(word string) []string { return dictionary.Languages(Normalise(word).Text).Codes() }
