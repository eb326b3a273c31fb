package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// seeTime bounds how long a page may take to show something; reaching it is a failure, not a delay.
const seeTime = 40 * time.Second

// watch runs in every page before its own scripts. It records policy violations, errors and layout shifts.
const watch = `
window.refused = []; window.failed = []; window.moved = 0;
document.addEventListener("securitypolicyviolation", (e) => refused.push(e.violatedDirective + " " + e.blockedURI));
addEventListener("error", (e) => failed.push(e.message));
addEventListener("unhandledrejection", (e) => failed.push(String(e.reason)));
new PerformanceObserver((list) => { for (const e of list.getEntries()) moved += e.value; }).observe({ type: "layout-shift", buffered: true });`

// reader is a person with a browser that runs scripts.
type reader struct {
	t       *testing.T
	browser context.Context
}

func newReader(t *testing.T) reader {
	t.Helper()
	r := reader{t, newScriptBrowser(t)}
	if _, err := chromedp.Call(r.browser, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watch}); err != nil {
		t.Fatalf("watch pages: %v", err)
	}
	return r
}

func (r reader) open(url string) {
	r.t.Helper()
	act(r.t, r.browser, chromedp.Navigate(url))
}

// do runs a script in which $ finds one element of the thread, and all of them with $$.
func (r reader) do(script string) {
	r.t.Helper()
	act(r.t, r.browser, chromedp.Evaluate[chromedp.Void](inThread(script)))
}

// text is the value of an expression in the thread.
func (r reader) text(expression string) string {
	r.t.Helper()
	return ask(r.t, r.browser, inText(expression))
}

func inText(expression string) chromedp.Action[string] {
	return chromedp.Evaluate[string](inThread("return String(" + expression + ")"))
}

// waitFor waits for a condition in the thread. A condition that throws is false, since its elements may not
// exist yet. So is one that is interrupted by the next page.
func (r reader) waitFor(condition string) {
	r.t.Helper()
	deadline, tick := time.After(seeTime), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for {
		holds := inText("(() => { try { return !!(" + condition + ") } catch (e) { return e } })()")
		answer, err := chromedp.Run(r.browser, holds)
		if err != nil && !strings.Contains(err.Error(), "Inspected target navigated") {
			r.t.Fatalf("browser: %v", err)
		}
		if err == nil && answer == "true" {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			screenshot(r.t, r.browser)
			r.t.Fatalf("never came true, last %s: %s\n%s", answer, condition,
				r.text(`host?.shadowRoot?.textContent ?? document.body.innerText`))
		}
	}
}

// inThread gives a script access to the thread's elements.
func inThread(script string) string {
	return `(() => {
const host = document.querySelector("rejoinder-thread");
const $ = (selector) => host?.shadowRoot?.querySelector(selector);
// Not ":focus", which only matches in the window on top of the desktop.
const focused = (selector) => !!host?.shadowRoot?.activeElement?.matches(selector);
const $$ = (selector) => [...host?.shadowRoot?.querySelectorAll(selector) ?? []];
` + script + `})()`
}

// openThread opens a page and waits for its thread.
func (r reader) openThread(url string) {
	r.t.Helper()
	r.open(url)
	r.waitFor(`$(".rj-respond")`)
}

// fill fills a field of the form like a person: with the events that the widget expects.
func (r reader) fill(field, text string) {
	r.t.Helper()
	r.do(fmt.Sprintf(`const field = $('.rj-respond [name="%s"]'); field.focus(); field.value = %s; field.dispatchEvent(new Event("input", { bubbles: true, composed: true }));`,
		field, strconv.Quote(text)))
}

// focusComposer focuses the comment box of the current thread, and waits for the tools that appear.
func (r reader) focusComposer() {
	r.t.Helper()
	r.waitFor(`$("[name=body]")?.focus() || $(".rj-tools")`)
}

// press presses a key in the box for a comment, with Ctrl or without.
func (r reader) press(key, modifiers string) {
	r.t.Helper()
	r.do(fmt.Sprintf(`$("[name=body]").dispatchEvent(new KeyboardEvent("keydown", { key: %s, bubbles: true, composed: true, cancelable: true, %s }))`,
		strconv.Quote(key), modifiers))
}

// submit fills the form in and presses its button.
func (r reader) submit(name, email, body string) {
	r.t.Helper()
	r.fill("author_name", name)
	r.fill("author_email", email)
	r.fill("body", body)
	r.click(`.rj-respond [type=submit]`)
}

func (r reader) click(selector string) {
	r.t.Helper()
	r.waitFor(fmt.Sprintf("$(%s)", strconv.Quote(selector)))
	r.do(fmt.Sprintf("$(%s).click()", strconv.Quote(selector)))
}

// waitForText waits until the thread shows a text.
func (r reader) waitForText(text string) {
	r.t.Helper()
	r.waitFor(fmt.Sprintf("$(\".rj\")?.textContent.includes(%s)", strconv.Quote(text)))
}

// checkClean requires that no policy was violated and no script failed on the page.
func (r reader) checkClean() {
	r.t.Helper()
	for _, what := range []string{"refused", "failed"} {
		if got := r.text(what + ".join()"); got != "" {
			r.t.Errorf("%s: %s", what, got)
		}
	}
}
