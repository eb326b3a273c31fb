package rules

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
)

// maxNearWords is the most words that may stand between two matches that are near each other.
const maxNearWords = 100

// chosen returns the matches of a question's list that the question is about. They are among the first
// maxSpans of the list in each field.
func (e *evaluation) chosen(q *question) []match {
	if q.list < 0 || e.listed(q) == 0 {
		return nil
	}
	if q.about == nearOther && e.listed(&question{list: q.other, fields: q.fields}) == 0 {
		return nil
	}
	if q.about == anywhere {
		return e.allOf(q)
	}
	if found, known := e.picked[q]; known {
		return found
	}
	if e.picked == nil {
		e.picked = map[*question][]match{}
	}
	e.picked[q] = e.choose(q)
	return e.picked[q]
}

func (e *evaluation) choose(q *question) []match {
	switch q.about {
	case nearOther:
		return e.near(q)
	case atSomebody:
		return e.addressed(q)
	case inQuotes:
		return e.allQuoted(q)
	case byAuthor:
		return e.byAuthored(q)
	case harmless:
		return e.allHarmless(q)
	case ofPerson:
		return e.ofPerson(q)
	}
	return nil
}

// allOf returns the kept matches of a question's list in its fields.
func (e *evaluation) allOf(q *question) []match {
	var found []match
	for _, m := range e.matches {
		if m.list == q.list && q.fields.has(m.field) {
			found = append(found, m)
		}
	}
	return found
}

// expandChosen returns the expansion of a question about the matches of one list in the body.
func (in *inquiry) expandChosen(name string, about aspect) cel.MacroFactory {
	return func(eh cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
		literals, err := literalStrings(eh, name, args)
		if err != nil {
			return nil, err
		}
		if len(args) > 1 {
			return nil, eh.NewError(args[1].ID(), faultText(name+" takes the name of one list", "It looks into the body only."))
		}
		i, err := in.findBodyList(eh, args[0], literals[0])
		if err != nil {
			return nil, err
		}
		return in.add(eh, answerChosen, question{about: about, list: i, fields: setOf(bodyField)}), nil
	}
}

func (in *inquiry) expandNear(eh cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
	usage := faultText(askNear+" takes the names of two lists and a number of words",
		fmt.Sprintf("Write %s(\"one\", \"other\", 3).", askNear))
	if len(args) != 3 {
		return nil, common.NewError(0, usage, nil)
	}
	literals, err := literalStrings(eh, askNear, args[:2])
	if err != nil {
		return nil, err
	}
	words, isNumber := types.Int(0), args[2].Kind() == ast.LiteralKind
	if isNumber {
		words, isNumber = args[2].AsLiteral().(types.Int)
	}
	if !isNumber || words < 0 || words > maxNearWords {
		return nil, eh.NewError(args[2].ID(), faultText(
			fmt.Sprintf("the number of words between must be a whole number from 0 to %d", maxNearWords), ""))
	}
	first, err := in.findBodyList(eh, args[0], literals[0])
	if err != nil {
		return nil, err
	}
	second, err := in.findBodyList(eh, args[1], literals[1])
	if err != nil {
		return nil, err
	}
	return in.add(eh, answerChosen, question{
		about: nearOther, list: first, other: second, words: int32(words), fields: setOf(bodyField),
	}), nil
}

// findBodyList is findList for a list that looks into the body.
func (in *inquiry) findBodyList(eh cel.MacroExprFactory, arg ast.Expr, id string) (int32, *common.Error) {
	i, err := in.findList(eh, arg, id)
	if err == nil && !in.lists[i].fields.has(bodyField) {
		return 0, eh.NewError(arg.ID(), faultText(fmt.Sprintf("the list %q does not look into the body", id),
			"It looks into "+strings.Join(in.lists[i].fields.names(), ", ")+"."))
	}
	return i, err
}

// near returns the matches of two lists that stand in the body with at most that many words between them. It
// takes n log n in the matches: each needs to be compared only with its nearest neighbour on either side.
func (e *evaluation) near(q *question) []match {
	s := e.speech()
	first, second := e.inBody(q.list), e.inBody(q.other)
	found := append(s.closeTo(first, second, int(q.words)), s.closeTo(second, first, int(q.words))...)
	slices.SortFunc(found, func(a, b match) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end), cmp.Compare(a.list, b.list))
	})
	return slices.Compact(found)
}

// closeTo returns each match that has one of the others close behind it, with that other one. The others are
// in order. Two that overlap are one thing, not two beside each other.
func (s *speech) closeTo(matches, others []match, words int) []match {
	var found []match
	for _, m := range matches {
		n := sort.Search(len(others), func(i int) bool { return others[i].start >= m.end })
		if n < len(others) && s.extentOf(others[n]).first-s.extentOf(m).last-1 <= words {
			found = append(found, m, others[n])
		}
	}
	return found
}
