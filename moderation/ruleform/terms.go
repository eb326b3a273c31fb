package ruleform

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ChangeTerms returns the document with terms added to and removed from a list that it writes. Terms that the
// list has already are not added. Errors: ErrUnwritable.
func (d *Document) ChangeTerms(list string, add, remove []string) (*Document, error) {
	changed := d
	before, known := d.List(list)
	if !known {
		return nil, ErrUnwritable
	}
	want := slices.DeleteFunc(slices.Clone(before.Terms), func(term string) bool { return slices.Contains(remove, term) })
	for _, term := range add {
		if !slices.Contains(want, term) {
			want = append(want, term)
		}
	}
	if fresh := want[len(want)-newTerms(before.Terms, want):]; len(fresh) > 0 {
		var err error
		if changed, err = changed.addTerms(list, fresh); err != nil {
			return nil, err
		}
	}
	for _, term := range before.Terms {
		if slices.Contains(want, term) {
			continue
		}
		var err error
		if changed, err = changed.removeTerm(list, term); err != nil {
			return nil, err
		}
	}
	if after, _ := changed.List(list); !slices.Equal(after.Terms, want) {
		return nil, ErrUnwritable
	}
	return changed, nil
}

// newTerms counts the terms at the end that were not there before.
func newTerms(before, after []string) int {
	n := 0
	for n < len(after) && !slices.Contains(before, after[len(after)-1-n]) {
		n++
	}
	return n
}

// termsOf returns the list's mapping, and the sequence of its own terms.
func (d *Document) termsOf(list string) (mapping, terms *yaml.Node) {
	mapping = child(child(d.root, "lists"), list)
	if terms = child(mapping, "terms"); terms == nil {
		terms = child(mapping, "add")
	}
	return mapping, terms
}

func (d *Document) addTerms(list string, terms []string) (*Document, error) {
	mapping, old := d.termsOf(list)
	if mapping == nil || mapping.Kind != yaml.MappingNode || len(mapping.Content) < 2 {
		return nil, ErrUnwritable
	}
	written := make([]string, len(terms))
	for i, term := range terms {
		written[i] = quoted(term)
	}
	switch {
	case old == nil || len(old.Content) == 0 && old.Tag == "!!null":
		if old != nil {
			return nil, ErrUnwritable
		}
		last := mapping.Content[len(mapping.Content)-2].Value
		return d.addBehind(mapping, last, "terms", func(indent, _ int, flow bool) string {
			if flow {
				return "[" + strings.Join(written, ", ") + "]"
			}
			margin := "\n" + strings.Repeat(" ", indent+2) + "- "
			return strings.TrimSuffix(margin+strings.Join(written, margin), "\n")
		})
	case old.Kind != yaml.SequenceNode || len(old.Content) == 0:
		return nil, ErrUnwritable
	}
	end := d.valueEnd(old.Content[len(old.Content)-1], old.Column-1)
	if end < 0 {
		return nil, ErrUnwritable
	}
	if old.Style&yaml.FlowStyle != 0 {
		return d.replace(end, end, wrapped(d, end, mapping.Column+1, written))
	}
	margin := "\n" + strings.Repeat(" ", old.Column-1) + "- "
	stop := d.lineEnd(end)
	if stop > end && d.text[stop-1] == '\n' {
		stop--
	}
	return d.replace(stop, stop, margin+strings.Join(written, margin))
}

// wrapped returns terms to be written behind others in brackets, in lines that are not too long.
func wrapped(d *Document, at, indent int, terms []string) string {
	var b strings.Builder
	used := at - (strings.LastIndexByte(d.text[:at], '\n') + 1)
	for _, term := range terms {
		if used+len(term)+3 > maxLine {
			b.WriteString(",\n" + strings.Repeat(" ", indent))
			used = indent
		} else {
			b.WriteString(", ")
			used += 2
		}
		b.WriteString(term)
		used += len(term)
	}
	return b.String()
}

func (d *Document) removeTerm(list, term string) (*Document, error) {
	_, terms := d.termsOf(list)
	if terms == nil || terms.Kind != yaml.SequenceNode || len(terms.Content) < 2 {
		return nil, ErrUnwritable
	}
	i := slices.IndexFunc(terms.Content, func(n *yaml.Node) bool { return n.Value == term })
	if i < 0 {
		return d, nil
	}
	start, end := d.place(terms.Content[i]), d.valueEnd(terms.Content[i], terms.Column-1)
	if end < 0 {
		return nil, ErrUnwritable
	}
	switch {
	case terms.Style&yaml.FlowStyle == 0:
		start = d.lineStart(terms.Content[i].Line)
		if strings.TrimSpace(strings.TrimLeft(d.text[start:d.place(terms.Content[i])], " ")) != "-" {
			return nil, ErrUnwritable
		}
		end = d.lineEnd(end)
	case i > 0:
		start = d.valueEnd(terms.Content[i-1], terms.Column-1)
	default:
		end = d.place(terms.Content[1])
	}
	return d.replace(start, end, "")
}

// AddList returns the document with a new list, which finds its terms however they are disguised. Errors:
// ErrUnwritable.
func (d *Document) AddList(id string, terms []string) (*Document, error) {
	lists := child(d.root, "lists")
	indent := 2
	if lists != nil && lists.Tag != "!!null" {
		if lists.Kind != yaml.MappingNode || lists.Style&yaml.FlowStyle != 0 || len(lists.Content) == 0 {
			return nil, ErrUnwritable
		}
		indent = lists.Column - 1
	}
	margin := strings.Repeat(" ", indent)
	var b strings.Builder
	b.WriteString(margin + id + ":\n" + margin + "  mode: loose\n" + margin + "  terms:\n")
	for _, term := range terms {
		b.WriteString(margin + "    - " + quoted(term) + "\n")
	}
	changed, err := d.insert("lists", b.String())
	if err != nil {
		return nil, err
	}
	now, known := changed.List(id)
	if !known || !slices.Equal(now.Terms, terms) || len(changed.Lists()) != len(d.Lists())+1 {
		return nil, ErrUnwritable
	}
	return changed, nil
}

// ParseTerms reads pasted terms: one per line, or separated by commas or semicolons, with or without quotation
// marks, as tables export them. Repeated terms are returned apart.
func ParseTerms(pasted string) (terms, repeated []string) {
	seen := map[string]bool{}
	for _, field := range fields(pasted) {
		term := strings.Join(strings.Fields(field), " ")
		switch {
		case term == "":
		case seen[term]:
			repeated = append(repeated, term)
		default:
			seen[term] = true
			terms = append(terms, term)
		}
	}
	return terms, repeated
}

// fields splits comma-separated values. A quotation mark opens a quotation at the beginning of a field only.
func fields(pasted string) []string {
	var all []string
	var field strings.Builder
	inQuotes, fresh := false, true
	runes := []rune(pasted)
	for i := 0; i < len(runes); i++ {
		switch r := runes[i]; {
		case inQuotes && r == '"' && i+1 < len(runes) && runes[i+1] == '"':
			field.WriteRune('"')
			i++
		case inQuotes && r == '"':
			inQuotes = false
		case inQuotes:
			field.WriteRune(r)
		case r == '"' && fresh:
			inQuotes, fresh = true, false
		case r == ',' || r == ';' || r == '\n' || r == '\r' || r == '\t':
			all = append(all, field.String())
			field.Reset()
			fresh = true
		default:
			field.WriteRune(r)
			fresh = fresh && r == ' '
		}
	}
	return append(all, field.String())
}
