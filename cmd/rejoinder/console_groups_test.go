package main

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestAGroupOfCommentsIsDecidedByOneActionAndUndone(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	var texts []string
	for i := range 5 {
		texts = append(texts, fmt.Sprintf("Reader %d found something at https://deals.example/%d worth a look, on day %d.", i, i*7, 100+i))
	}
	p.submitAll(t, append(texts, "Nobody else says anything like this about the lighthouse.")...)
	m := newConsoleUser(t, p)
	m.load("/console/groups?by=host")
	m.waitFor(`$(".groups .item h2").textContent === "5 comments: deals.example"`)
	m.waitFor(`$('nav.screens [aria-current]').textContent.startsWith("Groups")`)
	act(t, m.browser, chromedp.Click(css(`.groups button[value="spam"]`)))
	m.waitFor(`$("h1")?.textContent === "Spam 5 comments?"`)
	act(t, m.browser, chromedp.Click(css(`.alone button[value="spam"]`)))
	m.waitFor(`$("#notices")?.textContent.includes("5 comments") && $(".empty").textContent.includes("There is 1 comment waiting.")`)
	m.open("/console")
	m.waitFor(`$("h1")?.textContent === "1 comment waiting"`)
	m.open("/console?status=spam")
	m.waitFor(`$("h1")?.textContent === "5 spam comments"`)
	m.checkClean()
}
