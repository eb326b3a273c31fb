package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// css is how elements are found.
type css = chromedp.CSS

// browserTime bounds one browser session; reaching it is a failure, not a delay.
const browserTime = 4 * time.Minute

// chromium is the Chromium that all tests share, since starting one takes seconds. Each browser session is a
// separate context with its own cookies, storage and cache.
var chromium struct {
	sync.Mutex
	context context.Context
	stop    func()
}

// chromiumStarts is how often Chromium is started before a test fails: on small virtual machines, it sometimes
// crashes before it opens its first page.
const chromiumStarts = 3

// sharedChromium returns the running Chromium, and starts one if there is none, or if it ended.
func sharedChromium(t *testing.T) context.Context {
	t.Helper()
	chromium.Lock()
	defer chromium.Unlock()
	if chromium.context != nil && chromium.context.Err() == nil {
		return chromium.context
	}
	var err error
	for range chromiumStarts {
		if err = startChromium(t); err == nil {
			return chromium.context
		}
	}
	t.Fatalf("start Chromium: %v", err)
	return nil
}

// startChromium starts a Chromium with a profile of its own and opens an empty page.
func startChromium(t *testing.T) error {
	t.Helper()
	profile, err := os.MkdirTemp("", "rejoinder-chromium-")
	if err != nil {
		return err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromiumPath(t)),
		chromedp.UserDataDir(profile),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		// A mouse, as a desk has: it hovers and points finely.
		chromedp.Flag("blink-settings", "primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4"),
		chromedp.WindowSize(1000, 1400),
	)
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocator, cancelAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	chromium.stop = func() {
		cancel()
		cancelAllocator()
		os.RemoveAll(profile) //nolint:errcheck // a temporary folder
	}
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		chromium.stop()
		return err
	}
	chromium.context = ctx
	return nil
}

// stopChromium ends the shared Chromium, if one was started.
func stopChromium() {
	chromium.Lock()
	defer chromium.Unlock()
	if chromium.context != nil {
		chromium.stop()
	}
}

// newScriptBrowser opens a browser session, as on another person's machine.
func newScriptBrowser(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := chromedp.NewContext(sharedChromium(t), chromedp.WithNewBrowserContext())
	act(t, ctx, chromedp.Navigate("about:blank"))
	// Make pages behave as if their window had the focus, whatever other tests show.
	focus := emulation.SetFocusEmulationEnabledParams{Enabled: true}
	if _, err := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, focus); err != nil {
		t.Fatalf("give the browser the focus: %v", err)
	}
	limited, cancelLimit := context.WithTimeout(ctx, browserTime)
	t.Cleanup(func() {
		cancelLimit()
		cancel()
	})
	return limited
}

// newBrowser is newScriptBrowser with JavaScript off.
func newBrowser(t *testing.T) context.Context {
	t.Helper()
	browser := newScriptBrowser(t)
	off := emulation.SetScriptExecutionDisabledParams{Value: true}
	if _, err := chromedp.Call(browser, emulation.SetScriptExecutionDisabled, off); err != nil {
		t.Fatalf("switch JavaScript off: %v", err)
	}
	return browser
}

// chromiumPath finds a browser; without one, the test fails and says what to install. It prefers the headless
// shell, which has the same engine but no user interface, and needs a quarter of the work.
func chromiumPath(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("there is no Chromium here: install it, on Debian with `apt-get install chromium-headless-shell`")
	return ""
}

func act(t *testing.T, browser context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(browser, steps...); err != nil {
		screenshot(t, browser)
		t.Fatalf("browser: %v", err)
	}
}

// ask runs an action that returns a value.
func ask[T any](t *testing.T, browser context.Context, action chromedp.Action[T]) T {
	t.Helper()
	value, err := chromedp.Run(browser, action)
	if err != nil {
		screenshot(t, browser)
		t.Fatalf("browser: %v", err)
	}
	return value
}

// follow runs an action that loads another page, and waits for that page.
func follow(t *testing.T, browser context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if _, err := chromedp.RunResponse(browser, steps...); err != nil {
		screenshot(t, browser)
		t.Fatalf("browser: %v", err)
	}
}

// signInWith fills in and sends the console's sign-in page as the demo's moderator, in the browser that shows
// it.
func signInWith(t *testing.T, browser context.Context, p *program) {
	t.Helper()
	follow(t, browser,
		chromedp.SetValue(css(`input[name="email"]`), demoEmail),
		chromedp.SetValue(css(`input[name="password"]`), p.password(t)),
		chromedp.Click(css(`main button[type="submit"]`)),
	)
}

// wantText opens url (or stays, when it is empty) and requires every text on the page.
func wantText(t *testing.T, browser context.Context, url string, texts ...string) {
	t.Helper()
	page := pageText(t, browser, url)
	for _, text := range texts {
		if !strings.Contains(page, text) {
			screenshot(t, browser)
			t.Fatalf("the page does not say %q:\n%s", text, page)
		}
	}
}

// wantNoText is the opposite of wantText, and also looks into the source.
func wantNoText(t *testing.T, browser context.Context, url string, texts ...string) {
	t.Helper()
	page := pageText(t, browser, url)
	source := ask(t, browser, chromedp.OuterHTML(css("html")))
	for _, text := range texts {
		if strings.Contains(page, text) || strings.Contains(source, text) {
			t.Fatalf("the page says %q:\n%s", text, page)
		}
	}
}

func pageText(t *testing.T, browser context.Context, url string) string {
	t.Helper()
	if url != "" {
		act(t, browser, chromedp.Navigate(url))
	}
	act(t, browser, chromedp.WaitReady(css("main")))
	return ask(t, browser, chromedp.Text(css("body")))
}

func value(t *testing.T, browser context.Context, selector string) string {
	t.Helper()
	return ask(t, browser, chromedp.Value(css(selector)))
}

// screenshot stores a picture of the page in the folder REJOINDER_SCREENSHOTS, for debugging.
func screenshot(t *testing.T, browser context.Context) {
	t.Helper()
	dir := os.Getenv("REJOINDER_SCREENSHOTS")
	if dir == "" {
		return
	}
	picture, err := chromedp.Run(browser, chromedp.FullScreenshot(90))
	if err != nil {
		t.Logf("no screenshot: %v", err)
		return
	}
	path := filepath.Join(dir, strings.ReplaceAll(t.Name(), "/", "-")+".png")
	if err := os.WriteFile(path, picture, 0o600); err != nil {
		t.Logf("no screenshot: %v", err)
	}
}
