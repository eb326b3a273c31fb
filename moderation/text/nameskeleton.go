package text

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// NameSkeletons returns the skeletons that look-alike names share (as in UTS #39, ignoring case and spacing):
// "Anna Lee", "аnnа lee" with Cyrillic letters, "ANNA-LEE" and "Anna 1ee" share one. Use them to find
// disguises of one name. They must never decide that two people are the same: real names share them, too.
//
// Store the first skeleton. The others differ where an upper-case letter of another alphabet looks like a
// different Latin letter than its lower-case form: Η like H, η like n. Look a name up by all of them.
func NameSkeletons(name string) []string {
	folded := skeletonOf(Fold(name))
	shown := skeletonOf(Fold(strings.Map(latinCapital, norm.NFKC.String(name))))
	switch {
	case folded == shown:
		return []string{folded}
	case mixesAlphabets(name):
		return []string{shown, folded}
	}
	return []string{folded, shown}
}

// skeletonOf writes a folded name in the Latin letters that it resembles, without separators.
func skeletonOf(folded string) string {
	var b strings.Builder
	for _, r := range folded {
		if !unicode.In(r, unicode.L, unicode.N, unicode.So, unicode.Sc) {
			continue
		}
		b.WriteString(likeLetterOf(r))
	}
	if b.Len() == 0 { // only signs
		return strings.Join(strings.Fields(folded), "")
	}
	return drawnAlike.Replace(b.String())
}

// drawnAlike replaces pairs of letters with the single letter that they resemble.
var drawnAlike = strings.NewReplacer("rn", "m", "vv", "w")

// likeLetterOf returns the letter that a folded character resembles, or the character itself.
func likeLetterOf(r rune) string {
	switch r {
	case 'i', 'l', '1':
		return "i"
	case 'o', '0':
		return "o"
	}
	if r < unicode.MaxASCII {
		return string(r)
	}
	if like, is := nameLookalikes[r]; is {
		return string(like)
	}
	if like, is := shapes[r]; is && !unicode.In(r, namedIn...) {
		return likeLetterOf(rune(like))
	}
	return string(r)
}

// namedIn are alphabets in which people write their names. The look-alike table for disguised words maps too
// many of their letters to Latin ones, so only nameLookalikes applies to them.
var namedIn = []*unicode.RangeTable{
	unicode.Cyrillic,
	unicode.Greek,
	unicode.Armenian,
	unicode.Georgian,
	unicode.Hebrew,
	unicode.Arabic,
	unicode.Thai,
	unicode.Lao,
	unicode.Han,
	unicode.Hangul,
	unicode.Hiragana,
	unicode.Katakana,
	unicode.Bopomofo,
	unicode.Ethiopic,
	unicode.Myanmar,
	unicode.Tamil,
	unicode.Telugu,
	unicode.Kannada,
	unicode.Malayalam,
	unicode.Bengali,
	unicode.Devanagari,
	unicode.Gujarati,
	unicode.Gurmukhi,
	unicode.Oriya,
	unicode.Sinhala,
	unicode.Khmer,
}

// nameLookalikes are folded letters of those alphabets that cannot be told from a Latin letter, in either
// case.
var nameLookalikes = pairs(
	"аaвbгrеeкkмmнhоoрpсcтtуyхxьbѕsіiјjѵvһhӏiԁdԛqԝwүyѡwӕæ" + // Cyrillic
		"αaβbγyεeζzηnιiκkνvοoρpσoτtυuχxωw" + // Greek
		"աwոnսuօoցgհhյjզqքfլi" + "ყy" + "סoוi") // Armenian, Georgian, Hebrew

// latinCapitals are upper-case letters that resemble a different Latin letter than their lower-case forms do.
var latinCapitals = pairs("ΗhΝnΥyΜmՕoՍuՏsՈn")

func latinCapital(r rune) rune {
	if like, is := latinCapitals[r]; is {
		return like
	}
	return r
}

// pairs builds a table from a text in which each character is followed by its look-alike.
func pairs(text string) map[rune]rune {
	table := map[rune]rune{}
	for pair := range slices.Chunk([]rune(text), 2) {
		table[pair[0]] = pair[1]
	}
	return table
}

// mixesAlphabets reports whether a name has letters of an alphabet in latinCapitals as well as others.
func mixesAlphabets(name string) bool {
	for _, alphabet := range []*unicode.RangeTable{unicode.Greek, unicode.Armenian} {
		inside, outside := false, false
		for _, r := range name {
			if unicode.IsLetter(r) {
				inside = inside || unicode.Is(alphabet, r)
				outside = outside || !unicode.Is(alphabet, r)
			}
		}
		if inside && outside {
			return true
		}
	}
	return false
}
