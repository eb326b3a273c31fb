package text

import (
	"fmt"
	"strings"
	"testing"
)

const sketched = "We sell the finest watches of all makers and send them anywhere for free, write to our office today"

func TestTextsThatAreNearlyTheSameShareABandAndOthersDoNot(t *testing.T) {
	first, ok := Read(sketched).Sketch()
	if !ok {
		t.Fatal("the text cannot be sketched")
	}
	for _, c := range []struct {
		name, text string
		near       bool
	}{
		{"the same text", sketched, true},
		{"other case, accents on nothing, other punctuation", strings.ToUpper(strings.ReplaceAll(sketched, ",", " –")), true},
		{"a number at the end", sketched + " 48213", true},
		{"one word changed", strings.Replace(sketched, "today", "tomorrow", 1), true},
		{"the sentences turned around", "Write to our office today: we sell the finest watches of all makers and send them anywhere for free", true},
		{"another text with the same stopwords", "We read the figures of the council and find them wrong, for they do not agree with our own of last year", false},
		{"half of it", "We sell the finest watches of all makers and nobody has ever complained about a single one yet", false},
	} {
		other, ok := Read(c.text).Sketch()
		if !ok {
			t.Errorf("%s cannot be sketched", c.name)
		}
		shared := false
		for i, key := range first.Bands() {
			shared = shared || other.Bands()[i] == key
		}
		if near := shared && first.Common(other) >= 0.75; near != c.near {
			t.Errorf("%s: near %t, want %t (in common %.2f)", c.name, near, c.near, first.Common(other))
		}
	}
}

func TestChangingOneWordOfTwentyIsSeenThroughNearlyAlways(t *testing.T) {
	words := strings.Fields(sketched)
	first, _ := Read(sketched).Sketch()
	found := 0
	for i := range words {
		changed := append([]string{}, words...)
		changed[i] = fmt.Sprintf("other%d", i)
		if other, _ := Read(strings.Join(changed, " ")).Sketch(); first.Common(other) >= 0.75 {
			found++
		}
	}
	if found < len(words)*9/10 {
		t.Errorf("%d of %d were found", found, len(words))
	}
}

func TestShortTextsAreNotSketched(t *testing.T) {
	for _, s := range []string{"", "First!", "one two three four five six seven", strings.Repeat("again and ", 100), "1 2 3 4 5 6 7 8 9 10"} {
		if _, ok := Read(s).Sketch(); ok {
			t.Errorf("%.20q is sketched", s)
		}
	}
}

func TestASketchIsReadAsItWasStored(t *testing.T) {
	first, _ := Read(sketched).Sketch()
	if again, ok := SketchFrom(first.Bytes()); !ok || again != first {
		t.Errorf("%v, %t", again, ok)
	}
	if _, ok := SketchFrom([]byte{1, 2, 3}); ok {
		t.Error("three bytes are taken for a sketch")
	}
}
