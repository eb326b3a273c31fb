package main

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"rejoinder/web"
)

var followURL = regexp.MustCompile(`http\S+/mail/follow/\S+`)

// TestAReaderFollowsFromTheWidgetAndStops uses a browser: a reader who never comments follows the article below its
// thread, confirms the address, gets the next comment by mail, and stops with one click.
func TestAReaderFollowsFromTheWidgetAndStops(t *testing.T) {
	t.Parallel()
	box := newInbox(t)
	p := startProgram(t, append(consoleEnv(t), "REJOINDER_ADDRESS_LIMIT=0", "REJOINDER_SMTP_URL=smtp://"+box.address,
		"REJOINDER_MAIL_FROM=comments@gazette.example"), "serve", "--demo")
	token := p.signIn(t)
	if status := call(t, http.MethodPatch, p.url+"/api/v1/sites/"+web.DemoSite+"/moderation", token,
		map[string]any{"mode": "at_once"}, nil); status != http.StatusOK {
		t.Fatalf("publish at once: status %d", status)
	}
	write := func(body string) {
		t.Helper()
		var accepted struct{ Comment struct{ Status string } }
		call(t, http.MethodPost, p.url+"/api/v1/sites/"+web.DemoSite+"/comments", "", map[string]any{
			"article": map[string]string{"key": web.DemoArticleKey}, "author_name": "Otto", "author_email": "otto@mail.example",
			"body": body}, &accepted)
		if accepted.Comment.Status != "approved" {
			t.Fatalf("%q is %s", body, accepted.Comment.Status)
		}
	}
	write("The lighthouse was open in 1987.")
	reader := newReader(t)
	reader.openThread(p.url + "/demo")
	reader.do(`$(".rj-follow summary").click()`)
	reader.do(`$(".rj-follow [name=email]").value = "nora"; $(".rj-follow form button").click()`)
	reader.waitFor(`!!$(".rj-follow [aria-invalid]")`)
	reader.do(`$(".rj-follow [name=email]").value = "nora@mail.example"; $(".rj-follow form button").click()`)
	reader.waitFor(`$(".rj-follow .rj-notice")?.textContent.includes("Check your inbox")`)
	ask := box.newest(t, "nora@mail.example", "/mail/follow/")
	pressMailButton(t, reader, followURL.FindString(ask.text), "following this discussion")
	write("It opened again last summer.")
	told := box.newest(t, "nora@mail.example", "It opened again last summer.")
	stop, err := url.Parse(told.unsubscribe)
	if err != nil || stop.Path == "" {
		t.Fatalf("the mail can be stopped at %q, %v", told.unsubscribe, err)
	}
	resp, err := http.PostForm(p.url+stop.Path, url.Values{"List-Unsubscribe": {"One-Click"}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent {
		t.Errorf("one click: status %d", resp.StatusCode)
	}
}
