package main

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"
)

// wholeRows counts the rows of the list that are completely visible.
const wholeRows = `$$("#queue .item").filter((item) => {
	const { left, right, top, bottom } = item.getBoundingClientRect();
	return [[left + 1, top + 1], [right - 1, top + 1], [left + 1, bottom - 1], [right - 1, bottom - 1]]
		.every(([x, y]) => item.contains(document.elementFromPoint(x, y)));
}).length`

// TestManyCommentsAreVisibleAtOnce counts them in the full demo, on a desktop and on a phone.
func TestManyCommentsAreVisibleAtOnce(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo=full")
	m := newConsoleUser(t, p)
	for _, screen := range []struct {
		width, height int64
		want          int
	}{{1280, 900, 9}, {360, 740, 5}} {
		t.Run(fmt.Sprintf("%d x %d", screen.width, screen.height), func(t *testing.T) {
			m.resize(screen.width, screen.height)
			m.open("/console")
			m.waitFor(`waiting() > ` + strconv.Itoa(screen.want) + ` && innerWidth === ` + strconv.FormatInt(screen.width, 10))
			m.waitFor(wholeRows + ` >= ` + strconv.Itoa(screen.want)) // once the page is laid out
			t.Logf("%s comments are visible", m.eval(wholeRows))
		})
	}
	m.checkClean()
}

// TestTwoTapsDecideOnAPhone requires that the buttons are on the screen without scrolling, and that one more tap decides
// on the next comment.
func TestTwoTapsDecideOnAPhone(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(2)...)
	m := newConsoleUser(t, p)
	m.resize(360, 740)
	m.open("/console")
	m.waitFor(`waiting() === 2 && !$("#queue button") && !$("#pane")?.checkVisibility()`)
	follow(t, m.browser, chromedp.Click(css("#queue .item")))
	m.waitFor(`$("#pane h2")?.textContent === "Reader 00" && $$("#pane .buttons > :is(button, details)").filter((verb) => verb.checkVisibility()).length === 4`)
	m.waitFor(`$$("#pane .buttons > button:not([hidden]), #pane .buttons summary.verb").every((button) => button.getBoundingClientRect().bottom <= innerHeight)`)
	follow(t, m.browser, chromedp.Click(css(`#pane button[value="approve"]`)))
	m.waitFor(`$("#notices")?.textContent.includes("The comment was approved.") && $("#pane h2")?.textContent === "Reader 01"`)
	follow(t, m.browser, chromedp.Click(css(`#pane button[value="approve"]`)))
	m.waitFor(`$("#notices")?.textContent.includes("The comment was approved.") && waiting() === 0`)
	m.checkClean()
}

// TestTheToolbarAppliesItselfAndIsCleared chooses an order, then removes a search.
func TestTheToolbarAppliesItselfAndIsCleared(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(3)...)
	m := newConsoleUser(t, p)
	m.open("/console?q=harbour")
	m.waitFor(chosenIs + `"Reader 00" && !$("form.filter button").checkVisibility()`)
	m.do(`document.querySelector("#sort").value = "newest", document.querySelector("#sort").dispatchEvent(new Event("change", { bubbles: true })), true`)
	m.waitFor(chosenIs + `"Reader 02" && new URL(location).searchParams.get("q") === "harbour"`)
	follow(t, m.browser, chromedp.Click(css(".find .clear")))
	m.waitFor(`$("#q")?.value === "" && !$(".find .clear") && location.search === "?sort=newest"`)
	m.checkClean()
}

// TestSelectingMovesNoComment requires that the bar of the selection is as high as the one that it replaces, also on
// phones and with claims of one's own.
func TestSelectingMovesNoComment(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo=full")
	m := newConsoleUser(t, p)
	for _, width := range []int64{1024, 390, 360, 320} {
		m.resize(width, 740)
		m.open("/console")
		m.waitFor(`waiting() > 1 && innerWidth === ` + strconv.FormatInt(width, 10))
		follow(t, m.browser, chromedp.Click(css(`#held button:not(.back)`)))
		m.waitFor(`$(".held .words").textContent.includes("yours until")`)
		before := m.eval(`$(".item").getBoundingClientRect().top`)
		act(t, m.browser, chromedp.Click(css(".every")))
		m.waitFor(`$(".strip.selecting .selected").dataset.n === String(waiting())`)
		if got := m.eval(`$(".item").getBoundingClientRect().top`); got != before {
			t.Errorf("at %d pixels, the first comment moves from %s to %s", width, before, got)
		}
	}
	m.checkClean()
}
