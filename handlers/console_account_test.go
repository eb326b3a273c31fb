package handlers_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"rejoinder/auth"
)

// fill sends the page's form with that action and these values.
func (a pageResponse) fill(b *browser, action string, typed ...string) pageResponse {
	a.t.Helper()
	target, form := a.form(action)
	for i := 0; i+1 < len(typed); i += 2 {
		form.Set(typed[i], typed[i+1])
	}
	return b.post(target, form)
}

// newModerator registers a person without the console, and signs them in with another browser.
func (s *fixture) newModerator(name string, role auth.Role, change func(*auth.NewModerator)) *browser {
	s.t.Helper()
	n := auth.NewModerator{Email: moderatorEmail(name), Name: name, Role: role, Password: moderatorPassword}
	if change != nil {
		change(&n)
	}
	must(s.Auth.Register(s.t.Context(), n))(s.t)
	b := s.browserFor(s.t)
	b.get("/console/sign-in").fill(b, "/console/sign-in", "email", n.Email, "password", moderatorPassword).want(http.StatusSeeOther)
	return b
}

var keyShown = regexp.MustCompile(`<code class="key">([A-Z2-7 ]+)</code>`)

func TestTheAccountPageSetsASecondFactorUp(t *testing.T) {
	s := newFixture(t)
	b := s.adaBrowser(t)
	const account = "/console/account"
	b.get(account).fill(b, account+"/second-factor", "password", "a guess").want(http.StatusUnprocessableEntity, "This is not your current password.")
	shown := b.follow(b.get(account).fill(b, account+"/second-factor", "password", adaPassword))
	shown.want(http.StatusOK, `<svg class="qr"`)
	key := keyShown.FindStringSubmatch(shown.body)
	if key == nil {
		t.Fatal("no key to be typed")
	}
	phone := authenticator{&testServer{fixture: s}, strings.ReplaceAll(key[1], " ", "")}
	wrong := shown.fill(b, account+"/second-factor/confirm", "code", "000000")
	wrong.want(http.StatusUnprocessableEntity, `<svg class="qr"`, key[1], `aria-invalid="true"`)
	on := b.follow(wrong.fill(b, account+"/second-factor/confirm", "code", phone.code()))
	on.want(http.StatusOK, "The second factor is on.", "Your recovery codes", "10 recovery codes left")
	again := b.get(account)
	again.wantWithout("Your recovery codes", "<svg class=\"qr\"", key[1])
	off := again.fill(b, account+"/second-factor/disable", "password", adaPassword, "code", "000000")
	off.want(http.StatusUnprocessableEntity, "<details open>")
	b.follow(off.fill(b, account+"/second-factor/disable", "password", adaPassword, "code", phone.next())).want(http.StatusOK, "The second factor is off.")
}

func TestAnEnrolmentBelongsToTheSessionThatBeganIt(t *testing.T) {
	s := newFixture(t)
	b := s.adaBrowser(t)
	b.get("/console/account").fill(b, "/console/account/second-factor", "password", adaPassword).want(http.StatusSeeOther)
	kept := b.cookie("/console", "rejoinder_once")
	if kept == "" {
		t.Fatal("nothing is kept")
	}
	r := must(http.NewRequestWithContext(t.Context(), http.MethodGet, s.baseURL+"/console/account", nil))(t)
	other := s.adaBrowser(t)
	r.AddCookie(&http.Cookie{Name: "rejoinder_once", Value: kept})
	other.send(r).wantWithout("<svg class=\"qr\"")
}

func TestTheAccountPageChangesThePasswordAndEndsSessions(t *testing.T) {
	s := newFixture(t)
	b, elsewhere := s.adaBrowser(t), s.adaBrowser(t)
	page := b.get("/console/account")
	page.want(http.StatusOK, "access to all sites", "End all other sessions", "Signed in", "this session")
	short := page.fill(b, "/console/account/password", "current_password", adaPassword, "new_password", "short")
	short.want(http.StatusUnprocessableEntity, `<a href="#password-new_password">`, `aria-invalid="true"`)
	short.wantWithout(adaPassword, `value="short"`)
	b.follow(short.fill(b, "/console/account/password", "current_password", adaPassword, "new_password", moderatorPassword)).
		want(http.StatusOK, "Your password has been changed")
	elsewhere.get("/console").want(http.StatusSeeOther)
	b.get("/console/account").wantWithout("End all other sessions")
}

func TestOneSessionIsEndedByItsButton(t *testing.T) {
	s := newFixture(t)
	b, elsewhere := s.adaBrowser(t), s.adaBrowser(t)
	b.follow(b.get("/console/account").fill(b, "/console/account/sessions/")).want(http.StatusOK, "The session has ended.")
	elsewhere.get("/console").want(http.StatusSeeOther)
	b.get("/console").want(http.StatusOK)
}

func TestRequiredStepsRedirect(t *testing.T) {
	t.Run("a first password made by somebody else", func(t *testing.T) {
		s := newFixture(t)
		b := s.newModerator("Eve", auth.RoleAdmin, func(n *auth.NewModerator) { n.MustChangePassword = true })
		page := b.follow(b.get("/console"))
		page.want(http.StatusOK, "Your password was set by someone else.", "Current password")
		page.wantWithout("Second factor", "Sessions", `aria-label="Console"`)
		b.post("/console/account/sessions/end-others", nil).want(http.StatusForbidden)
		page.fill(b, "/console/account/password", "current_password", moderatorPassword, "new_password", "a password of her own choice").
			want(http.StatusSeeOther)
		b.get("/console").want(http.StatusOK, `aria-label="Console"`)
	})
	t.Run("a second factor that everybody needs", func(t *testing.T) {
		s := newFixture(t, func(s *fixture) {
			s.factorRequired = true
			dir := t.TempDir()
			s.Server = s.newServer(dir)
		})
		b := s.newModerator("Eve", auth.RoleModerator, nil)
		page := b.follow(b.get("/console"))
		page.want(http.StatusOK, "A second factor is required here.", "Set up a second factor")
		page.wantWithout("Current password", "Sessions")
		shown := b.follow(page.fill(b, "/console/account/second-factor", "password", moderatorPassword))
		phone := authenticator{&testServer{fixture: s}, strings.ReplaceAll(keyShown.FindStringSubmatch(shown.body)[1], " ", "")}
		b.follow(shown.fill(b, "/console/account/second-factor/confirm", "code", phone.code())).want(http.StatusOK, "Your recovery codes", `aria-label="Console"`)
		b.get("/console/account").wantWithout("Turn it off")
	})
}

func TestAnInvitationIsAccepted(t *testing.T) {
	s := newFixture(t)
	_, link, err := s.Auth.Invite(t.Context(), auth.Identity{}, auth.NewModerator{Email: moderatorEmail("Bo"), Name: "B.", Role: auth.RoleModerator})
	if err != nil {
		t.Fatal(err)
	}
	b := s.browser()
	address := "/console/invitation/" + link.Secret
	page := b.get(address)
	page.want(http.StatusOK, "Welcome", `value="B."`)
	b.post(address, url.Values{"name": {"Bo"}, "password": {moderatorPassword}}, "Origin", "https://evil.example").want(http.StatusForbidden)
	weak := page.fill(b, address, "name", "Bo Lind", "password", "short")
	weak.want(http.StatusUnprocessableEntity, `value="Bo Lind"`, `aria-invalid="true"`)
	b.follow(weak.fill(b, address, "name", "Bo Lind", "password", moderatorPassword)).want(http.StatusOK, "Bo Lind", "Sign out")
	b.get(address).want(http.StatusNotFound, "This link is not valid")
}

func TestTheLanguageFollowsTheAccount(t *testing.T) {
	s := newFixture(t)
	first := s.newAdmin()
	first.get("/console/account").want(http.StatusOK, `<html lang="en"`)
	first.follow(first.get("/console/account").fill(first, "/console/account/language", "language", "de")).
		want(http.StatusOK, `<html lang="de"`, "Ihr Konto")
	second := s.browserFor(t)
	second.get("/console/sign-in").want(http.StatusOK, `<html lang="en"`)
	second.signIn("/console/sign-in", moderatorEmail("Chief"), moderatorPassword).want(http.StatusSeeOther)
	second.get("/console/account").want(http.StatusOK, `<html lang="de"`)
	second.follow(second.get("/console/account").fill(second, "/console/account/language", "language", "")).
		want(http.StatusOK, `<html lang="en"`)
}
