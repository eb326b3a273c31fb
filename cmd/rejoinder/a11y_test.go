//go:build a11y

package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Run by `make check-a11y`, which fetches axe-core first: a check for development, which neither building nor
// testing needs.

// tools is the folder in which npm installed the tools of the checks.
func tools(t *testing.T, path string) string {
	t.Helper()
	dir := os.Getenv("REJOINDER_A11Y_TOOLS")
	if dir == "" {
		t.Fatal("REJOINDER_A11Y_TOOLS does not say where axe-core is: run `make check-a11y`")
	}
	return filepath.Join(dir, "node_modules", path)
}

// checkAccessibility runs axe-core on the current page and requires that it finds nothing.
func (r reader) checkAccessibility(state string) {
	r.t.Helper()
	source, err := os.ReadFile(tools(r.t, "axe-core/axe.min.js"))
	if err != nil {
		r.t.Fatal(err)
	}
	act(r.t, r.browser, chromedp.Evaluate[chromedp.Void](string(source)),
		chromedp.Evaluate[chromedp.Void](`document.getAnimations().forEach((a) => a.finish());
			window.violations = undefined; axe.run({ resultTypes: ["violations"] }).then((r) => { window.violations = r.violations; });`))
	r.waitFor("window.violations")
	found := r.text(`violations.map((v) => v.id + ": " + v.nodes.map((n) => n.target.flat().join(" ") + " " + n.html).join("\n    ")).join("\n  ")`)
	r.t.Logf("%s: %s violations", state, r.text("violations.length"))
	if found != "" {
		r.t.Errorf("%s:\n  %s", state, found)
	}
}

// TestAxeFindsNothing shows every state of a thread, in both colour schemes.
func TestAxeFindsNothing(t *testing.T) {
	t.Parallel()
	for _, scheme := range []string{"light", "dark"} {
		t.Run(scheme, func(t *testing.T) {
			p := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir(), "REJOINDER_ADDRESS_LIMIT=0"}, "serve", "--demo")
			ada := newReader(t)
			feature := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
			if _, err := chromedp.Call(ada.browser, emulation.SetEmulatedMedia, feature); err != nil {
				t.Fatal(err)
			}
			ada.openThread(p.url + plainPage)
			ada.checkAccessibility("empty")
			ada.writeAndGetReplies(p)
			ada.openForms(p)
			for _, page := range []string{"/demo", "/demo/dark", "/demo/arabic", "/demo/counts", "/demo/signed-in", "/sites/demo/page?article=welcome"} {
				ada.open(p.url + page)
				ada.waitFor(`!host || $(".rj-item")`)
				ada.checkAccessibility(page)
			}
		})
	}
}

// TestAxeFindsNothingWhereReadersFollow shows the form below a thread that subscribes to mail, and the page
// that confirms the address.
func TestAxeFindsNothingWhereReadersFollow(t *testing.T) {
	t.Parallel()
	box := newInbox(t)
	p := startProgram(t, append(consoleEnv(t), "REJOINDER_ADDRESS_LIMIT=0", "REJOINDER_SMTP_URL=smtp://"+box.address,
		"REJOINDER_MAIL_FROM=comments@gazette.example"), "serve", "--demo")
	nora := newReader(t)
	nora.openThread(p.url + "/demo")
	nora.do(`$(".rj-follow summary").click()`)
	nora.checkAccessibility("following by email")
	nora.do(`$(".rj-follow [name=email]").value = "nora"; $(".rj-follow form button").click()`)
	nora.waitFor(`$(".rj-follow [aria-invalid]")`)
	nora.checkAccessibility("an address that is none")
	nora.do(`$(".rj-follow [name=email]").value = "nora@mail.example"; $(".rj-follow form button").click()`)
	nora.waitFor(`$(".rj-follow .rj-notice")`)
	nora.checkAccessibility("a mail was sent")
	ask := box.newest(t, "nora@mail.example", "/mail/follow/")
	nora.open(followURL.FindString(ask.text))
	nora.checkAccessibility("following is confirmed")
}

// writeAndGetReplies goes from a mistake over the preview to a pending comment, and on to a thread with
// replies.
func (r reader) writeAndGetReplies(p *program) {
	r.t.Helper()
	r.focusComposer()
	r.checkAccessibility("writing")
	r.do(`$(".rj-preview summary").click()`)
	r.fill("body", "A *first* word, with `code` and\n\n> a quotation")
	r.waitFor(`$(".rj-preview blockquote")`)
	r.checkAccessibility("preview")
	r.click(".rj-respond [type=submit]")
	r.waitFor(`$(".rj-summary")`)
	r.checkAccessibility("errors")
	r.submit("Ada Newcomer", "ada@mail.example", remark)
	r.waitFor(`$(".rj-own")`)
	r.checkAccessibility("pending")
	p.decide(r.t, "pending", "approve")
	r.openThread(p.url + plainPage)
	r.click(".rj-reply")
	r.checkAccessibility("replying")
	r.submit("Tom Okafor", "tom@mail.example", "I see it differently.")
	r.waitFor(`$(".rj-item .rj-own")`)
	p.decide(r.t, "pending", "approve")
	r.openThread(p.url + plainPage)
	r.waitFor(`$(".rj-item .rj-item")`)
	r.checkAccessibility("full")
}

// openForms opens the forms below a comment: the report form, and those of the status page.
func (r reader) openForms(p *program) {
	r.t.Helper()
	p.submitAll(r.t, "Somebody else remembers it, too.") // nobody reports their own comments
	p.decide(r.t, "pending", "approve")
	r.openThread(p.url + plainPage)
	r.waitFor(`$(".rj-report")`)
	report := r.text(`$(".rj-report").href`)
	r.click(".rj-report")
	r.waitFor(`$(".rj-item .rj-panel form")`)
	r.checkAccessibility("report")
	r.submit("Ada Newcomer", "ada@mail.example", "Something else that waits.")
	r.click(".rj-own .rj-manage")
	r.waitFor(`$(".rj-own .rj-panel form")`)
	r.checkAccessibility("editing")
	status := r.text(`$(".rj-own .rj-manage").href`)
	for _, page := range []string{report, status} {
		r.open(page)
		r.checkAccessibility(strings.TrimPrefix(strings.Split(page, "?")[0], p.url))
	}
	r.openThread(p.url + plainPage)
}

// TestPagesAreValid writes pages and fragments to files and has html-validate read them.
func TestPagesAreValid(t *testing.T) {
	t.Parallel()
	p := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir()}, "serve", "--demo")
	ada := newReader(t)
	ada.openThread(p.url + plainPage)
	ada.submit("Ada Newcomer", "ada@mail.example", remark)
	ada.waitFor(`$(".rj-own")`)
	p.decide(t, "pending", "approve")
	dir := t.TempDir()
	paths := []string{"/sites/demo/page?article=welcome", "/sites/demo/thread?article=welcome", "/sites/demo/thread?article=welcome&lang=ar", "/demo",
		plainPage, strictPage, "/demo/dark", "/demo/arabic", "/demo/counts", "/console/sign-in"}
	for i, path := range paths {
		body := pageSource(t, p.url+path)
		if strings.Contains(path, "/thread?") {
			body = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<title>A fragment</title>\n</head>\n<body>\n" + body + "\n</body>\n</html>\n"
		}
		if err := os.WriteFile(filepath.Join(dir, strconv.Itoa(i)+".html"), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const config = `{"root": true, "extends": ["html-validate:standard"]}`
	if err := os.WriteFile(filepath.Join(dir, ".htmlvalidate.json"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := validator(t, dir)
	if err != nil {
		t.Errorf("%v\n%s\nfiles are, in order: %s", err, out, fmt.Sprint(paths))
	}
}

// validator runs html-validate over a folder.
func validator(t *testing.T, dir string) (string, error) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "node", tools(t, "html-validate/bin/html-validate.mjs"), dir+"/*.html").CombinedOutput()
	return string(out), err
}

func pageSource(t *testing.T, url string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v", url, resp.StatusCode, err)
	}
	return string(body)
}
