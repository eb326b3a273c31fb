package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"rejoinder/handlers/tester"
)

var setupLine = regexp.MustCompile(`http\S+/console/setup/(\S+)`)

// setupSecret is that of the set-up link in the banner.
func (p *program) setupSecret(t *testing.T) string {
	t.Helper()
	m := setupLine.FindStringSubmatch(p.banner)
	if m == nil {
		t.Fatalf("the banner has no set-up link:\n%s", p.banner)
	}
	return m[1]
}

// fetch returns status and body of a page, without following redirects; with a form it sends that.
func fetch(t *testing.T, address string, form url.Values) (int, string) {
	t.Helper()
	method, body := http.MethodGet, ""
	if form != nil {
		method, body = http.MethodPost, form.Encode()
	}
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/html")
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(page)
}

// TestASetupLinkMakesOneAdmin: the link is printed anew at every start without moderators, is stored as a hash,
// appears in no log, and of several people who use one at once a single one becomes the admin.
func TestASetupLinkMakesOneAdmin(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, env []string) {
		p := startProgram(t, env, "serve")
		secrets := []string{p.setupSecret(t)}
		p.kill()
		p = startProgram(t, env, "serve")
		secrets = append(secrets, p.setupSecret(t))
		if secrets[0] == secrets[1] {
			t.Error("the same link is printed twice")
		}
		if _, page := fetch(t, p.url+"/console/sign-in", nil); !strings.Contains(page, "Open the set-up link that the server printed") {
			t.Error("the sign-in page offers no remedy")
		}
		if status, _ := fetch(t, p.url+"/console/setup/"+strings.Repeat("a", 43), nil); status != http.StatusNotFound {
			t.Errorf("a guessed link: status %d", status)
		}
		weak := url.Values{"email": {"eve@gazette.example"}, "name": {"Eve"}, "password": {"short"}}
		if status, page := fetch(t, p.url+"/console/setup/"+secrets[1], weak); status != http.StatusUnprocessableEntity ||
			!strings.Contains(page, "at least 12 characters long") {
			t.Errorf("a weak password: status %d", status)
		}
		statuses := make([]int, 2)
		var group sync.WaitGroup
		for i := range statuses {
			form := url.Values{"email": {fmt.Sprintf("eve%d@gazette.example", i)}, "name": {"Eve"}, "password": {"a quiet harbour at dawn"}}
			group.Go(func() { statuses[i], _ = fetch(t, p.url+"/console/setup/"+secrets[i%2], form) })
		}
		group.Wait()
		slices.Sort(statuses)
		if want := []int{303, 404}; !slices.Equal(statuses, want) {
			t.Errorf("two people set the server up at once: %v, want %v", statuses, want)
		}
		out, _, _ := runProgram(t, env, "", "moderator", "list")
		if strings.Count(out, "@gazette.example") != 1 {
			t.Errorf("the moderators are\n%s", out)
		}
		if status, page := fetch(t, p.url+"/console/setup/"+secrets[0], nil); status != http.StatusNotFound ||
			!strings.Contains(page, "This server is set up.") {
			t.Errorf("the link once more: status %d", status)
		}
		p.stop(t)
		for _, secret := range secrets {
			if strings.Contains(p.log.String(), secret) {
				t.Error("the log holds a link")
			}
			if file := strings.TrimPrefix(databaseURL(env), "sqlite:"); file != databaseURL(env) {
				if raw, err := os.ReadFile(file); err != nil || strings.Contains(string(raw), secret) {
					t.Errorf("the database holds a link, or cannot be read: %v", err)
				}
			}
		}
		if p = startProgram(t, env, "serve"); setupLine.MatchString(p.banner) {
			t.Errorf("with a moderator, the banner is\n%s", p.banner)
		}
	})
}

func TestAModeratorOfTheCommandLineEndsSetupLinks(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, env []string) {
		p := startProgram(t, env, "serve")
		link := p.url + "/console/setup/" + p.setupSecret(t)
		if _, errs, code := runProgram(t, env, "a quiet harbour at dawn\n", "moderator", "add", "--email", "eve@gazette.example",
			"--name", "Eve", "--role", "admin", "--password-stdin"); code != 0 {
			t.Fatal(errs)
		}
		form := url.Values{"email": {"mallory@gazette.example"}, "name": {"Mallory"}, "password": {"a quiet harbour at dusk"}}
		if status, _ := fetch(t, link, form); status != http.StatusNotFound {
			t.Errorf("status %d", status)
		}
	})
}

func TestTheSetUpOffersTheEmailThatWasProbablyMeant(t *testing.T) {
	t.Parallel()
	env := []string{"REJOINDER_DATA_DIR=" + t.TempDir()}
	p := startProgram(t, env, "serve")
	link := p.url + "/console/setup/" + p.setupSecret(t)
	form := url.Values{"email": {"eve@gmial.com"}, "name": {"Eve"}, "password": {"a quiet harbour at dawn"}}
	status, page := fetch(t, link, form)
	for _, want := range []string{"looks mistyped", `type="radio"`, `value="eve@gmail.com" checked`, `value="eve@gmial.com"`,
		`name="email_asked" value="eve@gmial.com"`, `value="Eve"`} {
		if status != http.StatusConflict || !strings.Contains(page, want) {
			t.Fatalf("status %d, without %q:\n%s", status, want, page)
		}
	}
	form.Set("email_asked", "eve@gmial.com") // she means it
	if status, _ := fetch(t, link, form); status != http.StatusSeeOther {
		t.Errorf("the email that was typed: status %d", status)
	}
	out, _, _ := runProgram(t, env, "", "moderator", "list")
	if !strings.Contains(out, "eve@gmial.com") {
		t.Errorf("the moderators are\n%s", out)
	}
}

// waitForTexts waits until a page says all texts, reloading nothing.
func waitForTexts(t *testing.T, browser context.Context, texts ...string) {
	t.Helper()
	deadline, tick := time.After(seeTime), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for {
		page := pageText(t, browser, "")
		missing := slices.IndexFunc(texts, func(text string) bool { return !strings.Contains(page, text) })
		if missing < 0 {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			screenshot(t, browser)
			t.Fatalf("the page never said %q:\n%s", texts[missing], page)
		}
	}
}

// followSetup follows a set-up link up to the embed code, which it returns.
func followSetup(t *testing.T, browser context.Context, p *program, origin string) string {
	t.Helper()
	wantText(t, browser, p.url+"/console", "Nobody has an account on this server yet")
	wantText(t, browser, p.url+"/console/setup/"+p.setupSecret(t), "Your account", "Your site", "When comments appear", "Put it on your page")
	follow(t, browser,
		chromedp.SetValue(css(`[name="email"]`), "eve@gazette.example"),
		chromedp.SetValue(css(`[name="name"]`), "Eve"),
		chromedp.SetValue(css(`[name="password"]`), "a quiet harbour at dawn"),
		chromedp.Click(css(`main button.go`)))
	wantText(t, browser, "", "Eve, admin")
	follow(t, browser,
		chromedp.SetValue(css(`[name="name"]`), "The Harbour Gazette"),
		chromedp.SetValue(css(`[name="origin"]`), origin),
		chromedp.Click(css(`main button.go`)))
	wantText(t, browser, "", "harbour-gazette, "+origin+", English", "First ones wait")
	follow(t, browser, chromedp.Click(css(`main button.go`)))
	wantText(t, browser, "", "Now open one of your articles", "Your page loads the script")
	return ask(t, browser, chromedp.Evaluate[string](`document.getElementById("embed-code").textContent`))
}

// TestTheSetUpToTheFirstComment goes from an empty server to an approved comment in a page of another origin, by way of the
// faults that people make.
func TestTheSetUpToTheFirstComment(t *testing.T) {
	t.Parallel()
	began := time.Now()
	p := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir()}, "serve")
	paper := newPublisher(t, p, "")
	admin, ada := newScriptBrowser(t), newReader(t)
	allowed := strings.Replace(paper.url, "127.0.0.1", "localhost", 1)
	code := followSetup(t, admin, p, allowed)
	_, thread, found := strings.Cut(code, "</script>")
	if !found || !strings.Contains(code, `src="`+p.url+`/embed.js"`) {
		t.Fatalf("the embed code is %s", code)
	}

	// A strict policy allows the script, but none of its requests.
	paper.setContent(`<meta http-equiv="Content-Security-Policy" content="connect-src 'none'">`, thread)
	ada.open(allowed + "/ferry")
	waitForTexts(t, admin, "Waiting for "+allowed+" to request its thread")
	waitForTexts(t, admin, "The page loads the script, but requests no thread", "connect-src")

	// The name of the site is misspelt.
	paper.setContent("", strings.Replace(thread, `site="harbour-gazette"`, `site="gazete"`, 1))
	ada.open(allowed + "/ferry")
	waitForTexts(t, admin, "There is no site “gazete”", "Your page has site=\"gazete\"")

	// The page has another origin, which the button allows.
	paper.setContent("", thread)
	ada.open(paper.url + "/ferry")
	waitForTexts(t, admin, "The site name is right", paper.url+" may not show comments yet")
	follow(t, admin, chromedp.Click(css(`.checks form button`)))
	waitForTexts(t, admin, paper.url+" may show comments", "It is allowed now. Reload your page.")

	ada.openThread(paper.url + "/ferry")
	waitForTexts(t, admin, paper.url+" may show comments", "Your page shows it. Write a comment yourself.")
	ada.submit("Ada Newcomer", "ada@mail.example", remark)
	ada.waitFor(`$(".rj-own .rj-notice")`)
	waitForTexts(t, admin, "The form can be sent", "1 comment waiting for you")

	follow(t, admin, chromedp.Click(css(`.checks a[href^="/console?"]`)))
	wantText(t, admin, "", remark)
	act(t, admin, chromedp.Click(css(`.item h2 a`)), chromedp.Click(css(`.pane button[value="approve"]`)))
	stranger := newReader(t)
	ada.waitFor(`!$(".rj-own") && $(".rj").textContent.includes("pleasant page")`)
	stranger.openThread(paper.url + "/ferry")
	stranger.waitFor(`$(".rj").textContent.includes("pleasant page")`)
	t.Logf("from an empty server, by way of each fault, to the first approved comment: %.1f s", time.Since(began).Seconds())
}

// TestTheTesterExplainsAPolicyThatBlocksTheScript: no request of the page reaches the server, so the tester judges by
// silence, and names the policy that lets the script in. The other faults are in TestTheSetUpToTheFirstComment.
func TestTheTesterExplainsAPolicyThatBlocksTheScript(t *testing.T) {
	t.Parallel()
	p := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir()}, "serve")
	paper := newPublisher(t, p, "")
	admin, ada := newScriptBrowser(t), newReader(t)
	followSetup(t, admin, p, paper.url)
	policy := ask(t, admin, chromedp.Evaluate[string](`document.getElementById("embed-policy").textContent`))
	const thread, strict = `<rejoinder-thread site="harbour-gazette"></rejoinder-thread>`, "default-src 'none'"
	shows := func(policy string) {
		paper.setContent(`<meta http-equiv="Content-Security-Policy" content="`+policy+`">`, thread)
		ada.open(paper.url + "/ferry")
	}
	watch := func(since time.Time) { // as a tab that was opened then
		act(t, admin, chromedp.Navigate(fmt.Sprintf("%s/console/setup?since=%d", p.url, since.Unix())))
	}
	shows(strict)
	if !ask(t, ada.browser, chromedp.Evaluate[bool](`customElements.get("rejoinder-thread") === undefined`)) {
		t.Fatal("the policy does not block the script")
	}
	watch(time.Now())
	waitForTexts(t, admin, "Nothing has come from it yet")
	watch(time.Now().Add(-2 * tester.Patience))
	waitForTexts(t, admin, "Nothing yet", "Does its Content-Security-Policy name "+p.url+" in script-src?")

	shows(strict + "; " + policy)
	ada.waitFor(`$(".rj-respond")`)
	waitForTexts(t, admin, "The site name is right", paper.url+" may show comments", "Your page shows it. Write a comment yourself.")
}

// TestTheSetUpWithoutJavaScript: the tester is reloaded by a link.
func TestTheSetUpWithoutJavaScript(t *testing.T) {
	t.Parallel()
	p := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir()}, "serve")
	paper := newPublisher(t, p, "")
	admin := newBrowser(t)
	wantText(t, admin, p.url+"/console/setup/"+p.setupSecret(t), "Your account")
	for _, step := range []map[string]string{
		{"email": "eve@gazette.example", "name": "Eve", "password": "a quiet harbour at dawn"},
		{"name": "The Harbour Gazette", "origin": "www.gazette.example/news"},
		{},
	} {
		for name, value := range step {
			act(t, admin, chromedp.SendKeys(css(`[name="`+name+`"]`), value))
		}
		follow(t, admin, chromedp.Click(css(`main button.go`)))
	}
	wantText(t, admin, "", "harbour-gazette, https://www.gazette.example, English", "<rejoinder-thread site=\"harbour-gazette\">",
		"Nothing has come from it yet")
	paper.setContent("", `<rejoinder-thread site="harbour-gazette"></rejoinder-thread>`)
	ada := newReader(t)
	ada.open(paper.url + "/ferry")
	ada.waitFor(`$("[role=alert]")`)
	follow(t, admin, chromedp.Click(css(`.again a`)))
	wantText(t, admin, "", paper.url+" may not show comments yet", "You allowed https://www.gazette.example.")
	follow(t, admin, chromedp.Click(css(`.checks form button`)))
	wantText(t, admin, "", paper.url+" may show comments")
}
