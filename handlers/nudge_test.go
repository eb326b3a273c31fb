package handlers_test

import (
	"net/http"
	"testing"

	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
)

const loud = "THIS IS WHAT EVERYBODY IN THE HARBOUR THINKS ABOUT THE NEW LAMPS"

func TestAuthorsAreNudgedAboutCapitals(t *testing.T) {
	s := newFixture(t)
	s.followShippedRules()
	writer := s.browser()
	asked := writer.submit(quay, "body", loud)
	asked.want(http.StatusConflict, "Before you post", "mostly in capitals", `name="nudged" value="yes"`, loud+"</textarea>")
	asked.wantWithout("shouting", "rj-summary")
	if n := s.count(moderation.StatusPending); n != 0 {
		t.Fatalf("%d comments were stored before the author answered", n)
	}

	t.Run("a changed text is not questioned again", func(t *testing.T) {
		action, form := asked.form(submit)
		form.Set("body", "The new lamps are too bright, I think.")
		if sent := writer.post(action, form); sent.status != http.StatusSeeOther {
			t.Errorf("status %d", sent.status)
		}
	})
	t.Run("an unchanged text becomes a pending comment", func(t *testing.T) {
		action, form := asked.form(submit)
		if sent := writer.post(action, form); sent.status != http.StatusSeeOther {
			t.Errorf("status %d", sent.status)
		}
		if n := s.count(moderation.StatusPending); n != 2 {
			t.Errorf("%d comments wait", n)
		}
	})
	t.Run("a program that fills everything in learns nothing", func(t *testing.T) {
		action, form := s.browserFor(t).filled(quay, "body", loud, "subject", "everything")
		if sent := s.browserFor(t).post(action, form); sent.status == http.StatusConflict {
			t.Errorf("it is asked: %s", sent.body)
		}
	})
}

func TestTheAPINudgesOnlyClientsThatAskForIt(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		draft := rulebook.Draft{Source: "extends: default\n"}
		saved := must(h.Rulebook.Save(h.t.Context(), moderation.Viewer{}, "paper", draft))(h.t)
		must(h.Rulebook.Activate(h.t.Context(), moderation.Viewer{}, rulebook.Ref{SiteSlug: "paper", Version: saved.Version}))(h.t)
		body := fields{"article": fields{"key": "quay"}, "author_name": "Ines", "author_email": "ines@mail.example", "body": loud, "nudge": true}
		h.post("/api/v1/sites/paper/comments", body).wantProblem(http.StatusConflict, "nudge")
		delete(body, "nudge")
		h.post("/api/v1/sites/paper/comments", body).want(http.StatusCreated, nil)
	})
}
