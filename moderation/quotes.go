package moderation

import "strings"

// quoteLength is how many words in a row make a quotation. Fewer occur by chance.
const quoteLength = 4

// ContainsQuote reports whether a note repeats something of what a commenter said or is called: the whole of
// a short text or name, or four words in a row of a longer one. Case, line breaks and the spaces between
// words do not matter.
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
