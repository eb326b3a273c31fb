package rules

import (
	"context"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzParse requires that any bytes are either a ruleset that evaluates, or faults with places.
func FuzzParse(f *testing.F) {
	f.Add([]byte("rules:\n  - id: a\n    when: links.count > 2 && listed(\"w\")\n    then: hold\n    reason: Has {{links.count}}.\n"))
	f.Add([]byte("default: hold\nthresholds: {spam: 5}\nlists: {w: {mode: prefix, fields: [body], terms: [a b], except: [\"a bc\"]}}\nrules: []\n"))
	f.Add([]byte(conditionLists + oneRule("id: x", "when: >-\n      links.hosts.all(h,\n      listed('words'))", "score: 1e3", "reason: '{{matched}}'")))
	f.Add([]byte("lists: {a: {mode: regex, terms: ['a+b']}}\nrules: [&x {id: *x}]\ntests: [{name: a, facts: {reply.depth: 1}}]"))
	f.Fuzz(func(t *testing.T, source []byte) {
		rs, err := Parse(t.Context(), source)
		var faults *Faults
		switch {
		case err == nil:
			checkVerdict(t, rs, Neutral(plainComment))
			rs.Warnings()
		case !errors.As(err, &faults):
			t.Fatalf("the error is no fault of the document: %v", err)
		default:
			for _, fault := range faults.List {
				if fault.Line < 1 || fault.Column < 1 || fault.Message == "" {
					t.Errorf("a fault has no place or no message: %+v", fault)
				}
			}
		}
	})
}

// FuzzEvaluate requires that any text has a verdict whose spans lie in it.
func FuzzEvaluate(f *testing.F) {
	rs := mustParse(f, string(Default()))
	f.Add("You IDIOTS! http://a.example/ make money\nonline", "www.x.example", "http://spammer.example/")
	f.Add("ｖｉａｇｒａ Straße \u200d\u0301 \xff", "\x00", "%%%")
	f.Fuzz(func(t *testing.T, body, name, url string) {
		facts := Neutral(body)
		facts.Author.Name, facts.Author.URL = name, url
		checkVerdict(t, rs, facts)
	})
}

func checkVerdict(t *testing.T, rs *Ruleset, facts *Facts) {
	t.Helper()
	v := rs.Evaluate(context.Background(), facts)
	if v.Action.severity() == 0 || v.Cause == "" {
		t.Fatalf("the verdict decides nothing: %+v", v)
	}
	e := evaluation{writing: newWriting(facts)}
	for _, hit := range v.Hits {
		if hit.Rule == CauseError && strings.Contains(hit.Reason, "internal error") {
			t.Errorf("the evaluation panicked: %s", hit.Reason)
		}
		for _, s := range hit.Spans {
			written := e.asWritten(fieldNamed(s.Field))
			if s.Start < 0 || s.Start >= s.End || s.End > len(written) {
				t.Errorf("the rule %s has the span %+v in a text of %d bytes", hit.Rule, s, len(written))
			} else if utf8.ValidString(written) && !utf8.ValidString(written[s.Start:s.End]) {
				t.Errorf("the rule %s has the span %+v inside a character", hit.Rule, s)
			}
		}
	}
	v.Explain()
}
