package main

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// wrongPlaces returns layout errors of a comment's text on the page.
const wrongPlaces = `
const text = $(".rj-own .rj-text"), box = text.getBoundingClientRect(), wrong = [];
const lines = (e) => { const range = document.createRange(); range.selectNodeContents(e); return [...range.getClientRects()]; };
for (const r of lines(text)) if (r.left < box.left - 0.5 || r.right > box.right + 0.5) wrong.push("a line goes from " + r.left + " to " + r.right);
const pen = new OffscreenCanvas(1, 1).getContext("2d"), list = text.querySelector("ol");
pen.font = getComputedStyle(list).font;
const room = parseFloat(getComputedStyle(list).paddingInlineStart), number = pen.measureText("888. ").width;
if (number > room) wrong.push("a number is " + number + " wide and has " + room);
for (const p of text.querySelectorAll(":scope > p")) {
  const [line] = lines(p), around = p.getBoundingClientRect(), rtl = /^[\u0590-\u06ff]/.test(p.textContent);
  const gap = rtl ? around.right - line.right : line.left - around.left;
  if (gap > 1) wrong.push(p.textContent + " is " + gap + " from where it begins");
}
for (const e of text.querySelectorAll("blockquote, ul")) {
  const want = /[\u0590-\u06ff]/.test(e.textContent) ? "rtl" : "ltr";
  if (getComputedStyle(e).direction !== want) wrong.push(e.textContent + " is not " + want);
}
return wrong.join("\n");
`

// TestTextsRunAndStayWhereTheyBelong writes in both directions, in an English and in an Arabic thread, on a
// phone.
func TestTextsRunAndStayWhereTheyBelong(t *testing.T) {
	t.Parallel()
	const markdown = "First in English.\n\nمرحبا بالعالم.\n\n1986. A year.\n\n999. a\n888. b\n\nשלום\n\n" +
		"> اقتباس\n\n> a quotation\n\n- بند\n\nThe last one."
	p := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir()}, "serve", "--demo")
	for _, page := range []string{plainPage, "/demo/arabic"} {
		ada := newReader(t)
		size := emulation.SetDeviceMetricsOverrideParams{Width: 320, Height: 640, DeviceScaleFactor: 1, Mobile: true}
		if _, err := chromedp.Call(ada.browser, emulation.SetDeviceMetricsOverride, size); err != nil {
			t.Fatal(err)
		}
		ada.openThread(p.url + page)
		ada.submit("Ada Newcomer", "ada@mail.example", markdown+" "+page)
		ada.waitFor(`$(".rj-own .rj-text")`)
		if wrong := ada.text("(() => {" + wrongPlaces + "})()"); wrong != "" {
			screenshot(t, ada.browser)
			t.Errorf("%s: %s", page, wrong)
		}
	}
}

func TestALongURLWrapsInTheForm(t *testing.T) {
	t.Parallel()
	_, ada := startWithEmptyThread(t)
	size := emulation.SetDeviceMetricsOverrideParams{Width: 390, Height: 800, DeviceScaleFactor: 1, Mobile: true}
	if _, err := chromedp.Call(ada.browser, emulation.SetDeviceMetricsOverride, size); err != nil {
		t.Fatal(err)
	}
	ada.focusComposer()
	ada.fill("body", "https://www.gazette.example/politics/state/council_debate_about_the_budget_of_the_harbour_a_1234567890.html")
	ada.waitFor(`document.documentElement.scrollWidth <= 390`)
	ada.waitFor(`$("[name=body]").offsetWidth === $("[name=body]").parentNode.offsetWidth`)
	ada.checkClean()
}
