package handlers_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/moderation"
)

// expires lets every session run out.
func (s *stage) expires() { s.clock.advance(100 * 24 * time.Hour) }

func TestAnExpiredSessionKeepsWhatWasTyped(t *testing.T) {
	s := newStage(t)
	chief := s.chief()
	page := chief.get("/console/articles/one?site=paper&article=quay")
	s.expires()
	asked := page.fill(chief, "/console/articles/one", "title", "Lamps & more", "tags", "one\ntwo")
	asked.want(http.StatusUnauthorized, "Your session is over.", `value="Lamps &amp; more"`)
	wrong := asked.fill(chief, "/console/sign-in", "email", deskEmail("Chief"), "password", "a guess")
	wrong.want(http.StatusUnauthorized, "Email or password is wrong.")
	again := wrong.fill(chief, "/console/sign-in", "email", deskEmail("Chief"), "password", deskPassword)
	again.want(http.StatusOK, "Send it now", "Lamps &amp; more")
	chief.follow(again.fill(chief, "/console/articles/one")).want(http.StatusOK, "Saved.", `value="Lamps &amp; more"`, "one\ntwo")
}

func TestWhatWasTypedPassesTheSecondStep(t *testing.T) {
	s := newStage(t)
	b := s.signedIn(t)
	id := s.comment("quay", "", "Ines", "Waiting.")
	action, form := b.get("/console").decisionForm(id)
	m := must(s.Auth.ModeratorWithEmail(t.Context(), adaEmail))(t)
	who := auth.Identity{ModeratorID: m.ID, SessionID: "s"}
	enrolment := must(s.Auth.Enrol(t.Context(), who, auth.PasswordChange{Current: adaPassword, AddressKey: []byte("a")}))(t)
	phone := app{&house{stage: s}, enrolment.Secret}
	must(s.Auth.Confirm(t.Context(), who, auth.CodeRequest{Code: phone.code(), AddressKey: []byte("a")}))(t)
	form.Set("action", "approve")
	second := b.post(action, form).fill(b, "/console/sign-in", "email", adaEmail, "password", adaPassword)
	second.want(http.StatusOK, "Code of your authenticator app")
	done := second.fill(b, "/console/sign-in", "code", phone.next())
	b.follow(done.fill(b, "/console/comments/")).want(http.StatusOK, "The comment was approved.")
	if n := s.count(moderation.StatusApproved); n != 1 {
		t.Errorf("%d comments are approved", n)
	}
}

func TestSecretsAreTypedAgainAndNotKept(t *testing.T) {
	s := newStage(t)
	b := s.signedIn(t)
	page := b.get("/console/account")
	s.expires()
	asked := page.fill(b, "/console/account/password", "current_password", adaPassword, "new_password", deskPassword)
	b.follow(asked).lacks(adaPassword, deskPassword)
}

func TestAFormIsOnlyKeptForTheConsoleItself(t *testing.T) {
	s := newStage(t)
	for _, again := range []string{"https://evil.example/console/x", "//evil.example/console", "/sites/paper/comments", "/console/../demo"} {
		b := s.browserFor(t)
		sent := b.post("/console/sign-in", url.Values{"email": {adaEmail}, "password": {adaPassword}, "again": {again}, "kept.body": {"x"}})
		if sent.status != http.StatusSeeOther || sent.header.Get("Location") != "/console" {
			t.Errorf("%s is kept: %d", again, sent.status)
		}
	}
}
