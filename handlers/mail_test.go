package handlers_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/handlers"
	pages "rejoinder/handlers/page"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
	"rejoinder/notify"
	"rejoinder/notify/mail"
	"rejoinder/privacy"
)

// mailPages are the pages about mail of a server that sends none.
func (s *fixture) mailPages(keys *privacy.Keyring, newID func() string) handlers.Mail {
	store, links := s.db.ForNotifications(), notify.Links{Keys: keys, PublicURL: s.baseURL, Now: s.clock.Now}
	return handlers.Mail{
		Readers:    &notify.Readers{Store: store, Keys: keys, Links: links, Now: s.clock.Now, NewID: newID},
		Moderators: &notify.Moderators{Store: store, Queue: &queue.Queue{Store: s.db.ForQueue(), Keys: keys, Now: s.clock.Now, NewID: newID}, Links: links},
		Outbox:     &notify.Outbox{Store: store, Now: s.clock.Now},
	}
}

// mailbox is a transport that keeps all mails.
type mailbox struct {
	mu    sync.Mutex
	mails []mail.Mail
	fail  error
}

func (m *mailbox) Deliver(_ context.Context, letter mail.Mail) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	m.mails = append(m.mails, letter)
	return nil
}

// all returns the mails to an address.
func (m *mailbox) all(to string) []mail.Mail {
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []mail.Mail
	for _, letter := range m.mails {
		if letter.To == to {
			found = append(found, letter)
		}
	}
	return found
}

// checkPrivacy requires that no mail has the address of anybody but its recipient.
func (m *mailbox) checkPrivacy(t *testing.T) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, letter := range m.mails {
		for _, address := range []string{mara, "otto@reader.example", "gone@reader.example", adaEmail, "192.0.2.7"} {
			text := letter.Subject + letter.Text + letter.HTML + letter.FromName + letter.ReplyTo + letter.Unsubscribe
			if address != letter.To && strings.Contains(text, address) {
				t.Errorf("the mail %q to %s has %s", letter.Subject, letter.To, address)
			}
		}
	}
}

// post is a server that sends mail to a mailbox.
type post struct {
	*testServer
	box    *mailbox
	worker *notify.Worker
}

func eachPost(t *testing.T, f func(p *post)) {
	t.Helper()
	dbtest.EachWith(t, db.Options{Notifies: true}, func(t *testing.T, d *db.DB) { f(newPost(t, d)) })
}

func newPost(t *testing.T, d *db.DB) *post {
	t.Helper()
	p := &post{box: &mailbox{}}
	t.Cleanup(func() { p.box.checkPrivacy(t) })
	p.testServer = newTestServerOn(t, d, func(h *testServer) {
		h.Intake.Mail, h.Mail.On = true, true
	})
	store := d.ForNotifications()
	keys := p.Intake.Keys
	p.worker = &notify.Worker{
		Store:   store,
		Planner: &notify.Planner{Store: store, Now: p.clock.Now, NewID: p.NewID, UndoTime: 10 * time.Second},
		Composer: &notify.Composer{Store: store, Author: p.Own, Keys: keys, Now: p.clock.Now,
			Links:   notify.Links{Keys: keys, PublicURL: p.baseURL, Now: p.clock.Now},
			Refusal: pages.RefusalWords, DecidedBy: pages.DecidedBy},
		Transport: p.box, Readers: p.Mail.Readers, Senders: 2, Log: p.Server.Log, Now: p.clock.Now,
		Random: func() float64 { return 0.5 },
	}
	return p
}

// deliver lets the undo time pass and sends all that is due.
func (p *post) deliver() {
	p.t.Helper()
	p.exhaust(p.worker.Plan)
	p.clock.advance(11 * time.Second)
	p.exhaust(p.worker.Send)
}

// exhaust repeats a step of the worker until there is nothing more to do.
func (p *post) exhaust(step func(context.Context) (bool, error)) {
	p.t.Helper()
	for more := true; more; {
		var err error
		if more, err = step(p.t.Context()); err != nil {
			p.t.Fatal(err)
		}
	}
}

// comment sends a comment with the box ticked.
func (p *post) comment(body, email string, changes fields) accepted {
	p.t.Helper()
	var a accepted
	p.post(paperComments, submission(body, fields{"author_email": email, "notify": true}, changes)).want(http.StatusCreated, &a)
	return a
}

// newest returns the newest mail to an address, which must have that subject.
func (p *post) newest(to, subject string) mail.Mail {
	p.t.Helper()
	mails := p.box.all(to)
	if len(mails) == 0 {
		p.t.Fatalf("no mail to %s", to)
	}
	letter := mails[len(mails)-1]
	if letter.Subject != subject {
		p.t.Fatalf("mail %q to %s, want %q", letter.Subject, to, subject)
	}
	return letter
}

var anyURL = regexp.MustCompile(`https://comments\.example(/\S+)`)

// link returns the path of the first link in a mail that contains a text.
func (p *post) link(letter mail.Mail, part string) string {
	p.t.Helper()
	for _, found := range anyURL.FindAllStringSubmatch(letter.Text, -1) {
		if strings.Contains(found[1], part) {
			return found[1]
		}
	}
	p.t.Fatalf("no link with %q in %s", part, letter.Text)
	return ""
}

// send submits a form of a page.
func (p *post) send(path string, values ...string) reply {
	p.t.Helper()
	header := map[string]string{"Origin": p.baseURL, "Content-Type": "application/x-www-form-urlencoded"}
	return p.testServer.send(call{method: http.MethodPost, path: path, body: form(values...), header: header})
}

func (p *post) confirm(email string) {
	p.t.Helper()
	p.deliver()
	link := p.link(p.newest(email, "Confirm your email address"), "/mail/confirm/")
	if r := p.testServer.send(call{method: http.MethodGet, path: link}); r.status != http.StatusOK {
		p.t.Fatalf("confirmation page: %d", r.status)
	}
	if r := p.send(link); r.status != http.StatusSeeOther {
		p.t.Fatalf("confirm: %d %s", r.status, r.body)
	}
}

const mara = "mara@reader.example"

func TestAReaderConfirmsIsToldAndStops(t *testing.T) {
	eachPost(t, func(p *post) {
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
		if !strings.Contains(published.Text, "The ferry is late.") || !strings.Contains(p.link(published, "/comments/"), "receipt=") {
			p.t.Errorf("%s", published.Text)
		}
		answer := p.comment("Not on Sundays.", "otto@reader.example", fields{"author_name": "Otto <b>B.</b>", "parent_id": first.Comment.ID, "notify": false})
		p.deliver()
		if n := len(p.box.all(mara)); n != 2 {
			p.t.Fatalf("%d mails before the reply was approved, want 2", n)
		}
		p.decide(answer.Comment.ID, "approve")
		p.deliver()
		told := p.newest(mara, "Otto <b>B.</b> replied to you")
		if !strings.Contains(told.Text, "Not on Sundays.") || strings.Contains(told.HTML, "<b>B.</b>") || strings.Contains(told.Text+told.HTML, "otto@") {
			p.t.Errorf("%s", told.HTML)
		}
		// One click in a mail program (RFC 8058): no page, no cookie, no origin.
		one := strings.TrimPrefix(told.Unsubscribe, publicURL)
		p.testServer.send(call{method: http.MethodGet, path: one}).want(http.StatusOK, nil)
		p.testServer.send(call{method: http.MethodPost, path: one, body: "List-Unsubscribe=One-Click",
			header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}}).want(http.StatusNoContent, nil)
		second := p.comment("On Mondays neither.", "otto@reader.example", fields{"parent_id": first.Comment.ID, "notify": false})
		p.decide(second.Comment.ID, "approve")
		p.deliver()
		if n := len(p.box.all(mara)); n != 3 {
			p.t.Errorf("%d mails after stopping, want 3", n)
		}
	})
}

func TestARememberedBrowserIsConfirmedAndAStrangerIsNot(t *testing.T) {
	eachPost(t, func(p *post) {
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
	eachPost(t, func(p *post) {
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

func TestWhatIsNoLongerTrueIsNotSent(t *testing.T) {
	eachPost(t, func(p *post) {
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
	eachPost(t, func(p *post) {
		p.comment("One.", mara, nil)
		p.deliver()
		letter := p.newest(mara, "Confirm your email address")
		for _, part := range []string{"/mail/confirm/", "/mail/stop/"} {
			link := p.link(letter, part)
			p.testServer.send(call{method: http.MethodGet, path: link}).want(http.StatusOK, nil)
			p.testServer.send(call{method: http.MethodGet, path: link + "x"}).want(http.StatusNotFound, nil)
		}
		second := p.comment("Two.", mara, nil)
		p.clock.advance(25 * time.Hour)
		_ = second
		p.deliver()
		p.clock.advance(4 * 24 * time.Hour)
		p.testServer.send(call{method: http.MethodGet, path: p.link(letter, "/mail/confirm/")}).want(http.StatusGone, nil)
	})
}

func TestAReaderChoosesWhatComes(t *testing.T) {
	eachPost(t, func(p *post) {
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
	eachPost(t, func(p *post) {
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
		p.do(call{method: http.MethodGet, path: "/api/v1/comments/" + a.Comment.ID + "/moderation", token: p.ada()}).want(http.StatusOK, &c)
		if c.Comment.Status != "approved" {
			p.t.Errorf("the comment is %s", c.Comment.Status)
		}
	})
}

func TestAForgottenPasswordIsReplacedByMail(t *testing.T) {
	eachPost(t, func(p *post) {
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
	eachPost(t, func(p *post) {
		p.comment("One.", mara, nil)
		p.box.fail = &mail.Failure{Reason: "the mail server refused the recipient (451)"}
		for range 8 {
			p.deliver()
			p.clock.advance(24 * time.Hour)
		}
		chief := p.enrol("Chief", auth.RoleAdmin)
		var list struct {
			Items []struct{ ID, Kind, State, Error string }
		}
		p.do(call{method: http.MethodGet, path: "/api/v1/outbox?state=failed", token: chief}).want(http.StatusOK, &list)
		if len(list.Items) < 1 || list.Items[len(list.Items)-1].Kind != "confirm" {
			p.t.Fatalf("%+v", list.Items)
		}
		p.box.fail = nil
		id := list.Items[len(list.Items)-1].ID
		p.do(call{method: http.MethodPost, path: "/api/v1/outbox/" + id + "/resend", token: chief}).want(http.StatusNoContent, nil)
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
	h.post(paperComments, submission("One.", fields{"notify": true})).wantProblem(http.StatusUnprocessableEntity, "invalid", "/notify unavailable")
	shown := h.get("/sites/paper/page?article=quay")
	if strings.Contains(string(shown.body), "respond-notify") {
		t.Error("the form offers mail")
	}
}

func TestNoAddressReachesALogOrTheOutbox(t *testing.T) {
	eachPost(t, func(p *post) {
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
