package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	gomail "github.com/wneessen/go-mail"

	"rejoinder/web"
)

const (
	mailReaders  = 30
	mailComments = 300
)

// inbox is a real SMTP server that keeps what it accepts.
type inbox struct {
	address string
	mu      sync.Mutex
	mails   []delivered
	delay   time.Duration // before each acceptance
}

type delivered struct{ id, to, text, unsubscribe string }

func newInbox(t *testing.T) *inbox {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	box := &inbox{address: listener.Addr().String()}
	server := smtp.NewServer(box)
	server.Domain = "localhost"
	go server.Serve(listener) //nolint:errcheck // it ends with the test
	t.Cleanup(func() { server.Close() })
	return box
}

// NewSession implements smtp.Backend.
func (b *inbox) NewSession(*smtp.Conn) (smtp.Session, error) { return &inboxSession{box: b}, nil }

type inboxSession struct {
	box *inbox
	to  string
}

func (s *inboxSession) Mail(string, *smtp.MailOptions) error      { return nil }
func (s *inboxSession) Rcpt(to string, _ *smtp.RcptOptions) error { s.to = to; return nil }
func (s *inboxSession) Reset()                                    {}
func (s *inboxSession) Logout() error                             { return nil }

func (s *inboxSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	msg, err := gomail.EMLToMsgFromReader(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	text, err := msg.GetParts()[0].GetContent()
	if err != nil {
		return err
	}
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	time.Sleep(s.box.delay)
	s.box.mails = append(s.box.mails, delivered{msg.GetMessageID(), s.to, string(text),
		strings.Trim(strings.Join(msg.GetGenHeader(gomail.HeaderListUnsubscribe), ""), "<>")})
	return nil
}

// setDelay makes the server slow.
func (b *inbox) setDelay(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.delay = d
}

// mailsWith returns the mails that contain a text.
func (b *inbox) mailsWith(part string) []delivered {
	b.mu.Lock()
	defer b.mu.Unlock()
	var found []delivered
	for _, m := range b.mails {
		if strings.Contains(m.text, part) {
			found = append(found, m)
		}
	}
	return found
}

// mailTime bounds how long mails may take, retries included; reaching it is a failure, not a delay.
const mailTime = 3 * time.Minute

var confirmURL = regexp.MustCompile(`http\S+/mail/confirm/\S+`)

// TestNoMailIsLostByKill9 kills the server while moderators approve comments: each author must get the mail, and
// a repeated one must have the same Message-ID.
func TestNoMailIsLostByKill9(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, env []string) {
		t.Parallel() // it mostly waits for claims of the killed server to end
		for round := range killRounds(t) {
			t.Run(fmt.Sprintf("round %d", round), func(t *testing.T) { killWhileApproving(t, env, round) })
		}
	})
}

func killWhileApproving(t *testing.T, env []string, round int) {
	box := newInbox(t)
	env = append(env, "REJOINDER_ADDRESS_LIMIT=0", "REJOINDER_SITE_LIMIT=0", "REJOINDER_SMTP_URL=smtp://"+box.address,
		"REJOINDER_MAIL_FROM=comments@gazette.example")
	first := startProgram(t, env, "serve", "--demo=empty")
	reader := func(i int) string { return fmt.Sprintf("reader%d-%d@mail.example", round, i%mailReaders) }
	for i := range mailReaders {
		submitForMail(t, first.url, reader(i), fmt.Sprintf("The first words of reader %d in round %d.", i, round))
	}
	eventuallyWithin(t, mailTime, "confirmations are missing", func() bool { return len(box.mailsWith("/mail/confirm/")) == mailReaders })
	for _, m := range box.mailsWith("/mail/confirm/") {
		confirmAddress(t, first.url, confirmURL.FindString(m.text))
	}
	ids := make([]string, mailComments)
	for i := range ids {
		ids[i] = submitForMail(t, first.url, reader(i), crashBody(i)+fmt.Sprintf(" Round %d.", round))
	}
	token := first.signIn(t)
	approving := round%2 == 0 // otherwise it is killed while it sends
	box.setDelay(20 * time.Millisecond)
	approved := approveAll(first.url, token, ids, func(n int) {
		if approving && n == mailComments/3+round*7 {
			first.cmd.Process.Kill() //nolint:errcheck // it may be gone already
		}
	})
	if approving && (len(approved) == 0 || len(approved) == mailComments) {
		t.Fatalf("%d of %d approvals: the kill was not in the middle", len(approved), mailComments)
	}
	if !approving {
		eventuallyWithin(t, mailTime, "mails are missing", func() bool { return len(box.mailsWith("")) >= mailReaders+20+round*7 })
		first.cmd.Process.Kill() //nolint:errcheck // it may be gone already
	}
	<-first.ended
	box.setDelay(0)
	second := startProgram(t, env, "serve", "--demo=empty")
	defer second.stop(t)
	token = second.signIn(t)
	approveAll(second.url, token, ids, func(int) {})
	repeated := 0
	for _, id := range ids {
		eventuallyWithin(t, mailTime, "there is no mail about "+id, func() bool { return len(box.mailsWith("/comments/"+id)) > 0 })
		mails := box.mailsWith("/comments/" + id)
		repeated += len(mails) - 1
		for _, m := range mails[1:] {
			if m.id != mails[0].id {
				t.Errorf("two mails about %s: %s and %s", id, mails[0].id, m.id)
			}
		}
		if len(mails) > 2 {
			t.Errorf("%d mails about %s", len(mails), id)
		}
	}
	t.Logf("%d approvals before the kill, %d mails repeated", len(approved), repeated)
	if repeated > mailSenders {
		t.Errorf("%d mails were repeated, more than there are connections", repeated)
	}
}

func submitForMail(t *testing.T, server, email, body string) string {
	t.Helper()
	var accepted struct {
		Comment struct{ ID, Status string }
	}
	status := call(t, http.MethodPost, server+"/api/v1/sites/"+web.DemoSite+"/comments", "", map[string]any{
		"article": map[string]string{"key": web.DemoArticleKey}, "author_name": "Reader", "author_email": email, "body": body,
		"notify": true,
	}, &accepted)
	if status != http.StatusCreated {
		t.Fatalf("submit: status %d", status)
	}
	return accepted.Comment.ID
}

func confirmAddress(t *testing.T, server, link string) {
	t.Helper()
	parsed, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.PostForm(server+parsed.Path, url.Values{})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK { // after the redirect
		t.Fatalf("confirm %s: status %d", parsed.Path, resp.StatusCode)
	}
}

// approveAll rejects and then approves comments, so that each is decided on whatever the rules said. It returns the
// ids whose approval was acknowledged.
func approveAll(server, token string, ids []string, acknowledged func(n int)) []string {
	var mu sync.Mutex
	var done []string
	var running sync.WaitGroup
	next := make(chan string)
	for range 8 {
		running.Go(func() {
			for id := range next {
				if !approve(server, token, id) {
					continue
				}
				mu.Lock()
				done = append(done, id)
				n := len(done)
				mu.Unlock()
				acknowledged(n)
			}
		})
	}
	for _, id := range ids {
		next <- id
	}
	close(next)
	running.Wait()
	return done
}

func approve(server, token, id string) bool {
	var shown struct {
		Comment struct {
			Status  string
			Version int
		}
	}
	if !trySend(http.MethodGet, server+"/api/v1/comments/"+id+"/moderation", token, "", &shown) {
		return false
	}
	if shown.Comment.Status == "approved" {
		return true
	}
	return trySend(http.MethodPost, server+"/api/v1/comments/"+id+"/decisions", token,
		fmt.Sprintf(`{"action":"approve","version":%d}`, shown.Comment.Version), nil)
}

func TestMailSettingsAreCheckedTogether(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ env, want string }{
		"a server without a sender": {"REJOINDER_SMTP_URL=smtp://h:25", "set both"},
		"an invalid URL":            {"REJOINDER_SMTP_URL=mail.example.org:25", "a mail server is smtp://"},
	} {
		_, errs, code := runProgram(t, []string{test.env}, "", "mail", "test", "--to", "a@example.org")
		if code != exitMisused || !strings.Contains(errs, test.want) {
			t.Errorf("%s: %d %s", name, code, errs)
		}
	}
	box := newInbox(t)
	env := []string{"REJOINDER_SMTP_URL=smtp://" + box.address, "REJOINDER_MAIL_FROM=Comments <comments@example.org>"}
	if out, errs, code := runProgram(t, env, "", "mail", "test", "--to", "a@example.org"); code != exitDone ||
		len(box.mailsWith("mail test")) != 1 {
		t.Errorf("%d %s%s", code, out, errs)
	}
}

// trySend sends a request that a crash may interrupt.
func trySend(method, address, token, body string, into any) bool {
	req, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		return false
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	if into != nil {
		err = json.NewDecoder(resp.Body).Decode(into)
	}
	return err == nil && resp.StatusCode < http.StatusMultipleChoices
}
