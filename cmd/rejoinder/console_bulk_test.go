package main

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestManyAreDecidedOnAtOnce selects two comments by keys, then rejects all that wait, and undoes both with
// the undo key.
func TestManyAreDecidedOnAtOnce(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(25)...)
	m := newConsoleUser(t, p)
	m.open("/console")
	m.waitFor(`$(".item.chosen") && $$("#bulk button").every((button) => button.disabled)`)
	m.press("xjx")
	m.waitFor(`$$("#bulk button").every((button) => !button.disabled) && $("#bulk .selected").textContent === "2 selected"`)
	m.press("a")
	m.waitFor(`$("dialog.confirm h2")?.textContent === "Approve 2 comments?" && $$("dialog .samples li").length === 2 && document.activeElement.matches("dialog button")`)
	m.press("\r")
	m.waitFor(`!$("dialog") && $("h1").textContent === "23 comments waiting" && document.title.startsWith("23 comments waiting – ")`)
	m.waitFor(`$(".messages").textContent.includes("Approved: 2 comments.") && waiting() === 20 && !$(".pick:checked")`)
	act(t, m.browser, chromedp.Click(css(".every")))
	m.waitFor(`$$(".pick:checked").length === 20 && $("#bulk .selected").textContent === "20 selected" && $(".every-match").textContent === "All 23" && $(".every-match").ariaLabel === "Select all 23 that match"`)
	act(t, m.browser, chromedp.Click(css(".every-match")))
	m.waitFor(`$("#bulk .selected").textContent === "All 23 selected" && $(".every-match").hidden`)
	act(t, m.browser, chromedp.Click(css(`#bulk button[value="reject"]`)))
	m.waitFor(`$("dialog.confirm h2")?.textContent === "Reject 23 comments?" && $$("dialog .samples li").length === 4 && $("dialog select")`)
	act(t, m.browser, chromedp.SetValue(css("#bulk-code"), "off-topic"), chromedp.Click(css(`dialog button[value="reject"]`)))
	m.waitFor(`!$("dialog") && $("h1").textContent === "Nothing is waiting" && $(".messages").textContent.includes("Rejected: 23 comments.")`)
	m.press("u")
	m.waitFor(`$("h1").textContent === "23 comments waiting" && $(".messages").textContent.includes("Undone: 23 comments.")`)
	m.press("u")
	m.waitFor(`$("h1").textContent === "25 comments waiting" && $(".messages").textContent.includes("Undone: 2 comments.")`)
	m.press("u")
	m.waitFor(`!$(".message.bad") && !$$(".message button").some((button) => button.textContent === "Undo")`)
	m.checkClean()
}

// TestALargeBulkShowsItsProgressAndStops stops a bulk as soon as its progress is shown, and undoes the
// completed part.
func TestALargeBulkShowsItsProgressAndStops(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(420)...)
	m := newConsoleUser(t, p)
	m.open("/console")
	m.waitFor(`$(".item.chosen")`)
	act(t, m.browser, chromedp.Click(css(".every")))
	m.waitFor(`$(".every-match")?.textContent === "All 420"`)
	act(t, m.browser, chromedp.Click(css(".every-match")), chromedp.Click(css(`#bulk button[value="reject"]`)))
	m.waitFor(`$("dialog.confirm h2")?.textContent === "Reject 420 comments?"`)
	m.do(`window.progress = [];
		new MutationObserver(() => {
			const message = [...document.querySelectorAll(".message")].find((one) => one.textContent.includes("Rejecting"));
			if (!message || progress.length) return;
			progress.push(message.textContent);
			message.querySelector("button").click();
		}).observe(document.querySelector(".messages"), { childList: true });`)
	act(t, m.browser, chromedp.Click(css(`dialog button[value="reject"]`)))
	m.waitFor(`window.progress.length === 1 && /^Rejecting: [12]\d\d of 420 commentsStop$/.test(window.progress[0])`)
	m.waitFor(`$(".messages").textContent.includes(" comments. Stopped.") && !/Nothing is waiting/.test($("h1").textContent)`)
	m.press("u")
	m.waitFor(`$("h1").textContent === "420 comments waiting" && $(".messages").textContent.includes("Undone: ")`)
	m.checkClean()
}

// TestABulkThatIsRefusedSaysWhy cancels one confirmation, and corrects a reason that is too long.
func TestABulkThatIsRefusedSaysWhy(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(3)...)
	m := newConsoleUser(t, p)
	m.open("/console")
	m.press("xjxr")
	m.waitFor(`$("dialog.confirm h2")?.textContent === "Reject 2 comments?"`)
	m.press("\x1b")
	m.waitFor(`!$("dialog") && waiting() === 3 && $$(".pick:checked").length === 2`)
	m.press("r")
	m.waitFor(`$("dialog.confirm")`)
	m.do(`document.querySelector("#bulk-reason").value = "r".repeat(1001), true`)
	act(t, m.browser, chromedp.Click(css(`dialog button[value="reject"]`)))
	m.waitFor(`$("dialog .fault")?.textContent.includes("at most 1000 characters") && !$("dialog button").disabled`)
	m.do(`document.querySelector("#bulk-reason").value = "Off topic.", true`)
	act(t, m.browser, chromedp.Click(css(`dialog button[value="reject"]`)))
	m.waitFor(`!$("dialog") && waiting() === 1 && $("h1").textContent === "1 comment waiting"`)
}

// TestASelectedCommentIsTheOneThatKeysDecideOn selects one comment, moves on to another, and decides.
func TestASelectedCommentIsTheOneThatKeysDecideOn(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(3)...)
	m := newConsoleUser(t, p)
	m.open("/console")
	m.waitFor(chosenIs + `"Reader 00"`)
	m.press("jxj")
	m.waitFor(chosenIs + `"Reader 02"`)
	m.press("s")
	m.waitFor(`waiting() === 2 && !$("dialog") && $(".messages").textContent.includes("Marked as spam: Reader 01") && $("h1").textContent === "2 comments waiting"`)
	m.press("u")
	m.waitFor(`waiting() === 3 && $("h1").textContent === "3 comments waiting"`)
	m.checkClean()
}

func TestManyAreDecidedOnWithoutJavaScript(t *testing.T) {
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
	wantText(t, m, "", "3 comments waiting")
	press(`#bulk button[value="reject"]`)
	wantText(t, m, "", "Nothing was decided", "Select comments with their checkboxes")
	press(`.pages a`)
	wantText(t, m, "", "3 comments waiting")
	act(t, m, chromedp.Click(css(`li:first-child .pick`)), chromedp.Click(css(`li:last-child .pick`)))
	press(`#bulk button[value="reject"]`)
	wantText(t, m, "", "Reject 2 comments?", "Reader 00", "Reader 02")
	press(`main button[value="reject"]`)
	wantText(t, m, "", "Rejected: 2 comments.", "1 comment waiting")
	press(`.undo button`)
	wantText(t, m, "", "Undone: 2 comments.", "3 comments waiting")
}

// TestUndoneActionsLeaveToastAndStack undoes with the toast's button and with the key, in both orders.
func TestUndoneActionsLeaveToastAndStack(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(4)...)
	m := newConsoleUser(t, p)
	m.open("/console")
	undos := `$$(".message").filter((message) => [...message.querySelectorAll("button")].some((b) => b.textContent === "Undo")).map((m) => m.textContent).join()`
	m.waitFor(chosenIs + `"Reader 00"`)
	m.press("a")
	m.waitFor(undos + ` === "Approved: Reader 00Undo"`)
	m.press("rr")
	m.waitFor(undos + ` === "Approved: Reader 00Undo,Rejected: Reader 01Undo"`)
	// The older toast's button undoes its own action, not the newest.
	act(t, m.browser, chromedp.Click(css(".message button")))
	m.waitFor(`waiting() === 3 && $(".messages").textContent.includes("Undone: Reader 00") && ` + undos + ` === "Rejected: Reader 01Undo"`)
	m.press("u")
	m.waitFor(`waiting() === 4 && $(".messages").textContent.includes("Undone: Reader 01") && ` + undos + ` === ""`)
	m.press("u")
	m.open("/console?status=approved")
	m.waitFor(`$("h1").textContent === "No approved comments"`)
	m.checkClean()
}

// TestAnUndoThatFailsCanBeTriedAgain stops the server in between, then undoes too late in another tab.
func TestAnUndoThatFailsCanBeTriedAgain(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(3)...)
	m := newConsoleUser(t, p)
	m.open("/console")
	m.waitFor(chosenIs + `"Reader 00"`)
	m.press("a")
	m.waitFor(`$(".messages").textContent.includes("Approved: Reader 00")`)
	m.do(`globalThis.real = fetch; fetch = () => Promise.reject(new TypeError("away")); true`)
	m.press("u")
	m.waitFor(`$(".message.bad")?.textContent.includes("The server can’t be reached.") && waiting() === 2 && $("h1").textContent === "2 comments waiting"`)
	m.do(`fetch = globalThis.real, true`)
	m.press("u")
	m.waitFor(`waiting() === 3 && $(".messages").textContent.includes("Undone: Reader 00") && $("h1").textContent === "3 comments waiting"`)
	m.press("a")
	m.waitFor(`waiting() === 2 && $(".messages").textContent.includes("Approved: Reader 00")`)
	id := p.decide(t, "approved", "reject")
	m.press("u")
	m.waitFor(`$$(".message.bad").some((m) => m.textContent.includes("You already undid this, or decided again. The comment is rejected now."))`)
	m.waitFor(`waiting() === 2 && !document.getElementById("item-` + id + `")`)
}

// TestANoteKeepsOnesPlaceInTheQueue adds a note, and blocks, without leaving a filtered list.
func TestANoteKeepsOnesPlaceInTheQueue(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(6)...)
	m := newConsoleUser(t, p)
	m.open("/console?q=harbour&sort=newest")
	m.waitFor(chosenIs + `"Reader 05"`)
	m.press("ajjx")
	m.waitFor(chosenIs + `"Reader 02" && $("#pane h2")?.textContent === "Reader 02"`)
	m.do(`globalThis.same = true`)
	m.unfold("#pane .notes details")
	act(t, m.browser, chromedp.SendKeys(css("#note-body"), "Asked twice already."),
		chromedp.Click(css(`#note button[type="submit"]`)))
	m.waitFor(`$("#pane .notes li")?.textContent.includes("Asked twice already.") && $(".messages").textContent.includes("Note added.")`)
	m.waitFor(chosenIs + `"Reader 02" && globalThis.same && location.search === "?q=harbour&sort=newest" && $$(".pick:checked").length === 1 && waiting() === 5`)
	m.unfold("#pane .more details:has(#block)")
	act(t, m.browser, chromedp.Click(css(`#block button[type="submit"]`)))
	m.waitFor(`$(".messages").textContent.includes("Blocked.") && globalThis.same && ` + chosenIs + `"Reader 02"`)
	m.do(`document.querySelector("#pane .notes details").open = true, document.querySelector("#note-body").value = "n".repeat(5001), document.querySelector("#note-body").form.requestSubmit(), true`)
	m.waitFor(`$("#pane .fault") && $(".message.bad") && globalThis.same && $("#note-body").value.length > 5000`)
	m.press("u")
	m.waitFor(`waiting() === 6 && $(".messages").textContent.includes("Undone: Reader 05")`)
	m.checkClean()
}

func TestAnEmptySearchLeadsBack(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(3)...)
	m := newConsoleUser(t, p)
	m.open("/console?q=zeppelin")
	m.waitFor(`$("h1").textContent === "Nothing matches" && $(".empty")?.textContent.includes("There are 3 comments waiting.")`)
	follow(t, m.browser, chromedp.Click(css(".empty a")))
	m.waitFor(`waiting() === 3`)
	m.open("/console?q=lighthouse")
	m.waitFor(`waiting() === 1`)
	m.press("a")
	m.waitFor(`waiting() === 0 && $("h1").textContent === "Nothing matches" && $(".empty")?.textContent.includes("There are 2 comments waiting.")`)
	m.press("u")
	m.waitFor(`waiting() === 1 && $("h1").textContent === "1 comment waiting" && !$(".empty")`)
	m.checkClean()
}

// TestARangeIsSelectedByShift selects by click and key, all by one key, and nothing by Escape.
func TestARangeIsSelectedByShift(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(6)...)
	m := newConsoleUser(t, p)
	m.open("/console")
	m.waitFor(chosenIs + `"Reader 00"`)
	selected := `$$(".pick:checked").map((box) => box.closest(".item").querySelector("h2").textContent.slice(-1)).join("")`
	m.press("jxjjX")
	m.waitFor(selected + ` === "123" && $("#bulk .selected").textContent === "3 selected" && !$("#held").checkVisibility()`)
	m.do(`document.querySelectorAll(".pick")[5].dispatchEvent(new MouseEvent("click", { bubbles: true, shiftKey: true })), true`)
	m.waitFor(selected + ` === "12345"`)
	m.press("*")
	m.waitFor(selected + ` === "012345" && $("#bulk .selected").textContent === "6 selected" && $(".every-match").hidden`)
	m.press("\x1b")
	m.waitFor(selected + ` === "" && $("#held").checkVisibility()`)
	m.checkClean()
}
