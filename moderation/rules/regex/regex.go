package regex

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
)

// The limits of one expression. Its steps are about what it is compiled to: a{1,50} has 50 of them.
const (
	maxBytes = 1_000
	maxSteps = 5_000
)

// Regex is a compiled expression. It is safe for concurrent use.
type Regex struct {
	re       *regexp.Regexp
	required *byteSet // every match has one of these bytes; nil: unknown
	steps    int
}

// Error says what is wrong with an expression.
type Error struct {
	Reason string // a clause without a full stop
	Hint   string // how to mend it, a sentence; may be empty
	Part   string // the part of the expression that RE2 rejects; empty: all of it
}

// Error implements error.
func (e *Error) Error() string { return e.Reason }

// Compile compiles an expression in RE2 syntax. Errors: *Error, also for one that is too large.
func Compile(raw string) (*Regex, error) {
	if len(raw) > maxBytes {
		return nil, &Error{
			Reason: fmt.Sprintf("a regular expression has at most %d bytes; this one has %d", maxBytes, len(raw)),
			Hint:   "Words belong into a list of mode word, where thousands cost nothing."}
	}
	parsed, err := syntax.Parse(raw, syntax.Perl)
	if err != nil {
		return nil, explain(err)
	}
	steps := stepsOf(parsed)
	if steps > maxSteps {
		return nil, &Error{
			Reason: fmt.Sprintf("this regular expression is too large: written out without repetitions it has more "+
				"than %d parts", maxSteps),
			Hint: "Write + or * instead of large numbers of repetitions."}
	}
	re, err := regexp.Compile(raw)
	if err != nil {
		return nil, explain(err)
	}
	return &Regex{re: re, required: requiredBytes(parsed), steps: steps}, nil
}

// MustCompile is Compile for an expression that was compiled before. It panics if it can't.
func MustCompile(raw string) *Regex {
	r, err := Compile(raw)
	if err != nil {
		panic(err)
	}
	return r
}

func explain(err error) *Error {
	const reason = "this is no regular expression of RE2 syntax: "
	var refused *syntax.Error
	if !errors.As(err, &refused) {
		return &Error{Reason: reason + err.Error()}
	}
	return &Error{Reason: fmt.Sprintf("%s%s: `%s`", reason, refused.Code, refused.Expr), Hint: hint(refused.Code),
		Part: refused.Expr}
}

func hint(code syntax.ErrorCode) string {
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

// Steps returns the size of the compiled expression, at least 1.
func (r *Regex) Steps() int { return r.steps }

// MatchesEmpty reports whether the expression matches the empty text.
func (r *Regex) MatchesEmpty() bool { return r.re.MatchString("") }

// FindAll returns the start and end of every match in s, in bytes; nil if there is none.
func (r *Regex) FindAll(s string) [][]int {
	if r.required != nil && !r.required.in(s) {
		return nil
	}
	return r.re.FindAllStringIndex(s, -1)
}

// stepsOf estimates how much an expression becomes when it is compiled: its parts as often as they are
// repeated, character classes by their ranges.
func stepsOf(re *syntax.Regexp) int {
	steps := 1
	if re.Op == syntax.OpLiteral {
		steps = len(re.Rune)
	}
	if re.Op == syntax.OpCharClass {
		steps = 1 + len(re.Rune)/16
	}
	for _, part := range re.Sub {
		steps += stepsOf(part)
	}
	if re.Op == syntax.OpRepeat {
		steps *= max(1, re.Min, re.Max)
	}
	return min(steps, 1_000_000_000)
}
