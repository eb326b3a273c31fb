package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Check reports whether s can be text at all: ErrUTF8, ErrNUL or nil.
func Check(s string) error {
	if !utf8.ValidString(s) {
		return ErrUTF8
	}
	if strings.IndexByte(s, 0) >= 0 {
		return ErrNUL
	}
	return nil
}

// Clean returns s in the form in which it is stored: with "\n" as line ends, without control characters (C0,
// DEL and C1) other than "\n" and tab, and composed (Unicode NFC). White space and everything else stay. It
// is idempotent. Errors: those of Check, with an empty string.
func Clean(s string) (string, error) {
	if err := Check(s); err != nil {
		return "", err
	}
	if strings.IndexByte(s, '\r') >= 0 {
		s = strings.ReplaceAll(s, "\r\n", "\n")
		s = strings.ReplaceAll(s, "\r", "\n")
	}
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s)
	return norm.NFC.String(s), nil
}

// CleanLine returns s as a single line for names and titles: like Clean, but also without line breaks, with
// runs of white space collapsed to one space and trimmed, and without invisible characters such as zero-width
// ones, text direction controls and fillers, which could make two names look the same or reverse the rest of
// the line. Joiners and emoji selectors stay where a script or an emoji needs them. At most four combining
// marks in a row stay. Errors: those of Check, with an empty string.
func CleanLine(s string) (string, error) {
	if err := Check(s); err != nil {
		return "", err
	}
	kept := make([]rune, 0, len(s))
	runes := []rune(s)
	for i, r := range runes {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			kept = append(kept, ' ')
		case !hidden(r):
			kept = append(kept, r)
		case len(kept) > 0 && needed(r, kept[len(kept)-1], next(runes, i)):
			kept = append(kept, r)
		}
	}
	var marks pile
	return strings.Map(func(r rune) rune {
		if marks.takes(r) {
			return r
		}
		return -1
	}, norm.NFC.String(strings.Join(strings.Fields(string(kept)), " "))), nil
}

// Characters counts what limits are stated in: Unicode code points. An accented
// letter counts once after Clean; an emoji may count several times.
func Characters(s string) int { return utf8.RuneCountInString(s) }

// Visible reports whether s shows anything: a letter, digit, punctuation mark or
// symbol that has a shape of its own.
func Visible(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) && !hidden(r)
	})
}

// hidden reports whether r is a character that shows nothing where it stands and
// is not white space or a control character.
func hidden(r rune) bool {
	switch {
	case r < 0xAD:
		return false
	case unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector):
		return true // includes the Hangul fillers and the combining grapheme joiner
	case r == '\u2800' || r == '\uFFFC':
		return true // the Braille pattern without dots; a place for an object that is not there
	}
	// Some format characters are signs that do show, such as the Arabic end of ayah.
	return unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}

func next(runes []rune, i int) rune {
	if i+1 < len(runes) {
		return runes[i+1]
	}
	return ' '
}

// joining are the scripts in which the joiners change how letters connect.
var joining = []*unicode.RangeTable{
	unicode.Arabic, unicode.Syriac, unicode.Mongolian, unicode.Nko, unicode.Devanagari, unicode.Bengali,
	unicode.Gurmukhi, unicode.Gujarati, unicode.Oriya, unicode.Tamil, unicode.Telugu, unicode.Kannada,
	unicode.Malayalam, unicode.Sinhala, unicode.Khmer,
}

// needed reports whether a hidden character between two others has work to do.
func needed(r, before, after rune) bool {
	const zwnj, zwj, textStyle, emojiStyle = '\u200C', '\u200D', '\uFE0E', '\uFE0F'
	symbol := func(r rune) bool { return unicode.In(r, unicode.So, unicode.Sk) && r >= 0x2190 }
	switch r {
	case zwnj, zwj:
		if unicode.In(before, joining...) && unicode.In(after, joining...) {
			return true
		}
		return r == zwj && (symbol(before) || before == emojiStyle) && symbol(after)
	case textStyle, emojiStyle:
		return symbol(before) || strings.ContainsRune("#*0123456789", before) && after == '\u20E3'
	}
	return false
}
