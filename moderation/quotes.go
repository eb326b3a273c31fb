package moderation

import "strings"

// quoteLength is the minimum number of consecutive words in a quotation. Shorter matches occur by chance.
const quoteLength = 4

// ContainsQuote reports whether a note repeats a commenter's text or name: a short one as a whole, or four
// consecutive words of a longer one. Case, line breaks and spaces between words are ignored.
func ContainsQuote(note string, said ...string) bool {
	note = flatten(note)
	if note == "" {
		return false
	}
	for _, s := range said {
		words := strings.Fields(strings.ToLower(s))
		for from := 0; from == 0 && len(words) > 0 || from+quoteLength <= len(words); from++ {
			run := strings.Join(words[from:min(from+quoteLength, len(words))], " ")
			if strings.Contains(note, run) {
				return true
			}
		}
	}
	return false
}

func flatten(s string) string { return strings.Join(strings.Fields(strings.ToLower(s)), " ") }
