package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/moderation"
	"rejoinder/notify"
	"rejoinder/notify/mail"
)

const mara = "mara@reader.example"

func TestAReaderConfirmsGetsMailAndStops(t *testing.T) {
	eachMailFixture(t, func(p *mailFixture) {
		first := p.comment("The ferry is late.", mara, fields{"remember": true})
		p.deliver()
		confirm := p.newest(mara, "Confirm your email address")
		if strings.Contains(confirm.Text+confirm.HTML, "ferry") || strings.Contains(confirm.Text, "Mara") {
			p.t.Errorf("the confirmation quotes the submission: %s", confirm.Text)
		}
		p.confirm(mara)
		p.decide(first.Comment.ID, "approve")
		p.deliver()
		published := p.newest(mara, "Your comment was published")
		if !strings.Contains(published.Text, "The ferry is late.") || !strings.Contains(p.link(published,
			"/comments/"), "receipt=") {
			p.t.Errorf("%s", published.Text)
		}
		answer := p.comment("Not on Sundays.", "otto@reader.example", fields{"author_name": "Otto <b>B.</b>",
			"parent_id": first.Comment.ID, "notify": false})
		p.deliver()
		if n := len(p.box.all(mara)); n != 2 {
			p.t.Fatalf("%d mails before the reply was approved, want 2", n)
		}
		p.decide(answer.Comment.ID, "approve")
		p.deliver()
		told := p.newest(mara, "Otto <b>B.</b> replied to you")
		if !strings.Contains(told.Text, "Not on Sundays.") || strings.Contains(told.HTML, "<b>B.</b>") ||
			strings.Contains(told.Text+told.HTML, "otto@") {
			p.t.Errorf("%s", told.HTML)
		}
		// One click in a mail program (RFC 8058): no page, no cookie, no origin.
		one := strings.TrimPrefix(told.Unsubscribe, publicURL)
		p.testServer.send(call{method: http.MethodGet, path: one}).want(http.StatusOK, nil)
		p.testServer.send(call{method: http.MethodPost, path: one, body: "List-Unsubscribe=One-Click",
			header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}}).want(http.StatusNoContent, nil)
		second := p.comment("On Mondays neither.", "otto@reader.example", fields{"parent_id": first.Comment.ID,
			"notify": false})
		p.decide(second.Comment.ID, "approve")
		p.deliver()
		if n := len(p.box.all(mara)); n != 3 {
			p.t.Errorf("%d mails after stopping, want 3", n)
		}
	})
}

func TestARememberedBrowserIsConfirmedAndAStrangerIsNot(t *testing.T) {
	eachMailFixture(t, func(p *mailFixture) {
		first := p.comment("One.", mara, fields{"remember": true})
		p.confirm(mara)
		for body, want := range map[string]bool{"two": true, "three": false} {
			changes := fields{"notify": false, "remember": true}
			if want {
				changes["commenter_token"] = first.CommenterToken
			}
			a := p.comment(body, mara, changes)
			_, record, err := p.db.Comments.CommentText(t.Context(), a.Comment.ID)
			if err != nil {
				p.t.Fatal(err)
			}
			if got := strings.Contains(string(record.Facts), `"confirmed":true`); got != want {
				p.t.Errorf("%s: confirmed is %v: %s", body, got, record.Facts)
			}
		}
	})
}

func TestStrangersCannotUseConfirmationsAsSpam(t *testing.T) {
	eachMailFixture(t, func(p *mailFixture) {
		for day := range 5 {
			for range 3 {
				p.comment("Buy.", mara, fields{"author_name": "Visit spam.example"})
			}
			p.deliver()
			if n, want := len(p.box.all(mara)), min(day+1, 3); n != want {
				p.t.Fatalf("%d mails on day %d, want %d", n, day+1, want)
			}
			p.clock.advance(24 * time.Hour)
		}
		for _, letter := range p.box.all(mara) {
			if strings.Contains(letter.Text+letter.HTML+letter.Subject, "spam.example") {
				p.t.Errorf("%s", letter.Text)
			}
		}
		p.send(p.link(p.box.all(mara)[0], "/mail/stop/")).want(http.StatusSeeOther, nil)
	})
}

func TestObsoleteMessagesAreNotSent(t *testing.T) {
	eachMailFixture(t, func(p *mailFixture) {
		first := p.comment("One.", mara, nil)
		p.confirm(mara)
		p.decide(first.Comment.ID, "approve")
		log := must(p.db.Decisions.Decisions(t.Context(), first.Comment.ID))(t)
		must(p.Queue.Undo(t.Context(), moderation.Viewer{ModeratorID: log[1].ModeratorID}, log[1].ID))(t)
		p.deliver()
		if n := len(p.box.all(mara)); n != 1 {
			p.t.Errorf("%d mails after an undo, want 1", n)
		}
		p.decide(first.Comment.ID, "reject")
		p.deliver()
		declined := p.newest(mara, "Your comment wasn’t published")
		if !strings.Contains(declined.Text, "#appeal") {
			p.t.Errorf("%s", declined.Text)
		}
	})
}

func TestAnOpenedLinkChangesNothing(t *testing.T) {
	eachMailFixture(t, func(p *mailFixture) {
		p.comment("One.", mara, nil)
		p.deliver()
		letter := p.newest(mara, "Confirm your email address")
		for _, part := range []string{"/mail/confirm/", "/mail/stop/"} {
			link := p.link(letter, part)
			p.testServer.send(call{method: http.MethodGet, path: link}).want(http.StatusOK, nil)
			p.testServer.send(call{method: http.MethodGet, path: link + "x"}).want(http.StatusNotFound, nil)
		}
		p.comment("Two.", mara, nil)
		p.clock.advance(25 * time.Hour)
		p.deliver()
		p.clock.advance(4 * 24 * time.Hour)
		p.testServer.send(call{method: http.MethodGet, path: p.link(letter, "/mail/confirm/")}).want(http.StatusGone, nil)
	})
}

func TestAReaderChoosesTheirMail(t *testing.T) {
	eachMailFixture(t, func(p *mailFixture) {
		p.changeSettings(func(s *moderation.SiteSettings) { s.EditWindowMinutes = 120 })
		first := p.comment("One.", mara, nil)
		p.confirm(mara)
		p.decide(first.Comment.ID, "approve")
		p.deliver()
		manage := p.link(p.newest(mara, "Your comment was published"), "/mail/notifications/")
		shown := p.testServer.send(call{method: http.MethodGet, path: manage}).want(http.StatusOK, nil)
		if !strings.Contains(string(shown.body), "m…@reader.example") || strings.Contains(string(shown.body), mara) {
			p.t.Errorf("%s", shown.body)
		}
		p.send(manage, "act", "save", "replies", "hourly", "outcomes", "yes").want(http.StatusSeeOther, nil)
		for _, body := range []string{"Two.", "Three."} {
			a := p.comment(body, "otto@reader.example", fields{"parent_id": first.Comment.ID, "notify": false})
			p.decide(a.Comment.ID, "approve")
		}
		p.deliver()
		if n := len(p.box.all(mara)); n != 2 {
			p.t.Fatalf("%d mails before the hour is over, want 2", n)
		}
		p.clock.advance(time.Hour)
		p.deliver()
		digest := p.newest(mara, "New comments on The Harbour Gazette")
		if !strings.Contains(digest.Text, "Two.") || !strings.Contains(digest.Text, "Three.") {
			p.t.Errorf("%s", digest.Text)
		}
		p.send(manage, "act", "remove").want(http.StatusOK, nil)
		p.do(call{method: http.MethodPatch, path: "/api/v1/comments/" + first.Comment.ID, token: first.Receipt,
			body: fields{"body": "One, changed."}}).want(http.StatusOK, nil)
		if p.testServer.send(call{method: http.MethodGet, path: manage}).status != http.StatusNotFound {
			p.t.Error("the page is still there after the address was removed")
		}
	})
}

func TestAModeratorDecidesFromAMail(t *testing.T) {
	eachMailFixture(t, func(p *mailFixture) {
		a := p.comment("Waiting here.", mara, fields{"notify": false})
		p.deliver()
		p.clock.advance(24 * time.Hour)
		p.deliver()
		digest := p.box.all(adaEmail)
		if len(digest) != 1 || !strings.Contains(digest[0].Text, "Waiting here.") || strings.Contains(digest[0].Text, mara) {
			p.t.Fatalf("%+v", digest)
		}
		links := anyURL.FindAllStringSubmatch(digest[0].Text, -1)
		approve := ""
		for _, l := range links {
			if strings.Contains(l[1], ".approve.") {
				approve = l[1]
			}
		}
		shown := p.testServer.send(call{method: http.MethodGet, path: approve}).want(http.StatusOK, nil)
		if !strings.Contains(string(shown.body), "Waiting here.") {
			p.t.Errorf("%s", shown.body)
		}
		p.send(approve).want(http.StatusOK, nil)
		p.send(approve).want(http.StatusConflict, nil)
		var c struct{ Comment struct{ Status string } }
		p.do(call{method: http.MethodGet, path: "/api/v1/comments/" + a.Comment.ID + "/moderation",
			token: p.ada()}).want(http.StatusOK, &c)
		if c.Comment.Status != "approved" {
			p.t.Errorf("the comment is %s", c.Comment.Status)
		}
	})
}

func TestAModeratorsMailIsInTheirLanguage(t *testing.T) {
	eachMailFixture(t, func(p *mailFixture) {
		ada := must(p.Auth.ModeratorWithEmail(p.t.Context(), adaEmail))(p.t)
		german := "de"
		if err := p.Auth.ChooseLocale(p.t.Context(), ada.ID, auth.LocaleChoice{Language: &german}); err != nil {
			p.t.Fatal(err)
		}
		p.comment("Waiting here.", mara, fields{"notify": false})
		p.deliver()
		p.clock.advance(24 * time.Hour)
		p.deliver()
		digest := p.newest(adaEmail, "1 Kommentar wartet")
		for _, l := range anyURL.FindAllStringSubmatch(digest.Text, -1) {
			if strings.Contains(l[1], ".reject.") {
				p.wantPage(l[1], "Diesen Kommentar ablehnen?", "Ohne Grund", "Sie entscheiden als Ada.")
				p.send(l[1])
				p.wantPage(l[1], "Ada hat dies gerade eben abgelehnt. Ihr Link hat nichts geändert.")
			}
		}
	})
}

// wantPage requires a page to have texts.
func (p *mailFixture) wantPage(path string, texts ...string) {
	p.t.Helper()
	body := string(p.testServer.send(call{method: http.MethodGet, path: path}).body)
	for _, text := range texts {
		if !strings.Contains(body, text) {
			p.t.Errorf("the page lacks %q:\n%s", text, body)
		}
	}
}

func TestMailAboutCommentsIsForThoseWhoDecide(t *testing.T) {
	eachMailFixture(t, func(p *mailFixture) {
		p.registerModerator("Vic", auth.RoleViewer)
		p.registerModerator("Mo", auth.RoleModerator)
		p.comment("Waiting here.", mara, fields{"notify": false})
		p.deliver()
		p.clock.advance(24 * time.Hour)
		p.deliver()
		if n := len(p.box.all(moderatorEmail("vic"))); n != 0 {
			p.t.Errorf("the viewer got %d mails", n)
		}
		digest := p.box.all(moderatorEmail("mo"))
		if len(digest) != 1 {
			p.t.Fatalf("the moderator got %d mails", len(digest))
		}
		mo := must(p.Auth.ModeratorWithEmail(p.t.Context(), moderatorEmail("mo")))(p.t)
		viewer := auth.RoleViewer
		must(p.Auth.ChangeAccount(p.t.Context(), auth.Identity{}, mo.ID, auth.AccountChange{Role: &viewer}))(p.t)
		for _, l := range anyURL.FindAllStringSubmatch(digest[0].Text, -1) {
			if strings.Contains(l[1], ".approve.") {
				p.testServer.send(call{method: http.MethodGet, path: l[1]}).want(http.StatusNotFound, nil)
			}
		}
	})
}

func TestAForgottenPasswordIsReplacedByMail(t *testing.T) {
	eachMailFixture(t, func(p *mailFixture) {
		for _, email := range []string{adaEmail, "nobody@paper.example"} {
			p.send("/console/forgotten-password", "email", email).want(http.StatusSeeOther, nil)
		}
		p.deliver()
		letter := p.newest(adaEmail, "Set a new password")
		link := p.link(letter, "/console/invitation/")
		if len(p.box.all("nobody@paper.example")) != 0 {
			p.t.Error("a stranger got a link")
		}
		p.testServer.send(call{method: http.MethodGet, path: link}).want(http.StatusOK, nil)
		p.send(link, "password", "another quiet orchard").want(http.StatusSeeOther, nil)
		p.deliver()
		p.newest(adaEmail, "Your account was changed")
	})
}

func TestAFailedMailIsTriedAgainAndCanBeResent(t *testing.T) {
	eachMailFixture(t, func(p *mailFixture) {
		p.comment("One.", mara, nil)
		p.box.fail = &mail.Failure{Reason: "the mail server refused the recipient (451)"}
		for range 8 {
			p.deliver()
			p.clock.advance(24 * time.Hour)
		}
		admin := p.registerModerator("Chief", auth.RoleAdmin)
		var list struct {
			Items []struct{ ID, Kind, State, Error string }
		}
		p.do(call{method: http.MethodGet, path: "/api/v1/outbox?state=failed", token: admin}).want(http.StatusOK, &list)
		if len(list.Items) < 1 || list.Items[len(list.Items)-1].Kind != "confirm" {
			p.t.Fatalf("%+v", list.Items)
		}
		p.box.fail = nil
		id := list.Items[len(list.Items)-1].ID
		p.do(call{method: http.MethodPost, path: "/api/v1/outbox/" + id + "/resend",
			token: admin}).want(http.StatusNoContent, nil)
		p.deliver()
		p.newest(mara, "Confirm your email address")
		p.box.fail = &mail.Failure{Permanent: true, BadAddress: true, Reason: "the mail server refused the recipient (550)"}
		p.comment("Two.", "gone@reader.example", nil)
		p.deliver()
		p.box.fail = nil
		p.clock.advance(48 * time.Hour)
		p.comment("Three.", "gone@reader.example", nil)
		p.deliver()
		if n := len(p.box.all("gone@reader.example")); n != 0 {
			p.t.Errorf("%d mails to an address that does not exist", n)
		}
	})
}

func TestWithoutMailNoReaderIsOfferedIt(t *testing.T) {
	h := newTestServer(t)
	h.post(paperComments, submission("One.", fields{"notify": true})).wantProblem(http.StatusUnprocessableEntity,
		"invalid", "/notify unavailable")
	shown := h.get("/sites/paper/page?article=quay")
	if strings.Contains(string(shown.body), "respond-notify") {
		t.Error("the form offers mail")
	}
}

func TestNoAddressReachesALogOrTheOutbox(t *testing.T) {
	eachMailFixture(t, func(p *mailFixture) {
		p.comment("One.", mara, nil)
		p.box.fail = &mail.Failure{Reason: "no"}
		p.deliver()
		if strings.Contains(p.log.String(), "reader.example") {
			p.t.Errorf("the log has an address:\n%s", p.log)
		}
		list, err := p.Mail.Outbox.List(t.Context(), moderation.Viewer{}, notify.MessageQuery{Limit: 10})
		if err != nil || len(list.Items) == 0 {
			p.t.Fatalf("%d messages: %v", len(list.Items), err)
		}
	})
}
