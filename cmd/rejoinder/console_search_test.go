package main

import (
	"testing"

	"github.com/chromedp/chromedp"
)

func TestTheQueueIsSearchedByKeyboardAlone(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, env []string) {
		p := startProgram(t, append(env, throughProxy), "serve", "--demo")
		p.submitAll(t, bodies(6)...)
		m := newConsoleUser(t, p)
		m.open("/console")
		m.waitFor(`waiting() === 6`)
		m.press("/")
		m.waitFor(`document.activeElement.id === "q"`)
		follow(t, m.browser, chromedp.KeyEvent(`"market of the harbour" 190* -1903`+"\r"))
		m.waitFor(`waiting() === 1 && $("#queue .item").textContent.includes("1900") && $("#q").value.includes("-1903")`)
		m.open("/console?q=lighthouse&sort=newest")
		m.waitFor(`waiting() === 2 && $("#queue .item").textContent.includes("1904")`)
	})
}

func TestTheQueueIsSearchedWithoutJavaScript(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitAll(t, bodies(3)...)
	m := newBrowser(t)
	wantText(t, m, p.url+"/console", "Sign in")
	signInWith(t, m, p)
	wantText(t, m, "", "3 comments waiting")
	follow(t, m, chromedp.SendKeys(css(`#q`), "PIER\r"))
	wantText(t, m, "", "1 comment waiting", "Reader 02")
}
