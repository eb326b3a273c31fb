package main

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestTheCommenterIsInADrawer opens it by key, blocks from it without leaving the queue, and closes it.
func TestTheCommenterIsInADrawer(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitted(t, bodies(3)...)
	m := atConsole(t, p)
	m.opens("/console")
	m.shows(chosenIs + `"Reader 00"`)
	m.presses("c")
	m.shows(`$(".drawer .name")?.textContent === "Reader 00" && document.activeElement === $(".drawer") && $(".drawer .theirs").textContent.includes("1900 was worth a visit")`)
	m.shows(`(() => { const box = $(".drawer").getBoundingClientRect(), bar = $("#pane .decision").getBoundingClientRect();
		return box.bottom <= bar.top + 1 && box.right <= innerWidth && box.width === 432; })()`)
	m.presses("\x1b")
	m.shows(`!$(".drawer")`)
	m.presses("c")
	m.shows(`$(".drawer .ask-block")`)
	m.unfolds(".drawer .ask-block")
	m.do(`document.querySelector(".drawer [name=action]").value = "spam", true`)
	act(t, m.browser, chromedp.Click(css(`.drawer #profile-block button[type="submit"]`)))
	m.shows(`waiting() === 2 && $(".messages").textContent.includes("Blocked. Marked as spam: 1 comment.") && location.pathname === "/console"`)
	m.shows(chosenIs + `"Reader 01" && !$(".drawer")`)
	m.presses("u")
	m.shows(`waiting() === 3 && $(".messages").textContent.includes("Undone: 1 comment.")`)
	m.clean()
}

// TestACommenterIsAPageWithoutJavaScript follows the link in the pane, and finds the commenter by email.
func TestACommenterIsAPageWithoutJavaScript(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitted(t, bodies(2)...)
	m := newBrowser(t)
	see(t, m, p.url+"/console", "Sign in")
	signInBy(t, m, p)
	follow(t, m, chromedp.Click(css(`#pane .person`)))
	see(t, m, "", "Reader 00", "email not confirmed", "Timeline", "Held by the ruleset")
	see(t, m, p.url+"/console/commenters", "Reader 00", "Reader 01")
	act(t, m, chromedp.SetValue(css("#q"), "READER01@mail.example"))
	follow(t, m, chromedp.Click(css(`form[role="search"] button`)))
	see(t, m, "", "Reader 01", "1 waiting")
	dontSee(t, m, "", "Reader 00")
}
