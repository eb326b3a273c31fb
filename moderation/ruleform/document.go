package ruleform

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// ErrUnwritable says that a document is written in a way in which a change has no place; it can be edited as
// text.
var ErrUnwritable = errors.New("the document is written in a way that forms can't change")

// Rule is what a document itself writes about a rule. Empty means that it does not write the key.
type Rule struct {
	ID, Label, When, Mode, Then, Score, Priority, Code, Nudge, Reason, PublicReason string
}

// ruleKeys are the keys of a rule in the order in which new ones are written.
var ruleKeys = []struct {
	key string
	of  func(*Rule) *string
}{
	{"id", func(r *Rule) *string { return &r.ID }},
	{"label", func(r *Rule) *string { return &r.Label }},
	{"when", func(r *Rule) *string { return &r.When }},
	{"mode", func(r *Rule) *string { return &r.Mode }},
	{"then", func(r *Rule) *string { return &r.Then }},
	{"score", func(r *Rule) *string { return &r.Score }},
	{"priority", func(r *Rule) *string { return &r.Priority }},
	{"reason_code", func(r *Rule) *string { return &r.Code }},
	{"nudge", func(r *Rule) *string { return &r.Nudge }},
	{"reason", func(r *Rule) *string { return &r.Reason }},
	{"public_reason", func(r *Rule) *string { return &r.PublicReason }},
}

// Document is a ruleset as it is written, with the places of its rules and lists.
type Document struct {
	text string
	root *yaml.Node
}

// Read reads a document. Errors: ErrUnwritable, for what is not YAML.
func Read(source []byte) (*Document, error) {
	if bytes.HasPrefix(source, []byte("\ufeff")) {
		return nil, ErrUnwritable
	}
	var root yaml.Node
	if err := yaml.Unmarshal(source, &root); err != nil || len(root.Content) != 1 ||
		root.Content[0].Kind != yaml.MappingNode {
		return nil, ErrUnwritable
	}
	return &Document{text: string(source), root: root.Content[0]}, nil
}

// Source returns the document as it is written.
func (d *Document) Source() []byte { return []byte(d.text) }

// Extends reports whether the document extends another one.
func (d *Document) Extends() bool { return child(d.root, "extends") != nil }

// Rule returns what the document itself writes about a rule; false if it does not name it.
func (d *Document) Rule(id string) (Rule, bool) {
	node := d.ruleNode(id)
	if node == nil {
		return Rule{ID: id}, false
	}
	var r Rule
	for _, k := range ruleKeys {
		if value := child(node, k.key); value != nil && value.Kind == yaml.ScalarNode {
			*k.of(&r) = value.Value
		}
	}
	return r, true
}

// Rules returns the ids of the rules that the document itself names, in its order.
func (d *Document) Rules() []string {
	var ids []string
	if list := child(d.root, "rules"); list != nil && list.Kind == yaml.SequenceNode {
		for _, one := range list.Content {
			if id := child(one, "id"); id != nil {
				ids = append(ids, id.Value)
			}
		}
	}
	return ids
}

func (d *Document) ruleNode(id string) *yaml.Node {
	list := child(d.root, "rules")
	if list == nil || list.Kind != yaml.SequenceNode {
		return nil
	}
	for _, one := range list.Content {
		if name := child(one, "id"); name != nil && name.Value == id {
			return one
		}
	}
	return nil
}

// List is what a document itself writes about a list.
type List struct {
	ID      string
	Mode    string
	Shipped []string
	Fields  []string
	Terms   []string // those of "terms", or of "add"
}

// Lists returns the lists that the document writes, in its order.
func (d *Document) Lists() []List {
	node := child(d.root, "lists")
	if node == nil || node.Kind != yaml.MappingNode {
		return nil
	}
	var lists []List
	for i := 0; i+1 < len(node.Content); i += 2 {
		value := node.Content[i+1]
		l := List{ID: node.Content[i].Value, Shipped: textsOf(child(value, "shipped")), Fields: textsOf(child(value, "fields")),
			Terms: append(textsOf(child(value, "terms")), textsOf(child(value, "add"))...)}
		if mode := child(value, "mode"); mode != nil {
			l.Mode = mode.Value
		}
		lists = append(lists, l)
	}
	return lists
}

// List returns what the document writes about a list.
func (d *Document) List(id string) (List, bool) {
	lists := d.Lists()
	i := slices.IndexFunc(lists, func(l List) bool { return l.ID == id })
	if i < 0 {
		return List{ID: id}, false
	}
	return lists[i], true
}

func textsOf(n *yaml.Node) []string {
	if n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	var all []string
	for _, item := range n.Content {
		all = append(all, item.Value)
	}
	return all
}

// child returns the value of a mapping's key, or nil.
func child(n *yaml.Node, key string) *yaml.Node {
	_, value := childPair(n, key)
	return value
}

func childPair(n *yaml.Node, key string) (name, value *yaml.Node) {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i], n.Content[i+1]
		}
	}
	return nil, nil
}

// replace returns the document with other text between two places. Errors: ErrUnwritable if that is not YAML.
func (d *Document) replace(start, end int, with string) (*Document, error) {
	if start < 0 || end < start || end > len(d.text) {
		return nil, ErrUnwritable
	}
	return Read([]byte(d.text[:start] + with + d.text[end:]))
}

// lineStart returns where a line begins, from 1; the end of the text for lines behind it.
func (d *Document) lineStart(line int) int {
	at := 0
	for ; line > 1; line-- {
		next := strings.IndexByte(d.text[at:], '\n')
		if next < 0 {
			return len(d.text)
		}
		at += next + 1
	}
	return at
}

// lineEnd returns where the line of a place ends, behind its newline.
func (d *Document) lineEnd(at int) int {
	if end := strings.IndexByte(d.text[at:], '\n'); end >= 0 {
		return at + end + 1
	}
	return len(d.text)
}

// place returns where a node begins.
func (d *Document) place(n *yaml.Node) int {
	at := d.lineStart(n.Line)
	for range n.Column - 1 {
		if at >= len(d.text) {
			break
		}
		_, size := utf8.DecodeRuneInString(d.text[at:])
		at += size
	}
	return at
}

// Over returns the rule with its missing values taken from one below it.
func (r Rule) Over(below Rule) Rule {
	for _, k := range ruleKeys {
		if own := k.of(&r); *own == "" {
			*own = *k.of(&below)
		}
	}
	return r
}

// Keeping returns the rule with numbers written as before, if they are the same, and without a mode that is
// the default.
func (r Rule) Keeping(before Rule) Rule {
	if sameNumber(r.Score, before.Score) {
		r.Score = before.Score
	}
	if r.Mode == "enforce" && before.Mode == "" {
		r.Mode = ""
	}
	if strings.TrimSpace(before.Reason) == r.Reason {
		r.Reason = before.Reason
	}
	if strings.TrimSpace(before.PublicReason) == r.PublicReason {
		r.PublicReason = before.PublicReason
	}
	return r
}

func sameNumber(a, b string) bool {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	return errX == nil && errY == nil && x == y
}

// Overriding returns the part of the rule that a document which extends another one must write: the values
// that it writes already, and those that differ from all that is known.
func (r Rule) Overriding(known, own Rule, written bool) Rule {
	over := Rule{ID: r.ID}
	for _, k := range ruleKeys {
		if value := *k.of(&r); value != *k.of(&known) || written && *k.of(&own) != "" {
			*k.of(&over) = value
		}
	}
	return over
}
