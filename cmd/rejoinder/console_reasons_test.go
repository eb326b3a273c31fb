package main

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// menuIsOpen is true once the reason menu of the chosen comment is open and has the focus.
const menuIsOpen = `$("#pane details.reasons")?.open && document.activeElement.closest(".pick-reason")`

// addCannedReplies gives the demo's site two canned replies.
func (m consoleUser) addCannedReplies() {
	m.t.Helper()
	m.load("/console/sites/demo/replies")
	m.fillForm("#replies", "guidelines_url", "https://demo.example/rules",
		"name-0", "Mind the language", "text-0", "en: Dear {name}, please do without “{quote}”.",
		"name-1", "Guidelines", "text-1", "en: Please read {guidelines}, {name}.")
	m.waitFor(`$("#notices").textContent.includes("Saved.")`)
}

// TestAReasonIsOneMoreKey rejects with a digit, without a reason, by arrows, and faster than the pane loads.
func TestAReasonIsOneMoreKey(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(6)...)
	m := newConsoleUser(t, p)
	m.open("/console")
	m.waitFor(chosenIs + `"Reader 00"`)
	m.press("r")
	m.waitFor(menuIsOpen + ` && document.activeElement.textContent.endsWith("Offensive")`)
	m.waitFor(`$("#pane .reads").innerText.includes("Your comment was not published.\n\nIt is offensive.\n\nThis was decided by a person.")`)
	m.press("9")
	m.waitFor(`waiting() === 5 && $(".messages").textContent.includes("Rejected: Reader 00, off topic")`)
	m.press("r1")
	m.waitFor(`waiting() === 4 && $(".messages").textContent.includes("Rejected: Reader 01, offensive")`)
	m.press("rr")
	m.waitFor(`waiting() === 3 && $(".messages").textContent.includes("Rejected: Reader 02") && !$(".messages").textContent.includes("Reader 02,")`)
	m.press("r")
	m.waitFor(menuIsOpen)
	act(t, m.browser, chromedp.KeyEvent(kb.ArrowDown))
	m.waitFor(`document.activeElement.textContent.endsWith("Attacks other people") && $("#pane .told").textContent === "It attacks other people."`)
	m.press("\r")
	m.waitFor(`waiting() === 2 && $(".messages").textContent.includes("Rejected: Reader 03, attacks other people")`)
	m.press("r")
	m.waitFor(menuIsOpen)
	m.press("\x1b")
	m.waitFor(`!$("#pane details.reasons").open && document.activeElement.closest(".item.chosen")`)
	m.press("uu")
	m.waitFor(`waiting() === 4`)
	m.open("/console?status=rejected")
	m.waitFor(`$("h1").textContent === "2 rejected comments" && $("#pane .log")`)
	m.checkClean()
}

// TestACannedReplyIsSeenBeforeItIsSent chooses one, is stopped by a placeholder without a value, and replaces it.
func TestACannedReplyIsSeenBeforeItIsSent(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(2)...)
	m := newConsoleUser(t, p)
	m.addCannedReplies()
	m.open("/console")
	m.waitFor(chosenIs + `"Reader 00"`)
	m.press("r")
	m.waitFor(menuIsOpen)
	m.do(`document.querySelector("#pane [name=reply]").value = "Mind the language", document.querySelector("#pane [name=reply]").dispatchEvent(new Event("input", { bubbles: true })), true`)
	m.waitFor(`$("#pane .told").textContent === "Dear Reader 00, please do without “{quote}”."`)
	act(t, m.browser, chromedp.Click(css(`#pane button[name="reject"][value="offensive"]`)))
	m.waitFor(`waiting() === 2 && $("#pane .fault")?.textContent === "Replace {quote} in the message before you send it."`)
	m.waitFor(`document.activeElement.name === "reason" && getSelection().toString() === "{quote}"`)
	act(t, m.browser, chromedp.SendKeys(css(`#pane textarea[name="reason"]`), "worth a visit"))
	m.waitFor(`$("#pane .told").textContent.includes("please do without “worth a visit”.")`)
	act(t, m.browser, chromedp.Click(css(`#pane button[name="reject"][value="offensive"]`)))
	m.waitFor(`waiting() === 1 && $(".messages").textContent.includes("Rejected: Reader 00, offensive")`)
	m.open("/console?status=rejected")
	m.waitFor(`$("#pane .log")?.textContent.includes("Message to the commenter: Dear Reader 00, please do without “worth a visit”.")`)
	m.checkClean()
}

// TestTheReasonMenuWorksWithoutJavaScript opens it by its summary.
func TestTheReasonMenuWorksWithoutJavaScript(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	ids := p.submitAll(t, bodies(2)...)
	m := newBrowser(t)
	wantText(t, m, p.url+"/console", "Sign in")
	signInWith(t, m, p)
	wantText(t, m, "", "2 comments waiting")
	act(t, m, chromedp.Click(css(`#pane details.reasons > summary`)))
	follow(t, m, chromedp.Click(css(`#pane button[name="reject"][value="hate"]`)))
	wantText(t, m, "", "The comment was rejected.", "1 comment waiting")
	wantText(t, m, p.url+"/console/comments/"+ids[0], "Rejected by you")
}

// TestTheReasonMenuStaysInsideThePane requires that it covers neither the list nor the decisions, and fits phones.
func TestTheReasonMenuStaysInsideThePane(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	ids := p.submitAll(t, bodies(2)...)
	m := newConsoleUser(t, p)
	const inside = `(() => { const box = $("#pane .reasons > .sheet").getBoundingClientRect(), pane = $("#pane").getBoundingClientRect(), bar = $("#pane .decision").getBoundingClientRect();
		return box.left >= pane.left && box.right <= pane.right && box.top >= 0 && box.bottom <= bar.top + 1 && box.height > 200; })()`
	for _, width := range []int64{1280, 1024} {
		m.resize(width, 768)
		m.open("/console")
		m.waitFor(chosenIs + `"Reader 00"`)
		m.press("r")
		m.waitFor(menuIsOpen + ` && ` + inside)
	}
	for _, width := range []int64{768, 360} {
		m.resize(width, 740)
		m.open("/console/comments/" + ids[0])
		m.press("r")
		m.waitFor(menuIsOpen + ` && ` + inside + ` && document.documentElement.scrollWidth <= innerWidth`)
	}
	m.checkClean()
}
