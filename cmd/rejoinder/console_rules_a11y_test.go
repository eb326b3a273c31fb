//go:build a11y

package main

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestAxeFindsNothingInTheRules looks at every screen about rules.
func TestAxeFindsNothingInTheRules(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(4)...)
	m := newConsoleUser(t, p)
	m.open(editor)
	m.replaceSource(brokenRule)
	m.waitFor(`$("#check .bad")`)
	m.checkAccessibility("faults")
	m.replaceSource(lighthouseRule)
	m.waitFor(`$("#check .good")`)
	m.fill("#try-body", "Is the lighthouse open on Sundays?")
	act(t, m.browser, chromedp.Click(css(`button[value="try"]`)))
	m.waitFor(`$("#trial .body")`)
	act(t, m.browser, chromedp.Click(css(`button[value="backtest"]`)))
	m.waitFor(`$("#backtest table")`)
	m.checkAccessibility("tried and backtested")
	act(t, m.browser, chromedp.Click(css(`#backtest button[value^="keep:"]`)))
	m.waitFor(`$("#backtest [role=status]:not(.stale)")?.textContent.includes("Kept in your draft")`)
	m.checkAccessibility("an outcome is kept as a test")
	follow(t, m.browser, chromedp.Click(css(`button[value="save"]`)))
	for _, path := range []string{"/console/rules?site=demo", "/console/rules/lists?site=demo", "/console/rules/build?site=demo&rule=insults",
		"/console/rules/versions?site=demo", "/console/rules/versions/2?site=demo", "/console/rules/versions/2/activate?site=demo",
		"/console/rules/diff?site=demo&from=1&to=2", "/console/rules/health?site=demo", "/console/rules/try?site=demo"} {
		m.open(path)
		m.checkAccessibility(path)
	}
	m.open("/console/rules/build?site=demo&rule=insults")
	m.fill("#try-body", "You are an idiot.")
	act(t, m.browser, chromedp.Click(css(`button[value="try"]`)))
	m.waitFor(`$("#try-expect")`)
	m.checkAccessibility("a tried comment can be kept as a test")
	follow(t, m.browser, chromedp.Click(css(`button[value="keep"]`)))
	m.checkAccessibility("a tried comment is kept")
}
