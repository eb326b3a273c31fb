package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// maxSearchWord bounds one word of SearchWords, in bytes: what an engine keeps of a word is bounded too.
const maxSearchWord = 128

// unspaced are the scripts that put no spaces between words: each of their letters is found by itself.
var unspaced = []*unicode.RangeTable{
	unicode.Han,
	unicode.Hiragana,
	unicode.Katakana,
	unicode.Thai,
	unicode.Lao,
	unicode.Khmer,
	unicode.Myanmar,
}

// searchClass is what a character is in SearchWords.
type searchClass uint8

const (
	searchSeparates searchClass = iota
	searchJoined                // part of a word
	searchAlone                 // a word by itself
	searchSkipped               // an accent
)

func searchClassOf(r rune) searchClass {
	switch {
	case r >= 0x300 && r <= 0x36f:
		return searchSkipped
	case !unicode.In(r, unicode.Letter, unicode.Number, unicode.Mark):
		return searchSeparates
	case unicode.In(r, unspaced...) && unicode.IsLetter(r):
		return searchAlone
	}
	return searchJoined
}

// SearchWords splits a text into the words by which it is found: runs of letters, digits and marks, in lower
// case and compatibility form, without the accents of Latin, Greek and Cyrillic letters. In scripts that do
// not separate words, each letter is a word. The only ASCII characters in the result are a to z and 0 to 9.
//
// Example: "Café-Zürich's №5 日本" gives cafe, zurich, s, no5, 日, 本.
func SearchWords(s string) []string {
	if isASCII(s) {
		return searchWordsASCII(s)
	}
	var words []string
	var word strings.Builder
	end := func() {
		if word.Len() > 0 {
			words = append(words, word.String())
			word.Reset()
		}
	}
	for _, r := range norm.NFKD.String(strings.ToLower(strings.ToValidUTF8(s, " "))) {
		r = unicode.ToLower(r)
		if r < utf8.RuneSelf { // much faster than the tables
			if !isASCIIAlphanumeric(r) {
				end()
			} else if word.Len() < maxSearchWord {
				word.WriteByte(byte(r))
			}
			continue
		}
		switch traitsOf(r).search {
		case searchSkipped:
		case searchSeparates:
			end()
		case searchAlone:
			end()
			word.WriteRune(r)
			end()
		case searchJoined:
			if word.Len()+utf8.RuneLen(r) <= maxSearchWord {
				word.WriteRune(r)
			}
		}
	}
	end()
	return words
}

// searchWordsASCII is SearchWords for ASCII.
func searchWordsASCII(s string) []string {
	s = strings.ToLower(s)
	words := make([]string, 0, len(s)/5+1) // about as many as there are, so that it hardly grows
	start := 0
	for i := range len(s) + 1 {
		if i < len(s) && isASCIIAlphanumeric(rune(s[i])) {
			continue
		}
		if i > start {
			words = append(words, s[start:min(i, start+maxSearchWord)])
		}
		start = i + 1
	}
	if len(words) == 0 {
		return nil
	}
	return words
}

// wordGap stands between texts that are not next to each other, so that no phrase is found across them. No
// search contains it, because it is neither a letter nor a digit.
const wordGap = "·"

// SearchWords returns the words by which the comment is found: those that readers see and, with a gap before
// each, those of the hosts of links and disguised addresses.
func (r *Reading) SearchWords() []string {
	r.search.Do(func() { r.searchWords = r.findSearchWords() })
	return r.searchWords
}

func (r *Reading) findSearchWords() []string {
	words := SearchWords(r.Shown)
	for _, host := range r.Hosts() {
		words = append(append(words, wordGap), SearchWords(host)...)
		if shown, err := idna.ToUnicode(host); err == nil && shown != host {
			words = append(append(words, wordGap), SearchWords(shown)...)
		}
	}
	return words
}
