package main

import "testing"

// nameless finds elements without an accessible name: drawings, tables without headings, unlabelled parts.
const nameless = `[
	...$$("svg[role=img]").filter((s) => !s.getAttribute("aria-labelledby").split(" ").every((id) => document.getElementById(id)?.textContent.trim())),
	...$$("svg:not([role=img]):not([aria-hidden])"),
	...$$("table").filter((t) => !t.querySelector("thead th[scope=col]") || [...t.tBodies[0].rows].some((r) => r.cells[0].scope !== "row")),
	...$$("section").filter((s) => !document.getElementById(s.getAttribute("aria-labelledby"))),
].map((e) => e.outerHTML.slice(0, 100)).join("\n")`

func TestTheDashboardShowsHowModerationGoes(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(4)...)
	p.decide(t, "pending", "approve")
	m := newConsoleUser(t, p)
	m.reader.open(p.url + "/console/dashboard")
	m.waitFor(`$("h1")?.textContent === "Dashboard" && $(".screens [aria-current]")?.textContent === "Dashboard"`)
	m.waitFor(`$$("svg.plot").length === 2 && $(".chart")?.textContent.includes("the chart starts with the second bar")`)
	m.waitFor(`$("#decided-desc")?.textContent.startsWith("Moderators made 1 decision in total.") && $$("svg.plot rect.three").length === 1`)
	if got := m.eval(nameless); got != "" {
		t.Errorf("these have no name:\n%s", got)
	}
	m.waitFor(`getComputedStyle($("rect.three")).fill !== getComputedStyle($(".chart")).backgroundColor`)
	m.eval(`$$(".chart summary").forEach((s) => s.click())`)
	m.waitFor(`$$(".chart details[open] table").length === 3`)
	m.resize(360, 740)
	m.waitFor(`innerWidth === 360 && document.documentElement?.scrollWidth <= 360`)
	m.eval(`$$(".tabs a")[2].click()`)
	m.waitFor(`location.search.includes("period=30d") && $(".tabs [aria-current]")?.textContent === "30 days"`)
	m.waitFor(`document.documentElement?.scrollWidth <= 360`)
	m.waitFor(`fetch($$(".pages a").find((a) => a.textContent === "Decisions as CSV").href).then((r) => r.text()).then((text) => { window.file = text; }) && window.file?.split("\r\n").length === 7`)
	m.checkClean()
}
