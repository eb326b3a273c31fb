package dictionary

import (
	_ "embed"
	"slices"
	"sync"
)

//go:embed words.bin
var embedded []byte

// Set is a set of languages. It may also hold names, which belong to no language.
type Set uint16

// languages are the languages of a Set by their bit, as ISO 639-1 codes.
var languages = [...]string{"ar", "de", "en", "es", "fr", "it", "nl", "pl", "pt", "ru", "sv", "tr", "uk"}

// names marks a given name, a surname or a place.
const names Set = 1 << 15

// SetOf returns the set of the named languages. An unknown code adds nothing.
func SetOf(codes ...string) Set {
	var s Set
	for _, code := range codes {
		if bit := slices.Index(languages[:], code); bit >= 0 {
			s |= 1 << bit
		}
	}
	return s
}

// Has reports whether the set holds the language with this ISO 639-1 code.
func (s Set) Has(code string) bool { return s&SetOf(code) != 0 }

// Codes returns the languages of the set in alphabetical order.
func (s Set) Codes() []string {
	var codes []string
	for bit, code := range languages {
		if s&(1<<bit) != 0 {
			codes = append(codes, code)
		}
	}
	return codes
}

// shipped is the embedded automaton. The data is part of the program, so it is valid: a test opens it.
var shipped = sync.OnceValue(func() *automaton {
	a, err := open(embedded)
	if err != nil {
		panic("dictionary: embedded words: " + err.Error())
	}
	return a
})

// Languages returns the languages in which a word is known. The word must be in the form that text.Words
// gives: folded, without apostrophes and hyphens. Only words of 3 to 20 letters are in the dictionary. A
// look-up allocates nothing and takes time proportional to the length of the word.
func Languages(folded string) Set { return shipped().lookUp(folded) &^ names }

// Known reports whether a word is known in any language or as a name.
func Known(folded string) bool { return shipped().lookUp(folded) != 0 }
