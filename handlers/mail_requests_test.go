package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"rejoinder/moderation"
	"rejoinder/notify"
	"rejoinder/notify/mail"
)

const confirmSubject = "Confirm your email address"

// follow subscribes to all comments of an article, and confirms the address.
func (p *mailFixture) follow(email string) {
	p.t.Helper()
	p.send("/sites/paper/follow", "article", "quay", "email", email).want(http.StatusOK, nil)
	p.deliver()
	link := p.link(p.newest(email, confirmSubject), "/mail/follow/")
	p.testServer.send(call{method: http.MethodGet, path: link}).want(http.StatusOK, nil)
	if r := p.send(link); r.status != http.StatusSeeOther || !strings.Contains(r.header.Get("Location"), "?done=followed") {
		p.t.Fatalf("confirm: %d %s", r.status, r.body)
	}
}

func TestAReaderFollowsAnArticleWithoutCommenting(t *testing.T) {
	eachMailFixture(t, func(p *mailFixture) {
		publish := func(body string) {
			p.t.Helper()
			p.decide(p.submit(body, fields{"author_name": "Otto", "author_email": "otto@reader.example"}).Comment.ID, "approve")
			p.deliver()
		}
		publish("The ferry is late.")
		shown := string(p.get("/sites/paper/page?article=quay").body)
		if !strings.Contains(shown, `action="/sites/paper/follow"`) {
			p.t.Errorf("the page does not offer it:\n%s", shown)
		}
		p.send("/sites/paper/follow", "article", "quay", "email", mara).want(http.StatusOK, nil)
		publish("Not on Sundays.")
		if n := len(p.box.all(mara)); n != 1 {
			p.t.Fatalf("%d mails before the address is confirmed, want the one that asks", n)
		}
		confirm := p.newest(mara, confirmSubject)
		link := p.link(confirm, "/mail/follow/")
		p.testServer.send(call{method: http.MethodGet, path: link}).want(http.StatusOK, nil)
		publish("On Mondays neither.")
		if n := len(p.box.all(mara)); n != 1 {
			p.t.Fatalf("%d mails after the link was only opened, want 1", n)
		}
		done := p.send(link)
		done.want(http.StatusSeeOther, nil)
		manage := p.testServer.send(call{method: http.MethodGet, path: strings.TrimPrefix(done.header.Get("Location"), p.baseURL)})
		if !strings.Contains(string(manage.body), "All new comments") {
			p.t.Errorf("%s", manage.body)
		}
		publish("It came.")
		told := p.newest(mara, "Otto commented on The quay & its <lamps>")
		one := strings.TrimPrefix(told.Unsubscribe, publicURL)
		p.testServer.send(call{method: http.MethodPost, path: one, body: "List-Unsubscribe=One-Click",
			header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}}).want(http.StatusNoContent, nil)
		publish("It left.")
		if n := len(p.box.all(mara)); n != 2 {
			p.t.Errorf("%d mails after one click, want 2", n)
		}
	})
}

func TestAFollowerIsNewToTheRules(t *testing.T) {
	eachMailFixture(t, func(p *mailFixture) {
		p.submit("One.", nil)
		p.follow(mara)
		p.clock.advance(240 * time.Hour)
		a := p.submit("Two.", fields{"author_email": mara, "author_name": "Mara"})
		comment, record, err := p.db.Comments.CommentText(p.t.Context(), a.Comment.ID)
		if err != nil {
			p.t.Fatal(err)
		}
		if strings.Contains(string(record.Facts), "first_seen") {
			p.t.Errorf("their first comment has the facts %s", record.Facts)
		}
		p.clock.advance(time.Hour)
		commenter, err := p.db.Commenters.Commenter(p.t.Context(), comment.CommenterID)
		if err != nil || p.clock.Now().Sub(commenter.FirstSeenAt) > 2*time.Hour {
			p.t.Errorf("first seen %s, %v", commenter.FirstSeenAt, err)
		}
	})
}

func TestRequestsForMailAreLimitedAndRevealNothing(t *testing.T) {
	for name, test := range map[string]struct{ path, part string }{
		"following an article": {"/sites/paper/follow", "/mail/follow/"},
		"one's own comments":   {"/sites/paper/data", "/mail/comments/"},
	} {
		t.Run(name, func(t *testing.T) {
			eachMailFixture(t, func(p *mailFixture) {
				p.submit("One.", fields{"author_email": mara})
				known := p.send(test.path, "article", "quay", "email", mara)
				unknown := p.send(test.path, "article", "quay", "email", "nobody@reader.example")
				same := strings.ReplaceAll(string(unknown.body), "nobody@reader.example", mara) // each says only what was typed
				if known.status != http.StatusOK || string(known.body) != same {
					p.t.Errorf("%d %s\nand %d %s", known.status, known.body, unknown.status, unknown.body)
				}
				for day := range 5 {
					for range 3 {
						p.send(test.path, "article", "quay", "email", mara).want(http.StatusOK, nil)
					}
					p.deliver()
					if n, want := len(p.box.all(mara)), min(day+1, 3); n != want {
						p.t.Fatalf("%d mails on day %d, want %d", n, day+1, want)
					}
					p.clock.advance(24 * time.Hour)
				}
				p.send(test.path, "article", "quay", "email", mara, "subject", "x").want(http.StatusOK, nil)
				p.send(test.path, "article", "quay", "email", "mara").want(http.StatusUnprocessableEntity, nil)
				p.testServer.send(call{method: http.MethodPost, path: test.path, body: form("email", mara), header: map[string]string{
					"Origin": "https://evil.example", "Content-Type": "application/x-www-form-urlencoded"}}).want(http.StatusForbidden, nil)
				first := p.box.all(mara)[0]
				p.send(strings.TrimPrefix(first.Unsubscribe, publicURL)).want(http.StatusSeeOther, nil)
				p.clock.advance(40 * 24 * time.Hour)
				must(p.db.Janitor.ForgetMailRequests(p.t.Context(), p.clock.Now()))(p.t)
				p.send(test.path, "article", "quay", "email", mara).want(http.StatusOK, nil)
				p.deliver()
				if n := len(p.box.all(mara)); n != 3 {
					p.t.Errorf("%d mails to an address that stopped all mail, want 3", n)
				}
			})
		})
	}
}

func TestAPersonGetsALinkToTheirComments(t *testing.T) {
	eachMailFixture(t, func(p *mailFixture) {
		p.submit("The ferry is late.", fields{"author_email": mara})
		for _, email := range []string{mara, "nobody@reader.example"} {
			p.send("/sites/paper/data", "email", email, "lang", "de").want(http.StatusOK, nil)
		}
		p.deliver()
		if n := len(p.box.all("nobody@reader.example")); n != 0 {
			p.t.Errorf("%d mails to an address without comments", n)
		}
		letter := p.newest(mara, "Ihr Link zu Ihren Kommentaren")
		link := p.link(letter, "/mail/comments/")
		if own := p.testServer.send(call{method: http.MethodGet, path: link}); !strings.Contains(string(own.body), "The ferry is late.") {
			p.t.Errorf("%s", own.body)
		}
		p.testServer.send(call{method: http.MethodGet, path: link + "/export"}).want(http.StatusOK, nil)
		p.send(link+"/erase", "confirm", "yes").want(http.StatusOK, nil)
		p.clock.advance(24 * time.Hour)
		p.send("/sites/paper/data", "email", mara).want(http.StatusOK, nil)
		p.deliver()
		if n := len(p.box.all(mara)); n != 1 {
			p.t.Errorf("%d mails after an erasure, want 1", n)
		}
	})
}

func TestFollowingIsOfferedOnlyWithMail(t *testing.T) {
	h := newTestServer(t)
	h.submit("One.")
	for _, path := range []string{"/sites/paper/follow", "/sites/paper/data"} {
		h.send(call{method: http.MethodPost, path: path, body: form("article", "quay", "email", mara), header: map[string]string{
			"Origin": h.baseURL, "Content-Type": "application/x-www-form-urlencoded"}}).want(http.StatusNotFound, nil)
	}
	if strings.Contains(string(h.get("/sites/paper/page?article=quay").body), "/follow") {
		t.Error("the page offers to follow")
	}
}

func TestASealedAddressLeavesTheOutboxWithItsMail(t *testing.T) {
	eachMailFixture(t, func(p *mailFixture) {
		p.submit("One.", nil)
		p.send("/sites/paper/follow", "article", "quay", "email", mara).want(http.StatusOK, nil)
		p.box.fail = &mail.Failure{Reason: "no such mailbox", Permanent: true, BadAddress: true}
		p.deliver()
		p.box.fail = nil
		if reason := must(p.db.ReaderMail.AddressStopped(p.t.Context(), p.Intake.Keys.Indexes(mara)))(p.t); reason != "bounced" {
			p.t.Errorf("the address that bounced is stopped by %q", reason)
		}
		p.send("/sites/paper/follow", "article", "quay", "email", "otto@reader.example").want(http.StatusOK, nil)
		p.deliver()
		if n := len(p.box.all("otto@reader.example")); n != 1 {
			p.t.Fatalf("%d mails", n)
		}
		list := must(p.Mail.Outbox.List(p.t.Context(), moderation.Viewer{}, notify.MessageQuery{Limit: 10}))(p.t)
		for _, m := range list.Items {
			if m.State == "sent" && len(m.Payload.Secret) > 0 {
				p.t.Errorf("the message that was sent holds %+v", m.Payload)
			}
		}
	})
}
