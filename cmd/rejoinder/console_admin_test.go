package main

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/pquerna/otp/totp"
)

// types fills in the fields with these names, then presses the button of their form.
func (m moderatorAt) types(form string, typed ...string) {
	m.t.Helper()
	var steps []chromedp.Action[chromedp.Void]
	for i := 0; i+1 < len(typed); i += 2 {
		steps = append(steps, chromedp.SetValue(css(form+` [name="`+typed[i]+`"]`), typed[i+1]))
	}
	follow(m.t, m.browser, append(steps, chromedp.Click(css(form+` button[type="submit"]`)))...)
}

// goes loads a page without a module.
func (m moderatorAt) goes(path string) {
	m.t.Helper()
	act(m.t, m.browser, chromedp.Navigate(m.p.url+path))
	m.shows(`$("main h1")`)
}

// anew is another person with another browser, at a path of the same server.
func (m moderatorAt) anew(path string) moderatorAt {
	m.t.Helper()
	other := moderatorAt{newReader(m.t), m.p}
	other.sized(1280, 900)
	act(m.t, other.browser, chromedp.Navigate(m.p.url+path))
	return other
}

// code is the current code of an authenticator app with that key.
func code(t *testing.T, key string, at time.Time) string {
	t.Helper()
	digits, err := totp.GenerateCode(strings.ReplaceAll(key, " ", ""), at)
	if err != nil {
		t.Fatal(err)
	}
	return digits
}

func TestSigningInTakesACodeOnceASecondFactorIsOn(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	m := atConsole(t, p)
	m.goes("/console/account")
	m.types("#set-up", "password", p.password(t))
	m.shows(`$("svg.qr").getBoundingClientRect().width > 150`)
	key := m.gives(`$(".key").textContent`)
	confirmed := time.Now()
	m.types("#confirm", "code", code(t, key, confirmed))
	m.shows(`$$(".once li").length === 10`)
	other := m.anew("/console")
	other.types("main form", "email", demoEmail, "password", p.password(t))
	other.shows(`$('[name="code"]') && !$('[name="password"]')`)
	// The code that confirmed it is used up; an app whose clock is ahead shows the next one.
	other.types("main form", "code", code(t, key, confirmed.Add(30*time.Second)))
	other.shows(`$(".me") && $("h1").textContent === "Nothing is waiting"`)
	m.clean()
	other.clean()
}

func TestAnInvitedModeratorSignsIn(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	m := atConsole(t, p)
	m.goes("/console/moderators")
	m.types("#invite", "email", "bo@desk.example", "name", "Bo")
	link := m.gives(`$("#link").value`)
	invited := m.anew(strings.TrimPrefix(link, p.url))
	invited.types("#accept", "name", "Bo Lind", "password", "nine lamps along the quay")
	invited.shows(`$(".me a").textContent === "Bo Lind" && $$(".screens a").every((a) => a.textContent !== "Administration")`)
	again := m.anew("/console")
	again.types("main form", "email", "bo@desk.example", "password", "nine lamps along the quay")
	again.shows(`$(".me a").textContent === "Bo Lind"`)
	m.goes("/console/moderators")
	m.shows(`!$("#link") && $(".rows").textContent.includes("Bo Lind")`)
}

// TestTheAdministrationFitsAPhone requires that nothing scrolls sideways on the narrowest phones.
func TestTheAdministrationFitsAPhone(t *testing.T) {
	t.Parallel()
	p := startProgram(t, append(consoleEnv(t), "REJOINDER_OUTBOUND_NETWORKS=127.0.0.1"), "serve", "--demo")
	p.submitted(t, bodies(1)...)
	m := atConsole(t, p)
	m.sized(360, 740)
	fits := func() {
		t.Helper()
		if got := m.gives(`document.documentElement.scrollWidth`); got != "360" {
			t.Errorf("%s is %s pixels wide", m.gives(`location.href`), got)
		}
	}
	m.goes("/console/account")
	m.types("#set-up", "password", p.password(t))
	fits()
	m.types("#confirm", "code", code(t, m.gives(`$(".key").textContent`), time.Now()))
	fits()
	m.goes("/console/moderators")
	m.types("#invite", "email", "bo@desk.example", "name", "Bo"+strings.Repeat("longname", 12))
	fits()
	link := strings.TrimPrefix(m.gives(`$("#link").value`), p.url)
	person := m.gives(`$$(".rows a").find((a) => a.textContent.startsWith("Bo")).getAttribute("href")`)
	for _, path := range []string{"/console/moderators", person, "/console/sites", "/console/sites/demo", "/console/sites/demo/reasons",
		"/console/articles", "/console/articles/one?site=demo&article=welcome", "/console/keys", "/console/audit", "/console/account", "/console/classifiers"} {
		m.goes(path)
		fits()
	}
	m.goes("/console/sites/demo/webhooks")
	m.types("#add", "name", "Archive "+strings.Repeat("longname", 10), "url", "http://127.0.0.1:1/"+strings.Repeat("longpath", 20))
	m.shows(`$("#secret")`)
	fits()
	act(t, m.browser, chromedp.Click(css(`form[action$="/test"] button`)))
	m.shows(`$(".exchange")`)
	m.gives(`$$("details").forEach((d) => { d.open = true; })`)
	fits()
	m.goes("/console/classifiers")
	m.types("#add", "name", "a_classifier_with_a_long_name", "url", "https://classifier.example/"+strings.Repeat("long", 20))
	fits()
	act(t, m.browser, chromedp.Navigate(p.url+link))
	m.shows(`$("#accept")`)
	fits()
}
