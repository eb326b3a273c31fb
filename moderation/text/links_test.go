package text

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLinks(t *testing.T) {
	link := func(url, host, text string) Link { return Link{URL: url, Host: host, Text: text} }
	cases := []struct {
		name, markdown string
		want           []Link
		sources        []string // what the spans cut out
	}{
		{"no link", "no link, and example.org is only a name", nil, nil},
		{"a link with text", "see [my *site*](http://a.bc) now", []Link{link("http://a.bc", "a.bc", "my site")}, []string{"[my *site*](http://a.bc)"}},
		{"a link over two lines of a quotation", "> [a\n> b](http://c.de)\n> f", []Link{link("http://c.de", "c.de", "a b")}, []string{"[a\n> b](http://c.de)"}},
		{"a bare address", "so: https://A.bc:8080/d?e#f!", []Link{link("https://a.bc:8080/d?e#f", "a.bc", "https://A.bc:8080/d?e#f")}, []string{"https://A.bc:8080/d?e#f"}},
		{"an address in angle brackets", "<http://a.bc/>", []Link{link("http://a.bc/", "a.bc", "http://a.bc/")}, []string{"http://a.bc/"}},
		{"www without a scheme", "www.a.bc", []Link{link("http://www.a.bc", "www.a.bc", "www.a.bc")}, []string{"www.a.bc"}},
		{"an international host", "http://bücher.example", []Link{link("http://xn--bcher-kva.example", "xn--bcher-kva.example", "http://bücher.example")}, []string{"http://bücher.example"}},
		{"an image", "![a](http://b.cd/e.png)", []Link{link("http://b.cd/e.png", "b.cd", "a")}, []string{"![a](http://b.cd/e.png)"}},
		{"an image in a link counts as the link", "[![a](http://b.cd/e.png)](http://f.gh)", []Link{link("http://f.gh", "f.gh", "a")}, []string{"[![a](http://b.cd/e.png)](http://f.gh)"}},
		{"a link whose text is another address", "[www.bank.example](http://evil.example)", []Link{link("http://evil.example", "evil.example", "www.bank.example")}, []string{"[www.bank.example](http://evil.example)"}},
		{"a reference definition is text", "[a][b]\n\n[b]: http://c.de", []Link{link("http://c.de", "c.de", "http://c.de")}, []string{"http://c.de"}},
		{"an address in code is spelled out", "`http://a.bc`", []Link{link("http://a.bc", "a.bc", "http://a.bc")}, []string{"http://a.bc"}},
		{"an address in raw HTML is spelled out", `<a href="http://a.bc">d</a>`, []Link{link("http://a.bc", "a.bc", "http://a.bc")}, []string{"http://a.bc"}},
		{"an address after a letter is spelled out", "请看http://a.bc。谢谢", []Link{link("http://a.bc", "a.bc", "http://a.bc")}, []string{"http://a.bc"}},
		{"an address in a refused link is spelled out", "[a](ftp://b.cd) [e](/f?http://g.hi)", []Link{link("http://g.hi", "g.hi", "http://g.hi")}, []string{"http://g.hi"}},
		{"an email is no link", "me@www.a.bc", nil, nil},
		{"a host needs a dot", "http://localhost www.", nil, nil},
		{"capitals", "HTTP://A.BC Www.D.EF", []Link{link("http://a.bc", "a.bc", "HTTP://A.BC"), link("http://www.d.ef", "www.d.ef", "Www.D.EF")}, []string{"HTTP://A.BC", "Www.D.EF"}},
		{"in the order of the source", "`www.a.bc` [d](http://e.fg) http://h.ij", []Link{link("http://www.a.bc", "www.a.bc", "www.a.bc"), link("http://e.fg", "e.fg", "d"), link("http://h.ij", "h.ij", "http://h.ij")}, []string{"www.a.bc", "[d](http://e.fg)", "http://h.ij"}},
		{"what is no text has none", "http://a.bc\xff", nil, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := Read(c.markdown).Links
			var sources []string
			for i, link := range got {
				sources = append(sources, c.markdown[link.Start:link.End])
				got[i].Start, got[i].End = 0, 0
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("links (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.sources, sources); diff != "" {
				t.Errorf("spans (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzLinks(f *testing.F) {
	for _, seed := range []string{
		"[a](http://b.cd) www.e.fg `http://h.ij` <k http://l.mn>", "[a]: http://b.cd\n[a][a] ![a]", "> [a\n> b](http://c.de\n> \"f\")",
		"请http://a.bc。[http://d.ef](http://g.hi)", "- http://a.bc\n\n\t[b](http://c.de)", "\xffhttp://a.bc", "[[http://a.bc]](http://d.ef)",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, markdown string) {
		checkSpans(t, markdown, Read(markdown).Links)
	})
}
