package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestTheFilterMenuOffersExistingValues(t *testing.T) {
	s := newFixture(t)
	s.comment("quay", "", "Old", "An early word about the casino.")
	s.clock.advance(2 * time.Hour)
	s.comment("quay", "", "New", "A late word.")
	b := s.adaBrowser(t)
	page := b.get("/console")
	page.want(http.StatusOK, `<option value="promises">promises</option>`, `<option value="newcomers">newcomers</option>`, "Old", "New")
	page.wantWithout(`<option value="trap">`)

	waiting := b.get("/console?waiting=1h&rule=newcomers&free=others&sort=newest")
	waiting.want(http.StatusOK, "1 comment waiting", "Old", `Waiting <b>over an hour</b>`, `Rule <b>newcomers</b>`,
		`<span class="count">3</span>`, `name="free" value="others" checked`, `<option value="1h" selected>`, `<option value="newest" selected>`)
	waiting.wantWithout(">New<")
	b.get("/console?waiting=1d").want(http.StatusOK, "No comment here matches")
	b.get("/console?waiting=soon").want(http.StatusOK, "2 comments waiting") // no filter
}

// TestAListOfLongWaitsGoesOn reads a second page after other comments have reached that waiting time.
func TestAListOfLongWaitsGoesOn(t *testing.T) {
	s, _ := newFixtureWithPending(t, 25)
	s.clock.advance(time.Hour + time.Minute)
	b := s.adaBrowser(t)
	first := b.get("/console?waiting=1h")
	first.want(http.StatusOK, "25 comments waiting")
	next := first.link("Next page →")
	if !strings.Contains(next, "asof=") {
		t.Errorf("the next page is %q", next)
	}
	s.comment("quay", "", "Late", "Much later.")
	s.clock.advance(2 * time.Hour)
	b = s.adaBrowser(t)
	second := b.get(next)
	second.want(http.StatusOK, "25 comments waiting", "Reader 24")
	second.wantWithout(">Late<")
}
