package handlers_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pquerna/otp/totp"

	"rejoinder/auth"
)

// signInFrom signs a moderator in with a User-Agent and returns the access token.
func (h *testServer) signInFrom(agent, email, password string) string {
	h.t.Helper()
	var session struct {
		AccessToken string `json:"access_token"`
	}
	h.do(call{method: http.MethodPost, path: loginPath, body: fields{"email": email, "password": password},
		header: map[string]string{"User-Agent": agent}}).want(http.StatusOK, &session)
	return session.AccessToken
}

const (
	firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
	phone   = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)

type ownSession struct {
	ID, Client string
	Current    bool
}

func (a tokenClient) sessions() []ownSession {
	a.t.Helper()
	var list struct{ Items []ownSession }
	a.request(http.MethodGet, "/api/v1/me/sessions", nil).want(http.StatusOK, &list)
	return list.Items
}

func TestAModeratorSeesAndEndsSessions(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		moderator := h.as(h.signInFrom(firefox, adaEmail, adaPassword))
		h.clock.advance(time.Second)
		mobile := h.as(h.signInFrom(phone, adaEmail, adaPassword))
		h.clock.advance(time.Second)
		third := h.as(h.signInFrom("", adaEmail, adaPassword))
		listed := mobile.sessions()
		var told []string
		for _, s := range listed {
			told = append(told, s.Client+map[bool]string{true: " (this one)"}[s.Current])
		}
		if diff := cmp.Diff([]string{"", "Safari on iOS (this one)", "Firefox on Linux"}, told); diff != "" {
			h.t.Error(diff)
		}
		mobile.request(http.MethodDelete, "/api/v1/me/sessions/"+listed[2].ID, nil).want(http.StatusNoContent, nil)
		moderator.request(http.MethodGet, "/api/v1/me", nil).wantProblem(http.StatusUnauthorized, "sign-in")
		mobile.request(http.MethodDelete, "/api/v1/me/sessions/"+listed[2].ID, nil).wantProblem(http.StatusNotFound, "not-found")
		var ended struct{ Ended int }
		mobile.request(http.MethodDelete, "/api/v1/me/sessions", nil).want(http.StatusOK, &ended)
		third.request(http.MethodGet, "/api/v1/me", nil).wantProblem(http.StatusUnauthorized, "sign-in")
		if left := mobile.sessions(); ended.Ended != 1 || len(left) != 1 || !left[0].Current {
			h.t.Errorf("%d were ended, left are %+v", ended.Ended, left)
		}
		admin := h.as(h.registerModerator("Chief", auth.RoleAdmin))
		admin.request(http.MethodDelete, "/api/v1/me/sessions/"+mobile.sessions()[0].ID, nil).wantProblem(http.StatusNotFound, "not-found")
	})
}

func TestAnEndedSessionCanNotBeRenewed(t *testing.T) {
	h := newTestServer(t)
	old := h.post(loginPath, fields{"email": adaEmail, "password": adaPassword}).refreshCookie()
	h.as(h.ada()).request(http.MethodDelete, "/api/v1/me/sessions", nil).want(http.StatusOK, nil)
	h.do(withRefresh(refreshPath, old)).wantProblem(http.StatusUnauthorized, "session-over")
}

func TestChangingThePasswordRequiresTheCurrentOneAndEndsOtherSessions(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		here, there := h.as(h.ada()), h.as(h.ada())
		change := fields{"current_password": "not it at all", "new_password": "lanterns over the weir"}
		here.request(http.MethodPost, "/api/v1/me/password", change).wantProblem(http.StatusUnprocessableEntity, "wrong-password")
		change["current_password"] = adaPassword
		here.request(http.MethodPost, "/api/v1/me/password", change).want(http.StatusNoContent, nil)
		here.request(http.MethodGet, "/api/v1/me", nil).want(http.StatusOK, nil)
		there.request(http.MethodGet, "/api/v1/me", nil).wantProblem(http.StatusUnauthorized, "sign-in")
		h.login(adaEmail, "lanterns over the weir")
		change["current_password"] = "guess"
		for range 5 {
			here.request(http.MethodPost, "/api/v1/me/password", change).wantProblem(http.StatusUnprocessableEntity, "wrong-password")
		}
		here.request(http.MethodPost, "/api/v1/me/password", change).wantProblem(http.StatusTooManyRequests, "too-many")
	})
}

// authenticator is a moderator's authenticator.
type authenticator struct {
	*testServer
	secret string
}

func (a authenticator) code() string {
	a.t.Helper()
	return must(totp.GenerateCode(a.secret, a.clock.Now()))(a.t)
}

// next waits for the next code.
func (a authenticator) next() string { a.clock.advance(30 * time.Second); return a.code() }

// setUpFactor sets a second factor up and returns the app and the recovery codes.
func (a tokenClient) setUpFactor(password string) (authenticator, []string) {
	a.t.Helper()
	var enrolment struct {
		Secret string
		URL    string `json:"otpauth_url"`
		QR     string `json:"qr_png"`
	}
	a.request(http.MethodPost, "/api/v1/me/second-factor", fields{"password": password}).want(http.StatusCreated, &enrolment)
	shared := must(url.Parse(enrolment.URL))(a.t)
	if shared.Scheme != "otpauth" || shared.Query().Get("secret") != enrolment.Secret || shared.Query().Get("issuer") != "Rejoinder comments.example" {
		a.t.Errorf("the app is given %s", enrolment.URL)
	}
	if qr := must(base64.StdEncoding.DecodeString(enrolment.QR))(a.t); !strings.HasPrefix(string(qr), "\x89PNG") {
		a.t.Error("the QR code is no PNG")
	}
	phone := authenticator{a.testServer, enrolment.Secret}
	a.request(http.MethodPost, "/api/v1/me/second-factor/confirm", fields{"code": "12345"}).wantProblem(http.StatusUnprocessableEntity, "wrong-code")
	var confirmed struct {
		Codes []string `json:"recovery_codes"`
	}
	a.request(http.MethodPost, "/api/v1/me/second-factor/confirm", fields{"code": phone.code()}).want(http.StatusOK, &confirmed)
	return phone, confirmed.Codes
}

// firstStep signs in with the password and returns the token for the code.
func (h *testServer) firstStep(email, password string) string {
	h.t.Helper()
	var first struct {
		SecondFactor struct{ Token string } `json:"second_factor"`
	}
	r := h.post(loginPath, fields{"email": email, "password": password}).want(http.StatusOK, &first)
	if first.SecondFactor.Token == "" || r.header.Get("Set-Cookie") != "" {
		h.t.Fatalf("the first step is answered %s with cookies %q", r.body, r.header.Get("Set-Cookie"))
	}
	return first.SecondFactor.Token
}

func (h *testServer) secondStep(token, code string) reply {
	h.t.Helper()
	return h.post("/api/v1/auth/second-factor", fields{"token": token, "code": code})
}

func TestSigningInWithASecondFactor(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		elsewhere, ada := h.as(h.ada()), h.as(h.ada())
		phone, recovery := ada.setUpFactor(adaPassword)
		elsewhere.request(http.MethodGet, "/api/v1/me", nil).wantProblem(http.StatusUnauthorized, "sign-in")
		ada.request(http.MethodPost, "/api/v1/me/second-factor", fields{"password": adaPassword}).wantProblem(http.StatusConflict, "second-factor-on")

		token := h.firstStep(adaEmail, adaPassword)
		h.secondStep(token, phone.code()).wantProblem(http.StatusUnprocessableEntity, "wrong-code") // it confirmed the app
		code := phone.next()
		var session struct {
			AccessToken string `json:"access_token"`
		}
		h.secondStep(token, code).want(http.StatusOK, &session).refreshCookie()
		h.as(session.AccessToken).request(http.MethodGet, "/api/v1/queue", nil).want(http.StatusOK, nil)
		h.secondStep(token, code).wantProblem(http.StatusUnprocessableEntity, "wrong-code")
		h.secondStep(token, strings.ToUpper(strings.ReplaceAll(recovery[3], "-", " "))).want(http.StatusOK, nil)
		h.secondStep(token, recovery[3]).wantProblem(http.StatusUnprocessableEntity, "wrong-code")
		h.secondStep(token+"x", phone.next()).wantProblem(http.StatusUnauthorized, "sign-in")
		h.clock.advance(auth.ChallengeLife)
		h.secondStep(token, phone.code()).wantProblem(http.StatusUnauthorized, "sign-in")

		var me struct {
			SecondFactor struct {
				Enabled bool
				Left    int `json:"recovery_codes_left"`
			} `json:"second_factor"`
		}
		ada.request(http.MethodGet, "/api/v1/me", nil).want(http.StatusOK, &me)
		if !me.SecondFactor.Enabled || me.SecondFactor.Left != 9 {
			h.t.Errorf("the second factor is %+v", me.SecondFactor)
		}
		off := fields{"password": adaPassword, "code": "000000"}
		ada.request(http.MethodPost, "/api/v1/me/second-factor/disable", off).wantProblem(http.StatusUnprocessableEntity, "wrong-code")
		off["code"] = recovery[4]
		ada.request(http.MethodPost, "/api/v1/me/second-factor/disable", off).want(http.StatusNoContent, nil)
		h.ada()
	})
}

func TestGuessingCodesIsSlowedDown(t *testing.T) {
	h := newTestServer(t)
	phone, _ := h.as(h.ada()).setUpFactor(adaPassword)
	h.clock.advance(time.Minute)
	for range 5 {
		h.secondStep(h.firstStep(adaEmail, adaPassword), "000000").wantProblem(http.StatusUnprocessableEntity, "wrong-code")
	}
	token := h.firstStep(adaEmail, adaPassword)
	h.secondStep(token, phone.code()).wantProblem(http.StatusTooManyRequests, "too-many")
	h.secondStep(token, phone.next()).want(http.StatusOK, nil)
}

func TestALostSecondFactorIsResetByAnAdmin(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		ada, admin := h.as(h.ada()), h.as(h.registerModerator("Chief", auth.RoleAdmin))
		ada.setUpFactor(adaPassword)
		lost := admin.moderators()["Ada"]
		if !lost.SecondFactor {
			h.t.Error("the list does not show the second factor")
		}
		var reset link
		admin.request(http.MethodPost, moderatorsPath+"/"+lost.ID+"/link", nil).want(http.StatusCreated, &reset)
		r := h.accept(reset.Secret, "lanterns over the weir").want(http.StatusOK, nil)
		if !strings.Contains(string(r.body), "second_factor") || r.header.Get("Set-Cookie") != "" {
			h.t.Errorf("a reset password gets past the second factor: %s", r.body)
		}
		admin.request(http.MethodDelete, moderatorsPath+"/"+lost.ID+"/second-factor", nil).want(http.StatusNoContent, nil)
		h.login(adaEmail, "lanterns over the weir")
		admin.request(http.MethodDelete, moderatorsPath+"/"+lost.ID+"/second-factor", nil).wantProblem(http.StatusConflict, "second-factor-off")
		if got := admin.audit("?moderator="+lost.ID+"&action=reset_second_factor", "Chief"); len(got) != 1 {
			h.t.Errorf("the audit log has %d entries about the reset", len(got))
		}
	})
}

func TestASecondFactorMayBeRequiredOfEverybody(t *testing.T) {
	h := newTestServer(t, func(h *testServer) { h.factorRequired = true; h.Server = h.newServer(h.dataDir) })
	ada := h.as(h.ada())
	ada.request(http.MethodGet, "/api/v1/queue", nil).wantProblem(http.StatusForbidden, "second-factor-required")
	ada.request(http.MethodGet, "/api/v1/me", nil).want(http.StatusOK, nil)
	ada.setUpFactor(adaPassword)
	ada.request(http.MethodGet, "/api/v1/queue", nil).want(http.StatusOK, nil)
}

type auditEntry struct {
	Action        string
	ModeratorName string  `json:"moderator_name"`
	ModeratorID   *string `json:"moderator_id"`
	Site          *string
	Reason        string
}

// audit lists entries of one person, page by page of two.
func (a tokenClient) audit(query, by string) []auditEntry {
	a.t.Helper()
	var all []auditEntry
	for cursor := ""; ; {
		var page struct {
			Items []auditEntry
			Next  string `json:"next_cursor"`
		}
		a.request(http.MethodGet, "/api/v1/audit"+query+"&limit=2&cursor="+cursor, nil).want(http.StatusOK, &page)
		for _, e := range page.Items {
			if e.ModeratorName == by {
				all = append(all, e)
			}
		}
		if cursor = page.Next; cursor == "" {
			return all
		}
	}
}

func TestSignInAttemptsAreRecorded(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		step := func() { h.clock.advance(time.Second) }
		admin := h.as(h.registerModerator("Chief", auth.RoleAdmin))
		for range 5 {
			step()
			h.post(loginPath, fields{"email": adaEmail, "password": "wrong wrong wrong"}).wantProblem(http.StatusUnauthorized, "bad-credentials")
		}
		step()
		h.post(loginPath, fields{"email": "nobody@desk.example", "password": "wrong"}).wantProblem(http.StatusUnauthorized, "bad-credentials")
		ada := h.as(h.signInFrom(firefox, adaEmail, adaPassword))
		var own struct {
			Items []struct{ Outcome, Client string }
		}
		ada.request(http.MethodGet, "/api/v1/me/sign-ins", nil).want(http.StatusOK, &own)
		var outcomes []string
		for _, e := range own.Items {
			outcomes = append(outcomes, e.Outcome)
		}
		want := []string{"sign_in", "locked_out", "sign_in_failed", "sign_in_failed", "sign_in_failed", "sign_in_failed"}
		if diff := cmp.Diff(want, outcomes); diff != "" || own.Items[0].Client != "Firefox on Linux" {
			h.t.Errorf("from %q:\n%s", own.Items[0].Client, diff)
		}
		if got := admin.audit("?action=sign_in_failed", "Ada"); len(got) != 4 {
			h.t.Errorf("the audit log has %d failures of Ada's", len(got))
		}
		if got := admin.audit("?action=sign_in_failed", ""); len(got) != 1 || got[0].ModeratorID != nil {
			h.t.Errorf("the audit log has %+v under an unknown email", got)
		}
		since := "?since=" + url.QueryEscape(h.clock.Now().Format(time.RFC3339))
		if got := admin.audit(since, "Ada"); len(got) != 1 || got[0].Action != "sign_in" {
			h.t.Errorf("since a moment ago there was %+v", got)
		}
	})
}

func TestTheAuditLogIsFilteredBySiteAndByAccess(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		admin, local := h.as(h.registerModerator("Chief", auth.RoleAdmin)), h.as(h.registerModerator("Local", auth.RoleAdmin, "paper"))
		for path, change := range map[string]fields{
			"/api/v1/sites/paper": {"name": "The Gazette"}, "/api/v1/sites/demo": {"name": "The demo"},
			moderatorsPath + "/" + admin.moderators()["Ada"].ID: {"name": "Ada L"},
		} {
			admin.request(http.MethodPatch, path, change).want(http.StatusOK, nil)
		}
		admin.invite("Mine", "paper")
		actions := func(a tokenClient, query string) (list []string) {
			for _, e := range a.audit(query, "Chief") {
				list = append(list, e.Action)
			}
			slices.Sort(list) // the clock stood still
			return list
		}
		if diff := cmp.Diff([]string{"change_moderator", "change_site", "change_site", "invite_moderator", "sign_in"}, actions(admin, "?")); diff != "" {
			h.t.Errorf("of everything: %s", diff)
		}
		if diff := cmp.Diff([]string{"change_site", "invite_moderator"}, actions(local, "?")); diff != "" {
			h.t.Errorf("for an admin of one site: %s", diff)
		}
		if diff := cmp.Diff([]string{"change_site"}, actions(admin, "?site=demo")); diff != "" {
			h.t.Errorf("of one site: %s", diff)
		}
		local.request(http.MethodGet, "/api/v1/audit?site=demo", nil).wantProblem(http.StatusNotFound, "site-unknown")
		admin.do(call{method: http.MethodGet, path: "/api/v1/audit?since=yesterday", token: admin.token, wrong: true}).
			wantProblem(http.StatusUnprocessableEntity, "invalid", "/since malformed")
		admin.request(http.MethodGet, "/api/v1/audit?cursor=nonsense", nil).wantProblem(http.StatusBadRequest, "cursor")
	})
}

func TestTheConsoleAsksForTheCode(t *testing.T) {
	s := newFixture(t)
	h := &testServer{fixture: s}
	m := must(s.Auth.ModeratorWithEmail(t.Context(), adaEmail))(t)
	who := auth.Identity{ModeratorID: m.ID, SessionID: "s"}
	enrolment := must(s.Auth.SecondFactors.Enrol(t.Context(), who, auth.PasswordChange{Current: adaPassword}))(t)
	phone := authenticator{h, enrolment.Secret}
	must(s.Auth.SecondFactors.Confirm(t.Context(), who, phone.code()))(t)
	b := s.browser()
	first := b.post("/console/sign-in", url.Values{"email": {adaEmail}, "password": {adaPassword}, "next": {"/console?site=paper"}})
	_, rest, found := strings.Cut(first.body, `name="token" value="`)
	token, _, _ := strings.Cut(rest, `"`)
	if first.status != http.StatusOK || !found || strings.Contains(first.body, `name="password"`) {
		t.Fatalf("the first step is answered %d: %s", first.status, first.body)
	}
	step := url.Values{"token": {token}, "code": {"000000"}, "next": {"/console?site=paper"}}
	if again := b.post("/console/sign-in", step); again.status != http.StatusUnprocessableEntity || !strings.Contains(again.body, token) {
		t.Errorf("a wrong code is answered %d: %s", again.status, again.body)
	}
	step.Set("code", phone.next())
	if done := b.post("/console/sign-in", step); done.status != http.StatusSeeOther || b.cookie("/console", "rejoinder_access") == "" {
		t.Errorf("the right code is answered %d: %s", done.status, done.body)
	}
}
