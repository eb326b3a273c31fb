package ruleform

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"rejoinder/moderation/rules"
)

// Part is a piece of a sentence. Actions, numbers and names of lists are strong.
type Part struct {
	Text   string
	Strong bool
}

// Plain returns a sentence as text.
func Plain(sentence []Part) string {
	var b strings.Builder
	for _, part := range sentence {
		b.WriteString(part.Text)
	}
	return b.String()
}

// writer collects the parts of a sentence.
type writer struct {
	parts []Part
	lost  bool // a part has no words
}

func (w *writer) say(text string) { w.add(text, false) }

func (w *writer) strong(text string) { w.add(text, true) }

func (w *writer) add(text string, strong bool) {
	if last := len(w.parts) - 1; last >= 0 && w.parts[last].Strong == strong {
		w.parts[last].Text += text
		return
	}
	if text != "" {
		w.parts = append(w.parts, Part{text, strong})
	}
}

// Sentence describes a rule in a sentence. ok is false if a part of its condition has no words.
func Sentence(action rules.Action, score float64, c Condition) (sentence []Part, ok bool) {
	var w writer
	switch action {
	case rules.Approve:
		w.strong("Publish")
	case rules.Hold:
		w.strong("Hold")
	case rules.Reject:
		w.strong("Reject")
	case rules.Spam:
		w.say("Mark as ")
		w.strong("spam")
	default:
		w.say("Add ")
		w.strong(strconv.FormatFloat(score, 'f', -1, 64))
		w.say(" to the risk")
	}
	if c.IsGroup() && len(c.Items) == 0 {
		w.say(" every comment")
		return w.parts, true
	}
	w.say(" if ")
	w.condition(c, "")
	return w.parts, !w.lost
}

// condition phrases a condition inside a group of another join; the outermost one is in none.
func (w *writer) condition(c Condition, inside Join) {
	switch {
	case c.IsText():
		w.lost = true
	case !c.IsGroup():
		w.comparison(c, FindSubject(c.Fact))
	case c.Join == None && len(c.Items) == 1:
		w.say("it is not true that ")
		w.condition(c.Items[0], None)
	case c.Join == None:
		w.say("none of these is true: ")
		w.list(c.Items, " or ", None)
	case c.Join == Any && inside == All && len(c.Items) == 2:
		w.say("either ")
		w.list(c.Items, " or ", Any)
	case inside != "" && inside != c.Join && len(implied(c.Items, c.Join)) > 1:
		w.say("(")
		w.condition(c, "")
		w.say(")")
	case c.Join == Any:
		w.list(c.Items, " or ", Any)
	default:
		w.list(c.Items, " and ", All)
	}
}

func (w *writer) list(items []Condition, last string, join Join) {
	items = implied(items, join)
	comma := len(items) > 2 || slices.ContainsFunc(items, Condition.IsGroup)
	before := ""
	for i, item := range items {
		switch {
		case i == 0:
		case i == len(items)-1 && comma:
			w.say("," + last)
		case i == len(items)-1:
			w.say(last)
		default:
			w.say(", ")
		}
		var own writer
		own.condition(item, join)
		subject := item.subject()
		if subject != "" && subject == before {
			own.parts[0].Text = strings.TrimPrefix(own.parts[0].Text, subject)
		}
		before = subject
		w.lost = w.lost || own.lost
		for _, part := range own.parts {
			w.add(part.Text, part.Strong)
		}
	}
}

// subject returns the first words of a comparison, which the next comparison need not repeat.
func (c Condition) subject() string {
	s := FindSubject(c.Fact)
	switch {
	case s == nil || c.IsGroup() || s.subject == "" && c.Fact != fnListed:
		return ""
	case c.Fact == fnListed:
		return "it has "
	}
	return s.subject + " "
}

// implied leaves out redundant conditions: that a fact is known whose value is compared, and that terms are
// not only quoted, which the comparison before says.
func implied(items []Condition, join Join) []Condition {
	var said []Condition
	for i, item := range items {
		known := join == All && item.Op == OpIs && slices.ContainsFunc(items, func(other Condition) bool {
			s := FindSubject(other.Fact)
			return s != nil && s.unless != "" && s.unless == item.Fact
		})
		if known {
			continue
		}
		if join == All && i > 0 && quotedToo(items[i-1], item) {
			said[len(said)-1].Values = []string{item.Values[0], "", onlyQuoted}
			continue
		}
		said = append(said, item)
	}
	return said
}

// onlyQuoted marks a comparison with a list whose terms must not just be quoted.
const onlyQuoted = "not quoted"

// quotedToo reports whether the second condition says that the terms of the first are not just quoted.
func quotedToo(c, next Condition) bool {
	return c.Fact == fnListed && c.Op == OpIs && len(c.Values) == 1 && next.Fact == fnQuoted && next.Op == OpIsNot &&
		next.value(0) == c.value(0)
}

var quantifiers = map[Op]string{OpLess: "fewer than", OpAtMost: "at most", OpMore: "more than", OpAtLeast: "at least",
	OpEqual: "exactly", OpDiffers: "other than"}

func (w *writer) comparison(c Condition, s *Subject) {
	if s == nil {
		w.lost = true
		return
	}
	switch s.shape {
	case yesNo, asked:
		template := s.yes
		if c.Op == OpIsNot {
			template = s.no
		}
		w.template(template, c, s)
		if c.Fact == fnListed && c.value(1) != "" {
			w.say(" in ")
			w.strong(fieldNames[c.value(1)])
		}
		if c.Fact == fnListed && c.value(2) == onlyQuoted {
			w.say(" that is not only quoted")
		}
	case text, texts:
		w.text(c, s)
	default:
		w.number(c, s)
	}
}

var fieldNames = map[string]string{"body": "the text", "author_name": "the name", "author_url": "the website",
	"author_email": "the email", "address": "the IP address"}

// template returns a sentence with values in the place of {0}, {1} and {2}.
func (w *writer) template(template string, c Condition, s *Subject) {
	for template != "" {
		before, rest, found := strings.Cut(template, "{")
		w.say(before)
		if !found {
			return
		}
		number, after, _ := strings.Cut(rest, "}")
		i, _ := strconv.Atoi(number)
		if i < len(s.asks) && s.asks[i] == ValueList {
			w.strong("“" + cmp.Or(ListName(c.value(i)), "…") + "”") // none is chosen yet
		} else {
			w.strong(c.value(i))
		}
		template = after
	}
}

// ListName returns the name of a list in words.
func ListName(id string) string { return strings.NewReplacer("-", " ", "_", " ").Replace(id) }

// number phrases a comparison with a number.
func (w *writer) number(c Condition, s *Subject) {
	at := len(s.asks)
	if s.subject != "" {
		w.say(s.subject + " ")
	}
	number, zero := c.value(at), c.Op == OpEqual && c.value(at) == "0"
	some := s.shape == count && (c.Op == OpMore && number == "0" || c.Op == OpAtLeast && number == "1")
	switch {
	case zero && s.shape == count && s.one != "time":
		w.strong("no " + s.many)
	case some && s.one == "time":
		w.strong("at least once")
	case some:
		w.strong(article(s.one) + s.one)
	case c.Op == OpBetween:
		low, _ := s.Amount(number)
		high, unit := s.Amount(c.value(at + 1))
		w.say("between ")
		w.strong(low + " and " + high + unit)
	default:
		w.quantity(c, s, number)
	}
	if s.rest != "" {
		w.say(" ")
		w.template(s.rest, c, s)
	}
}

func (w *writer) quantity(c Condition, s *Subject, number string) {
	quantifier := quantifiers[c.Op]
	if s.shape != count && c.Op == OpLess {
		quantifier = "less than"
	}
	shown, unit := s.Amount(number)
	w.say(quantifier + " ")
	w.strong(shown + unit)
}

// article returns the article of a noun, with a space.
func article(noun string) string {
	if strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an "
	}
	return "a "
}

// Amount returns a number with its unit as people read it.
func (s *Subject) Amount(number string) (shown, unit string) {
	value, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return number, ""
	}
	switch s.shape {
	case share:
		return Percent(number), "%"
	case span:
		unit, size := s.one, 24.0
		if s.one == "hours" && value >= 48 && value == float64(int(value/size))*size {
			value, unit = value/size, "days"
		}
		if value == 1 {
			unit = strings.TrimSuffix(unit, "s")
		}
		return strconv.FormatFloat(value, 'f', -1, 64), " " + unit
	case count:
		switch {
		case value == 1 && s.one == "time":
			return "once", ""
		case value == 1:
			return number, " " + s.one
		}
		return grouped(number), " " + s.many
	}
	return number, ""
}

// grouped returns a whole number with commas.
func grouped(number string) string {
	for at := len(number) - 3; at > 0 && number[at-1] != '-' && !strings.Contains(number, "."); at -= 3 {
		number = number[:at] + "," + number[at:]
	}
	return number
}

// Percent returns a share as a number of percent.
func Percent(share string) string {
	value, err := strconv.ParseFloat(share, 64)
	if err != nil {
		return share
	}
	shown, _ := strconv.ParseFloat(strconv.FormatFloat(value*100, 'f', 6, 64), 64)
	return strconv.FormatFloat(shown, 'f', -1, 64)
}

// Share returns a number of percent as a share.
func Share(percent string) string {
	value, err := strconv.ParseFloat(percent, 64)
	if err != nil {
		return percent
	}
	shown, _ := strconv.ParseFloat(strconv.FormatFloat(value/100, 'f', 8, 64), 64)
	return strconv.FormatFloat(shown, 'f', -1, 64)
}

var textVerbs = map[Op]string{OpContains: " contains ", OpLacks: " does not contain ", OpStarts: " starts with ",
	OpEnds: " ends with ", OpMatches: " matches the pattern ", OpOneOf: " is one of ", OpNoneOf: " is none of ", OpIs: " is ", OpIsNot: " is not ",
	OpIncludes: " include ", OpExcludes: " do not include ", OpAnyContains: " include one that contains ",
	OpAnyStarts: " include one that starts with ", OpAnyEnds: " include one that ends with ", OpMore: " number more than "}

// text phrases a comparison of one text or several.
func (w *writer) text(c Condition, s *Subject) {
	w.say(s.subject)
	switch c.Op {
	case OpEmpty:
		w.say(" " + OpEmpty.Label(s))
		return
	case OpGiven:
		w.say(" " + OpGiven.Label(s))
		return
	case OpMore:
		w.say(textVerbs[c.Op])
		w.strong(c.value(0))
		return
	}
	if verb := strings.TrimSpace(textVerbs[c.Op]); len(s.Choices) > 0 && (strings.HasSuffix(s.subject, " with") ||
		strings.HasSuffix(s.subject, " against")) {
		w.say(map[bool]string{true: " ", false: " not "}[verb == "is" || verb == "include"])
	} else {
		w.say(textVerbs[c.Op])
	}
	for i, value := range c.Values {
		if i > 0 {
			w.say(", ")
		}
		w.strong(s.choiceLabel(value))
	}
}

// choiceLabel returns a text as sentences show it: a known value in words, another one in quotation marks.
func (s *Subject) choiceLabel(value string) string {
	for _, choice := range s.Choices {
		if choice.Value == value {
			return choice.Label
		}
	}
	return "“" + value + "”"
}
