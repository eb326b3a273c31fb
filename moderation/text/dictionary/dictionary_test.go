package dictionary_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rejoinder/moderation/text/dictionary"
)

func TestOrdinaryWordsAreKnownInTheirLanguage(t *testing.T) {
	for code, words := range map[string]string{
		"ar": "الله كتاب المدينة اليوم",
		"de": "der und nicht haus strasse gebäude gestern wetter grösse information",
		"en": "the building checked colour color payday weather yesterday bite",
		"es": "qué hora edificio gobierno niños mañana negro",
		"fr": "trop tard bâtiment voiture œuvre aujourd français",
		"it": "casa perché ragazzo città domani lavoro",
		"nl": "gebouw weer gisteren huizen mooi niet",
		"pl": "dlaczego budynek wczoraj pogoda książka jest",
		"pt": "não edifício ontem tempo livro governo",
		"ru": "почему здание вчера погода книга правительство",
		"sv": "varför byggnad igår väder böcker någon slut inte",
		"tr": "neden bina hava kitap güzel değil için",
		"uk": "чому будинок вчора погода книга уряд",
	} {
		for _, word := range strings.Fields(words) {
			if !dictionary.Languages(word).Has(code) {
				t.Errorf("%q is not known in %s", word, code)
			}
		}
	}
}

func TestNamesOfPeopleAndPlacesAreKnown(t *testing.T) {
	for _, word := range strings.Fields("maria smith müller london scunthorpe kowalski москва иванова istanbul") {
		if !dictionary.Known(word) {
			t.Errorf("%q is not known", word)
		}
	}
}

func TestDisguisedAndInventedWordsAreUnknown(t *testing.T) {
	for _, word := range []string{
		"", "x", "idi0t", "fuuck", "manysluts", "fcuk", "qwrtzp", "идиоt", "idlot", "shiit", "b\xffd", "一",
		"motherfcker", strings.Repeat("a", 1000),
	} {
		if dictionary.Known(word) {
			t.Errorf("%q is known in %v", word, dictionary.Languages(word).Codes())
		}
	}
}

func TestSwearWordsAreUnknownInTheirLanguage(t *testing.T) {
	for code, words := range map[string]string{
		"de": "arschloch hurensohn fotze wichser fuck",
		"en": "shit idiot fuck sluts slut asshole faggot",
		"es": "puta cabrón gilipollas fuck",
		"fr": "connard salope idiot fuck",
		"it": "stronzo puttana fuck",
		"pl": "kurwa chuj fuck",
		"ru": "хуй пизда",
		"sv": "fitta fuck",
	} {
		for _, word := range strings.Fields(words) {
			if dictionary.Languages(word).Has(code) {
				t.Errorf("%q is known in %s", word, code)
			}
		}
	}
}

func TestAWordMayBeOrdinaryInOneLanguageAndASwearWordInAnother(t *testing.T) {
	for word, code := range map[string]string{"slut": "sv", "dick": "de", "negro": "es", "bite": "en"} {
		if !dictionary.Languages(word).Has(code) {
			t.Errorf("%q is not known in %s", word, code)
		}
	}
}

func TestSetsNameTheirLanguages(t *testing.T) {
	set := dictionary.SetOf("sv", "en", "xx")
	if diff := cmp.Diff([]string{"en", "sv"}, set.Codes()); diff != "" {
		t.Error(diff)
	}
	if set.Has("de") || set.Has("xx") || !set.Has("sv") {
		t.Errorf("set of en and sv has the wrong languages: %v", set)
	}
}

func FuzzLanguages(f *testing.F) {
	for _, seed := range []string{"", "the", "straße", "\xff", "нет", "كتاب", "i̇stanbul"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, word string) {
		if dictionary.Languages(word) != 0 && !dictionary.Known(word) {
			t.Errorf("%q has a language but is not known", word)
		}
	})
}

func BenchmarkLanguages(b *testing.B) {
	words := []string{"building", "yesterday", "voiture", "xqzt", "gobierno", "weather", "manysluts", "the"}
	b.ReportAllocs()
	for i := range b.N {
		dictionary.Languages(words[i%len(words)])
	}
}
