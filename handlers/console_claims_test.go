package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"rejoinder/auth"
)

// claimFixture are two moderators at the console, and two comments that wait.
type claimFixture struct {
	s             *fixture
	ada, iris     *browser
	first, second string // ids
}

func newClaimFixture(t *testing.T) claimFixture {
	s := newFixture(t)
	d := claimFixture{s: s, ada: s.adaBrowser(t), iris: s.newModerator("Iris", auth.RoleModerator, nil)}
	d.first, d.second = s.comment("quay", "", "Lou", "The first one"), s.comment("quay", "", "Max", "The second one")
	return d
}

func (b *browser) submitForm(page, action string, changes ...string) pageResponse {
	b.t.Helper()
	action, form := b.get(page).form(action)
	for i := 0; i+1 < len(changes); i += 2 {
		form.Set(changes[i], changes[i+1])
	}
	return b.post(action, form)
}

func TestTheConsoleShowsWhoHasClaimedAComment(t *testing.T) {
	d := newClaimFixture(t)
	path := "/console/comments/" + d.first
	d.ada.follow(d.ada.submitForm(path, path+"/claim")).want(http.StatusOK, "You have claimed this comment.", "Yours until 09:05 UTC")
	d.ada.get("/console").want(http.StatusOK, "1 yours until 09:05 UTC", "Yours until 09:05 UTC")
	page := d.iris.get("/console")
	page.want(http.StatusOK, `data-until="2026-03-02T09:05:02Z">Ada is on this<`, `data-id="`+d.second+`" aria-labelledby="author-`)
	page.wantWithout("yours until")
	d.iris.get("/console?free=others").wantWithout("The first one")
	d.iris.submitForm("/console", "/console/comments/"+d.second+"/claim", "leave", d.first).want(http.StatusSeeOther)
	d.iris.get("/console").want(http.StatusOK, `data-until="2026-03-02T09:05:02Z">Ada is on this<`)
	d.s.clock.advance(5*time.Minute + time.Second)
	d.iris.get("/console").wantWithout("Ada is on this")
}

func TestFormsClaimAndReleaseTheNextComments(t *testing.T) {
	d := newClaimFixture(t)
	taken := d.ada.follow(d.ada.submitForm("/console", "/console/claims"))
	taken.want(http.StatusOK, "Claimed: 2 comments.", "2 yours until", "Not claimed by <b>others</b>", "The first one")
	d.iris.follow(d.iris.submitForm("/console", "/console/claims")).want(http.StatusOK, "No unclaimed comments are left here.")
	d.s.clock.advance(3 * time.Minute)
	d.ada.post("/console/claims/renew", url.Values{}).want(http.StatusNoContent)
	d.s.clock.advance(3 * time.Minute)
	d.iris.get("/console").want(http.StatusOK, `data-until="2026-03-02T09:08:02Z">Ada is on this<`)
	d.iris.post("/console/claims/release", url.Values{"all": {"1"}}).want(http.StatusSeeOther)
	d.ada.post("/console/claims/release", url.Values{}).want(http.StatusUnprocessableEntity)
	d.ada.post("/console/claims/release", url.Values{"all": {"1"}}, "Origin", "https://elsewhere.example").want(http.StatusForbidden)
	d.ada.get("/console").want(http.StatusOK, "2 yours until 09:08 UTC")
	d.ada.follow(d.ada.post("/console/claims/release", url.Values{"all": {"1"}})).want(http.StatusOK, "You have released all claims.")
	d.iris.get("/console").wantWithout("Ada is on this")
}

func TestADecisionOnAnothersCommentIsRefusedAndOfferedAgain(t *testing.T) {
	d := newClaimFixture(t)
	path := "/console/comments/" + d.first
	action, form := d.iris.get(path).form(path + "/decisions")
	d.ada.submitForm(path, path+"/claim").want(http.StatusSeeOther)
	form.Set("action", "reject")
	form.Set("reason", "Off topic, sadly.")
	form.Set("note", "Twice already.")
	refused := d.iris.post(action, form)
	refused.want(http.StatusConflict, "Nothing was decided", "Claimed by Ada until 09:05 UTC. ", "Reject anyway", "Off topic, sadly.", "Twice already.")
	d.iris.post(path+"/claim", url.Values{}).want(http.StatusConflict, "Claimed by Ada until 09:05 UTC.")
	action, form = refused.form(path + "/decisions")
	form.Set("anyway", "reject")
	d.iris.follow(d.iris.post(action, form)).want(http.StatusOK, "The comment was rejected.")
	d.iris.get(path).want(http.StatusOK, "Off topic, sadly.", "Note: Twice already.")
	d.ada.get("/console").wantWithout("yours until")
}

func TestADecisionOnACommentsPageLeadsToTheNextOfTheList(t *testing.T) {
	d := newClaimFixture(t)
	decide := func(id, action string) pageResponse {
		t.Helper()
		path := "/console/comments/" + id
		target, form := d.iris.get(path + "?sort=newest").form(path + "/decisions")
		form.Set("action", action)
		return d.iris.post(target, form)
	}
	d.iris.get("/console/comments/"+d.second+"?sort=newest").want(http.StatusOK, d.first+`?sort=newest" rel="next">`)
	d.iris.get("/console/comments/" + d.first + "?sort=newest").wantWithout(`rel="next"`)
	d.iris.get("/console/comments/" + d.second + "?q=%22").wantWithout(`rel="next"`)
	next := decide(d.second, "hold")
	next.want(http.StatusConflict)
	next = d.iris.follow(decide(d.second, "approve"))
	next.want(http.StatusOK, "The comment was approved.", "The first one", `action="/console/comments/`+d.first+`/decisions"`)
	d.iris.follow(decide(d.first, "reject")).want(http.StatusOK, "The comment was rejected.", "Nothing is waiting")
}

func TestTheNextCommentOfAListIsNotOneThatSomebodyElseClaimed(t *testing.T) {
	d := newClaimFixture(t)
	d.ada.submitForm("/console/comments/"+d.second, "/console/comments/"+d.second+"/claim").want(http.StatusSeeOther)
	d.iris.get("/console/comments/" + d.first).wantWithout(`rel="next"`)
	d.ada.get("/console/comments/"+d.first).want(http.StatusOK, d.second+`" rel="next">`)
}

func TestAModuleLearnsWhoHasClaimedTheComment(t *testing.T) {
	d := newClaimFixture(t)
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
	want(claim(d.ada, nil), `{"words":"Yours until 09:05 UTC","until":"2026-03-02T09:05:02Z","held":"own"}`)
	want(claim(d.iris, nil), `{"words":"Ada is on this","until":"2026-03-02T09:05:02Z","held":"other"}`)
	d.s.clock.advance(time.Minute)
	want(claim(d.ada, url.Values{"leave": {d.first}}), `{"words":"Yours until 09:06 UTC","until":"2026-03-02T09:06:02Z","held":"own"}`)
}

// inTab returns a form that a tab sends with that sequence number.
func inTab(tab, seq string, more ...string) url.Values {
	form := url.Values{"tab": {tab}, "seq": {seq}}
	for i := 0; i+1 < len(more); i += 2 {
		form.Add(more[i], more[i+1])
	}
	return form
}

func TestLeavingAPageReleasesItsClaims(t *testing.T) {
	const release, take = "/console/claims/release", "/console/claims"
	claim := func(id string) string { return "/console/comments/" + id + "/claim" }
	for name, tc := range map[string]struct {
		run  func(d claimFixture)
		held string // shown on Ada's list; empty: she has no claims
	}{
		"a claim that arrived before": {func(d claimFixture) {
			d.ada.post(claim(d.first), inTab("one", "7")).want(http.StatusSeeOther)
			d.ada.post(release, inTab("one", "8")).want(http.StatusNoContent)
		}, ""},
		"a claim that arrives after": {func(d claimFixture) {
			d.ada.post(release, inTab("one", "8")).want(http.StatusNoContent)
			d.ada.post(claim(d.first), inTab("one", "7"), "Accept", "application/json").want(http.StatusConflict, "page-left")
		}, ""},
		"the next comments, requested before": {func(d claimFixture) {
			d.ada.post(take, inTab("one", "7")).want(http.StatusSeeOther)
			d.ada.post(release, inTab("one", "8")).want(http.StatusNoContent)
		}, ""},
		"the next comments, when the request arrives after": {func(d claimFixture) {
			d.ada.post(release, inTab("one", "8")).want(http.StatusNoContent)
			d.ada.post(take, inTab("one", "7")).want(http.StatusConflict)
		}, ""},
		"but not the claims of the next page": {func(d claimFixture) {
			d.ada.post(claim(d.first), inTab("one", "9")).want(http.StatusSeeOther)
			d.ada.post(release, inTab("one", "8")).want(http.StatusNoContent)
		}, "1 yours"},
		"but not its claims after it came back": {func(d claimFixture) {
			d.ada.post(release, inTab("one", "8")).want(http.StatusNoContent)
			d.ada.post(claim(d.first), inTab("one", "9")).want(http.StatusSeeOther)
		}, "1 yours"},
		"but not the claims that it keeps": {func(d claimFixture) {
			d.ada.post(take, inTab("one", "7")).want(http.StatusSeeOther)
			d.ada.post(release, inTab("one", "8", "keep", d.second, "keep", "no id")).want(http.StatusNoContent)
		}, "1 yours"},
		"until it is left for good": {func(d claimFixture) {
			d.ada.post(take, inTab("one", "7")).want(http.StatusSeeOther)
			d.ada.post(release, inTab("one", "8", "keep", d.second)).want(http.StatusNoContent)
			d.ada.post(release, inTab("one", "9")).want(http.StatusNoContent)
		}, ""},
		"but not the claims of another tab": {func(d claimFixture) {
			d.ada.post(claim(d.first), inTab("two", "7")).want(http.StatusSeeOther)
			d.ada.post(release, inTab("one", "8")).want(http.StatusNoContent)
		}, "1 yours"},
		"but not those of another moderator in a tab of that name": {func(d claimFixture) {
			d.ada.post(claim(d.first), inTab("one", "7")).want(http.StatusSeeOther)
			d.iris.post(release, inTab("one", "8")).want(http.StatusNoContent)
		}, "1 yours"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newClaimFixture(t)
			tc.run(d)
			page := d.ada.get("/console")
			if tc.held == "" {
				page.wantWithout("yours until", "Yours until")
			} else {
				page.want(http.StatusOK, tc.held+" until ")
			}
		})
	}
	t.Run("a tab and its numbers are checked", func(t *testing.T) {
		d := newClaimFixture(t)
		for _, form := range []url.Values{inTab("one", "seven"), inTab("one", "-1"), inTab("o ne", "7"), inTab("\x00", "7"), inTab(strings.Repeat("x", 65), "7")} {
			for _, path := range []string{release, take, claim(d.first)} {
				if got := d.ada.post(path, form, "Accept", "application/json"); got.status != http.StatusUnprocessableEntity {
					t.Errorf("%s with %v: status %d", path, form, got.status)
				}
			}
		}
	})
}
