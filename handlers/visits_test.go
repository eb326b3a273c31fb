package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/moderation"
	"rejoinder/web"
)

// scene is what a visit happens to: a pending comment, an approved one with a reply that waits, a declined one, their
// writer, and the article's alias.
type scene struct {
	pending  accepted
	approved accepted
	reply    accepted
	declined accepted
	name     string // part of all names that must not occur twice
	email    string
	address  string

	decision  string // id of the rules' decision on the declined comment
	block     string // id of a block on the site paper
	colleague string // id of a moderator of the site paper, who is invited
}

func (h *house) scene(name, email, address string) scene {
	h.t.Helper()
	s := scene{name: name, email: email, address: address}
	send := func(body string, changes fields) accepted {
		c := call{method: http.MethodPost, path: paperComments, address: address,
			body: submission(body, fields{"author_email": email, "remember": true}, changes)}
		var a accepted
		h.do(c).want(http.StatusCreated, &a)
		return a
	}
	s.pending = send("Waiting of "+name, nil)
	s.approved = send("Shown of "+name+", please publish it", nil)
	s.reply = send("Answer of "+name, fields{"parent_id": s.approved.Comment.ID})
	paper := must(h.Sites.Find(h.t.Context(), moderation.Viewer{}, "paper"))(h.t)
	m, _, err := h.Auth.Invite(h.t.Context(), auth.Identity{}, auth.NewModerator{Email: "co-" + name + "@desk.example",
		Name: "Colleague", Role: auth.RoleModerator, SiteIDs: []string{paper.ID}})
	if err != nil {
		h.t.Fatal(err)
	}
	s.colleague = m.ID
	s.block = must(h.Queue.AddBlock(h.t.Context(), moderation.Viewer{ModeratorID: m.ID}, "paper",
		moderation.NewBlock{Kind: moderation.BlockName, Value: "Pest of " + name}))(h.t).ID
	s.declined = send("Not wanted of "+name+", please decline it", nil)
	s.decision = must(h.db.Decisions(h.t.Context(), s.declined.Comment.ID))(h.t)[0].ID
	must(h.Sites.AddAlias(h.t.Context(), moderation.Viewer{}, "paper", moderation.NewAlias{Key: "was-" + name, ArticleKey: "quay"}))(h.t)
	return s
}

// visit is a right use of one route, and the status that each kind of caller gets.
type visit struct {
	call
	own      bool   // the call proves itself; no access token goes along
	nobody   int    // without an access token
	stranger int    // a moderator of another site
	guest    int    // an admin of another site
	desk     int    // a moderator of the site
	chief    int    // an admin of every site
	shows    string // what the public answer must hold, lest a visit shows nothing by mistake
}

// form is the body of a plain form.
func form(values ...string) string {
	f := url.Values{}
	for i := 0; i+1 < len(values); i += 2 {
		f.Set(values[i], values[i+1])
	}
	return f.Encode()
}

var asForm = map[string]string{"Content-Type": "application/x-www-form-urlencoded"}

func everybody(c call, status int) visit {
	return visit{call: c, nobody: status, stranger: status, guest: status, desk: status, chief: status}
}

// moderators may, for their sites.
func moderators(c call, status int) visit {
	return visit{call: c, nobody: 401, stranger: 404, guest: 404, desk: status, chief: status}
}

// admins may, for their sites.
func admins(c call, status int) visit {
	return visit{call: c, nobody: 401, stranger: 403, guest: 404, desk: 403, chief: status}
}

// visits has at least one visit of every route.
func visits(s scene) map[string][]visit {
	id := s.pending.Comment.ID
	own := func(c call, status int) visit {
		c.token = s.pending.Receipt
		v := everybody(c, status)
		v.own = true
		return v
	}
	anySite := func(c call) visit {
		return visit{call: c, nobody: 401, stranger: 200, guest: 200, desk: 200, chief: 200}
	}
	all := map[string][]visit{
		"POST /api/v1/sites/:site/comments": {everybody(call{path: paperComments, address: s.address,
			body: submission("One more of "+s.name, fields{"author_email": s.email})}, 201)},
		"GET /api/v1/sites/:site/thread": {
			showing(everybody(call{path: paperThread}, 200), "Shown of "),
			showing(everybody(call{path: paperThread + "&sort=newest&limit=1"}, 200), "Shown of "+s.name),
			everybody(call{path: paperThread + "&root=" + s.approved.Comment.ID}, 200),
		},
		"GET /api/v1/sites/:site/events": {
			everybody(call{path: "/api/v1/sites/paper/events?article=quay&since=x", wrong: true}, 422)}, // others do not end: see events_test.go
		"GET /api/v1/sites/:site/counts":   {everybody(call{path: "/api/v1/sites/paper/counts?article=quay&lang=pl"}, 200)},
		"POST /api/v1/sites/:site/preview": {everybody(call{path: "/api/v1/sites/paper/preview", body: fields{"body": "*x*"}}, 200)},
		"GET /api/v1/comments/:id":         {own(call{path: "/api/v1/comments/" + id}, 200)},
		"PATCH /api/v1/comments/:id": {own(call{path: "/api/v1/comments/" + id, address: s.address,
			body: fields{"body": "Changed of " + s.name}}, 200)},
		"DELETE /api/v1/comments/:id": {own(call{path: "/api/v1/comments/" + id}, 204)},

		"POST /api/v1/auth/login":   {everybody(call{path: loginPath, body: fields{"email": adaEmail, "password": adaPassword}}, 200)},
		"POST /api/v1/auth/refresh": {everybody(call{path: refreshPath, wrong: true}, 401)},
		"POST /api/v1/auth/logout":  {everybody(call{path: logoutPath}, 204)},
		"GET /api/v1/me":            {anySite(call{path: "/api/v1/me"})},
		"GET /api/v1/queue": {
			anySite(call{path: "/api/v1/queue"}),
			moderators(call{path: "/api/v1/queue?site=paper&sort=risk"}, 200),
			moderators(call{path: "/api/v1/queue?site=paper&status=approved&sort=newest"}, 200),
			moderators(call{path: "/api/v1/queue?site=paper&rule=links&host=shop.example&language=en&reported=true&appealed=true&q=shop"}, 200),
			moderators(call{path: "/api/v1/queue?site=paper&cluster=x&commenter=y&from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z"}, 200),
		},
		"GET /api/v1/queue/counts": {
			anySite(call{path: "/api/v1/queue/counts"}),
			moderators(call{path: "/api/v1/queue/counts?site=paper"}, 200),
		},
		"POST /api/v1/queue/claims": {
			anySite(call{path: "/api/v1/queue/claims", body: fields{"count": 2}}),
			moderators(call{path: "/api/v1/queue/claims", body: fields{"site": "paper", "count": 2, "minutes": 3, "sort": "risk", "language": "en"}}, 200),
		},
		"DELETE /api/v1/queue/claims": {
			anySite(call{path: "/api/v1/queue/claims"}),
			anySite(call{path: "/api/v1/queue/claims?comment=" + id}),
		},
		"POST /api/v1/queue/claims/renew": {
			anySite(call{path: "/api/v1/queue/claims/renew", body: fields{"minutes": 3}}),
		},
		"GET /api/v1/comments/:id/moderation": {
			moderators(call{path: "/api/v1/comments/" + id + "/moderation"}, 200),
			moderators(call{path: "/api/v1/comments/" + s.reply.Comment.ID + "/moderation"}, 200),
		},
		"POST /api/v1/comments/:id/decisions": {moderators(call{path: "/api/v1/comments/" + id + "/decisions",
			body: fields{"action": "reject", "version": 1, "reason": "Not here.", "note": "Seen."}}, 200)},
		"GET /api/v1/queue/groups": {
			moderators(call{path: "/api/v1/queue/groups?site=paper&by=commenter"}, 200),
			moderators(call{path: "/api/v1/queue/groups?site=paper&by=rule"}, 200),
		},
		"POST /api/v1/decisions": {
			moderators(call{path: "/api/v1/decisions", body: fields{"filter": fields{"site": "paper"}, "preview": true, "action": "reject"}}, 200),
			anySite(call{path: "/api/v1/decisions", body: fields{"ids": []string{s.declined.Comment.ID}, "action": "reject"}}),
		},
		"GET /api/v1/decisions": {
			anySite(call{path: "/api/v1/decisions?actor=ruleset&limit=3"}),
			moderators(call{path: "/api/v1/decisions?site=paper&actor=moderator&action=reject&reason_code=spam&moderator=" + id +
				"&from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z"}, 200),
		},
		"GET /api/v1/sites/:site/decisions.csv":  {moderators(call{path: "/api/v1/sites/paper/decisions.csv"}, 200)},
		"GET /api/v1/sites/:site/decisions.json": {moderators(call{path: "/api/v1/sites/paper/decisions.json?from=2026-01-01T00:00:00Z"}, 200)},
		"GET /api/v1/sites/:site/transparency":   {moderators(call{path: "/api/v1/sites/paper/transparency"}, 200)},
		"POST /api/v1/bulk-decisions/:id/undo": {{call: call{path: "/api/v1/bulk-decisions/" + s.decision + "/undo"},
			nobody: 401, stranger: 404, guest: 404, desk: 404, chief: 404}},
		"POST /api/v1/decisions/:id/undo": {{call: call{path: "/api/v1/decisions/" + s.decision + "/undo"},
			nobody: 401, stranger: 404, guest: 404, desk: 409, chief: 409}},
		"POST /api/v1/comments/:id/replies": {
			moderators(call{path: "/api/v1/comments/" + s.approved.Comment.ID + "/replies", body: fields{"body": "The desk answers " + s.name}}, 201),
			{call: call{path: "/api/v1/comments/" + id + "/replies", body: fields{"body": "Too early."}}, nobody: 401, stranger: 404, guest: 404, desk: 409, chief: 409},
		},
		"POST /api/v1/comments/:id/email-reveal": {moderators(call{path: "/api/v1/comments/" + id + "/email-reveal",
			body: fields{"reason": "A threat."}}, 200)},
		"GET /api/v1/sites": {anySite(call{path: "/api/v1/sites"})},
		"POST /api/v1/sites": {{call: call{path: "/api/v1/sites", body: fields{"slug": "new-" + s.name, "name": "New"}},
			nobody: 401, stranger: 403, guest: 403, desk: 403, chief: 201}},
		"PATCH /api/v1/sites/:site":         {admins(call{path: "/api/v1/sites/paper", body: fields{"settings": fields{"max_depth": 40}}}, 200)},
		"GET /api/v1/sites/:site/articles":  {moderators(call{path: "/api/v1/sites/paper/articles"}, 200)},
		"POST /api/v1/sites/:site/articles": {admins(call{path: "/api/v1/sites/paper/articles", body: fields{"key": "new-" + s.name}}, 201)},
		"PATCH /api/v1/sites/:site/articles": {admins(call{path: "/api/v1/sites/paper/articles?article=quay",
			body: fields{"title": "The quay"}}, 200)},
		"GET /api/v1/sites/:site/rulesets":          {moderators(call{path: "/api/v1/sites/paper/rulesets"}, 200)},
		"GET /api/v1/sites/:site/rulesets/:version": {moderators(call{path: "/api/v1/sites/paper/rulesets/2"}, 200)},
		"POST /api/v1/sites/:site/rulesets": {admins(call{path: "/api/v1/sites/paper/rulesets",
			body: fields{"source": stageRules, "note": "Again."}}, 201)},
		"POST /api/v1/sites/:site/rulesets/check": {admins(call{path: "/api/v1/sites/paper/rulesets/check",
			body: fields{"source": stageRules}}, 200)},
		"POST /api/v1/sites/:site/rulesets/:version/activate": {admins(call{path: "/api/v1/sites/paper/rulesets/2/activate"}, 200)},
	}
	for route, list := range reactionVisits(s) {
		all[route] = list
	}
	for route, list := range ruleLifeVisits() {
		all[route] = list
	}
	for route, list := range accountVisits(s) {
		all[route] = list
	}
	for route, list := range blockVisits(s) {
		all[route] = list
	}
	for route, list := range pageVisits(s) {
		all[route] = list
	}
	for route, list := range consoleRuleVisits() {
		all[route] = list
	}
	for route, list := range actVisits(s) {
		all[route] = list
	}
	for route, list := range administrationVisits(s) {
		all[route] = list
	}
	return all
}

// showing requires that the public answer holds the text.
func showing(v visit, text string) visit {
	v.shows = text
	return v
}

// reactionVisits are the visits of what readers do besides writing, and of aliases.
func reactionVisits(s scene) map[string][]visit {
	shown, aliases := "/api/v1/comments/"+s.approved.Comment.ID, "/api/v1/sites/paper/articles/aliases"
	own := func(a accepted, c call, status int) visit {
		c.token, c.address = a.Receipt, s.address
		v := everybody(c, status)
		v.own = true
		return v
	}
	return map[string][]visit{
		"PUT /api/v1/comments/:id/vote": {
			everybody(call{path: shown + "/vote", address: s.address, body: fields{"value": 1}}, 200),
			everybody(call{path: "/api/v1/comments/" + s.pending.Comment.ID + "/vote", address: s.address, body: fields{"value": -1}}, 404),
			own(s.approved, call{path: shown + "/vote", body: fields{"value": 1}}, 409),
		},
		"POST /api/v1/comments/:id/reports": {
			everybody(call{path: shown + "/reports", address: s.address, body: fields{"reason": "personal", "note": "Seen by " + s.name}}, 201),
			everybody(call{path: "/api/v1/comments/" + s.pending.Comment.ID + "/reports", address: s.address, body: fields{"reason": "spam"}}, 404),
		},
		"POST /api/v1/comments/:id/appeal": {own(s.declined, call{path: "/api/v1/comments/" + s.declined.Comment.ID + "/appeal",
			body: fields{"text": "Please look again."}}, 200)},
		"POST /api/v1/comments/:id/erasure":        {own(s.declined, call{path: "/api/v1/comments/" + s.declined.Comment.ID + "/erasure"}, 200)},
		"GET /api/v1/sites/:site/articles/aliases": {moderators(call{path: aliases + "?limit=2"}, 200)},
		"POST /api/v1/sites/:site/articles/aliases": {admins(call{path: aliases,
			body: fields{"alias": "new-" + s.name, "article": "quay"}}, 201)},
		"DELETE /api/v1/sites/:site/articles/aliases": {admins(call{path: aliases + "?alias=was-" + s.name}, 204)},
	}
}

// pageVisits are the visits of addresses outside the API. Without a session, the console leads to the sign-in page.
func pageVisits(s scene) map[string][]visit {
	id := s.pending.Comment.ID
	return map[string][]visit{
		"GET /sites/:site/thread": {everybody(call{path: "/sites/paper/thread?article=quay&lang=de"}, 200),
			everybody(call{path: "/sites/paper/thread?article=quay&sort=best&comment=" + s.approved.Comment.ID}, 200),
			everybody(call{path: "/sites/nosuch/thread?article=quay", wrong: true}, 404)},
		"POST /sites/:site/own": {everybody(call{path: "/sites/paper/own", header: asForm, address: s.address,
			body: form("article", "quay", "own", s.pending.Comment.ID+"."+s.pending.Receipt)}, 200)},
		"POST /sites/:site/preview": {everybody(call{path: "/sites/paper/preview", header: asForm, body: form("body", "*so*")}, 200)},
		"GET /sites/:site/page": {everybody(call{path: "/sites/paper/page?article=quay"}, 200),
			everybody(call{path: "/sites/paper/page?article=quay&sort=newest&reply_to=" + s.approved.Comment.ID}, 200)},
		"POST /sites/:site/comments": {
			everybody(call{path: "/sites/paper/comments", header: asForm, address: s.address, body: form("article", "quay", "author_name", "Ines",
				"author_email", s.email, "body", "By form of "+s.name, "remember", "yes")}, 303),
			everybody(call{path: "/sites/paper/comments", header: asForm, wrong: true, body: form("article", "quay", "body", "")}, 422),
		},
		"GET /sites/:site/feed.atom": {
			showing(everybody(call{path: "/sites/paper/feed.atom?article=quay"}, 200), "Shown of "+s.name),
			showing(everybody(call{path: "/sites/paper/feed.atom"}, 200), "Shown of "+s.name),
		},
		"GET /assets/:file":    {everybody(call{path: "/assets/page.css"}, 200)},
		"GET /embed.js":        {everybody(call{path: "/embed.js"}, 200)},
		"GET /demo":            {everybody(call{path: "/demo"}, 200)},
		"GET /demo/:page":      {everybody(call{path: "/demo/strict"}, 200), everybody(call{path: "/demo/nothing"}, 404)},
		"GET /openapi.yaml":    {everybody(call{path: "/openapi.yaml"}, 200)},
		"GET /healthz":         {everybody(call{path: "/healthz"}, 200)},
		"GET /readyz":          {everybody(call{path: "/readyz"}, 200)},
		"GET /console/sign-in": {visit{call: call{path: "/console/sign-in"}, nobody: 200, stranger: 303, guest: 303, desk: 303, chief: 303}},
		"POST /console/sign-in": {everybody(call{path: "/console/sign-in", header: asForm, body: form("email", adaEmail, "password", adaPassword)}, 303),
			everybody(call{path: "/console/sign-in", header: asForm, body: form("email", "nobody@paper.example", "password", "x")}, 401)},
		"POST /console/sign-out": {everybody(call{path: "/console/sign-out"}, 303)},
		"GET /console": {visit{call: call{path: "/console", wrong: true}, nobody: 303, stranger: 200, guest: 200, desk: 200, chief: 200},
			visit{call: call{path: "/console?site=paper&status=approved", wrong: true}, nobody: 303, stranger: 404, guest: 404, desk: 200, chief: 200}},
		"GET /console/dashboard": {visit{call: call{path: "/console/dashboard?period=7d", wrong: true}, nobody: 303, stranger: 200, guest: 200, desk: 200, chief: 200},
			visit{call: call{path: "/console/dashboard?site=paper", wrong: true}, nobody: 303, stranger: 404, guest: 404, desk: 200, chief: 200}},
		"GET /console/decisions.csv":  {visit{call: call{path: "/console/decisions.csv?site=paper", wrong: true}, nobody: 303, stranger: 404, guest: 404, desk: 200, chief: 200}},
		"GET /console/decisions.json": {visit{call: call{path: "/console/decisions.json?site=paper", wrong: true}, nobody: 303, stranger: 404, guest: 404, desk: 200, chief: 200}},
		"GET /console/events":         {visit{call: call{path: "/console/events?since=x", wrong: true}, nobody: 303, stranger: 422, guest: 422, desk: 422, chief: 422}},
		"GET /console/groups": {visit{call: call{path: "/console/groups", wrong: true}, nobody: 303, stranger: 200, guest: 200, desk: 200, chief: 200},
			visit{call: call{path: "/console/groups?site=paper&by=rule", wrong: true}, nobody: 303, stranger: 404, guest: 404, desk: 200, chief: 200}},
		"POST /console/comments/:id/decisions": {visit{call: call{path: "/console/comments/" + id + "/decisions", header: asForm, wrong: true,
			body: form("action", "spam", "version", "1")}, nobody: 303, stranger: 404, guest: 404, desk: 303, chief: 303}},
		"POST /console/bulk": {
			visit{call: call{path: "/console/bulk", header: asForm, wrong: true, body: form("action", "approve", "scope", "all", "site", "paper")},
				nobody: 303, stranger: 404, guest: 404, desk: 200, chief: 200},
			visit{call: call{path: "/console/bulk", header: asForm, wrong: true, body: form("action", "approve")},
				nobody: 303, stranger: 422, guest: 422, desk: 422, chief: 422}},
		"POST /console/bulk/:id/undo": {visit{call: call{path: "/console/bulk/" + s.decision + "/undo", header: asForm, wrong: true},
			nobody: 303, stranger: 404, guest: 404, desk: 404, chief: 404}},
		"POST /console/decisions/:id/undo": {visit{call: call{path: "/console/decisions/" + s.decision + "/undo", header: asForm, wrong: true},
			nobody: 303, stranger: 404, guest: 404, desk: 409, chief: 409}},
		"GET /console/comments/:id": {visit{call: call{path: "/console/comments/" + id, wrong: true}, nobody: 303, stranger: 404, guest: 404, desk: 200, chief: 200}},
		"POST /console/comments/:id/replies": {visit{call: call{path: "/console/comments/" + s.approved.Comment.ID + "/replies", header: asForm,
			wrong: true, body: form("body", "An answer in the console.")}, nobody: 303, stranger: 404, guest: 404, desk: 303, chief: 303}},
		"POST /console/comments/:id/email-reveal": {visit{call: call{path: "/console/comments/" + id + "/email-reveal", header: asForm, wrong: true,
			body: form("reason", "")}, nobody: 303, stranger: 404, guest: 404, desk: 422, chief: 422}},
	}
}

// cast are the access tokens of all kinds of callers.
type cast map[string]string

func (h *house) cast() cast {
	h.t.Helper()
	h.readersMay(func(settings *moderation.SiteSettings) { settings.Votes = moderation.VotesUpDown })
	must(h.Sites.Add(h.t.Context(), moderation.Viewer{}, moderation.NewSite{Slug: "lake", Name: "Lake", Origins: []string{lakeside}}))(h.t)
	return cast{
		"nobody":   "",
		"stranger": h.enrol("Stranger", auth.RoleModerator, "lake"),
		"guest":    h.enrol("Guest", auth.RoleAdmin, "lake"),
		"desk":     h.enrol("Desk", auth.RoleModerator, "paper", web.DemoSite),
		"chief":    h.enrol("Chief", auth.RoleAdmin),
	}
}

// as sends the visit with the access token of one of the cast, in the header and in the console's cookie.
func (v visit) as(route, token string) call {
	c := v.call
	c.method, _, _ = strings.Cut(route, " ")
	if v.own || token == "" {
		c.wrong = c.wrong || v.nobody == http.StatusUnauthorized
		return c
	}
	c.token = token
	c.header = map[string]string{"Cookie": "rejoinder_access=" + token}
	for name, value := range v.call.header {
		c.header[name] = value
	}
	return c
}

// routes returns every route but HEAD and OPTIONS, and requires a visit for each.
func (h *house) routes(all map[string][]visit) []string {
	h.t.Helper()
	var routes []string
	for _, r := range h.handler.(interface{ Routes() gin.RoutesInfo }).Routes() {
		route := r.Method + " " + r.Path
		switch {
		case r.Method == http.MethodHead || r.Method == http.MethodOptions:
		case len(all[route]) == 0:
			h.t.Errorf("%s is visited by no test: add it to visits", route)
		default:
			routes = append(routes, route)
		}
	}
	if len(routes) < 30 {
		h.t.Fatalf("only %d routes are visited", len(routes))
	}
	return routes
}

func TestEveryRouteLetsInWhomItShouldAndNobodyElse(t *testing.T) {
	h := newHouse(t)
	tokens := h.cast()
	for n, route := range h.routes(visits(scene{})) {
		for _, who := range []string{"nobody", "stranger", "guest", "desk", "chief"} {
			for i := range visits(scene{})[route] {
				s := h.scene(fmt.Sprintf("%d-%d-%s", n, i, who), "ines@mail.example", "")
				v := visits(s)[route][i]
				want := map[string]int{"nobody": v.nobody, "stranger": v.stranger, "guest": v.guest, "desk": v.desk, "chief": v.chief}[who]
				r := h.do(v.as(route, tokens[who]))
				if r.status != want {
					t.Errorf("%s %s as %s: status %d, want %d: %.300s", route, v.path, who, r.status, want, r.body)
				}
				if r.status >= 400 || who == "nobody" && !v.own {
					h.wantUntouched(s, route+" as "+who)
				}
				if (who == "stranger" || who == "guest") && strings.HasPrefix(route, "GET /api/v1/queue") && strings.Contains(string(r.body), s.name) {
					t.Errorf("%s as %s shows another site's comments: %s", route, who, r.body)
				}
			}
		}
	}
}

// wantUntouched requires that the pending comment still is as it was sent.
func (h *house) wantUntouched(s scene, what string) {
	h.t.Helper()
	open := must(h.Queue.Case(h.t.Context(), moderation.Viewer{}, s.pending.Comment.ID))(h.t)
	if open.Comment.Version != 1 || open.Comment.Status != moderation.StatusPending {
		h.t.Errorf("%s was refused, but the comment is %s in version %d", what, open.Comment.Status, open.Comment.Version)
	}
}
