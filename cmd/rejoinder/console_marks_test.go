package main

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestModeratorsSeeCommentsAsReadersWillWithMarks(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	ids := p.submitAll(t, "You are an **id&#105;ot**.\n\n> quoted\n\nSee [the map](https://maps.example/a)\u200b.")
	m := newConsoleUser(t, p)
	const pane = `$("#pane .rendered")`
	for _, path := range []string{"/console", "/console/comments/" + ids[0]} {
		m.open(path)
		m.waitFor(pane + `?.querySelector("p > strong > mark")?.textContent === "idiot"`)
		m.waitFor(pane + `.querySelector("blockquote p").textContent === "quoted"`)
		m.waitFor(pane + `.querySelector("a mark").textContent === "the map"`)
		m.waitFor(pane + `.querySelector("a").relList.contains("noreferrer") && ` + pane + `.querySelector("a").relList.contains("nofollow")`)
		m.waitFor(`$("#pane .unseen-matches").textContent.includes("https://maps.example/a")`)
		m.waitFor(`!$("#pane .markdown .body").checkVisibility()`)
		m.press("v")
		m.waitFor(`$("#pane .markdown .body").checkVisibility() && $("#pane .markdown mark").textContent.includes("&#105;")`)
		m.press("v")
		m.waitFor(`!$("#pane .markdown").open`)
		if path == "/console" {
			m.waitFor(`$("#queue .item .body mark").textContent === "idiot" && !$("#queue .item .body").textContent.includes("**")`)
		}
	}
	m.checkClean()
}

func TestTheSourceOfACommentIsShownWithoutJavaScript(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	ids := p.submitAll(t, "You are an **id&#105;ot**.")
	m := newBrowser(t)
	wantText(t, m, p.url+"/console", "Sign in")
	signInWith(t, m, p)
	wantText(t, m, p.url+"/console/comments/"+ids[0], "As readers will see it", "You are an idiot.")
	act(t, m, chromedp.Click(css(`.markdown summary`)))
	wantText(t, m, "", "**id&#105;ot**")
}

func TestACommentOfAllMarkupFitsAPhone(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	long := strings.Repeat("verylong", 60)
	ids := p.submitAll(t, "You **idiot"+long+"** `"+long+"`\n\n> - ["+long+"](https://maps.example/"+long+")\n\n```\n"+long+"\n```")
	m := newConsoleUser(t, p)
	m.resize(360, 740)
	for _, path := range []string{"/console", "/console/comments/" + ids[0]} {
		m.open(path)
		if got := m.eval(`document.documentElement.scrollWidth`); got != "360" {
			t.Errorf("%s is %s pixels wide", path, got)
		}
	}
}
