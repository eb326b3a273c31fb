package moderation

import (
	"testing"

	"rejoinder/moderation/text"
)

func TestNearlyEqualTextsAreNearDuplicates(t *testing.T) {
	const offer = "We sell the finest watches of all makers and send them anywhere, write to our office"
	own := NewMinHash(text.Read(offer))
	for name, c := range map[string]struct {
		sketch []byte
		near   bool
	}{
		"the same":               {NewMinHash(text.Read(offer)).Sketch, true},
		"a number more":          {NewMinHash(text.Read(offer + " 77")).Sketch, true},
		"a word more":            {NewMinHash(text.Read(offer + " today")).Sketch, true},
		"something else":         {NewMinHash(text.Read("What a calm and thoughtful article, I have sent it to my mother at once")).Sketch, false},
		"too short for a sketch": {NewMinHash(text.Read("First!")).Sketch, false},
		"damaged":                {[]byte("damaged"), false},
	} {
		if own.NearDuplicate(c.sketch) != c.near {
			t.Errorf("%s: near is %t, want %t", name, !c.near, c.near)
		}
	}
	if NewMinHash(text.Read("First!")).NearDuplicate(own.Sketch) {
		t.Error("a short text is near to another one")
	}
}

func TestNearCopiesAreCountedHereAndAnywhere(t *testing.T) {
	if article, site := countNearDuplicates([]NearDuplicate{{ArticleID: "here"}, {ArticleID: "there"}, {ArticleID: "here"}}, "here"); article != 2 || site != 3 {
		t.Errorf("%d on the article and %d on the site, want 2 and 3", article, site)
	}
}
