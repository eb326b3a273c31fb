package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"rejoinder/auth"
	"rejoinder/moderation"
)

func TestConsoleFormsNeverReturnToInvalidURLs(t *testing.T) {
	s := newFixture(t)
	demo := must(s.Sites.Find(t.Context(), moderation.Viewer{}, "demo"))(t)
	ada := s.adaBrowser(t)
	elsewhere := s.newModerator("Elsa", auth.RoleModerator,
		func(n *auth.NewModerator) { n.SiteIDs = []string{demo.ID} })
	long := strings.Repeat("a", 70_000)
	for _, tc := range []struct {
		name string
		path string // of a form, with ID for the comment's
		form url.Values
		back string // where it leads without filters
	}{
		{"a claim", "/console/comments/ID/claim", url.Values{}, "/console/comments/ID"},
		{"a note", "/console/comments/ID/notes", url.Values{"body": {"Seen."}}, "/console/comments/ID"},
		{"claims given back", "/console/claims/release", url.Values{"all": {"1"}}, "/console"},
		{"a decision", "/console/comments/ID/decisions", url.Values{"action": {"hold"}, "version": {"2"}}, "/console"},
		{"decisions on many", "/console/bulk",
			url.Values{"action": {"spam"}, "expected": {"1"}, "selected": {"ID@1"}}, "/console"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, filters := range []url.Values{
				{"site": {long}}, {"site": {"nowhere"}}, {"q": {long}}, {"rule": {long}, "cursor": {long}},
				{"site": {"paper"}, "q": {"lamps"}},
			} {
				id := s.comment("quay", "", "Lou", "About the lamps")
				if tc.name == "a decision" {
					s.decide(id, "approve")
				}
				form := url.Values{}
				for _, fields := range []url.Values{tc.form, filters} {
					for name, values := range fields {
						form.Set(name, strings.ReplaceAll(values[0], "ID", id))
					}
				}
				want := tc.back
				if filters.Get("site") == "paper" {
					want += "?q=lamps&site=paper"
				}
				sent := ada.post(strings.ReplaceAll(tc.path, "ID", id), form)
				sent.want(http.StatusSeeOther)
				if got := strings.ReplaceAll(sent.header.Get("Location"), id, "ID"); got != want {
					t.Errorf("with %.60v it leads to %.200q, want %q", filters, got, want)
				}
			}
		})
	}
	t.Run("a page", func(t *testing.T) {
		id := s.comment("quay", "", "Lou", "About the lamps")
		page := ada.get("/console/comments/" + id + "?q=" + long[:2000])
		if back := page.link("← Back to the queue"); back != "/console" {
			t.Errorf("the way back is %q", back)
		}
	})
	t.Run("an error", func(t *testing.T) {
		lost := elsewhere.post("/console/comments/"+nowhere+"/claim", url.Values{"site": {"paper"}})
		lost.want(http.StatusNotFound)
		lost.wantWithout("site=paper")
	})
	t.Run("any redirect", func(t *testing.T) {
		sent := s.browser().post("/sites/paper/comments", url.Values{"article": {"quay"}, "cursor": {long},
			"author_name": {"Lou"}, "author_email": {"lou@mail.example"}, "body": {"Hello"}})
		sent.want(http.StatusSeeOther)
		if to := sent.header.Get("Location"); len(to) > 4096 {
			t.Errorf("the Location has %d bytes", len(to))
		}
	})
}
