package handlers_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/moderation"
)

// expireSessions makes every session expire.
func (s *fixture) expireSessions() { s.clock.advance(100 * 24 * time.Hour) }

func TestAnExpiredSessionKeepsFormInput(t *testing.T) {
	s := newFixture(t)
	admin := s.newAdmin()
	page := admin.get("/console/articles/one?site=paper&article=quay")
	s.expireSessions()
	asked := page.fill(admin, "/console/articles/one", "title", "Lamps & more", "tags", "one\ntwo")
	asked.want(http.StatusUnauthorized, "Your session has ended.", `value="Lamps &amp; more"`)
	wrong := asked.fill(admin, "/console/sign-in", "email", moderatorEmail("Chief"), "password", "a guess")
	wrong.want(http.StatusUnauthorized, "Email or password is wrong.")
	again := wrong.fill(admin, "/console/sign-in", "email", moderatorEmail("Chief"), "password", moderatorPassword)
	again.want(http.StatusOK, "Send it now", "Lamps &amp; more")
	admin.follow(again.fill(admin, "/console/articles/one")).want(http.StatusOK, "Saved.", `value="Lamps &amp; more"`, "one\ntwo")
}

func TestFormInputSurvivesTheSecondStep(t *testing.T) {
	s := newFixture(t)
	b := s.adaBrowser(t)
	id := s.comment("quay", "", "Ines", "Waiting.")
	action, form := b.get("/console").decisionForm(id)
	m := must(s.Auth.ModeratorWithEmail(t.Context(), adaEmail))(t)
	who := auth.Identity{ModeratorID: m.ID, SessionID: "s"}
	enrolment := must(s.Auth.SecondFactors.Enrol(t.Context(), who, auth.PasswordChange{Current: adaPassword}))(t)
	phone := authenticator{&testServer{fixture: s}, enrolment.Secret}
	must(s.Auth.SecondFactors.Confirm(t.Context(), who, phone.code()))(t)
	form.Set("action", "approve")
	second := b.post(action, form).fill(b, "/console/sign-in", "email", adaEmail, "password", adaPassword)
	second.want(http.StatusOK, "Code from your authenticator app")
	done := second.fill(b, "/console/sign-in", "code", phone.next())
	b.follow(done.fill(b, "/console/comments/")).want(http.StatusOK, "The comment was approved.")
	if n := s.count(moderation.StatusApproved); n != 1 {
		t.Errorf("%d comments are approved", n)
	}
}

func TestSecretsAreTypedAgainAndNotKept(t *testing.T) {
	s := newFixture(t)
	b := s.adaBrowser(t)
	page := b.get("/console/account")
	s.expireSessions()
	asked := page.fill(b, "/console/account/password", "current_password", adaPassword, "new_password", moderatorPassword)
	b.follow(asked).wantWithout(adaPassword, moderatorPassword)
	form := url.Values{"name": {"toxicity"}, "secret": {"the-key-of-the-service"}}
	b.follow(b.post("/console/classifiers", form)).wantWithout("the-key-of-the-service")
	form.Set("secret", "")
	b.post("/console/classifiers", form).want(http.StatusUnauthorized, "Your session has ended.", `value="toxicity"`)
}

func TestAFormIsOnlyKeptForTheConsoleItself(t *testing.T) {
	s := newFixture(t)
	for _, again := range []string{"https://evil.example/console/x", "//evil.example/console", "/sites/paper/comments", "/console/../demo"} {
		b := s.browserFor(t)
		sent := b.post("/console/sign-in", url.Values{"email": {adaEmail}, "password": {adaPassword}, "again": {again}, "kept.body": {"x"}})
		if sent.status != http.StatusSeeOther || sent.header.Get("Location") != "/console" {
			t.Errorf("%s is kept: %d", again, sent.status)
		}
	}
}

func TestAFormTooLargeToKeepIsNotKeptAndThePageSaysSo(t *testing.T) {
	s := newFixture(t)
	b := s.browserFor(t)
	for size, keeps := range map[int]bool{60_000: true, 70_000: false, 200_000: false} {
		form := url.Values{"note": {strings.Repeat("x", size)}}
		sent := b.post("/console/claims", form)
		sent.want(http.StatusUnauthorized, "Your session has ended")
		if kept := strings.Contains(sent.body, strings.Repeat("x", size)); kept != keeps || !kept && !strings.Contains(sent.body, "too long to keep") {
			t.Errorf("of %d bytes: kept %t\n%.2000s", size, kept, sent.body)
		}
	}
	b.post("/console/sign-in", url.Values{"email": {adaEmail}, "password": {"a guess"}, "kept.note": {strings.Repeat("x", 70_000)}}).
		want(http.StatusRequestEntityTooLarge)
}

func TestUnauthorizedRulesetsAreNotReceived(t *testing.T) {
	h := newTestServer(t, func(h *testServer) { h.Config.Limits.Body = 16 << 10 })
	for token, want := range map[string]int{"": http.StatusUnauthorized, "no token": http.StatusUnauthorized,
		h.registerModerator("Desk", auth.RoleModerator): http.StatusForbidden} {
		body := &countedBody{left: 3 << 20}
		c := call{method: http.MethodPost, path: "/api/v1/sites/paper/rulesets/check", token: token, body: map[string]any{}, wrong: true}
		r := h.sendWith(c, func(r *http.Request) { r.Body, r.ContentLength = body, 3<<20 })
		if r.status != want || body.read != 0 {
			t.Errorf("token %.20q: status %d, want %d; %d bytes were received", token, r.status, want, body.read)
		}
	}
}

// countedBody is a body with that many bytes left, and counts the bytes read.
type countedBody struct{ left, read int }

func (b *countedBody) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, io.EOF
	}
	n := min(len(p), b.left)
	for i := range p[:n] {
		p[i] = '"'
	}
	b.left, b.read = b.left-n, b.read+n
	return n, nil
}

func (*countedBody) Close() error { return nil }
