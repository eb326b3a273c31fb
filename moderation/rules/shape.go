package rules

import (
	"strings"

	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
)

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
	_, p := compileRegex(string(pattern))
	if p.problem == (problem{}) {
		return nil
	}
	f.Message, f.Hint = p.message, p.hint
	runes := []rune(source)
	literal, _, _ := strings.Cut(string(runes[offsetOf(runes, at):]), "\n")
	// A part with escapes is written in another way than it is meant; the whole literal is named then.
	if before, _, found := strings.Cut(literal, p.part); found && p.part != "" {
		f.Column += len([]rune(before))
	}
	return []Fault{f}
}
