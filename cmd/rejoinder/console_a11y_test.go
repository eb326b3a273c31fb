//go:build a11y

package main

import (
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestAxeFindsNothingInTheAdministration shows every screen of it, in both colour schemes, with what is shown once and with
// a form that was refused.
func TestAxeFindsNothingInTheAdministration(t *testing.T) {
	for _, scheme := range []string{"light", "dark"} {
		t.Run(scheme, func(t *testing.T) {
			p := startProgram(t, consoleEnv(t), "serve", "--demo")
			p.submitted(t, bodies(1)...)
			m := atConsole(t, p)
			feature := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
			if _, err := chromedp.Call(m.browser, emulation.SetEmulatedMedia, feature); err != nil {
				t.Fatal(err)
			}
			m.goes("/console/account")
			m.types("#set-up", "password", p.password(t))
			m.axed("a second factor is set up")
			m.types("#confirm", "code", code(t, m.gives(`$(".key").textContent`), time.Now()))
			m.axed("recovery codes")
			m.goes("/console/moderators")
			m.types("#invite", "email", "bo@desk.example", "name", "Bo")
			m.axed("an invitation")
			link := m.gives(`$("#link").value`)
			person := m.gives(`$$(".rows a").find((a) => a.textContent === "Bo").getAttribute("href")`)
			m.goes("/console/sites")
			m.types("#add", "slug", "The Lake", "name", "The Lake")
			m.axed("a refused form")
			for _, path := range []string{person, "/console/sites/demo", "/console/sites/demo/reasons", "/console/articles",
				"/console/articles/one?site=demo&article=welcome", "/console/audit", link[len(p.url):]} {
				m.goes(path)
				m.axed(path)
			}
		})
	}
}
