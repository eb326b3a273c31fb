package httpio

import (
	"slices"
	"testing"

	"rejoinder/handlers/locale"
)

// forReaders are the problems that readers can get on pages. The others are for moderators, programs and
// operators.
var forReaders = []string{
	"no-such-address", "method-not-allowed", "malformed", "too-large", "media-type", "cross-origin", "site-unknown", "article-unknown",
	"not-found", "receipt", "edit-closed", "votes-off", "reports-off", "own-comment", "no-appeal", "cursor", "busy", "storage-full", "read-only", "invalid", "too-many",
	"internal",
}

func TestReadersMeetEveryProblemInTheirLanguage(t *testing.T) {
	all := append(slices.Clone(Kinds), KindInvalid, kindTooMany, kindNudge, KindInternal)
	for _, code := range forReaders {
		for _, l := range locale.Languages() {
			if key := "problem." + code; !l.Has(key+".title") || !l.Has(key+".detail") {
				t.Errorf("%s has no words for %s", l.Tag, code)
			}
		}
		if !slices.ContainsFunc(all, matchesEnglish(code)) {
			t.Errorf("%s: in English the catalogue says something else than the table of problems", code)
		}
	}
}

// matchesEnglish finds the row with the texts of the English catalogue.
func matchesEnglish(code string) func(Kind) bool {
	english := locale.Languages()[0]
	return func(k Kind) bool {
		return k.Code == code && k.Title == english.Text("problem."+code+".title") && k.Detail == english.Text("problem."+code+".detail")
	}
}
