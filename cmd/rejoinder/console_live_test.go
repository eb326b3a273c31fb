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
	first.submitted(t, bodies(1)...)
	m := atConsole(t, second)
	m.opens("/console")
	m.shows(`waiting() === 1 && !$(".arrivals")`)

	first.submitted(t, "The tide tables of the harbour were never wrong.", "Whoever wrote the tide tables knew the harbour well.")
	m.shows(`$(".arrivals")?.textContent === "2 new comments" && waiting() === 1 && $("[data-count=pending]").textContent === "3"`)
	act(t, m.browser, chromedp.Click(css(".arrivals")))
	m.shows(`waiting() === 3 && !$(".arrivals") && $(".item.chosen h2").textContent === "Reader 00"`)
	m.presses("a")
	m.shows(`waiting() === 2 && $("[data-count=pending]").textContent === "2"`)
	m.clean()
}
