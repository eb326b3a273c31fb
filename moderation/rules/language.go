package rules

import (
	"fmt"
	"slices"
	"strings"

	"rejoinder/moderation/text"
)

// Words of one language are ordinary words of others: "retard" is French for a delay, "hora" Spanish for an
// hour. So a term of a list with a language counts only in comments in that language.

// siteLanguageDefault is the language of a site that says none.
const siteLanguageDefault = "en"

// maxLanguageSets bounds the different sets of languages in one ruleset.
const maxLanguageSets = 250

const tooManyLanguages = "the lists have too many different sets of languages"

// leastForeign is the minimum length in bytes of a match of a list in another language than the site's, if
// the comment's language is unknown: shorter words are too often words of several languages. In most scripts
// other than Latin, it is three letters.
const leastForeign = 6

// leastPhrase is how many words of a match tell its language.
const leastPhrase = 3

// surelyGuessed is how many words of a comment leave no doubt about its language. In a shorter one, a phrase tells more
// than the guess: "dos" and "de" are words of Spanish and of Portuguese.
const surelyGuessed = 10

// anyLanguage is what a list says whose terms count in every language.
const anyLanguage = "any"

// ordinaryElsewhere reports whether a match, as it is written, is an ordinary word of a language other than
// those of its list.
func ordinaryElsewhere(written string, languages []string) bool {
	return slices.ContainsFunc(text.WordLanguages(written),
		func(of string) bool { return !slices.Contains(languages, of) })
}

// inLanguage reports whether a match counts: its term has no language or that of the comment. If the
// comment's language is unknown, a match counts unless the other words of the comment or the matched word
// itself suggest another language. A word of the site's language counts even if it exists in other languages, and so
// does any word if the other words decide for a language of its list.
func (e *evaluation) inLanguage(m match) bool {
	languages := e.matcher.languages[m.languages]
	if languages == nil {
		return true
	}
	if m.field != bodyField { // a name says nothing about the language, and the body nothing about a name
		return e.mayBeForeign(m, languages)
	}
	spoken := e.language()
	switch {
	case slices.Contains(languages, spoken):
		return true
	case spoken == "zh" && slices.Contains(languages, "ja"): // a short Japanese text may be without kana
	case spoken != "" && (len(e.words(bodyField)) > surelyGuessed || !e.phrase(m)):
		return false
	}
	if e.phrase(m) {
		return true
	}
	at, leaning := text.Span{Start: m.start, End: m.end}, e.leaning(m.languages)
	if !leaning.Allows(at) {
		return false
	}
	return e.mayBeForeign(m, languages) || !m.misspelt && leaning.Decides(at, e.siteLanguage())
}

// phrase reports whether a match is at least three words as the term has them, which are hardly ever a sentence in
// another language, too.
func (e *evaluation) phrase(m match) bool {
	return !m.misspelt && len(strings.Fields(e.written(m.field)[m.start:m.end])) >= leastPhrase
}

// mayBeForeign reports whether the matched word, as written, can be in one of the list's languages. It can if
// the site's language is one of them, or if the word is long enough and not an ordinary word of another
// language. For words found as misspellings, only the site's language counts, because most unknown words are
// correct words of a language without a dictionary.
func (e *evaluation) mayBeForeign(m match, languages []string) bool {
	written := e.written(m.field)[m.start:m.end]
	if slices.Contains(languages, e.siteLanguage()) {
		return true
	}
	if m.misspelt || len(written) < leastForeign {
		return false
	}
	if last := &e.foreign; last.written != written || last.languages != m.languages { // comments repeat words
		*last = foreignWord{written, m.languages, !ordinaryElsewhere(written, languages)}
	}
	return e.foreign.may
}

// foreignWord is what was last found out about a word of a list with languages.
type foreignWord struct {
	written   string
	languages uint8
	may       bool // it may be in one of them
}

// leaning returns what the body says for or against a set of languages of the ruleset.
func (e *evaluation) leaning(set uint8) *text.Leaning {
	if e.leanings == nil {
		e.leanings = map[uint8]*text.Leaning{}
	}
	if e.leanings[set] == nil {
		e.leanings[set] = e.read().Evidence().Leaning(e.matcher.languages[set])
	}
	return e.leanings[set]
}

// listLanguages reads the languages of a list: one tag, or several; "any" for all.
func (c *compiler) listLanguages(n node) uint8 {
	items := []node{n}
	if len(n.Content) > 0 {
		items = c.doc.items(n, "language")
	}
	known := append(text.Languages(), anyLanguage)
	var languages []string
	for _, item := range items {
		name, ok := c.doc.words(item, "a language")
		switch {
		case !ok:
		case !slices.Contains(known, name):
			c.doc.fault(item, fmt.Sprintf("there is no language %q", name),
				didYouMean(name, known, "Known are "+strings.Join(known, ", ")+"."))
		case name == anyLanguage && len(items) > 1:
			c.doc.fault(item, `"any" stands alone`, "Remove the other languages, or this one.")
		case name != anyLanguage:
			languages = append(languages, name)
		}
	}
	set, ok := c.languageSet(languages)
	if !ok {
		c.doc.fault(n, tooManyLanguages, "Use the same languages for several lists.")
	}
	return set
}

// languageSet returns the index of a set of languages, adding it if it is new; not ok if there are too many.
func (c *compiler) languageSet(languages []string) (set uint8, ok bool) {
	if len(languages) == 0 {
		return 0, true
	}
	sorted := slices.Sorted(slices.Values(languages))
	i := slices.IndexFunc(c.languages, func(other []string) bool { return slices.Equal(other, sorted) })
	if i < 0 {
		if len(c.languages) == maxLanguageSets {
			return 0, false
		}
		i = len(c.languages)
		c.languages = append(c.languages, sorted)
	}
	return uint8(i), true
}
