package text

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
)

// Marked is a comment as readers see it, with parts of its source marked.
type Marked struct {
	// HTML is the result of Reading.HTML with mark elements around the text of the given parts of the source,
	// and with links that send no referrer. If a part is in the URL of a link, the link's text is marked.
	HTML string
	// Shown are the spans of Reading.Shown that are marked, in order, apart.
	Shown []Span
	// Unseen are the parts that readers do not see, in the order of the source.
	Unseen []Unseen
}

// Unseen is a marked part of the source that readers do not see.
type Unseen struct {
	Kind UnseenKind
	Text string // the link's address, the characters, or the source
}

// UnseenKind says why a part of the source is not seen.
type UnseenKind int

// The kinds of unseen parts.
const (
	UnseenAddress    UnseenKind = iota // the address of a link whose text does not show it
	UnseenCharacters                   // characters that show nothing
	UnseenMarkup                       // source that is no part of the shown text
)

// Mark marks spans of the source. They may be in any order, overlap, and reach beyond the source. It takes time
// in proportion to the comment, times the logarithm of the number of spans. Errors: those of HTML.
func (r *Reading) Mark(spans []Span) (Marked, error) {
	if r.err != nil {
		return Marked{}, r.err
	}
	spans = MergeSpans(r.Markdown, spans)
	links := r.linksInto(spans)
	html, err := r.markedHTML(spans, links)
	if err != nil {
		return Marked{}, err
	}
	parts := r.shownParts(spans)
	shown := slices.Concat(parts...)
	for _, l := range r.linked {
		if links[l.node] {
			shown = append(shown, l.Span)
		}
	}
	return Marked{HTML: html, Shown: MergeSpans(r.Shown, shown), Unseen: r.unseen(spans, parts, links)}, nil
}

// Excerpt returns what readers see of a span of the source. If they see nothing of it, such as a link's address,
// it returns the source.
func (r *Reading) Excerpt(s Span) string {
	spans := MergeSpans(r.Markdown, []Span{s})
	if len(spans) == 0 {
		return ""
	}
	if shown := excerpts(r.Shown, r.shownParts(spans)[0]); Visible(shown) {
		return shown
	}
	return r.Markdown[spans[0].Start:spans[0].End]
}

// shownParts returns for each of the merged spans of the source the spans of Shown that came from it.
func (r *Reading) shownParts(spans []Span) [][]Span {
	parts := make([][]Span, len(spans))
	if r.Shown == r.Markdown {
		for i := range spans {
			parts[i] = spans[i : i+1]
		}
		return parts
	}
	for _, run := range r.toSource.runs {
		for i := firstAfter(spans, run.src); i < len(spans) && spans[i].Start < run.srcEnd; i++ {
			part := Span{run.out, run.outEnd}
			if run.inStep {
				part.Start += max(spans[i].Start-run.src, 0)
				part.End -= max(run.srcEnd-spans[i].End, 0)
			}
			parts[i] = append(parts[i], part)
		}
	}
	return parts
}

// linksInto returns the links with a span in their address.
func (r *Reading) linksInto(spans []Span) map[*ast.Link]bool {
	links := map[*ast.Link]bool{}
	for _, l := range r.linked {
		if target, ok := targetOf(l.node); ok && overlaps(spans, target) {
			links[l.node] = true
		}
	}
	return links
}

// targetOf returns the place of a link's "](…)". A bare address has none.
func targetOf(link *ast.Link) (Span, bool) {
	if link == nil {
		return Span{}, false
	}
	value, _ := link.AttributeString(targetAttribute)
	at, ok := value.(span)
	return Span{at.start, at.end}, ok
}

// unseen returns what readers do not see of the spans, given the parts of Shown and the links that are marked.
func (r *Reading) unseen(spans []Span, parts [][]Span, links map[*ast.Link]bool) []Unseen {
	type placed struct {
		at int
		Unseen
	}
	var all []placed
	texts := map[*ast.Link][]Span{}
	for _, l := range r.linked {
		if links[l.node] {
			texts[l.node] = append(texts[l.node], l.Span)
		}
	}
	var targets []Span
	for link, text := range texts {
		target, _ := targetOf(link)
		targets = append(targets, target)
		if address := string(link.Destination); !showsAddress(excerpts(r.Shown, text), address) {
			all = append(all, placed{target.Start, Unseen{UnseenAddress, address}})
		}
	}
	targets = MergeSpans(r.Markdown, targets)
	for i, s := range spans {
		shown := excerpts(r.Shown, parts[i])
		switch {
		case Visible(shown) || overlaps(targets, s):
		case shown != "":
			all = append(all, placed{s.Start, Unseen{UnseenCharacters, shown}})
		default:
			all = append(all, placed{s.Start, Unseen{UnseenMarkup, r.Markdown[s.Start:s.End]}})
		}
	}
	slices.SortFunc(all, func(a, b placed) int { return cmp.Compare(a.at, b.at) })
	var unseen []Unseen
	for _, p := range all {
		unseen = append(unseen, p.Unseen)
	}
	return unseen
}

// excerpts returns the parts of s, one behind the other.
func excerpts(s string, parts []Span) string {
	var out strings.Builder
	for _, part := range parts {
		out.WriteString(s[part.Start:part.End])
	}
	return out.String()
}

// showsAddress reports whether a link's text contains its address, but for the scheme.
func showsAddress(shown, address string) bool {
	if _, rest, found := strings.Cut(address, "://"); found {
		address = rest
	}
	return strings.Contains(strings.ToLower(shown), strings.ToLower(strings.TrimSuffix(address, "/")))
}

// MergeSpans returns the spans sorted, merged where they overlap or touch, cut to the text, and widened to
// whole characters. Empty ones are left out.
func MergeSpans(s string, spans []Span) []Span {
	sorted := make([]Span, 0, len(spans))
	for _, span := range spans {
		if span = (Span{characterStart(s, span.Start), characterEnd(s, span.End)}); span.Start < span.End {
			sorted = append(sorted, span)
		}
	}
	slices.SortFunc(sorted, func(a, b Span) int { return cmp.Compare(a.Start, b.Start) })
	merged := sorted[:0]
	for _, span := range sorted {
		if n := len(merged); n > 0 && span.Start <= merged[n-1].End {
			merged[n-1].End = max(merged[n-1].End, span.End)
			continue
		}
		merged = append(merged, span)
	}
	return merged
}

// characterStart returns the start of the character at a byte offset.
func characterStart(s string, at int) int {
	at = min(max(at, 0), len(s))
	for at > 0 && at < len(s) && !utf8.RuneStart(s[at]) {
		at--
	}
	return at
}

// characterEnd returns the end of the character before a byte offset.
func characterEnd(s string, at int) int {
	at = min(max(at, 0), len(s))
	for at < len(s) && !utf8.RuneStart(s[at]) {
		at++
	}
	return at
}

// firstAfter returns the index of the first of sorted spans that ends after a position.
func firstAfter(spans []Span, at int) int {
	return sort.Search(len(spans), func(i int) bool { return spans[i].End > at })
}

// overlaps reports whether one of sorted spans has a byte in common with another span.
func overlaps(spans []Span, with Span) bool {
	i := firstAfter(spans, with.Start)
	return i < len(spans) && spans[i].Start < with.End
}
