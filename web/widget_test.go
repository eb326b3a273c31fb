package web_test

import (
	"regexp"
	"strings"
	"testing"

	"rejoinder/web"
	"rejoinder/weburl"
)

// widgetBudget is what an article page may have to load for a thread, style sheet included, in bytes of
// brotli.
const widgetBudget = 10 << 10

func TestWidgetFitsItsBudget(t *testing.T) {
	n := compressed(t, []byte(web.Widget()))
	t.Logf("%d bytes, of %d", n, widgetBudget)
	if n > widgetBudget {
		t.Errorf("the widget takes %d bytes, its budget is %d", n, widgetBudget)
	}
}

// composerBudget is what it may have to load when somebody begins to write.
const composerBudget = 2640

func TestComposerFitsItsBudget(t *testing.T) {
	n := compressed(t, []byte(web.Composer()))
	t.Logf("%d bytes, of %d", n, composerBudget)
	if n > composerBudget {
		t.Errorf("the composer takes %d bytes, its budget is %d", n, composerBudget)
	}
}

func TestWidgetIsWhole(t *testing.T) {
	module := web.Widget()
	for _, want := range []string{
		`customElements.define("rejoinder-thread"`, "export const countLinks", ".rj-comment{", "prefers-reduced-motion:no-preference)",
		".rj :focus-visible{", `"author_name"`, `"X-Rejoinder-Receipt"`, `"compose.js?v=`, "/^(?:" + weburl.TrackingPattern + ")$/i",
	} {
		if !strings.Contains(module, want) {
			t.Errorf("the widget lacks %s", want)
		}
	}
	module = strings.Replace(module, weburl.TrackingPattern, "", 1) + web.Composer() // contains no names of ours
	for _, what := range []string{`(?m)^\s+`, `(?m)^//`, `(?m) // `, `/\*[^"]*\*/`, `"embed\.css"`, `\b_[a-z]{3,}\b`} {
		if found := regexp.MustCompile(what).FindString(module); found != "" {
			t.Errorf("the widget holds %q", found)
		}
	}
}

// What strict pages forbid must not be in the widget at all.
func TestWidgetMakesNoHTMLOfText(t *testing.T) {
	for _, what := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "eval(", "Function(",
		".style", "withCredentials", "document.cookie", "setHTML"} {
		if strings.Contains(web.Widget()+web.Composer(), what) {
			t.Errorf("the widget uses %s", what)
		}
	}
}
