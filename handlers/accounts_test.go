package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/moderation"
)

const moderatorsPath = "/api/v1/moderators"

// moderatorAccount is a moderator as admins see them.
type moderatorAccount struct {
	ID, Name, Role, Status string
	Sites                  []string
	SecondFactor           bool `json:"second_factor"`
	Link                   link
}

type link struct{ Kind, Secret, URL string }

// tokenClient sends requests with one access token.
type tokenClient struct {
	*testServer
	token string
}

func (h *testServer) as(token string) tokenClient { return tokenClient{h, token} }

func (a tokenClient) request(method, path string, body any) reply {
	a.t.Helper()
	return a.do(call{method: method, path: path, token: a.token, body: body})
}

func (a tokenClient) moderators() map[string]moderatorAccount {
	a.t.Helper()
	var list struct{ Items []moderatorAccount }
	a.request(http.MethodGet, moderatorsPath, nil).want(http.StatusOK, &list)
	byName := map[string]moderatorAccount{}
	for _, p := range list.Items {
		byName[p.Name] = p
	}
	return byName
}

func (a tokenClient) invite(name string, sites ...string) moderatorAccount {
	a.t.Helper()
	var invited moderatorAccount
	a.request(http.MethodPost, moderatorsPath, fields{"email": moderatorEmail(name), "name": name, "role": "moderator", "sites": append([]string{}, sites...)}).
		want(http.StatusCreated, &invited)
	return invited
}

func (h *testServer) accept(secret, password string) reply {
	return h.post("/api/v1/auth/links/accept", fields{"secret": secret, "name": "Eve Lamp", "password": password})
}

func TestAnInvitedModeratorSetsNameAndPasswordOnce(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		admin := h.as(h.registerModerator("Chief", auth.RoleAdmin))
		eve := admin.invite("Eve", "paper")
		if eve.Status != "invited" || eve.Link.Kind != "invitation" || eve.Link.URL != publicURL+"/console/invitation/"+eve.Link.Secret {
			h.t.Errorf("invited is %+v", eve)
		}
		if listed := admin.moderators()["Eve"]; listed.Status != "invited" || listed.Link.Kind != "invitation" || listed.Link.Secret != "" {
			h.t.Errorf("listed is %+v", listed)
		}
		h.post(loginPath, fields{"email": moderatorEmail("Eve"), "password": moderatorPassword}).wantProblem(http.StatusUnauthorized, "bad-credentials")

		var seen struct{ Kind, Name string }
		h.post("/api/v1/auth/links/look-up", fields{"secret": eve.Link.Secret}).want(http.StatusOK, &seen)
		if seen.Kind != "invitation" || seen.Name != "Eve" {
			h.t.Errorf("the link is for %+v", seen)
		}
		h.accept(eve.Link.Secret, "short").wantProblem(http.StatusUnprocessableEntity, "invalid", "/password invalid")
		var session struct {
			AccessToken string `json:"access_token"`
		}
		h.accept(eve.Link.Secret, moderatorPassword).want(http.StatusOK, &session).refreshCookie()
		h.as(session.AccessToken).request(http.MethodGet, "/api/v1/queue?site=paper", nil).want(http.StatusOK, nil)
		h.accept(eve.Link.Secret, moderatorPassword).wantProblem(http.StatusNotFound, "link")
		if listed := admin.moderators()["Eve Lamp"]; listed.Status != "active" || listed.Link.Kind != "" {
			h.t.Errorf("afterwards listed is %+v", listed)
		}
		h.login(moderatorEmail("Eve"), moderatorPassword)
	})
}

func TestALinkIsReplacedRevokedAndForgotten(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		admin := h.as(h.registerModerator("Chief", auth.RoleAdmin))
		eve := admin.invite("Eve")
		var second link
		admin.request(http.MethodPost, moderatorsPath+"/"+eve.ID+"/link", nil).want(http.StatusCreated, &second)
		h.accept(eve.Link.Secret, moderatorPassword).wantProblem(http.StatusNotFound, "link")
		admin.request(http.MethodDelete, moderatorsPath+"/"+eve.ID+"/link", nil).want(http.StatusNoContent, nil)
		h.accept(second.Secret, moderatorPassword).wantProblem(http.StatusNotFound, "link")
		admin.request(http.MethodDelete, moderatorsPath+"/"+eve.ID+"/link", nil).wantProblem(http.StatusNotFound, "link")

		var third link
		admin.request(http.MethodPost, moderatorsPath+"/"+eve.ID+"/link", nil).want(http.StatusCreated, &third)
		h.clock.advance(auth.LinkLife)
		h.accept(third.Secret, moderatorPassword).wantProblem(http.StatusNotFound, "link")
		admin = h.as(h.login(moderatorEmail("Chief"), moderatorPassword))
		admin.request(http.MethodPatch, moderatorsPath+"/"+eve.ID, fields{"disabled": true}).want(http.StatusOK, nil)
		admin.request(http.MethodPost, moderatorsPath+"/"+eve.ID+"/link", nil).wantProblem(http.StatusConflict, "disabled")
	})
}

func TestAPasswordResetLinkEndsEarlierSessions(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		admin, moderator := h.as(h.registerModerator("Chief", auth.RoleAdmin)), h.as(h.registerModerator("Desk", auth.RoleModerator))
		var reset link
		admin.request(http.MethodPost, moderatorsPath+"/"+admin.moderators()["Desk"].ID+"/link", nil).want(http.StatusCreated, &reset)
		if reset.Kind != "password_reset" {
			h.t.Errorf("the link is %+v", reset)
		}
		moderator.request(http.MethodGet, "/api/v1/me", nil).want(http.StatusOK, nil)
		h.accept(reset.Secret, "another long one, with rain").want(http.StatusOK, nil)
		moderator.request(http.MethodGet, "/api/v1/me", nil).wantProblem(http.StatusUnauthorized, "sign-in")
		h.post(loginPath, fields{"email": moderatorEmail("Desk"), "password": moderatorPassword}).wantProblem(http.StatusUnauthorized, "bad-credentials")
		if _, renamed := admin.moderators()["Eve Lamp"]; renamed {
			h.t.Error("a password reset changed the name")
		}
	})
}

func TestAnAdminOfCertainSitesReachesNoFurther(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		h.registerCallers()
		admin, local := h.as(h.login(moderatorEmail("Chief"), moderatorPassword)), h.as(h.registerModerator("Local", auth.RoleAdmin, "paper"))
		mine := local.invite("Mine", "paper")
		people := local.moderators()
		for name, want := range map[string]bool{"Local": true, "Mine": true, "Chief": false, "Desk": false, "Stranger": false, "Guest": false} {
			if _, seen := people[name]; seen != want {
				h.t.Errorf("%s is listed: %t", name, seen)
			}
		}
		beyond := fields{"email": "x@desk.example", "name": "X", "role": "moderator"}
		local.request(http.MethodPost, moderatorsPath, beyond).wantProblem(http.StatusForbidden, "role")
		beyond["sites"] = []string{"paper", "lake"}
		local.request(http.MethodPost, moderatorsPath, beyond).wantProblem(http.StatusUnprocessableEntity, "invalid", "/sites/1 unknown")
		local.request(http.MethodPatch, moderatorsPath+"/"+mine.ID, fields{"sites": []string{}}).wantProblem(http.StatusForbidden, "role")
		all := admin.moderators()
		for _, name := range []string{"Chief", "Desk", "Guest"} {
			local.request(http.MethodPatch, moderatorsPath+"/"+all[name].ID, fields{"disabled": true}).wantProblem(http.StatusNotFound, "not-found")
			local.request(http.MethodPost, moderatorsPath+"/"+all[name].ID+"/link", nil).wantProblem(http.StatusNotFound, "not-found")
		}
		var changed moderatorAccount
		local.request(http.MethodPatch, moderatorsPath+"/"+mine.ID, fields{"role": "admin", "name": "Ours"}).want(http.StatusOK, &changed)
		if changed.Role != "admin" || changed.Name != "Ours" || strings.Join(changed.Sites, " ") != "paper" {
			h.t.Errorf("changed is %+v", changed)
		}
	})
}

func TestTheLastAdminStaysOne(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		admin := h.as(h.registerModerator("Chief", auth.RoleAdmin))
		id := admin.moderators()["Chief"].ID
		refused := []fields{{"disabled": true}, {"role": "moderator"}, {"sites": []string{"paper"}}}
		h.registerModerator("Local", auth.RoleAdmin, "paper")
		admin.request(http.MethodPost, moderatorsPath, fields{"email": "i@desk.example", "name": "Invited", "role": "admin"}).want(http.StatusCreated, nil)
		for _, change := range refused {
			admin.request(http.MethodPatch, moderatorsPath+"/"+id, change).wantProblem(http.StatusConflict, "last-admin")
		}
		second := h.as(h.registerModerator("Second", auth.RoleAdmin))
		second.request(http.MethodPatch, moderatorsPath+"/"+id, refused[0]).want(http.StatusOK, nil)
		second.request(http.MethodPatch, moderatorsPath+"/"+second.moderators()["Second"].ID, refused[1]).wantProblem(http.StatusConflict, "last-admin")
		second.request(http.MethodPatch, moderatorsPath+"/"+id, fields{"disabled": false}).want(http.StatusOK, nil)
		second.request(http.MethodPatch, moderatorsPath+"/"+id, fields{"name": " "}).wantProblem(http.StatusUnprocessableEntity, "invalid", "/name required")
	})
}

func TestRevokedAccessEndsAtOnce(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		admin, moderator := h.as(h.registerModerator("Chief", auth.RoleAdmin)), h.as(h.registerModerator("Desk", auth.RoleAdmin))
		path := moderatorsPath + "/" + admin.moderators()["Desk"].ID
		moderator.request(http.MethodGet, "/api/v1/audit", nil).want(http.StatusOK, nil)
		admin.request(http.MethodPatch, path, fields{"role": "moderator"}).want(http.StatusOK, nil)
		moderator.request(http.MethodGet, "/api/v1/audit", nil).wantProblem(http.StatusForbidden, "role")
		moderator.request(http.MethodGet, "/api/v1/queue?site=paper", nil).want(http.StatusOK, nil)
		admin.request(http.MethodPatch, path, fields{"sites": []string{"demo"}}).want(http.StatusOK, nil)
		moderator.request(http.MethodGet, "/api/v1/queue?site=paper", nil).wantProblem(http.StatusNotFound, "site-unknown")
		moderator.request(http.MethodGet, "/api/v1/queue?site=nowhere", nil).wantProblem(http.StatusNotFound, "site-unknown")
		admin.request(http.MethodPatch, path, fields{"disabled": true}).want(http.StatusOK, nil)
		moderator.request(http.MethodGet, "/api/v1/me", nil).wantProblem(http.StatusUnauthorized, "sign-in")
		admin.request(http.MethodPatch, path, fields{"disabled": false}).want(http.StatusOK, nil)
		moderator.request(http.MethodGet, "/api/v1/me", nil).wantProblem(http.StatusUnauthorized, "sign-in") // that session is over
		h.as(h.login(moderatorEmail("Desk"), moderatorPassword)).request(http.MethodGet, "/api/v1/me", nil).want(http.StatusOK, nil)
	})
}

// secondServer is a second server on the same database and keys, with the same clock.
func (h *testServer) secondServer() *testServer {
	copied := *h.fixture
	copied.Server = copied.newServer(h.dataDir)
	return &testServer{fixture: &copied, handler: must(copied.Handler())(h.t), dataDir: h.dataDir}
}

// signallingChanges is a source of changes that reports when it has a subscriber.
type signallingChanges struct {
	*db.DB
	listening chan struct{}
}

func (c signallingChanges) Watch(ctx context.Context, tell func(moderation.Change)) error {
	var once sync.Once
	return c.DB.Watch(ctx, func(change moderation.Change) {
		tell(change)
		once.Do(func() { close(c.listening) }) // the first is that listening has begun
	})
}

func TestRevokedAccessEndsOnOtherNodesToo(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		admin, token, other := h.as(h.registerModerator("Chief", auth.RoleAdmin)), h.registerModerator("Desk", auth.RoleModerator), h.secondServer()
		path := moderatorsPath + "/" + admin.moderators()["Desk"].ID
		listening := make(chan struct{})
		other.Changes = signallingChanges{h.db, listening}
		other.followChanges()
		<-listening
		moderator, deaf := other.as(token), h.secondServer().as(token)
		moderator.request(http.MethodGet, "/api/v1/me", nil).want(http.StatusOK, nil)
		admin.request(http.MethodPatch, path, fields{"name": "Renamed"}).want(http.StatusOK, nil)
		var me struct{ Name string }
		moderator.request(http.MethodGet, "/api/v1/me", nil).want(http.StatusOK, &me)
		if me.Name != "Renamed" {
			h.t.Errorf("a node that was notified of a change still has %q", me.Name)
		}
		deaf.request(http.MethodGet, "/api/v1/me", nil).want(http.StatusOK, nil)
		admin.request(http.MethodPatch, path, fields{"disabled": true}).want(http.StatusOK, nil)
		moderator.request(http.MethodGet, "/api/v1/me", nil).wantProblem(http.StatusUnauthorized, "sign-in")
		h.clock.advance(auth.PrincipalCacheAge) // this one was not notified
		deaf.request(http.MethodGet, "/api/v1/me", nil).wantProblem(http.StatusUnauthorized, "sign-in")
	})
}

func TestTwoNodesRenewTheSameTokenAtOnce(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		other := h.secondServer()
		token := h.post(loginPath, fields{"email": adaEmail, "password": adaPassword}).refreshCookie()
		answers := make(chan reply, 8)
		for i := range cap(answers) {
			node := []*testServer{h, other}[i%2]
			go func() { answers <- node.send(withRefresh(refreshPath, token)) }()
		}
		successors := map[string]bool{}
		for range cap(answers) {
			r := <-answers
			successors[r.want(http.StatusOK, nil).refreshCookie()] = true
		}
		if len(successors) != 1 {
			h.t.Errorf("one token was traded for %d", len(successors))
		}
		for successor := range successors {
			h.clock.advance(time.Minute)
			other.do(withRefresh(refreshPath, successor)).want(http.StatusOK, nil)
		}
		h.do(withRefresh(refreshPath, token)).wantProblem(http.StatusUnauthorized, "session-over")
	})
}

func TestAPasswordThatSomebodyElseMadeMustBeChangedFirst(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		must(h.Auth.Register(h.t.Context(), auth.NewModerator{Email: moderatorEmail("Eve"), Name: "Eve", Role: auth.RoleAdmin,
			Password: moderatorPassword, MustChangePassword: true}))(h.t)
		eve := h.as(h.login(moderatorEmail("Eve"), moderatorPassword))
		for _, path := range []string{"/api/v1/queue", moderatorsPath, "/api/v1/me/sessions", "/api/v1/sites"} {
			eve.request(http.MethodGet, path, nil).wantProblem(http.StatusForbidden, "password-change-required")
		}
		eve.request(http.MethodPost, "/api/v1/me/second-factor", fields{"password": moderatorPassword}).
			wantProblem(http.StatusForbidden, "password-change-required")
		var me struct{ Duty string }
		eve.request(http.MethodGet, "/api/v1/me", nil).want(http.StatusOK, &me)
		if me.Duty != "change_password" {
			h.t.Errorf("the duty is %q", me.Duty)
		}
		change := fields{"current_password": moderatorPassword, "new_password": moderatorPassword}
		eve.request(http.MethodPost, "/api/v1/me/password", change).wantProblem(http.StatusUnprocessableEntity, "invalid", "/new_password invalid")
		change["new_password"] = "a password of her own choice"
		eve.request(http.MethodPost, "/api/v1/me/password", change).want(http.StatusNoContent, nil)
		eve.request(http.MethodGet, "/api/v1/queue", nil).want(http.StatusOK, nil)
	})
}

// TestAnAdminOfCertainSitesDoesNotLearnWhoWorksOnOthers invites an unknown person and one who works on another
// site: the responses to the admin must be the same.
func TestAnAdminOfCertainSitesDoesNotLearnWhoWorksOnOthers(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		h.registerCallers()
		local := h.as(h.registerModerator("Local", auth.RoleAdmin, "paper"))
		seen := func(email string) (string, link) {
			var all strings.Builder
			body := fields{"email": email, "name": "Guess", "role": "moderator", "sites": []string{"paper"}}
			invited, last := moderatorAccount{}, link{}
			made := local.request(http.MethodPost, moderatorsPath, body)
			made.want(http.StatusCreated, &invited)
			path := moderatorsPath + "/" + invited.ID
			for _, r := range []reply{made,
				local.request(http.MethodPost, moderatorsPath, body),
				local.request(http.MethodPost, moderatorsPath, fields{"email": email, "name": "Guess", "role": "moderator"}),
				local.request(http.MethodPatch, path, fields{"name": "Guessed"}),
				local.request(http.MethodDelete, path+"/link", nil),
				local.request(http.MethodDelete, path+"/second-factor", nil),
				local.request(http.MethodPost, path+"/link", nil).want(http.StatusCreated, &last),
				h.post("/api/v1/auth/links/look-up", fields{"secret": last.Secret}),
				h.accept(last.Secret, "short"),
				h.post(loginPath, fields{"email": email, "password": "a wrong one, for certain"}),
				local.request(http.MethodPatch, path, fields{"disabled": true}),
				h.accept(last.Secret, moderatorPassword),
				local.request(http.MethodPatch, path, fields{"disabled": false}),
			} {
				fmt.Fprintf(&all, "%s %d %s\n", r.what, r.status, r.body)
			}
			ids := regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|[\w-]{43}`)
			return ids.ReplaceAllString(all.String(), "ID"), last
		}
		unknown, free := seen("nobody@desk.example")
		known, taken := seen(moderatorEmail("Stranger"))
		if unknown != known {
			h.t.Errorf("somebody unknown:\n%s\nsomebody who works elsewhere:\n%s", unknown, known)
		}
		h.send(call{method: http.MethodPost, path: "/console/moderators", header: map[string]string{
			"Content-Type": asForm["Content-Type"], "Origin": publicURL, "Cookie": "__Host-rejoinder_access=" + local.token},
			body: form("email", moderatorEmail("Guest"), "name", "Guess", "role", "moderator", "sites", "paper")}).want(http.StatusSeeOther, nil)
		h.accept(free.Secret, moderatorPassword).want(http.StatusOK, nil)
		h.accept(taken.Secret, moderatorPassword).wantProblem(http.StatusConflict, "exists")
		h.as(h.login(moderatorEmail("Stranger"), moderatorPassword)).request(http.MethodGet, "/api/v1/queue?site=paper", nil).
			wantProblem(http.StatusNotFound, "site-unknown")
	})
}

func TestAModeratorChoosesALanguage(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		moderator := h.as(h.registerModerator("Desk", auth.RoleModerator))
		var me struct {
			Language string
			TimeZone string `json:"time_zone"`
		}
		for _, tag := range []string{"de", ""} {
			moderator.request(http.MethodPut, "/api/v1/me/language", fields{"language": tag}).want(http.StatusNoContent, nil)
			moderator.request(http.MethodPut, "/api/v1/me/language", fields{"language": "tlh"}).
				wantProblem(http.StatusUnprocessableEntity, "invalid", "/language unknown")
			moderator.request(http.MethodGet, "/api/v1/me", nil).want(http.StatusOK, &me)
			if me.Language != tag {
				h.t.Errorf("the language is %q, not the chosen %q", me.Language, tag)
			}
		}
		moderator.request(http.MethodPut, "/api/v1/me/language", fields{"language": "de", "time_zone": "Mars/Base"}).
			wantProblem(http.StatusUnprocessableEntity, "invalid", "/time_zone unknown")
		moderator.request(http.MethodPut, "/api/v1/me/language", fields{"language": "", "time_zone": "Asia/Tokyo"}).want(http.StatusNoContent, nil)
		moderator.request(http.MethodPut, "/api/v1/me/language", fields{"language": "de"}).want(http.StatusNoContent, nil)
		moderator.request(http.MethodGet, "/api/v1/me", nil).want(http.StatusOK, &me)
		if me.Language != "de" || me.TimeZone != "Asia/Tokyo" {
			h.t.Errorf("the choices are %+v", me)
		}
	})
}
