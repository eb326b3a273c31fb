package dictionary_test

import (
	"testing"

	"rejoinder/moderation/text/dictionary"
)

func TestOrdinaryWordsAreKnownInTheirLanguage(t *testing.T) {
	for code, words := range map[string][]string{
		"en": {"the", "building", "checked", "colour", "color", "payday", "weather", "yesterday", "scunthorpe"},
		"es": {"qué", "hora", "edificio", "gobierno", "niños", "mañana"},
		"fr": {"trop", "tard", "bâtiment", "voiture", "œuvre", "aujourd", "français"},
	} {
		for _, word := range words {
			if !dictionary.Languages(word).Has(code) && !dictionary.Name(word) {
				t.Errorf("%q is not known in %s", word, code)
			}
		}
	}
}

func TestDisguisedAndOffensiveWordsAreUnknown(t *testing.T) {
	for _, word := range []string{
		"", "x", "idi0t", "fuuck", "manysluts", "fcuk", "fuck", "sluts", "connard", "qwrtzp", "идиоt",
	} {
		if dictionary.Known(word) {
			t.Errorf("%q is known in %v", word, dictionary.Languages(word).Codes())
		}
	}
}

func BenchmarkLanguages(b *testing.B) {
	words := []string{"building", "yesterday", "voiture", "xqzt", "gobierno", "weather", "manysluts", "the"}
	b.ReportAllocs()
	for i := range b.N {
		dictionary.Languages(words[i%len(words)])
	}
}
