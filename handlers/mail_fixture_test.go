package handlers_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/handlers"
	pages "rejoinder/handlers/page"
	"rejoinder/moderation/queue"
	"rejoinder/notify"
	"rejoinder/notify/mail"
	"rejoinder/privacy"
)

// mailPages are the pages about mail of a server that sends none.
func (s *fixture) mailPages(keys *privacy.Keyring, newID func() string) handlers.Mail {
	store, links := s.db.ForNotifications(), notify.Links{Keys: keys, PublicURL: s.baseURL, Now: s.clock.Now}
	return handlers.Mail{
		Readers: &notify.Readers{Store: store, Keys: keys, Links: links, Now: s.clock.Now, NewID: newID},
		Moderators: &notify.Moderators{Store: store, Queue: &queue.Queue{Store: s.db.ForQueue(), Keys: keys,
			Now: s.clock.Now, NewID: newID}, Links: links},
		Outbox: &notify.Outbox{Store: store, Now: s.clock.Now},
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

// checkPrivacy requires that no mail contains an address other than its recipient's.
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

// mailFixture is a server that sends mail to a mailbox.
type mailFixture struct {
	*testServer
	box    *mailbox
	worker *notify.Worker

	dispatcher *notify.Dispatcher
}

func eachMailFixture(t *testing.T, f func(p *mailFixture)) {
	t.Helper()
	dbtest.EachWith(t, db.Options{Notifies: true}, func(t *testing.T, d *db.DB) { f(newMailFixture(t, d)) })
}

func newMailFixture(t *testing.T, d *db.DB) *mailFixture {
	t.Helper()
	p := &mailFixture{box: &mailbox{}}
	t.Cleanup(func() { p.box.checkPrivacy(t) })
	p.testServer = newTestServerOn(t, d, func(h *testServer) {
		h.Intake.Mail, h.Mail.On = true, true
	})
	store := d.ForNotifications()
	keys := p.Intake.Keys
	p.dispatcher = &notify.Dispatcher{Store: store, Log: p.Server.Log, Now: p.clock.Now, Planners: []notify.EventPlanner{
		&notify.Planner{Store: store, Now: p.clock.Now, NewID: p.NewID, UndoTime: 10 * time.Second}}}
	p.worker = &notify.Worker{
		Store: store,
		Composer: &notify.Composer{Store: store, Author: p.Own, Keys: keys, Now: p.clock.Now,
			Links:   notify.Links{Keys: keys, PublicURL: p.baseURL, Now: p.clock.Now},
			Refusal: pages.RefusalWords, DecidedBy: pages.DecidedBy},
		Transport: p.box, Readers: p.Mail.Readers, Senders: 2, Log: p.Server.Log, Now: p.clock.Now,
		Random: func() float64 { return 0.5 },
	}
	return p
}

// deliver lets the time for undoing pass and sends all due mail.
func (p *mailFixture) deliver() {
	p.t.Helper()
	p.runUntilIdle(p.dispatcher.Plan)
	p.clock.advance(11 * time.Second)
	p.runUntilIdle(p.worker.Send)
}

// runUntilIdle repeats a step of the worker until nothing is left to do.
func (p *mailFixture) runUntilIdle(step func(context.Context) (bool, error)) {
	p.t.Helper()
	for more := true; more; {
		var err error
		if more, err = step(p.t.Context()); err != nil {
			p.t.Fatal(err)
		}
	}
}

// comment sends a comment with the box ticked.
func (p *mailFixture) comment(body, email string, changes fields) accepted {
	p.t.Helper()
	var a accepted
	p.post(paperComments, submission(body, fields{"author_email": email, "notify": true},
		changes)).want(http.StatusCreated, &a)
	return a
}

// newest returns the newest mail to an address, which must have that subject.
func (p *mailFixture) newest(to, subject string) mail.Mail {
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
func (p *mailFixture) link(letter mail.Mail, part string) string {
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
func (p *mailFixture) send(path string, values ...string) reply {
	p.t.Helper()
	header := map[string]string{"Origin": p.baseURL, "Content-Type": "application/x-www-form-urlencoded"}
	return p.testServer.send(call{method: http.MethodPost, path: path, body: form(values...), header: header})
}

func (p *mailFixture) confirm(email string) {
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
