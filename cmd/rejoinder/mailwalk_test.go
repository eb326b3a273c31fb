package main

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"github.com/chromedp/chromedp"

	"rejoinder/web"
)

var (
	approveURL = regexp.MustCompile(`http\S+/mail/decide/\S+`)
	confirmed  = "Address confirmed."
)

// newest waits for a mail to somebody that contains a text.
func (b *inbox) newest(t *testing.T, to, part string) delivered {
	t.Helper()
	var found delivered
	eventuallyWithin(t, mailTime, to+" got no mail with "+part, func() bool {
		for _, m := range b.mailsWith(part) {
			if m.to == to {
				found = m
			}
		}
		return found.id != ""
	})
	return found
}

// TestAReaderAsksForMailGetsItAndUnsubscribes uses a browser: a reader asks for mail and confirms the
// address, a moderator approves the comment from a mail, and the reader gets mail about that and about a
// reply. After one click on unsubscribe, no mail comes any more.
func TestAReaderAsksForMailGetsItAndUnsubscribes(t *testing.T) {
	t.Parallel()
	box := newInbox(t)
	p := startProgram(t, append(consoleEnv(t), "REJOINDER_ADDRESS_LIMIT=0", "REJOINDER_SMTP_URL=smtp://"+box.address,
		"REJOINDER_MAIL_FROM=comments@gazette.example"), "serve", "--demo")
	token := p.signIn(t)
	choices := map[string]any{"urgent": true, "urgent_risk": 0, "urgent_rules": []string{"first-comment"},
		"urgent_in_quiet_hours": true, "digest": "never", "digest_hour": 8, "weekends": true, "quiet_from": 0,
		"quiet_until": 0, "sites": []string{}}
	if status := call(t, http.MethodPut, p.url+"/api/v1/me/notifications", token, choices, nil); status != http.StatusOK {
		t.Fatalf("the moderator's choices: status %d", status)
	}
	reader := newReader(t)
	reader.openThread(p.url + "/demo")
	reader.focusComposer()
	reader.fill("author_name", "Nora")
	reader.fill("author_email", "nora@mail.example")
	reader.fill("body", "The lighthouse was open in 1987, and we went up.")
	reader.do(`$("[name=notify]").click(); $(".rj-respond form button[type=submit]").click()`)

	first := box.newest(t, "nora@mail.example", "/mail/confirm/")
	pressMailButton(t, reader, confirmURL.FindString(first.text), confirmed)
	urgent := box.newest(t, demoEmail, "The lighthouse was open in 1987")
	moderator := newReader(t)
	pressMailButton(t, moderator, approveURL.FindString(urgent.text), "You approved this comment.")
	box.newest(t, "nora@mail.example", "published")

	var approved struct {
		Items []struct{ Comment struct{ ID string } }
	}
	call(t, http.MethodGet, p.url+"/api/v1/queue?status=approved&q=lighthouse", token, nil, &approved)
	if len(approved.Items) != 1 {
		t.Fatalf("approved: %+v", approved)
	}
	// What a moderator publishes is mailed once it cannot be undone any more, so the rules publish the replies.
	if status := call(t, http.MethodPatch, p.url+"/api/v1/sites/"+web.DemoSite+"/moderation", token, map[string]any{"mode": "at_once"}, nil); status != http.StatusOK {
		t.Fatalf("publish at once: status %d", status)
	}
	reply := func(name, body string) {
		t.Helper()
		var accepted struct{ Comment struct{ Status string } }
		call(t, http.MethodPost, p.url+"/api/v1/sites/"+web.DemoSite+"/comments", "", map[string]any{
			"article": map[string]string{"key": web.DemoArticleKey}, "parent_id": approved.Items[0].Comment.ID, "author_name": name,
			"author_email": name + "@mail.example", "body": body, "notify": true}, &accepted)
		if accepted.Comment.Status != "approved" {
			t.Fatalf("the reply %q is %s", body, accepted.Comment.Status)
		}
	}
	reply("Otto", "It opened again last summer.")
	answered := box.newest(t, "nora@mail.example", "It opened again last summer.")
	stop, err := url.Parse(answered.unsubscribe)
	if err != nil || stop.Path == "" {
		t.Fatalf("the mail can be stopped at %q, %v", answered.unsubscribe, err)
	}
	resp, err := http.PostForm(p.url+stop.Path, url.Values{"List-Unsubscribe": {"One-Click"}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent {
		t.Fatalf("one click: status %d", resp.StatusCode)
	}
	reply("Pia", "And it closes again in the winter.")
	box.newest(t, "Pia@mail.example", "/mail/confirm/") // planned in the same transaction as mail about the reply
	eventuallyWithin(t, mailTime, "the outbox is not empty", func() bool {
		var waiting struct{ Items []struct{ ID string } }
		return trySend(http.MethodGet, p.url+"/api/v1/outbox?state=waiting", token, "", &waiting) && len(waiting.Items) == 0
	})
	for _, m := range box.mailsWith("in the winter") {
		if m.to == "nora@mail.example" {
			t.Errorf("after the last one came\n%s", m.text)
		}
	}
}

// pressMailButton opens a link of a mail, presses the page's button and waits for the page's message. Opening
// alone does nothing.
func pressMailButton(t *testing.T, r reader, link, says string) {
	t.Helper()
	if link == "" {
		t.Fatal("the mail has no such link")
	}
	r.open(link)
	r.waitFor(`document.querySelector("main form button")`)
	if r.text(`document.body.innerText.includes(`+"`"+says+"`"+`)`) == "true" {
		t.Errorf("%s did something when it was opened", link)
	}
	act(t, r.browser, chromedp.Click(css("main form button")))
	r.waitFor("document.body.innerText.includes(`" + says + "`)")
}
