package page

import (
	"slices"
	"unicode/utf8"

	"rejoinder/moderation/rules"
)

// Segment is a part of a text. It is marked if a rule matched it.
type Segment struct {
	Text   string
	Marked bool
}

// Highlight splits a field's text at the spans that rules matched. Even with invalid spans, the segments make
// up the text, and no segment begins or ends within a character.
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

// mergedSpans returns the spans of all hits in one field, sorted, merged and cut to the text.
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

// characterStart returns the start of the character at a byte offset.
func characterStart(text string, at int) int {
	at = min(max(at, 0), len(text))
	for at > 0 && at < len(text) && !utf8.RuneStart(text[at]) {
		at--
	}
	return at
}

// characterEnd returns the end of the character before a byte offset.
func characterEnd(text string, at int) int {
	at = min(max(at, 0), len(text))
	for at < len(text) && !utf8.RuneStart(text[at]) {
		at++
	}
	return at
}
