package main

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestModeratorsSeeCommentsAsReadersWillWithMarks(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	ids := p.submitted(t, "You are an **id&#105;ot**.\n\n> quoted\n\nSee [the map](https://maps.example/a)\u200b.")
	m := atConsole(t, p)
	const pane = `$("#pane .rendered")`
	for _, path := range []string{"/console", "/console/comments/" + ids[0]} {
		m.opens(path)
		m.shows(pane + `?.querySelector("p > strong > mark")?.textContent === "idiot"`)
		m.shows(pane + `.querySelector("blockquote p").textContent === "quoted"`)
		m.shows(pane + `.querySelector("a mark").textContent === "the map"`)
		m.shows(pane + `.querySelector("a").relList.contains("noreferrer") && ` + pane + `.querySelector("a").relList.contains("nofollow")`)
		m.shows(`$("#pane .unseen-matches").textContent.includes("https://maps.example/a")`)
		m.shows(`!$("#pane .markdown .body").checkVisibility()`)
		m.presses("v")
		m.shows(`$("#pane .markdown .body").checkVisibility() && $("#pane .markdown mark").textContent.includes("&#105;")`)
		m.presses("v")
		m.shows(`!$("#pane .markdown").open`)
		if path == "/console" {
			m.shows(`$("#queue .item .body mark").textContent === "idiot" && !$("#queue .item .body").textContent.includes("**")`)
		}
	}
	m.clean()
}

func TestTheSourceOfACommentIsShownWithoutJavaScript(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	ids := p.submitted(t, "You are an **id&#105;ot**.")
	m := newBrowser(t)
	see(t, m, p.url+"/console", "Sign in")
	signInBy(t, m, p)
	see(t, m, p.url+"/console/comments/"+ids[0], "As readers will see it", "You are an idiot.")
	act(t, m, chromedp.Click(css(`.markdown summary`)))
	see(t, m, "", "**id&#105;ot**")
}

func TestACommentOfAllMarkupFitsAPhone(t *testing.T) {
	t.Parallel()
	p := startProgram(t, consoleEnv(t), "serve", "--demo")
	long := strings.Repeat("verylong", 60)
	ids := p.submitted(t, "You **idiot"+long+"** `"+long+"`\n\n> - ["+long+"](https://maps.example/"+long+")\n\n```\n"+long+"\n```")
	m := atConsole(t, p)
	m.sized(360, 740)
	for _, path := range []string{"/console", "/console/comments/" + ids[0]} {
		m.opens(path)
		if got := m.gives(`document.documentElement.scrollWidth`); got != "360" {
			t.Errorf("%s is %s pixels wide", path, got)
		}
	}
}
