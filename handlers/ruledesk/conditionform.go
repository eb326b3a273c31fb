package ruledesk

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"rejoinder/handlers/console"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/moderation/ruleform"
)

// A condition is sent as fields whose names begin with its place: "c" is the outermost group, "c.0" its first
// item, "c.0.1" the second item of that. A group has the fields join and n, a comparison fact, op and v0, v1 … (num0, num1 … for numbers),
// and an expression that menus can't express text.

// maxConditions bounds the conditions of one rule in the form.
const maxConditions = 200

// formReader reads conditions from a form.
type formReader struct {
	values url.Values
	left   int
}

// readCondition returns the condition that a form sends.
func readCondition(values url.Values) ruleform.Condition {
	r := formReader{values: values, left: maxConditions}
	return r.read("c", 1).Grouped()
}

func (r *formReader) read(at string, depth int) ruleform.Condition {
	r.left--
	switch {
	case r.values.Has(at + ".join"):
		return r.group(at, depth)
	case r.values.Has(at + ".text"):
		return ruleform.Condition{Text: strings.TrimSpace(console.NormalizeNewlines(r.values.Get(at + ".text"))),
			Why: httpio.Printable(r.values.Get(at + ".why"))}
	}
	return r.comparison(at)
}

func (r *formReader) group(at string, depth int) ruleform.Condition {
	c := ruleform.Condition{Join: ruleform.Join(r.values.Get(at + ".join"))}
	if !slices.Contains(ruleform.Joins(), c.Join) {
		c.Join = ruleform.All
	}
	n, _ := httpio.WholeNumber(r.values.Get(at + ".n"))
	for i := 0; i < n && r.left > 0 && depth <= ruleform.MaxDepth; i++ {
		c.Items = append(c.Items, r.read(at+"."+strconv.Itoa(i), depth+1))
	}
	return c
}

// comparison reads a comparison. An operator that does not fit the fact gives way to the usual one.
func (r *formReader) comparison(at string) ruleform.Condition {
	s := ruleform.FindSubject(r.values.Get(at + ".fact"))
	if s == nil {
		return firstCondition()
	}
	c := ruleform.Condition{Fact: s.Path, Op: ruleform.Op(r.values.Get(at + ".op"))}
	if !slices.Contains(s.Ops(), c.Op) {
		c.Op = s.Ops()[0]
	}
	for i, kind := range s.Values(c.Op) {
		value := httpio.Printable(r.values.Get(valueName(at, i, kind)))
		switch kind {
		case ruleform.ValueTexts:
			terms, _ := ruleform.ParseTerms(value)
			c.Values = append(c.Values, terms...)
		case ruleform.ValueNumber:
			c.Values = append(c.Values, s.Number(value))
		case ruleform.ValueField:
			if value != "" {
				c.Values = append(c.Values, value)
			}
		default:
			c.Values = append(c.Values, value)
		}
	}
	return c
}

// valueName names the field of a value. Numbers have names of their own: after another fact is chosen, a text is not
// taken for a number.
func valueName(at string, i int, kind ruleform.ValueKind) string {
	if kind == ruleform.ValueNumber {
		return at + ".num" + strconv.Itoa(i)
	}
	return at + ".v" + strconv.Itoa(i)
}

// firstCondition is what a new line of the form compares.
func firstCondition() ruleform.Condition {
	return ruleform.Condition{Fact: "listed", Op: ruleform.OpIs}
}

// change adds or removes a condition as a button says: "add:c.1", "group:c", "remove:c.0".
func change(c ruleform.Condition, what, at string) ruleform.Condition {
	var path []int
	for _, step := range strings.Split(at, ".")[1:] {
		i, err := strconv.Atoi(step)
		if err != nil {
			return c
		}
		path = append(path, i)
	}
	return changeAt(c, what, path)
}

func changeAt(c ruleform.Condition, what string, path []int) ruleform.Condition {
	c.Items = slices.Clone(c.Items)
	switch {
	case len(path) == 0 && what == "add" && c.IsGroup():
		c.Items = append(c.Items, firstCondition())
	case len(path) == 0 && what == "group" && c.IsGroup():
		c.Items = append(c.Items, ruleform.Condition{Join: ruleform.Any, Items: []ruleform.Condition{firstCondition(), firstCondition()}})
	case len(path) == 0 || path[0] < 0 || path[0] >= len(c.Items):
	case len(path) == 1 && what == "remove":
		c.Items = slices.Delete(c.Items, path[0], path[0]+1)
	default:
		c.Items[path[0]] = changeAt(c.Items[path[0]], what, path[1:])
	}
	return c
}

// conditionView is a condition with its place in the form.
type conditionView struct {
	At      string
	Name    string // for screen readers
	Joined  string // "and" or "or" before it; empty for the first
	Group   bool
	Joins   []option
	Count   int
	Items   []conditionView
	MayNest bool
	Root    bool

	Facts  []optionGroup
	Ops    []option
	Values []valueView
	Unit   string
	What   string
	Chips  []listView

	Text    string
	Why     string
	IsText  bool
	TextRow int
}

type option struct {
	Value, Label string
	Selected     bool
}

type optionGroup struct {
	Label   string
	Options []option
}

// valueView is one value of a comparison.
type valueView struct {
	Name    string
	Label   string
	Kind    string // number, text, texts or select
	Value   string
	Options []option
	Before  string // words before it
	Fault   string // why it is not valid
}

var joinLabels = map[ruleform.Join]string{ruleform.All: "All of these are true", ruleform.Any: "Any of these is true",
	ruleform.None: "None of these is true"}

// viewer makes the views of conditions.
type viewer struct {
	words     *locale.Language
	lists     []listView
	externals []string        // names of the outside classifiers that the site uses
	visible   map[string]bool // lists whose terms are shown already
}

func (v *viewer) condition(c ruleform.Condition, at string, depth int) conditionView {
	view := conditionView{At: at, Root: depth == 1, Name: v.words.T("condition %s", strings.TrimPrefix(at, "c."))}
	switch {
	case c.IsGroup():
		view.Group, view.Count, view.MayNest = true, len(c.Items), depth < ruleform.MaxDepth
		for _, join := range ruleform.Joins() {
			view.Joins = append(view.Joins, option{string(join), joinLabels[join], join == c.Join})
		}
		for i, item := range c.Items {
			one := v.condition(item, at+"."+strconv.Itoa(i), depth+1)
			if i > 0 {
				one.Joined = map[ruleform.Join]string{ruleform.All: "and", ruleform.Any: "or", ruleform.None: "nor"}[c.Join]
			}
			view.Items = append(view.Items, one)
		}
	case c.IsText():
		view.IsText, view.Text, view.Why = true, c.Text, c.Why
		view.TextRow = 1 + len(c.Text)/60 + strings.Count(c.Text, "\n")
	default:
		v.comparison(&view, c)
	}
	return view
}

func (v *viewer) comparison(view *conditionView, c ruleform.Condition) {
	s := ruleform.FindSubject(c.Fact)
	view.Facts, view.Unit, view.What, view.Name = v.factOptions(c.Fact), s.Unit(), s.WhatIn(v.words), s.LabelIn(v.words)
	for _, op := range s.Ops() {
		view.Ops = append(view.Ops, option{string(op), op.Label(s), op == c.Op})
	}
	kinds := s.Values(c.Op)
	for i, kind := range kinds {
		value := ""
		if i < len(c.Values) {
			value = c.Values[i]
		}
		one := valueView{Name: valueName(view.At, i, kind), Kind: "text", Label: "Text", Value: value}
		switch kind {
		case ruleform.ValueNumber:
			one.Kind, one.Label = "number", "Number"
			if one.Fault = s.NumberFault(value); one.Fault == "" {
				one.Value = s.Shown(value)
			}
			if i > 0 && kinds[i-1] == ruleform.ValueNumber {
				one.Before = "and"
			}
		case ruleform.ValueTexts:
			one.Kind, one.Value, one.Label = "texts", strings.Join(c.Values, ", "), "Texts, separated by commas"
		case ruleform.ValueChoice:
			one.Kind, one.Label, one.Options = "select", "Value", choiceOptions(s, value)
		case ruleform.ValueList:
			one.Kind, one.Label, one.Options = "select", "List", v.listOptions(value)
			if i > 0 {
				one.Before = "and"
			}
			v.addChips(view, value)
		case ruleform.ValueField:
			one.Kind, one.Label, one.Options = "select", "Where", fieldOptions(value)
		case ruleform.ValueNetwork:
			one.Label = "Network, or list of networks"
		}
		view.Values = append(view.Values, one)
	}
}

// factOptions are all subjects in their groups, with those of the site's classifiers, and of the chosen one.
func (v *viewer) factOptions(chosen string) []optionGroup {
	subjects := ruleform.Subjects()
	if _, ours := ruleform.ExternalOf(chosen, v.externals); !ours {
		subjects = append(subjects, ruleform.FamilySubjects(chosen)...)
	}
	for _, name := range v.externals {
		subjects = append(subjects, ruleform.ExternalSubjects(name)...)
	}
	var groups []optionGroup
	for _, s := range subjects {
		if len(groups) == 0 || groups[len(groups)-1].Label != s.Group {
			groups = append(groups, optionGroup{Label: s.Group})
		}
		last := &groups[len(groups)-1]
		last.Options = append(last.Options, option{s.Path, s.LabelIn(v.words), s.Path == chosen})
	}
	return groups
}

func choiceOptions(s *ruleform.Subject, chosen string) []option {
	var options []option
	for _, choice := range s.Choices {
		options = append(options, option{choice.Value, strings.Trim(choice.Label, "“”"), choice.Value == chosen})
	}
	return options
}

func fieldOptions(chosen string) []option {
	options := []option{{"", "in all its fields", false}, {"body", "in the text", false}, {"author_name", "in the name", false},
		{"author_url", "in the website", false}}
	for i := range options {
		options[i].Selected = options[i].Value == chosen
	}
	return options
}

func (v *viewer) listOptions(chosen string) []option {
	var options []option
	for _, l := range v.lists {
		options = append(options, option{l.ID, l.Label(), l.ID == chosen})
	}
	if !slices.ContainsFunc(options, func(o option) bool { return o.Selected }) {
		options = append([]option{{"", "Choose a list", true}}, options...)
	}
	return options
}

// addChips shows the terms of a list below the first condition that asks about it.
func (v *viewer) addChips(view *conditionView, list string) {
	if v.visible[list] {
		return
	}
	if i := slices.IndexFunc(v.lists, func(l listView) bool { return l.ID == list }); i >= 0 {
		v.visible[list] = true
		view.Chips = append(view.Chips, v.lists[i])
	}
}
