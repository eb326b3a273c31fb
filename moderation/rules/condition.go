package rules

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"

	"rejoinder/moderation/rules/regex"
)

// The limits of one condition. A unit of cost is about one elementary step; the shipped conditions cost less
// than 10, and looking at every link of the longest comment costs some thousands.
const (
	maxConditionCharacters = 10_000
	maxConditionNodes      = 2_000
	maxConditionCost       = 200_000
	// trackedEvery is how many steps a loop takes between two looks at the clock.
	trackedEvery = 100
)

// condition is a compiled "when".
type condition struct {
	program cel.Program
	// loops: the condition goes through a list, so its cost is counted while it runs. The others were shown when
	// they were compiled to stay within the limit, whatever the facts.
	loops bool
	facts []factRef // those that it looks at
	asked []int     // the questions that it asks
	never never     // why it can never be true
	at    place     // in the document
}

// conditions compiles the conditions of one ruleset.
type conditions struct {
	inquiry
	env   *cel.Env
	empty []bool // by list: it has no terms
}

// baseEnvironment is what the conditions of all rulesets have in common. It is made once.
var baseEnvironment = sync.OnceValues(func() (*cel.Env, error) {
	facts, err := newProvider()
	if err != nil {
		return nil, err
	}
	options := []cel.EnvOption{
		cel.CustomTypeProvider(facts), cel.CustomTypeAdapter(facts.Registry),
		cel.ClearMacros(), cel.Macros(cel.AllMacro, cel.ExistsMacro, cel.ExistsOneMacro),
		cel.CrossTypeNumericComparisons(true), cel.HomogeneousAggregateLiterals(),
		cel.ASTValidators(cel.ValidateHomogeneousAggregateLiterals()),
		cel.ParserExpressionSizeLimit(maxConditionCharacters), cel.ExpressionNodeLimit(maxConditionNodes),
		cel.ParserRecursionLimit(50), cel.RegexProgramSizeLimit(1_000),
	}
	for _, group := range groupNames() {
		options = append(options, cel.Variable(group, cel.ObjectType(groupTypeName(group))))
	}
	return cel.NewEnv(append(options, questionOptions()...)...)
})

// newConditions returns a compiler for conditions that may ask about these lists.
func newConditions(lists []list) (*conditions, error) {
	base, err := baseEnvironment()
	if err != nil {
		return nil, fmt.Errorf("prepare conditions: %w", err)
	}
	c := &conditions{inquiry: newInquiry(lists)}
	if c.env, err = base.Extend(cel.Macros(c.macros()...)); err != nil {
		return nil, fmt.Errorf("prepare conditions: %w", err)
	}
	return c, nil
}

// compile compiles one condition. Positions in the faults are relative to the source: lines and columns from
// 1.
func (c *conditions) compile(source string) (condition, []Fault) {
	c.asked = nil
	if n := utf8.RuneCountInString(source); n > maxConditionCharacters {
		line, column := positionAt(source, maxConditionCharacters)
		return condition{}, []Fault{{Line: line, Column: column,
			Message: fmt.Sprintf("a condition has at most %d characters, and this one has %d: it passes the limit here", maxConditionCharacters, n),
			Hint:    "Words belong into a list, where thousands cost nothing."}}
	}
	parsed, issues := c.env.Parse(source)
	if errs := issues.Errors(); len(errs) > 0 { // issues.Err would repeat the whole source for each
		return condition{}, translate(source, errs)
	}
	if faults := checkShape(source, parsed.NativeRep()); len(faults) > 0 {
		return condition{}, faults
	}
	checked, issues := c.env.Check(parsed)
	if errs := issues.Errors(); len(errs) > 0 {
		return condition{}, translate(source, errs)
	}
	if checked.OutputType() != cel.BoolType {
		return condition{}, []Fault{{Line: 1, Column: 1,
			Message: fmt.Sprintf("a condition says yes or no, but this one gives %s", typeWords(checked.OutputType().String())),
			Hint:    "Compare it with something."}}
	}
	asked := slices.Compact(slices.Sorted(slices.Values(c.asked)))
	compiled := condition{facts: factsIn(checked.NativeRep()), asked: asked}
	if fault, wrong := checkUnknowns(compiled.facts); wrong {
		return condition{}, []Fault{fault}
	}
	estimate, err := c.env.EstimateCost(checked, estimator{})
	if err != nil || estimate.Max > maxConditionCost {
		return condition{}, []Fault{{Line: 1, Column: 1,
			Message: fmt.Sprintf("this condition can take too long: up to %s steps, and %d are allowed", costWords(estimate.Max), maxConditionCost),
			Hint:    "Loops inside loops are the usual cause. Look at a count or at a list of terms instead."}}
	}
	compiled.never = c.neverTrue(checked.NativeRep().Expr(), asked)
	compiled.loops = hasLoop(checked.NativeRep())
	options := []cel.ProgramOption{cel.EvalOptions(cel.OptOptimize)}
	if compiled.loops {
		options = append(options, cel.CostLimit(maxConditionCost), cel.InterruptCheckFrequency(trackedEvery))
	}
	if compiled.program, err = c.env.Program(checked, options...); err != nil {
		return condition{}, []Fault{{Line: 1, Column: 1, Message: "this condition cannot be compiled: " + err.Error()}}
	}
	return compiled, nil
}

func costWords(units uint64) string {
	if units > 1_000_000_000 {
		return "billions of"
	}
	return fmt.Sprint(units)
}

func hasLoop(a *ast.AST) bool {
	return len(ast.MatchDescendants(ast.NavigateAST(a), ast.KindMatcher(ast.ComprehensionKind))) > 0
}

// factsIn returns the facts that a checked expression looks at, in the order of the registry.
func factsIn(a *ast.AST) []factRef {
	var found []factRef
	ast.PostOrderVisit(a.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.SelectKind {
			return
		}
		group, ok := strings.CutPrefix(a.GetType(e.AsSelect().Operand().ID()).TypeName(), groupTypeName(""))
		if f, known := findInGroup(group, e.AsSelect().FieldName()); ok && known {
			found = append(found, f)
		}
	}))
	slices.SortFunc(found, func(a, b factRef) int {
		return cmp.Or(cmp.Compare(a.entry, b.entry), cmp.Compare(a.member, b.member))
	})
	return slices.Compact(found)
}

// checkUnknowns requires that a fact which may be unknown is looked at together with the fact that says so.
func checkUnknowns(facts []factRef) (Fault, bool) {
	for _, f := range facts {
		if known, asks := f.known(); asks && !slices.Contains(facts, known) {
			return Fault{Line: 1, Column: 1,
				Message: f.path() + " may be unknown, and this condition does not ask",
				Hint:    fmt.Sprintf("Write \"%s && ...\" in front.", known.path())}, true
		}
	}
	return Fault{}, false
}

// estimator tells how large facts can be, and what questions cost. Lists are read once for all rules, so
// asking again costs next to nothing.
type estimator struct{}

// EstimateSize implements cost.Estimator.
func (estimator) EstimateSize(node cost.AstNode) *cost.SizeEstimate {
	path := node.Path()
	parts := 2
	if len(path) > 0 && familyIndex[path[0]] != nil {
		parts = 3
	}
	if len(path) < parts {
		return nil
	}
	f, known := findFact(strings.Join(path[:parts], "."))
	if !known {
		return nil
	}
	size := cost.RangedSizeEstimate(0, f.fact().limit)
	if len(path) > parts {
		size = cost.RangedSizeEstimate(0, limitDomain)
	}
	return &size
}

// EstimateCallCost implements cost.Estimator.
func (estimator) EstimateCallCost(function, _ string, _ *cost.AstNode, _ []cost.AstNode) *cost.CallEstimate {
	if !strings.HasPrefix(function, "@") {
		return nil
	}
	return &cost.CallEstimate{CostEstimate: cost.FixedCostEstimate(5)}
}

// typeWords says what CEL's name of a type means.
func typeWords(name string) string {
	switch name = strings.TrimSpace(name); name {
	case "string":
		return "a text"
	case "int", "uint":
		return "a whole number"
	case "double":
		return "a number with a fraction"
	case "bool":
		return "yes or no"
	case types.NewListType(types.StringType).String():
		return "a list of texts"
	case "int list", "list(int)":
		return "a list of whole numbers"
	}
	if group, ok := strings.CutPrefix(name, groupTypeName("")); ok {
		return "the group of facts " + group
	}
	return name
}

// checkShape refuses what would escape the checks of types and costs, and regular expressions that cannot be
// used.
func checkShape(source string, a *ast.AST) []Fault {
	var faults []Fault
	refuse := func(at common.Location, message, hint string) {
		faults = append(faults, Fault{Line: at.Line(), Column: at.Column() + 1, Message: message, Hint: hint})
	}
	ast.PostOrderVisit(a.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		at := a.SourceInfo().GetStartLocation(e.ID())
		switch {
		case e.Kind() == ast.StructKind:
			refuse(at, "a condition cannot make facts", "Compare the facts that are there.")
		case e.Kind() != ast.CallKind:
		case e.AsCall().FunctionName() == "dyn":
			at = common.NewLocation(at.Line(), max(0, at.Column()-len("dyn"))) // the place of a call is its bracket
			refuse(at, "dyn is not available: types are checked when a ruleset is saved", "Leave it out.")
		case e.AsCall().FunctionName() == "matches" && len(e.AsCall().Args()) > 0:
			faults = append(faults, checkMatches(source, a, e.AsCall().Args())...)
		}
	}))
	return faults
}

// checkMatches says why matches cannot use the expression that it is given as its last argument, and where
// the part of it stands that is to blame.
func checkMatches(source string, a *ast.AST, args []ast.Expr) []Fault {
	last := args[len(args)-1]
	at := a.SourceInfo().GetStartLocation(last.ID())
	f := Fault{Line: at.Line(), Column: at.Column() + 1}
	if last.Kind() != ast.LiteralKind {
		f.Message = "the expression that matches is given must be written out in quotation marks"
		return []Fault{f}
	}
	pattern, isText := last.AsLiteral().(types.String)
	if !isText {
		return nil // the check of types says so
	}
	_, err := regex.Compile(string(pattern))
	var refused *regex.Error
	if !errors.As(err, &refused) {
		return nil
	}
	f.Message, f.Hint = refused.Reason, refused.Hint
	runes := []rune(source)
	literal, _, _ := strings.Cut(string(runes[offsetOf(runes, at):]), "\n")
	// A part with escapes is written in another way than it is meant; the whole literal is named then.
	if before, _, found := strings.Cut(literal, refused.Part); found && refused.Part != "" {
		f.Column += len([]rune(before))
	}
	return []Fault{f}
}
