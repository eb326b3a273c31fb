package handlers_test

import (
	"net/http"
	"testing"

	"rejoinder/moderation"
)

func TestFragmentsAreWrittenAsBefore(t *testing.T) {
	s := newFixture(t)
	s.changeSettings(upDown)
	root := s.comment("quay", "", "Ines", "A *first* word. please publish")
	gone := s.comment("quay", root, "Tom", "I see it differently. please publish")
	s.comment("quay", gone, "عمر", "وأنا أيضًا. please publish")
	s.comment("quay", "", "Waiting", "Nobody may see this yet.")
	s.decide(gone, moderation.ActionReject)
	for _, lang := range []string{"en", "ar"} {
		fragment := s.browser().get("/sites/paper/thread?article=quay&lang=" + lang)
		fragment.want(http.StatusOK, `lang="`+lang+`"`, `data-count="2"`)
		fragment.wantWithout("<html", "Nobody may see", "Tom", "mail.example", "ld+json")
		if fragment.header.Get("X-Form-Token") == "" || len(fragment.header.Values("Set-Cookie")) != 0 {
			t.Errorf("headers of the fragment: %v", fragment.header)
		}
		fragment.wantGolden("fragment-" + lang)
	}
}
