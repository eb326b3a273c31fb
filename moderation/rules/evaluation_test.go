package rules

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types/ref"
	"github.com/google/go-cmp/cmp"
)

func mustParse(t testing.TB, source string) *Ruleset {
	t.Helper()
	rs, err := Parse(t.Context(), []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	return rs
}

func evaluate(t testing.TB, source string, f *Facts) Verdict {
	t.Helper()
	return mustParse(t, source).Evaluate(context.Background(), f)
}

// outcome is the short form of a verdict.
func outcome(v Verdict) string {
	ids := make([]string, len(v.Hits))
	for i, h := range v.Hits {
		ids[i] = h.Rule
	}
	return fmt.Sprintf("%s by %s at %g: %s", v.Action, v.Cause, v.Score, strings.Join(ids, " "))
}

func TestWhatDecides(t *testing.T) {
	always := func(id, effect string) string {
		return fmt.Sprintf("  - {id: %s, when: \"true\", reason: x, %s}\n", id, effect)
	}
	cases := []struct {
		name, rules, more, want string
	}{
		{"without a hit it is the default, which is to hold", "  - {id: a, when: \"false\", then: spam, reason: x}\n", "", "hold by default at 0: "},
		{"without a hit it is the default of the document", "  []\n", "default: approve\n", "approve by default at 0: "},
		{"an approving rule approves", always("a", "then: approve"), "", "approve by a at 0: a"},
		{"hold is severer than approve", always("a", "then: approve") + always("b", "then: hold"), "", "hold by b at 0: a b"},
		{"reject is severer than hold", always("a", "then: reject") + always("b", "then: hold"), "", "reject by a at 0: a b"},
		{"spam is severer than all", always("a", "then: reject") + always("b", "then: spam") + always("c", "then: approve"), "", "spam by b at 0: a b c"},
		{"of the same action the first one decides", always("a", "then: hold") + always("b", "then: hold"), "", "hold by a at 0: a b"},
		{"a higher priority outranks what is severer", always("a", "then: approve, priority: 1") + always("b", "then: spam"), "", "approve by a at 0: a b"},
		{"a negative priority gives way to what is milder", always("a", "then: spam, priority: -1") + always("b", "then: approve"), "", "approve by b at 0: a b"},
		{"a negative priority alone decides", always("a", "then: spam, priority: -1"), "", "spam by a at 0: a"},
		{"scores add up to a threshold", always("a", "score: 1.5") + always("b", "score: 0.5"), "thresholds: {hold: 1, spam: 2}\n", "spam by threshold:spam at 2: a b"},
		{"a threshold that is not reached does nothing", always("a", "then: approve, score: 1"), "thresholds: {hold: 1.5}\n", "approve by a at 1: a"},
		{"negative scores count", always("a", "score: 3") + always("b", "then: approve, score: -2"), "thresholds: {hold: 2}\n", "approve by b at 1: a b"},
		{"a threshold is severer than a milder rule", always("a", "then: hold, score: 5"), "thresholds: {spam: 5}\n", "spam by threshold:spam at 5: a"},
		{"a rule is severer than a milder threshold", always("a", "then: spam, score: 5"), "thresholds: {hold: 5}\n", "spam by a at 5: a"},
		{"a priority outranks a threshold", always("a", "then: approve, priority: 1, score: 5"), "thresholds: {spam: 5}\n", "approve by a at 5: a"},
		{"a threshold outranks a negative priority", always("a", "then: spam, priority: -1, score: 5"), "thresholds: {hold: 5}\n", "hold by threshold:hold at 5: a"},
		{"only scores below the threshold leave the default", always("a", "score: 1"), "thresholds: {hold: 5}\ndefault: approve\n", "approve by default at 1: a"},
		{"a shadow hit is kept but neither acts nor scores", always("a", "then: spam, score: 9, mode: shadow") + always("b", "then: approve"), "thresholds: {hold: 1}\n", "approve by b at 0: a b"},
		{"a rule that is off does not even fire", always("a", "then: spam, mode: \"off\"") + always("b", "then: approve"), "", "approve by b at 0: b"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := outcome(evaluate(t, "rules:\n"+c.rules+c.more, Neutral("Hello."))); got != c.want {
				t.Errorf("the verdict is %q, want %q", got, c.want)
			}
		})
	}
}

func TestWhatCannotBeEvaluatedIsHeld(t *testing.T) {
	source := "rules:\n" +
		"  - {id: broken, when: 100 / links.count > 3, then: spam, reason: x}\n" +
		"  - {id: fine, when: \"true\", then: approve, priority: 5, reason: x}\n"
	v := evaluate(t, source, Neutral("No links."))
	if got := outcome(v); got != "hold by rule-error at 0: rule-error fine" {
		t.Fatalf("the verdict is %q", got)
	}
	if want := `The rule "broken" could not be evaluated: division by zero. The comment is held to be safe.`; v.Hits[0].Reason != want {
		t.Errorf("the reason is %q, want %q", v.Hits[0].Reason, want)
	}
}

func TestAShadowRuleThatCannotBeEvaluatedHoldsNothing(t *testing.T) {
	source := "rules:\n" +
		"  - {id: broken, when: 100 / links.count > 3, then: spam, mode: shadow, reason: x}\n" +
		"  - {id: fine, when: \"true\", then: approve, reason: x}\n"
	v := evaluate(t, source, Neutral("No links."))
	if got := outcome(v); got != "approve by fine at 0: rule-error fine" || v.Hits[0].Mode != Shadow {
		t.Errorf("the verdict is %q with %+v", got, v.Hits[0])
	}
}

func TestALoopBeyondItsCostIsHeld(t *testing.T) {
	var condition, body strings.Builder
	for i := range 20 {
		fmt.Fprintf(&condition, " && h != \"x%d\"", i)
	}
	source := "rules:\n  - {id: loop, when: 'links.hosts.all(h, true" + condition.String() + ")', then: spam, reason: x}\n" +
		"  - {id: fine, when: \"true\", then: approve, reason: x}\n"
	for i := range 6_000 { // far more than an accepted comment can have
		fmt.Fprintf(&body, "http://h%d.ex ", i)
	}
	v := evaluate(t, source, Neutral(body.String()))
	if got := outcome(v); got != "hold by rule-error at 0: rule-error fine" {
		t.Fatalf("the verdict is %q", got)
	}
	if !strings.Contains(v.Hits[0].Reason, "took too many steps") {
		t.Errorf("the reason is %q", v.Hits[0].Reason)
	}
}

func TestAnEvaluationThatRunsOutOfTimeIsHeld(t *testing.T) {
	source := "rules:\n  - {id: fine, when: \"true\", then: approve, reason: x}\n" +
		"  - {id: loop, when: 'links.hosts.exists(h, h == \"never\")', then: approve, reason: x}\n"
	rs := mustParse(t, source)
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	past, stop := context.WithDeadline(context.Background(), time.Unix(0, 0))
	defer stop()
	for name, ctx := range map[string]context.Context{"cancelled": cancelled, "past its deadline": past} {
		v := rs.Evaluate(ctx, Neutral("See http://a.example/."))
		if v.Action != Hold || v.Cause != CauseError {
			t.Errorf("%s: the verdict is %q", name, outcome(v))
		}
	}
}

// brokenProgram is a condition that hits a fault of this program.
type brokenProgram struct{ cel.Program }

func (brokenProgram) Eval(any) (ref.Val, *cel.EvalDetails, error) { panic("index out of range") }

func TestAPanicIsHeldEvenInShadow(t *testing.T) {
	rs := mustParse(t, "rules:\n  - {id: a, when: \"true\", then: spam, mode: shadow, reason: x}\n  - {id: b, when: \"true\", then: approve, reason: x}\n")
	rs.rules[0].condition.program = brokenProgram{}
	v := rs.Evaluate(context.Background(), Neutral("Hello."))
	if got := outcome(v); got != "hold by rule-error at 0: rule-error b" {
		t.Errorf("the verdict is %q", got)
	}
	if again := mustParse(t, "rules: []\n").Evaluate(context.Background(), Neutral("")); again.Cause != CauseDefault {
		t.Errorf("the next verdict is %q", outcome(again))
	}
}

func TestHitsSayWhereAndWhy(t *testing.T) {
	source := `lists:
  words: {terms: [été, straße, free money]}
  senders: {mode: email, terms: ["@mail.example"]}
  hosts: {mode: domain, terms: [evil.example]}
rules:
  - {id: words, when: listed("words"), then: hold, reason: "Says {{matched}}.", public_reason: "{{text.length}} characters."}
  - {id: sender, when: listed("senders"), score: 1, reason: "Sent by somebody of {{matched}}."}
  - {id: host, when: 'listed("hosts", "body")', then: spam, priority: 2, reason: "Links to {{matched}}."}
  - {id: links, when: links.count > 1, then: hold, mode: shadow, reason: "{{links.count}} links: {{links.domains}}."}
  - {id: network, when: in_network("192.0.2.0/24"), then: hold, reason: From there.}
  - {id: trusted, when: author.confirmed && form.age_known, then: approve, reason: "{{author.approved}} approved, {{form.age_seconds}} s, {{author.confirmed}}."}
`
	facts := Neutral("L'ÉTÉ à la STRASSE — FREE  money! http://www.evil.example/ http://b.example.co.uk")
	facts.Address = netip.MustParseAddr("::ffff:192.0.2.9")
	body := func(part string) Span {
		at := strings.Index(facts.Body, part)
		return Span{"body", at, at + len(part)}
	}
	evil, other := body("http://www.evil.example/"), body("http://b.example.co.uk")
	want := []Hit{
		{Rule: "words", About: SubjectWords, Mode: Enforce, Action: Hold, Field: "body", Spans: []Span{body("ÉTÉ"), body("STRASSE"), body("FREE  money")},
			Reason: "Says “ÉTÉ”, “STRASSE”, “FREE  money”.", PublicReason: "81 characters."},
		{Rule: "sender", About: SubjectWho, Mode: Enforce, Score: 1, Field: "author_email", Reason: `Sent by somebody of the list "senders".`},
		{Rule: "host", About: SubjectLinks, Mode: Enforce, Action: Spam, Priority: 2, Field: "body", Spans: []Span{evil}, Reason: "Links to “http://www.evil.example/”."},
		{Rule: "links", About: SubjectLinks, Mode: Shadow, Action: Hold, Field: "body", Spans: []Span{evil, other}, Reason: "2 links: “evil.example”, “example.co.uk”."},
		{Rule: "network", About: SubjectPace, Mode: Enforce, Action: Hold, Field: "address", Reason: "From there."},
		{Rule: "trusted", About: SubjectPace, Mode: Enforce, Action: Approve, Field: "author", Reason: "25 approved, 60 s, yes."},
	}
	v := evaluate(t, source, facts)
	if diff := cmp.Diff(want, v.Hits); diff != "" {
		t.Errorf("hits (-want +got):\n%s", diff)
	}
	if got := outcome(v); !strings.HasPrefix(got, "spam by host at 1:") {
		t.Errorf("the verdict is %q", got)
	}
}

func TestReasonsQuoteWhatReadersSee(t *testing.T) {
	source := `lists:
  words: {mode: loose, terms: [badger]}
  hosts: {mode: domain, terms: [evil.example]}
rules:
  - {id: words, when: listed("words"), score: 1, reason: "Says {{matched}}."}
  - {id: hosts, when: listed("hosts"), score: 1, reason: "Links to {{matched}}."}
`
	for body, want := range map[string]string{
		"A b&#97;dger there":                   "Says “badger”.",
		"A bad[ger](https://a.example/) there": "Says “badger”.",
		"A b4dg3r there":                       "Says “b4dg3r”.",
		"See [this](https://evil.example/x)":   "Links to “[this](https://evil.example/x)”.",
		"See https://evil.example/x":           "Links to “https://evil.example/x”.",
		"See evil [dot] example":               "Links to “evil [dot] example”.",
	} {
		v := evaluate(t, source, Neutral(body))
		got := ""
		if len(v.Hits) > 0 {
			got = v.Hits[0].Reason
		}
		if got != want {
			t.Errorf("%q: %q, want %q", body, got, want)
		}
	}
}

func TestVerdictsKeepTheirShapeAsJSON(t *testing.T) {
	v := evaluate(t, "rules: [{id: a, when: links.count > 0, then: hold, score: 1, priority: 2, reason: b, public_reason: c}]\n",
		Neutral("http://a.example/"))
	got, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"action":"hold","score":1,"hits":[{"rule":"a","about":"links","mode":"enforce","action":"hold","score":1,"priority":2,"field":"body",` +
		`"spans":[{"field":"body","start":0,"end":17}],"reason":"b","public_reason":"c"}],"cause":"a"}`
	if string(got) != want {
		t.Errorf("the JSON is\n%s, want\n%s", got, want)
	}
	none, err := json.Marshal(evaluate(t, "rules: []\n", Neutral("")))
	if err != nil || string(none) != `{"action":"hold","score":0,"hits":[],"cause":"default"}` {
		t.Errorf("without hits it is %s, %v", none, err)
	}
}

func TestPublicReasonIsThatOfWhatDecided(t *testing.T) {
	hit := func(rule string, mode Mode, action Action, public string) Hit {
		return Hit{Rule: rule, Mode: mode, Action: action, PublicReason: public}
	}
	cases := []struct {
		name string
		v    Verdict
		want string
	}{
		{"the deciding rule's", Verdict{Action: Hold, Cause: "b", Hits: []Hit{hit("a", Enforce, Hold, "A"), hit("b", Enforce, Hold, "B")}}, "B"},
		{"another rule's that asked for the same", Verdict{Action: Hold, Cause: "b", Hits: []Hit{hit("b", Enforce, Hold, ""), hit("a", Enforce, Hold, "A")}}, "A"},
		{"none of a rule that asked for something else", Verdict{Action: Spam, Cause: "b", Hits: []Hit{hit("a", Enforce, Hold, "A"), hit("b", Enforce, Spam, "")}}, ""},
		{"none of a shadow rule", Verdict{Action: Hold, Cause: "default", Hits: []Hit{hit("a", Shadow, Hold, "A")}}, ""},
	}
	for _, c := range cases {
		if got := c.v.PublicReason(); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestManyGoroutinesShareARuleset(t *testing.T) {
	rs := mustParse(t, string(Default()))
	bodies := []string{"Lovely.", "You IDIOTS!", "make money online http://x.example/", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA BBBBBB"}
	var want []string
	shared := make([]*Facts, len(bodies))
	for i, body := range bodies {
		shared[i] = Neutral(body)
		want = append(want, outcome(rs.Evaluate(context.Background(), shared[i])))
	}
	errs := make(chan error, 8)
	var wg sync.WaitGroup
	for range cap(errs) {
		wg.Go(func() {
			for i := range 200 {
				n := i % len(bodies)
				if got := outcome(rs.Evaluate(context.Background(), shared[n])); got != want[n] {
					errs <- errors.New(got)
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		t.Errorf("a verdict changed: %v", err)
	}
}
