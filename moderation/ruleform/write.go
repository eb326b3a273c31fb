package ruleform

import (
	"strconv"
	"strings"
)

var numberSigns = map[Op]string{OpLess: "<", OpAtMost: "<=", OpMore: ">", OpAtLeast: ">=", OpEqual: "==", OpDiffers: "!="}

var memberNames = map[Op]string{OpContains: "contains", OpLacks: "contains", OpStarts: "startsWith", OpEnds: "endsWith",
	OpMatches: "matches", OpAnyContains: "contains", OpAnyStarts: "startsWith", OpAnyEnds: "endsWith"}

// value returns a value of the comparison; empty if there is none.
func (c Condition) value(i int) string {
	if i < len(c.Values) {
		return c.Values[i]
	}
	return ""
}

// comparison returns the comparison as CEL.
func (c Condition) comparison() string {
	s := FindSubject(c.Fact)
	if s == nil {
		return "true"
	}
	quoted, left, number := strconv.Quote(c.value(0)), c.Fact, c.value(0)
	switch s.shape {
	case asked:
		return c.negation() + c.function(s)
	case share, count:
		if s.asks != nil {
			left, number = c.Fact+"("+quoted+")", c.value(1)
		}
	case texts:
		left += ".size()"
	}
	switch c.Op {
	case OpLess, OpAtMost, OpMore, OpAtLeast, OpEqual, OpDiffers:
		return left + " " + numberSigns[c.Op] + " " + number
	case OpBetween:
		return left + " >= " + c.value(0) + " && " + left + " <= " + c.value(1)
	}
	return c.textual(s, quoted)
}

// negation is the sign before comparisons that say the opposite.
func (c Condition) negation() string {
	switch c.Op {
	case OpIsNot, OpLacks, OpExcludes:
		return "!"
	}
	return ""
}

func (c Condition) function(s *Subject) string {
	var args []string
	for i, kind := range s.asks {
		switch value := c.value(i); {
		case kind == ValueField && value == "":
		case kind == ValueNumber:
			args = append(args, value)
		default:
			args = append(args, strconv.Quote(value))
		}
	}
	return c.Fact + "(" + strings.Join(args, ", ") + ")"
}

// textual returns a comparison of a boolean or of texts.
func (c Condition) textual(s *Subject, quoted string) string {
	switch c.Op {
	case OpIs, OpIsNot:
		if s.shape == yesNo {
			return c.negation() + c.Fact
		}
		if c.Op == OpIs {
			return c.Fact + " == " + quoted
		}
		return c.Fact + " != " + quoted
	case OpEmpty, OpGiven:
		if s.shape == texts {
			return c.Fact + ".size()" + map[Op]string{OpEmpty: " == 0", OpGiven: " > 0"}[c.Op]
		}
		return c.Fact + map[Op]string{OpEmpty: ` == ""`, OpGiven: ` != ""`}[c.Op]
	case OpOneOf, OpNoneOf:
		all := make([]string, len(c.Values))
		for i, value := range c.Values {
			all[i] = strconv.Quote(value)
		}
		in := c.Fact + " in [" + strings.Join(all, ", ") + "]"
		if c.Op == OpNoneOf {
			return "!(" + in + ")"
		}
		return in
	case OpIncludes:
		return quoted + " in " + c.Fact
	case OpExcludes:
		return "!(" + quoted + " in " + c.Fact + ")"
	case OpAnyContains, OpAnyStarts, OpAnyEnds:
		return c.Fact + ".exists(v, v." + memberNames[c.Op] + "(" + quoted + "))"
	}
	return c.negation() + c.Fact + "." + memberNames[c.Op] + "(" + quoted + ")"
}
