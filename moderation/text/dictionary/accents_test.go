package dictionary_test

import (
	"strings"
	"testing"

	"rejoinder/moderation/text/dictionary"
)

func TestWordsAreKnownWithoutTheirAccents(t *testing.T) {
	for _, word := range strings.Fields("manana batiment ksiazka vader bocker gebaude guzel building") {
		if !dictionary.KnownWithAccents(word) {
			t.Errorf("%q is not known with accents", word)
		}
	}
	for _, word := range []string{"", "qwrtzp", "mañana", "почему", "m\xff", strings.Repeat("a", 1000)} {
		if dictionary.KnownWithAccents(word) {
			t.Errorf("%q is known with accents", word)
		}
	}
}

func TestPlainLettersAreWithoutAccents(t *testing.T) {
	for letter, want := range map[rune]byte{
		'a': 'a', 'é': 'e', 'ł': 'l', 'ø': 'o', 'ñ': 'n', 'ı': 'i', 'ş': 's', 'ż': 'z',
		'A': 0, 'ß': 0, 'æ': 0, 'п': 0, '1': 0, -1: 0,
	} {
		if got := dictionary.Plain(letter); got != want {
			t.Errorf("%q is %q without accents, want %q", letter, got, want)
		}
	}
}
