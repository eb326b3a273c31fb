package rules

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"rejoinder/moderation/text"
)

// MaxDocumentBytes bounds the source of a ruleset.
const MaxDocumentBytes = 1 << 20

var tagDirective = regexp.MustCompile(`(?m)^%TAG`)

// maxFaults bounds how many faults are named at once.
const maxFaults = 200

// place is where something stands in a document.
type place struct {
	line, column int
	path         string
}

// document reads a YAML document node by node, so that every fault has its place.
type document struct {
	ctx    context.Context // of the compilation: parsing stops when it ends
	lines  []string        // of the source, followed by the base's
	marks  map[int][]int   // by line, see byteAt
	faults []Fault
	more   bool // there are more faults than are listed

	base     string                // the name of the document that this one extends; empty for none
	ownLines int                   // how many of the lines are not the base's
	paths    map[*yaml.Node]string // of items that stand elsewhere in their own document
}

// readDocument parses the YAML and returns its root; nil if it cannot be read, with the fault noted.
func readDocument(ctx context.Context, source []byte) (*document, *yaml.Node) {
	d := &document{ctx: ctx}
	if len(source) > MaxDocumentBytes {
		d.faultAt(
			endOf(source[:MaxDocumentBytes]),
			fmt.Sprintf("the document has %d bytes, and at most %d are allowed: it passes the limit here",
				len(source), MaxDocumentBytes),
			"Shorten the longest list.",
		)
		return d, nil
	}
	if valid := validPrefix(source); valid < len(source) {
		d.faultAt(endOf(source[:valid]), "the document is no UTF-8 text from here on", "Save it as UTF-8.")
		return d, nil
	}
	if d.stopped() {
		return d, nil
	}
	source = bytes.TrimPrefix(source, []byte("\ufeff"))
	d.lines = strings.SplitAfter(string(source), "\n")
	if at := tagDirective.FindIndex(source); at != nil { // the parser compares each with all before it
		d.faultAt(place{line: bytes.Count(source[:at[0]], []byte("\n")) + 1, column: 1},
			"tag directives are not available in rulesets", "Remove the line.")
		return d, nil
	}
	text := newSourceBytes(ctx, source)
	root, err := decode(text)
	if err != nil {
		d.faultAt(d.yamlPlace(source, text.read(), err), yamlWords(err),
			"Check the indentation and the quotation marks there and in the line before.")
		return d, nil
	}
	if root == nil || root.Kind != yaml.MappingNode || len(root.Content) == 0 {
		d.faultAt(place{line: 1, column: 1}, "the document is empty or no mapping", "A ruleset begins with \"rules:\".")
		return d, nil
	}
	return d, root
}

func validPrefix(source []byte) int {
	at := 0
	for at < len(source) {
		r, size := utf8.DecodeRune(source[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return at
}

// endOf returns the place just after the text.
func endOf(text []byte) place {
	line := text[bytes.LastIndexByte(text, '\n')+1:]
	return place{line: bytes.Count(text, []byte("\n")) + 1, column: utf8.RuneCount(line) + 1}
}

func (d *document) faultAt(at place, message, hint string) {
	if d.more {
		return
	}
	if d.more = len(d.faults) == maxFaults-1; d.more {
		message, hint = "there are more faults, which are not listed", "Mend these first."
	}
	d.faults = append(d.faults, Fault{Line: at.line, Column: at.column, Path: at.path, Message: message, Hint: hint})
}

// stopped reports whether to stop parsing: the context has ended, or there are more faults than are listed.
func (d *document) stopped() bool { return d.more || d.ctx.Err() != nil }

// err returns all faults as an error, or nil; the context's error if it has ended.
func (d *document) err() error {
	if d.ctx.Err() != nil {
		return fmt.Errorf("compile ruleset: %w", context.Cause(d.ctx))
	}
	faults := Faults{List: d.faults}
	if len(faults.List) == 0 {
		return nil
	}
	sortFaults(faults.List)
	for i, f := range faults.List {
		faults.List[i] = d.home(f)
	}
	return &faults
}

// node is a YAML node and its path.
type node struct {
	*yaml.Node
	path string
}

func (n node) isMapping() bool { return n.Kind == yaml.MappingNode }

func (n node) place() place { return place{n.Line, n.Column, n.path} }

func (d *document) fault(n node, message, hint string) { d.faultAt(n.place(), message, hint) }

// entry is one entry of a mapping.
type entry struct {
	key   node
	value node
}

// entries returns the entries of a mapping; faults are noted for what is no mapping and for keys that are no
// text or come twice.
func (d *document) entries(n node, what string) []entry {
	if n.Kind != yaml.MappingNode {
		d.fault(n, what+" must be a mapping, with \"key: value\" in each line", "")
		return nil
	}
	var list []entry
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content) && !d.stopped(); i += 2 {
		key := node{n.Content[i], n.path}
		if key.Kind != yaml.ScalarNode {
			d.fault(key, "a key must be a plain word", "")
			continue
		}
		key.path = n.path + "/" + pointerEscapes.Replace(key.Value)
		if line, twice := seen[key.Value]; twice {
			d.fault(key, fmt.Sprintf("%q is given twice; the first time is in line %d", key.Value, line),
				"Remove one of the two.")
			continue
		}
		seen[key.Value] = key.Line
		value := node{n.Content[i+1], key.path}
		if value.Kind == yaml.AliasNode {
			d.fault(value, "anchors and aliases are not available in rulesets", "Write it out.")
			continue
		}
		list = append(list, entry{key, value})
	}
	return list
}

// mapping returns the values of a mapping that has no other keys than the known ones.
func (d *document) mapping(n node, what string, known ...string) map[string]node {
	values := map[string]node{}
	for _, e := range d.entries(n, what) {
		if !slices.Contains(known, e.key.Value) {
			d.fault(e.key, fmt.Sprintf("%s has no key %q", what, e.key.Value),
				didYouMean(e.key.Value, known, "Its keys are "+strings.Join(known, ", ")+"."))
			continue
		}
		values[e.key.Value] = e.value
	}
	return values
}

// items returns the items of a list.
func (d *document) items(n node, what string) []node {
	if n.Kind != yaml.SequenceNode {
		d.fault(n, what+" must be a list, with \"- \" before each item", "")
		return nil
	}
	items := make([]node, 0, len(n.Content))
	for i, item := range n.Content {
		one := node{item, n.path + "/" + strconv.Itoa(i)}
		if path, elsewhere := d.paths[item]; elsewhere {
			one.path = path
		}
		if item.Kind == yaml.AliasNode {
			d.fault(one, "anchors and aliases are not available in rulesets", "Write it out.")
			continue
		}
		items = append(items, one)
	}
	return items
}

// words returns a scalar as it is written, whatever YAML would make of it: a term may look like a number.
func (d *document) words(n node, what string) (string, bool) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || n.Tag == "!!binary" {
		d.fault(n, what+" must be a text", "")
		return "", false
	}
	return n.Value, true
}

// wordsWithin returns the source text of a scalar of at most limit characters.
func (d *document) wordsWithin(n node, what string, limit int) string {
	word, _ := d.words(n, what)
	length := utf8.RuneCountInString(word)
	if length <= limit {
		return word
	}
	line, column := positionAt(word, limit)
	d.faultAt(d.within(n, line, column),
		fmt.Sprintf("%s has at most %d characters, and this one has %d: it passes the limit here", what, limit, length),
		"")
	return ""
}

// choice returns one of the known words.
func (d *document) choice(n node, what string, known []string) (string, bool) {
	word, ok := d.words(n, what)
	if !ok {
		return "", false
	}
	if !slices.Contains(known, word) {
		d.fault(n, fmt.Sprintf("%s cannot be %q", what, word),
			didYouMean(word, known, "It is one of "+strings.Join(known, ", ")+"."))
		return "", false
	}
	return word, true
}

func (d *document) number(n node, what string, limit float64) (float64, bool) {
	var v float64
	if n.Kind != yaml.ScalarNode || (n.Tag != "!!int" && n.Tag != "!!float") || n.Decode(&v) != nil {
		d.fault(n, what+" must be a number", "")
		return 0, false
	}
	if math.IsNaN(v) || math.Abs(v) > limit {
		d.fault(n, fmt.Sprintf("%s must lie between -%g and %g", what, limit, limit), "")
		return 0, false
	}
	return v, true
}

func (d *document) integer(n node, what string, limit int) (int, bool) {
	v, ok := d.number(n, what, float64(limit))
	if ok && v != math.Trunc(v) {
		d.fault(n, what+" must be a whole number", "")
		return 0, false
	}
	return int(v), ok
}

func (d *document) boolean(n node, what string) (value, ok bool) {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" || n.Decode(&value) != nil {
		d.fault(n, what+" must be true or false", "")
		return false, false
	}
	return value, true
}

// pointerEscapes escapes a key for a JSON pointer (RFC 6901).
var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// Fault is one thing that is wrong with a document, or worth a warning.
type Fault struct {
	Line    int    `json:"line"`   // from 1; 0 when the whole document is meant
	Column  int    `json:"column"` // in characters, from 1
	Path    string `json:"path"`   // JSON pointer into the document; empty for all of it
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"` // what to do about it
	Base    string `json:"base,omitempty"` // the document that it is in, when that is the one that is extended
}

// String returns the fault on one line, as compilers print theirs.
func (f Fault) String() string {
	s := fmt.Sprintf("%d:%d: %s", f.Line, f.Column, f.Message)
	if f.Base != "" {
		s = f.Base + ":" + s
	}
	if f.Hint != "" {
		s += ". " + f.Hint
	}
	return s
}

// Faults is the error of Parse: every fault of the document, in its order.
type Faults struct {
	List []Fault
}

// Error returns all faults, one a line.
func (f *Faults) Error() string {
	lines := make([]string, len(f.List))
	for i, fault := range f.List {
		lines[i] = fault.String()
	}
	return "the ruleset has faults:\n" + strings.Join(lines, "\n")
}

func sortFaults(list []Fault) {
	slices.SortStableFunc(list, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// didYouMean returns a hint with the known name that is closest to what was written, or otherwise what else
// to do.
func didYouMean(written string, known []string, otherwise string) string {
	nearest := text.Nearest(written, known)
	if nearest == "" {
		return otherwise
	}
	return fmt.Sprintf("Did you mean %q?", nearest)
}
