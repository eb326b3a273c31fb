package rules

import (
	"context"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// The ways in which something differs between two rulesets.
const (
	Added   = "added"
	Removed = "removed"
	Changed = "changed"
)

// Changes is what differs between two rulesets, each with its base: what they are, not how they are written.
// Everything is in alphabetical order.
type Changes struct {
	Rules    []ThingChange `json:"rules"`    // by id
	Lists    []ThingChange `json:"lists"`    // by id
	Tests    []ThingChange `json:"tests"`    // by name
	Settings []PartChange  `json:"settings"` // the default and the thresholds
}

// Empty reports whether nothing differs.
func (c Changes) Empty() bool {
	return len(c.Rules)+len(c.Lists)+len(c.Tests)+len(c.Settings) == 0
}

// ThingChange is how one rule, list or test differs.
type ThingChange struct {
	ID           string       `json:"id"`
	Change       string       `json:"change"`                  // Added, Removed or Changed
	Parts        []PartChange `json:"parts,omitempty"`         // of an added or removed one, all of them
	TermsAdded   []string     `json:"terms_added,omitempty"`   // of a list
	TermsRemoved []string     `json:"terms_removed,omitempty"` // of a list
}

// PartChange is how one part differs, as it is written; empty for a part that is not there.
type PartChange struct {
	Part   string `json:"part"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// Document is a ruleset's source with that of its base.
type Document struct {
	Source []byte
	Base   []byte // nil for none
}

// Compile compiles the document.
func (d Document) Compile(ctx context.Context) (*Ruleset, error) {
	if d.Base == nil {
		return Parse(ctx, d.Source)
	}
	return ParseExtending(ctx, d.Source, d.bases)
}

func (d Document) bases(string) ([]byte, bool) { return d.Base, d.Base != nil }

// Compare says what differs from one document to the next. The error is *Faults when one of them has faults.
func Compare(ctx context.Context, before, after Document) (Changes, error) {
	old, err := outlineOf(ctx, before)
	if err != nil {
		return Changes{}, err
	}
	fresh, err := outlineOf(ctx, after)
	if err != nil {
		return Changes{}, err
	}
	return Changes{
		Rules:    compareThings(old.rules, fresh.rules),
		Lists:    compareThings(old.lists, fresh.lists),
		Tests:    compareThings(old.tests, fresh.tests),
		Settings: compareParts(old.settings, fresh.settings),
	}, nil
}

// thing is a rule, list or test as it is written: its parts, and its terms if it has any.
type thing struct {
	parts map[string]string
	terms map[string]bool
}

// outline is a document as it is written, with its base.
type outline struct {
	rules, lists, tests map[string]thing
	settings            map[string]string
}

func outlineOf(ctx context.Context, source Document) (outline, error) {
	if _, err := source.Compile(ctx); err != nil {
		return outline{}, err
	}
	o := outline{
		rules:    map[string]thing{},
		lists:    map[string]thing{},
		tests:    map[string]thing{},
		settings: map[string]string{},
	}
	doc, root := readDocument(ctx, source.Source)
	bases := source.bases
	if source.Base == nil {
		bases = Shipped
	}
	base, root := doc.extend(root, bases)
	if base != nil { // its tests go on being run where it is kept
		_, baseRoot := readDocument(ctx, base)
		o.addTests(child(baseRoot, "tests"))
	}
	for key, value := range pairs(root) {
		switch key.Value {
		case "rules":
			for _, rule := range value.Content {
				o.rules[idOf(rule)] = thingOf(rule, "id")
			}
		case "lists":
			for id, list := range pairs(value) {
				o.lists[id.Value] = thingOf(list, "terms")
			}
		case "tests":
			o.addTests(value)
		case "thresholds":
			for name, score := range pairs(value) {
				o.settings["threshold "+name.Value] = written(score)
			}
		default:
			o.settings[key.Value] = written(value)
		}
	}
	return o, nil
}

func (o *outline) addTests(tests *yaml.Node) {
	if tests == nil {
		return
	}
	for _, test := range tests.Content {
		o.tests[child(test, "name").Value] = thingOf(test, "name")
	}
}

// thingOf takes a mapping apart; the part named except is left out, unless it is the terms.
func thingOf(n *yaml.Node, except string) thing {
	t := thing{parts: map[string]string{}, terms: map[string]bool{}}
	for key, value := range pairs(n) {
		switch {
		case key.Value != except:
			t.parts[key.Value] = written(value)
		case except == "terms":
			for _, term := range value.Content {
				t.terms[term.Value] = true
			}
		}
	}
	return t
}

// written returns a value as people read it.
func written(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode {
		return strings.TrimSpace(n.Value)
	}
	text, err := yaml.Marshal(n)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

func compareThings(before, after map[string]thing) []ThingChange {
	changes := []ThingChange{}
	for _, id := range bothKeys(before, after) {
		old, was := before[id]
		fresh, is := after[id]
		c := ThingChange{ID: id, Change: Changed, Parts: compareParts(old.parts, fresh.parts)}
		switch {
		case !was:
			c.Change = Added
		case !is:
			c.Change = Removed
		}
		c.TermsAdded, c.TermsRemoved = missing(fresh.terms, old.terms), missing(old.terms, fresh.terms)
		if c.Change != Changed || len(c.Parts)+len(c.TermsAdded)+len(c.TermsRemoved) > 0 {
			changes = append(changes, c)
		}
	}
	return changes
}

func compareParts(before, after map[string]string) []PartChange {
	changes := []PartChange{}
	for _, part := range bothKeys(before, after) {
		if before[part] != after[part] {
			changes = append(changes, PartChange{part, before[part], after[part]})
		}
	}
	return changes
}

// missing returns what is in one set and not in the other, in order.
func missing(from, in map[string]bool) []string {
	var list []string
	for term := range from {
		if !in[term] {
			list = append(list, term)
		}
	}
	slices.Sort(list)
	return list
}

// bothKeys returns the keys of two maps, each once, in order.
func bothKeys[V any](a, b map[string]V) []string {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(keys)
	return slices.Compact(keys)
}
