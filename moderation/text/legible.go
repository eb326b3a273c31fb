package text

import (
	"strings"
	"unicode"
)

// maxMarks is the maximum number of combining marks shown in a row. Words of every living script need fewer,
// while a pile of them covers the surrounding lines.
const maxMarks = 4

// legible removes from rendered HTML what makes other text illegible: piles of combining marks, and direction
// overrides, which reverse words and the hosts of links.
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

// takes reports whether the next character may be shown. Spacing marks, and characters that show nothing,
// neither count nor start a new pile.
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
