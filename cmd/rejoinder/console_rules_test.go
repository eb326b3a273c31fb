package main

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

const editor = "/console/rules/edit?site=demo"

// replaceSource replaces the document in the editor as a person's paste does.
func (m consoleUser) replaceSource(source string) {
	m.t.Helper()
	m.fill("#source", source)
}

func (m consoleUser) fill(selector, text string) {
	m.t.Helper()
	act(m.t, m.browser, chromedp.Evaluate[chromedp.Void](fmt.Sprintf(
		`(() => { const field = document.querySelector(%s); field.value = %s; field.dispatchEvent(new Event("input", { bubbles: true })); })()`,
		strconv.Quote(selector), strconv.Quote(text))))
}

const (
	ruleBefore     = "extends: default\nlists:\n  sights:\n    terms: [lighthouse]\nrules:\n  - id: lighthouse\n    when: "
	ruleAfter      = "\n    then: approve\n    priority: 50\n    reason: About the lighthouse.\n"
	brokenRule     = ruleBefore + `lisetd("sights")` + ruleAfter
	lighthouseRule = ruleBefore + `listed("sights")` + ruleAfter
)

// TestARuleIsWrittenAndTheQueueJudgedAgain goes from a rule with a mistake to an emptier queue.
func TestARuleIsWrittenAndTheQueueJudgedAgain(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, env []string) {
		p := startProgram(t, append(env, throughProxy), "serve", "--demo")
		p.submitAll(t, bodies(6)...)
		m := newConsoleUser(t, p)
		m.open("/console/rules/versions?site=demo")
		m.waitFor(`$("h1").textContent === "Versions of the rules for Demo" && $(".version.active")`)
		m.open(editor)
		m.waitFor(`$("#check").textContent.includes("No errors") && $(".numbers").textContent.startsWith("1\n2\n")`)

		m.replaceSource(brokenRule)
		m.waitFor(`$("#check .bad") && $("#check").textContent.includes("Line 7, column") && $(".numbers b").textContent === "7"`)
		m.waitFor(`$("#source").getAttribute("aria-invalid") === "true"`)
		act(t, m.browser, chromedp.Click(css("#check a")))
		if got := m.eval(`$("#source").value.slice($("#source").selectionStart).split("(")[0]`); got != "lisetd" {
			t.Errorf("the fault leads to %q", got)
		}
		m.replaceSource(lighthouseRule)
		m.waitFor(`$("#check .good") && !$(".numbers b")`)

		m.fill("#try-body", "Is the lighthouse open on Sundays?")
		act(t, m.browser, chromedp.Click(css(`button[value="try"]`)))
		m.waitFor(`$("#trial .status")?.textContent === "approve" && $("#trial mark")?.textContent === "lighthouse" && $("#trial .hits").textContent.includes("About the lighthouse.")`)

		act(t, m.browser, chromedp.Click(css(`button[value="backtest"]`)))
		m.waitFor(`$("#backtest").textContent.includes("2 comments: hold → approve") && $("#progress").textContent === "Done."`)
		m.waitFor(`$("#backtest .stale").hidden && $("#trial .stale").hidden`)
		m.replaceSource(lighthouseRule + "\n# A later thought.\n")
		m.waitFor(`!$("#backtest .stale").hidden && !$("#trial .stale").hidden`)
		m.replaceSource(lighthouseRule)
		m.waitFor(`$("#backtest .stale").hidden && $("#trial .stale").hidden`)

		m.fill("#note", "The lighthouse is welcome.")
		follow(t, m.browser, chromedp.Click(css(`button[value="save"]`)))
		m.waitFor(`$("h1").textContent === "Version 2" && $("#notices").textContent.includes("The version has been saved.")`)
		follow(t, m.browser, chromedp.Click(css(`.acts a[href*="/activate"]`)))
		m.waitFor(`$("#preview").textContent.includes("2 would be approved") && $("#preview").textContent.includes("4 would stay in the queue")`)
		follow(t, m.browser, chromedp.Click(css(`main form button`)))
		m.waitFor(`$("#notices").textContent.includes("Version 2 is active. Judged again: 6 comments. Decided: 2.")`)
		m.open("/console?site=demo")
		m.waitFor(`$("h1").textContent === "4 comments waiting"`)
		m.checkClean()
	})
}

// TestADraftOutlivesTheSessionAndThePage types, is signed out, and finds the draft again.
func TestADraftOutlivesTheSessionAndThePage(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	m := newConsoleUser(t, p)
	m.open(editor)
	m.replaceSource(lighthouseRule)
	m.waitFor(`$("#check .good")`)
	if _, err := chromedp.Call(m.browser, network.ClearBrowserCookies, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	follow(t, m.browser, chromedp.Click(css(`button[value="save"]`)))
	signInWith(t, m.browser, p)
	m.open(editor)
	m.waitFor(`$("#draft-note").textContent.includes("your unsaved draft") && $("#source").value.includes("About the lighthouse.")`)
	m.open(editor + "&version=1&rule=shouting&mode=shadow")
	m.waitFor(`$("#draft-note button").textContent === "Show draft" && $("#source").value.includes("mode: shadow")`)
	m.open(editor)
	m.waitFor(`$("#check .good") && $("#source").value.includes("About the lighthouse.")`)
	follow(t, m.browser, chromedp.Click(css(`button[value="save"]`)))
	m.waitFor(`$("h1").textContent === "Version 2"`)
	m.open(editor)
	m.waitFor(`$("#check .good") && $("#draft-note").textContent === ""`)
	m.checkClean()
}

func TestTheEditorWorksWithoutJavaScript(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(2)...)
	m := newBrowser(t)
	wantText(t, m, p.url+editor, "Sign in")
	signInWith(t, m, p)
	wantText(t, m, "", "Edit rules for Demo")
	follow(t, m, chromedp.SendKeys(css(`#source`), "x"), chromedp.Click(css(`button[value="check"]`)))
	wantText(t, m, "", "1 error. The draft can’t be saved yet.", "Line 1")
	follow(t, m, chromedp.Click(css(`button[value="save"]`)))
	wantText(t, m, "", "1 error. The draft can’t be saved yet.")
	wantText(t, m, p.url+editor, "Edit rules")
	follow(t, m, chromedp.Click(css(`button[value="backtest"]`)))
	wantText(t, m, "", "2 submissions", "The draft’s verdict is the same for all comments.")
	follow(t, m, chromedp.Click(css(`button[value="save"]`)))
	wantText(t, m, "", "Version 2", "The version has been saved.")
}

func TestTheRulesFitAPhone(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(2)...)
	m := newConsoleUser(t, p)
	m.resize(360, 740)
	for _, path := range []string{"/console/rules?site=demo", "/console/rules/versions?site=demo", "/console/rules/lists?site=demo",
		"/console/rules/build?site=demo&rule=spam-phrase-with-link", "/console/rules/versions/1?site=demo", "/console/rules/versions/1/activate?site=demo",
		"/console/rules/health?site=demo", "/console/rules/try?site=demo", editor} {
		m.open(path)
		act(t, m.browser, chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("details").forEach((d) => { d.open = true; })`))
		if got := m.eval(`document.documentElement.scrollWidth`); got != "360" {
			t.Errorf("%s is %s pixels wide", path, got)
		}
	}
	m.fill("#try-body", "Is the lighthouse open?")
	act(t, m.browser, chromedp.Click(css(`button[value="try"]`)))
	m.waitFor(`$("#trial .body")`)
	act(t, m.browser, chromedp.Click(css(`button[value="backtest"]`)))
	m.waitFor(`$("#backtest table")`)
	if got := m.eval(`document.documentElement.scrollWidth`); got != "360" {
		t.Errorf("the reports are %s pixels wide", got)
	}
}
