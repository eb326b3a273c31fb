//go:build screens

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Run by `make screens`, which takes the pictures in docs/screens.

// screen is a screen of the demo: its path, a script that prepares it, and a condition to wait for. In both,
// $ and $$ find elements of the page, and thread and threads those of the embedded thread.
type screen struct{ name, path, does, shows string }

const inEither = `const thread = (selector) => host.shadowRoot.querySelector(selector),
	threads = (selector) => [...host.shadowRoot.querySelectorAll(selector)]; `

var readerScreens = []screen{
	{"01-home", "/", ``, `$("main")`},
	{"02-article", "/demo", `host.scrollIntoView()`, `thread(".rj-item")`},
	{"03-branches", "/demo", `thread(".rj-menu summary").click(); threads(".rj-branch")[3].open = false; host.scrollIntoView()`,
		`thread(".rj-menu[open]")`},
	{"04-form", "/demo", `thread("[name=body]").value = ""; thread("[name=body]").focus(); thread(".rj-respond").scrollIntoView()`, `thread(".rj-tools")`},
	{"05-faults", "/demo", `thread("[name=body]").value = "A page that answers back."; thread("[name=author_email]").value = "ada@mail";
		thread(".rj-respond [type=submit]").click()`, `thread(".rj-summary")`},
	{"06-report", "/demo", `thread(".rj-report").click(); thread(".rj-comment").scrollIntoView()`, `thread(".rj-item .rj-panel")`},
	{"07-dark-page", "/demo/dark", `host.scrollIntoView()`, `thread(".rj-item")`},
	{"08-right-to-left", "/demo/arabic", `host.scrollIntoView()`, `thread(".rj-respond")`},
	{"09-sign-in", "/console/sign-in", ``, `$("[name=password]")`},
}

var consoleScreens = []screen{
	{"10-queue", "/console", ``, `$(".item")`},
	{"11-comment", "{first}", ``, `$(".case")`},
	{"12-reasons", "{first}", `$(".menu.reasons").open = true`, `$(".menu.reasons[open]")`},
	{"13-selection", "/console", `$$(".item input[type=checkbox]").slice(1, 4).forEach((box) => box.click())`, `$(".item :checked")`},
	{"14-appeals", "/console?status=appealed", ``, `$(".item")`},
	{"15-reported", "/console?status=reported", ``, `$("main h1")`},
	{"16-groups", "/console/groups", ``, `$("main h1")`},
	{"17-commenters", "/console/commenters", ``, `$("main h1")`},
	{"18-rules", "/console/rules?site=demo", ``, `$("main h1")`},
	{"19-rule-editor", "/console/rules/edit?site=demo", ``, `$("main h1")`},
	{"20-rule-health", "/console/rules/health?site=demo", ``, `$("main h1")`},
	{"21-dashboard", "/console/dashboard", ``, `$("main h1")`},
	{"22-site", "/console/sites/demo", ``, `$("main h1")`},
	{"23-articles", "/console/articles", ``, `$("main h1")`},
	{"24-moderators", "/console/moderators", ``, `$("main h1")`},
}

// TestTakeScreens takes each screen on a desk and on a phone, light and dark.
func TestTakeScreens(t *testing.T) {
	dir := filepath.Join("..", "..", "docs", "screens")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	p := startProgram(t, consoleEnv(t), "serve", "--demo=full")
	moderator, stranger := newConsoleUser(t, p), consoleUser{newReader(t), p}
	moderator.open("/console")
	moderator.waitFor(`$(".item a[href*='/console/comments/']")`)
	first := moderator.eval(`$(".item a[href*='/console/comments/']").getAttribute("href")`)
	for _, width := range []int64{1280, 360} {
		for _, scheme := range []string{"light", "dark"} {
			stranger.setAppearance(width, scheme)
			moderator.setAppearance(width, scheme)
			kind := fmt.Sprintf("-%d-%s.webp", width, scheme)
			for _, s := range readerScreens {
				stranger.capture(s, filepath.Join(dir, s.name+kind))
			}
			for _, s := range consoleScreens {
				s.path = strings.Replace(s.path, "{first}", first, 1)
				moderator.capture(s, filepath.Join(dir, s.name+kind))
			}
		}
	}
}

// setAppearance sets the size of the window and the colour scheme.
func (m consoleUser) setAppearance(width int64, scheme string) {
	m.t.Helper()
	m.resize(width, map[int64]int64{1280: 900, 360: 740}[width])
	feature := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
	if _, err := chromedp.Call(m.browser, emulation.SetEmulatedMedia, feature); err != nil {
		m.t.Fatal(err)
	}
}

// capture goes to a screen and stores its picture.
func (m consoleUser) capture(s screen, path string) {
	m.t.Helper()
	act(m.t, m.browser, chromedp.Navigate(m.p.url+s.path))
	m.waitFor(`document.readyState === "complete" && (!host || host.shadowRoot?.querySelector(".rj-respond"))`)
	if s.does != "" {
		m.eval(`(() => { ` + inEither + s.does + ` })()`)
	}
	m.waitFor(`(() => { ` + inEither + `return ` + s.shows + ` })()`)
	m.waitFor(`document.getAnimations().every((a) => a.playState !== "running")`)
	shot := page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatWebp, Quality: new(int64(80))}
	picture, err := chromedp.Call(m.browser, page.CaptureScreenshot, shot)
	if err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(path, picture.Data, 0o644); err != nil {
		m.t.Fatal(err)
	}
}
