package text

import (
	"strings"
	"testing"
)

func TestLinksThatMisleadNameTheirHost(t *testing.T) {
	for name, c := range map[string]struct{ markdown, note string }{
		"letters of two scripts":             {"[paypal.com](https://раураl.com)", "xn--l-7sba6dbr.com"},
		"the same, bare":                     {"https://раураl.com/login", "xn--l-7sba6dbr.com"},
		"the same in angle brackets":         {"<https://раураl.com>", "xn--l-7sba6dbr.com"},
		"the same in its own letters":        {"[раураl.com](https://раураl.com)", "xn--l-7sba6dbr.com"},
		"Cyrillic letters that are twins":    {"https://сосо.com", "xn--n1aahb.com"},
		"Greek letters that are twins":       {"https://οοο.com", "xn--0xaaa.com"},
		"Cherokee":                           {"https://ꮮꮩꮪ.com", "xn--sbeck.com"},
		"Latin letters of phonetics":         {"https://ɡooɡle.com", "xn--oole-z7bc.com"},
		"an i without a dot":                 {"https://tıktok.com", "xn--tktok-n4a.com"},
		"a stroke for a slash":               {"https://bank.comノlogin.example", "bank.xn--comlogin-634g.example"},
		"a mark upon a letter":               {"https://pay\u0332pal.com", "xn--paypal-d7d.com"},
		"another host":                       {"[paypal.com](https://evil.example)", "evil.example"},
		"another host among words":           {"[Sign in at paypal.com now](https://evil.example)", "evil.example"},
		"another host behind the right one":  {"[evil.com or paypal.com](https://evil.com)", "evil.com"},
		"another host with a scheme":         {"[http://bank.internal/x](https://evil.example)", "evil.example"},
		"another host after www":             {"[www.bank.internal](https://evil.example)", "evil.example"},
		"an address of numbers":              {"[https://10.0.0.1/](https://evil.example)", "evil.example"},
		"another host in emphasis":           {"[pay**pal.com**](https://evil.example)", "evil.example"},
		"another host with signs for a dot":  {"[paypal。com](https://evil.example)", "evil.example"},
		"another host in wide letters":       {"[ｐａｙｐａｌ．ｃｏｍ](https://evil.example)", "evil.example"},
		"another host with hidden signs":     {"[pay\u200bpal.com](https://evil.example)", "evil.example"},
		"another host as what an image is":   {"![paypal.com](https://evil.example/a.png)", "evil.example"},
		"the right host under another":       {"[evil.example.paypal.com](https://evil.example)", "evil.example"},
		"one provider's site for another":    {"[me.github.io](https://you.github.io)", "you.github.io"},
		"a port":                             {"[paypal.com:443](https://evil.example:8443)", "evil.example"},
		"a twin of the host that it is":      {"[раураl.com](https://paypal.com)", "paypal.com"},
		"plain words":                        {"[click here](https://раураl.com)", ""},
		"plain words with dots":              {"[Node.js, e.g. v1.2.3](https://evil.example)", ""},
		"the right host":                     {"[example.com](https://www.example.com/a)", ""},
		"the right host with a path":         {"[example.com/main.py?a=paypal.com](https://example.com/)", ""},
		"a bare address about another":       {"https://example.com/?u=paypal.com", ""},
		"a host with an umlaut":              {"http://bücher.example", ""},
		"the same host in its two spellings": {"[bücher.de](https://xn--bcher-kva.de)", ""},
		"a Russian host":                     {"https://пример.рф/a", ""},
		"a Russian host of twins at home":    {"https://сосо.рф", ""},
		"a Russian word under .com":          {"https://пример.com", ""},
		"a Japanese host":                    {"https://例え.jp https://東京タワーtokyo.jp", ""},
		"a Turkish host":                     {"https://ısparta.com.tr", ""},
		"a Vietnamese host":                  {"https://tiếngviệt.vn", ""},
		"a Thai host":                        {"https://ที่นี่.ไทย", ""},
		"an Arabic host":                     {"https://موقع.مصر", ""},
		"a Hindi host":                       {"https://हिन्दी.भारत", ""},
		"the host in ASCII":                  {"https://xn--80a1aff.com", "xn--80a1aff.com"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := Read(c.markdown).HTML()
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(out, "<a ") {
				t.Fatalf("%q is no link", out)
			}
			noted := strings.Contains(out, ")</a>")
			if c.note == "" && noted || c.note != "" && !strings.Contains(out, " ("+c.note+")</a>") {
				t.Errorf("%q is %q, want the note %q", c.markdown, out, c.note)
			}
			checkRendering(t, c.markdown)
		})
	}
}
