package rules

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unicode"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// question is what a condition asks about a list or a network. It is settled when the condition is compiled,
// so that asking costs a look into a table.
type question struct {
	about   aspect       // what is asked about the matches of the list
	list    int32        // index of the list; -1 when a single network is meant
	other   int32        // for near: index of the second list
	words   int32        // for near: how many words may stand between
	fields  fieldSet     // where to look
	network netip.Prefix // for a single network, with list -1
}

// aspect is what a question asks about the matches of a list.
type aspect uint8

const (
	anywhere   aspect = iota // all of them
	nearOther                // those close to a match of another list
	atSomebody               // those aimed at somebody
	inQuotes                 // all of them, if they stand in quotations
	byAuthor                 // those that the author says of themselves, wishes or orders
	harmless                 // all of them, if none insults anybody
	ofPerson                 // those said of a person in the news or of a group of people
)

// The functions that conditions ask with, and what their calls become: a call with the evaluation and the
// number of the question.
const (
	askListed      = "listed"
	askListedCount = "listed_count"
	askListedShare = "listed_share"
	askInNetwork   = "in_network"
	askNear        = "near"
	askAddressed   = "addressed"
	askQuoted      = "quoted"
	askByAuthor    = "by_author"
	askHarmless    = "harmless"
	askOfPerson    = "of_person"

	answerListed  = "@listed"
	answerCount   = "@listed_count"
	answerShare   = "@listed_share"
	answerNetwork = "@in_network"
	answerChosen  = "@chosen"
)

// questionOptions declares what expanded questions call.
func questionOptions() []cel.EnvOption {
	function := func(name string, result *cel.Type, answer func(*evaluation, *question) ref.Val) cel.EnvOption {
		binding := cel.BinaryBinding(func(who, number ref.Val) ref.Val {
			e := who.(*evaluation)
			return answer(e, &e.questions[number.(types.Int)])
		})
		return cel.Function(name, cel.Overload(name, []*cel.Type{evaluationType, cel.IntType}, result, binding))
	}
	return []cel.EnvOption{
		cel.Variable(evaluationName, evaluationType),
		function(answerListed, cel.BoolType, func(e *evaluation, q *question) ref.Val {
			return types.Bool(e.listed(q) > 0)
		}),
		function(answerCount, cel.IntType, func(e *evaluation, q *question) ref.Val {
			return types.Int(e.listed(q))
		}),
		function(answerShare, cel.DoubleType, func(e *evaluation, q *question) ref.Val {
			return types.Double(e.listedShare(q))
		}),
		function(answerChosen, cel.BoolType, func(e *evaluation, q *question) ref.Val {
			return types.Bool(len(e.chosen(q)) > 0)
		}),
		function(answerNetwork, cel.BoolType, func(e *evaluation, q *question) ref.Val {
			return types.Bool(e.inNetwork(q))
		}),
	}
}

// inquiry turns the calls that ask about lists and networks into numbered questions, while conditions are
// parsed.
type inquiry struct {
	lists     []list
	byID      map[string]int32 // index of the first list with that id
	questions []question
	numbers   map[question]int // question numbers
	used      []bool           // by list
	asked     []int            // the questions of the current condition
}

func newInquiry(lists []list) inquiry {
	in := inquiry{lists: lists, byID: map[string]int32{}, numbers: map[question]int{}, used: make([]bool, len(lists))}
	for i, l := range lists {
		if _, twice := in.byID[l.id]; !twice {
			in.byID[l.id] = int32(i)
		}
	}
	return in
}

// macros returns the expansions, to be added to an environment.
func (in *inquiry) macros() []cel.Macro {
	return []cel.Macro{
		cel.GlobalVarArgMacro(askListed, in.expandListed(askListed, answerListed)),
		cel.GlobalVarArgMacro(askListedCount, in.expandListed(askListedCount, answerCount)),
		cel.GlobalVarArgMacro(askListedShare, in.expandListed(askListedShare, answerShare)),
		cel.GlobalVarArgMacro(askInNetwork, in.expandNetwork),
		cel.GlobalVarArgMacro(askNear, in.expandNear),
		cel.GlobalVarArgMacro(askAddressed, in.expandChosen(askAddressed, atSomebody)),
		cel.GlobalVarArgMacro(askQuoted, in.expandChosen(askQuoted, inQuotes)),
		cel.GlobalVarArgMacro(askByAuthor, in.expandChosen(askByAuthor, byAuthor)),
		cel.GlobalVarArgMacro(askHarmless, in.expandChosen(askHarmless, harmless)),
		cel.GlobalVarArgMacro(askOfPerson, in.expandChosen(askOfPerson, ofPerson)),
	}
}

// add numbers a question and returns the call that asks it.
func (in *inquiry) add(eh cel.MacroExprFactory, answer string, q question) ast.Expr {
	number, known := in.numbers[q]
	if !known {
		number = len(in.questions)
		in.questions, in.numbers[q] = append(in.questions, q), number
	}
	in.asked = append(in.asked, number)
	return eh.NewCall(answer, eh.NewIdent(evaluationName), eh.NewLiteral(types.Int(number)))
}

func (in *inquiry) expandListed(name, answer string) cel.MacroFactory {
	return func(eh cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
		literals, err := literalStrings(eh, name, args)
		if err != nil {
			return nil, err
		}
		i, err := in.findList(eh, args[0], literals[0])
		if err != nil {
			return nil, err
		}
		l := in.lists[i]
		fields := l.fields
		if len(literals) > 1 {
			fields = 0
		}
		for n, literal := range literals[1:] {
			f := fieldNamed(literal)
			if f == noField || !l.fields.has(f) {
				hint := "It looks into " + strings.Join(l.fields.names(), ", ") + "."
				if f == noField {
					hint = didYouMean(literal, l.fields.names(), hint)
				}
				return nil, eh.NewError(args[n+1].ID(),
					faultText(fmt.Sprintf("the list %q does not look into %q", l.id, literal), hint))
			}
			fields |= setOf(f)
		}
		return in.add(eh, answer, question{list: i, fields: fields}), nil
	}
}

func (in *inquiry) expandNetwork(eh cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
	literals, err := literalStrings(eh, askInNetwork, args)
	if err != nil {
		return nil, err
	}
	if len(args) > 1 {
		return nil, eh.NewError(args[1].ID(), faultText("in_network takes one network or the name of one list", ""))
	}
	if strings.ContainsAny(literals[0], ".:/") {
		network, p := parseNetwork(literals[0])
		if p != (problem{}) {
			return nil, eh.NewError(args[0].ID(), faultText(p.message, p.hint))
		}
		return in.add(eh, answerNetwork, question{list: -1, network: network}), nil
	}
	i, err := in.findList(eh, args[0], literals[0])
	if err != nil {
		return nil, err
	}
	if in.lists[i].mode.engine != networkEngine {
		return nil, eh.NewError(args[0].ID(), faultText(fmt.Sprintf("the list %q is of mode %s, not of mode cidr", in.lists[i].id, in.lists[i].mode.name),
			"Ask listed(...) about it."))
	}
	return in.add(eh, answerListed, question{list: i, fields: setOf(addressField)}), nil
}

func (in *inquiry) findList(eh cel.MacroExprFactory, arg ast.Expr, id string) (int32, *common.Error) {
	i, known := in.byID[id]
	if !known {
		ids := make([]string, len(in.lists))
		for n, l := range in.lists {
			ids[n] = l.id
		}
		return 0, eh.NewError(arg.ID(),
			faultText(fmt.Sprintf("there is no list %q", id), didYouMean(id, ids, "Add it under lists.")))
	}
	in.used[i] = true
	return i, nil
}

// literalStrings requires at least one argument, and all of them written out.
func literalStrings(eh cel.MacroExprFactory, name string, args []ast.Expr) ([]string, *common.Error) {
	if len(args) == 0 {
		return nil, common.NewError(0, faultText(name+" needs to be told what to look into",
			fmt.Sprintf("Write %s(\"...\").", name)), nil)
	}
	literals := make([]string, len(args))
	for i, arg := range args {
		s, ok := "", arg.Kind() == ast.LiteralKind
		if ok {
			var str types.String
			str, ok = arg.AsLiteral().(types.String)
			s = string(str)
		}
		if !ok {
			return nil, eh.NewError(arg.ID(),
				faultText(name+" takes names in quotation marks, so that they can be checked now", ""))
		}
		literals[i] = s
	}
	return literals, nil
}

// listedShare returns the share of a field that the matches of the list cover, from 0 to 1, in the field
// where it is largest; white space does not count. If there are more than maxSpans matches, it extrapolates
// from those kept.
func (e *evaluation) listedShare(q *question) float64 {
	if e.listed(q) == 0 {
		return 0
	}
	share := 0.0
	for f := range q.fields.all {
		n := e.counts[countIndex(q.list, f)]
		if n == 0 || !f.quotable() {
			continue
		}
		written := e.written(f)
		if e.matcher.lists[q.list].mode.engine == domainEngine {
			written = e.asWritten(f)
		}
		covered := float64(e.covered(q.list, f, written)) * float64(max(n, maxSpans)) / maxSpans
		share = max(share, covered/float64(shown(written)))
	}
	return min(share, 1)
}

// covered counts the characters of a field, without white space, that lie in matches of the list.
func (e *evaluation) covered(list int32, f field, written string) int {
	var found []match
	for _, m := range e.matches {
		if m.list == list && m.field == f {
			found = append(found, m)
		}
	}
	slices.SortFunc(found, func(a, b match) int { return cmp.Compare(a.start, b.start) })
	characters, reached := 0, 0
	for _, m := range found {
		if m.end > reached {
			characters += shown(written[max(m.start, reached):m.end])
			reached = m.end
		}
	}
	return characters
}

// shown counts the characters of s that are not white space.
func shown(s string) int {
	n := 0
	for _, r := range s {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}
