package handlers_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rejoinder/auth"
	"rejoinder/moderation"
	"rejoinder/web"
)

// The roles with fewer permissions than a moderator, as columns of the table in the docs.
var lesserRoles = []auth.Role{auth.RoleViewer, auth.RoleWriter, auth.RoleRules}

// grant lists the lesser roles that may use a route that needs a login, and the scopes with which server keys
// may. Routes without a grant are for moderators or admins alone.
type grant struct {
	roles, scopes string
	routes        []string
}

var grants = []grant{
	{"viewer writer rules", "read", []string{
		"GET /api/v1/queue", "GET /api/v1/queue/counts", "GET /api/v1/comments/:id/moderation", "GET /api/v1/sites"}},
	{"viewer rules", "read", []string{
		"GET /api/v1/queue/groups", "GET /api/v1/decisions", "GET /api/v1/sites/:site/moderation", "GET /api/v1/sites/:site/transparency",
		"GET /api/v1/sites/:site/blocks"}},
	{"viewer writer rules", "articles read", []string{"GET /api/v1/sites/:site/articles"}},
	{"viewer rules", "articles read", []string{"GET /api/v1/sites/:site/articles/aliases"}},
	{"viewer rules", "read rules", []string{
		"GET /api/v1/sites/:site/rulesets", "GET /api/v1/sites/:site/rulesets/:version",
		"GET /api/v1/sites/:site/rulesets/:version/diff", "GET /api/v1/sites/:site/rules/health"}},
	{"viewer rules", "rules", []string{"POST /api/v1/sites/:site/rulesets/try"}},
	{"viewer rules", "export", []string{
		"GET /api/v1/sites/:site/decisions.csv", "GET /api/v1/sites/:site/decisions.json"}},
	{"writer", "", []string{"POST /api/v1/comments/:id/replies", "POST /console/comments/:id/replies"}},
	{"rules", "rules", []string{
		"POST /api/v1/sites/:site/rulesets", "POST /api/v1/sites/:site/rulesets/check",
		"POST /api/v1/sites/:site/rulesets/backtest", "POST /api/v1/sites/:site/rulesets/:version/activate",
		"POST /api/v1/sites/:site/rulesets/:version/rerun"}},
	{"", "moderate", []string{
		"POST /api/v1/comments/:id/decisions", "POST /api/v1/decisions", "POST /api/v1/decisions/:id/undo",
		"POST /api/v1/bulk-decisions/:id/undo", "POST /api/v1/comments/:id/blocks", "POST /api/v1/comments/:id/notes",
		"PATCH /api/v1/comments/:id/highlight", "POST /api/v1/sites/:site/blocks", "PATCH /api/v1/sites/:site/blocks/:id",
		"DELETE /api/v1/sites/:site/blocks/:id"}},
	{"", "articles", []string{
		"POST /api/v1/sites/:site/articles", "PUT /api/v1/sites/:site/articles",
		"POST /api/v1/sites/:site/articles/aliases", "DELETE /api/v1/sites/:site/articles/aliases"}},
	{"", "articles moderate", []string{"PATCH /api/v1/sites/:site/articles"}},
	{"", "export", []string{"GET /api/v1/sites/:site/export"}},
	{"", "hooks", []string{
		"GET /api/v1/sites/:site/webhooks", "POST /api/v1/sites/:site/webhooks",
		"GET /api/v1/sites/:site/webhooks/:id", "PATCH /api/v1/sites/:site/webhooks/:id",
		"DELETE /api/v1/sites/:site/webhooks/:id", "POST /api/v1/sites/:site/webhooks/:id/secret",
		"POST /api/v1/sites/:site/webhooks/:id/test", "POST /api/v1/sites/:site/webhooks/:id/pause",
		"POST /api/v1/sites/:site/webhooks/:id/resume", "POST /api/v1/sites/:site/webhooks/:id/resend",
		"GET /api/v1/sites/:site/webhooks/:id/deliveries", "GET /api/v1/sites/:site/webhooks/:id/deliveries/:delivery",
		"POST /api/v1/sites/:site/webhooks/:id/deliveries/:delivery/resend"}},
	{"viewer writer rules", "", []string{
		"GET /api/v1/me", "PUT /api/v1/me/language", "POST /api/v1/me/password", "POST /api/v1/me/email",
		"GET /api/v1/me/notifications", "PUT /api/v1/me/notifications",
		"GET /api/v1/me/sessions", "DELETE /api/v1/me/sessions", "DELETE /api/v1/me/sessions/:id", "GET /api/v1/me/sign-ins",
		"POST /api/v1/me/second-factor", "POST /api/v1/me/second-factor/confirm", "POST /api/v1/me/second-factor/disable",
		"GET /console/account", "POST /console/account/language", "POST /console/account/password", "POST /console/account/email", "POST /console/account/second-factor",
		"POST /console/account/second-factor/confirm", "POST /console/account/second-factor/disable",
		"POST /console/account/sessions/:id/end", "POST /console/account/sessions/end-others",
		"GET /console/notifications", "POST /console/notifications", "GET /console/account/link/:provider",
		"POST /console/account/unlink",
		"GET /console", "GET /console/sign-in", "GET /console/articles", "GET /console/comments/:id", "GET /console/events"}},
	{"viewer rules", "", []string{
		"GET /console/blocks", "GET /console/commenters", "GET /console/commenters/:id", "GET /console/dashboard",
		"GET /console/decisions.csv", "GET /console/decisions.json", "GET /console/groups", "GET /console/rules",
		"GET /console/rules/diff", "GET /console/rules/health", "GET /console/rules/lists", "GET /console/rules/try",
		"POST /console/rules/try", "GET /console/rules/versions", "GET /console/rules/versions/:version",
		"GET /console/sites/:site/blocks", "GET /console/transparency", "GET /console/transparency.csv",
		"GET /console/transparency.json"}},
	{"rules", "", []string{
		"GET /console/rules/build", "POST /console/rules/build", "GET /console/rules/draft", "POST /console/rules/draft",
		"GET /console/rules/edit", "POST /console/rules/edit", "POST /console/rules/lists", "POST /console/rules/mode",
		"GET /console/rules/versions/:version/activate", "POST /console/rules/versions/:version/activate"}},
}

// grantOf returns the grant of a route; an empty one if there is none.
func grantOf(route string) grant {
	for _, g := range grants {
		if slices.Contains(g.routes, route) {
			return g
		}
	}
	return grant{}
}

// open reports whether the response is the same for everybody.
func (v routeCase) open() bool {
	others := []int{v.otherModerator, v.otherAdmin, v.moderator, v.admin}
	return !slices.ContainsFunc(others, func(status int) bool { return status != v.nobody })
}

// asRole returns the expected response to one of the lesser roles of the site.
func (v routeCase) asRole(route string, role auth.Role) int {
	switch {
	case role == auth.RoleWriter && v.writer != 0:
		return v.writer
	case v.open():
		return v.moderator
	case slices.Contains(strings.Fields(grantOf(route).roles), string(role)):
		return v.granted()
	}
	return http.StatusForbidden
}

// granted returns the expected response to a permitted caller of the site.
func (v routeCase) granted() int {
	if v.moderator == http.StatusForbidden {
		return v.admin
	}
	return v.moderator
}

// scopesFor returns the scopes with which a key may use the route; those of the route unless the case says
// otherwise.
func (v routeCase) scopesFor(route string) []string {
	if v.scopes != "" {
		return strings.Fields(v.scopes)
	}
	return strings.Fields(grantOf(route).scopes)
}

// needsToken reports whether the request is of the API and needs a login.
func (v routeCase) needsToken(route string) bool {
	return v.nobody == http.StatusUnauthorized && !v.open() && strings.Contains(route, " /api/")
}

// withToken sends the request with a token in the header only.
func (v routeCase) withToken(route, token string) call {
	c := v.call
	c.method, _, _ = strings.Cut(route, " ")
	if !v.own {
		c.token = token
	}
	return c
}

// addScopedKeys adds a key for each scope of the site paper, one with all scopes of another site, and returns
// their secrets.
func (h *testServer) addScopedKeys() map[string]string {
	h.t.Helper()
	id := func(slug string) string { return must(h.Sites.Find(h.t.Context(), moderation.Viewer{}, slug))(h.t).ID }
	add := func(name, site string, scopes ...auth.Permission) string {
		_, secret, err := h.ServerKeys.Add(h.t.Context(), auth.Identity{}, auth.NewServerKey{
			Name: name, Scopes: scopes, SiteIDs: []string{id(site)}, PerMinute: auth.MaxKeyRate})
		if err != nil {
			h.t.Fatal(err)
		}
		return secret
	}
	secrets := map[string]string{"elsewhere": add("elsewhere", "lake", auth.Scopes()...)}
	for _, scope := range auth.Scopes() {
		secrets[string(scope)] = add(string(scope), "paper", scope)
	}
	return secrets
}

// TestRoutesAdmitPermittedRolesAndKeysOnly requests every route as the lesser roles and with server keys.
// What is open to everybody is only read: TestRoutesAdmitPermittedCallersOnly shows that it does not depend
// on the token.
func TestRoutesAdmitPermittedRolesAndKeysOnly(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	h.registerCallers()
	tokens := map[auth.Role]string{}
	for _, role := range lesserRoles {
		tokens[role] = h.registerModerator("As-"+string(role), role, "paper", web.DemoSite)
	}
	secrets := h.addScopedKeys()
	var s targets
	changed := true
	n := 0
	// send sends one request, to new targets after every change.
	send := func(route string, i int, to func(routeCase) call, want func(routeCase) int, who string) reply {
		if changed {
			n++
			s = h.newTargets(fmt.Sprintf("r%d", n), "ines@mail.example", "")
			must(h.Sites.ChangeArticle(h.t.Context(), moderation.Viewer{}, moderation.SiteArticle{SiteSlug: "paper", Key: "quay"},
				moderation.ArticleChange{Authors: &[]string{"As-writer"}}))(t)
		}
		v := routeCases(s)[route][i]
		c := to(v)
		r := h.do(c)
		changed = r.status < 400 && !strings.HasPrefix(route, "GET ")
		if want := want(v); r.status != want {
			t.Errorf("%s %s as %s: status %d, want %d: %.300s", route, v.path, who, r.status, want, r.body)
		}
		if r.status == http.StatusForbidden {
			h.wantUntouched(s, route+" as "+who)
		}
		return r
	}
	for _, route := range h.routes(routeCases(targets{})) {
		for i, v := range routeCases(targets{})[route] {
			if v.open() && !strings.HasPrefix(route, "GET ") {
				continue
			}
			for _, role := range lesserRoles {
				send(route, i, func(v routeCase) call { return v.as(route, tokens[role]) },
					func(v routeCase) int { return v.asRole(route, role) }, string(role))
			}
			if !v.needsToken(route) {
				send(route, i, func(v routeCase) call { return v.withToken(route, secrets["read"]) },
					func(v routeCase) int { return v.nobody }, "a key")
				continue
			}
			for name, secret := range secrets {
				r := send(route, i, func(v routeCase) call { return v.withToken(route, secret) },
					func(v routeCase) int { return v.asKey(route, name) }, "a key for "+name)
				if r.status == http.StatusForbidden {
					r.wantProblem(http.StatusForbidden, keyProblem(route))
				}
			}
		}
	}
}

func TestTheContractNamesTheScopesOfEveryRoute(t *testing.T) {
	want, got := map[string]string{}, map[string]string{}
	for _, o := range must(theContract())(t).Operations() {
		if len(o.Scopes) > 0 {
			got[o.Method+" "+o.Path] = strings.Join(o.Scopes, " ")
		}
	}
	for _, g := range grants {
		for _, route := range g.routes {
			if g.scopes != "" {
				want[ginParam.ReplaceAllString(route, "{$1}")] = g.scopes
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("openapi.yaml names other scopes of server keys (-want +got):\n%s", diff)
	}
}

// asKey returns the expected response to a key with one scope of the site, or to one of another site with all
// scopes.
func (v routeCase) asKey(route, name string) int {
	scopes := v.scopesFor(route)
	switch {
	case len(scopes) > 0 && name == "elsewhere":
		return v.otherAdmin
	case slices.Contains(scopes, name):
		return v.granted()
	}
	return http.StatusForbidden
}

// keyProblem is why a route refuses a key.
func keyProblem(route string) string {
	if grantOf(route).scopes == "" {
		return "key-refused"
	}
	return "key-scope"
}
