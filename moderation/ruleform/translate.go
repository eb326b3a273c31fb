package ruleform

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"rejoinder/moderation/rules"
)

// Words translates the texts of sentences from English.
type Words interface {
	T(english string, values ...any) string
	N(one, many string, n int, values ...any) string
	Number(n int) string
	Decimal(n float64, digits int) string
	Percent(share float64, digits int) string
}

// Sentences in other languages than English are put together from translated parts, each on its own: "Hold if:
// Approved comments of the commenter: is less than 1". So a language needs no more than the parts.
const (
	ifPattern       = "{0} if: {1}"
	alwaysPattern   = "{0}: every comment"
	riskPattern     = "Add {0} to the risk"
	nonePattern     = "none of these is true: {0}"
	betweenPattern  = "between {0} and {1}"
	unquotedPattern = "{0}, not only quoted"
)

var actionTexts = map[rules.Action]string{rules.Approve: "Publish", rules.Hold: "Hold", rules.Reject: "Reject",
	rules.Spam: "Mark as spam"}

// topics are the labels of subjects with a list, for sentences that name the list.
var topics = map[string]string{fnShare: "Share of the text from {0}", fnCount: "Number of terms from {0}"}

var fieldPhrases = map[string]string{"body": "in the text", "author_name": "in the name",
	"author_url": "in the website", "author_email": "in the email", "address": "in the IP address"}

// spanUnits are the units of spans, for one and for several.
var spanUnits = map[string][2]string{"hours": {"%d hour", "%d hours"}, "days": {"%d day", "%d days"},
	"seconds": {"%d second", "%d seconds"}}

// SentenceIn is Sentence in another language. It is English if the language has no sentences.
func SentenceIn(words Words, action rules.Action, score float64, c Condition) (sentence []Part, ok bool) {
	if words.T(ifPattern) == ifPattern {
		return Sentence(action, score, c)
	}
	t := translator{words: words}
	act := func() { t.action(action, score) }
	if c.always() {
		t.fill(alwaysPattern, act)
		return t.parts, true
	}
	t.fill(ifPattern, act, func() { t.condition(c, false) })
	return t.parts, !t.lost
}

// ConditionText returns a condition in words; empty if it is true of every comment.
func ConditionText(words Words, c Condition) string {
	if c.always() {
		return ""
	}
	if words.T(ifPattern) == ifPattern {
		sentence, _ := Sentence(rules.Hold, 0, c)
		_, condition, _ := strings.Cut(Plain(sentence), " if ")
		return condition
	}
	t := translator{words: words}
	t.condition(c, false)
	return Plain(t.parts)
}

func (c Condition) always() bool { return c.IsGroup() && len(c.Items) == 0 }

// LabelIn returns the label of the subject in a language.
func (s *Subject) LabelIn(words Words) string {
	return s.in(words, func(s *Subject) string { return s.Label })
}

// WhatIn returns the documentation of the subject in a language.
func (s *Subject) WhatIn(words Words) string {
	return s.in(words, func(s *Subject) string { return s.What })
}

// in translates a text of the subject. The texts of a family are translated with a variable for the member.
func (s *Subject) in(words Words, text func(*Subject) string) string {
	if s.family == nil {
		return words.T(text(s))
	}
	return strings.ReplaceAll(words.T(text(s.family)), memberVariable, s.member)
}

// translator writes a sentence in another language than English.
type translator struct {
	writer
	words Words
}

// fill returns a pattern with the results of the functions in the place of {0} and {1}.
func (t *translator) fill(pattern string, values ...func()) { t.fillIn(t.words.T(pattern), values...) }

func (t *translator) fillIn(text string, values ...func()) {
	for text != "" {
		before, rest, found := strings.Cut(text, "{")
		t.say(before)
		if !found {
			return
		}
		number, after, _ := strings.Cut(rest, "}")
		if i, err := strconv.Atoi(number); err == nil && i < len(values) {
			values[i]()
		}
		text = after
	}
}

func (t *translator) action(action rules.Action, score float64) {
	if text, known := actionTexts[action]; known {
		t.strong(t.words.T(text))
		return
	}
	t.fill(riskPattern, func() { t.strong(numberIn(t.words, score)) })
}

// condition phrases a condition. nested: beside others, so that a group needs parentheses.
func (t *translator) condition(c Condition, nested bool) {
	switch {
	case c.IsText():
		t.lost = true
	case !c.IsGroup():
		t.comparison(c, FindSubject(c.Fact))
	case nested && (c.Join == None || len(implied(c.Items, c.Join)) > 1):
		t.say("(")
		t.group(c)
		t.say(")")
	default:
		t.group(c)
	}
}

func (t *translator) group(c Condition) {
	between := "or"
	if c.Join == All {
		between = "and"
	}
	items := implied(c.Items, c.Join)
	list := func() {
		for i, item := range items {
			if i > 0 {
				t.say(" " + t.words.T(between) + " ")
			}
			t.condition(item, len(items) > 1)
		}
	}
	if c.Join == None {
		t.fill(nonePattern, list)
		return
	}
	list()
}

func (t *translator) comparison(c Condition, s *Subject) {
	switch {
	case s == nil:
		t.lost = true
	case s.shape == yesNo || s.shape == asked:
		t.clause(c, s)
	case s.shape == text || s.shape == texts:
		t.say(s.LabelIn(t.words) + ": ")
		t.text(c, s)
	default:
		if topic, named := topics[c.Fact]; named {
			t.fill(topic, t.values(c, s)...)
		} else {
			t.say(s.LabelIn(t.words))
		}
		t.say(": ")
		t.number(c, s)
	}
}

// clause phrases that something is so, or not.
func (t *translator) clause(c Condition, s *Subject) {
	clause := s.in(t.words, func(s *Subject) string {
		if c.Op == OpIsNot {
			return s.no
		}
		return s.yes
	})
	say := func() { t.fillIn(clause, t.values(c, s)...) }
	if c.Fact == fnListed && c.value(2) == onlyQuoted {
		t.fill(unquotedPattern, say)
	} else {
		say()
	}
	if c.Fact == fnListed && c.value(1) != "" {
		t.say(" (" + t.words.T(fieldPhrases[c.value(1)]) + ")")
	}
}

// values phrases the values that the subject takes.
func (t *translator) values(c Condition, s *Subject) []func() {
	says := make([]func(), len(s.asks))
	for i, kind := range s.asks {
		says[i] = func() {
			value := c.value(i)
			switch {
			case kind == ValueList && value == "": // none is chosen yet
				t.strong("…")
			case kind == ValueList:
				t.strong(t.words.T("“%s”", ListName(value)))
			default:
				t.strong(value)
			}
		}
	}
	return says
}

// number phrases the comparison of a number.
func (t *translator) number(c Condition, s *Subject) {
	at := len(s.asks)
	op, least := c.Op, c.value(at)
	if s.shape == count && op == OpMore && least == "0" { // "more than 0" is the usual condition, and odd to read
		op, least = OpAtLeast, "1"
	}
	first := func() { t.strong(s.amountIn(t.words, least)) }
	if c.Op == OpBetween {
		t.fill(betweenPattern, first, func() { t.strong(s.amountIn(t.words, c.value(at+1))) })
		return
	}
	t.say(t.words.T(op.Label(s)) + " ")
	first()
}

// text phrases the comparison of one text or several.
func (t *translator) text(c Condition, s *Subject) {
	chosen := len(s.Choices) > 0 && c.Op == OpIncludes
	if c.Op != OpIs && !chosen {
		t.say(t.words.T(c.Op.Label(s)))
	}
	for i, value := range c.Values {
		switch {
		case i > 0:
			t.say(", ")
		case c.Op != OpIs && !chosen:
			t.say(" ")
		}
		if c.Op == OpMore {
			t.strong(value)
		} else {
			t.strong(s.choiceIn(t.words, value))
		}
	}
}

// choiceIn is choiceLabel in a language.
func (s *Subject) choiceIn(words Words, value string) string {
	label := s.choiceLabel(value)
	bare := strings.Trim(label, "“”")
	known := slices.ContainsFunc(s.Choices, func(c Choice) bool { return c.Value == value })
	if known {
		bare = words.T(bare)
	}
	if known && !strings.HasPrefix(label, "“") {
		return bare
	}
	return words.T("“%s”", bare)
}

// amountIn returns a number with its unit, if it has one.
func (s *Subject) amountIn(words Words, number string) string {
	value, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return number
	}
	switch s.shape {
	case share:
		return words.Percent(value, decimalPlaces(Percent(number)))
	case span:
		unit := s.one
		if unit == "hours" && value >= 48 && math.Mod(value, 24) == 0 {
			unit, value = "days", value/24
		}
		forms, known := spanUnits[unit]
		if known && value == math.Trunc(value) {
			return words.N(forms[0], forms[1], int(value))
		}
		return numberIn(words, value) + " " + words.T(unit)
	}
	return numberIn(words, value)
}

// numberIn writes a number with as many decimal places as it has.
func numberIn(words Words, value float64) string {
	if value == math.Trunc(value) {
		return words.Number(int(value))
	}
	return words.Decimal(value, decimalPlaces(strconv.FormatFloat(value, 'f', -1, 64)))
}

// decimalPlaces returns how many digits a number has after its decimal point.
func decimalPlaces(number string) int {
	_, digits, _ := strings.Cut(number, ".")
	return len(digits)
}

// Texts returns what a language translates, in English: the parts of sentences and the menus of forms.
func Texts() []string {
	texts := []string{ifPattern, alwaysPattern, riskPattern, nonePattern, betweenPattern, unquotedPattern, "and", "or",
		"“%s”", whyBroken, whyComments, whyDeep, whyTernary, whyCompares, BadNumber, badCount, badShare}
	texts = slices.AppendSeq(texts, maps.Values(actionTexts))
	texts = slices.AppendSeq(texts, maps.Values(topics))
	texts = slices.AppendSeq(texts, maps.Values(fieldPhrases))
	for _, s := range slices.Concat(vocabulary, familyWords) {
		texts = append(texts, s.Group, s.Label, s.What, s.yes, s.no, s.Unit())
		for _, choice := range s.Choices {
			texts = append(texts, strings.Trim(choice.Label, "“”"))
		}
		for _, op := range s.Ops() {
			texts = append(texts, op.Label(&s))
		}
	}
	slices.Sort(texts)
	return slices.DeleteFunc(slices.Compact(texts), func(text string) bool { return text == "" || text == "%" })
}
