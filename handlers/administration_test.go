package handlers_test

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/moderation"
)

func TestAnAdminAddsASiteAndCommentsCome(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		admin := h.registerModerator("Chief", auth.RoleAdmin)
		post := func(path string, body fields) call {
			return call{method: http.MethodPost, path: path, token: admin, body: body}
		}
		var site struct {
			ID, Slug, Locale string
			Origins          []string
			Settings         struct {
				EditWindowMinutes int `json:"edit_window_minutes"`
				MaxDepth          int `json:"max_depth"`
			}
		}
		h.do(post("/api/v1/sites", fields{"slug": "lake", "name": "Lake", "origins": []string{"https://Lakeside.example/"},
			"settings": fields{"max_depth": 0}})).want(http.StatusCreated, &site)
		if site.Settings.MaxDepth != 0 || site.Settings.EditWindowMinutes != 15 || site.Locale != "en" || strings.Join(site.Origins, "") != lakeside {
			h.t.Errorf("the new site is %+v", site)
		}
		h.do(post("/api/v1/sites", fields{"slug": "lake", "name": "Again"})).wantProblem(http.StatusConflict, "exists")

		h.do(post("/api/v1/sites/lake/articles", fields{"key": "ice", "title": "Thin ice", "published_at": "2026-01-02T03:04:05Z"})).
			want(http.StatusCreated, nil)
		h.do(post("/api/v1/sites/lake/articles", fields{"key": "ice"})).wantProblem(http.StatusConflict, "exists")
		var sent accepted
		h.post("/api/v1/sites/lake/comments", submission("A first word.", fields{"article": fields{"key": "ice"}})).
			want(http.StatusCreated, &sent)
		if sent.Comment.Status != moderation.StatusPending {
			h.t.Errorf("the default ruleset made the first comment %s", sent.Comment.Status)
		}

		h.do(call{method: http.MethodPatch, path: "/api/v1/sites/lake/articles?article=ice", token: admin, body: fields{"closed": true}}).
			want(http.StatusOK, nil)
		var p threadPage
		h.get("/api/v1/sites/lake/thread?article=ice").want(http.StatusOK, &p)
		if !p.Article.Closed || p.Article.Title != "Thin ice" {
			h.t.Errorf("the closed article is %+v", p.Article)
		}
		h.post("/api/v1/sites/lake/comments", submission("Too late?", fields{"article": fields{"key": "ice"}})).want(http.StatusCreated, &sent)
		if sent.Comment.Status != moderation.StatusRejected || sent.Comment.PublicReason == "" {
			h.t.Errorf("a comment to a closed article is %+v", sent.Comment)
		}
	})
}

func TestArticlesAreListedPageByPageNewestFirst(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		for _, key := range []string{"b", "c", "d"} {
			h.clock.advance(time.Second)
			h.article(key, nil)
		}
		ada, keys, cursor := h.ada(), "", ""
		for range 3 {
			var list struct {
				Items      []struct{ Key string }
				NextCursor string `json:"next_cursor"`
			}
			h.do(call{method: http.MethodGet, path: "/api/v1/sites/paper/articles?limit=2" + cursor, token: ada}).want(http.StatusOK, &list)
			for _, item := range list.Items {
				keys += item.Key + " "
			}
			if list.NextCursor == "" {
				break
			}
			cursor = "&cursor=" + list.NextCursor
		}
		if keys != "d c b quay " {
			h.t.Errorf("the articles are %s", keys)
		}
	})
}

func TestBadAdministrationIsRefusedWithAPointer(t *testing.T) {
	h := newTestServer(t)
	admin := h.registerModerator("Chief", auth.RoleAdmin)
	const sites, articles, rulesets = "/api/v1/sites", "/api/v1/sites/paper/articles", "/api/v1/sites/paper/rulesets"
	for _, tc := range []struct {
		name   string
		method string
		path   string
		body   any
		faults []string
	}{
		{"a site without anything", "POST", sites, fields{}, []string{"/slug malformed", "/name required"}},
		{"origins with paths", "POST", sites, fields{"slug": "x", "name": "X", "origins": []string{"https://a.example", "https://b.example/c", "b"}},
			[]string{"/origins/1 malformed", "/origins/2 malformed"}},
		{"settings out of range", "PATCH", sites + "/paper", fields{"settings": fields{"close_after_days": -1, "max_depth": 201}},
			[]string{"/settings/close_after_days out_of_range", "/settings/max_depth out_of_range"}},
		{"a setting that is no number", "PATCH", sites + "/paper", fields{"settings": fields{"max_depth": "deep"}}, []string{"/settings/max_depth wrong_type"}},
		{"a number too large for any", "PATCH", sites + "/paper", `{"settings":{"max_depth":99999999999999999999}}`, []string{"/settings/max_depth wrong_type"}},
		{"a slug to change", "PATCH", sites + "/paper", fields{"slug": "x"}, []string{"/slug unknown_field"}},
		{"an article without a key", "POST", articles, fields{"title": "x"}, []string{"/key required"}},
		{"an article at no time", "POST", articles, fields{"key": "x", "published_at": "soon"}, []string{"/published_at wrong_type"}},
		{"an article before all time", "POST", articles, fields{"key": "x", "published_at": "0000-01-01T00:00:00Z"}, []string{"/published_at out_of_range"}},
		{"an article after all time", "POST", articles, fields{"key": "x", "published_at": "9999-12-31T23:59:59-12:00"}, []string{"/published_at out_of_range"}},
		{"an article closing before it opened", "POST", articles, fields{"key": "x", "close_after_days": -1}, []string{"/close_after_days out_of_range"}},
		{"a change of no article", "PATCH", articles, fields{"closed": true}, []string{"/article required"}},
		{"a note too long", "POST", rulesets, fields{"source": fixtureRules, "note": strings.Repeat("n", 1001)}, []string{"/note too_long"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := h.in(t)
			h.do(call{method: tc.method, path: tc.path, body: tc.body, token: admin, wrong: true}).
				wantProblem(http.StatusUnprocessableEntity, "invalid", tc.faults...)
		})
	}
	h.do(call{method: "PATCH", path: articles + "?article=nosuch", token: admin, body: fields{"closed": true}}).
		wantProblem(http.StatusNotFound, "article-unknown")
}

func TestARulesetIsCheckedSavedAndActivated(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		const rulesets = "/api/v1/sites/paper/rulesets"
		admin := h.registerModerator("Chief", auth.RoleAdmin)
		post := func(path string, body any) reply {
			return h.do(call{method: http.MethodPost, path: path, token: admin, body: body})
		}
		broken := "rules:\n  - id: bad\n    when: text.nosuch > 1\n    then: hold\n    reason: x\n"
		for _, path := range []string{rulesets, rulesets + "/check"} {
			p := post(path, fields{"source": broken}).wantProblem(http.StatusUnprocessableEntity, "ruleset-invalid")
			if len(p.Errors) == 0 || p.Errors[0].Pointer != "/source" || p.Errors[0].Line != 3 || p.Errors[0].Column == 0 {
				h.t.Errorf("the faults are %+v", p.Errors)
			}
		}
		post(rulesets+"/check", fields{"source": fixtureRules}).want(http.StatusOK, nil)

		open := strings.Replace(fixtureRules, "rules:\n", "rules:\n  - id: everything\n    when: \"true\"\n    then: approve\n    priority: 100\n"+
			"    reason: Everybody is welcome today.\n", 1)
		var saved struct{ Version int }
		location := post(rulesets, fields{"source": open, "note": "Open day"}).want(http.StatusCreated, &saved).header.Get("Location")
		if got := h.submit("Before the open day").Comment.Status; got != moderation.StatusPending {
			h.t.Errorf("a ruleset that is only saved made a comment %s", got)
		}
		post(location+"/activate", nil).want(http.StatusOK, nil)
		if got := h.submit("On the open day").Comment.Status; got != moderation.StatusApproved {
			h.t.Errorf("the active ruleset made a comment %s", got)
		}
		var list struct {
			Items []struct {
				Version int
				Active  bool
			}
		}
		h.do(call{method: http.MethodGet, path: rulesets, token: admin}).want(http.StatusOK, &list)
		if len(list.Items) != 3 || list.Items[0].Version != saved.Version || !list.Items[0].Active || list.Items[1].Active {
			h.t.Errorf("the versions are %+v", list.Items)
		}
		for _, version := range []string{"99", "0", "-1", "x", "99999999999999999999"} {
			h.do(call{method: http.MethodGet, path: rulesets + "/" + version, token: admin, wrong: true}).wantProblem(http.StatusNotFound, "not-found")
		}
	})
}

// unresponsiveDB is a database that does not respond.
type unresponsiveDB struct{}

func (unresponsiveDB) Ping(context.Context) error {
	return errors.New("connection refused by 10.0.0.7")
}

func TestReadinessDependsOnTheDatabaseAndLivenessDoesNot(t *testing.T) {
	h := newTestServer(t, func(h *testServer) { h.Database = unresponsiveDB{} })
	h.get("/healthz").want(http.StatusOK, nil)
	r := h.get("/readyz")
	r.wantProblem(http.StatusServiceUnavailable, "not-ready")
	if strings.Contains(string(r.body), "10.0.0.7") || !strings.Contains(h.log.String(), "10.0.0.7") {
		t.Errorf("the reason belongs into the log, not into the answer: %s", r.body)
	}
	newTestServer(t).get("/readyz").want(http.StatusOK, nil)
}

func TestAHardLimitPerAddressSaysWhenToTryAgain(t *testing.T) {
	h := newTestServer(t, func(h *testServer) { h.Intake.Limiter = moderation.NewRateLimiter(2, h.clock.Now) })
	from := func(address, forwarded string) reply {
		return h.do(call{method: http.MethodPost, path: paperComments, body: submission("x"), address: address,
			header: map[string]string{"X-Forwarded-For": forwarded}})
	}
	from("192.0.2.1", "").want(http.StatusCreated, nil)
	from("192.0.2.1", "203.0.113.1").want(http.StatusCreated, nil)
	r := from("192.0.2.1", "203.0.113.2")
	r.wantProblem(http.StatusTooManyRequests, "too-many")
	if r.header.Get("Retry-After") != "30" {
		t.Errorf("Retry-After is %q", r.header.Get("Retry-After"))
	}
	from("192.0.2.2", "").want(http.StatusCreated, nil)
	h.clock.advance(30 * time.Second)
	from("192.0.2.1", "").want(http.StatusCreated, nil)
}

func TestASiteUnderAttackLeavesTheOthersAlone(t *testing.T) {
	h := newTestServer(t, func(h *testServer) { h.Intake.SiteLimiter = moderation.NewRateLimiter(2, h.clock.Now) })
	for range 2 {
		h.post(paperComments, submission("x")).want(http.StatusCreated, nil)
	}
	r := h.post(paperComments, submission("x"))
	r.wantProblem(http.StatusServiceUnavailable, "busy")
	if r.header.Get("Retry-After") == "" {
		t.Error("it does not say when to try again")
	}
	other := h.post("/api/v1/sites/demo/comments", submission("x"))
	if other.status == http.StatusServiceUnavailable {
		t.Error("the other site is refused too")
	}
	h.clock.advance(30 * time.Second)
	h.post(paperComments, submission("x")).want(http.StatusCreated, nil)
}

func TestOnlyTrustedProxiesSetTheClientAddress(t *testing.T) {
	h := newTestServer(t, func(h *testServer) {
		h.Config.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	})
	ada := h.ada()
	for _, tc := range []struct {
		name  string
		peer  string
		lines []string
		want  string
	}{
		{"nobody says anything", "192.0.2.9", nil, "192.0.2.0/24"},
		{"a stranger says something", "192.0.2.9", []string{"203.0.113.5"}, "192.0.2.0/24"},
		{"a proxy says it", "10.1.2.3", []string{"203.0.113.5"}, "203.0.113.0/24"},
		{"the client lied to the proxy, which appends", "10.1.2.3", []string{"198.51.100.1, 203.0.113.5"}, "203.0.113.0/24"},
		{"the client lied to the proxy, which adds a line", "10.1.2.3", []string{"198.51.100.1", "203.0.113.5"}, "203.0.113.0/24"},
		{"a proxy says it with a port", "10.1.2.3", []string{"203.0.113.5:4711"}, "203.0.113.0/24"},
		{"a proxy says it in IPv6 with a port", "10.1.2.3", []string{"198.51.100.1, [2001:db8:7::1]:443"}, "2001:db8:7::/48"},
		{"a proxy says it in brackets", "10.1.2.3", []string{"[2001:db8:7::1]"}, "2001:db8:7::/48"},
		{"two proxies in a row, both with a port", "10.1.2.3", []string{"203.0.113.5:4711, 10.9.9.9:80"}, "203.0.113.0/24"},
		{"two proxies in a row", "10.1.2.3", []string{"198.51.100.1, 203.0.113.5, 10.9.9.9"}, "203.0.113.0/24"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := h.in(t)
			c := call{method: http.MethodPost, path: paperComments, body: submission(tc.name), address: tc.peer}
			var sent accepted
			h.sendWith(c, func(r *http.Request) {
				r.Header["X-Forwarded-For"] = tc.lines
				r.Header.Set("X-Real-Ip", "198.51.100.99")
			}).want(http.StatusCreated, &sent)
			var open struct {
				AddressPrefix string `json:"address_prefix"`
			}
			h.do(call{method: http.MethodGet, path: "/api/v1/comments/" + sent.Comment.ID + "/moderation", token: ada}).want(http.StatusOK, &open)
			if open.AddressPrefix != tc.want {
				t.Errorf("the client is taken to be in %s, want %s", open.AddressPrefix, tc.want)
			}
		})
	}
}
