package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"rejoinder/moderation"
)

// weekHours are the hours of Monday to Friday in the API.
func weekHours(from, to string) fields {
	hours := fields{}
	for _, day := range []string{"mon", "tue", "wed", "thu", "fri"} {
		hours[day] = []fields{{"from": from, "to": to}}
	}
	return hours
}

// TestCommentsAreJudgedByTheHour: it is Monday, 10:00 in Berlin.
func TestCommentsAreJudgedByTheHour(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		t, admin := h.t, h.addWeekly()
		h.do(call{method: http.MethodPatch, path: weeklyModeration, token: admin, body: fields{"mode": "at_once"}}).want(http.StatusOK, nil)
		// Access tokens expire during the hours of the test.
		fresh := func() (token string) { return h.login(moderatorEmail("Chief"), moderatorPassword) }
		settings := func(change fields) {
			t.Helper()
			admin = fresh()
			h.do(call{method: http.MethodPatch, path: "/api/v1/sites/weekly", token: admin, body: fields{"settings": change}}).
				want(http.StatusOK, nil)
		}
		sent := 0
		want := func(when string, status moderation.Status) {
			t.Helper()
			sent++
			h.clock.advance(time.Minute)
			number := string(rune('a' + sent))
			body := strings.Repeat(number, 3) + " is what I think about the harbour at hour " + number
			if got := h.statusOf("hours", "reader-"+number+"@mail.example", body); got != status {
				t.Errorf("%s, a comment is %s, want %s", when, got, status)
			}
		}
		settings(fields{"time_zone": "Europe/Berlin", "schedule": fields{"hours": weekHours("08:00", "11:00"), "outside": "hold_all"}})
		want("within the hours", moderation.StatusApproved)
		h.clock.advance(time.Hour)
		want("after the hours", moderation.StatusPending)
		settings(fields{"schedule": fields{"hours": weekHours("08:00", "11:00"), "outside": "closed"}})
		want("after the hours of a site that closes", moderation.StatusRejected)
		until := h.clock.Now().Add(30 * time.Minute)
		settings(fields{"schedule": fields{"hours": weekHours("08:00", "11:00"), "outside": "closed",
			"temporary": fields{"mode": "hold_all", "until": until}}})
		want("under a temporary mode", moderation.StatusPending)
		h.clock.advance(time.Hour)
		want("when it has ended", moderation.StatusRejected)
		admin = fresh()
		article := "/api/v1/sites/weekly/articles?article=https%3A%2F%2Fweekly.example%2Fhours"
		h.do(call{method: http.MethodPatch, path: article, token: admin,
			body: fields{"schedule": fields{"hours": weekHours("00:00", "24:00"), "outside": "closed"}}}).want(http.StatusOK, nil)
		want("on an article with other hours", moderation.StatusApproved)
		h.do(call{method: http.MethodPatch, path: article, token: fresh(),
			body: fields{"schedule": fields{"closes_at": h.clock.Now().Add(time.Hour)}}}).want(http.StatusOK, nil)
		settings(fields{"schedule": fields{}})
		want("before the article closes", moderation.StatusApproved)
		h.clock.advance(time.Hour)
		want("when the article has closed", moderation.StatusRejected)
		h.do(call{method: http.MethodPatch, path: "/api/v1/sites/weekly", token: fresh(), body: fields{"settings": fields{
			"time_zone": "Mars/Base", "schedule": fields{"hours": weekHours("08:00", "11:00"), "closes_at": until}}}}).
			wantProblem(http.StatusUnprocessableEntity, "invalid")
	})
}

// TestCachedPagesFollowTheHours reads one page and the JSON before and after each boundary, without any other
// change.
func TestCachedPagesFollowTheHours(t *testing.T) {
	h := newTestServer(t)
	h.changeSettings(func(s *moderation.SiteSettings) { s.TimeZone = "Europe/Berlin" })
	h.ada() // pages are cached only once changes are followed
	h.submit("Lamps, please publish")
	admin := h.addWeekly()
	h.do(call{method: http.MethodPatch, path: "/api/v1/sites/paper", token: admin, body: fields{"settings": fields{
		"schedule": fields{"hours": weekHours("08:00", "11:00"), "outside": "closed"}}}}).want(http.StatusOK, nil)
	const page = "/sites/paper/page?article=quay"
	type state struct {
		tag, caching string
		form         bool
		opens        bool
	}
	read := func() (s state) {
		t.Helper()
		for range 3 { // rendered, from the cache, and by the fast path
			r := h.fetch(page, "")
			body := r.plain()
			next := state{tag: r.header.Get("Etag"), caching: r.header.Get("Cache-Control"),
				form: strings.Contains(body, "<textarea"), opens: strings.Contains(body, "opens again on 3 March 2026 at 08:00 (CET)")}
			if s.tag != "" && next != s {
				t.Fatalf("the same page differs: %+v, then %+v", s, next)
			}
			s = next
		}
		return s
	}
	open := read()
	if !open.form || open.opens {
		t.Fatalf("at ten the page is %+v", open)
	}
	h.clock.advance(time.Hour - time.Second) // 10:59:59
	last := read()
	if !last.form || strings.Contains(last.caching, "s-maxage") {
		t.Errorf("a second before the end, the page is %+v", last)
	}
	h.clock.advance(time.Second) // 11:00:00
	closed := read()
	if closed.form || !closed.opens || closed.tag == last.tag {
		t.Errorf("at eleven the page is %+v", closed)
	}
	var thread struct {
		Article struct {
			Closed  bool
			OpensAt time.Time `json:"opens_at"`
		}
	}
	h.get(paperThread).want(http.StatusOK, &thread)
	if opens := time.Date(2026, 3, 3, 7, 0, 0, 0, time.UTC); !thread.Article.Closed || !thread.Article.OpensAt.Equal(opens) {
		t.Errorf("the API says %+v", thread.Article)
	}
	h.clock.advance(21 * time.Hour) // Tuesday, 08:00
	if again := read(); !again.form || again.tag == closed.tag {
		t.Errorf("on Tuesday morning the page is %+v", again)
	}
}

func TestHoursAreSetInTheConsole(t *testing.T) {
	s := newFixture(t)
	admin := s.newAdmin()
	const hours = "/console/sites/paper/hours"
	admin.get("/console/sites/paper").want(http.StatusOK, `href="`+hours+`"`)
	page := admin.get(hours)
	page.want(http.StatusOK, "Comments are open at any time.")
	page.fill(admin, hours, "mon.0.from", "08:00", "tue.0.from", "08:00", "tue.0.to", "12:00", "tue.1.from", "11:00",
		"tue.1.to", "13:00").want(http.StatusUnprocessableEntity, "Enter both times.", "The spans of a day must not overlap.",
		`href="#hours-tue"`, `name="tue.1.from" value="11:00"`)
	copied := page.fill(admin, hours, "do", "copy", "mon.0.from", "08:00", "mon.0.to", "09:30", "fri.1.from", "20:00",
		"time_zone", "Europe/Berlin", "outside", "closed")
	copied.want(http.StatusOK, "Not saved yet.", `name="fri.0.to" value="09:30"`, `name="fri.1.from" value=""`, `name="sat.0.from" value=""`)
	saved := admin.follow(copied.fill(admin, hours, "sat.0.from", "20:00", "sat.0.to", "00:00"))
	saved.want(http.StatusOK, "Saved.", `name="fri.0.to" value="09:30"`, `name="sat.0.to" value="00:00"`,
		`<option value="Europe/Berlin" selected>`, "They open again on 3 March 2026, 08:00 CET.")
	s.browser().get("/sites/paper/page?article=quay").want(http.StatusOK,
		"Comments are closed.", "Commenting opens again on 3 March 2026 at 08:00 (CET).")
	admin.get("/console/articles?site=paper").want(http.StatusOK, "closed for now")
	saved.fill(admin, hours, "temporary_mode", "at_once").want(http.StatusUnprocessableEntity, "Say when the mode ends.")
	saved.fill(admin, hours, "temporary_mode", "at_once", "temporary_until", "2020-01-01T00:00").
		want(http.StatusUnprocessableEntity, "Must be in the future.")
	admin.follow(saved.fill(admin, hours, "temporary_mode", "at_once", "temporary_until", "2026-03-02T12:00")).
		want(http.StatusOK, "Comments are open now, in the mode “At once”.", "The next change is on 2 March 2026, 12:00 CET.")
	settings := admin.get("/console/sites/paper")
	admin.follow(settings.fill(admin, "/console/sites/paper", "name", "The Harbour")).want(http.StatusOK, "Saved.")
	admin.get(hours).want(http.StatusOK, `name="mon.0.from" value="08:00"`) // another form of the site keeps it

	one := admin.get("/console/articles/one?site=paper&article=quay")
	article := admin.get(one.link("Opening hours"))
	article.want(http.StatusOK, "The article’s hours replace the site’s.")
	admin.follow(article.fill(admin, "/console/articles/one/hours", "closes_at", "2026-03-02T11:00")).
		want(http.StatusOK, "Saved.", `value="2026-03-02T11:00"`)
	s.clock.advance(3 * time.Hour)
	admin.get(hours).wantWithout("2026-03-02T12:00") // it has ended
	closed := s.browser().get("/sites/paper/page?article=quay")
	closed.want(http.StatusOK, "Comments are closed.")
	closed.wantWithout("opens again")
}
