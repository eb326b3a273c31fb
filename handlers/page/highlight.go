package page

import (
	"slices"
	"unicode/utf8"

	"rejoinder/moderation/rules"
)

// Segment is a stretch of a text, marked where a rule fired.
type Segment struct {
	Text   string
	Marked bool
}

// Highlight cuts a field's text at the spans in which rules fired. Whatever the spans are, the segments
// together are the text, and none begins or ends within a character.
func Highlight(text, field string, hits []rules.Hit) []Segment {
	var segments []Segment
	done := 0
	for _, span := range mergedSpans(text, field, hits) {
		if done < span.Start {
			segments = append(segments, Segment{Text: text[done:span.Start]})
		}
		segments = append(segments, Segment{Text: text[span.Start:span.End], Marked: true})
		done = span.End
	}
	if done < len(text) {
		segments = append(segments, Segment{Text: text[done:]})
	}
	return segments
}

// mergedSpans are the spans of all hits in one field, within the text, in order, without overlaps.
func mergedSpans(text, field string, hits []rules.Hit) []rules.Span {
	var spans []rules.Span
	for _, hit := range hits {
		for _, span := range hit.Spans {
			span.Start, span.End = characterStart(text, span.Start), characterEnd(text, span.End)
			if span.Field == field && span.Start < span.End {
				spans = append(spans, span)
			}
		}
	}
	slices.SortFunc(spans, func(a, b rules.Span) int { return a.Start - b.Start })
	var merged []rules.Span
	for _, span := range spans {
		if n := len(merged); n > 0 && span.Start <= merged[n-1].End {
			merged[n-1].End = max(merged[n-1].End, span.End)
			continue
		}
		merged = append(merged, span)
	}
	return merged
}

// characterStart moves a byte offset back to where its character begins.
func characterStart(text string, at int) int {
	at = min(max(at, 0), len(text))
	for at > 0 && at < len(text) && !utf8.RuneStart(text[at]) {
		at--
	}
	return at
}

// characterEnd moves a byte offset on to where its character ends.
func characterEnd(text string, at int) int {
	at = min(max(at, 0), len(text))
	for at < len(text) && !utf8.RuneStart(text[at]) {
		at++
	}
	return at
}
