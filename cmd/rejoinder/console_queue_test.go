package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// consoleUser is a person at the console with a browser that runs scripts. Scripts of tests find one element
// of the page with $ and all of them with $$.
type consoleUser struct {
	reader
	p *program
}

// newConsoleUser signs in to the demo's console.
func newConsoleUser(t *testing.T, p *program) consoleUser {
	t.Helper()
	m := consoleUser{newReader(t), p}
	m.resize(1280, 900)
	wantText(t, m.browser, p.url+"/console", "Sign in")
	signInWith(t, m.browser, p)
	return m
}

func (m consoleUser) resize(width, height int64) {
	m.t.Helper()
	size := emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1}
	if _, err := chromedp.Call(m.browser, emulation.SetDeviceMetricsOverride, size); err != nil {
		m.t.Fatal(err)
	}
}

const inConsole = `const $ = (selector) => document.querySelector(selector), $$ = (selector) => [...document.querySelectorAll(selector)];
const waiting = () => $$("#queue .item").length;`

func (m consoleUser) waitFor(condition string) {
	m.t.Helper()
	m.reader.waitFor(`(() => { ` + inConsole + ` return ` + condition + ` })()`)
}

func (m consoleUser) eval(expression string) string {
	m.t.Helper()
	return m.text(`(() => { ` + inConsole + ` return ` + expression + ` })()`)
}

// open loads a page of the console and waits until its modules work.
func (m consoleUser) open(path string) {
	m.t.Helper()
	act(m.t, m.browser, chromedp.Navigate(m.p.url+path))
	m.waitFor(`$(".messages")`)
}

// unfold opens a details element. It does not click, since content that loads above may move the element
// under the mouse.
func (m consoleUser) unfold(details string) {
	m.t.Helper()
	m.waitFor(`$(` + strconv.Quote(details) + `)`)
	m.eval(`$(` + strconv.Quote(details) + `).open = true`)
}

// press types keys, one after the other.
func (m consoleUser) press(keys string) {
	m.t.Helper()
	act(m.t, m.browser, chromedp.KeyEvent(keys))
}

// submitAll sends comments to the demo article, each from an address of its own, and returns their ids. It
// needs the environment of throughProxy.
func (p *program) submitAll(t *testing.T, bodies ...string) []string {
	t.Helper()
	ids := make([]string, 0, len(bodies))
	for i, body := range bodies {
		content, err := json.Marshal(map[string]any{
			"article": map[string]any{"key": "welcome"}, "author_name": fmt.Sprintf("Reader %02d", i),
			"author_email": fmt.Sprintf("reader%02d@mail.example", i), "body": body,
		})
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/api/v1/sites/demo/comments", bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Forwarded-For", fmt.Sprintf("198.%d.%d.7", 51+i/256, i%256))
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		var made struct {
			Comment struct{ ID, Status string }
		}
		err = json.NewDecoder(resp.Body).Decode(&made)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusCreated || made.Comment.Status != "pending" {
			t.Fatalf("comment %d: status %d, %q, %v", i, resp.StatusCode, made.Comment.Status, err)
		}
		ids = append(ids, made.Comment.ID)
	}
	return ids
}

// throughProxy lets tests send comments from many addresses.
const throughProxy = "REJOINDER_TRUSTED_PROXIES=127.0.0.1"

func consoleEnv(t *testing.T) []string {
	t.Helper()
	return []string{"REJOINDER_DATA_DIR=" + t.TempDir(), throughProxy}
}

func bodies(n int) []string {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = fmt.Sprintf("The %s of the harbour in %d was worth a visit.", []string{"market", "lighthouse", "pier"}[i%3], 1900+i)
	}
	return texts
}

func TestFiftyCommentsAreClearedByKeyboardAlone(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, env []string) {
		p := startProgram(t, append(env, throughProxy), "serve", "--demo")
		p.submitAll(t, bodies(50)...)
		m := newConsoleUser(t, p)
		m.open("/console")
		m.waitFor(`waiting() === 20 && $(".item.chosen")`)
		for i := range 50 {
			m.waitFor(`$(".item.chosen h2")`)
			name := m.eval(`$(".item.chosen h2").textContent`)
			m.press([]string{"a", "rr", "s"}[i%3])
			m.waitFor(`$(".item.chosen h2")?.textContent !== "` + name + `"`)
		}
		m.waitFor(`waiting() === 0 && $("h1").textContent === "Nothing is waiting"`)
		m.open("/console?status=approved")
		m.waitFor(`$("h1").textContent === "17 approved comments"`)
		m.open("/console?status=spam")
		m.waitFor(`$("h1").textContent === "16 spam comments"`)
		m.checkClean()
	})
}

func TestOneKeyUndoesADecision(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(3)...)
	m := newConsoleUser(t, p)
	m.open("/console")
	m.press("j")
	m.waitFor(`$(".item.chosen").textContent.includes("Reader 01") && $("#pane h2").textContent === "Reader 01"`)
	m.press("rr")
	m.waitFor(`waiting() === 2 && $(".messages").textContent.includes("Rejected: Reader 01")`)
	m.press("u")
	m.waitFor(`waiting() === 3 && $$(".item.chosen").map((item) => item.querySelector("h2").textContent.trim()).join() === "Reader 01" && $(".messages").textContent.includes("Undone")`)
	if got := m.eval(`$$("#queue h2").map((h) => h.textContent).join()`); got != "Reader 00,Reader 01,Reader 02" {
		t.Errorf("the list is %s", got)
	}
	m.press("a")
	m.waitFor(`waiting() === 2 && $(".messages").textContent.includes("Approved: Reader 01")`)
	m.checkClean()
}

func TestTheSlowerModeratorLearnsWhoDecided(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(2)...)
	fast, slow := newConsoleUser(t, p), newConsoleUser(t, p)
	fast.open("/console")
	slow.open("/console")
	slow.waitFor(`waiting() === 2`)
	fast.press("s")
	fast.waitFor(`waiting() === 1 && $(".messages").textContent.includes("Marked as spam")`)
	slow.press("a")
	slow.waitFor(`waiting() === 2 && $(".message.bad")?.textContent.includes("Demo moderator decided before you. The comment is spam now.")`)
	slow.waitFor(`$("#pane .log").textContent.includes("Marked as spam by you")`)
	wantNoText(t, newBrowser(t), p.url+"/demo", "Reader 00")
	slow.waitFor(`$(".message.bad button").textContent === "Change it" && $(".message.bad button").click() === undefined`)
	slow.waitFor(`waiting() === 1 && $(".messages").textContent.includes("Approved: Reader 00")`)
	wantText(t, newBrowser(t), p.url+"/demo", "Reader 00")
}

func TestKeysCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(2)...)
	m := newConsoleUser(t, p)
	m.open("/console")
	m.press("?")
	m.waitFor(`$("dialog.help").textContent.includes("approve")`)
	act(t, m.browser, chromedp.Click(css("dialog.help input")), chromedp.Click(css("dialog.help button")))
	m.waitFor(`!$("dialog")`)
	m.press("aj")
	m.open("/console")
	m.waitFor(`waiting() === 2 && $(".item.chosen").textContent.includes("Reader 00")`)
}

func TestFormInputSurvivesTheEndOfTheSession(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(1)...)
	m := newConsoleUser(t, p)
	m.open("/console")
	m.unfold("#pane details.reasons")
	act(t, m.browser,
		chromedp.SendKeys(css(`#pane textarea[name="reason"]`), "Off topic, sadly."))
	if _, err := chromedp.Call(m.browser, network.ClearBrowserCookies, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	act(t, m.browser, chromedp.Click(css(`#pane button[name="reject"][value=""]`)))
	m.waitFor(`$("dialog.signed-out") && waiting() === 1 && $('#pane textarea[name="reason"]').value === "Off topic, sadly."`)
}

// TestTheConsoleFitsAPhone requires that nothing scrolls sideways on the narrowest phones.
func TestTheConsoleFitsAPhone(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	ids := p.submitAll(t, append(bodies(2), "A word without an end: "+strings.Repeat("verylong", 60)+" https://example.org/"+strings.Repeat("path/", 40))...)
	m := newConsoleUser(t, p)
	m.resize(360, 740)
	for _, path := range []string{"/console", "/console?status=approved", "/console/comments/" + ids[2]} {
		m.open(path)
		if got := m.eval(`document.documentElement.scrollWidth`); got != "360" {
			t.Errorf("%s is %s pixels wide", path, got)
		}
	}
}

func TestTheConsoleWorksWithoutJavaScript(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(3)...)
	m := newBrowser(t)
	wantText(t, m, p.url+"/console", "Sign in")
	press := func(selector string) {
		t.Helper()
		follow(t, m, chromedp.Click(css(selector)))
	}
	signInWith(t, m, p)
	wantText(t, m, "", "3 comments waiting", "Reader 00")
	press(`.item h2 a`)
	press(`.pane button[value="approve"]`)
	wantText(t, m, "", "The comment was approved.", "Reader 01")
	press(`.undo button`)
	wantText(t, m, "", "The decision was undone.", "3 comments waiting")
	press(`.item h2 a`)
	wantText(t, m, "", "Reader 00", "Decisions", "Verdict")
	act(t, m, chromedp.Click(css(`.more details:last-of-type summary`)))
	follow(t, m, chromedp.SendKeys(css(`.more input[name="reason"]`), "A threat."), chromedp.Click(css(`.more form[action$="email-reveal"] button`)))
	wantText(t, m, "", "reader00@mail.example")
	press(`.pane button[value="approve"]`)
	wantText(t, m, "", "The comment was approved.")
}
