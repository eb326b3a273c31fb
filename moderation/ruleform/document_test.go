package ruleform_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rejoinder/moderation/ruleform"
	"rejoinder/moderation/rules"
)

// read reads a document.
func read(t interface{ Fatal(...any) }, source string) *ruleform.Document {
	doc, err := ruleform.Read([]byte(source))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// rewritten returns the rule as the builder writes it back after showing it.
func rewritten(r ruleform.Rule) ruleform.Rule {
	shown := ruleform.Parse(r.When)
	r.When = ruleform.Rewritten(shown, resubmitted(shown))
	return r
}

// resubmitted returns a condition as a form sends it: without the text that it has in the document.
func resubmitted(c ruleform.Condition) ruleform.Condition {
	fresh := ruleform.Condition{Join: c.Join, Fact: c.Fact, Op: c.Op, Values: slices.Clone(c.Values), Text: c.Text}
	for _, item := range c.Items {
		fresh.Items = append(fresh.Items, resubmitted(item))
	}
	return fresh
}

func TestEachRuleOfTheShippedDocumentIsShownAndWrittenBack(t *testing.T) {
	doc := read(t, string(rules.Default()))
	compiled, err := rules.Parse(t.Context(), rules.Default())
	if err != nil {
		t.Fatal(err)
	}
	for _, info := range compiled.Rules() {
		r, known := doc.Rule(info.ID)
		if !known {
			t.Errorf("%s is not found", info.ID)
			continue
		}
		shown := ruleform.Parse(r.When)
		if shown.HasText() {
			t.Errorf("%s has text: %s", info.ID, shown.Why)
		}
		same, err := doc.WriteRule(rewritten(r))
		if err != nil {
			t.Errorf("%s: %v", info.ID, err)
		} else if !bytes.Equal(same.Source(), rules.Default()) {
			t.Errorf("%s was written differently", info.ID)
		}
		// The written condition has the same meaning.
		again := ruleform.Parse(resubmitted(shown).Expression())
		if !again.Equal(resubmitted(shown)) && !again.Equal(shown) {
			t.Errorf("%s:\n %s\nbecame\n %s", info.ID, r.When, resubmitted(shown).Expression())
		}
	}
}

func TestAChangedRuleOfTheShippedDocumentLeavesEverythingElse(t *testing.T) {
	doc := read(t, string(rules.Default()))
	compiled, err := rules.Parse(t.Context(), rules.Default())
	if err != nil {
		t.Fatal(err)
	}
	for _, info := range compiled.Rules() {
		r, _ := doc.Rule(info.ID)
		r.Reason, r.Label, r.Mode = "Another: reason # with \"signs\".", "other", "shadow"
		r.When = ruleform.Condition{Join: ruleform.Any, Items: []ruleform.Condition{
			{Fact: "links.count", Op: ruleform.OpMore, Values: []string{"7"}}, ruleform.Parse(r.When)}}.Expression()
		r.PublicReason = ""
		changed, err := doc.WriteRule(r)
		if err != nil {
			t.Errorf("%s: %v", info.ID, err)
			continue
		}
		if now, _ := changed.Rule(info.ID); now != r {
			t.Errorf("%s: got %+v, want %+v", info.ID, now, r)
		}
		if _, err := rules.Parse(t.Context(), changed.Source()); err != nil {
			t.Errorf("%s: %v", info.ID, err)
		}
		if a, b := comments(doc), comments(changed); a != b {
			t.Errorf("%s: comments were lost", info.ID)
		}
	}
}

func comments(d *ruleform.Document) string {
	var b strings.Builder
	for line := range strings.Lines(string(d.Source())) {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// anyCondition draws expressions as people write them.
func anyCondition(t *rapid.T, depth int) string {
	leaves := []string{"links.count > 2", "author.approved == 0", "!edit.is", "form.age_known && form.age_seconds < 3", `listed("a")`,
		`listed_share("a") > 0.45`, "author.hours_since_negative < 24 * 30", `text.shown.contains("x && y")`, `author.url != ""`,
		`"a, b" in article.tags`, "author.rejected > author.approved", `near("a", "b", 3)`, `text.language in ["de", 'fr']`,
		`links.hosts.exists(h, h.endsWith(".xyz"))`, "(author.approved + 1) * 2 > 4", `!(quoted("a"))`, "1 < links.count"}
	if depth == 0 || rapid.Bool().Draw(t, "leaf") {
		return rapid.SampledFrom(leaves).Draw(t, "comparison")
	}
	operator := rapid.SampledFrom([]string{" && ", " || ", "&&", "  ||  "}).Draw(t, "operator")
	var parts []string
	for range rapid.IntRange(2, 3).Draw(t, "parts") {
		part := anyCondition(t, depth-1)
		switch rapid.IntRange(0, 3).Draw(t, "wrap") {
		case 0:
			part = "(" + part + ")"
		case 1:
			part = "!( " + part + " )"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, operator)
}

// anyDocument generates a document in one of the many notations of YAML.
func anyDocument(t *rapid.T) (source string, ids []string) {
	var b strings.Builder
	b.WriteString(rapid.SampledFrom([]string{"", "# Ours.\n", "default: hold # always\n\n"}).Draw(t, "head"))
	b.WriteString(rapid.SampledFrom([]string{
		"lists:\n  a: {mode: word, terms: [one, \"two, three\"]}\n  b:\n    # second\n    terms:\n      - x # why\n      - 'y z'\n",
		"lists:\n    a:\n        terms: [one,\n            two]\n    b: {terms: [x]}\n",
	}).Draw(t, "lists"))
	b.WriteString("rules:\n")
	for i := range rapid.IntRange(1, 4).Draw(t, "rules") {
		id := fmt.Sprintf("rule-%d", i)
		ids = append(ids, id)
		when := anyCondition(t, rapid.IntRange(0, 3).Draw(t, "depth"))
		reason := rapid.SampledFrom([]string{"Why.", "Has {{links.count}}: “so”", "a # b", "it's"}).Draw(t, "reason")
		b.WriteString(rapid.SampledFrom([]string{"", "  # A comment.\n", "\n"}).Draw(t, "above"))
		switch rapid.IntRange(0, 2).Draw(t, "style") {
		case 0:
			fmt.Fprintf(&b, "  - {id: %s, when: %q, then: hold, reason: %q} # flow\n", id, when, reason)
		case 1:
			fmt.Fprintf(&b, "  - id: %s # named\n    when: >-\n      %s\n    then: hold\n    reason: %q # so\n", id, when, reason)
		default:
			fmt.Fprintf(&b, "  - reason: %q\n    id: '%s'\n    score: 0.50\n    when: |\n      %s\n", reason, id, when)
		}
	}
	b.WriteString(rapid.SampledFrom([]string{"", "\n# The end.\n", "thresholds: {hold: 2}"}).Draw(t, "tail"))
	return b.String(), ids
}

func TestDocumentsSurviveTheRoundTrip(t *testing.T) {
	for _, hundred := range []string{"the first hundred", "the second hundred"} { // rapid draws a hundred
		t.Run(hundred, func(t *testing.T) { rapid.Check(t, survivesTheRoundTrip) })
	}
}

func survivesTheRoundTrip(t *rapid.T) {
	source, ids := anyDocument(t)
	doc := read(t, source)
	for _, id := range ids {
		r, known := doc.Rule(id)
		if !known {
			t.Fatalf("%s is not found in\n%s", id, source)
		}
		same, err := doc.WriteRule(rewritten(r))
		if err != nil || string(same.Source()) != source {
			t.Fatalf("%s changed (%v):\n%s\nto\n%s", id, err, source, same.Source())
		}
	}
	id := rapid.SampledFrom(ids).Draw(t, "changed")
	r, _ := doc.Rule(id)
	r.Reason, r.Mode = "Another.", "off"
	changed, err := doc.WriteRule(r)
	if errors.Is(err, ruleform.ErrUnwritable) {
		t.Fatalf("%s can't be written in\n%s", id, source)
	}
	if now, _ := changed.Rule(id); now != r {
		t.Fatalf("got %+v, want %+v", now, r)
	}
	for _, other := range ids {
		before, _ := doc.Rule(other)
		after, _ := changed.Rule(other)
		if other != id && before != after {
			t.Fatalf("%s changed %s", id, other)
		}
	}
}

// simple generates conditions that menus can express.
func simple(t *rapid.T, depth int) ruleform.Condition {
	leaf := rapid.SampledFrom([]ruleform.Condition{
		{Fact: "links.count", Op: ruleform.OpMore, Values: []string{"2"}},
		{Fact: "text.capitals", Op: ruleform.OpBetween, Values: []string{"0.1", "0.5"}},
		{Fact: "edit.is", Op: ruleform.OpIsNot}, {Fact: "edit.is", Op: ruleform.OpIs},
		{Fact: "listed", Op: ruleform.OpIs, Values: []string{"a"}}, {Fact: "listed", Op: ruleform.OpIsNot, Values: []string{"a", "body"}},
		{Fact: "listed_share", Op: ruleform.OpMore, Values: []string{"a", "0.4"}},
		{Fact: "near", Op: ruleform.OpIsNot, Values: []string{"a", "b", "4"}},
		{Fact: "author.url", Op: ruleform.OpGiven}, {Fact: "author.url", Op: ruleform.OpLacks, Values: []string{`a"b\`}},
		{Fact: "text.language", Op: ruleform.OpOneOf, Values: []string{"de", "fr"}},
		{Fact: "text.language", Op: ruleform.OpNoneOf, Values: []string{"de", "fr"}},
		{Fact: "article.tags", Op: ruleform.OpExcludes, Values: []string{"x"}}, {Fact: "article.tags", Op: ruleform.OpEmpty},
		{Fact: "links.hosts", Op: ruleform.OpAnyEnds, Values: []string{".xyz"}},
	})
	if depth == 0 || rapid.Bool().Draw(t, "leaf") {
		return leaf.Draw(t, "condition")
	}
	group := ruleform.Condition{Join: rapid.SampledFrom(ruleform.Joins()).Draw(t, "join")}
	for range rapid.IntRange(2, 4).Draw(t, "items") {
		group.Items = append(group.Items, simple(t, depth-1))
	}
	return group
}

func TestConditionsOfMenusRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := simple(t, ruleform.MaxDepth-1)
		written := c.Expression()
		again := ruleform.Parse(written)
		if again.HasText() || again.Expression() != written {
			t.Fatalf("%s", written)
		}
		if fresh := resubmitted(again).Expression(); fresh != written {
			t.Fatalf("%s\nbecame\n%s", written, fresh)
		}
	})
}

func TestTermsAreAddedAndRemovedInPlace(t *testing.T) {
	for name, tc := range map[string]struct{ before, after string }{
		"in brackets": {"lists:\n  a: {mode: word, terms: [one, two]} # ours\n", "lists:\n  a: {mode: word, terms: [two, \"new \\\"x\\\"\"]} # ours\n"},
		"in lines": {"lists:\n  a:\n    terms:\n      # first\n      - one\n      - two # why\n\nrules: []\n",
			"lists:\n  a:\n    terms:\n      # first\n      - two # why\n      - \"new \\\"x\\\"\"\n\nrules: []\n"},
	} {
		t.Run(name, func(t *testing.T) {
			changed, err := read(t, tc.before).ChangeTerms("a", []string{`new "x"`, "two"}, []string{"one", "nosuch"})
			if err != nil || string(changed.Source()) != tc.after {
				t.Errorf("%v\n%s\nwant\n%s", err, changed.Source(), tc.after)
			}
		})
	}
	added, err := read(t, "lists:\n  a:\n    shipped: [insults-en]\n    fields: [body]\nrules: []\n").ChangeTerms("a", []string{"x", "y"}, nil)
	if want := "lists:\n  a:\n    shipped: [insults-en]\n    fields: [body]\n    terms:\n      - \"x\"\n      - \"y\"\nrules: []\n"; err != nil || string(added.Source()) != want {
		t.Errorf("%v\n%q", err, added.Source())
	}
	fresh, err := read(t, "rules: []\n").AddList("coupons", []string{"coupon code"})
	if err != nil {
		t.Fatal(err)
	}
	if l, _ := fresh.List("coupons"); !slices.Equal(l.Terms, []string{"coupon code"}) {
		t.Errorf("%+v", l)
	}
}

func TestPastedTermsAreSplit(t *testing.T) {
	terms, repeated := ruleform.ParseTerms("coupon code, voucher\n\"buy, now\";  Deal \n\"say \"\"hi\"\"\"\nvoucher\n\n5'11\"\n")
	if want := []string{"coupon code", "voucher", "buy, now", "Deal", `say "hi"`, `5'11"`}; !slices.Equal(terms, want) {
		t.Errorf("got %q, want %q", terms, want)
	}
	if !slices.Equal(repeated, []string{"voucher"}) {
		t.Errorf("repeated: %q", repeated)
	}
}
