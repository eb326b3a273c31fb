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

// axedEverywhere runs axe-core on the current screen in both colour schemes, on a desktop and on a phone,
// with all details opened.
func (m moderatorAt) axedEverywhere(state string) {
	m.t.Helper()
	act(m.t, m.browser, chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("main details").forEach((d) => { d.open = true; })`))
	for _, scheme := range []string{"light", "dark"} {
		feature := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
		if _, err := chromedp.Call(m.browser, emulation.SetEmulatedMedia, feature); err != nil {
			m.t.Fatal(err)
		}
		for _, width := range []int64{360, 1280} {
			m.sized(width, 900)
			m.shows(`innerWidth === ` + strconv.FormatInt(width, 10))
			m.axed(state + ", " + scheme + ", " + strconv.FormatInt(width, 10) + " pixels")
		}
	}
}

// TestAxeFindsNothingInTheQueue shows the queue in all its states, and the pages that it links to.
func TestAxeFindsNothingInTheQueue(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	m := atConsole(t, p)
	m.opens("/console")
	m.shows(`waiting() === 0`)
	m.axedEverywhere("an empty queue")
	ids := p.submitted(t, append(bodies(4), "Cheap lamps at https://lamps.example/one for all of you.", "More lamps at https://lamps.example/two, cheap too.")...)
	m.opens("/console")
	m.shows(`$("#pane h2")`)
	m.axedEverywhere("the queue and a comment")
	m.presses("?")
	m.shows(`$("dialog.help")`)
	m.axedEverywhere("the keys")
	act(t, m.browser, chromedp.Click(css("dialog.help button")))
	m.shows(`!$("dialog")`)
	m.presses("xjx")
	m.shows(`$$(".pick").filter((p) => p.checked || p.querySelector?.(":checked")).length === 2`)
	m.axedEverywhere("two are selected")
	m.presses("a")
	m.shows(`$("dialog.confirm h2")?.textContent === "Approve 2 comments?"`)
	m.axedEverywhere("two are to be approved")
	act(t, m.browser, chromedp.Click(css(`dialog.confirm button`)))
	m.shows(`$(".messages").textContent.includes("Approved")`)
	m.axedEverywhere("a decision that can be taken back")
	m.opens("/console/comments/" + ids[2])
	m.gives(`$$(".notes details").forEach((d) => { d.open = true; })`)
	m.types(`.notes form`, "body", "Known from the harbour.")
	for _, path := range []string{"/console/comments/" + ids[2], "/console/comments/" + ids[4], "/console?q=lamps", "/console?q=nothing-like-it",
		"/console?status=approved", "/console?reported=true", "/console/groups?by=host", "/console/groups?by=rule", "/console/groups?by=text",
		"/console/blocks?site=demo", "/console/dashboard", "/console/dashboard?period=30d"} {
		m.goes(path)
		m.axedEverywhere(path)
	}
}

// TestAxeFindsNothingInTheAdministration shows every screen of the administration, with secrets that are
// shown once and with a refused form.
func TestAxeFindsNothingInTheAdministration(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitted(t, bodies(1)...)
	m := atConsole(t, p)
	m.goes("/console/account")
	m.axedEverywhere("the own account")
	m.types("#set-up", "password", p.password(t))
	m.axedEverywhere("a second factor is set up")
	m.types("#confirm", "code", code(t, m.gives(`$(".key").textContent`), time.Now()))
	m.axedEverywhere("recovery codes")
	m.goes("/console/moderators")
	m.types("#invite", "email", "bo@desk.example", "name", "Bo")
	m.axedEverywhere("an invitation")
	link := m.gives(`$("#link").value`)
	person := m.gives(`$$(".rows a").find((a) => a.textContent === "Bo").getAttribute("href")`)
	m.goes("/console/sites")
	m.types("#add", "slug", "The Lake", "name", "The Lake")
	m.axedEverywhere("a refused form")
	m.goes("/console/keys")
	m.types("#add-key", "name", "CMS")
	m.axedEverywhere("a refused key")
	m.goes("/console/classifiers")
	m.types("#add", "name", "tox", "url", "https://classifier.example/")
	m.axedEverywhere("a new classifier")
	for _, path := range []string{"/console/moderators", person, "/console/sites", "/console/sites/demo", "/console/sites/demo/reasons", "/console/sites/demo/identity", "/console/articles",
		"/console/articles/one?site=demo&article=welcome", "/console/keys", "/console/audit", "/console/audit?from=2026-01-01&action=moderator.invite",
		"/console/audit?from=never", "/console/sites/demo/webhooks", "/console/classifiers", "/console/sites/demo/hours",
		"/console/articles/one/hours?site=demo&article=welcome", "/console/sites/demo/retention", "/console/sites/demo/person",
		"/console/sites/demo/imports"} {
		m.goes(path)
		m.axedEverywhere(path)
	}
	m.axedHours()
	m.axedMapping()
	m.goes("/console/sites/demo/webhooks")
	m.types("#add", "name", "Archive", "url", "https://archive.invalid/")
	m.axedEverywhere("a new webhook with its secret")
	act(t, m.browser, chromedp.Click(css(`form[action$="/test"] button`)))
	m.shows(`$(".exchange")`)
	m.axedEverywhere("a delivery that failed")
	stranger := m.anew("/console")
	stranger.axedEverywhere("signing in")
	stranger.types("main form", "email", demoEmail, "password", "not it")
	stranger.axedEverywhere("a wrong password")
	stranger.types("main form", "password", p.password(t))
	stranger.shows(`$('[name="code"]')`)
	stranger.axedEverywhere("the second factor")
	invited := m.anew(strings.TrimPrefix(link, p.url))
	invited.shows(`$("#accept")`)
	invited.axedEverywhere("an invitation is accepted")
}

// axedHours shows opening hours after copying them, and after a refusal.
func (m moderatorAt) axedHours() {
	m.t.Helper()
	m.goes("/console/sites/demo/hours")
	m.gives(`[["mon.0.from", "08:00"], ["mon.0.to", "12:00"], ["mon.1.from", "11:00"], ["mon.1.to", "18:00"]].forEach(
		([name, value]) => { $("#hours").elements[name].value = value; })`)
	act(m.t, m.browser, chromedp.Click(css(`#hours button[value="copy"]:not(.unseen)`)))
	m.shows(`$("#hours").elements["fri.1.to"].value === "18:00"`)
	m.axedEverywhere("opening hours are copied")
	follow(m.t, m.browser, chromedp.Click(css(`#hours > p > button`)))
	m.shows(`$("#hours .fault")`)
	m.axedEverywhere("opening hours that overlap")
}

// axedMapping shows the form that names the columns of an uploaded file.
func (m moderatorAt) axedMapping() {
	m.t.Helper()
	m.goes("/console/sites/demo/imports")
	m.gives(`(() => {
		const data = new FormData();
		data.append("file", new Blob(["Wer;Was;Wo\nMara;Nice quay;https://demo.example/a\n"]), "old.csv");
		fetch(location.pathname, { method: "POST", body: data }).then((response) => location.assign(response.url));
	})()`)
	m.shows(`$("#columns select")`)
	m.axedEverywhere("columns to be named")
	act(m.t, m.browser, chromedp.Click(css(`#columns button[value="check"]`)))
	m.shows(`$(".fault[role=alert]")`)
	m.axedEverywhere("columns that were refused")
}

// TestAxeFindsNothingInTheMenusOfTheQueue shows the reason menu, the filters, the commenter drawer, a message that
// can't be sent, and the pages behind them.
func TestAxeFindsNothingInTheMenusOfTheQueue(t *testing.T) {
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitted(t, bodies(3)...)
	m := atConsole(t, p)
	m.withReplies()
	m.axedEverywhere("canned replies")
	m.goes("/console/commenters")
	m.axedEverywhere("commenters")
	m.goes(m.gives(`$(".rows a").getAttribute("href")`))
	m.axedEverywhere("a commenter")
	m.goes("/console/commenters?q=nobody@mail.example")
	m.axedEverywhere("no commenter")
	m.opens("/console?waiting=1h&rule=first-comment")
	m.shows(`$(".facets")`)
	m.axedEverywhere("filters that match nothing")
	m.opens("/console")
	m.shows(chosenIs + `"Reader 00"`)
	m.presses("r")
	m.shows(menuIsOpen)
	m.axedEverywhere("the reason menu")
	m.opens("/console")
	m.shows(chosenIs + `"Reader 00"`)
	m.presses("c")
	m.shows(`$(".drawer .name")`)
	m.axedEverywhere("the commenter drawer")
	m.opens("/console")
	m.shows(chosenIs + `"Reader 00"`)
	m.presses("*")
	m.shows(`$("#bulk .selected")?.textContent === "3 selected"`)
	m.presses("r")
	m.shows(`$("dialog.confirm")`)
	m.axedEverywhere("a bulk is confirmed")
}
