package main

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestTheCommenterIsInADrawer opens it by key, blocks from it without leaving the queue, and closes it.
func TestTheCommenterIsInADrawer(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(3)...)
	m := newConsoleUser(t, p)
	m.open("/console")
	m.waitFor(chosenIs + `"Reader 00"`)
	m.press("c")
	m.waitFor(`$(".drawer .name")?.textContent === "Reader 00" && document.activeElement === $(".drawer") && $(".drawer .theirs").textContent.includes("1900 was worth a visit")`)
	m.waitFor(`(() => { const box = $(".drawer").getBoundingClientRect(), bar = $("#pane .decision").getBoundingClientRect();
		return box.bottom <= bar.top + 1 && box.right <= innerWidth && box.width === 432; })()`)
	m.press("\x1b")
	m.waitFor(`!$(".drawer")`)
	m.press("c")
	m.waitFor(`$(".drawer .ask-block")`)
	m.unfold(".drawer .ask-block")
	m.do(`document.querySelector(".drawer [name=action]").value = "spam", true`)
	act(t, m.browser, chromedp.Click(css(`.drawer #profile-block button[type="submit"]`)))
	m.waitFor(`waiting() === 2 && $(".messages").textContent.includes("Blocked. Marked as spam: 1 comment.") && location.pathname === "/console"`)
	m.waitFor(chosenIs + `"Reader 01" && !$(".drawer")`)
	m.press("u")
	m.waitFor(`waiting() === 3 && $(".messages").textContent.includes("Undone: 1 comment.")`)
	m.checkClean()
}

// TestACommenterIsAPageWithoutJavaScript follows the link in the pane, and finds the commenter by email.
func TestACommenterIsAPageWithoutJavaScript(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(2)...)
	m := newBrowser(t)
	wantText(t, m, p.url+"/console", "Sign in")
	signInWith(t, m, p)
	follow(t, m, chromedp.Click(css(`#pane .person`)))
	wantText(t, m, "", "Reader 00", "email not confirmed", "Timeline", "Held by the ruleset")
	wantText(t, m, p.url+"/console/commenters", "Reader 00", "Reader 01")
	act(t, m, chromedp.SetValue(css("#q"), "READER01@mail.example"))
	follow(t, m, chromedp.Click(css(`form[role="search"] button`)))
	wantText(t, m, "", "Reader 01", "1 waiting")
	wantNoText(t, m, "", "Reader 00")
}
