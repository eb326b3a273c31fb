package rulewords

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"rejoinder/handlers/locale"
	"rejoinder/moderation/ruleform"
	"rejoinder/moderation/rules"
)

// Message is a text to translate: one form, or the forms for one and for several.
type Message struct{ One, Many string }

// reasonForm is a reason with values, such as "Has {{links.count|link|links}}: {{links.hosts}}."
type reasonForm struct {
	Message
	prefix  string         // the text before the first value
	match   *regexp.Regexp // its groups are the values
	facts   []string       // the kinds of the values
	counted int            // index of the value with a unit; -1: none
	broken  string         // the message if that value has decimal places; empty: it never has
}

// otherReasons are reasons that are not in the shipped document. Names in braces say what the values are.
var otherReasons = []string{
	"Has words that this site holds: {{matched}}.",
	"Has words that this site rejects: {{matched}}.",
	"Is {{text.length|character|characters}} long.",
	"Is in none of the languages of this site.",
	"A moderator called this spam, and it was edited.",
	"Edited while it was waiting for a person, who must judge the new text.",
	"The site's ruleset could not be used, so a person must judge this.",
	"No response came in time from {{names}}. The comment is judged again when it comes.",
	"The rule {{id}} could not be evaluated: {{why}}. The comment is held to be safe.",
	"The rule {{id}} could not be evaluated: {{why}}.",
}

var forms = sync.OnceValue(readForms)

func readForms() []reasonForm {
	doc, err := ruleform.Read(rules.Default())
	if err != nil {
		panic("shipped rules: " + err.Error())
	}
	var list []reasonForm
	for _, id := range doc.Rules() {
		rule, _ := doc.Rule(id)
		list = append(list, newForm(rule.Reason))
	}
	for _, reason := range otherReasons {
		list = append(list, newForm(reason))
	}
	return list
}

func newForm(reason string) reasonForm {
	f := reasonForm{counted: -1}
	var one, many, pattern strings.Builder
	for rest := reason; ; {
		before, after, found := strings.Cut(rest, "{{")
		one.WriteString(before)
		many.WriteString(before)
		pattern.WriteString(regexp.QuoteMeta(before))
		if len(f.facts) == 0 {
			f.prefix = before
		}
		if !found {
			break
		}
		quoted, next, _ := strings.Cut(after, "}}")
		fact, units, counted := strings.Cut(quoted, "|")
		if counted {
			singular, plural, _ := strings.Cut(units, "|")
			f.counted = len(f.facts)
			one.WriteString("%d " + singular)
			many.WriteString("%d " + plural)
			pattern.WriteString(`([0-9.]+) (?:` + regexp.QuoteMeta(singular) + `|` + regexp.QuoteMeta(plural) + `)`)
		} else {
			one.WriteString("%s")
			many.WriteString("%s")
			pattern.WriteString(`(.*?)`)
		}
		f.facts = append(f.facts, fact)
		rest = next
	}
	f.Message, f.match = Message{one.String(), many.String()}, regexp.MustCompile(`^(?s:`+pattern.String()+`)$`)
	if f.counted >= 0 && hasDecimals(f.facts[f.counted]) {
		f.broken = strings.Replace(f.Many, "%d", "%s", 1)
	}
	return f
}

// hasDecimals reports whether a fact is a duration, which need not be a whole number.
func hasDecimals(fact string) bool {
	s := ruleform.FindSubject(fact)
	return s != nil && s.Unit() != ""
}

// Messages returns the texts of all reasons that Reason translates, and of their values.
func Messages() []Message {
	list := []Message{{One: "the list “%s”"}, {One: "nothing in particular"}, {"and %d more", "and %d more"},
		{One: "it took too many steps"}, {One: "the evaluation ran out of time"}}
	for _, f := range forms() {
		if f.counted < 0 {
			f.Many = ""
		}
		list = append(list, f.Message)
		if f.broken != "" {
			list = append(list, Message{One: f.broken})
		}
	}
	return list
}

// Reason returns what a rule said about a comment, in a language.
func Reason(words *locale.Language, reason string) string {
	if words.Translation(reason) != nil {
		return words.T(reason)
	}
	for _, f := range forms() {
		if words.Translation(f.One) == nil || !strings.HasPrefix(reason, f.prefix) {
			continue
		}
		if found := f.match.FindStringSubmatch(reason); found != nil {
			return f.fill(words, found[1:])
		}
	}
	return reason
}

// fill returns the translation with the values of an English reason. A value with a unit comes first.
func (f reasonForm) fill(words *locale.Language, values []string) string {
	var filled []any
	for i, value := range values {
		if i != f.counted {
			filled = append(filled, translateValue(words, f.facts[i], value))
		}
	}
	if f.counted < 0 {
		return words.T(f.One, filled...)
	}
	count := values[f.counted]
	n, err := strconv.Atoi(count)
	if err == nil {
		return words.N(f.One, f.Many, n, filled...)
	}
	if decimal, err := strconv.ParseFloat(count, 64); err == nil {
		_, digits, _ := strings.Cut(count, ".")
		count = words.Decimal(decimal, len(digits))
	}
	return words.T(f.broken, append([]any{count}, filled...)...)
}

var (
	quotedText = regexp.MustCompile(`“([^“”]*)”`)
	namedList  = regexp.MustCompile(`^the list "(.*)"$`)
	moreItems  = regexp.MustCompile(` and (\d+) more$`)
)

// translateValue translates what a reason quotes: quotation marks, and words of the program.
func translateValue(words *locale.Language, fact, value string) string {
	if list := namedList.FindStringSubmatch(value); list != nil {
		return words.T("the list “%s”", ruleform.ListName(list[1]))
	}
	if more := moreItems.FindStringSubmatchIndex(value); more != nil {
		if n, err := strconv.Atoi(value[more[2]:more[3]]); err == nil {
			value = value[:more[0]] + " " + words.N("and %d more", "and %d more", n)
		}
	}
	known := ruleform.FindSubject(fact)
	return quotedText.ReplaceAllStringFunc(words.T(value), func(quoted string) string {
		text := strings.Trim(quoted, "“”")
		if known != nil {
			if i := slices.IndexFunc(known.Choices, func(c ruleform.Choice) bool { return c.Value == text }); i >= 0 {
				return words.T(known.Choices[i].Label)
			}
		}
		return words.T("“%s”", text)
	})
}
