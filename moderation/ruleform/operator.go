package ruleform

import "slices"

// Op says how a fact is compared.
type Op string

// The operators.
const (
	OpIs          Op = "is" // of yes and no, and of texts
	OpIsNot       Op = "is_not"
	OpLess        Op = "less"
	OpAtMost      Op = "at_most"
	OpMore        Op = "more"
	OpAtLeast     Op = "at_least"
	OpEqual       Op = "equal"
	OpDiffers     Op = "differs"
	OpBetween     Op = "between"
	OpEmpty       Op = "empty"
	OpGiven       Op = "given"
	OpContains    Op = "contains"
	OpLacks       Op = "lacks"
	OpStarts      Op = "starts"
	OpEnds        Op = "ends"
	OpMatches     Op = "matches"
	OpOneOf       Op = "one_of"
	OpNoneOf      Op = "none_of"
	OpIncludes    Op = "includes"
	OpExcludes    Op = "excludes"
	OpAnyContains Op = "any_contains"
	OpAnyStarts   Op = "any_starts"
	OpAnyEnds     Op = "any_ends"
)

// shape is the type of a fact, which determines how it can be compared.
type shape uint8

const (
	yesNo  shape = iota
	count        // a number of things
	amount       // a number without things, such as a score
	share        // from 0 to 1, shown in percent
	span         // a length of time: seconds, hours or days
	text
	texts
	asked // a function with a yes or no
)

var numberOps = []Op{OpLess, OpAtMost, OpMore, OpAtLeast, OpEqual, OpBetween}

// shapeOps are the operators of each shape in the order of menus; the first is the default.
var shapeOps = map[shape][]Op{
	yesNo:  {OpIs, OpIsNot},
	count:  append([]Op{OpAtLeast, OpLess, OpMore, OpAtMost, OpEqual, OpDiffers}, OpBetween),
	amount: numberOps,
	share:  {OpMore, OpLess, OpAtLeast, OpAtMost, OpBetween},
	span:   {OpLess, OpMore, OpAtLeast, OpAtMost, OpBetween},
	text:   {OpIs, OpIsNot, OpContains, OpLacks, OpStarts, OpEnds, OpMatches, OpOneOf, OpNoneOf, OpGiven, OpEmpty},
	texts:  {OpIncludes, OpExcludes, OpAnyContains, OpAnyStarts, OpAnyEnds, OpMore, OpGiven, OpEmpty},
	asked:  {OpIs, OpIsNot},
}

// Ops returns how the subject can be compared, in the order of menus; the first is the default.
func (s *Subject) Ops() []Op {
	ops := slices.Clone(shapeOps[s.shape])
	if s.asks != nil {
		ops = slices.DeleteFunc(ops, func(op Op) bool { return op == OpBetween })
	}
	return ops
}

// opLabels are the operators in words, by shape where they differ.
var opLabels = map[Op]string{
	OpIs: "is true", OpIsNot: "is not true", OpLess: "is less than", OpAtMost: "is at most", OpMore: "is more than",
	OpAtLeast: "is at least", OpEqual: "is exactly", OpDiffers: "is not", OpBetween: "is between",
	OpEmpty: "is empty", OpGiven: "is given", OpContains: "contains", OpLacks: "does not contain",
	OpStarts: "starts with", OpEnds: "ends with", OpMatches: "matches the pattern", OpOneOf: "is one of",
	OpNoneOf:   "is none of",
	OpIncludes: "include", OpExcludes: "do not include", OpAnyContains: "include one that contains",
	OpAnyStarts: "include one that starts with", OpAnyEnds: "include one that ends with",
}

// Label returns the operator in words for a subject.
func (op Op) Label(s *Subject) string {
	switch {
	case s.shape == text && op == OpIs:
		return "is"
	case s.shape == text && op == OpIsNot:
		return "is not"
	case s.shape == text && len(s.Choices) > 0 && op == OpEmpty:
		return "is not set"
	case s.shape == text && len(s.Choices) > 0 && op == OpGiven:
		return "is set"
	case s.shape == texts && op == OpMore:
		return "number more than"
	case s.shape == texts && op == OpGiven:
		return "are given"
	case s.shape == texts && op == OpEmpty:
		return "are empty"
	case s.Path == fnListed && op == OpIs:
		return "found"
	case s.Path == fnListed && op == OpIsNot:
		return "not found"
	}
	return opLabels[op]
}

// negated returns the operator that says the opposite.
func (op Op) negated() (Op, bool) {
	opposite, known := map[Op]Op{OpIs: OpIsNot, OpIsNot: OpIs, OpContains: OpLacks, OpLacks: OpContains,
		OpIncludes: OpExcludes, OpExcludes: OpIncludes, OpOneOf: OpNoneOf, OpNoneOf: OpOneOf}[op]
	return opposite, known
}

// ValueKind says what a value of a comparison is.
type ValueKind uint8

// The kinds of values.
const (
	ValueNumber ValueKind = iota
	ValueText
	ValueTexts // any number of texts, the last ones of the values
	ValueChoice
	ValueList
	ValueField // where a list looks; empty: everywhere
	ValueNetwork
)

// Values returns what values an operator of the subject takes.
func (s *Subject) Values(op Op) []ValueKind {
	kinds := s.asks
	switch op {
	case OpLess, OpAtMost, OpMore, OpAtLeast, OpEqual, OpDiffers:
		return append(append([]ValueKind{}, kinds...), ValueNumber)
	case OpBetween:
		return append(append([]ValueKind{}, kinds...), ValueNumber, ValueNumber)
	case OpEmpty, OpGiven:
		return kinds
	case OpOneOf, OpNoneOf:
		return []ValueKind{ValueTexts}
	case OpIs, OpIsNot:
		if s.shape != text {
			return kinds
		}
		if len(s.Choices) > 0 {
			return []ValueKind{ValueChoice}
		}
		return []ValueKind{ValueText}
	case OpIncludes, OpExcludes:
		if len(s.Choices) > 0 {
			return []ValueKind{ValueChoice}
		}
	}
	return []ValueKind{ValueText}
}
