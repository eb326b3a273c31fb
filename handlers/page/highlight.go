package page

import (
	"rejoinder/moderation/rules"
	"rejoinder/moderation/text"
)

// Segment is a part of a text. It is marked if a rule matched it.
type Segment struct {
	Text   string
	Marked bool
}

// Highlight splits a field's text at the spans that rules matched. Even with invalid spans, the segments make
// up the text, and no segment begins or ends within a character.
func Highlight(value, field string, hits []rules.Hit) []Segment {
	return segments(value, spansIn(field, hits))
}

// segments splits a text at spans.
func segments(value string, spans []text.Span) []Segment {
	var all []Segment
	done := 0
	for _, span := range text.MergeSpans(value, spans) {
		if done < span.Start {
			all = append(all, Segment{Text: value[done:span.Start]})
		}
		all = append(all, Segment{Text: value[span.Start:span.End], Marked: true})
		done = span.End
	}
	if done < len(value) {
		all = append(all, Segment{Text: value[done:]})
	}
	return all
}

// spansIn returns the spans of all hits in one field.
func spansIn(field string, hits []rules.Hit) []text.Span {
	var spans []text.Span
	for _, hit := range hits {
		for _, span := range hit.Spans {
			if span.Field == field {
				spans = append(spans, text.Span{Start: span.Start, End: span.End})
			}
		}
	}
	return spans
}
