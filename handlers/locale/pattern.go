package locale

import (
	"fmt"
	"strconv"
	"strings"
)

// pattern is a text with places for values, such as "Posted on {date}". It is parsed once.
type pattern struct {
	text  string        // as written
	parts []patternPart // nil: no places
}

// patternPart is literal text and the name of the placeholder after it, which the last part lacks.
type patternPart struct {
	literal string
	name    string
}

func parsePattern(text string) pattern {
	p := pattern{text: text}
	for rest := text; ; {
		literal, after, found := strings.Cut(rest, "{")
		name, next, closed := strings.Cut(after, "}")
		if !found || !closed {
			if p.parts != nil {
				p.parts = append(p.parts, patternPart{literal: rest})
			}
			return p
		}
		p.parts = append(p.parts, patternPart{literal, name})
		rest = next
	}
}

// fill fills in the values: names and values by turns. A place without a value stays as it is written, and
// braces in a value are not filled in turn.
func (p pattern) fill(values ...any) string {
	if len(values) < 2 {
		return p.text
	}
	return p.fillFrom(func(name string) string { return valueOf(name, values) })
}

// fillFrom fills in what value returns for each name.
func (p pattern) fillFrom(value func(name string) string) string {
	if p.parts == nil {
		return p.text
	}
	var b strings.Builder
	b.Grow(2 * len(p.text))
	for i, part := range p.parts {
		b.WriteString(part.literal)
		if i < len(p.parts)-1 {
			b.WriteString(value(part.name))
		}
	}
	return b.String()
}

func valueOf(name string, values []any) string {
	for i := 0; i+1 < len(values); i += 2 {
		if values[i] != name {
			continue
		}
		switch value := values[i+1].(type) {
		case string:
			return value
		case int:
			return strconv.Itoa(value)
		default:
			return fmt.Sprint(value)
		}
	}
	return placeholder(name)
}

// placeholder is a place without a value.
func placeholder(name string) string { return "{" + name + "}" }
