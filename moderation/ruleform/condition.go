package ruleform

import (
	"slices"
	"strings"
)

// Join says how the conditions of a group combine.
type Join string

// The joins.
const (
	All  Join = "all"
	Any  Join = "any"
	None Join = "none"
)

// Joins returns all joins in the order of menus.
func Joins() []Join { return []Join{All, Any, None} }

// MaxDepth is how many groups may stand inside each other, the outermost included.
const MaxDepth = 3

// Condition is a group of conditions, a comparison of one fact, or text that menus can't express.
type Condition struct {
	Join  Join // of a group; empty for the others
	Items []Condition

	Fact   string // path of a fact, or name of a function; empty for text
	Op     Op
	Values []string // numbers and texts as people write them; names of lists

	Text string // an expression that menus can't express
	Why  string // why they can't

	source string // as it stands in the document; empty: not there
}

// IsGroup reports whether it is a group.
func (c Condition) IsGroup() bool { return c.Join != "" }

// IsText reports whether it is an expression that menus can't express.
func (c Condition) IsText() bool { return c.Join == "" && c.Fact == "" }

// Equal reports whether two conditions mean and say the same.
func (c Condition) Equal(other Condition) bool {
	return c.Join == other.Join && c.Fact == other.Fact && c.Op == other.Op && slices.Equal(c.Values, other.Values) &&
		c.Text == other.Text && slices.EqualFunc(c.Items, other.Items, Condition.Equal)
}

// WholeText reports whether nothing of the condition can be shown in menus, and why.
func (c Condition) WholeText() (why string, whole bool) {
	if c.IsText() {
		return c.Why, true
	}
	for _, item := range c.Items {
		if _, whole := item.WholeText(); !whole {
			return "", false
		}
	}
	if !c.IsGroup() || len(c.Items) == 0 {
		return "", false
	}
	return c.Items[0].Why, true
}

// HasText reports whether a part of the condition can't be shown in menus.
func (c Condition) HasText() bool {
	return c.IsText() || slices.ContainsFunc(c.Items, Condition.HasText)
}

// Depth is how many groups stand inside each other.
func (c Condition) Depth() int {
	if !c.IsGroup() {
		return 0
	}
	deepest := 0
	for _, item := range c.Items {
		deepest = max(deepest, item.Depth())
	}
	return deepest + 1
}

// Lists returns the lists that the condition asks about, each once. One that is not chosen yet is empty.
func (c Condition) Lists() []string {
	var lists []string
	c.each(func(leaf *Condition) {
		f := FindSubject(leaf.Fact)
		if f == nil {
			return
		}
		for i, kind := range f.asks {
			if kind == ValueList && !slices.Contains(lists, leaf.value(i)) {
				lists = append(lists, leaf.value(i))
			}
		}
	})
	return lists
}

// each visits all conditions that are not groups.
func (c *Condition) each(visit func(*Condition)) {
	if !c.IsGroup() {
		visit(c)
		return
	}
	for i := range c.Items {
		c.Items[i].each(visit)
	}
}

// Grouped returns the condition as a group: itself, or one with it alone.
func (c Condition) Grouped() Condition {
	if c.IsGroup() {
		return c
	}
	return Condition{Join: All, Items: []Condition{c}, source: c.source}
}

// Rewritten returns the expression of a changed condition. What did not change keeps the text that it has in
// the condition before.
func Rewritten(before, after Condition) string {
	if strip(before).Equal(strip(after)) && before.source != "" {
		return before.source
	}
	written := map[string][]Condition{}
	var collect func(c Condition)
	collect = func(c Condition) {
		if c.source != "" {
			written[c.Fact+string(c.Join)] = append(written[c.Fact+string(c.Join)], c)
		}
		for _, item := range c.Items {
			collect(item)
		}
	}
	collect(before)
	var restore func(c Condition) Condition
	restore = func(c Condition) Condition {
		c.source = ""
		for _, old := range written[c.Fact+string(c.Join)] {
			if old.Equal(c) {
				c.source = strings.TrimSpace(old.source)
				return c
			}
		}
		c.Items = slices.Clone(c.Items)
		for i := range c.Items {
			c.Items[i] = restore(c.Items[i])
		}
		return c
	}
	return restore(strip(after)).Expression()
}

// strip removes groups that add nothing: those of one condition.
func strip(c Condition) Condition {
	if c.IsGroup() && c.Join != None && len(c.Items) == 1 {
		return strip(c.Items[0])
	}
	return c
}

// Expression returns the condition as CEL.
func (c Condition) Expression() string {
	if c.source != "" {
		return c.source
	}
	if !c.IsGroup() {
		if c.IsText() {
			return strings.TrimSpace(c.Text)
		}
		return c.comparison()
	}
	switch c.Join {
	case None:
		if len(c.Items) == 1 && !c.Items[0].IsGroup() && !c.Items[0].IsText() && c.Items[0].source == "" {
			return "!(" + c.Items[0].Expression() + ")"
		}
		return "!(" + joined(c.Items, Any) + ")"
	default:
		return joined(c.Items, c.Join)
	}
}

// joined returns the conditions with the operator of a join between them.
func joined(items []Condition, join Join) string {
	operator := " && "
	if join == Any {
		operator = " || "
	}
	var parts []string
	for _, item := range items {
		part := item.Expression()
		if needsParentheses(part, join) && len(items) > 1 {
			part = "(" + part + ")"
		}
		if asked := item.unasked(items, join); asked != "" {
			part = asked + " && " + part
			if join == Any && len(items) > 1 {
				part = "(" + part + ")"
			}
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 {
		return "true"
	}
	return strings.Join(parts, operator)
}

// unasked returns the fact that says whether this one is known, unless a condition beside it asks for it.
func (c Condition) unasked(beside []Condition, join Join) string {
	f := FindSubject(c.Fact)
	if f == nil || f.unless == "" || c.source != "" {
		return ""
	}
	if join == All && slices.ContainsFunc(beside, func(o Condition) bool { return o.Fact == f.unless && o.Op == OpIs }) {
		return ""
	}
	return f.unless
}

// needsParentheses reports whether an expression binds less tightly than the operator of a join.
func needsParentheses(source string, join Join) bool {
	or, whole := split(source, "||")
	return !whole || ternary(source) || len(or) > 1 && join != Any
}

// AsksAbout reports whether the condition compares a fact whose path begins so.
func (c Condition) AsksAbout(prefix string) bool {
	found := false
	c.each(func(leaf *Condition) { found = found || strings.HasPrefix(leaf.Fact, prefix) })
	return found
}

// Choose gives a list to the first comparison that has none.
func (c *Condition) Choose(list string) {
	done := false
	c.each(func(leaf *Condition) {
		s := FindSubject(leaf.Fact)
		if done || s == nil || len(s.asks) == 0 || s.asks[0] != ValueList || len(leaf.Values) > 0 && leaf.Values[0] != "" {
			return
		}
		leaf.Values = append([]string{list}, leaf.Values[min(1, len(leaf.Values)):]...)
		done = true
	})
}
