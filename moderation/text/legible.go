package text

import (
	"strings"
	"unicode"
)

// maxMarks is how many combining marks in a row are shown. The words of every living script do with fewer,
// but a pile of them covers the lines around.
const maxMarks = 4

// legible returns rendered HTML without what makes other text illegible: marks piled upon marks, and
// overrides of the direction, which turn words and the hosts of links round.
func legible(html string) string {
	if isASCII(html) {
		return html
	}
	var marks pile
	inTag := false
	return strings.Map(func(r rune) rune {
		switch {
		case r == '<' || r == '>':
			inTag = r == '<'
			return r
		case inTag || marks.takes(r) && !overridesDirection(r):
			return r
		}
		return -1
	}, html)
}

func overridesDirection(r rune) bool { return r == '\u202D' || r == '\u202E' }

// pile counts combining marks in a row.
type pile struct{ height int }

// takes reports whether the next character may be shown. Marks that take room of their own beside the letter,
// and characters that show nothing, neither count nor begin a new pile.
func (p *pile) takes(r rune) bool {
	switch {
	case r < 0x300:
		p.height = 0
	case unicode.In(r, unicode.Mn, unicode.Me):
		p.height++
		return p.height <= maxMarks
	case !unicode.Is(unicode.Mc, r) && !hidden(r):
		p.height = 0
	}
	return true
}
