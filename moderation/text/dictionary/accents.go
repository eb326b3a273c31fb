package dictionary

import (
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// accentLimit is the first code point above the accented Latin letters of the languages here.
const accentLimit = 0x250

// barred are letters with a stroke, or without a dot, which no decomposition takes apart.
var barred = map[rune]byte{'ł': 'l', 'ø': 'o', 'đ': 'd', 'ı': 'i', 'ħ': 'h', 'ŧ': 't'}

// plainLetters holds what Plain returns for each letter below accentLimit.
var plainLetters = sync.OnceValue(func() *[accentLimit]byte {
	var table [accentLimit]byte
	for r := range table {
		decomposed := norm.NFD.String(string(rune(r)))
		first, size := utf8.DecodeRuneInString(decomposed)
		switch {
		case 'a' <= first && first <= 'z' && (size == len(decomposed) || isMark(decomposed[size:])):
			table[r] = byte(first)
		default:
			table[r] = barred[rune(r)]
		}
	}
	return &table
})

func isMark(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return 0x300 <= r && r < 0x370
}

// Plain returns the letter from a to z that a small Latin letter is without its accents; 0 for any other letter.
func Plain(letter rune) byte {
	if letter < 0 || letter >= accentLimit {
		return 0
	}
	return plainLetters()[letter]
}

// accented are the letters of the dictionary that are the same letter from a to z without their accents.
var accented = sync.OnceValue(func() *[26][]rune {
	var table [26][]rune
	for letter := rune('a'); letter < accentLimit; letter++ {
		if plain := Plain(letter); plain != 0 && shipped().codes[letter] != 0 {
			table[plain-'a'] = append(table[plain-'a'], letter)
		}
	}
	return &table
})

// KnownWithAccents reports whether a word of letters from a to z is known once its letters have the accents
// that its writer left out.
func KnownWithAccents(plain string) bool {
	return plain != "" && len(plain) <= maxLetters && shipped().accented(accented(), -1, plain)
}

// maxLetters is the length of the longest words of the dictionary.
const maxLetters = 20

// accented reports whether the rest of a word leads from a state to the end of a word; from the root if at is
// negative.
func (a *automaton) accented(letters *[26][]rune, at int, rest string) bool {
	if rest == "" {
		return a.data[at]&symbolOf == endOfWord
	}
	if rest[0] < 'a' || rest[0] > 'z' {
		return false
	}
	for _, letter := range letters[rest[0]-'a'] {
		code := a.codes[letter]
		var next int
		if at < 0 {
			next = a.starts[latin-1][byte(code)]
		} else {
			next = a.follow(at, byte(code))
		}
		if code > symbolOf && next >= 0 {
			next = a.follow(next, byte(code>>8))
		}
		if next >= 0 && a.accented(letters, next, rest[1:]) {
			return true
		}
	}
	return false
}
