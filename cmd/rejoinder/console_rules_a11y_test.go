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
	p.submitted(t, bodies(4)...)
	m := atConsole(t, p)
	m.opens(editor)
	m.writes(brokenRule)
	m.shows(`$("#check .bad")`)
	m.axedEverywhere("faults")
	m.writes(lighthouseRule)
	m.shows(`$("#check .good")`)
	m.fills("#try-body", "Is the lighthouse open on Sundays?")
	act(t, m.browser, chromedp.Click(css(`button[value="try"]`)))
	m.shows(`$("#trial .body")`)
	act(t, m.browser, chromedp.Click(css(`button[value="backtest"]`)))
	m.shows(`$("#backtest table")`)
	m.axedEverywhere("tried and backtested")
	act(t, m.browser, chromedp.Click(css(`#backtest button[value^="keep:"]`)))
	m.shows(`$("#backtest [role=status]:not(.stale)")?.textContent.includes("Kept in your draft")`)
	m.axedEverywhere("an outcome is kept as a test")
	follow(t, m.browser, chromedp.Click(css(`button[value="save"]`)))
	for _, path := range []string{"/console/rules?site=demo", "/console/rules/lists?site=demo", "/console/rules/build?site=demo&rule=insults",
		"/console/rules/versions?site=demo", "/console/rules/versions/2?site=demo", "/console/rules/versions/2/activate?site=demo",
		"/console/rules/diff?site=demo&from=1&to=2", "/console/rules/health?site=demo", "/console/rules/try?site=demo"} {
		m.opens(path)
		m.axedEverywhere(path)
	}
	m.opens("/console/rules/build?site=demo&rule=insults")
	m.fills("#try-body", "You are an idiot.")
	act(t, m.browser, chromedp.Click(css(`button[value="try"]`)))
	m.shows(`$("#try-expect")`)
	m.axedEverywhere("a tried comment can be kept as a test")
	follow(t, m.browser, chromedp.Click(css(`button[value="keep"]`)))
	m.axedEverywhere("a tried comment is kept")
}
