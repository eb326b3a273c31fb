package moderation

import "testing"

func TestWhatIsNearlyTheSameIsCountedHereAndAnywhere(t *testing.T) {
	const offer = "We sell the finest watches of all makers and send them anywhere, write to our office"
	from := factSources{article: Article{ID: "here"}, submission: Submission{Body: offer}, known: Background{Alike: []Alike{
		{"here", likenessOf(offer + " 77").Sketch, ""},
		{"there", likenessOf(offer + " today").Sketch, ""},
		{"here", likenessOf(offer).Sketch, ""},
		{"here", likenessOf("What a calm and thoughtful article, I have sent it to my mother at once").Sketch, ""},
		{"here", []byte("damaged"), ""},
	}}}
	if article, site := nearCopies(from); article != 2 || site != 3 {
		t.Errorf("%d on the article and %d on the site, want 2 and 3", article, site)
	}
	from.submission.Body = "First!"
	if article, site := nearCopies(from); article != 0 || site != 0 || likenessOf("First!").Sketch != nil {
		t.Errorf("a short text has %d and %d near copies", article, site)
	}
}
