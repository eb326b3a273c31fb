package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"rejoinder/moderation"
)

func TestDashboardPage(t *testing.T) {
	t.Run("figures are drawn, and stand in tables", func(t *testing.T) {
		s := newFixture(t)
		for i, body := range []string{"please publish", "Waits.", "Waits too.", "please decline", "Waits as well."} {
			id := s.comment("quay", "", "Lou", body)
			s.clock.advance(40 * time.Minute)
			if i == 1 {
				s.decide(id, moderation.ActionReject)
			}
		}
		page := s.adaBrowser(t).get("/console/dashboard?site=paper")
		page.want(http.StatusOK, `aria-current="page">Dashboard</a>`, "Received</dt><dd><strong>5</strong>", "<strong>40%</strong>",
			"oldest received 2 hours ago", "5 comments in total; the rules decided on 2 and held 3 for moderators.",
			"2 pending comments; 0 waiting for more than a day.", "Rejections by reason", "0 the day before", "95% within",
			"Rules that held most", "<code>newcomers</code>", "<td>5 <svg", "0.0%", "<strong>about 39 minutes</strong>",
			`href="/console/decisions.csv?from=2026-03-01T13%3A00%3A00Z&amp;site=paper&amp;to=2026-03-02T12%3A20%3A05Z"`)
		page.wantWithout("mail.example", " style=")
		page.wantGolden("dashboard")
	})
	t.Run("an empty one says so", func(t *testing.T) {
		s := newFixture(t)
		b := s.adaBrowser(t)
		b.get("/console/dashboard").want(http.StatusOK, "nothing is waiting", "Nothing received in these 24 hours.", "Choose a site to see its decisions",
			`<input type="hidden" name="period" value="24h">`)
		b.get("/console/dashboard?site=paper&period=30d").want(http.StatusOK, "no held comments", "Nothing received in these 30 days.", `value="30d"`)
	})
	t.Run("a week is compared with the week before", func(t *testing.T) {
		s := newFixture(t)
		s.comment("quay", "", "Lou", "please publish")
		s.clock.advance(7 * 24 * time.Hour)
		for _, body := range []string{"please publish it", "Waits."} {
			s.comment("quay", "", "Lou", body)
			s.clock.advance(24 * time.Hour)
		}
		page := s.adminBrowser(t).get("/console/dashboard?site=paper&period=7d")
		page.want(http.StatusOK, "per day", "&#43;1", "1 the week before", "The week before</th>", "Most arrive on Mondays", "Top articles",
			"No decisions in this period.", "−50 points", `class="before"`)
		page.wantWithout("Not enough yet")
	})
	t.Run("the transparency report is a page, and downloaded", func(t *testing.T) {
		s := newFixture(t)
		s.comment("quay", "", "Lou", "please publish")
		s.comment("quay", "", "Lou", "please decline")
		s.clock.advance(time.Minute)
		b := s.adaBrowser(t)
		b.get("/console/transparency?site=paper&from=2026-03-02&to=2026-03-02").want(http.StatusOK, "2 comments were received from 2026-03-02 to 2026-03-02",
			"Report as CSV")
		b.get("/console/transparency?site=paper&from=soon").want(http.StatusUnprocessableEntity, "A day is written as 2026-03-31.", `value="soon"`)
		b.get("/console/transparency?site=paper&from=2026-03-03&to=2026-03-01").want(http.StatusUnprocessableEntity, "summary")
		file := b.get("/console/transparency.csv?site=paper")
		file.want(http.StatusOK, "arrived,,,2", "rejected,ruleset,,1")
		if got := file.header.Get("Content-Disposition"); got != `attachment; filename="transparency-paper.csv"` {
			t.Errorf("it is offered as %q", got)
		}
		b.get("/console/transparency.json?site=paper").want(http.StatusOK, `"arrived":2`)
	})
	t.Run("unknown values are refused", func(t *testing.T) {
		b := newFixture(t).adaBrowser(t)
		b.get("/console/dashboard?period=2d").want(http.StatusUnprocessableEntity, "")
		b.get("/console/dashboard?site=nosuch").want(http.StatusNotFound, "")
	})
	t.Run("decisions are downloaded", func(t *testing.T) {
		s := newFixture(t)
		s.comment("quay", "", "Lou", "please publish")
		b := s.adaBrowser(t)
		file := b.get("/console/decisions.csv?site=paper")
		file.want(http.StatusOK, "id,decided_at,", ",approve,,approved,ruleset,true,")
		if got := file.header.Get("Content-Disposition"); got != `attachment; filename="decisions-paper.csv"` {
			t.Errorf("it is offered as %q", got)
		}
		b.get("/console/decisions.json?site=paper").want(http.StatusOK, `{"site":"paper","decisions":[`)
		if page := b.get("/console/decisions.csv"); page.status != http.StatusNotFound || strings.Contains(page.body, "decided_at") {
			t.Errorf("without a site it is %d", page.status)
		}
	})
}
