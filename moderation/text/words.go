package text

import "unicode"

// Word is one word of a text.
type Word struct {
	Folded     string // the word as Normalise gives it
	Start, End int    // where it stands in the original text, in bytes
}

// Words splits s into words. A word is a run of letters, digits and their marks. Everything else separates
// words, including apostrophes and hyphens, so that a possessive does not hide a word. In scripts that are
// written without spaces (Chinese, Hiragana, Thai, Lao, Khmer, Burmese), each letter with its marks is a
// word, so a listed term matches as a phrase. A run of Katakana is one word. Split terms of lists with the
// same function.
func Words(s string) []Word { return Normalise(s).Words() }

// Words is the function Words for a text that is already normalised.
func (n Normalised) Words() []Word {
	var words []Word
	if n.Text != "" {
		words = make([]Word, 0, len(n.Text)/5+1) // about as many as there are, so that it hardly grows
	}
	start, class := 0, separator
	flush := func(end int) {
		if class != separator {
			from, to := n.Original(start, end)
			words = append(words, Word{Folded: n.Text[start:end], Start: from, End: to})
		}
	}
	for pos, r := range n.Text {
		next := traitsOf(r).class
		if next == mark {
			if class != separator {
				continue
			}
			next = spaced
		}
		if next != class || next == alone {
			flush(pos)
			start, class = pos, next
		}
	}
	flush(len(n.Text))
	if len(words) == 0 {
		return nil
	}
	return words
}

// wordClass is what a character does to the word around it.
type wordClass uint8

const (
	separator wordClass = iota
	spaced              // letters and digits of scripts that separate words
	alone               // letters of scripts that do not
	katakana
	mark // belongs to whatever precedes it
)

func classOf(r rune) wordClass {
	switch {
	case unicode.Is(unicode.M, r):
		return mark
	case !unicode.In(r, unicode.L, unicode.N):
		return separator
	case r < 0x0E00:
		return spaced
	case unicode.Is(unicode.Katakana, r) || r == '\u30FC':
		return katakana
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar):
		return alone
	}
	return spaced
}
