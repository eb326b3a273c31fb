package text

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// NameSkeletons returns what names that look alike have in common (as the skeletons of UTS #39, without case and spacing):
// "Anna Lee", "аnnа lee" with Cyrillic letters, "ANNA-LEE" and "Anna 1ee" share one. They are for finding the disguises of
// one name. They must never decide that two people are the same: real names share them, too.
//
// The first skeleton is the one to store. The others differ from it where a capital of another alphabet looks like another
// Latin letter than its small form: Η like H, η like n. Look a name up by all of them.
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

// skeletonOf writes a folded name in the letters that it looks like, without what separates them.
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

// drawnAlike writes pairs of letters as the one letter that they look like.
var drawnAlike = strings.NewReplacer("rn", "m", "vv", "w")

// likeLetterOf is the letter that a folded character looks like, or else itself.
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

// namedIn are alphabets in which people write their names. The table of lookalikes for disguised words takes too many of
// their letters for Latin ones, so only nameLookalikes counts.
var namedIn = []*unicode.RangeTable{
	unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Georgian, unicode.Hebrew, unicode.Arabic, unicode.Thai, unicode.Lao,
	unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo, unicode.Ethiopic, unicode.Myanmar,
	unicode.Tamil, unicode.Telugu, unicode.Kannada, unicode.Malayalam, unicode.Bengali, unicode.Devanagari, unicode.Gujarati,
	unicode.Gurmukhi, unicode.Oriya, unicode.Sinhala, unicode.Khmer,
}

// nameLookalikes are letters of those alphabets, folded, that cannot be told from a Latin letter, small or capital.
var nameLookalikes = pairs(
	"аaвbгrеeкkмmнhоoрpсcтtуyхxьbѕsіiјjѵvһhӏiԁdԛqԝwүyѡwӕæ" + // Cyrillic
		"αaβbγyεeζzηnιiκkνvοoρpσoτtυuχxωw" + // Greek
		"աwոnսuօoցgհhյjզqքfլi" + "ყy" + "סoוi") // Armenian, Georgian, Hebrew

// latinCapitals are capitals that look like another Latin letter than their small forms do.
var latinCapitals = pairs("ΗhΝnΥyΜmՕoՍuՏsՈn")

func latinCapital(r rune) rune {
	if like, is := latinCapitals[r]; is {
		return like
	}
	return r
}

// pairs makes a table of a text in which each character is followed by what it looks like.
func pairs(text string) map[rune]rune {
	table := map[rune]rune{}
	for pair := range slices.Chunk([]rune(text), 2) {
		table[pair[0]] = pair[1]
	}
	return table
}

// mixesAlphabets reports whether a name has letters of an alphabet of latinCapitals, and others.
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
