package main

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/pquerna/otp/totp"
)

// fillForm fills in the fields with these names, then presses the button of their form.
func (m consoleUser) fillForm(form string, typed ...string) {
	m.t.Helper()
	var steps []chromedp.Action[chromedp.Void]
	for i := 0; i+1 < len(typed); i += 2 {
		steps = append(steps, chromedp.SetValue(css(form+` [name="`+typed[i]+`"]`), typed[i+1]))
	}
	follow(m.t, m.browser, append(steps, chromedp.Click(css(form+` button[type="submit"]`)))...)
}

// load loads a page without a module.
func (m consoleUser) load(path string) {
	m.t.Helper()
	act(m.t, m.browser, chromedp.Navigate(m.p.url+path))
	m.waitFor(`$("main h1")`)
}

// newUser is another person with another browser, at a path of the same server.
func (m consoleUser) newUser(path string) consoleUser {
	m.t.Helper()
	other := consoleUser{newReader(m.t), m.p}
	other.resize(1280, 900)
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
	m := newConsoleUser(t, p)
	m.load("/console/account")
	m.fillForm("#set-up", "password", p.password(t))
	m.waitFor(`$("svg.qr").getBoundingClientRect().width > 150`)
	key := m.eval(`$(".key").textContent`)
	confirmed := time.Now()
	m.fillForm("#confirm", "code", code(t, key, confirmed))
	m.waitFor(`$$(".once li").length === 10`)
	other := m.newUser("/console")
	other.fillForm("main form", "email", demoEmail, "password", p.password(t))
	other.waitFor(`$('[name="code"]') && !$('[name="password"]')`)
	// The code that confirmed it is used up; an app whose clock is ahead shows the next one.
	other.fillForm("main form", "code", code(t, key, confirmed.Add(30*time.Second)))
	other.waitFor(`$(".me") && $("h1").textContent === "Nothing is waiting"`)
	m.checkClean()
	other.checkClean()
}

func TestAnInvitedModeratorSignsIn(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	m := newConsoleUser(t, p)
	m.load("/console/moderators")
	m.fillForm("#invite", "email", "bo@desk.example", "name", "Bo")
	link := m.eval(`$("#link").value`)
	invited := m.newUser(strings.TrimPrefix(link, p.url))
	invited.fillForm("#accept", "name", "Bo Lind", "password", "nine lamps along the quay")
	invited.waitFor(`$(".me a").textContent === "Bo Lind" && $$(".screens a").every((a) => a.textContent !== "Administration")`)
	again := m.newUser("/console")
	again.fillForm("main form", "email", "bo@desk.example", "password", "nine lamps along the quay")
	again.waitFor(`$(".me a").textContent === "Bo Lind"`)
	m.load("/console/moderators")
	m.waitFor(`!$("#link") && $(".rows").textContent.includes("Bo Lind")`)
}

// TestTheAdministrationFitsAPhone requires that nothing scrolls sideways on the narrowest phones.
func TestTheAdministrationFitsAPhone(t *testing.T) {
	t.Parallel()
	p := startProgram(t, append(consoleEnv(t), "REJOINDER_OUTBOUND_NETWORKS=127.0.0.1"), "serve", "--demo")
	p.submitAll(t, bodies(1)...)
	m := newConsoleUser(t, p)
	m.resize(360, 740)
	fits := func() {
		t.Helper()
		if got := m.eval(`document.documentElement.scrollWidth`); got != "360" {
			t.Errorf("%s is %s pixels wide", m.eval(`location.href`), got)
		}
	}
	m.load("/console/account")
	m.fillForm("#set-up", "password", p.password(t))
	fits()
	m.fillForm("#confirm", "code", code(t, m.eval(`$(".key").textContent`), time.Now()))
	fits()
	m.load("/console/moderators")
	m.fillForm("#invite", "email", "bo@desk.example", "name", "Bo"+strings.Repeat("longname", 12))
	fits()
	link := strings.TrimPrefix(m.eval(`$("#link").value`), p.url)
	person := m.eval(`$$(".rows a").find((a) => a.textContent.startsWith("Bo")).getAttribute("href")`)
	for _, path := range []string{"/console/moderators", person, "/console/sites", "/console/sites/demo", "/console/sites/demo/reasons",
		"/console/articles", "/console/articles/one?site=demo&article=welcome", "/console/keys", "/console/audit", "/console/account", "/console/classifiers"} {
		m.load(path)
		fits()
	}
	m.load("/console/sites/demo/webhooks")
	m.fillForm("#add", "name", "Archive "+strings.Repeat("longname", 10), "url", "http://127.0.0.1:1/"+strings.Repeat("longpath", 20))
	m.waitFor(`$("#secret")`)
	fits()
	act(t, m.browser, chromedp.Click(css(`form[action$="/test"] button`)))
	m.waitFor(`$(".exchange")`)
	m.eval(`$$("details").forEach((d) => { d.open = true; })`)
	fits()
	m.load("/console/classifiers")
	m.fillForm("#add", "name", "a_classifier_with_a_long_name", "url", "https://classifier.example/"+strings.Repeat("long", 20))
	fits()
	act(t, m.browser, chromedp.Navigate(p.url+link))
	m.waitFor(`$("#accept")`)
	fits()
}
