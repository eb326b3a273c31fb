package main

import (
	"strconv"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// contrasts lists the thread's texts with less than 4.5:1 contrast to their background, and field borders
// with less than 3:1 (WCAG 2.2, 1.4.3 and 1.4.11). A canvas blends the colours as the page does.
const contrasts = `
const paint = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
const probe = document.body.appendChild(document.createElement("div"));
probe.style.backgroundColor = "Canvas";
const canvas = getComputedStyle(probe).backgroundColor;
probe.remove();
const over = (colours) => {
  for (const colour of [canvas, ...colours]) { paint.fillStyle = colour; paint.fillRect(0, 0, 1, 1); }
  return [...paint.getImageData(0, 0, 1, 1).data].slice(0, 3);
};
const luminance = (rgb) => [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => {
  const c = rgb[i] / 255;
  return sum + weight * (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
}, 0);
const ratio = (a, b) => { const [hi, lo] = [luminance(a), luminance(b)].sort((x, y) => y - x); return (hi + 0.05) / (lo + 0.05); };
const grounds = (e) => {
  const layers = [];
  for (let n = e; n; n = n.parentElement ?? n.getRootNode().host) layers.unshift(getComputedStyle(n).backgroundColor);
  return layers;
};
const faint = [];
let looked = 0;
const look = (what, colour, layers, least) => {
  looked++;
  const got = ratio(over([...layers, colour]), over(layers));
  if (got < least) faint.push(what + " " + colour + " on " + over(layers) + ": " + got.toFixed(2));
};
for (const e of $$(".rj, .rj *")) {
  const style = getComputedStyle(e);
  if (!e.checkVisibility() || e.closest("svg, .rj-beside")) continue;
  const field = e.matches("input:not([type=checkbox]), textarea, select");
  if (field || [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) {
    look("<" + e.localName + " class=" + e.className + ">", style.color, grounds(e), 4.5);
  }
  if (field) look("edge of " + e.name, style.borderTopColor, grounds(e.parentElement), 3);
}
if (looked < 40) faint.push("only " + looked + " texts were looked at");
return faint.join("\n");
`

// setHostStyles gives the page the styles of a host, in place of the demo's style sheets.
func (r reader) setHostStyles(css string) {
	r.t.Helper()
	r.do(`for (const link of document.querySelectorAll("link[rel=stylesheet]")) link.remove();
		const sheet = new CSSStyleSheet();
		sheet.replaceSync(` + strconv.Quote(css) + `);
		document.adoptedStyleSheets = [sheet];`)
}

// lowContrastParts returns the parts of the thread with too little contrast.
func (r reader) lowContrastParts() string {
	r.t.Helper()
	return r.text("(() => {" + contrasts + "})()")
}

// TestAThreadCanBeReadOnEveryPage checks a thread in every state on pages of all colours.
func TestAThreadCanBeReadOnEveryPage(t *testing.T) {
	t.Parallel()
	p, ada := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir()}, "serve", "--demo"), newReader(t)
	ada.openThread(p.url + plainPage)
	const markdown = "A *first* word with `code`, [a link](https://a.example) and\n\n> a quotation\n\n```\ncode\n```"
	ada.submit("Ada Newcomer", "ada@mail.example", markdown)
	ada.waitFor(`$(".rj-own")`)
	p.decide(t, "pending", "approve")
	ada.openThread(p.url + plainPage)
	ada.waitFor(`$(".rj-item")`)
	ada.submit("Ada Newcomer", "ada@mail.example", "Once more, in other words. "+markdown)
	ada.waitFor(`$(".rj-own")`)
	ada.submit("", "nobody", "A third one. "+markdown)
	ada.waitFor(`$(".rj-summary")`)
	ada.click(".rj-preview summary")
	ada.waitFor(`$(".rj-preview blockquote")`)

	cases := []struct{ name, system, css, class string }{
		{"a page that says nothing of colours", "light", ``, ""},
		{"a page that says nothing, in a dark system", "dark", ``, ""},
		{"a light page with grey text", "light", `body { background: #fff; color: #555 }`, ""},
		{"a sepia page", "light", `body { background: #f4ecd8; color: #5b4636 }`, ""},
		{"a dark page with color-scheme", "light", `:root { color-scheme: dark } body { background: #111; color: #eee }`, ""},
		{"a page of both colours in a dark system", "dark", `:root { color-scheme: light dark }`, ""},
		{"a dark page without color-scheme", "light", `body { background: #111; color: #ddd }`, ""},
		{"a dark page with dim text", "light", `body { background: #111; color: #999 }`, ""},
		{"a blue page", "light", `body { background: #0b2545; color: #eef4ed }`, ""},
		{"a class makes the page dark", "light", `body { background: #fff; color: #222 } .dark body { background: #16181d; color: #e6e6e6 }`, "dark"},
		{"a class makes the page light", "dark", `body { background: #16181d; color: #e6e6e6 } .day body { background: #fff; color: #222 }`, "day"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := reader{t, ada.browser}
			feature := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: c.system}}}
			if _, err := chromedp.Call(r.browser, emulation.SetEmulatedMedia, feature); err != nil {
				t.Fatal(err)
			}
			r.setHostStyles(c.css)
			if faint := r.lowContrastParts(); faint != "" {
				t.Errorf("hard to read:\n%s", faint)
			}
			if c.class == "" {
				return
			}
			r.do(`document.documentElement.className = "` + c.class + `"; document.getAnimations().forEach((a) => a.finish())`)
			if faint := r.lowContrastParts(); faint != "" {
				t.Errorf("hard to read with class %s:\n%s", c.class, faint)
			}
			r.do(`document.documentElement.className = ""`)
		})
	}
}
