package rules

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"rejoinder/moderation/rules/regex"
)

// The limits of a ruleset's lists.
const (
	MaxLists = 1_000
	MaxTerms = 200_000 // of all lists together, exceptions included
	// maxLooseLetters bounds all terms of mode loose together, in letters of all ways in which they may be
	// written: a word of eight letters has about 55. Each takes about 0.5 µs and 12 bytes.
	maxLooseLetters = 1_500_000
	// maxRegexTotal bounds all regular expressions together, in steps: see Regex.Steps.
	maxRegexTotal = 100_000
)

// lists reads all lists. Their terms are collected for the matcher.
func (c *compiler) lists(n node) {
	if n.Tag == "!!null" {
		return
	}
	entries := c.doc.entries(n, "lists")
	if len(entries) > MaxLists {
		c.doc.fault(entries[MaxLists].key,
			fmt.Sprintf("there are %d lists, and at most %d are allowed: this is one too many", len(entries), MaxLists),
			"Lists that the same rules ask about belong together.")
		entries = entries[:MaxLists]
	}
	for _, e := range entries {
		if c.doc.stopped() {
			return
		}
		if id, ok := c.id(e.key); ok {
			c.list(id, e)
		}
	}
}

func (c *compiler) list(id string, e entry) {
	d := c.doc
	values := d.mapping(e.value, "a list", "shipped", "mode", "language", "fields", "highlight", "terms", "except")
	l := list{id: id, mode: &listModes[0], at: e.key.place()}
	shipped := c.shipped(values)
	if len(shipped) > 0 {
		l.mode = findMode(shipped[0].Mode)
	}
	if v, has := values["mode"]; has {
		mode := c.mode(v)
		if mode == nil {
			l.fields = ^fieldSet(0) // the rules that ask about it are not to blame
			c.declared = append(c.declared, l)
			return
		}
		l.mode = mode
	}
	shipped = c.sameMode(values["shipped"], shipped, l.mode)
	l.fields = l.mode.defaults
	if v, has := values["fields"]; has {
		l.fields = c.fields(v, l.mode)
	}
	if v, has := values["highlight"]; has {
		highlight, ok := d.boolean(v, "highlight")
		l.silent = ok && !highlight
	}
	own := termRef{list: int32(len(c.declared))}
	if v, has := values["language"]; has {
		own.languages = c.listLanguages(v)
		for i := range shipped {
			shipped[i].Languages = c.languages[own.languages]
		}
	}
	c.addShipped(shipped, own.list, &l)
	terms, has := values["terms"]
	_, refers := values["shipped"]
	switch {
	case !e.value.isMapping():
	case !has && refers:
	case !has:
		d.fault(e.key, fmt.Sprintf("the list %q has no terms", id),
			"Add \"terms:\" with one \"- term\" a line; \"terms: []\" for an empty list.")
	default:
		c.readTerms(terms, own, l.mode)
	}
	if v, has := values["except"]; has {
		l.except = c.readTerms(v, termRef{list: own.list, except: true}, l.mode) > 0 || l.except
	}
	c.declared = append(c.declared, l)
}

func (c *compiler) mode(n node) *listMode {
	name, ok := c.doc.choice(n, "mode", modeNames())
	if !ok {
		return nil
	}
	return findMode(name)
}

// fields reads where a list looks.
func (c *compiler) fields(n node, mode *listMode) fieldSet {
	var fields fieldSet
	items := c.doc.items(n, "fields")
	if n.Kind == yaml.SequenceNode && len(items) == 0 {
		c.doc.fault(n, "a list must look somewhere", "Leave fields out to look where lists of this mode usually do.")
	}
	for _, item := range items {
		name, ok := c.doc.words(item, "a field")
		f := fieldNamed(name)
		switch known := mode.fields.names(); {
		case !ok:
		case f == noField || !mode.fields.has(f):
			c.doc.fault(item, fmt.Sprintf("a list of mode %s cannot look into %q", mode.name, name),
				didYouMean(name, known, "It can look into "+strings.Join(known, ", ")+"."))
		default:
			fields |= setOf(f)
		}
	}
	return fields
}

// readTerms reads terms or exceptions and returns how many there are.
func (c *compiler) readTerms(n node, ref termRef, mode *listMode) int {
	items := c.doc.items(n, "terms")
	if room := max(0, MaxTerms-c.terms.count); len(items) > room {
		c.doc.fault(items[room], fmt.Sprintf("the lists have more than %d terms: this is the first one too many", MaxTerms),
			"Shorten the lists, or use prefixes and domains that stand for many.")
		items = items[:room]
	}
	for _, item := range items {
		if c.doc.stopped() || c.regexSteps > maxRegexTotal || c.looseLetters > maxLooseLetters {
			break
		}
		raw, ok := c.doc.words(item, "a term")
		if !ok {
			continue
		}
		p := commonProblem(raw)
		compiled := ""
		if p == (problem{}) {
			compiled, p = mode.term(raw)
		}
		if p == (problem{}) && mode.engine == regexEngine {
			p = c.regexRoom(compiled)
		}
		if p == (problem{}) {
			p = c.addTerm(ref, compiled, mode)
		}
		if p != (problem{}) {
			c.doc.fault(item, p.message, p.hint)
			continue
		}
		c.noteLostSigns(item, mode)
	}
	return len(items)
}

// addTerm adds a checked term.
func (c *compiler) addTerm(ref termRef, compiled string, mode *listMode) problem {
	if mode.engine == looseEngine {
		ways := appendWays(nil, compiled, ref.except)
		if p := c.looseRoom(lettersOf(ways)); p != (problem{}) {
			return p
		}
		c.terms.addLoose(ref, compiled, ways)
	} else {
		c.terms.add(ref, compiled)
	}
	return problem{}
}

// looseRoom rejects terms of mode loose that exceed what the others leave of the limit.
func (c *compiler) looseRoom(letters int) problem {
	if c.looseLetters += letters; c.looseLetters <= maxLooseLetters {
		return problem{}
	}
	return problem{fmt.Sprintf("in all the ways in which they may be written, the terms of mode loose have more than %d letters: "+
		"this one is too many", maxLooseLetters), "Words belong into a list of mode word, where thousands cost nothing."}
}

// regexRoom rejects a regular expression that exceeds what the others leave of the limit.
func (c *compiler) regexRoom(raw string) problem {
	re, err := regex.Compile(raw)
	if err != nil {
		return problem{err.Error(), ""}
	}
	if c.regexSteps += re.Steps(); c.regexSteps <= maxRegexTotal {
		return problem{}
	}
	return problem{
		fmt.Sprintf(
			"written out without repetitions, the regular expressions of all lists together have more than %d parts: "+
				"this one is too many",
			maxRegexTotal,
		),
		"Words belong into a list of mode word, where thousands cost nothing.",
	}
}
