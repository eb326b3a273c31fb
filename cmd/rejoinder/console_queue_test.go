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

// moderatorAt is a person at the console with a browser that runs scripts. Scripts of tests find one element
// of the page with $ and all of them with $$.
type moderatorAt struct {
	reader
	p *program
}

// atConsole signs in to the demo's console.
func atConsole(t *testing.T, p *program) moderatorAt {
	t.Helper()
	m := moderatorAt{newReader(t), p}
	m.sized(1280, 900)
	see(t, m.browser, p.url+"/console", "Sign in")
	signInBy(t, m.browser, p)
	return m
}

func (m moderatorAt) sized(width, height int64) {
	m.t.Helper()
	size := emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1}
	if _, err := chromedp.Call(m.browser, emulation.SetDeviceMetricsOverride, size); err != nil {
		m.t.Fatal(err)
	}
}

const inConsole = `const $ = (selector) => document.querySelector(selector), $$ = (selector) => [...document.querySelectorAll(selector)];
const waiting = () => $$("#queue .item").length;`

func (m moderatorAt) shows(condition string) {
	m.t.Helper()
	m.until(`(() => { ` + inConsole + ` return ` + condition + ` })()`)
}

func (m moderatorAt) gives(expression string) string {
	m.t.Helper()
	return m.text(`(() => { ` + inConsole + ` return ` + expression + ` })()`)
}

// opens loads a page of the console and waits until its modules work.
func (m moderatorAt) opens(path string) {
	m.t.Helper()
	act(m.t, m.browser, chromedp.Navigate(m.p.url+path))
	m.shows(`$(".messages")`)
}

// unfolds opens a details element. It does not click, since content that loads above may move the element
// under the mouse.
func (m moderatorAt) unfolds(details string) {
	m.t.Helper()
	m.shows(`$(` + strconv.Quote(details) + `)`)
	m.gives(`$(` + strconv.Quote(details) + `).open = true`)
}

// presses types keys, one after the other.
func (m moderatorAt) presses(keys string) {
	m.t.Helper()
	act(m.t, m.browser, chromedp.KeyEvent(keys))
}

// submitted sends comments to the demo article, each from an address of its own, and returns their ids. It
// needs the environment of throughProxy.
func (p *program) submitted(t *testing.T, bodies ...string) []string {
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
		p.submitted(t, bodies(50)...)
		m := atConsole(t, p)
		m.opens("/console")
		m.shows(`waiting() === 20 && $(".item.chosen")`)
		for i := range 50 {
			m.shows(`$(".item.chosen h2")`)
			name := m.gives(`$(".item.chosen h2").textContent`)
			m.presses([]string{"a", "rr", "s"}[i%3])
			m.shows(`$(".item.chosen h2")?.textContent !== "` + name + `"`)
		}
		m.shows(`waiting() === 0 && $("h1").textContent === "Nothing is waiting"`)
		m.opens("/console?status=approved")
		m.shows(`$("h1").textContent === "17 approved comments"`)
		m.opens("/console?status=spam")
		m.shows(`$("h1").textContent === "16 spam comments"`)
		m.clean()
	})
}

func TestOneKeyUndoesADecision(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitted(t, bodies(3)...)
	m := atConsole(t, p)
	m.opens("/console")
	m.presses("j")
	m.shows(`$(".item.chosen").textContent.includes("Reader 01") && $("#pane h2").textContent === "Reader 01"`)
	m.presses("rr")
	m.shows(`waiting() === 2 && $(".messages").textContent.includes("Rejected: Reader 01")`)
	m.presses("u")
	m.shows(`waiting() === 3 && $$(".item.chosen").map((item) => item.querySelector("h2").textContent.trim()).join() === "Reader 01" && $(".messages").textContent.includes("Undone")`)
	if got := m.gives(`$$("#queue h2").map((h) => h.textContent).join()`); got != "Reader 00,Reader 01,Reader 02" {
		t.Errorf("the list is %s", got)
	}
	m.presses("a")
	m.shows(`waiting() === 2 && $(".messages").textContent.includes("Approved: Reader 01")`)
	m.clean()
}

func TestTheSlowerModeratorLearnsWhoDecided(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitted(t, bodies(2)...)
	fast, slow := atConsole(t, p), atConsole(t, p)
	fast.opens("/console")
	slow.opens("/console")
	slow.shows(`waiting() === 2`)
	fast.presses("s")
	fast.shows(`waiting() === 1 && $(".messages").textContent.includes("Marked as spam")`)
	slow.presses("a")
	slow.shows(`waiting() === 2 && $(".message.bad")?.textContent.includes("Demo moderator decided before you. The comment is spam now.")`)
	slow.shows(`$("#pane .log").textContent.includes("Marked as spam by you")`)
	dontSee(t, newBrowser(t), p.url+"/demo", "Reader 00")
	slow.shows(`$(".message.bad button").textContent === "Change it" && $(".message.bad button").click() === undefined`)
	slow.shows(`waiting() === 1 && $(".messages").textContent.includes("Approved: Reader 00")`)
	see(t, newBrowser(t), p.url+"/demo", "Reader 00")
}

func TestKeysCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitted(t, bodies(2)...)
	m := atConsole(t, p)
	m.opens("/console")
	m.presses("?")
	m.shows(`$("dialog.help").textContent.includes("approve")`)
	act(t, m.browser, chromedp.Click(css("dialog.help input")), chromedp.Click(css("dialog.help button")))
	m.shows(`!$("dialog")`)
	m.presses("aj")
	m.opens("/console")
	m.shows(`waiting() === 2 && $(".item.chosen").textContent.includes("Reader 00")`)
}

func TestFormInputSurvivesTheEndOfTheSession(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitted(t, bodies(1)...)
	m := atConsole(t, p)
	m.opens("/console")
	m.unfolds("#pane details.reasons")
	act(t, m.browser,
		chromedp.SendKeys(css(`#pane textarea[name="reason"]`), "Off topic, sadly."))
	if _, err := chromedp.Call(m.browser, network.ClearBrowserCookies, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	act(t, m.browser, chromedp.Click(css(`#pane button[name="reject"][value=""]`)))
	m.shows(`$("dialog.signed-out") && waiting() === 1 && $('#pane textarea[name="reason"]').value === "Off topic, sadly."`)
}

// TestTheConsoleFitsAPhone requires that nothing scrolls sideways on the narrowest phones.
func TestTheConsoleFitsAPhone(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	ids := p.submitted(t, append(bodies(2), "A word without an end: "+strings.Repeat("verylong", 60)+" https://example.org/"+strings.Repeat("path/", 40))...)
	m := atConsole(t, p)
	m.sized(360, 740)
	for _, path := range []string{"/console", "/console?status=approved", "/console/comments/" + ids[2]} {
		m.opens(path)
		if got := m.gives(`document.documentElement.scrollWidth`); got != "360" {
			t.Errorf("%s is %s pixels wide", path, got)
		}
	}
}

func TestTheConsoleWorksWithoutJavaScript(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitted(t, bodies(3)...)
	m := newBrowser(t)
	see(t, m, p.url+"/console", "Sign in")
	press := func(selector string) {
		t.Helper()
		follow(t, m, chromedp.Click(css(selector)))
	}
	signInBy(t, m, p)
	see(t, m, "", "3 comments waiting", "Reader 00")
	press(`.item h2 a`)
	press(`.pane button[value="approve"]`)
	see(t, m, "", "The comment was approved.", "Reader 01")
	press(`.undo button`)
	see(t, m, "", "The decision was undone.", "3 comments waiting")
	press(`.item h2 a`)
	see(t, m, "", "Reader 00", "Decisions", "Verdict")
	act(t, m, chromedp.Click(css(`.more details:last-of-type summary`)))
	follow(t, m, chromedp.SendKeys(css(`.more input[name="reason"]`), "A threat."), chromedp.Click(css(`.more form[action$="email-reveal"] button`)))
	see(t, m, "", "reader00@mail.example")
	press(`.pane button[value="approve"]`)
	see(t, m, "", "The comment was approved.")
}
