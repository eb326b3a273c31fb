package text

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// corpus returns the content of a file of the corpora folder, or of the seed if
// there is no such folder. A folder that lacks the file is an error.
func corpus(t testing.TB, name, seed string) []byte {
	t.Helper()
	folder := os.Getenv("REJOINDER_CORPORA")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "shared", "corpora")
	}
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		return []byte(seed)
	}
	raw, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// rows returns the rows of a TSV corpus without its header.
func rows(t testing.TB, raw []byte) [][]string {
	t.Helper()
	unescape := strings.NewReplacer(`\\`, `\`, `\t`, "\t", `\n`, "\n", `\r`, "\r")
	var all [][]string
	for i, line := range strings.Split(strings.TrimRight(string(raw), "\n"), "\n") {
		if i == 0 && strings.HasPrefix(line, "#") {
			continue
		}
		row := strings.Split(line, "\t")
		row[0] = unescape.Replace(row[0])
		all = append(all, row)
	}
	if len(all) == 0 {
		t.Fatal("no cases were read")
	}
	return all
}

const htmlSeed = `[
 {"payload": "<img src=x onerror=alert(1)>"},
 {"payload": "<a href='java\tscript:alert(1)'>x</a><svg><style><img title='</style><img src=x onerror=alert(1)>'>"},
 {"in": "<b>bold</b><script>alert(1)</script><a href=\"http://example.org\" onclick=\"x()\">y</a>"}
]`

func TestHostileHTMLRendersToAllowedHTML(t *testing.T) {
	for _, name := range []string{"html/dompurify_expect.json", "html/bluemonday_pairs.json"} {
		var cases []struct{ Payload, In string }
		if err := json.Unmarshal(corpus(t, name, htmlSeed), &cases); err != nil {
			t.Fatal(err)
		}
		if len(cases) == 0 {
			t.Fatalf("%s: no cases were read", name)
		}
		for _, c := range cases {
			hostile := c.Payload + c.In
			checkRendering(t, hostile)
			checkRendering(t, "> - *"+hostile+"*")
			checkRendering(t, "[a]("+hostile+") `"+hostile+"` ["+hostile+"](http://a.b)")
		}
		t.Logf("%s: %d cases", name, len(cases))
	}
}

func TestCommonMarkExamplesRenderToAllowedHTML(t *testing.T) {
	const seed = `[{"markdown": "- a\n  > [b](/c \"d\")\n\n![e](http://f.g)\n<i>h</i>"}, {"markdown": "# a\n\nb\n===\n"}]`
	var cases []struct{ Markdown string }
	if err := json.Unmarshal(corpus(t, "markdown/commonmark_0.31.json", seed), &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) == 0 {
		t.Fatal("no cases were read")
	}
	for i, c := range cases {
		checkRendering(t, c.Markdown)
		checkRendering(t, c.Markdown+cases[(i+1)%len(cases)].Markdown)
	}
	t.Logf("%d cases", len(cases))
}

// utf8Cases returns the byte sequences of the UTF-8 corpus, each with whether it is valid.
func utf8Cases(t testing.TB) map[string]bool {
	const seed = "1:valid hex:C2 A9\n2:invalid hex:C2:nothing:EFBFBD\n3:valid:abc\n4:invalid hex:ED A0 80:nothing:EFBFBD\n"
	cases := map[string]bool{}
	for _, line := range strings.Split(string(corpus(t, "unicode/utf8tests.txt", seed)), "\n") {
		fields := strings.SplitN(strings.TrimRight(line, "\r"), ":", 4)
		if len(fields) < 3 || strings.HasPrefix(line, "#") {
			continue
		}
		switch fields[1] {
		case "valid":
			cases[fields[2]] = true
		case "valid hex", "invalid hex":
			raw, err := hex.DecodeString(strings.ReplaceAll(fields[2], " ", ""))
			if err != nil {
				t.Fatalf("line %q: %v", line, err)
			}
			cases[string(raw)] = fields[1] == "valid hex"
		}
	}
	if len(cases) == 0 {
		t.Fatal("no cases were read")
	}
	return cases
}

func TestInvalidUTF8IsRefusedAndValidUTF8IsNot(t *testing.T) {
	for s, valid := range utf8Cases(t) {
		want := error(nil)
		switch {
		case !valid:
			want = ErrUTF8
		case strings.Contains(s, "\x00"):
			want = ErrNUL
		}
		if got := Check(s); !errors.Is(got, want) {
			t.Errorf("Check(%q) = %v, want %v", s, got, want)
		}
		checkText(t, s)
	}
}

func TestNaughtyStringsKeepEveryPromise(t *testing.T) {
	const seed = `["", "Ω≈ç√∫", "👨‍👩‍👧", "\u202etest\u202c", "ﷺ", "<script>alert(1)</script>", "T̷o̷", "\u0000"]`
	var cases []string
	if err := json.Unmarshal(corpus(t, "unicode/blns.json", seed), &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) == 0 {
		t.Fatal("no cases were read")
	}
	for _, s := range cases {
		checkText(t, s)
		checkRendering(t, s)
	}
	t.Logf("%d cases", len(cases))
}

func TestConfusableCharactersKeepEveryPromise(t *testing.T) {
	const seed = "0430 ;\t0061 ;\tMA\t# a\n1D400 ;\t0041 ;\tMA\t# A\n"
	count := 0
	for _, line := range strings.Split(string(corpus(t, "unicode/confusables.txt", seed)), "\n") {
		_, comment, found := strings.Cut(line, "#")
		if !found || !utf8.ValidString(comment) || !strings.Contains(line, "MA") {
			continue
		}
		count++
		checkText(t, comment)
	}
	if count == 0 {
		t.Fatal("no cases were read")
	}
	t.Logf("%d cases", count)
}
