package queue

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"rejoinder/moderation/text"
)

// SearchTerm is one condition of a search.
type SearchTerm struct {
	Words   []string // result of text.SearchWords, at least one; a phrase within one field
	Prefix  bool     // the last word is a prefix
	Without bool     // exclude comments that match
}

// minPrefix is the minimum number of characters before a star. Shorter prefixes would match most words.
const minPrefix = 2

// SearchWords returns the words that a name or title is indexed by and that ParseSearch looks for. Those of a
// comment's text come from its Reading.
func SearchWords(raw string) []string { return text.SearchWords(raw) }

// ParseSearch parses a moderator's search: words that must all match, "several words" for a phrase, a star
// after a word for a prefix, and a minus before any of these to exclude matches. It accepts every input: an
// unclosed quote ends at the end of the input, meaningless symbols are ignored, and a word of several parts
// such as example.org becomes a phrase of its parts. Without searchable words, it returns no terms.
//
// Example: spam "buy now" -refund casin* matches comments with the word spam, the phrase buy now, no word
// refund, and a word that starts with casin.
func ParseSearch(query string) []SearchTerm {
	var terms []SearchTerm
	for rest := strings.TrimSpace(query); rest != ""; rest = strings.TrimSpace(rest) {
		var term SearchTerm
		if rest[0] == '-' {
			term.Without, rest = true, rest[1:]
		}
		var raw string
		if strings.HasPrefix(rest, `"`) {
			raw, rest, _ = strings.Cut(rest[1:], `"`)
			if strings.HasPrefix(rest, "*") {
				term.Prefix, rest = true, rest[1:]
			}
		} else {
			end := strings.IndexFunc(rest, func(r rune) bool { return r == '"' || unicode.IsSpace(r) })
			if end < 0 {
				end = len(rest)
			}
			raw, rest = rest[:end], rest[end:]
		}
		term.Prefix = term.Prefix || strings.HasSuffix(raw, "*")
		if term.Words = text.SearchWords(raw); len(term.Words) == 0 {
			continue
		}
		term.Prefix = term.Prefix && utf8.RuneCountInString(term.Words[len(term.Words)-1]) >= minPrefix
		terms = append(terms, term)
	}
	return terms
}
