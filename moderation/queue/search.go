package queue

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"rejoinder/moderation/text"
)

// SearchTerm is one thing that a search asks of a comment.
type SearchTerm struct {
	Words   []string // of text.SearchWords, never none; one after the other in the same field
	Prefix  bool     // the last word may go on
	Without bool     // comments with this are left out
}

// minPrefix is how many characters stand before a star at least: fewer would ask for most words there are.
const minPrefix = 2

// SearchWords are the words of a text by which it is found, as storage keeps them and as ParseSearch looks
// for them.
func SearchWords(raw string) []string { return text.SearchWords(raw) }

// ParseSearch reads what a moderator typed into a search: words that must all be there, "several words" one
// after the other, a word with a star for all that begin so, and each of these with a minus for what must not
// be there. It makes something of every text: a quote that is not closed ends with the text, signs that mean
// nothing are passed over, and a word of several parts such as example.org is found by its parts in their
// order. Nothing searchable gives no terms.
//
// Example: spam "buy now" -refund casin* asks for the word spam, the words buy and now in this order, no word
// refund, and a word that begins with casin.
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
