package handlers_test

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
	"rejoinder/web"
)

// targets are what requests are about: a pending comment, an approved one with a pending reply, a declined
// one, their writer, and the article's alias.
type targets struct {
	pending  accepted
	approved accepted
	reply    accepted
	declined accepted
	name     string // part of all names that must not occur twice
	email    string
	address  string

	commenter string // id of their commenter
	decision  string // id of the rules' decision on the declined comment
	block     string // id of a block on the site paper
	colleague string // id of a moderator of the site paper, who is invited
	key       string // id of a server key of the site paper
	hook      string // id of a webhook of the site paper
	delivery  string // id of a delivery to it that failed
}

func (h *testServer) newTargets(name, email, address string) targets {
	h.t.Helper()
	s := targets{name: name, email: email, address: address}
	send := func(body string, changes fields) accepted {
		c := call{method: http.MethodPost, path: paperComments, address: address,
			body: submission(body, fields{"author_email": email, "remember": true}, changes)}
		var a accepted
		h.do(c).want(http.StatusCreated, &a)
		return a
	}
	s.pending = send("Waiting of "+name, nil)
	s.commenter = must(h.Queue.Case(h.t.Context(), moderation.Viewer{}, s.pending.Comment.ID))(h.t).Comment.CommenterID
	s.approved = send("Shown of "+name+", please publish it", nil)
	s.reply = send("Answer of "+name, fields{"parent_id": s.approved.Comment.ID})
	paper := must(h.Sites.Find(h.t.Context(), moderation.Viewer{}, "paper"))(h.t)
	m, _, err := h.Auth.Invite(h.t.Context(), auth.Identity{}, auth.NewModerator{Email: "co-" + name + "@desk.example",
		Name: "Colleague", Role: auth.RoleModerator, SiteIDs: []string{paper.ID}})
	if err != nil {
		h.t.Fatal(err)
	}
	s.colleague = m.ID
	key, _, err := h.ServerKeys.Add(h.t.Context(), auth.Identity{}, auth.NewServerKey{Name: "Key of " + name,
		Scopes: []auth.Permission{auth.PermissionRead}, SiteIDs: []string{paper.ID}})
	if err != nil {
		h.t.Fatal(err)
	}
	s.key = key.ID
	s.block = must(h.Queue.AddBlock(h.t.Context(), moderation.Viewer{ModeratorID: m.ID}, "paper",
		queue.NewBlock{Kind: moderation.BlockName, Value: "Pest of " + name}))(h.t).ID
	s.hook, s.delivery = h.someWebhook()
	s.declined = send("Not wanted of "+name+", please decline it", nil)
	s.decision = must(h.db.Decisions.Decisions(h.t.Context(), s.declined.Comment.ID))(h.t)[0].ID
	must(h.Sites.AddAlias(h.t.Context(), moderation.Viewer{}, "paper", moderation.NewAlias{Key: "was-" + name, ArticleKey: "quay"}))(h.t)
	return s
}

// routeCase is a valid request of one route, and the status that each kind of caller gets.
type routeCase struct {
	call
	own            bool   // the call proves itself; no access token goes along
	nobody         int    // without an access token
	otherModerator int    // a moderator of another site
	otherAdmin     int    // an admin of another site
	moderator      int    // a moderator of the site
	admin          int    // an admin of every site
	writer         int    // a writer of the site, if not as the route grants
	shows          string // text that the public response must contain
	scopes         string // the scopes that let a server key in; empty: those of the route (grants)
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

// publicCase is a request that gets the same response from everybody.
func publicCase(c call, status int) routeCase {
	return routeCase{call: c, nobody: status, otherModerator: status, otherAdmin: status, moderator: status, admin: status}
}

// moderatorCase is a request that moderators may send, on their sites.
func moderatorCase(c call, status int) routeCase {
	return routeCase{call: c, nobody: 401, otherModerator: 404, otherAdmin: 404, moderator: status, admin: status}
}

// adminCase is a request that admins may send, on their sites.
func adminCase(c call, status int) routeCase {
	return routeCase{call: c, nobody: 401, otherModerator: 403, otherAdmin: 404, moderator: 403, admin: status}
}

// withWriterStatus sets the response to writers, if it differs from the route's.
func withWriterStatus(status int, v routeCase) routeCase {
	v.writer = status
	return v
}

// withScopes sets the scopes with which a server key may, if they differ from the route's.
func withScopes(scopes string, v routeCase) routeCase {
	v.scopes = scopes
	return v
}

// routeCases has at least one request of every route.
func routeCases(s targets) map[string][]routeCase {
	id := s.pending.Comment.ID
	own := func(c call, status int) routeCase {
		c.token = s.pending.Receipt
		v := publicCase(c, status)
		v.own = true
		return v
	}
	anySite := func(c call) routeCase {
		return routeCase{call: c, nobody: 401, otherModerator: 200, otherAdmin: 200, moderator: 200, admin: 200}
	}
	all := map[string][]routeCase{
		"POST /api/v1/sites/:site/comments": {publicCase(call{path: paperComments, address: s.address,
			body: submission("One more of "+s.name, fields{"author_email": s.email})}, 201)},
		"GET /api/v1/sites/:site/thread": {
			withText(publicCase(call{path: paperThread}, 200), "Shown of "),
			withText(publicCase(call{path: paperThread + "&sort=newest&limit=1"}, 200), "Shown of "+s.name),
			publicCase(call{path: paperThread + "&root=" + s.approved.Comment.ID}, 200),
		},
		"GET /api/v1/sites/:site/events": {
			publicCase(call{path: "/api/v1/sites/paper/events?article=quay&since=x", wrong: true}, 422)}, // others do not end: see events_test.go
		"GET /api/v1/sites/:site/counts":   {publicCase(call{path: "/api/v1/sites/paper/counts?article=quay&lang=pl"}, 200)},
		"POST /api/v1/sites/:site/preview": {publicCase(call{path: "/api/v1/sites/paper/preview", body: fields{"body": "*x*"}}, 200)},
		"GET /api/v1/sites/:site/own":      {publicCase(call{path: "/api/v1/sites/paper/own", header: map[string]string{"X-Rejoinder-Identity": "e30.e30."}}, 409)},
		"GET /api/v1/comments/:id":         {own(call{path: "/api/v1/comments/" + id}, 200)},
		"PATCH /api/v1/comments/:id": {own(call{path: "/api/v1/comments/" + id, address: s.address,
			body: fields{"body": "Changed of " + s.name}}, 200)},
		"DELETE /api/v1/comments/:id": {own(call{path: "/api/v1/comments/" + id}, 204)},

		"POST /api/v1/auth/login":   {publicCase(call{path: loginPath, body: fields{"email": adaEmail, "password": adaPassword}}, 200)},
		"POST /api/v1/auth/refresh": {publicCase(call{path: refreshPath, wrong: true}, 401)},
		"POST /api/v1/auth/logout":  {publicCase(call{path: logoutPath}, 204)},
		"GET /api/v1/me":            {anySite(call{path: "/api/v1/me"})},
		"GET /api/v1/queue": {
			anySite(call{path: "/api/v1/queue"}),
			moderatorCase(call{path: "/api/v1/queue?site=paper&sort=risk"}, 200),
			moderatorCase(call{path: "/api/v1/queue?site=paper&status=approved&sort=newest"}, 200),
			withWriterStatus(403, moderatorCase(call{path: "/api/v1/queue?site=paper&rule=links&host=shop.example&language=en&reported=true&appealed=true&q=shop"}, 200)),
			moderatorCase(call{path: "/api/v1/queue?site=paper&cluster=x&commenter=y&from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z"}, 200),
		},
		"GET /api/v1/queue/counts": {
			anySite(call{path: "/api/v1/queue/counts"}),
			moderatorCase(call{path: "/api/v1/queue/counts?site=paper"}, 200),
		},
		"POST /api/v1/queue/claims": {
			anySite(call{path: "/api/v1/queue/claims", body: fields{"count": 2}}),
			moderatorCase(call{path: "/api/v1/queue/claims", body: fields{"site": "paper", "count": 2, "minutes": 3, "sort": "risk", "language": "en"}}, 200),
		},
		"DELETE /api/v1/queue/claims": {
			anySite(call{path: "/api/v1/queue/claims"}),
			anySite(call{path: "/api/v1/queue/claims?comment=" + id}),
		},
		"POST /api/v1/queue/claims/renew": {
			anySite(call{path: "/api/v1/queue/claims/renew", body: fields{"minutes": 3}}),
		},
		"POST /api/v1/comments/:id/claim": {
			moderatorCase(call{path: "/api/v1/comments/" + id + "/claim", body: fields{"minutes": 3}}, 200),
		},
		"GET /api/v1/comments/:id/moderation": {
			moderatorCase(call{path: "/api/v1/comments/" + id + "/moderation"}, 200),
			moderatorCase(call{path: "/api/v1/comments/" + s.reply.Comment.ID + "/moderation"}, 200),
		},
		"POST /api/v1/comments/:id/decisions": {moderatorCase(call{path: "/api/v1/comments/" + id + "/decisions",
			body: fields{"action": "reject", "version": 1, "reason": "Not here.", "note": "Seen."}}, 200)},
		"GET /api/v1/queue/groups": {
			moderatorCase(call{path: "/api/v1/queue/groups?site=paper&by=commenter"}, 200),
			moderatorCase(call{path: "/api/v1/queue/groups?site=paper&by=rule"}, 200),
		},
		"POST /api/v1/decisions": {
			moderatorCase(call{path: "/api/v1/decisions", body: fields{"filter": fields{"site": "paper"}, "preview": true, "action": "reject"}}, 200),
			anySite(call{path: "/api/v1/decisions", body: fields{"ids": []string{s.declined.Comment.ID}, "action": "reject"}}),
		},
		"GET /api/v1/decisions": {
			anySite(call{path: "/api/v1/decisions?actor=ruleset&limit=3"}),
			moderatorCase(call{path: "/api/v1/decisions?site=paper&actor=moderator&action=reject&reason_code=spam&moderator=" + id +
				"&from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z"}, 200),
		},
		"GET /api/v1/sites/:site/decisions.csv":  {moderatorCase(call{path: "/api/v1/sites/paper/decisions.csv"}, 200)},
		"GET /api/v1/sites/:site/decisions.json": {moderatorCase(call{path: "/api/v1/sites/paper/decisions.json?from=2026-01-01T00:00:00Z"}, 200)},
		"GET /api/v1/sites/:site/transparency":   {moderatorCase(call{path: "/api/v1/sites/paper/transparency"}, 200)},
		"POST /api/v1/bulk-decisions/:id/undo": {{call: call{path: "/api/v1/bulk-decisions/" + s.decision + "/undo"},
			nobody: 401, otherModerator: 404, otherAdmin: 404, moderator: 404, admin: 404}},
		"POST /api/v1/decisions/:id/undo": {{call: call{path: "/api/v1/decisions/" + s.decision + "/undo"},
			nobody: 401, otherModerator: 404, otherAdmin: 404, moderator: 409, admin: 409}},
		"POST /api/v1/comments/:id/replies": {
			moderatorCase(call{path: "/api/v1/comments/" + s.approved.Comment.ID + "/replies", body: fields{"body": "The desk answers " + s.name}}, 201),
			{call: call{path: "/api/v1/comments/" + id + "/replies", body: fields{"body": "Too early."}}, nobody: 401, otherModerator: 404, otherAdmin: 404, moderator: 409, admin: 409},
		},
		"PATCH /api/v1/comments/:id/highlight": {
			moderatorCase(call{path: "/api/v1/comments/" + s.approved.Comment.ID + "/highlight", body: fields{"pinned": true, "featured": true}}, 200),
			moderatorCase(call{path: "/api/v1/comments/" + s.approved.Comment.ID + "/highlight", body: fields{}, wrong: true}, 422),
			{call: call{path: "/api/v1/comments/" + id + "/highlight", body: fields{"featured": true}}, nobody: 401, otherModerator: 404, otherAdmin: 404, moderator: 409, admin: 409},
		},
		"POST /api/v1/comments/:id/email-reveal": {moderatorCase(call{path: "/api/v1/comments/" + id + "/email-reveal",
			body: fields{"reason": "A threat."}}, 200)},
		"GET /api/v1/sites": {anySite(call{path: "/api/v1/sites"})},
		"POST /api/v1/sites": {{call: call{path: "/api/v1/sites", body: fields{"slug": "new-" + s.name, "name": "New"}},
			nobody: 401, otherModerator: 403, otherAdmin: 403, moderator: 403, admin: 201}},
		"PATCH /api/v1/sites/:site":         {adminCase(call{path: "/api/v1/sites/paper", body: fields{"settings": fields{"max_depth": 40}}}, 200)},
		"GET /api/v1/sites/:site/articles":  {moderatorCase(call{path: "/api/v1/sites/paper/articles"}, 200)},
		"POST /api/v1/sites/:site/articles": {adminCase(call{path: "/api/v1/sites/paper/articles", body: fields{"key": "new-" + s.name}}, 201)},
		"PUT /api/v1/sites/:site/articles": {adminCase(call{path: "/api/v1/sites/paper/articles",
			body: fields{"articles": []fields{{"key": "put-" + s.name}}}}, 200)},
		"PATCH /api/v1/sites/:site/articles": {withScopes("articles", adminCase(call{path: "/api/v1/sites/paper/articles?article=quay",
			body: fields{"title": "The quay"}}, 200)),
			moderatorCase(call{path: "/api/v1/sites/paper/articles?article=quay", body: fields{"closed": false, "mode": "hold_first"}}, 200)},
		"GET /api/v1/sites/:site/identity-keys": {adminCase(call{path: "/api/v1/sites/paper/identity-keys"}, 200)},
		"POST /api/v1/sites/:site/identity-keys": {adminCase(call{path: "/api/v1/sites/paper/identity-keys",
			body: fields{"name": "Website " + s.name, "kind": "secret"}}, 201)},
		"DELETE /api/v1/sites/:site/identity-keys/:id": {adminCase(call{path: "/api/v1/sites/paper/identity-keys/" + id}, 404)},
		"GET /api/v1/sites/:site/moderation":           {moderatorCase(call{path: "/api/v1/sites/paper/moderation"}, 200)},
		"PATCH /api/v1/sites/:site/moderation":         {adminCase(call{path: "/api/v1/sites/paper/moderation", body: fields{"max_links": 2}}, 200)},
		"GET /api/v1/sites/:site/rulesets":             {moderatorCase(call{path: "/api/v1/sites/paper/rulesets"}, 200)},
		"GET /api/v1/sites/:site/rulesets/:version":    {moderatorCase(call{path: "/api/v1/sites/paper/rulesets/2"}, 200)},
		"POST /api/v1/sites/:site/rulesets": {adminCase(call{path: "/api/v1/sites/paper/rulesets",
			body: fields{"source": fixtureRules, "note": "Again."}}, 201)},
		"POST /api/v1/sites/:site/rulesets/check": {adminCase(call{path: "/api/v1/sites/paper/rulesets/check",
			body: fields{"source": fixtureRules}}, 200)},
		"POST /api/v1/sites/:site/rulesets/:version/activate": {adminCase(call{path: "/api/v1/sites/paper/rulesets/2/activate"}, 200)},
	}
	for route, list := range reactionCases(s) {
		all[route] = list
	}
	for route, list := range rulesetCases() {
		all[route] = list
	}
	for route, list := range accountCases(s) {
		all[route] = list
	}
	for route, list := range blockCases(s) {
		all[route] = list
	}
	for route, list := range pageCases(s) {
		all[route] = list
	}
	for route, list := range consoleRuleCases() {
		all[route] = list
	}
	for route, list := range ssoCases(s) {
		all[route] = list
	}
	for route, list := range mailCases(s) {
		all[route] = list
	}
	for route, list := range webhookCases(s) {
		all[route] = list
	}
	for route, list := range classifierCases() {
		all[route] = list
	}
	for route, list := range commentPageCases(s) {
		all[route] = list
	}
	for route, list := range administrationCases(s) {
		all[route] = list
	}
	return all
}

// withText requires that the public response contains the text.
func withText(v routeCase, text string) routeCase {
	v.shows = text
	return v
}

// callerTokens are the access tokens of all kinds of callers.
type callerTokens map[string]string

func (h *testServer) registerCallers() callerTokens {
	h.t.Helper()
	h.changeSettings(func(settings *moderation.SiteSettings) { settings.Votes = moderation.VotesUpDown })
	must(h.Sites.Add(h.t.Context(), moderation.Viewer{}, moderation.NewSite{Slug: "lake", Name: "Lake", Origins: []string{lakeside}}))(h.t)
	return callerTokens{
		"nobody":          "",
		"other-moderator": h.registerModerator("Stranger", auth.RoleModerator, "lake"),
		"other-admin":     h.registerModerator("Guest", auth.RoleAdmin, "lake"),
		"moderator":       h.registerModerator("Desk", auth.RoleModerator, "paper", web.DemoSite),
		"admin":           h.registerModerator("Chief", auth.RoleAdmin),
	}
}

// as sends the request with the access token of a person, in the header and in the console's cookie.
func (v routeCase) as(route, token string) call {
	c := v.call
	c.method, _, _ = strings.Cut(route, " ")
	if v.own || token == "" {
		c.wrong = c.wrong || v.nobody == http.StatusUnauthorized
		return c
	}
	c.token = token
	c.header = map[string]string{"Cookie": "__Host-rejoinder_access=" + token}
	for name, value := range v.call.header {
		c.header[name] = value
	}
	return c
}

// routes returns every route but HEAD and OPTIONS, by path, and requires a request for each.
func (h *testServer) routes(all map[string][]routeCase) []string {
	h.t.Helper()
	var routes []string
	for _, r := range h.handler.(interface{ Routes() gin.RoutesInfo }).Routes() {
		route := r.Method + " " + r.Path
		switch {
		case r.Method == http.MethodHead || r.Method == http.MethodOptions:
		case len(all[route]) == 0:
			h.t.Errorf("%s is requested by no test: add it to routeCases", route)
		default:
			routes = append(routes, route)
		}
	}
	if len(routes) < 30 {
		h.t.Fatalf("only %d routes are requested", len(routes))
	}
	slices.SortFunc(routes, func(a, b string) int {
		method, path, _ := strings.Cut(a, " ")
		other, its, _ := strings.Cut(b, " ")
		return cmp.Or(cmp.Compare(path, its), cmp.Compare(method, other))
	})
	return routes
}

func TestRoutesAdmitPermittedCallersOnly(t *testing.T) {
	h := newTestServer(t)
	tokens := h.registerCallers()
	routes := h.routes(routeCases(targets{}))
	wantInDocs(t, routes, routeCases(targets{}))
	var s targets
	changed := true // by the request before, so that the next needs targets of its own
	for n, route := range routes {
		for _, who := range callers {
			for i := range routeCases(targets{})[route] {
				if changed {
					s = h.newTargets(fmt.Sprintf("%d-%d-%s", n, i, who), "ines@mail.example", "")
				}
				v := routeCases(s)[route][i]
				want := v.outcomes()[who]
				r := h.do(v.as(route, tokens[who]))
				changed = r.status < 400 && !strings.HasPrefix(route, "GET ")
				if r.status != want {
					t.Errorf("%s %s as %s: status %d, want %d: %.300s", route, v.path, who, r.status, want, r.body)
				}
				if r.status >= 400 || who == "nobody" && !v.own {
					h.wantUntouched(s, route+" as "+who)
				}
				if strings.HasPrefix(who, "other-") && strings.HasPrefix(route, "GET /api/v1/queue") && strings.Contains(string(r.body), s.name) {
					t.Errorf("%s as %s shows another site's comments: %s", route, who, r.body)
				}
			}
		}
	}
}

// wantUntouched requires that the pending comment is unchanged.
func (h *testServer) wantUntouched(s targets, what string) {
	h.t.Helper()
	open := must(h.Queue.Case(h.t.Context(), moderation.Viewer{}, s.pending.Comment.ID))(h.t)
	if open.Comment.Version != 1 || open.Comment.Status != moderation.StatusPending {
		h.t.Errorf("%s was refused, but the comment is %s in version %d", what, open.Comment.Status, open.Comment.Version)
	}
}
