package main

import (
	"testing"

	"github.com/chromedp/chromedp"
)

func TestACommenterIsBlockedFromTheConsole(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	id := p.submitAll(t, "Buy my boats at https://boats.example/ now")[0]
	m := newConsoleUser(t, p)
	m.open("/console/comments/" + id)
	m.unfold(".more details:has(#block)")
	act(t, m.browser,
		chromedp.SetValue(css("#block-what"), "host:boats.example"),
		chromedp.SetValue(css("#block-action"), "spam"),
		chromedp.SendKeys(css("#block-note"), "Sells boats, and skates on ice"),
	)
	follow(t, m.browser, chromedp.Click(css(`#block button[type="submit"]`)))
	m.waitFor(`$("#notices").textContent.includes("Blocked. Marked as spam: 1 comment.") && $("#block-what")`)

	m.unfold(".notes details")
	act(t, m.browser, chromedp.SendKeys(css("#note-body"), "Asked twice already."))
	follow(t, m.browser, chromedp.Click(css(`#note button[type="submit"]`)))
	m.waitFor(`$(".notes li")?.textContent.includes("Asked twice already.")`)

	// Not submitted, which fails unless the comment is pending: this one is spam, and only its writer is told "pending".
	p.submitAll(t, "Still my boats: https://www.boats.example/")
	m.open("/console?status=spam")
	m.waitFor(`$("h1").textContent === "2 spam comments" && $("#queue").textContent.includes("Still my boats")`)

	act(t, m.browser, chromedp.Navigate(p.url+"/console/blocks"))
	m.waitFor(`$(".blocks li").textContent.includes("Links to boats.example")`)
	m.resize(360, 740)
	m.waitFor(`document.documentElement.scrollWidth <= innerWidth`)
	follow(t, m.browser, chromedp.Click(css(".blocks li button")))
	m.waitFor(`$("#notices").textContent.includes("Block removed.") && $(".empty")`)
	m.checkClean()
}
