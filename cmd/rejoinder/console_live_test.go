package main

import (
	"testing"

	"github.com/chromedp/chromedp"

	"rejoinder/db/dbtest"
)

func TestCommentsOnOtherNodesAreAnnouncedAndCounted(t *testing.T) {
	t.Parallel()
	env := append(consoleEnv(t), "REJOINDER_DATABASE_URL="+dbtest.PostgresDatabase(t))
	first := startProgram(t, env, "serve", "--demo")
	second := startProgram(t, env, "serve", "--demo")
	first.submitAll(t, bodies(1)...)
	m := newConsoleUser(t, second)
	m.open("/console")
	m.waitFor(`waiting() === 1 && !$(".arrivals")`)

	first.submitAll(t, "The tide tables of the harbour were never wrong.", "Whoever wrote the tide tables knew the harbour well.")
	m.waitFor(`$(".arrivals")?.textContent === "2 new comments" && waiting() === 1 && $("[data-count=pending]").textContent === "3"`)
	act(t, m.browser, chromedp.Click(css(".arrivals")))
	m.waitFor(`waiting() === 3 && !$(".arrivals") && $(".item.chosen h2").textContent === "Reader 00"`)
	m.press("a")
	m.waitFor(`waiting() === 2 && $("[data-count=pending]").textContent === "2"`)
	m.checkClean()
}
