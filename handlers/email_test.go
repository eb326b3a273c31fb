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
	eachMailFixture(t, func(p *mailFixture) {
		p.registerCallers()
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
			{"the email of a colleague", fields{"password": adaPassword, "email": strings.ToUpper(moderatorEmail("desk"))}, 409, []string{"exists"}},
		} {
			p.t.Log(c.name)
			here.request(http.MethodPost, path, c.body).wantProblem(c.status, c.problem[0], c.problem[1:]...)
		}
		p.clock.advance(time.Minute) // five attempts failed
		here.request(http.MethodPost, path, fields{"password": adaPassword, "email": adaEmail}).want(http.StatusNoContent, nil)
		p.clock.advance(time.Minute)
		there.request(http.MethodGet, "/api/v1/me", nil).want(http.StatusOK, nil) // it was not a change
		here.request(http.MethodPost, path, fields{"password": adaPassword, "email": " " + renamed}).want(http.StatusNoContent, nil)
		here.request(http.MethodGet, "/api/v1/me", nil).want(http.StatusOK, nil)
		there.request(http.MethodGet, "/api/v1/me", nil).wantProblem(http.StatusUnauthorized, "sign-in")
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
	h.registerCallers()
	here := h.as(h.ada())
	taken := fields{"password": adaPassword, "email": moderatorEmail("desk")}
	for range 5 {
		here.request(http.MethodPost, "/api/v1/me/email", taken).wantProblem(http.StatusConflict, "exists")
	}
	here.request(http.MethodPost, "/api/v1/me/email", taken).wantProblem(http.StatusTooManyRequests, "too-many")
}

func TestAdminsChangeTheEmailOfOthers(t *testing.T) {
	eachMailFixture(t, func(p *mailFixture) {
		p.registerCallers()
		admin, local := p.as(p.login(moderatorEmail("Chief"), moderatorPassword)), p.as(p.registerModerator("Local", auth.RoleAdmin, "paper"))
		mine := local.invite("Mine", "paper")
		all := admin.moderators()
		moderator := p.as(p.login(moderatorEmail("Desk"), moderatorPassword))
		of := func(name string) string { return moderatorsPath + "/" + all[name].ID }
		admin.request(http.MethodPatch, of("Desk"), fields{"email": moderatorEmail("guest")}).wantProblem(http.StatusConflict, "exists")
		admin.request(http.MethodPatch, of("Desk"), fields{"email": ""}).wantProblem(http.StatusUnprocessableEntity, "invalid", "/email required")
		admin.request(http.MethodPatch, of("Chief"), fields{"email": "me@desk.example"}).
			wantProblem(http.StatusUnprocessableEntity, "invalid", "/email invalid")
		local.request(http.MethodPatch, moderatorsPath+"/"+mine.ID, fields{"email": "x@desk.example"}).wantProblem(http.StatusForbidden, "role")

		admin.request(http.MethodPatch, of("Desk"), fields{"email": "moved@desk.example", "name": "Moved"}).want(http.StatusOK, nil)
		moderator.request(http.MethodGet, "/api/v1/me", nil).wantProblem(http.StatusUnauthorized, "sign-in")
		p.login("moved@desk.example", moderatorPassword)
		p.deliver()
		p.newest(moderatorEmail("desk"), "Your account was changed")
		var log struct {
			Items []struct{ Action string }
		}
		admin.request(http.MethodGet, "/api/v1/audit?action=change_email", nil).want(http.StatusOK, &log)
		if len(log.Items) != 1 {
			p.t.Errorf("the audit log has %+v", log.Items)
		}
		admin.request(http.MethodGet, "/api/v1/audit?action=change_moderator", nil).want(http.StatusOK, &log)
		if len(log.Items) != 1 {
			p.t.Errorf("the audit log has %+v", log.Items)
		}

		// An invitation that went to the old address no longer works.
		admin.request(http.MethodPatch, moderatorsPath+"/"+mine.ID, fields{"email": "mine@new.example"}).want(http.StatusOK, nil)
		p.accept(mine.Link.Secret, moderatorPassword).wantProblem(http.StatusNotFound, "link")
	})
}

func TestTheConsoleChangesEmails(t *testing.T) {
	s := newFixture(t)
	b := s.adaBrowser(t)
	moderator := s.newModerator("Desk", auth.RoleModerator, nil)
	page := b.get("/console/account")
	page.want(http.StatusOK, "Other moderators don’t see it.", `value="`+adaEmail+`"`)
	taken := page.fill(b, "/console/account/email", "email", moderatorEmail("Desk"), "password", adaPassword)
	taken.want(http.StatusConflict, `<a href="#email-email">`, `value="`+moderatorEmail("Desk")+`"`)
	wrong := taken.fill(b, "/console/account/email", "email", "ada@new.example", "password", "not it")
	wrong.want(http.StatusUnprocessableEntity, `<a href="#email-password">`, `value="ada@new.example"`)
	b.follow(wrong.fill(b, "/console/account/email", "email", "ada@new.example", "password", adaPassword)).
		want(http.StatusOK, "Your email has been changed", `value="ada@new.example"`)

	admin := s.newAdmin()
	account := must(s.Auth.ModeratorWithEmail(t.Context(), moderatorEmail("Desk")))(t)
	path := "/console/moderators/" + account.ID
	refused := admin.get(path).fill(admin, path, "email", "ada@new.example")
	refused.want(http.StatusConflict, `<a href="#account-email">`, `value="ada@new.example"`)
	admin.follow(refused.fill(admin, path, "email", "desk@new.example")).want(http.StatusOK, "Saved.")
	moderator.get("/console/account").want(http.StatusSeeOther)
	audit := admin.get("/console/audit")
	audit.want(http.StatusOK, "changed the email of")
	audit.wantWithout("new.example")
	self := must(s.Auth.ModeratorWithEmail(t.Context(), moderatorEmail("Chief")))(t)
	admin.get("/console/moderators/" + self.ID).wantWithout(`name="email"`)
}

// TestTimesAreInTheAccountsTimeZone: the fixture's clock stands at 2 March 2026, 09:00 UTC.
func TestTimesAreInTheAccountsTimeZone(t *testing.T) {
	s := newFixture(t)
	b := s.adaBrowser(t)
	b.get("/console/account").want(http.StatusOK, "2 March 2026 at 09:0", " UTC</time>", `<option value="" selected>As the site</option>`)
	s.changeSettings(func(settings *moderation.SiteSettings) { settings.TimeZone = "Europe/Berlin" })
	s.clock.advance(auth.PrincipalCacheAge)
	inBerlin := b.get("/console/account")
	inBerlin.want(http.StatusOK, "2 March 2026 at 10:0", " CET</time>", `datetime="2026-03-02T09:0`)
	inBerlin.wantWithout(" UTC<")
	chosen := b.follow(b.get("/console/account").fill(b, "/console/account/language", "time_zone", "America/Sao_Paulo", "language", "de"))
	chosen.want(http.StatusOK, "Gespeichert.", "2. März 2026 um 06:0", "Uhr (UTC-03)</time>", `<option value="America/Sao_Paulo" selected>`)
	b.get("/console/account").fill(b, "/console/account/language", "time_zone", "Mars/Base", "language", "de").
		want(http.StatusUnprocessableEntity, "Das muss der Name einer Zeitzone sein", `aria-invalid="true"`)
}

func TestTheSameEmailInCapitalsSignsInAndIsNotCalledFormer(t *testing.T) {
	eachMailFixture(t, func(p *mailFixture) {
		p.registerCallers()
		here, capitals := p.as(p.ada()), strings.ToUpper(adaEmail)
		here.request(http.MethodPost, "/api/v1/me/email", fields{"password": adaPassword, "email": capitals}).want(http.StatusNoContent, nil)
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
	b := s.adaBrowser(t)
	for range 5 {
		b.get("/console/account").fill(b, "/console/account/email", "email", "new@desk.example", "password", "not it")
	}
	b.post("/console/account/email", url.Values{"email": {"new@desk.example"}, "password": {"not it"}}, "Accept-Language", "de").
		want(http.StatusTooManyRequests, "Zu viele Versuche sind fehlgeschlagen.", "Bitte warten Sie")
}

func TestSignInsAreNamedInTheAuditLogInItsLanguage(t *testing.T) {
	s := newFixture(t)
	admin := s.newAdmin()
	wrong := s.browserFor(t)
	wrong.post("/console/sign-in", url.Values{"email": {moderatorEmail("Chief")}, "password": {"not it"}},
		"User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36")
	admin.getWith("/console/audit", "Accept-Language", "de").want(http.StatusOK, "Chrome auf Linux")
}
