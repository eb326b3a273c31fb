//go:build a11y

package main

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// checkAccessibility runs axe-core on the current screen in both colour schemes, on a desktop and on a phone,
// with all details opened.
func (m consoleUser) checkAccessibility(state string) {
	m.t.Helper()
	act(m.t, m.browser, chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("main details").forEach((d) => { d.open = true; })`))
	for _, scheme := range []string{"light", "dark"} {
		feature := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
		if _, err := chromedp.Call(m.browser, emulation.SetEmulatedMedia, feature); err != nil {
			m.t.Fatal(err)
		}
		for _, width := range []int64{360, 1280} {
			m.resize(width, 900)
			m.waitFor(`innerWidth === ` + strconv.FormatInt(width, 10))
			m.reader.checkAccessibility(state + ", " + scheme + ", " + strconv.FormatInt(width, 10) + " pixels")
		}
	}
}

// TestAxeFindsNothingInTheQueue shows the queue in all its states, and the pages that it links to.
func TestAxeFindsNothingInTheQueue(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	m := newConsoleUser(t, p)
	m.open("/console")
	m.waitFor(`waiting() === 0`)
	m.checkAccessibility("an empty queue")
	ids := p.submitAll(t, append(bodies(4), "Cheap lamps at https://lamps.example/one for all of you.", "More lamps at https://lamps.example/two, cheap too.")...)
	m.open("/console")
	m.waitFor(`$("#pane h2")`)
	m.checkAccessibility("the queue and a comment")
	m.press("?")
	m.waitFor(`$("dialog.help")`)
	m.checkAccessibility("the keys")
	act(t, m.browser, chromedp.Click(css("dialog.help button")))
	m.waitFor(`!$("dialog")`)
	m.press("xjx")
	m.waitFor(`$$(".pick").filter((p) => p.checked || p.querySelector?.(":checked")).length === 2`)
	m.checkAccessibility("two are selected")
	m.press("a")
	m.waitFor(`$("dialog.confirm h2")?.textContent === "Approve 2 comments?"`)
	m.checkAccessibility("two are to be approved")
	act(t, m.browser, chromedp.Click(css(`dialog.confirm button`)))
	m.waitFor(`$(".messages").textContent.includes("Approved")`)
	m.checkAccessibility("a decision that can be taken back")
	m.open("/console/comments/" + ids[2])
	m.eval(`$$(".notes details").forEach((d) => { d.open = true; })`)
	m.fillForm(`.notes form`, "body", "Known from the harbour.")
	for _, path := range []string{"/console/comments/" + ids[2], "/console/comments/" + ids[4], "/console?q=lamps", "/console?q=nothing-like-it",
		"/console?status=approved", "/console?reported=true", "/console/groups?by=host", "/console/groups?by=rule", "/console/groups?by=text",
		"/console/blocks?site=demo", "/console/dashboard", "/console/dashboard?period=30d"} {
		m.load(path)
		m.checkAccessibility(path)
	}
}

// TestAxeFindsNothingInTheAdministration shows every screen of the administration, with secrets that are
// shown once and with a refused form.
func TestAxeFindsNothingInTheAdministration(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(1)...)
	m := newConsoleUser(t, p)
	m.load("/console/account")
	m.checkAccessibility("the own account")
	m.fillForm("#set-up", "password", p.password(t))
	m.checkAccessibility("a second factor is set up")
	m.fillForm("#confirm", "code", code(t, m.eval(`$(".key").textContent`), time.Now()))
	m.checkAccessibility("recovery codes")
	m.load("/console/moderators")
	m.fillForm("#invite", "email", "bo@desk.example", "name", "Bo")
	m.checkAccessibility("an invitation")
	link := m.eval(`$("#link").value`)
	person := m.eval(`$$(".rows a").find((a) => a.textContent === "Bo").getAttribute("href")`)
	m.load("/console/sites")
	m.fillForm("#add", "slug", "The Lake", "name", "The Lake")
	m.checkAccessibility("a refused form")
	m.load("/console/keys")
	m.fillForm("#add-key", "name", "CMS")
	m.checkAccessibility("a refused key")
	m.load("/console/classifiers")
	m.fillForm("#add", "name", "tox", "url", "https://classifier.example/")
	m.checkAccessibility("a new classifier")
	for _, path := range []string{"/console/moderators", person, "/console/sites", "/console/sites/demo", "/console/sites/demo/reasons", "/console/sites/demo/identity", "/console/articles",
		"/console/articles/one?site=demo&article=welcome", "/console/keys", "/console/audit", "/console/audit?from=2026-01-01&action=moderator.invite",
		"/console/audit?from=never", "/console/sites/demo/webhooks", "/console/classifiers", "/console/sites/demo/hours",
		"/console/articles/one/hours?site=demo&article=welcome", "/console/sites/demo/retention", "/console/sites/demo/person",
		"/console/sites/demo/imports"} {
		m.load(path)
		m.checkAccessibility(path)
	}
	m.checkHoursAccessibility()
	m.checkMappingAccessibility()
	m.load("/console/sites/demo/webhooks")
	m.fillForm("#add", "name", "Archive", "url", "https://archive.invalid/")
	m.checkAccessibility("a new webhook with its secret")
	act(t, m.browser, chromedp.Click(css(`form[action$="/test"] button`)))
	m.waitFor(`$(".exchange")`)
	m.checkAccessibility("a delivery that failed")
	stranger := m.newUser("/console")
	stranger.checkAccessibility("signing in")
	stranger.fillForm("main form", "email", demoEmail, "password", "not it")
	stranger.checkAccessibility("a wrong password")
	stranger.fillForm("main form", "password", p.password(t))
	stranger.waitFor(`$('[name="code"]')`)
	stranger.checkAccessibility("the second factor")
	invited := m.newUser(strings.TrimPrefix(link, p.url))
	invited.waitFor(`$("#accept")`)
	invited.checkAccessibility("an invitation is accepted")
}

// checkHoursAccessibility shows opening hours after copying them, and after a refusal.
func (m consoleUser) checkHoursAccessibility() {
	m.t.Helper()
	m.load("/console/sites/demo/hours")
	m.eval(`[["mon.0.from", "08:00"], ["mon.0.to", "12:00"], ["mon.1.from", "11:00"], ["mon.1.to", "18:00"]].forEach(
		([name, value]) => { $("#hours").elements[name].value = value; })`)
	act(m.t, m.browser, chromedp.Click(css(`#hours button[value="copy"]:not(.unseen)`)))
	m.waitFor(`$("#hours").elements["fri.1.to"].value === "18:00"`)
	m.checkAccessibility("opening hours are copied")
	follow(m.t, m.browser, chromedp.Click(css(`#hours > p > button`)))
	m.waitFor(`$("#hours .fault")`)
	m.checkAccessibility("opening hours that overlap")
}

// checkMappingAccessibility shows the form that names the columns of an uploaded file.
func (m consoleUser) checkMappingAccessibility() {
	m.t.Helper()
	m.load("/console/sites/demo/imports")
	m.eval(`(() => {
		const data = new FormData();
		data.append("file", new Blob(["Wer;Was;Wo\nMara;Nice quay;https://demo.example/a\n"]), "old.csv");
		fetch(location.pathname, { method: "POST", body: data }).then((response) => location.assign(response.url));
	})()`)
	m.waitFor(`$("#columns select")`)
	m.checkAccessibility("columns to be named")
	act(m.t, m.browser, chromedp.Click(css(`#columns button[value="check"]`)))
	m.waitFor(`$(".fault[role=alert]")`)
	m.checkAccessibility("columns that were refused")
}

// TestAxeFindsNothingInTheMenusOfTheQueue shows the reason menu, the filters, the commenter drawer, a message that
// can't be sent, and the pages behind them.
func TestAxeFindsNothingInTheMenusOfTheQueue(t *testing.T) {
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(3)...)
	m := newConsoleUser(t, p)
	m.addCannedReplies()
	m.checkAccessibility("canned replies")
	m.load("/console/commenters")
	m.checkAccessibility("commenters")
	m.load(m.eval(`$(".rows a").getAttribute("href")`))
	m.checkAccessibility("a commenter")
	m.load("/console/commenters?q=nobody@mail.example")
	m.checkAccessibility("no commenter")
	m.open("/console?waiting=1h&rule=first-comment")
	m.waitFor(`$(".facets")`)
	m.checkAccessibility("filters that match nothing")
	m.open("/console")
	m.waitFor(chosenIs + `"Reader 00"`)
	m.press("r")
	m.waitFor(menuIsOpen)
	m.checkAccessibility("the reason menu")
	m.open("/console")
	m.waitFor(chosenIs + `"Reader 00"`)
	m.press("c")
	m.waitFor(`$(".drawer .name")`)
	m.checkAccessibility("the commenter drawer")
	m.open("/console")
	m.waitFor(chosenIs + `"Reader 00"`)
	m.press("*")
	m.waitFor(`$("#bulk .selected")?.textContent === "3 selected"`)
	m.press("r")
	m.waitFor(`$("dialog.confirm")`)
	m.checkAccessibility("a bulk is confirmed")
}
