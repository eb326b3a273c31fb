package rules

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"go.yaml.in/yaml/v3"
)

// Ruleset is a compiled document. It never changes, and any number of goroutines may use it.
type Ruleset struct {
	rules      []rule
	matcher    *matcher
	questions  []question
	thresholds []threshold // from the severest to the mildest
	fallback   Action      // when nothing asks for an action
	warnings   []Fault
	tests      []documentTest
	externals  []externalUse
	base       []byte    // the document that this one extends; nil for none
	pool       sync.Pool // of *evaluation
}

// threshold is the score from which on an action is asked for.
type threshold struct {
	action Action
	score  float64
}

// compiler turns a document into a ruleset.
type compiler struct {
	doc          *document
	out          *Ruleset
	declared     []list
	terms        termCollector
	languages    [][]string // of matcher
	regexSteps   int        // of all regular expressions in lists
	looseLetters int        // of all terms of mode loose, in every way to write them
	conditions   *conditions
	ruleIDs      []string // ids that tests may name
	signs        []lostSign
	moreSigns    int // terms with lost signs that are not in signs
}

// Parse compiles the YAML source of a ruleset. The error is *Faults with every fault of the document, each
// with line and column. Any other error means that ctx ended, or a bug in this program.
func Parse(ctx context.Context, source []byte) (*Ruleset, error) {
	return ParseExtending(ctx, source, Shipped)
}

func compileDocument(doc *document, root *yaml.Node, base []byte) (*Ruleset, error) {
	c := &compiler{doc: doc, out: &Ruleset{fallback: Hold, base: base}, languages: [][]string{nil}}
	if err := c.compile(node{root, ""}); err != nil {
		return nil, err
	}
	if err := doc.err(); err != nil {
		return nil, err
	}
	if c.out.matcher = c.terms.compile(doc.ctx, c.declared); doc.ctx.Err() != nil {
		return nil, doc.err()
	}
	c.out.matcher.languages = c.languages
	c.out.questions = c.conditions.questions
	c.out.warnings = c.warnings()
	c.out.externals = c.externalUses()
	for i, use := range c.out.externals {
		home := doc.home(Fault{Line: use.at.line, Column: use.at.column, Path: use.at.path})
		c.out.externals[i].at = place{line: home.Line, column: home.Column, path: home.Path}
	}
	c.out.pool.New = func() any { return &evaluation{} }
	return c.out, nil
}

func (c *compiler) compile(root node) (err error) {
	values := c.doc.mapping(root, "a ruleset", "extends", "lists", "rules", "thresholds", "default", "tests")
	if v, has := values["lists"]; has {
		c.lists(v)
	}
	if c.conditions, err = newConditions(c.declared); err != nil {
		return fmt.Errorf("compile ruleset: %w", err)
	}
	c.conditions.empty = c.emptyLists()
	if v, has := values["rules"]; has {
		c.rules(v)
	} else {
		c.doc.fault(root, "the ruleset has no rules", "Add \"rules:\" with at least one rule.")
	}
	if v, has := values["thresholds"]; has {
		c.thresholds(v)
	}
	if v, has := values["default"]; has {
		action, _ := c.doc.choice(v, "default", actionNames())
		c.out.fallback = Action(action)
	}
	if v, has := values["tests"]; has {
		c.tests(v)
	}
	return nil
}

func (c *compiler) thresholds(n node) {
	values := c.doc.mapping(n, "thresholds", string(Hold), string(Reject), string(Spam))
	for _, action := range slices.Backward(actions) {
		v, has := values[string(action)]
		if !has {
			continue
		}
		score, ok := c.doc.number(v, "a threshold", maxScore*MaxRules)
		if ok && score <= 0 {
			c.doc.fault(v, "a threshold must be above 0: every comment reaches 0", "")
		}
		c.out.thresholds = append(c.out.thresholds, threshold{action, score})
	}
}

// Warnings returns what is allowed but perhaps not meant, in the order of the document.
func (rs *Ruleset) Warnings() []Fault { return slices.Clone(rs.warnings) }
