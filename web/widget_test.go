package web_test

import (
	"regexp"
	"strings"
	"testing"

	"rejoinder/web"
	"rejoinder/weburl"
)

// widgetBudget is the maximum size of the files that an article page loads for a thread, including the style
// sheet, in bytes of brotli.
const widgetBudget = 10 << 10

func TestWidgetFitsItsBudget(t *testing.T) {
	n := compressed(t, []byte(web.Widget()))
	t.Logf("%d bytes, of %d", n, widgetBudget)
	if n > widgetBudget {
		t.Errorf("the widget takes %d bytes, its budget is %d", n, widgetBudget)
	}
}

// composerBudget is the maximum size of the files that it loads when somebody begins to write.
const composerBudget = 2640

func TestComposerFitsItsBudget(t *testing.T) {
	n := compressed(t, []byte(web.Composer()))
	t.Logf("%d bytes, of %d", n, composerBudget)
	if n > composerBudget {
		t.Errorf("the composer takes %d bytes, its budget is %d", n, composerBudget)
	}
}

// identityBudget is the maximum size of the files that it loads when the page signs a reader in.
const identityBudget = 1024

func TestIdentityFitsItsBudget(t *testing.T) {
	n := compressed(t, []byte(web.Identity()))
	t.Logf("%d bytes, of %d", n, identityBudget)
	if n > identityBudget {
		t.Errorf("the module takes %d bytes, its budget is %d", n, identityBudget)
	}
}

func TestWidgetIsWhole(t *testing.T) {
	module := web.Widget()
	for _, want := range []string{
		`customElements.define("rejoinder-thread"`, "export const countLinks", ".rj-comment{", "prefers-reduced-motion:no-preference)",
		".rj :focus-visible{", `"author_name"`, `"X-Rejoinder-Receipt"`, `".js?v=`, "/^(?:" + weburl.TrackingPattern + ")$/i",
	} {
		if !strings.Contains(module, want) {
			t.Errorf("the widget lacks %s", want)
		}
	}
	module = strings.Replace(module, weburl.TrackingPattern, "", 1) + web.Composer() + web.Identity() // contains no names of ours
	for _, what := range []string{`(?m)^\s+`, `(?m)^//`, `(?m) // `, `/\*[^"]*\*/`, `"embed\.css"`, `\b_[a-z]{3,}\b`} {
		if found := regexp.MustCompile(what).FindString(module); found != "" {
			t.Errorf("the widget holds %q", found)
		}
	}
}

// The widget must not contain anything that strict pages forbid.
func TestWidgetMakesNoHTMLOfText(t *testing.T) {
	for _, what := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "eval(", "Function(",
		".style", "withCredentials", "document.cookie", "setHTML"} {
		if strings.Contains(web.Widget()+web.Composer()+web.Identity(), what) {
			t.Errorf("the widget uses %s", what)
		}
	}
}
