package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"rejoinder/auth"
)

// desks are two moderators at the console, and two comments that wait.
type desks struct {
	s             *stage
	ada, iris     *browser
	first, second string // ids
}

func newDesks(t *testing.T) desks {
	s := newStage(t)
	d := desks{s: s, ada: s.signedIn(t), iris: s.colleague("Iris", auth.RoleModerator, nil)}
	d.first, d.second = s.comment("quay", "", "Lou", "The first one"), s.comment("quay", "", "Max", "The second one")
	return d
}

func (b *browser) sends(page, action string, changes ...string) answered {
	b.t.Helper()
	action, form := b.get(page).form(action)
	for i := 0; i+1 < len(changes); i += 2 {
		form.Set(changes[i], changes[i+1])
	}
	return b.post(action, form)
}

func TestTheConsoleSaysWhoHoldsAComment(t *testing.T) {
	d := newDesks(t)
	path := "/console/comments/" + d.first
	d.ada.follow(d.ada.sends(path, path+"/claim")).want(http.StatusOK, "You hold this comment now.", "Held by you until 09:05 UTC")
	d.ada.get("/console").want(http.StatusOK, "1 held by you until 09:05 UTC", "Held by you until 09:05 UTC")
	page := d.iris.get("/console")
	page.want(http.StatusOK, "Held by Ada until 09:05 UTC", `data-id="`+d.second+`" aria-labelledby="author-`)
	page.lacks("held by you")
	d.iris.get("/console?free=others").lacks("The first one")
	d.iris.sends("/console", "/console/comments/"+d.second+"/claim", "leave", d.first).want(http.StatusSeeOther)
	d.iris.get("/console").want(http.StatusOK, "Held by Ada until 09:05 UTC")
	d.s.clock.advance(5*time.Minute + time.Second)
	d.iris.get("/console").lacks("Held by Ada")
}

func TestTheNextCommentsAreTakenAndGivenBackByForms(t *testing.T) {
	d := newDesks(t)
	taken := d.ada.follow(d.ada.sends("/console", "/console/claims"))
	taken.want(http.StatusOK, "Taken: 2.", "2 held by you until", "Not held by <b>others</b>", "The first one")
	d.iris.follow(d.iris.sends("/console", "/console/claims")).want(http.StatusOK, "There is nothing left here that nobody holds.")
	d.s.clock.advance(3 * time.Minute)
	d.ada.post("/console/claims/renew", url.Values{}).want(http.StatusNoContent)
	d.s.clock.advance(3 * time.Minute)
	d.iris.get("/console").want(http.StatusOK, "Held by Ada until 09:08 UTC")
	d.iris.post("/console/claims/release", url.Values{"comment": {d.first}}).want(http.StatusNoContent)
	d.ada.post("/console/claims/release", url.Values{}).want(http.StatusNoContent)
	d.ada.get("/console").want(http.StatusOK, "2 held by you until 09:08 UTC")
	d.ada.post("/console/claims/release", url.Values{"comment": {d.first}}, "Origin", "https://elsewhere.example").want(http.StatusForbidden)
	d.ada.post("/console/claims/release", url.Values{"comment": {d.first}}).want(http.StatusNoContent)
	d.ada.get("/console").want(http.StatusOK, "1 held by you until 09:08 UTC")
	d.ada.follow(d.ada.post("/console/claims/release", url.Values{"all": {"1"}})).want(http.StatusOK, "Nothing is held by you any more.")
	d.iris.get("/console").lacks("Held by Ada")
}

func TestADecisionOnAnothersCommentIsRefusedAndOfferedAgain(t *testing.T) {
	d := newDesks(t)
	path := "/console/comments/" + d.first
	action, form := d.iris.get(path).form(path + "/decisions")
	d.ada.sends(path, path+"/claim").want(http.StatusSeeOther)
	form.Set("action", "reject")
	form.Set("reason", "Off topic, sadly.")
	form.Set("note", "Twice already.")
	refused := d.iris.post(action, form)
	refused.want(http.StatusConflict, "Nothing was decided", "Held by Ada until 09:05 UTC. ", "Reject anyway", "Off topic, sadly.", "Twice already.")
	d.iris.post(path+"/claim", url.Values{}).want(http.StatusConflict, "Held by Ada until 09:05 UTC.")
	action, form = refused.form(path + "/decisions")
	form.Set("anyway", "reject")
	d.iris.follow(d.iris.post(action, form)).want(http.StatusOK, "The comment was rejected.")
	d.iris.get(path).want(http.StatusOK, "Off topic, sadly.", "Note: Twice already.")
	d.ada.get("/console").lacks("held by you")
}

func TestAModuleHearsWhoHoldsTheComment(t *testing.T) {
	d := newDesks(t)
	claim := func(b *browser, form url.Values) string {
		t.Helper()
		got := b.post("/console/comments/"+d.first+"/claim", form, "Accept", "application/json")
		got.want(http.StatusOK)
		return strings.TrimSpace(got.body)
	}
	want := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	want(claim(d.ada, nil), `{"words":"Held by you until 09:05 UTC","until":"2026-03-02T09:05:02Z","held":"own"}`)
	want(claim(d.iris, nil), `{"words":"Held by Ada until 09:05 UTC","until":"2026-03-02T09:05:02Z","held":"other"}`)
	d.s.clock.advance(time.Minute)
	want(claim(d.ada, url.Values{"leave": {d.first}}), `{"words":"Held by you until 09:06 UTC","until":"2026-03-02T09:06:02Z","held":"own"}`)
}
