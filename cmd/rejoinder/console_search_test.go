package main

import (
	"testing"

	"github.com/chromedp/chromedp"
)

func TestTheQueueIsSearchedByKeyboardAlone(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, env []string) {
		p := startProgram(t, append(env, throughProxy), "serve", "--demo")
		p.submitted(t, bodies(6)...)
		m := atConsole(t, p)
		m.opens("/console")
		m.shows(`waiting() === 6`)
		m.presses("/")
		m.shows(`document.activeElement.id === "q"`)
		follow(t, m.browser, chromedp.KeyEvent(`"market of the harbour" 190* -1903`+"\r"))
		m.shows(`waiting() === 1 && $("#queue .item").textContent.includes("1900") && $("#q").value.includes("-1903")`)
		m.opens("/console?q=lighthouse&sort=newest")
		m.shows(`waiting() === 2 && $("#queue .item").textContent.includes("1904")`)
	})
}

func TestTheQueueIsSearchedWithoutJavaScript(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	p.submitted(t, bodies(3)...)
	m := newBrowser(t)
	see(t, m, p.url+"/console", "Sign in")
	signInBy(t, m, p)
	see(t, m, "", "3 comments waiting")
	follow(t, m, chromedp.SendKeys(css(`#q`), "PIER\r"))
	see(t, m, "", "1 comment waiting", "Reader 02")
}
