package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// css is how elements are found.
type css = chromedp.CSS

// browserTime bounds one browser session; reaching it is a failure, not a delay.
const browserTime = 2 * time.Minute

// TestNewcomersWalk does in a real browser, without JavaScript, what somebody does who has just typed `make run`: read the demo
// article, leave a comment, see it awaiting moderation, approve it as the moderator, and find it under the article.
func TestNewcomersWalk(t *testing.T) {
	eachEngine(t, func(t *testing.T, env []string) {
		p := startProgram(t, env, "serve", "--demo")
		reader, moderator, stranger := newBrowser(t), newBrowser(t), newBrowser(t)
		const comment = "What a pleasant page. I would like to read more of these."

		see(t, reader, p.url+"/demo", "Leave a comment", "Leave a Reply",
			"Your email address will not be published. Required fields are marked *")
		fillComment(t, reader, "Ada Newcomer", "not an address", comment)
		see(t, reader, "", "email")
		if got := value(t, reader, `textarea[name="body"]`); got != comment {
			t.Fatalf("after a mistyped email the comment field holds %q", got)
		}
		fillComment(t, reader, "Ada Newcomer", "ada@mail.example", comment)
		see(t, reader, "", "awaiting moderation", comment)
		dontSee(t, stranger, p.url+"/demo", comment, "Ada Newcomer")

		see(t, moderator, p.url+"/console", "Sign in")
		follow(t, moderator,
			chromedp.SendKeys(css(`input[name="email"]`), demoEmail),
			chromedp.SendKeys(css(`input[name="password"]`), p.password(t)),
			chromedp.Click(css(`main button[type="submit"]`)),
		)
		see(t, moderator, "", comment, "Ada Newcomer", "first")
		dontSee(t, moderator, "", "ada@mail.example")
		follow(t, moderator, chromedp.Click(css(`button[value="approve"]`)))

		see(t, stranger, p.url+"/demo", "1 comment", comment, "Ada Newcomer")
		dontSee(t, stranger, "", "ada@mail.example")
		if strings.Contains(p.log.String(), "ada@mail.example") || strings.Contains(p.log.String(), "pleasant page") {
			t.Error("the log holds an email or a comment's text")
		}
	})
}

// newBrowser starts a Chromium of its own, as another person's machine, with JavaScript off.
func newBrowser(t *testing.T) context.Context {
	t.Helper()
	browser := newScriptBrowser(t)
	if _, err := chromedp.Call(browser, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatalf("switch JavaScript off: %v", err)
	}
	return browser
}

// newScriptBrowser is newBrowser with JavaScript on.
func newScriptBrowser(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromiumPath(t)),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.WindowSize(1000, 1400),
	)
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocator, cancelAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	act(t, ctx, chromedp.Navigate("about:blank"))
	limited, cancelLimit := context.WithTimeout(ctx, browserTime)
	t.Cleanup(func() {
		cancelLimit()
		cancel()
		cancelAllocator()
	})
	return limited
}

// chromiumPath finds a browser; without one the test fails and says what to install.
func chromiumPath(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("there is no Chromium here: install it, on Debian with `apt-get install chromium`")
	return ""
}

func act(t *testing.T, browser context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(browser, steps...); err != nil {
		screenshot(t, browser)
		t.Fatalf("browser: %v", err)
	}
}

// ask runs an action that answers.
func ask[T any](t *testing.T, browser context.Context, action chromedp.Action[T]) T {
	t.Helper()
	value, err := chromedp.Run(browser, action)
	if err != nil {
		screenshot(t, browser)
		t.Fatalf("browser: %v", err)
	}
	return value
}

// fillComment fills the form in and sends it. What a field held before is taken away with the backspace key: JavaScript is
// off, and people have no other way either.
func fillComment(t *testing.T, browser context.Context, name, email, body string) {
	t.Helper()
	for field, text := range map[string]string{
		`textarea[name="body"]`: body, `input[name="author_name"]`: name, `input[name="author_email"]`: email,
	} {
		before := len(value(t, browser, field))
		act(t, browser, chromedp.SendKeys(css(field), kb.End+strings.Repeat(kb.Backspace, before)+text))
	}
	follow(t, browser, chromedp.Click(css(`#respond button[type="submit"]`)))
}

// follow does what leads to another page, and waits until that page is there.
func follow(t *testing.T, browser context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if _, err := chromedp.RunResponse(browser, steps...); err != nil {
		screenshot(t, browser)
		t.Fatalf("browser: %v", err)
	}
}

// see opens url (or stays, when it is empty) and requires every text on the page.
func see(t *testing.T, browser context.Context, url string, texts ...string) {
	t.Helper()
	page := pageText(t, browser, url)
	for _, text := range texts {
		if !strings.Contains(page, text) {
			screenshot(t, browser)
			t.Fatalf("the page does not say %q:\n%s", text, page)
		}
	}
}

// dontSee is the opposite of see, and also looks into the source.
func dontSee(t *testing.T, browser context.Context, url string, texts ...string) {
	t.Helper()
	page := pageText(t, browser, url)
	source := ask(t, browser, chromedp.OuterHTML(css("html")))
	for _, text := range texts {
		if strings.Contains(page, text) || strings.Contains(source, text) {
			t.Fatalf("the page says %q:\n%s", text, page)
		}
	}
}

func pageText(t *testing.T, browser context.Context, url string) string {
	t.Helper()
	if url != "" {
		act(t, browser, chromedp.Navigate(url))
	}
	act(t, browser, chromedp.WaitReady(css("main")))
	return ask(t, browser, chromedp.Text(css("body")))
}

func value(t *testing.T, browser context.Context, selector string) string {
	t.Helper()
	return ask(t, browser, chromedp.Value(css(selector)))
}

// screenshot leaves a picture of the page where REJOINDER_SCREENSHOTS says, for whoever looks into a failure.
func screenshot(t *testing.T, browser context.Context) {
	t.Helper()
	dir := os.Getenv("REJOINDER_SCREENSHOTS")
	if dir == "" {
		return
	}
	picture, err := chromedp.Run(browser, chromedp.FullScreenshot(90))
	if err != nil {
		t.Logf("no screenshot: %v", err)
		return
	}
	path := filepath.Join(dir, strings.ReplaceAll(t.Name(), "/", "-")+".png")
	if err := os.WriteFile(path, picture, 0o600); err != nil {
		t.Logf("no screenshot: %v", err)
	}
}
