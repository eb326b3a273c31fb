package rules

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
)

// The limits of one regular expression. Its steps are what it is compiled to, about: a{1,50} are 100 of them.
const (
	maxRegexBytes = 1_000
	maxRegexSteps = 5_000
)

// regexProblem is what is wrong with a regular expression.
type regexProblem struct {
	problem
	part string // of the expression, to which RE2 objects; empty for all of it
}

// compileRegex compiles an expression of RE2 syntax that costs no more than one may.
func compileRegex(raw string) (*regexp.Regexp, regexProblem) {
	if len(raw) > maxRegexBytes {
		return nil, regexProblem{problem: problem{
			fmt.Sprintf("a regular expression has at most %d bytes; this one has %d", maxRegexBytes, len(raw)),
			"Words belong into a list of mode word, where thousands cost nothing."}}
	}
	parsed, err := syntax.Parse(raw, syntax.Perl)
	var refused *syntax.Error
	if errors.As(err, &refused) {
		return nil, regexProblem{part: refused.Expr, problem: problem{
			fmt.Sprintf("this is no regular expression of RE2 syntax: %s: `%s`", refused.Code, refused.Expr),
			regexHint(refused.Code),
		}}
	}
	if err == nil && regexSteps(parsed) > maxRegexSteps {
		return nil, regexProblem{problem: problem{
			fmt.Sprintf("this regular expression is too large: written out without repetitions it has more than %d parts",
				maxRegexSteps),
			"Write + or * instead of large numbers of repetitions.",
		}}
	}
	re, err := regexp.Compile(raw)
	if err != nil {
		return nil, regexProblem{problem: problem{"this is no regular expression of RE2 syntax: " + err.Error(), ""}}
	}
	return re, regexProblem{}
}

func regexHint(code syntax.ErrorCode) string {
	switch code {
	case syntax.ErrInvalidPerlOp, syntax.ErrMissingRepeatArgument:
		return "Look-around and back-references do not exist there; what is meant as itself needs a \\ in front."
	case syntax.ErrInvalidEscape:
		return "Back-references and some escapes of other dialects do not exist there."
	case syntax.ErrInvalidRepeatSize, syntax.ErrLarge, syntax.ErrNestingDepth:
		return "Write + or * instead of large numbers of repetitions."
	case syntax.ErrMissingParen, syntax.ErrUnexpectedParen:
		return "Every ( needs its ); one that is meant as itself is written \\( or \\)."
	case syntax.ErrMissingBracket:
		return "Every [ needs its ]; one that is meant as itself is written \\[."
	}
	return ""
}

// regexSteps estimates how much an expression becomes when it is compiled: its parts as often as they are
// repeated, character classes by their ranges.
func regexSteps(re *syntax.Regexp) int {
	steps := 1
	if re.Op == syntax.OpLiteral {
		steps = len(re.Rune)
	}
	if re.Op == syntax.OpCharClass {
		steps = 1 + len(re.Rune)/16
	}
	for _, part := range re.Sub {
		steps += regexSteps(part)
	}
	if re.Op == syntax.OpRepeat {
		steps *= max(1, re.Min, re.Max)
	}
	return min(steps, 1_000_000_000)
}
