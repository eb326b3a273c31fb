package handlers

import (
	"slices"
	"testing"

	"rejoinder/handlers/locale"
)

// forReaders are the problems that readers of pages meet. The others are for moderators, programs and
// operators.
var forReaders = []string{
	"no-such-address", "method-not-allowed", "malformed", "too-large", "media-type", "cross-origin", "site-unknown", "article-unknown",
	"not-found", "receipt", "edit-closed", "votes-off", "reports-off", "own-comment", "no-appeal", "cursor", "busy", "storage-full", "read-only", "invalid", "too-many",
	"internal",
}

func TestReadersMeetEveryProblemInTheirLanguage(t *testing.T) {
	all := append(slices.Clone(kinds), kindInvalid, kindTooMany, kindInternal)
	for _, code := range forReaders {
		for _, l := range locale.Languages() {
			if key := "problem." + code; !l.Has(key+".title") || !l.Has(key+".detail") {
				t.Errorf("%s has no words for %s", l.Tag, code)
			}
		}
		if !slices.ContainsFunc(all, saysIt(code)) {
			t.Errorf("%s: in English the catalogue says something else than the table of problems", code)
		}
	}
}

// saysIt finds the row whose words are those of the English catalogue.
func saysIt(code string) func(kind) bool {
	english := locale.Languages()[0]
	return func(k kind) bool {
		return k.code == code && k.title == english.Text("problem."+code+".title") && k.detail == english.Text("problem."+code+".detail")
	}
}
