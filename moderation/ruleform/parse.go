package ruleform

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// Reasons why a part of a condition is text.
const (
	whyBroken   = "It can’t be read."
	whyComments = "It has comments, which menus would lose."
	whyDeep     = "Its groups are nested too deeply."
	whyTernary  = "It has a conditional (… ? … : …)."
	whyCompares = "It makes a comparison that the menus don’t offer."
)

// Parse reads an expression.
func Parse(source string) Condition {
	parsed := parse(strings.TrimSpace(source))
	switch {
	case parsed.Text == "true":
		parsed = Condition{Join: All}
	case hasComment(source):
		parsed = handwritten(source, whyComments)
	case parsed.Depth() > MaxDepth:
		parsed = handwritten(source, whyDeep)
	}
	parsed.source = source
	return parsed
}

func handwritten(source, why string) Condition {
	return Condition{Text: strings.TrimSpace(source), Why: why, source: source}
}

func parse(source string) Condition {
	for _, join := range []struct {
		operator string
		join     Join
	}{{"||", Any}, {"&&", All}} {
		parts, whole := split(source, join.operator)
		switch {
		case !whole || slices.Contains(parts, ""):
			return handwritten(source, whyBroken)
		case ternary(source):
			return handwritten(source, whyTernary)
		case len(parts) > 1:
			return group(source, join.join, parts)
		}
	}
	if inner, ok := inParentheses(source); ok {
		c := parse(inner)
		if !c.IsText() {
			c.source = source
			return c
		}
		return handwritten(source, c.Why)
	}
	if rest, negated := strings.CutPrefix(source, "!"); negated {
		return not(source, parse(strings.TrimSpace(rest)))
	}
	return leaf(source)
}

func group(source string, join Join, parts []string) Condition {
	c := Condition{Join: join, source: source}
	for _, part := range parts {
		item := parse(part)
		if last := len(c.Items) - 1; join == All && last >= 0 {
			if both, ok := between(c.Items[last], item); ok {
				c.Items[last] = both
				continue
			}
		}
		c.Items = append(c.Items, item)
	}
	if len(c.Items) == 1 {
		c.Items[0].source = source
		return c.Items[0]
	}
	return c
}

// between joins two comparisons of one number.
func between(low, high Condition) (Condition, bool) {
	s := FindSubject(low.Fact)
	if s == nil || low.Op != OpAtLeast || high.Op != OpAtMost || low.Fact != high.Fact || s.asks != nil ||
		!slices.Contains(shapeOps[s.shape], OpBetween) {
		return Condition{}, false
	}
	return Condition{Fact: low.Fact, Op: OpBetween, Values: []string{low.Values[0], high.Values[0]},
		source: low.source + " && " + high.source}, true
}

func not(source string, c Condition) Condition {
	opposite, ok := c.Op.negated()
	switch {
	case c.IsText():
		return handwritten(source, c.Why)
	case c.Join == Any:
		c.Join = None
	case !c.IsGroup() && ok:
		c.Op = opposite
	default:
		c = Condition{Join: None, Items: []Condition{c}}
	}
	c.source = source
	return c
}

// parser reads comparisons. Nothing is declared: rules.Parse checks names and types.
var parser = sync.OnceValues(func() (*cel.Env, error) {
	return cel.NewEnv(cel.ClearMacros(), cel.ParserRecursionLimit(50))
})

func leaf(source string) Condition {
	env, err := parser()
	if err != nil {
		panic("a parser without declarations: " + err.Error())
	}
	parsed, issues := env.Parse(source)
	if issues.Err() != nil {
		return handwritten(source, whyBroken)
	}
	c, ok := comparison(parsed.NativeRep().Expr())
	if !ok {
		return handwritten(source, whyCompares)
	}
	c.source = source
	return c
}

// comparison reads an expression that compares one fact with values.
func comparison(e ast.Expr) (Condition, bool) {
	if path := pathOf(e); path != "" {
		return checked(Condition{Fact: path, Op: OpIs})
	}
	if e.Kind() != ast.CallKind {
		return Condition{}, false
	}
	call := e.AsCall()
	args := call.Args()
	if call.IsMemberFunction() {
		return member(call)
	}
	switch name := call.FunctionName(); name {
	case operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals,
		operators.Equals, operators.NotEquals:
		return compared(name, args[0], args[1])
	case operators.In:
		return contained(args[0], args[1])
	case fnListed, fnQuoted, fnAddressed, fnByAuthor, fnHarmless, fnNear, fnNetwork:
		values, ok := literals(args)
		return checkedFunction(Condition{Fact: name, Op: OpIs, Values: values}, ok)
	}
	return Condition{}, false
}

func checkedFunction(c Condition, ok bool) (Condition, bool) {
	s := FindSubject(c.Fact)
	if !ok || s == nil || len(c.Values) == 0 {
		return c, false
	}
	most := len(s.asks)
	if c.Fact == fnListed && len(c.Values) > most || c.Fact != fnListed && len(c.Values) != most {
		return c, false
	}
	return checked(c)
}

// checked refuses facts and operators that menus do not have.
func checked(c Condition) (Condition, bool) {
	s := FindSubject(c.Fact)
	return c, s != nil && slices.Contains(shapeOps[s.shape], c.Op)
}

var flipped = map[string]string{operators.Less: operators.Greater, operators.Greater: operators.Less,
	operators.LessEquals: operators.GreaterEquals, operators.GreaterEquals: operators.LessEquals,
	operators.Equals: operators.Equals, operators.NotEquals: operators.NotEquals}

var numberOp = map[string]Op{operators.Less: OpLess, operators.LessEquals: OpAtMost, operators.Greater: OpMore,
	operators.GreaterEquals: OpAtLeast, operators.Equals: OpEqual, operators.NotEquals: OpDiffers}

// compared reads a comparison with a number or a text.
func compared(operator string, left, right ast.Expr) (Condition, bool) {
	if isLiteral(left) {
		left, right, operator = right, left, flipped[operator]
	}
	if value, isText := textOf(right); isText {
		c := Condition{Fact: pathOf(left), Op: OpIs, Values: []string{value}}
		switch {
		case operator == operators.NotEquals && value == "":
			c.Op, c.Values = OpGiven, nil
		case operator == operators.NotEquals:
			c.Op = OpIsNot
		case operator == operators.Equals && value == "":
			c.Op, c.Values = OpEmpty, nil
		case operator != operators.Equals:
			return c, false
		}
		s := FindSubject(c.Fact)
		return c, s != nil && s.shape == text && (len(s.Choices) == 0 || c.Values == nil || s.hasChoice(value))
	}
	value, isNumber := numberOf(right)
	if !isNumber {
		return Condition{}, false
	}
	c := Condition{Fact: pathOf(left), Op: numberOp[operator], Values: []string{value}}
	if left.Kind() == ast.CallKind {
		call := left.AsCall()
		switch {
		case call.IsMemberFunction() && call.FunctionName() == "size" && len(call.Args()) == 0:
			c.Fact = pathOf(call.Target())
			if s := FindSubject(c.Fact); s == nil || s.shape != texts {
				return c, false
			}
			if none := c.Op == OpEqual; (none || c.Op == OpMore) && value == "0" {
				c.Op, c.Values = map[bool]Op{true: OpEmpty, false: OpGiven}[none], nil
			}
		case call.FunctionName() == fnShare || call.FunctionName() == fnCount:
			names, ok := literals(call.Args())
			if !ok || len(names) != 1 {
				return c, false
			}
			c.Fact, c.Values = call.FunctionName(), []string{names[0], value}
		}
	}
	s := FindSubject(c.Fact)
	if s == nil || s.shape == text || s.shape == yesNo || s.shape == asked {
		return c, false
	}
	return checked(c)
}

func (s *Subject) hasChoice(value string) bool {
	return slices.ContainsFunc(s.Choices, func(c Choice) bool { return c.Value == value })
}

// contained reads `"x" in fact` and `fact in ["x", "y"]`.
func contained(left, right ast.Expr) (Condition, bool) {
	if value, isText := textOf(left); isText {
		s := FindSubject(pathOf(right))
		return Condition{Fact: pathOf(right), Op: OpIncludes, Values: []string{value}},
			s != nil && s.shape == texts && (len(s.Choices) == 0 || s.hasChoice(value))
	}
	s := FindSubject(pathOf(left))
	if s == nil || s.shape != text || right.Kind() != ast.ListKind {
		return Condition{}, false
	}
	values, ok := literals(right.AsList().Elements())
	return Condition{Fact: s.Path, Op: OpOneOf, Values: values},
		ok && len(values) > 0 && !slices.ContainsFunc(values, func(v string) bool { return strings.TrimSpace(v) != v || v == "" })
}

var memberOps = map[string]Op{"contains": OpContains, "startsWith": OpStarts, "endsWith": OpEnds, "matches": OpMatches}

var anyOps = map[string]Op{"contains": OpAnyContains, "startsWith": OpAnyStarts, "endsWith": OpAnyEnds}

// member reads `fact.contains("x")` and `fact.exists(v, v.startsWith("x"))`.
func member(call ast.CallExpr) (Condition, bool) {
	path, args := pathOf(call.Target()), call.Args()
	if call.FunctionName() == "exists" && len(args) == 2 && args[0].Kind() == ast.IdentKind && args[1].Kind() == ast.CallKind {
		inner := args[1].AsCall()
		if !inner.IsMemberFunction() || inner.Target().Kind() != ast.IdentKind ||
			inner.Target().AsIdent() != args[0].AsIdent() ||
			len(inner.Args()) != 1 {
			return Condition{}, false
		}
		value, isText := textOf(inner.Args()[0])
		c, ok := checked(Condition{Fact: path, Op: anyOps[inner.FunctionName()], Values: []string{value}})
		return c, ok && isText && value != ""
	}
	if len(args) != 1 {
		return Condition{}, false
	}
	value, isText := textOf(args[0])
	c, ok := checked(Condition{Fact: path, Op: memberOps[call.FunctionName()], Values: []string{value}})
	return c, ok && isText && value != "" && FindSubject(path).shape == text
}

// pathOf returns the path of a fact; empty for other expressions.
func pathOf(e ast.Expr) string {
	if e == nil || e.Kind() != ast.SelectKind {
		return ""
	}
	of := e.AsSelect()
	if of.IsTestOnly() {
		return ""
	}
	if of.Operand().Kind() == ast.IdentKind {
		return of.Operand().AsIdent() + "." + of.FieldName()
	}
	if group := pathOf(of.Operand()); group != "" { // of a family's member
		return group + "." + of.FieldName()
	}
	return ""
}

func isLiteral(e ast.Expr) bool {
	_, isText := textOf(e)
	_, isNumber := numberOf(e)
	return isText || isNumber
}

func textOf(e ast.Expr) (string, bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	s, ok := e.AsLiteral().(types.String)
	return string(s), ok
}

// numberOf returns a number that is written out, or as a product or sum.
func numberOf(e ast.Expr) (string, bool) {
	value, ok := numeric(e)
	if !ok || math.IsInf(value, 0) || math.IsNaN(value) || math.Abs(value) > 1e15 {
		return "", false
	}
	return strconv.FormatFloat(value, 'f', -1, 64), true
}

func numeric(e ast.Expr) (float64, bool) {
	if e.Kind() == ast.LiteralKind {
		switch n := e.AsLiteral().(type) {
		case types.Int:
			return float64(n), true
		case types.Double:
			return float64(n), true
		}
		return 0, false
	}
	if e.Kind() != ast.CallKind || e.AsCall().IsMemberFunction() || len(e.AsCall().Args()) != 2 {
		return 0, false
	}
	a, isNumber := numeric(e.AsCall().Args()[0])
	b, alsoNumber := numeric(e.AsCall().Args()[1])
	switch e.AsCall().FunctionName() {
	case operators.Multiply:
		return a * b, isNumber && alsoNumber
	case operators.Add:
		return a + b, isNumber && alsoNumber
	}
	return 0, false
}

// literals returns arguments that are all written out.
func literals(args []ast.Expr) ([]string, bool) {
	values := make([]string, len(args))
	for i, arg := range args {
		value, ok := textOf(arg)
		if !ok {
			value, ok = numberOf(arg)
		}
		if !ok {
			return nil, false
		}
		values[i] = value
	}
	return values, true
}
