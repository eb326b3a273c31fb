package text

import (
	"strings"
	"testing"
	"time"

	"rejoinder/moderation/text/timetest"
)

// hostile are texts of about 10,000 characters that cost some Markdown programs
// quadratic or exponential time, or stack. Each is our own construction after
// the weak spots of such programs: delimiters without partners, brackets that
// open and never close, lookahead to the end, deep nesting, expansion.
var hostile = map[string]string{
	"quotations inside quotations":           strings.Repeat(">", 10_000),
	"quotations with spaces":                 strings.Repeat("> ", 5_000),
	"lists inside lists":                     strings.Repeat("- ", 5_000),
	"lists inside lists, then empty lines":   strings.Repeat("- ", 2_500) + "a" + strings.Repeat("\n", 5_000),
	"lists inside lists, then lines":         strings.Repeat("- ", 2_500) + "a" + strings.Repeat("\nb", 2_500),
	"numbered lists inside each other":       strings.Repeat("1. ", 3_333),
	"lists that step inwards":                stepping("- a\n", 130),
	"quotations that step inwards":           steppingQuotes(130),
	"opening brackets":                       strings.Repeat("[", 10_000),
	"closing brackets":                       strings.Repeat("]", 10_000),
	"brackets inside brackets":               strings.Repeat("[", 5_000) + "a" + strings.Repeat("]", 5_000),
	"image openings":                         strings.Repeat("![", 5_000),
	"images inside images":                   strings.Repeat("![", 1_600) + "a" + strings.Repeat("](b)", 1_600),
	"links inside links":                     strings.Repeat("[", 1_900) + "a" + strings.Repeat("](b)", 1_900),
	"many small links":                       strings.Repeat("[a](http://b.c)", 666),
	"addresses without space between them":   strings.Repeat("https://b.cd/", 769),
	"hosts that go on with an address":       strings.Repeat("http://xn--b.", 769),
	"links that never close":                 strings.Repeat("[a](b", 2_000),
	"links whose addresses open each other":  strings.Repeat("[a](", 2_500),
	"the same, closed at the very end":       strings.Repeat("[a](", 2_499) + ")",
	"links with angle brackets, closed late": strings.Repeat("[a](<b", 1_666) + ">",
	"links with titles that never close":     strings.Repeat(`[a](b "`, 1_428),
	"links with titles in parentheses":       strings.Repeat("[a](b (", 1_428),
	"links with angle brackets":              strings.Repeat("[a](<b", 1_666),
	"links to open parentheses":              "[a](" + strings.Repeat("(", 9_990),
	"open references":                        strings.Repeat("[a][", 2_500),
	"references to nothing":                  strings.Repeat("[a][b]", 1_666),
	"a long reference used often":            "[a]: http://b.c/" + strings.Repeat("d", 5_000) + "\n\n" + strings.Repeat("[a]", 1_600),
	"many definitions":                       strings.Repeat("[a]: b\n", 1_428),
	"definitions with titles that never end": strings.Repeat("[a]: b \"\n", 1_111),
	"definitions that never end":             strings.Repeat("[a\n", 3_333),
	"stars":                                  strings.Repeat("*", 10_000),
	"opening stars":                          strings.Repeat("*a ", 3_333),
	"closing stars":                          strings.Repeat("a* ", 3_333),
	"closing underscores":                    strings.Repeat("a_ ", 3_333),
	"opening stars, closing underscores":     strings.Repeat("*a ", 1_666) + strings.Repeat("b_ ", 1_666),
	"stars and underscores by turns":         strings.Repeat("*a_ ", 2_500),
	"opening stars, then closing ones":       strings.Repeat("*a ", 1_666) + strings.Repeat("b* ", 1_666),
	"strong inside strong":                   strings.Repeat("**a ", 1_250) + strings.Repeat("b** ", 1_250),
	"two stars, three stars":                 strings.Repeat("a**b***c*", 1_111),
	"one star, two stars":                    strings.Repeat("*a**a*", 1_666),
	"both ways":                              strings.Repeat("a*b", 3_333),
	"tildes":                                 strings.Repeat("~a ", 3_333),
	"two tildes":                             strings.Repeat("~~a ", 2_500),
	"stars in brackets":                      strings.Repeat("[*a", 3_333),
	"stars in closed brackets":               strings.Repeat("[*a]", 2_500),
	"backticks in growing runs":              growing("`", 140),
	"backticks":                              strings.Repeat("`a ", 3_333),
	"pairs of backticks":                     strings.Repeat("``a`", 2_500),
	"fences":                                 strings.Repeat("```\n", 2_500),
	"angle brackets":                         strings.Repeat("<", 10_000),
	"tags that never close":                  strings.Repeat("<a ", 3_333),
	"comments that never close":              strings.Repeat("<!--", 2_500),
	"automatic links that never close":       strings.Repeat("<http://a.b", 909),
	"schemes":                                strings.Repeat("http://", 1_428),
	"schemes after stars":                    strings.Repeat("*http://a", 1_111),
	"www after underscores":                  strings.Repeat("_www.a", 1_666),
	"www after www":                          strings.Repeat("www.", 2_500),
	"bare addresses":                         strings.Repeat("http://a.b ", 909),
	"a bare address that goes on":            "http://a.b/" + strings.Repeat("(", 9_989),
	"a bare address that closes too often":   "http://a.b/" + strings.Repeat(")", 9_989),
	"a host that goes on":                    "http://" + strings.Repeat("a.", 4_990),
	"hosts of another script":                strings.Repeat("http://é.ü ", 909),
	"entities":                               strings.Repeat("&amp;", 2_000),
	"ampersands":                             strings.Repeat("&", 10_000),
	"numeric entities that never end":        strings.Repeat("&#", 5_000),
	"backslashes":                            strings.Repeat(`\`, 10_000),
	"backslashes at line ends":               strings.Repeat("\\\n", 5_000),
	"headings":                               strings.Repeat("# a\n", 2_500),
	"a heading of number signs":              strings.Repeat("# ", 5_000),
	"rules":                                  strings.Repeat("---\n", 2_500),
	"a rule that is none":                    strings.Repeat("- - ", 2_500) + "a",
	"underlines":                             strings.Repeat("a\n=\n", 2_500),
	"line breaks":                            strings.Repeat("\n", 10_000),
	"short lines":                            strings.Repeat("a\n", 5_000),
	"short lines in a list":                  "- " + strings.Repeat("a\n", 5_000),
	"spaces":                                 strings.Repeat(" ", 10_000),
	"spaces at line ends":                    strings.Repeat("a  \n", 2_500),
	"tabs":                                   strings.Repeat("\t", 10_000),
	"tabs in lists":                          strings.Repeat("-\t", 5_000),
	"quotation marks":                        strings.Repeat(`"`, 10_000),
	"marks upon marks":                       "a" + strings.Repeat("\u0301", 9_999),
	"joiners":                                strings.Repeat("\u200d", 10_000),
	"ligatures that expand eighteen times":   strings.Repeat("\uFDFA", 10_000),
	"right-to-left overrides":                strings.Repeat("\u202e", 10_000),
	"emoji families":                         strings.Repeat("\U0001F468\u200D\U0001F469\u200D\U0001F467", 2_000),
	"Hangul letters that combine":            strings.Repeat("\u1100\u1161\u11a8", 3_333),
	"quotations, lists and quotations":       strings.Repeat("> - ", 2_500),
	"stars around brackets around backticks": strings.Repeat("*[`", 3_333),
	"everything at once":                     strings.Repeat("*_~`[]()<>&\\!\"#-+.1 \n\thttp://a.b", 330),
	"emphasis around links":                  strings.Repeat("*[a](http://b.c) ", 600),
	"quoted lines without their marks":       strings.Repeat(">", 5_000) + strings.Repeat("\na", 2_500),
	"lists with a paragraph each":            strings.Repeat("- a\n\n  b\n", 1_111),
	"numbered lists of one item each":        strings.Repeat("1. a\n2) b\n", 1_000),
}

func stepping(line string, levels int) string {
	var out strings.Builder
	for i := range levels {
		out.WriteString(strings.Repeat(" ", i) + line)
	}
	return out.String()
}

func steppingQuotes(levels int) string {
	var out strings.Builder
	for i := range levels {
		out.WriteString(strings.Repeat(">", i) + " a\n")
	}
	return out.String()
}

func growing(unit string, runs int) string {
	var out strings.Builder
	for i := range runs {
		out.WriteString(strings.Repeat(unit, i) + " ")
	}
	return out.String()
}

func TestHostileTextCostsLittleTime(t *testing.T) {
	const limit = 50 * time.Millisecond
	work := map[string]func(s string){
		"Render":      func(s string) { _, _ = Read(s).HTML() },
		"Shown":       func(s string) { Read(s).Words() },
		"Mark":        func(s string) { markEachWord(t, s) },
		"SearchWords": func(s string) { Read(s).SearchWords() },
		"Clean":       func(s string) { _, _ = Clean(s) },
		"CleanLine":   func(s string) { _, _ = CleanLine(s) },
		"Fingerprint": func(s string) { Fingerprint(s) },
		"Words":       func(s string) { Words(s) },
		"CheckEmail":  func(s string) { _ = CheckEmail(s) },
		"CheckURL":    func(s string) { _, _ = CheckURL("http://" + s) },
	}
	for name, s := range hostile {
		for function, do := range work {
			// The best of several runs: what the text costs, not what else the machine does.
			best := time.Hour
			for range 20 {
				started := time.Now()
				do(s)
				if best = min(best, time.Since(started)); best <= limit*timetest.Slowdown {
					break
				}
			}
			if best > limit*timetest.Slowdown {
				t.Errorf("%s of %s (%d bytes) takes %v, want under %v", function, name, len(s), best, limit*timetest.Slowdown)
			}
		}
	}
}

func TestHostileTextRendersToAllowedHTML(t *testing.T) {
	for name, s := range hostile {
		t.Run(name, func(t *testing.T) { checkRendering(t, s) })
	}
}

func TestOnlyHopelessAddressesAreNotEvenTried(t *testing.T) {
	for name, c := range map[string]struct {
		after string
		want  bool
	}{
		"an address":                        {"https://a.example/)", false},
		"an address with parentheses":       {"https://a.example/Mill_(sails)) and (more)", false},
		"32 parentheses inside each other":  {strings.Repeat("(", 32) + strings.Repeat(")", 33), false},
		"one more":                          {strings.Repeat("(", 33) + strings.Repeat(")", 34), true},
		"parentheses after the address":     {"a) " + strings.Repeat("(", 40), false},
		"escaped parentheses":               {strings.Repeat(`\(`, 40) + ")", false},
		"an address in angle brackets":      {"<a b(((>)", false},
		"an angle bracket that opens twice": {"<a <b>)", true},
		"an escaped angle bracket":          {`<a\<b>)`, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := hopelessAddress([]byte(c.after)); got != c.want {
				t.Errorf("hopeless is %v, want %v", got, c.want)
			}
		})
	}
	html, err := Read("[a](https://a.example/Mill_(sails_(old)))").HTML()
	if want := `<p><a href="https://a.example/Mill_(sails_(old))" rel="nofollow ugc noopener">a</a></p>`; err != nil || html != want {
		t.Errorf("rendered %q, want %q (%v)", html, want, err)
	}
}
