package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"rejoinder/db/dbtest"
)

const (
	strictPage = "/demo/strict"
	plainPage  = "/demo/plain"
	remark     = "What a pleasant page. I would like to read more of these."
)

// decide applies the moderator's decision to the newest pending comment, and returns its id.
func (p *program) decide(t *testing.T, status, action string) string {
	t.Helper()
	token := p.signIn(t)
	var queue struct {
		Items []struct {
			Comment struct {
				ID      string
				Version int
			}
		}
	}
	if got := call(t, http.MethodGet, p.url+"/api/v1/queue?site=demo&status="+status+"&sort=newest", token, nil, &queue); got != http.StatusOK || len(queue.Items) == 0 {
		t.Fatalf("queue of %s: status %d, %d comments", status, got, len(queue.Items))
	}
	c := queue.Items[0].Comment
	body := map[string]any{"action": action, "version": c.Version}
	if got := call(t, http.MethodPost, p.url+"/api/v1/comments/"+c.ID+"/decisions", token, body, nil); got >= http.StatusBadRequest {
		t.Fatalf("%s: status %d", action, got)
	}
	return c.ID
}

// TestWidgetsWalk is the newcomer's walk with JavaScript, on a page whose policy allows next to nothing, with
// a stranger who looks on.
func TestWidgetsWalk(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, env []string) {
		p := startProgram(t, env, "serve", "--demo")
		ada, stranger := newReader(t), newReader(t)
		stranger.openThread(p.url + plainPage)
		ada.openThread(p.url + strictPage)
		ada.submit("Ada Newcomer", "not an address", remark)
		ada.waitFor(`$('[name="author_email"]').ariaInvalid === "true" && focused('.rj-summary')`)
		if got := ada.text(`$("[name=body]").value`); got != remark {
			t.Fatalf("after a mistyped email the comment field holds %q", got)
		}
		ada.do(`$('[name="remember"]').checked = true`)
		ada.submit("Ada Newcomer", "ada@mail.example", remark)
		ada.waitFor(`$(".rj-own .rj-notice") && !$("[name=body]").value`)
		ada.openThread(p.url + strictPage)
		ada.waitFor(`$(".rj-own")?.textContent.includes("pleasant page")`)
		ada.focusComposer()
		ada.waitFor(`$('[name="author_email"]').value === "ada@mail.example"`)
		if got := stranger.text(`$(".rj").textContent`); strings.Contains(got, "pleasant page") {
			t.Fatal("a stranger sees a comment that waits")
		}
		id := p.decide(t, "pending", "approve")
		stranger.click(".rj-new button")
		stranger.waitFor(`$(".rj-target")?.id === "comment-` + id + `" && focused('.rj-target')`)
		ada.waitFor(`!$(".rj-own") && $(".rj").textContent.includes("pleasant page")`)
		p.decide(t, "approved", "reject")
		stranger.waitFor(`!$(".rj").textContent.includes("pleasant page")`)
		ada.checkClean()
		stranger.checkClean()
		if strings.Contains(p.log.String(), "ada@mail.example") || strings.Contains(p.log.String(), "pleasant page") {
			t.Error("the log holds an email or a comment's text")
		}
	})
}

func TestDraftSurvivesAKilledServer(t *testing.T) {
	t.Parallel()
	env := []string{"REJOINDER_DATA_DIR=" + t.TempDir(), "REJOINDER_ADDR=" + freeAddress(t)}
	p, ada := startProgram(t, env, "serve", "--demo"), newReader(t)
	ada.openThread(p.url + plainPage)
	ada.fill("body", remark)
	p.kill()
	ada.submit("Ada Newcomer", "ada@mail.example", remark)
	ada.waitFor(`$(".rj-summary")`)
	if got := ada.text(`$("[name=body]").value`); got != remark {
		t.Fatalf("with the server gone the field holds %q", got)
	}
	p = startProgram(t, env, "serve", "--demo")
	ada.openThread(p.url + plainPage)
	ada.waitFor(`$("[name=body]").value === "` + remark + `"`)
	ada.submit("Ada Newcomer", "ada@mail.example", remark)
	ada.waitFor(`$(".rj-own") && !Object.keys(localStorage).some((key) => key.includes(" draft "))`)
}

func TestCommentsArriveFromAnotherServerProcess(t *testing.T) {
	t.Parallel()
	dsn, dir := dbtest.PostgresDatabase(t), t.TempDir()
	env := []string{"REJOINDER_DATA_DIR=" + dir, "REJOINDER_DATABASE_URL=" + dsn}
	first := startProgram(t, env, "serve", "--demo")
	second := startProgram(t, env, "serve", "--demo")
	here, there := newReader(t), newReader(t)
	here.openThread(first.url + plainPage)
	there.openThread(second.url + plainPage)
	here.submit("Ada Newcomer", "ada@mail.example", remark)
	here.waitFor(`$(".rj-own")`)
	first.decide(t, "pending", "approve")
	there.click(".rj-new button")
	there.waitForText("pleasant page")
	first.decide(t, "approved", "reject")
	there.waitFor(`!$(".rj").textContent.includes("pleasant page")`)
}

// TestWidgetByKeyboard walks with Tab and Enter only, from the top of the page.
func TestWidgetByKeyboard(t *testing.T) {
	t.Parallel()
	p, ada := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir()}, "serve", "--demo"), newReader(t)
	ada.openThread(p.url + plainPage)
	for _, step := range []struct{ field, keys string }{
		{"body", remark}, {"author_name", "Ada Newcomer"}, {"author_email", "ada@mail.example\r"},
	} {
		ada.tabTo(`name === "` + step.field + `"`)
		act(t, ada.browser, chromedp.KeyEvent(step.keys))
	}
	ada.waitFor(`focused('.rj-own article')`)
	p.decide(t, "pending", "approve")
	ada.openThread(p.url + plainPage)
	ada.tabTo(`classList.contains("rj-reply")`)
	act(t, ada.browser, chromedp.KeyEvent("\r"))
	ada.waitFor(`focused('.rj-item .rj-respond [name=body]')`)
	ada.tabTo(`classList.contains("rj-cancel")`)
	act(t, ada.browser, chromedp.KeyEvent("\r"))
	ada.waitFor(`focused('.rj-reply') && !$(".rj-item .rj-respond")`)
}

// tabTo presses Tab until the focused element matches, from the current position around the page.
func (r reader) tabTo(condition string) {
	r.t.Helper()
	for range 60 {
		act(r.t, r.browser, chromedp.KeyEvent("\t"))
		if r.text(`(() => { const e = host.shadowRoot.activeElement; return !!e && e.`+condition+` })()`) == "true" {
			return
		}
	}
	r.t.Fatalf("Tab never leads to %s", condition)
}

func TestNothingIsWiderThanAPhone(t *testing.T) {
	t.Parallel()
	p, ada := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir()}, "serve", "--demo"), newReader(t)
	size := emulation.SetDeviceMetricsOverrideParams{Width: 320, Height: 640, DeviceScaleFactor: 1, Mobile: true}
	if _, err := chromedp.Call(ada.browser, emulation.SetDeviceMetricsOverride, size); err != nil {
		t.Fatal(err)
	}
	for _, page := range []string{plainPage, "/demo/dark", "/demo/arabic", "/demo"} {
		ada.openThread(p.url + page)
		if page == plainPage {
			ada.submit("Ada Newcomer", "ada@mail.example", strings.Repeat("unbroken", 40))
			ada.waitFor(`$(".rj-own")`)
			ada.do(`$("[name=body]").focus()`)
		}
		if got := ada.text("document.documentElement.scrollWidth"); got != "320" {
			t.Errorf("%s is %s pixels wide", page, got)
		}
	}
}

// TestNothingAboveTheThreadMoves loads pages with threads, and lets comments come.
func TestNothingAboveTheThreadMoves(t *testing.T) {
	t.Parallel()
	p, ada := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir()}, "serve", "--demo"), newReader(t)
	for _, page := range []string{plainPage, "/demo/dark", "/demo"} {
		ada.openThread(p.url + page)
		if got := ada.text("moved"); got != "0" {
			t.Errorf("%s: layout shift %s", page, got)
		}
		ada.checkClean()
	}
}

func TestWidgetSpeaksNineLanguages(t *testing.T) {
	t.Parallel()
	p, ada := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir()}, "serve", "--demo"), newReader(t)
	seen := map[string]string{}
	for _, lang := range []string{"en", "de", "fr", "es", "it", "pl", "uk", "ar", "ja"} {
		ada.openThread(p.url + plainPage)
		ada.do(`host.lang = "` + lang + `"`)
		ada.waitFor(`$(".rj")?.lang.startsWith("` + lang + `")`)
		ada.focusComposer()
		heading := ada.text(`$(".rj-respond h2").textContent + "/" + $(".rj-preview summary").textContent`)
		if other := seen[heading]; other != "" {
			t.Errorf("%s says what %s says: %s", lang, other, heading)
		}
		seen[heading] = lang
		want := "ltr"
		if lang == "ar" {
			want = "rtl"
		}
		if got := ada.text(`getComputedStyle($(".rj")).direction`); got != want {
			t.Errorf("%s runs %s", lang, got)
		}
	}
}

func TestTheWidgetReportsFailuresAndKeepsTheText(t *testing.T) {
	t.Parallel()
	p := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir(), "REJOINDER_ADDRESS_LIMIT=3"}, "serve", "--demo")
	ada := newReader(t)
	ada.openThread(p.url + plainPage)
	ada.submit("Ada Newcomer", "ada@mail.example", remark)
	ada.waitFor(`$(".rj-own")`)
	p.decide(t, "pending", "approve")

	t.Run("the comment that is answered vanishes", func(t *testing.T) {
		ada.openThread(p.url + plainPage)
		ada.click(".rj-reply")
		ada.fill("body", "An answer to it.")
		p.decide(t, "approved", "reject")
		ada.waitFor(`$(".rj-summary") && !$(".rj-item .rj-respond") && $("[name=body]").value === "An answer to it."`)
	})
	t.Run("too many comments", func(t *testing.T) {
		ada.submit("Ada Newcomer", "ada@mail.example", "The second.")
		ada.waitFor(`$$(".rj-own").length === 2 && !$("[name=body]").value`)
		ada.submit("Ada Newcomer", "ada@mail.example", "The third.")
		ada.waitFor(`$$(".rj-own").length === 3 && !$("[name=body]").value`)
		ada.submit("Ada Newcomer", "ada@mail.example", "The fourth.")
		ada.waitFor(`$("[role=timer]")?.textContent.match(/\d/) && $(".rj-respond [type=submit]").disabled && $("[name=body]").value === "The fourth."`)
	})
	t.Run("the article closes", func(t *testing.T) {
		closed := map[string]any{"closed": true}
		if got := call(t, http.MethodPatch, p.url+"/api/v1/sites/demo/articles?article=welcome", p.signIn(t), closed, nil); got != http.StatusOK {
			t.Fatalf("close the article: status %d", got)
		}
		ada.openThread(p.url + plainPage)
		ada.waitFor(`!$(".rj-respond form")`)
	})
}
