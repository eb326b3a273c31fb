package text

import (
	"slices"
	"unicode"
)

// maxScripts bounds what Scripts returns; nobody writes in more at once, save to be in the way.
const maxScripts = 20

// commonScripts are looked through before all others, for speed.
var commonScripts = []string{
	"Latin", "Cyrillic", "Greek", "Arabic", "Hebrew", "Han", "Hiragana", "Katakana", "Hangul", "Thai", "Devanagari",
}

// scriptNames are all scripts that letters can be of, those in common use first.
var scriptNames = func() []string {
	names := slices.Clone(commonScripts)
	var others []string
	for name := range unicode.Scripts {
		if name != "Common" && name != "Inherited" && !slices.Contains(commonScripts, name) {
			others = append(others, name)
		}
	}
	slices.Sort(others)
	return append(names, others...)
}()

// Scripts returns the scripts that the letters of s are of, by their Unicode names ("Latin", "Cyrillic"), in
// the order of their first letters, at most 20. Letters that many scripts share count for none.
func Scripts(s string) []string {
	found := []string{}
	var tables []*unicode.RangeTable
	for _, r := range s {
		if r < unicode.MaxASCII && !unicode.IsLetter(r) || unicode.In(r, tables...) || !unicode.IsLetter(r) {
			continue
		}
		if name := scriptOf(r); name != "" {
			found, tables = append(found, name), append(tables, unicode.Scripts[name])
		}
		if len(found) == maxScripts {
			break
		}
	}
	return found
}

func scriptOf(r rune) string {
	for _, name := range scriptNames {
		if unicode.Is(unicode.Scripts[name], r) {
			return name
		}
	}
	return ""
}

// confusable are the scripts whose letters pass for each other's.
var confusable = []*unicode.RangeTable{
	unicode.Latin,
	unicode.Cyrillic,
	unicode.Greek,
	unicode.Armenian,
	unicode.Cherokee,
}

// MixedScripts reports whether the letters of one word come from several scripts that look alike, as when
// Cyrillic letters stand in an English word.
func MixedScripts(word string) bool {
	first := -1
	for _, r := range word {
		if r < unicode.MaxASCII && !unicode.IsLetter(r) {
			continue
		}
		of := slices.IndexFunc(confusable, func(table *unicode.RangeTable) bool { return unicode.Is(table, r) })
		switch {
		case of < 0 || of == first:
		case first < 0:
			first = of
		default:
			return true
		}
	}
	return false
}

// HiddenCharacters counts the characters of s that show nothing and have no work to do: zero-width ones, text
// direction controls, fillers, tags. Joiners and emoji selectors where a script or an emoji needs them are
// not counted.
func HiddenCharacters(s string) int {
	if isASCII(s) {
		return 0
	}
	n := 0
	runes := []rune(s)
	for i, r := range runes {
		if hidden(r) && (i == 0 || !needed(r, runes[i-1], next(runes, i))) {
			n++
		}
	}
	return n
}

// pictures are the blocks whose symbols show as emoji, on their own or with a selector.
var pictures = &unicode.RangeTable{
	R16: []unicode.Range16{{0x231A, 0x231B, 1}, {0x23E9, 0x23FA, 1}, {0x25FD, 0x25FE, 1}, {0x2600, 0x27BF, 1},
		{0x2934, 0x2935, 1}, {0x2B05, 0x2B07, 1}, {0x2B1B, 0x2B1C, 1}, {0x2B50, 0x2B50, 1}, {0x2B55, 0x2B55, 1}},
	R32: []unicode.Range32{{0x1F004, 0x1F004, 1}, {0x1F0CF, 0x1F0CF, 1}, {0x1F18E, 0x1F19A, 1}, {0x1F1E6, 0x1F1FF, 1},
		{0x1F201, 0x1F265, 1}, {0x1F300, 0x1F64F, 1}, {0x1F680, 0x1F6FF, 1}, {0x1F7E0, 0x1F7F0, 1}, {0x1F900, 0x1FAFF, 1}},
}

// Emoji counts the emoji of s as a reader sees them: one for a family, a flag, a skin tone, a keycap. The
// ranges are those of the Unicode blocks that hold emoji, so that a few plain symbols count too.
func Emoji(s string) int {
	if isASCII(s) {
		return 0
	}
	const zwj, keycap = '\u200D', '\u20E3'
	n, joined, half := 0, false, false
	for _, r := range s {
		flag := r >= 0x1F1E6 && r <= 0x1F1FF
		tone := r >= 0x1F3FB && r <= 0x1F3FF
		switch {
		case r == keycap:
			n++
		case r < 0x231A || tone || !unicode.Is(pictures, r):
		case flag && half:
			half = false
			joined = false
			continue
		case !joined:
			n++
		}
		half = flag
		joined = r == zwj
	}
	return n
}
