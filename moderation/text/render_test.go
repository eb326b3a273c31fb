package text

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write what is rendered into the golden files")

func TestGoldenFiles(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "render", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("no cases were read")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".md"), func(t *testing.T) {
			markdown, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Read(string(markdown)).HTML()
			if err != nil {
				t.Fatal(err)
			}
			checkRendering(t, string(markdown))
			golden := strings.TrimSuffix(file, ".md") + ".html"
			if *update {
				if err := os.WriteFile(golden, []byte(got+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got+"\n"); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRender(t *testing.T) {
	const rel = ` rel="nofollow ugc noopener"`
	cases := []struct{ name, markdown, want string }{
		{"nothing gives nothing", "", ""},
		{"white space gives nothing", " \n\t\n", ""},
		{"a single line break is kept", "a\nb", "<p>a<br>\nb</p>"},
		{"an empty line begins a paragraph", "a\n\nb", "<p>a</p>\n<p>b</p>"},
		{"raw HTML is text", "<b onclick=x>a</b>", "<p>&lt;b onclick=x&gt;a&lt;/b&gt;</p>"},
		{"an HTML block is text", "<script>\nalert(1)\n</script>", "<p>&lt;script&gt;<br>\nalert(1)<br>\n&lt;/script&gt;</p>"},
		{"Markdown inside raw HTML still works", "<div>*a*</div>", "<p>&lt;div&gt;<em>a</em>&lt;/div&gt;</p>"},
		{"an HTML comment is text", "<!-- a -->", "<p>&lt;!-- a --&gt;</p>"},
		{"an entity is the character, escaped", "&lt;b&gt; &copy;", "<p>&lt;b&gt; ©</p>"},
		{"a numeric entity is the character, escaped", "&#60;b&#x3e; &#169;", "<p>&lt;b&gt; ©</p>"},
		{"an escaped character is the character", "\\*a\\* \\&copy; \\<b\\>", "<p>*a* &amp;copy; &lt;b&gt;</p>"},
		{"a heading is a strong paragraph", "# a", "<p><strong>a</strong></p>"},
		{"a hashtag is no heading", "#a", "<p>#a</p>"},
		{"a line of hyphens is a rule and no heading", "a\n---\nb", "<p>a</p>\n<hr>\n<p>b</p>"},
		{"a numbered list begins where its writer began", "3. a\n4. b", "<ol dir=\"auto\" start=\"3\">\n<li>a</li>\n<li>b</li>\n</ol>"},
		{"a table is text", "| a |\n|---|\n| b |", "<p>| a |<br>\n|---|<br>\n| b |</p>"},
		{"the language of code is dropped", "```go\na < b\n```", "<pre><code>a &lt; b\n</code></pre>"},
		{"strikethrough", "~~a~~", "<p><del>a</del></p>"},
		{"a link", `[a](http://example.org "title")`, `<p><a href="http://example.org"` + rel + `>a</a></p>`},
		{"a link's address is made canonical", "[a](HTTPS://EXAMPLE.org:443/ä)", `<p><a href="https://example.org/%C3%A4"` + rel + `>a</a></p>`},
		{"a bare address is a link", "see http://example.org.", `<p>see <a href="http://example.org"` + rel + `>http://example.org</a>.</p>`},
		{"www is a link", "(www.example.org/a_(b))", `<p>(<a href="http://www.example.org/a_(b)"` + rel + `>www.example.org/a_(b)</a>)</p>`},
		{"emphasis does not break an address", "http://a.bc/_d_/*e*", `<p><a href="http://a.bc/_d_/*e"` + rel + `>http://a.bc/_d_/*e</a>*</p>`},
		{"a bare address with an international host", "http://bücher.example/", `<p><a href="http://xn--bcher-kva.example/"` + rel + `>http://bücher.example/</a></p>`},
		{"an address in angle brackets", "<https://a.bc/?d&e>", `<p><a href="https://a.bc/?d&amp;e"` + rel + `>https://a.bc/?d&amp;e</a></p>`},
		{"a bare address in brackets", "[http://a.bc]", `<p>[<a href="http://a.bc"` + rel + `>http://a.bc</a>]</p>`},
		{"an address as the text of a link", "[http://a.bc](http://d.ef)", `<p><a href="http://d.ef"` + rel + `>http://a.bc (d.ef)</a></p>`},
		{"an email stays text", "a@example.org <a@example.org> [m](mailto:a@example.org)", "<p>a@example.org &lt;a@example.org&gt; [m](mailto:a@example.org)</p>"},
		{"a script address stays text", "[a](javascript:alert(1)) <javascript:alert(1)>", "<p>[a](javascript:alert(1)) &lt;javascript:alert(1)&gt;</p>"},
		{"a data address stays text", "[a](data:text/html;base64,YQ==)", "<p>[a](data:text/html;base64,YQ==)</p>"},
		{"a disguised script address stays text", "[a](java&#x73;cript&colon;alert(1)) [b](\\javascript:x)", "<p>[a](java&amp;#x73;cript&amp;colon;alert(1)) [b](\\javascript:x)</p>"},
		{"a relative address stays text", "[a](/b) [c](//d.ef) [g](#h)", "<p>[a](/b) [c](//d.ef) [g](#h)</p>"},
		{"an address with a password stays text", "[a](http://bank.example@evil.example)", "<p>[a](http://bank.example@evil.example)</p>"},
		{"a link without text shows its address", "[](http://a.bc)", `<p><a href="http://a.bc"` + rel + `>http://a.bc</a></p>`},
		{"a link with invisible text shows its address", "[\u200b](http://a.bc)", "<p><a href=\"http://a.bc\"" + rel + ">\u200bhttp://a.bc</a></p>"},
		{"an image is a link to it", "![a](http://b.cd/e.png)", `<p><a href="http://b.cd/e.png"` + rel + `>a</a></p>`},
		{"an image without description shows its address", "![](http://b.cd/e.png)", `<p><a href="http://b.cd/e.png"` + rel + `>http://b.cd/e.png</a></p>`},
		{"an image from nowhere is text", "![a](e.png)", "<p>![a](e.png)</p>"},
		{"an image in a link is its description", "[![a](http://b.cd/e.png)](http://f.gh)", `<p><a href="http://f.gh"` + rel + `>a</a></p>`},
		{"a link in an image's description is text", "![a [b](http://c.de)](http://f.gh)", `<p><a href="http://f.gh"` + rel + `>a b</a></p>`},
		{"a reference is text", "[a][1]\n\n[1]: http://b.cd", `<p>[a][1]</p>` + "\n" + `<p>[1]: <a href="http://b.cd"` + rel + `>http://b.cd</a></p>`},
		{"quotation marks in an address are escaped", `[a](http://b.cd/"e")`, `<p><a href="http://b.cd/%22e%22"` + rel + `>a</a></p>`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := Read(c.markdown).HTML()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			checkRendering(t, c.markdown)
		})
	}
}

func TestRenderRefusesWhatIsNoText(t *testing.T) {
	for name, c := range map[string]struct {
		markdown string
		want     error
	}{
		"invalid UTF-8": {"a\xffb", ErrUTF8},
		"NUL":           {"a\x00b", ErrNUL},
	} {
		if got, err := Read(c.markdown).HTML(); !errors.Is(err, c.want) || got != "" {
			t.Errorf("%s: %q, %v; want %v", name, got, err, c.want)
		}
	}
	var fault Fault
	if _, err := Read(strings.Repeat("a", MaxRenderBytes+1)).HTML(); !errors.As(err, &fault) {
		t.Errorf("too long a text: %v, want a Fault", err)
	}
	if _, err := Read(strings.Repeat("\U0001D400", 10_000)).HTML(); err != nil {
		t.Errorf("10,000 characters of four bytes: %v", err)
	}
}

func TestRenderingStaysSmall(t *testing.T) {
	for name, s := range hostile {
		out, err := Read(s).HTML()
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if limit := 20*len(s) + 100; len(out) > limit {
			t.Errorf("%s: %d bytes became %d, want at most %d", name, len(s), len(out), limit)
		}
	}
}

func TestRenderingAtOnceGivesTheSame(t *testing.T) {
	const markdown = "# a\n\n> *b* [c](http://d.ef) é http://g.hi\n\n- ~~j~~"
	want, err := Read(markdown).HTML()
	if err != nil {
		t.Fatal(err)
	}
	var done sync.WaitGroup
	for range 8 {
		done.Go(func() {
			for range 20 {
				if got, err := Read(markdown).HTML(); err != nil || got != want {
					t.Errorf("Render = %q, %v; want %q", got, err, want)
				}
				if got := len(Read(markdown).Links); got != 2 {
					t.Errorf("%d links, want 2", got)
				}
			}
		})
	}
	done.Wait()
}

func FuzzRender(f *testing.F) {
	for _, s := range hostile {
		f.Add(s[:min(len(s), 200)])
	}
	f.Add("[a](<javascript:x> \"b\") ![c](http://d.ef) <http://g.hi> www.j.kl `<m>` &lt;n")
	f.Add("[a]: http://b.cd\n\n> 1. *[a]*\n\n\t<script>")
	f.Fuzz(func(t *testing.T, markdown string) {
		checkRendering(t, markdown)
	})
}

func BenchmarkRender(b *testing.B) {
	const markdown = "I *agree* with [this](https://example.org/a).\n\n> quoted\n\nBut see http://example.com for the rest; it is a long story with many words in it.\n"
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(markdown).HTML(); err != nil {
			b.Fatal(err)
		}
	}
}
