package dictionary

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEveryEncodedWordIsFoundWithItsSet(t *testing.T) {
	words := map[string]Set{"a": SetOf("en"), "an": SetOf("de", "en"), "and": SetOf("en"), "нет": SetOf("ru"), "كتاب": SetOf("ar")}
	for i := range 3000 { // enough letters for codes of two symbols, and distances of every length
		words[fmt.Sprintf("%c%c%cend", 'a'+i%26, 0xE0+i%90, 'a'+i%7)] = Set(1 << (i % 13)).WithName()
	}
	data, err := Encode(words)
	if err != nil {
		t.Fatal(err)
	}
	a, err := open(data)
	if err != nil {
		t.Fatal(err)
	}
	for word, set := range words {
		if got := a.lookUp(word); got != set {
			t.Errorf("lookUp(%q) = %b, want %b", word, got, set)
		}
	}
	for _, word := range []string{"", "an d", "ands", "нe", "не", "كتا", "zzz", "\xff"} {
		if got := a.lookUp(word); got != 0 {
			t.Errorf("lookUp(%q) = %b, want nothing", word, got)
		}
	}
}

func TestTheSameWordsGiveTheSameBytes(t *testing.T) {
	words := map[string]Set{"one": 1, "two": 2, "twos": 1, "three": 3, "threes": 1}
	first, err1 := Encode(words)
	second, err2 := Encode(words)
	if err1 != nil || err2 != nil || !bytes.Equal(first, second) {
		t.Errorf("two encodings differ (%v, %v): %s", err1, err2, cmp.Diff(first, second))
	}
}

func TestWordsOfTwoScriptsAreNotEncoded(t *testing.T) {
	for _, word := range []string{"aб", "", "語"} {
		if _, err := Encode(map[string]Set{word: 1}); err == nil {
			t.Errorf("Encode accepts %q", word)
		}
	}
}

func TestATruncatedHeaderIsRefused(t *testing.T) {
	data, err := Encode(map[string]Set{"one": 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, short := range [][]byte{nil, {1}, data[:4], {200, 200, 1}} {
		if _, err := open(short); err == nil {
			t.Errorf("open accepts % x", short)
		}
	}
}
