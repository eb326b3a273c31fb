package rules

import (
	"context"
	"fmt"
	"math"
	"runtime/debug"
	"slices"
	"strings"
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

// LoadLists compiles the shipped lists if the ruleset uses any. It takes up to half a second of processor time, once in
// a process. An evaluation does so otherwise, so callers with a time limit load the lists first.
func (rs *Ruleset) LoadLists() {
	if rs.matcher.sharedWords != nil || len(rs.matcher.loose) > 0 {
		loadShipped()
	}
}

var loadShipped = sync.OnceFunc(func() {
	var lists sync.WaitGroup
	lists.Go(func() { shippedWords() })
	lists.Go(func() { shippedLoose() })
	lists.Wait()
	debug.FreeOSMemory() // compiling takes several times the memory of the result, and is not done again
})

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

// Info is what a ruleset says about one of its rules.
type Info struct {
	ID       string
	Mode     Mode
	Action   Action // empty for a rule that only scores
	Score    float64
	Priority int
	Label    string // empty for none
	When     string // the condition
}

// Rules returns the rules in the order of the document, those that are off included.
func (rs *Ruleset) Rules() []Info {
	list := make([]Info, len(rs.rules))
	for i, r := range rs.rules {
		list[i] = Info{ID: r.id, Mode: r.mode, Action: r.action, Score: r.score, Priority: r.priority,
			Label: r.label, When: r.when}
	}
	return list
}

// Fallback returns what happens to a submission that no rule speaks about.
func (rs *Ruleset) Fallback() Action { return rs.fallback }

// Threshold is the score from which on an action is asked for.
type Threshold struct {
	Action Action
	Score  float64
}

// Thresholds returns the thresholds, the mildest action first.
func (rs *Ruleset) Thresholds() []Threshold {
	var list []Threshold
	for _, t := range slices.Backward(rs.thresholds) {
		list = append(list, Threshold{t.action, t.score})
	}
	return list
}

// AsksForEmails reports whether a rule looks for whole email addresses, which facts do not keep.
func (rs *Ruleset) AsksForEmails() bool { return rs.asks(emailEngine) }

// AsksForAddresses reports whether a rule tests client addresses. Past submissions keep only their network.
func (rs *Ruleset) AsksForAddresses() bool { return rs.asks(networkEngine) }

// AsksForAddressees reports whether a rule uses addressed, which looks for the name of the author replied to.
// It is not known of past submissions.
func (rs *Ruleset) AsksForAddressees() bool {
	return slices.ContainsFunc(rs.rules, func(r rule) bool {
		return r.mode != Off && slices.ContainsFunc(r.condition.asked, func(number int) bool {
			return rs.questions[number].about == atSomebody
		})
	})
}

func (rs *Ruleset) asks(about engine) bool {
	return slices.ContainsFunc(rs.rules, func(r rule) bool {
		return r.mode != Off && slices.ContainsFunc(r.condition.asked, func(number int) bool {
			q := rs.questions[number]
			if q.list < 0 {
				return about == networkEngine
			}
			return rs.matcher.lists[q.list].mode.engine == about
		})
	})
}

// FactFault says why a fact cannot be set to a value.
type FactFault struct {
	Path    string
	Message string
	Hint    string
}

// Error names the fact.
func (f *FactFault) Error() string { return "the fact " + f.Path + ": " + f.Message }

// settable reports whether tests and trials may set the fact: it must not follow from what they say
// elsewhere.
func (f *fact) settable() bool {
	if f.path() == "text.spam_known" || f.path() == "text.spam_score" {
		return true // what the classifier says does not follow from the text alone
	}
	return f.from == nil && f.group != "text" && f.path() != "author.name" && f.path() != "author.url"
}

// Set sets one fact by its path to a bool, a number, a string or a list of strings, as JSON has them. The
// error is *FactFault.
func (f *Facts) Set(path string, value any) error {
	ref, known := findFact(path)
	if !known {
		return &FactFault{path, fmt.Sprintf("There is no fact %q", path),
			strings.TrimSpace(didYouMean(path, factPaths(), "") + " \"rejoinder rules facts\" lists them all.")}
	}
	entry := ref.fact()
	if !entry.settable() {
		return &FactFault{path, path + " cannot be set: it follows from what is said elsewhere",
			"Set what it follows from: the text, the name, the URL, the email, the address, or another fact."}
	}
	ok, number := false, 0.0
	switch at := ref.at(f).(type) {
	case *bool:
		*at, ok = valueAs(value, *at)
	case *string:
		*at, ok = valueAs(value, *at)
	case *float64:
		if number, ok = value.(float64); ok && math.Abs(number) <= maxFact {
			*at = number
		}
	case *[]string:
		*at, ok = wordsAs(value, *at)
	case *int:
		if number, ok = value.(float64); ok && number == math.Trunc(number) && math.Abs(number) <= maxFact {
			*at = int(number)
		} else {
			ok = false
		}
	}
	if !ok || math.Abs(number) > maxFact {
		return &FactFault{path, fmt.Sprintf("%s is of type %s", path, entry.kind), ""}
	}
	return nil
}

// maxFact bounds the numbers that facts are set to.
const maxFact = 1e9

// valueAs returns the value if it is of the fact's type, or else what the fact was.
func valueAs[T any](value any, was T) (T, bool) {
	if v, ok := value.(T); ok {
		return v, true
	}
	return was, false
}

// wordsAs returns the strings of a list, or else what the fact was.
func wordsAs(value any, was []string) ([]string, bool) {
	items, isList := value.([]any)
	words := make([]string, len(items))
	for i, item := range items {
		word, isWord := item.(string)
		if !isWord {
			return was, false
		}
		words[i] = word
	}
	if !isList {
		return was, false
	}
	return words, true
}
