package rules

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"rejoinder/moderation/text/timetest"
)

// whenRule returns a YAML document with one rule of that condition.
func whenRule(when string) string {
	return "rules:\n  - id: x\n    when: " + when + "\n    then: hold\n    reason: r\n"
}

// filled returns head, as many numbered lines as fit in n bytes, and tail.
func filled(n int, head, line, tail string) string {
	var b strings.Builder
	b.WriteString(head)
	for i := 0; b.Len() < n-len(tail)-len(line); i++ {
		b.WriteString(strings.ReplaceAll(line, "%d", fmt.Sprint(i)))
	}
	return b.String() + tail
}

// repeated returns a shape that repeats one unit between head and tail.
func repeated(head, unit, tail string) func(n int) string {
	return func(n int) string { return head + strings.Repeat(unit, n/len(unit)) + tail }
}

// numbered returns a shape of many lines that differ by a number.
func numbered(head, line, tail string) func(n int) string {
	return func(n int) string { return filled(n, head, line, tail) }
}

// invented returns a shape of many terms of mode loose, each of that many random letters.
func invented(letters int) func(n int) string {
	return func(n int) string {
		random, tail := rand.New(rand.NewPCG(7, 8)), whenRule("listed('w')")
		var b strings.Builder
		b.WriteString("lists:\n  w:\n    mode: loose\n    terms:\n")
		for b.Len() < n-len(tail)-letters {
			b.WriteString("      - '")
			for range letters {
				b.WriteByte('a' + byte(random.IntN(26)))
			}
			b.WriteString("'\n")
		}
		return b.String() + tail
	}
}

// documentShapes are documents that grow where processing could take more than linear time.
var documentShapes = map[string]func(n int) string{
	"a quotation on one line":            repeated(`"`, "a", `"`),
	"exclamation marks on one line":      repeated("", "!", ""),
	"disjunctions on one line":           repeated("", "a||", ""),
	"quoted facts on one line":           repeated("", "{{body}}", ""),
	"a condition of one string":          repeated("rules:\n  - id: x\n    then: hold\n    reason: r\n    when: '\"", "a", "\"'\n"),
	"a condition of exclamation marks":   repeated("rules:\n  - id: x\n    then: hold\n    reason: r\n    when: '", "!", "'\n"),
	"a condition of disjunctions":        repeated("rules:\n  - id: x\n    then: hold\n    reason: r\n    when: '", "a||", "'\n"),
	"a condition of many lines":          repeated("rules:\n  - id: x\n    then: hold\n    reason: r\n    when: |\n", "     a||\n", ""),
	"a condition of accented letters":    repeated("rules:\n  - id: x\n    then: hold\n    reason: r\n    when: '", "é", "'\n"),
	"a condition of escapes":             repeated("rules:\n  - id: x\n    then: hold\n    reason: r\n    when: \"", `\x21`, "\"\n"),
	"a reason of quoted facts":           repeated("rules:\n  - id: x\n    then: hold\n    when: 'true'\n    reason: '", "{{body}}", "'\n"),
	"many wrong rules on one line":       numbered("rules: [", "{id: r%d, when: 'lnks.count > 3', then: hold, reason: 'é{{bdy}}'},", "]\n"),
	"many wrong rules":                   numbered("rules:\n", "  - {id: r%d, when: 'lnks.count > 3', then: hold, reason: '{{bdy}}'}\n", ""),
	"many rules":                         numbered("rules:\n", "  - {id: r%d, when: 'links.count > %d', then: hold, reason: r}\n", ""),
	"many rules over the default":        numbered("extends: default\nrules:\n", "  - {id: r%d, when: 'links.count > %d', then: hold, reason: r}\n", ""),
	"many lists":                         numbered("lists:\n", "  l%d: {mode: word, terms: [a%d]}\n", whenRule("true")),
	"many wrong lists":                   numbered("lists:\n", "  l%d: {mode: wrd, terms: [a%d]}\n", whenRule("true")),
	"many lists over the default":        numbered("extends: default\nlists:\n", "  l%d: {mode: word, terms: [a%d]}\n", ""),
	"many terms":                         repeated("lists:\n  w:\n    terms: [", "ab, ", "]\n"+whenRule("true")),
	"many wrong terms":                   repeated("lists:\n  w:\n    terms: [", "'*', ", "]\n"+whenRule("true")),
	"many loose terms":                   numbered("lists:\n  w:\n    mode: loose\n    terms:\n", "      - ab%dcd\n", whenRule("listed('w')")),
	"many loose words":                   invented(8),
	"many long loose words":              invented(40),
	"many regular expressions":           numbered("lists:\n  w:\n    mode: regex\n    terms:\n", "      - 'a+b%d'\n", whenRule("listed('w')")),
	"one long term":                      repeated("lists:\n  w:\n    terms: [", "a ", "]\n"+whenRule("true")),
	"many shipped lists":                 numbered("lists:\n", "  l%d: {shipped: slurs-en}\n", whenRule("true")),
	"one shipped list many times":        repeated("lists:\n  w:\n    shipped: [", "slurs-en, ", "]\n"+whenRule("true")),
	"many tests":                         numbered(whenRule("true")+"tests:\n", "  - {name: t%d, body: x, expect: {action: hold}}\n", ""),
	"a test of a long text":              repeated(whenRule("true")+"tests:\n  - {name: t, expect: {action: hold}, body: '", "http://a.b ", "'}\n"),
	"a test that names many rules":       repeated(whenRule("true")+"tests:\n  - {name: t, body: x, expect: {rules: [", "y, ", "]}}\n"),
	"many keys":                          numbered("", "k%d: 1\n", ""),
	"many keys on one line":              numbered("{", "k%d: 1, ", "}"),
	"the same key":                       repeated("", "k: 1\n", ""),
	"brackets":                           repeated("", "[", ""),
	"braces":                             repeated("", "{a: ", ""),
	"dashes":                             repeated("", "- ", ""),
	"keys without values":                repeated("", "a:\n", "b"),
	"a wrong indentation behind all":     repeated("rules:\n", "  - id: x\n", " foo: [\n"),
	"a quotation that does not end":      repeated("rules:\n  - id: \"", "a\n  ", ""),
	"comments":                           repeated("", "#\n", whenRule("true")),
	"comments with empty lines":          repeated("", "# aaaaaa\n\n", whenRule("true")),
	"empty lines":                        repeated("", "\n", whenRule("true")),
	"carriage returns":                   repeated(whenRule("true"), "\r", ""),
	"ends of the document":               repeated(whenRule("true"), "...\n", ""),
	"documents":                          repeated(whenRule("true"), "---\n", ""),
	"anchors and aliases":                numbered("", "- &a%d a\n- *a%d\n", ""),
	"a tag":                              repeated("!", "a", " b"),
	"tag directives":                     numbered("", "%TAG !a%d! tag:%d\n", "---\na: b"),
	"tag directives behind the document": numbered(whenRule("true")+"...\n", "%TAG !a%d! tag:%d\n", "---\na: b"),
	"deep nesting":                       func(n int) string { return deep(n, "a:\n") },
	"deep nesting of lists":              func(n int) string { return deep(n, "-\n") },
}

// deep returns lines that are each indented one step further.
func deep(n int, line string) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		b.WriteString(strings.Repeat(" ", i) + line)
	}
	return b.String()
}

func TestReadingADocumentTakesLinearTime(t *testing.T) {
	for name, shape := range documentShapes {
		t.Run(name, func(t *testing.T) {
			timetest.Linear(t, 32<<10, shape, func(source string) { parseAny(t, source) })
		})
	}
}

// parseAny accepts a ruleset or faults, and fails on any other error.
func parseAny(t testing.TB, source string) {
	t.Helper()
	_, err := Parse(t.Context(), []byte(source))
	var faults *Faults
	if err != nil && !errors.As(err, &faults) {
		t.Fatalf("the error is no fault of the document: %v", err)
	}
}

func TestAConditionTakesLinearTime(t *testing.T) {
	for _, unit := range []string{"a||", "!", "1+", "(a)||", "-", "a.b.", "a?b:", "a==b&&", `"x"+`, "listed(\"w\")||", "links.count>1||", "dyn(1)==1||",
		"links.hosts.all(h,", "[", "(", "\"a\".matches(\"b\")||", "text.length in [1,2]||"} {
		for _, end := range []string{"", "true"} {
			t.Run(unit+end, func(t *testing.T) {
				head := "lists: {w: {terms: [a]}}\nrules:\n  - {id: x, then: hold, reason: r, when: '"
				timetest.Linear(t, 2_400, repeated(head, unit, end+"'}\n"), func(source string) { parseAny(t, source) })
			})
		}
	}
}

func TestSwitchingAModeAndComparingTakeLinearTime(t *testing.T) {
	work := map[string]func(source string){
		"switch a mode": func(source string) { SwitchMode(t.Context(), []byte(source), "r7", Shadow) },
		"compare": func(source string) {
			if _, err := Compare(t.Context(), Document{Source: []byte(source)}, Document{Source: []byte(whenRule("true"))}); err != nil {
				t.Fatal(err)
			}
		},
	}
	for name, do := range work {
		for _, shape := range []string{"many rules", "many lists", "many terms", "many tests"} {
			t.Run(name+" with "+shape, func(t *testing.T) { timetest.Linear(t, 8<<10, documentShapes[shape], do) })
		}
	}
}

// longLineTime is the maximum time for a document of one long line.
const longLineTime = 300 * time.Millisecond * timetest.Slowdown

func TestALongLineIsReadInTime(t *testing.T) {
	const head = "rules: [{id: x, then: hold, reason: r, when: '"
	for name, unit := range map[string]string{"a quotation": "a", "exclamation marks": "!", "disjunctions": "a||", "quoted facts": "{{body}}"} {
		for place, around := range map[string][2]string{
			"alone": {"", ""}, "quoted": {`"`, `"`}, "in a condition": {head, "'}]"}, "in a string of a condition": {head + `"`, `"'}]`},
			"in a reason": {"rules: [{id: x, then: hold, when: 'true', reason: '", "'}]"},
			"in a term":   {"lists: {w: {terms: ['", "']}}"},
			"in a test":   {"rules: []\ntests: [{name: t, expect: {action: hold}, body: '", "'}]"},
		} {
			t.Run(name+" "+place, func(t *testing.T) {
				source := around[0] + strings.Repeat(unit, (MaxDocumentBytes-200)/len(unit)) + around[1]
				shortest := time.Hour
				for range 5 { // other activity can only make it slower
					shortest = min(shortest, timetest.Processor(func() { parseAny(t, source) }))
					if shortest <= longLineTime {
						return
					}
				}
				t.Errorf("it takes %v", shortest)
			})
		}
	}
}

func TestACompilationThatNobodyWaitsForEndsSoon(t *testing.T) {
	const before, after = 20 * time.Millisecond, 80 * time.Millisecond * timetest.Slowdown
	for name, shape := range documentShapes {
		source := []byte(shape(MaxDocumentBytes - 2_000))
		for _, patience := range []time.Duration{0, before} {
			shortest := time.Hour
			for try := 0; try < 5 && shortest > patience+after; try++ { // a machine can only make it longer
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				var err error
				shortest = min(shortest, timetest.Processor(func() { _, err = Parse(ctx, source) }))
				if patience == 0 && !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%s: the error is %.100v", name, err)
				}
				cancel()
			}
			if shortest > patience+after {
				t.Errorf("%s: it took %v, and was waited for %v only", name, shortest, patience)
			}
		}
	}
}

// FuzzReadingTakesLinearTime looks for a fragment whose repetition makes a document slow.
func FuzzReadingTakesLinearTime(f *testing.F) {
	for _, piece := range []string{"a", "!", "a||", "{{body}}", "[", "{a: ", "- ", "a:\n", "#\n", "? ", "&a ", "\"", "'", "é", "\t", "|\n ", "%TAG ! a\n", "..."} {
		f.Add(piece)
	}
	places := [][2]string{{"", ""}, {whenRule("true"), ""}, {"rules: [{id: x, then: hold, reason: r, when: '", "'}]"},
		{"rules: [{id: x, then: hold, when: 'true', reason: \"", "\"}]"}, {"lists: {w: {mode: loose, terms: ['", "']}}"}, {"lists:\n  w:\n    mode: regex\n    terms:\n", ""}}
	f.Fuzz(func(t *testing.T, piece string) {
		if piece == "" || len(piece) > 100 {
			t.Skip()
		}
		for _, around := range places {
			timetest.Linear(t, 8<<10, repeated(around[0], piece, around[1]), func(source string) { parseAny(t, source) })
		}
	})
}
