package rules

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// template is a compiled reason: text, and facts or finds to be quoted in it. It can do nothing else.
type template struct {
	parts []templatePart
}

type templatePart struct {
	text    string
	fact    *factRef // fact to quote; nil for none
	matched bool
	units   [2]string // a quoted number's unit, singular and plural; empty for none
}

const (
	maxReasonCharacters = 500
	maxQuotedCharacters = 80 // of one quoted text
	maxQuotedItems      = 5  // of one list
)

// templateFault is what is wrong with a template, at a character from 0.
type templateFault struct {
	offset        int
	message, hint string
}

// compileTemplate reads a reason. For commenters, only what they know themselves may be quoted.
func compileTemplate(source string, public bool) (template, []templateFault) {
	var t template
	var faults []templateFault
	for offset := 0; source != ""; {
		before, rest, found := strings.Cut(source, "{{")
		if before != "" {
			t.parts = append(t.parts, templatePart{text: before})
		}
		if !found {
			break
		}
		offset += len([]rune(before))
		name, after, closed := strings.Cut(rest, "}}")
		if !closed {
			return t, append(faults, templateFault{offset, "a quotation that begins with {{ ends with }}", ""})
		}
		part, fault := quotation(strings.TrimSpace(name), public)
		if fault.message != "" {
			fault.offset = offset
			faults = append(faults, fault)
		}
		t.parts = append(t.parts, part)
		offset += len([]rune(name)) + 4
		source = after
	}
	return t, faults
}

// quotation parses the text between the braces: a name, or a number's name with the singular and plural of
// its unit, as in {{links.count|link|links}}.
func quotation(source string, public bool) (templatePart, templateFault) {
	name, units, counted := strings.Cut(source, "|")
	part, fault := quotedName(strings.TrimSpace(name), public)
	if !counted || fault.message != "" {
		return part, fault
	}
	one, many, _ := strings.Cut(units, "|")
	part.units = [2]string{strings.TrimSpace(one), strings.TrimSpace(many)}
	switch {
	case part.fact == nil || part.fact.fact().kind != integer && part.fact.fact().kind != number:
		fault = templateFault{message: strings.TrimSpace(name) + " is not a number, so it has no unit"}
	case part.units[0] == "" || part.units[1] == "" || strings.Contains(part.units[1], "|"):
		fault = templateFault{
			message: "a unit needs its singular and its plural",
			hint:    "Write it like {{links.count|link|links}}.",
		}
	}
	return part, fault
}

func quotedName(name string, public bool) (templatePart, templateFault) {
	if name == "matched" {
		if public {
			return templatePart{}, templateFault{
				message: "a public reason cannot quote what fired",
				hint:    "It would tell spammers which word to change.",
			}
		}
		return templatePart{matched: true}, templateFault{}
	}
	quoted, known := findFact(name)
	switch {
	case !known:
		return templatePart{}, templateFault{message: fmt.Sprintf("there is no fact %q to quote", name),
			hint: didYouMean(name, append(factPaths(), "matched"), "Quote a fact like {{links.count}}, or {{matched}}.")}
	case public && quoted.fact().moderators:
		return templatePart{}, templateFault{
			message: name + " is not for commenters to know",
			hint:    "Quote it in the reason instead.",
		}
	}
	return templatePart{fact: &quoted}, templateFault{}
}

// quotesMatches reports whether the template quotes what fired.
func (t template) quotesMatches() bool {
	for _, p := range t.parts {
		if p.matched {
			return true
		}
	}
	return false
}

// render fills the template in.
func (t template) render(e *evaluation, matched func() string) string {
	if len(t.parts) == 0 {
		return ""
	}
	if len(t.parts) == 1 && t.parts[0].text != "" {
		return t.parts[0].text
	}
	var b strings.Builder
	for _, p := range t.parts {
		switch {
		case p.matched:
			b.WriteString(matched())
		case p.fact != nil:
			b.WriteString(p.quote(p.fact.get(e)))
		default:
			b.WriteString(p.text)
		}
	}
	return b.String()
}

// quote writes a fact, with its unit if it has one.
func (p templatePart) quote(v any) string {
	quoted := quoteFact(v)
	switch {
	case p.units[0] == "":
		return quoted
	case quoted == "1":
		return quoted + " " + p.units[0]
	}
	return quoted + " " + p.units[1]
}

func quoteFact(v any) string {
	switch v := v.(type) {
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case int:
		return strconv.Itoa(v)
	case float64:
		return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(v, 'f', 2, 64), "0"), ".")
	case string:
		return quoteText(v)
	case []string:
		return quoteList(v)
	}
	return ""
}

// quoteText puts a text of the commenter into quotation marks, on one line and shortened.
func quoteText(s string) string {
	var b strings.Builder
	b.WriteString("“")
	characters := 0
	for _, r := range s {
		if characters == maxQuotedCharacters {
			b.WriteString("…")
			break
		}
		characters++
		if unicode.IsSpace(r) || !unicode.IsPrint(r) {
			r = ' '
		}
		b.WriteRune(r)
	}
	b.WriteString("”")
	return b.String()
}

func quoteList(items []string) string {
	quoted := make([]string, 0, maxQuotedItems)
	for _, item := range items[:min(len(items), maxQuotedItems)] {
		quoted = append(quoted, quoteText(item))
	}
	list := strings.Join(quoted, ", ")
	if more := len(items) - maxQuotedItems; more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return list
}
