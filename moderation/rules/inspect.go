package rules

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

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
