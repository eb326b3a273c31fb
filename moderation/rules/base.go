package rules

import (
	"bytes"
	"context"
	_ "embed" // for default.yaml
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"

	"go.yaml.in/yaml/v3"
)

//go:embed default.yaml
var defaultSource []byte

var starterSource, _, _ = bytes.Cut(defaultSource, []byte("\n# What the rules above must do."))

// Default returns the source of the shipped ruleset.
func Default() []byte { return slices.Clone(defaultSource) }

// Starter returns the shipped ruleset without its tests, the first version of a site's ruleset. The tests say what
// the shipped rules must do, so almost every rule that a site adds would fail some.
func Starter() []byte { return slices.Clone(starterSource) }

// Bases finds the document that an "extends" names; false when there is none of that name.
type Bases func(name string) (source []byte, known bool)

// BaseDefault names the shipped default ruleset in an "extends".
const BaseDefault = "default"

// Shipped knows one base: the shipped default ruleset.
func Shipped(name string) ([]byte, bool) {
	if name == BaseDefault {
		return Default(), true
	}
	return nil, false
}

// compiledShipped keeps the shipped ruleset and the one that sites start with as soon as they were compiled once:
// most sites use or extend one of them.
var compiledShipped = []struct {
	source  []byte
	ruleset atomic.Pointer[Ruleset]
}{{source: defaultSource}, {source: starterSource}}

// ParseExtending is Parse with other bases than the shipped one.
func ParseExtending(ctx context.Context, source []byte, bases Bases) (*Ruleset, error) {
	for i := range compiledShipped {
		kept := &compiledShipped[i]
		if !bytes.Equal(source, kept.source) {
			continue
		}
		if ruleset := kept.ruleset.Load(); ruleset != nil {
			return ruleset, nil
		}
		ruleset, err := parseExtending(ctx, source, bases)
		if err == nil {
			kept.ruleset.Store(ruleset)
		}
		return ruleset, err
	}
	return parseExtending(ctx, source, bases)
}

func parseExtending(ctx context.Context, source []byte, bases Bases) (*Ruleset, error) {
	doc, root := readDocument(ctx, source)
	if root == nil {
		return nil, doc.err()
	}
	base, root := doc.extend(root, bases)
	if err := doc.err(); err != nil {
		return nil, err
	}
	return compileDocument(doc, root, base)
}

// Base returns the source of the document that this one extends, as it was then; nil for none. Kept beside
// the own source, it lets the ruleset be compiled again as it is now.
func (rs *Ruleset) Base() []byte { return slices.Clone(rs.base) }

// extend merges the document with the base that its "extends" names. The lines of the base are appended to
// the document's own, and its nodes get these line numbers, so that every error can be located in the right
// one of the two documents.
func (d *document) extend(root *yaml.Node, bases Bases) ([]byte, *yaml.Node) {
	name := child(root, "extends")
	if name == nil {
		return nil, root
	}
	at := node{name, "/extends"}
	word, ok := d.words(at, "extends")
	if !ok {
		return nil, root
	}
	source, known := bases(word)
	if !known {
		d.fault(at, fmt.Sprintf("there is no base %q", word),
			"The shipped one is called "+BaseDefault+"; a version of a site is named SITE/VERSION, as in gazette/3.")
		return nil, root
	}
	base, baseRoot := readDocument(d.ctx, source)
	if baseRoot != nil && child(baseRoot, "extends") != nil {
		d.fault(at, fmt.Sprintf("the base %q itself extends another document", word),
			"A base stands on its own. Extend that document instead.")
		return nil, root
	}
	if _, err := ParseExtending(d.ctx, source, func(string) ([]byte, bool) { return nil, false }); err != nil {
		d.fault(at, fmt.Sprintf("the base %q has faults of its own", word), "Mend the base first.")
		return nil, root
	}
	d.base, d.ownLines = word, len(d.lines)
	d.lines = append(d.lines, base.lines...)
	moveDown(baseRoot, d.ownLines)
	return source, d.overlay(root, baseRoot)
}

// moveDown shifts all nodes by that many lines.
func moveDown(n *yaml.Node, lines int) {
	n.Line += lines
	for _, child := range n.Content {
		moveDown(child, lines)
	}
}

// overlay returns the base with the document's changes. The document replaces settings one by one, and rules
// and lists by id, key by key. Only the document's own tests are kept, since those of the base test the base.
func (d *document) overlay(own, base *yaml.Node) *yaml.Node {
	merged := emptyLike(own)
	for key, value := range pairs(own) {
		under := child(base, key.Value)
		switch {
		case key.Value == "extends":
			continue
		case under == nil:
		case isNull(value):
			value = under
		case key.Value == "lists":
			value = d.overlayLists(value, under)
		case key.Value == "rules":
			value = d.overlayRules(value, under)
		case key.Value == "thresholds":
			value = overlayKeys(value, under)
		}
		merged.Content = append(merged.Content, key, value)
	}
	for key, value := range pairs(base) {
		if key.Value != "tests" && child(own, key.Value) == nil {
			merged.Content = append(merged.Content, key, value)
		}
	}
	return merged
}

// overlayKeys adds to a mapping what only the one below it has.
func overlayKeys(own, base *yaml.Node) *yaml.Node {
	if own.Kind != yaml.MappingNode || base.Kind != yaml.MappingNode {
		return own
	}
	merged := emptyLike(own)
	merged.Content = append(merged.Content, own.Content...)
	for key, value := range pairs(base) {
		if child(own, key.Value) == nil {
			merged.Content = append(merged.Content, key, value)
		}
	}
	return merged
}

func (d *document) overlayLists(own, base *yaml.Node) *yaml.Node {
	if own.Kind != yaml.MappingNode {
		return own
	}
	merged := emptyLike(own)
	ours, below := children(own), children(base)
	for key, value := range pairs(base) {
		if ours[key.Value] == nil {
			merged.Content = append(merged.Content, key, value)
		}
	}
	for key, value := range pairs(own) {
		if under := below[key.Value]; under != nil && value.Kind == yaml.MappingNode {
			value = overlayKeys(d.overlayTerms("/lists/"+pointerEscapes.Replace(key.Value), value, under), under)
		}
		merged.Content = append(merged.Content, key, value)
	}
	return merged
}

// overlayTerms turns the "add" of a list into terms: those below it, and then its own.
func (d *document) overlayTerms(path string, own, base *yaml.Node) *yaml.Node {
	added := child(own, "add")
	terms := child(base, "terms")
	if added == nil || child(own, "terms") != nil || added.Kind != yaml.SequenceNode {
		return own
	}
	all := emptyLike(added)
	if terms != nil { // those of a shipped list are not written out
		all.Content = slices.Clone(terms.Content)
		d.remember(terms.Content, path+"/terms")
	}
	all.Content = append(all.Content, added.Content...)
	d.remember(added.Content, path+"/add")
	merged := emptyLike(own)
	for key, value := range pairs(own) {
		if value == added {
			renamed := *key
			renamed.Value = "terms"
			key, value = &renamed, all
		}
		merged.Content = append(merged.Content, key, value)
	}
	return merged
}

func (d *document) overlayRules(own, base *yaml.Node) *yaml.Node {
	if own.Kind != yaml.SequenceNode {
		return own
	}
	merged := emptyLike(own)
	merged.Content = slices.Clone(base.Content)
	d.remember(base.Content, "/rules")
	d.remember(own.Content, "/rules")
	place := map[string]int{}
	for i, rule := range base.Content {
		place[idOf(rule)] = i
	}
	for i, rule := range own.Content {
		at, known := place[idOf(rule)]
		if !known || idOf(rule) == "" {
			merged.Content = append(merged.Content, rule)
			continue
		}
		over := overlayKeys(rule, merged.Content[at])
		d.paths[over] = "/rules/" + strconv.Itoa(i)
		merged.Content[at] = over
		delete(place, idOf(rule)) // the same id again is a fault, and found as such
	}
	return merged
}

// remember notes where items stand in their own document, before they are put among others.
func (d *document) remember(items []*yaml.Node, path string) {
	if d.paths == nil {
		d.paths = map[*yaml.Node]string{}
	}
	for i, item := range items {
		d.paths[item] = path + "/" + strconv.Itoa(i)
	}
}

// home puts a fault of the base into the base.
func (d *document) home(f Fault) Fault {
	if d.base != "" && f.Line > d.ownLines {
		f.Base, f.Line = d.base, f.Line-d.ownLines
	}
	return f
}

// emptyLike returns a node of the same kind and place without content.
func emptyLike(n *yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: n.Kind, Tag: n.Tag, Style: n.Style, Line: n.Line, Column: n.Column}
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// pairs iterates over the keys and values of a mapping. For other nodes, it yields nothing.
func pairs(n *yaml.Node) func(yield func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		if n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

// child returns the value of a mapping's key, or nil.
func child(n *yaml.Node, name string) *yaml.Node {
	for key, value := range pairs(n) {
		if key.Kind == yaml.ScalarNode && key.Value == name {
			return value
		}
	}
	return nil
}

// children returns a mapping's values by key, for repeated look-ups; for duplicate keys, the first.
func children(n *yaml.Node) map[string]*yaml.Node {
	values := map[string]*yaml.Node{}
	for key, value := range pairs(n) {
		if key.Kind == yaml.ScalarNode && values[key.Value] == nil {
			values[key.Value] = value
		}
	}
	return values
}

// idOf returns what a rule is called; empty when it does not say.
func idOf(rule *yaml.Node) string {
	if id := child(rule, "id"); id != nil && id.Kind == yaml.ScalarNode {
		return id.Value
	}
	return ""
}
