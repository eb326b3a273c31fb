package text

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheScriptsOfATextAreNamedOnce(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"nothing", "", []string{}},
		{"digits and signs belong to no script", "1 + 1 = 2!", []string{}},
		{"plain English", "Hello there", []string{"Latin"}},
		{"a Russian sentence about an English name", "Это Rejoinder", []string{"Cyrillic", "Latin"}},
		{"Japanese uses three", "漢字とカナ", []string{"Han", "Hiragana", "Katakana"}},
		{"a rare script", "ᏣᎳᎩ", []string{"Cherokee"}},
	} {
		if diff := cmp.Diff(c.want, Scripts(c.text)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestNoTextHasMoreScriptsThanTheLimit(t *testing.T) {
	var all strings.Builder
	for r := rune(0x80); r < 0x12000; r++ {
		all.WriteRune(r)
	}
	if got := len(Scripts(all.String())); got != maxScripts {
		t.Errorf("%d scripts, want %d", got, maxScripts)
	}
}

func TestAWordThatMixesScriptsIsFound(t *testing.T) {
	for word, want := range map[string]bool{
		"": false, "casino": false, "казино": false, "cаsino": true /* the a is Cyrillic */, "Ελλάδα": false,
		"ρay": true, "café": false, "3D": false, "漢字abc": false, "МТС4": false,
	} {
		if got := MixedScripts(word); got != want {
			t.Errorf("%q: %t, want %t", word, got, want)
		}
	}
}

func TestEmojiAreCountedAsReadersSeeThem(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       int
	}{
		{"none", "Plain :) text, ©, ™, 漢字, →", 0},
		{"a smile", "Nice 😀", 1},
		{"three hearts", "❤❤️❤", 3},
		{"a hand with a skin tone", "👍🏽", 1},
		{"a family", "👨‍👩‍👧‍👦", 1},
		{"a flag", "🇫🇷", 1},
		{"two flags", "🇫🇷🇩🇪", 2},
		{"a flag and a smile", "🇫🇷😀", 2},
		{"a keycap", "1️⃣", 1},
		{"a rainbow flag", "🏳️‍🌈", 1},
	} {
		if got := Emoji(c.text); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

func TestHiddenCharactersAreCountedUnlessTheyAreNeeded(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       int
	}{
		{"plain text has none", "Plain text", 0},
		{"zero-width spaces in a word", "c\u200ba\u200bsino", 2},
		{"a text turned around", "\u202egnp.exe", 1},
		{"an emoji that needs its selector", "❤\ufe0f", 0},
		{"a family that needs its joiners", "👨\u200d👩", 0},
		{"a joiner between plain letters", "a\u200db", 1},
		{"one at the very beginning", "\ufeffHello", 1},
	} {
		if got := HiddenCharacters(c.text); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}
