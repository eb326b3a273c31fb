package rules

import (
	"fmt"
	"math"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// never says why a condition can never be true; the zero value: it can be.
type never struct{ why, hint string }

// neverTrue looks for conditions that are always false: by themselves, or because their lists are empty. It
// follows the ranges of numbers and the values that parts joined by && ask for (interval analysis). What it
// does not understand can be true.
func (c *conditions) neverTrue(e ast.Expr, asked []int) never {
	if !(analysis{questions: c.questions, empty: make([]bool, len(c.lists))}).possible(e).canBeTrue {
		return never{"its condition is always false", "Compare with values that the facts can have, or remove the rule."}
	}
	if (analysis{questions: c.questions, empty: c.empty}).possible(e).canBeTrue {
		return never{}
	}
	var names []string
	for _, number := range asked {
		if q := c.questions[number]; q.list >= 0 && c.empty[q.list] {
			names = append(names, c.lists[q.list].id)
		}
		if q := c.questions[number]; q.about == nearOther && c.empty[q.other] {
			names = append(names, c.lists[q.other].id)
		}
	}
	if len(names) > 1 {
		return never{fmt.Sprintf("the lists %s are empty", quotedWords(names)), "Add terms to them, or remove the rule."}
	}
	return never{fmt.Sprintf("the list %s is empty", quotedWords(names)), "Add terms to the list, or remove the rule."}
}

// emptyLists returns which lists have no terms.
func (c *compiler) emptyLists() []bool {
	empty := make([]bool, len(c.declared))
	for i := range empty {
		empty[i] = !c.terms.filled[int32(i)]
	}
	return empty
}

// analysis computes what expressions can evaluate to.
type analysis struct {
	questions []question
	empty     []bool // by list
}

// possible is what an expression of type bool can evaluate to.
type possible struct{ canBeTrue, canBeFalse bool }

var either = possible{true, true}

func (a analysis) possible(e ast.Expr) possible {
	if e.Kind() == ast.LiteralKind {
		yes, is := e.AsLiteral().(types.Bool)
		return possible{!is || bool(yes), !is || !bool(yes)}
	}
	if e.Kind() != ast.CallKind {
		return either
	}
	call := e.AsCall()
	switch args := call.Args(); call.FunctionName() {
	case operators.LogicalNot:
		o := a.possible(args[0])
		return possible{o.canBeFalse, o.canBeTrue}
	case operators.LogicalAnd:
		return a.all(conjuncts(e, nil))
	case operators.LogicalOr:
		one, other := a.possible(args[0]), a.possible(args[1])
		return possible{one.canBeTrue || other.canBeTrue, one.canBeFalse && other.canBeFalse}
	case operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals, operators.Equals,
		operators.NotEquals:
		return a.compared(call.FunctionName(), args)
	case answerListed, answerChosen:
		return possible{!a.asksEmpty(args), true}
	}
	return either
}

// all is what can come of parts joined by &&.
func (a analysis) all(parts []ast.Expr) possible {
	o := possible{canBeTrue: true}
	asked := demands{ranges: map[string]span{}, texts: map[string]string{}, truths: map[string]bool{}}
	for _, part := range parts {
		one := a.possible(part)
		o.canBeTrue = o.canBeTrue && one.canBeTrue && asked.add(a, part)
		o.canBeFalse = o.canBeFalse || one.canBeFalse
	}
	return possible{o.canBeTrue, o.canBeFalse || !o.canBeTrue}
}

// conjuncts appends the parts of an expression that && joins.
func conjuncts(e ast.Expr, parts []ast.Expr) []ast.Expr {
	if e.Kind() != ast.CallKind || e.AsCall().FunctionName() != operators.LogicalAnd {
		return append(parts, e)
	}
	for _, arg := range e.AsCall().Args() {
		parts = conjuncts(arg, parts)
	}
	return parts
}

// compared is what can come of a comparison of numbers, or of texts that are written out.
func (a analysis) compared(operator string, args []ast.Expr) possible {
	if one, is := literalText(args[0]); is {
		other, both := literalText(args[1])
		switch {
		case both && operator == operators.Equals:
			return possible{one == other, one != other}
		case both && operator == operators.NotEquals:
			return possible{one != other, one == other}
		}
		return either
	}
	left, ok := a.number(args[0])
	right, also := a.number(args[1])
	if !ok || !also {
		return either
	}
	switch operator {
	case operators.Less:
		return possible{left.low < right.high, left.high >= right.low}
	case operators.LessEquals:
		return possible{left.low <= right.high, left.high > right.low}
	case operators.Greater:
		return possible{left.high > right.low, left.low <= right.high}
	case operators.GreaterEquals:
		return possible{left.high >= right.low, left.low < right.high}
	}
	meet := left.low <= right.high && right.low <= left.high
	same := left.low == left.high && left == right
	if operator == operators.Equals {
		return possible{meet, !same}
	}
	return possible{!same, meet}
}

// span is a range of numbers, both bounds included.
type span struct{ low, high float64 }

// number returns the range of a numeric expression; false if it is not numeric or not supported.
func (a analysis) number(e ast.Expr) (span, bool) {
	switch e.Kind() {
	case ast.LiteralKind:
		switch n := e.AsLiteral().(type) {
		case types.Int:
			return span{float64(n), float64(n)}, true
		case types.Uint:
			return span{float64(n), float64(n)}, true
		case types.Double:
			return span{float64(n), float64(n)}, true
		}
	case ast.SelectKind:
		if f, is := selectedFact(e); is && (f.fact().kind == integer || f.fact().kind == number) {
			if f.fact().signed {
				return span{math.Inf(-1), math.Inf(1)}, true
			}
			return span{0, math.Inf(1)}, true
		}
	case ast.CallKind:
		return a.called(e.AsCall().FunctionName(), e.AsCall().Args())
	}
	return span{}, false
}

// called returns the range of what a function gives.
func (a analysis) called(function string, args []ast.Expr) (span, bool) {
	switch function {
	case answerCount, answerShare:
		s := span{0, math.Inf(1)}
		if function == answerShare {
			s.high = 1
		}
		if a.asksEmpty(args) {
			s.high = 0
		}
		return s, true
	case "size":
		return span{0, math.Inf(1)}, true
	case operators.Multiply:
		left, ok := a.number(args[0])
		right, also := a.number(args[1])
		exact := left.low == left.high && right.low == right.high
		return span{left.low * right.low, left.low * right.low}, ok && also && exact
	}
	return span{}, false
}

// asksEmpty reports whether a question is about an empty list.
func (a analysis) asksEmpty(args []ast.Expr) bool {
	number, is := args[1].AsLiteral().(types.Int)
	if !is {
		return false
	}
	q := a.questions[number]
	return q.list >= 0 && a.empty[q.list] || q.about == nearOther && a.empty[q.other]
}

// demands is what the parts of a conjunction ask of facts and lists.
type demands struct {
	ranges map[string]span
	texts  map[string]string
	truths map[string]bool
}

// add adds what one part asks. It reports false if that contradicts what others ask.
func (d demands) add(a analysis, part ast.Expr) bool {
	truth := true
	for part.Kind() == ast.CallKind && part.AsCall().FunctionName() == operators.LogicalNot {
		truth, part = !truth, part.AsCall().Args()[0]
	}
	if name := subject(part); name != "" {
		before, known := d.truths[name]
		d.truths[name] = truth
		return !known || before == truth
	}
	if !truth || part.Kind() != ast.CallKind || len(part.AsCall().Args()) != 2 {
		return true
	}
	operator, args := part.AsCall().FunctionName(), part.AsCall().Args()
	if subject(args[0]) == "" {
		operator, args = mirrored[operator], []ast.Expr{args[1], args[0]}
	}
	name := subject(args[0])
	if name == "" {
		return true
	}
	if asked, is := literalText(args[1]); is && operator == operators.Equals {
		before, known := d.texts[name]
		d.texts[name] = asked
		return !known || before == asked
	}
	return d.narrow(a, name, operator, args)
}

// mirrored is the operator with its sides exchanged.
var mirrored = map[string]string{
	operators.Less: operators.Greater, operators.Greater: operators.Less, operators.Equals: operators.Equals,
	operators.LessEquals: operators.GreaterEquals, operators.GreaterEquals: operators.LessEquals,
}

// narrow narrows the range of what is compared with a number; false if nothing is left of it.
func (d demands) narrow(a analysis, name, operator string, args []ast.Expr) bool {
	with, ok := a.number(args[1])
	if !ok || with.low != with.high {
		return true
	}
	s, known := d.ranges[name]
	if !known {
		if s, ok = a.number(args[0]); !ok {
			return true
		}
	}
	switch operator {
	case operators.Less:
		s.high = min(s.high, below(args[0], with.low))
	case operators.LessEquals:
		s.high = min(s.high, with.low)
	case operators.Greater:
		s.low = max(s.low, -below(args[0], -with.low))
	case operators.GreaterEquals:
		s.low = max(s.low, with.low)
	case operators.Equals:
		s = span{max(s.low, with.low), min(s.high, with.low)}
	}
	d.ranges[name] = s
	return s.low <= s.high
}

// below returns the greatest number of the expression's type below a bound.
func below(e ast.Expr, bound float64) float64 {
	if f, is := selectedFact(e); is && f.fact().kind == number {
		return math.Nextafter(bound, math.Inf(-1))
	}
	if e.Kind() == ast.CallKind && e.AsCall().FunctionName() == answerShare {
		return math.Nextafter(bound, math.Inf(-1))
	}
	return math.Ceil(bound) - 1
}

// subject names a fact or a question; empty for any other expression.
func subject(e ast.Expr) string {
	if f, is := selectedFact(e); is {
		return f.path()
	}
	if e.Kind() == ast.CallKind && strings.HasPrefix(e.AsCall().FunctionName(), "@") {
		if number, is := e.AsCall().Args()[1].AsLiteral().(types.Int); is {
			return fmt.Sprint(e.AsCall().FunctionName(), number)
		}
	}
	return ""
}

// selectedFact returns the fact that an expression selects.
func selectedFact(e ast.Expr) (factRef, bool) {
	if e.Kind() != ast.SelectKind {
		return factRef{}, false
	}
	group, operand := "", e.AsSelect().Operand()
	switch {
	case operand.Kind() == ast.IdentKind:
		group = operand.AsIdent()
	case operand.Kind() == ast.SelectKind && operand.AsSelect().Operand().Kind() == ast.IdentKind:
		group = operand.AsSelect().Operand().AsIdent() + "." + operand.AsSelect().FieldName()
	}
	return findInGroup(group, e.AsSelect().FieldName())
}

func literalText(e ast.Expr) (string, bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	s, is := e.AsLiteral().(types.String)
	return string(s), is
}
