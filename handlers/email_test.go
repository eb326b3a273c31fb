package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/moderation"
)

func TestModeratorsChangeTheirEmailWithTheirPassword(t *testing.T) {
	eachPost(t, func(p *post) {
		p.cast()
		here, there := p.as(p.ada()), p.as(p.ada())
		const path, renamed = "/api/v1/me/email", "ada@new.example"
		for _, c := range []struct {
			name    string
			body    fields
			status  int
			problem []string
		}{
			{"a wrong password", fields{"password": "not it", "email": renamed}, 422, []string{"wrong-password"}},
			{"no email", fields{"password": adaPassword, "email": " "}, 422, []string{"invalid", "/email required"}},
			{"an email without @", fields{"password": adaPassword, "email": "ada"}, 422, []string{"invalid", "/email invalid"}},
			{"the email of a colleague", fields{"password": adaPassword, "email": strings.ToUpper(deskEmail("desk"))}, 409, []string{"exists"}},
		} {
			p.t.Log(c.name)
			here.ask(http.MethodPost, path, c.body).wantProblem(c.status, c.problem[0], c.problem[1:]...)
		}
		p.clock.advance(time.Minute) // five attempts failed
		here.ask(http.MethodPost, path, fields{"password": adaPassword, "email": adaEmail}).want(http.StatusNoContent, nil)
		p.clock.advance(time.Minute)
		there.ask(http.MethodGet, "/api/v1/me", nil).want(http.StatusOK, nil) // it was not a change
		here.ask(http.MethodPost, path, fields{"password": adaPassword, "email": " " + renamed}).want(http.StatusNoContent, nil)
		here.ask(http.MethodGet, "/api/v1/me", nil).want(http.StatusOK, nil)
		there.ask(http.MethodGet, "/api/v1/me", nil).wantProblem(http.StatusUnauthorized, "sign-in")
		p.post(loginPath, fields{"email": adaEmail, "password": adaPassword}).wantProblem(http.StatusUnauthorized, "bad-credentials")
		p.login(renamed, adaPassword)
		p.deliver()
		told := p.newest(adaEmail, "Your account was changed")
		if !strings.Contains(told.Text, "This address no longer signs in") || strings.Contains(told.Text, renamed) {
			p.t.Errorf("the mail to the old address is\n%s", told.Text)
		}
	})
}

func TestTryingOutEmailsOfOthersIsSlow(t *testing.T) {
	h := newTestServer(t)
	h.cast()
	here := h.as(h.ada())
	taken := fields{"password": adaPassword, "email": deskEmail("desk")}
	for range 5 {
		here.ask(http.MethodPost, "/api/v1/me/email", taken).wantProblem(http.StatusConflict, "exists")
	}
	here.ask(http.MethodPost, "/api/v1/me/email", taken).wantProblem(http.StatusTooManyRequests, "too-many")
}

func TestAdminsChangeTheEmailOfOthers(t *testing.T) {
	eachPost(t, func(p *post) {
		p.cast()
		chief, local := p.as(p.login(deskEmail("Chief"), deskPassword)), p.as(p.enrol("Local", auth.RoleAdmin, "paper"))
		mine := local.invite("Mine", "paper")
		all := chief.people()
		desk := p.as(p.login(deskEmail("Desk"), deskPassword))
		of := func(name string) string { return moderatorsPath + "/" + all[name].ID }
		chief.ask(http.MethodPatch, of("Desk"), fields{"email": deskEmail("guest")}).wantProblem(http.StatusConflict, "exists")
		chief.ask(http.MethodPatch, of("Desk"), fields{"email": ""}).wantProblem(http.StatusUnprocessableEntity, "invalid", "/email required")
		chief.ask(http.MethodPatch, of("Chief"), fields{"email": "me@desk.example"}).
			wantProblem(http.StatusUnprocessableEntity, "invalid", "/email invalid")
		local.ask(http.MethodPatch, moderatorsPath+"/"+mine.ID, fields{"email": "x@desk.example"}).wantProblem(http.StatusForbidden, "role")

		chief.ask(http.MethodPatch, of("Desk"), fields{"email": "moved@desk.example", "name": "Moved"}).want(http.StatusOK, nil)
		desk.ask(http.MethodGet, "/api/v1/me", nil).wantProblem(http.StatusUnauthorized, "sign-in")
		p.login("moved@desk.example", deskPassword)
		p.deliver()
		p.newest(deskEmail("desk"), "Your account was changed")
		var log struct {
			Items []struct{ Action string }
		}
		chief.ask(http.MethodGet, "/api/v1/audit?action=change_email", nil).want(http.StatusOK, &log)
		if len(log.Items) != 1 {
			p.t.Errorf("the audit log has %+v", log.Items)
		}
		chief.ask(http.MethodGet, "/api/v1/audit?action=change_moderator", nil).want(http.StatusOK, &log)
		if len(log.Items) != 1 {
			p.t.Errorf("the audit log has %+v", log.Items)
		}

		// An invitation that went to the old address no longer works.
		chief.ask(http.MethodPatch, moderatorsPath+"/"+mine.ID, fields{"email": "mine@new.example"}).want(http.StatusOK, nil)
		p.accept(mine.Link.Secret, deskPassword).wantProblem(http.StatusNotFound, "link")
	})
}

func TestTheConsoleChangesEmails(t *testing.T) {
	s := newFixture(t)
	b := s.signedIn(t)
	desk := s.colleague("Desk", auth.RoleModerator, nil)
	page := b.get("/console/account")
	page.want(http.StatusOK, "Other moderators don’t see it.", `value="`+adaEmail+`"`)
	taken := page.fill(b, "/console/account/email", "email", deskEmail("Desk"), "password", adaPassword)
	taken.want(http.StatusConflict, `<a href="#email-email">`, `value="`+deskEmail("Desk")+`"`)
	wrong := taken.fill(b, "/console/account/email", "email", "ada@new.example", "password", "not it")
	wrong.want(http.StatusUnprocessableEntity, `<a href="#email-password">`, `value="ada@new.example"`)
	b.follow(wrong.fill(b, "/console/account/email", "email", "ada@new.example", "password", adaPassword)).
		want(http.StatusOK, "Your email has been changed", `value="ada@new.example"`)

	chief := s.chief()
	account := must(s.Auth.ModeratorWithEmail(t.Context(), deskEmail("Desk")))(t)
	path := "/console/moderators/" + account.ID
	refused := chief.get(path).fill(chief, path, "email", "ada@new.example")
	refused.want(http.StatusConflict, `<a href="#account-email">`, `value="ada@new.example"`)
	chief.follow(refused.fill(chief, path, "email", "desk@new.example")).want(http.StatusOK, "Saved.")
	desk.get("/console/account").want(http.StatusSeeOther)
	audit := chief.get("/console/audit")
	audit.want(http.StatusOK, "changed the email of")
	audit.lacks("new.example")
	self := must(s.Auth.ModeratorWithEmail(t.Context(), deskEmail("Chief")))(t)
	chief.get("/console/moderators/" + self.ID).lacks(`name="email"`)
}

// TestTimesAreInTheAccountsTimeZone: the fixture's clock stands at 2 March 2026, 09:00 UTC.
func TestTimesAreInTheAccountsTimeZone(t *testing.T) {
	s := newFixture(t)
	b := s.signedIn(t)
	b.get("/console/account").want(http.StatusOK, "2 March 2026 at 09:0", " UTC</time>", `<option value="" selected>As the site</option>`)
	s.readersMay(func(settings *moderation.SiteSettings) { settings.TimeZone = "Europe/Berlin" })
	s.clock.advance(auth.PrincipalCacheAge)
	inBerlin := b.get("/console/account")
	inBerlin.want(http.StatusOK, "2 March 2026 at 10:0", " CET</time>", `datetime="2026-03-02T09:0`)
	inBerlin.lacks(" UTC<")
	chosen := b.follow(b.get("/console/account").fill(b, "/console/account/language", "time_zone", "America/Sao_Paulo", "language", "de"))
	chosen.want(http.StatusOK, "Gespeichert.", "2. März 2026 um 06:0", "Uhr (UTC-03)</time>", `<option value="America/Sao_Paulo" selected>`)
	b.get("/console/account").fill(b, "/console/account/language", "time_zone", "Mars/Base", "language", "de").
		want(http.StatusUnprocessableEntity, "Das muss der Name einer Zeitzone sein", `aria-invalid="true"`)
}

func TestTheSameEmailInCapitalsSignsInAndIsNotCalledFormer(t *testing.T) {
	eachPost(t, func(p *post) {
		p.cast()
		here, capitals := p.as(p.ada()), strings.ToUpper(adaEmail)
		here.ask(http.MethodPost, "/api/v1/me/email", fields{"password": adaPassword, "email": capitals}).want(http.StatusNoContent, nil)
		p.deliver()
		for _, address := range []string{adaEmail, capitals} {
			if mails := p.box.all(address); len(mails) > 0 {
				p.t.Errorf("the mail to %s is %q", address, mails[0].Text)
			}
			p.login(address, adaPassword)
		}
	})
}

func TestTheDelayAfterWrongPasswordsIsInGerman(t *testing.T) {
	s := newFixture(t)
	b := s.signedIn(t)
	for range 5 {
		b.get("/console/account").fill(b, "/console/account/email", "email", "new@desk.example", "password", "not it")
	}
	b.post("/console/account/email", url.Values{"email": {"new@desk.example"}, "password": {"not it"}}, "Accept-Language", "de").
		want(http.StatusTooManyRequests, "Zu viele Versuche sind fehlgeschlagen.", "Bitte warten Sie")
}

func TestSignInsAreNamedInTheAuditLogInItsLanguage(t *testing.T) {
	s := newFixture(t)
	chief := s.chief()
	wrong := s.browserFor(t)
	wrong.post("/console/sign-in", url.Values{"email": {deskEmail("Chief")}, "password": {"not it"}},
		"User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36")
	chief.getWith("/console/audit", "Accept-Language", "de").want(http.StatusOK, "Chrome auf Linux")
}
