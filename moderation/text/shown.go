package text

import (
	"bytes"
	"iter"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"
)

// shownWriter writes the text that readers see of a document, with the way back to its source.
type shownWriter struct {
	mapping
	doc     *document
	out     strings.Builder
	quoted  []Span
	linked  []linkedText
	pending string // the separator before the next text
	at      int    // where in the source the last written text ended
}

// block writes the children of a block.
func (w *shownWriter) block(parent ast.Node) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Blockquote:
			before := w.out.Len()
			w.block(n)
			w.quote(before)
		case *ast.List, *ast.ListItem:
			w.block(n)
		case *ast.FencedCodeBlock:
			for i := range n.Lines().Len() {
				line := n.Lines().At(i)
				if i == n.Lines().Len()-1 {
					line.Stop = line.Start + len(strings.TrimSuffix(w.original[line.Start:line.Stop], "\n"))
				}
				w.raw(line.Start, line.Stop)
			}
		default:
			w.inline(n)
		}
		w.separate(n)
	}
}

// separate sets the separator between a block and what follows.
func (w *shownWriter) separate(n ast.Node) {
	if w.out.Len() == 0 {
		return
	}
	w.pending = "\n\n"
	if n.Kind() == ast.KindListItem || n.Parent().Kind() == ast.KindListItem {
		w.pending = "\n"
	}
}

// quote records a quotation that begins after the position before.
func (w *shownWriter) quote(before int) {
	if last := len(w.quoted) - 1; last >= 0 && w.quoted[last].Start >= before {
		w.quoted = w.quoted[:last] // a quotation within it
		w.quote(before)
		return
	}
	shown := w.out.String()
	start := len(shown) - len(strings.TrimLeft(shown[before:], "\n")) // after the separator
	if start < len(shown) {
		w.quoted = append(w.quoted, Span{start, len(shown)})
	}
}

// inline writes the text in an inline node, or in a block that has only such children.
func (w *shownWriter) inline(parent ast.Node) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			if n.IsRaw() || parent.Kind() == ast.KindCodeSpan {
				w.raw(n.Segment.Start, n.Segment.Stop)
			} else {
				w.resolved(n.Segment.Start, n.Segment.Stop)
			}
			if n.SoftLineBreak() || n.HardLineBreak() {
				w.put("\n", n.Segment.Stop, n.Segment.Stop)
			}
		case *ast.String:
			w.put(string(n.Value), w.at, w.at)
		case *ast.Link:
			w.link(n)
		default:
			w.inline(n)
		}
	}
}

// linkedText is a stretch of the shown text that is a link, or a part of one.
type linkedText struct {
	Span
	node *ast.Link // nil if readers see an address that is not made a link
}

// link writes a link's text and records its place.
func (w *shownWriter) link(n *ast.Link) {
	before := w.out.Len() + len(w.pending)
	w.inline(n)
	if w.out.Len() > before {
		w.linked = append(w.linked, linkedText{Span{before, w.out.Len()}, n})
	}
}

// put writes text that stands for the source bytes start to end.
func (w *shownWriter) put(s string, start, end int) {
	if s == "" {
		return
	}
	if w.pending != "" {
		at := w.out.Len()
		w.out.WriteString(w.pending)
		w.record(run{out: at, outEnd: w.out.Len(), src: w.at, srcEnd: max(w.at, start)})
		w.pending = ""
	}
	at := w.out.Len()
	w.out.WriteString(s)
	w.record(run{out: at, outEnd: w.out.Len(), src: start, srcEnd: end, inStep: len(s) == end-start && s == w.original[start:end]})
	w.at = end
}

// raw writes source bytes as they are.
func (w *shownWriter) raw(start, end int) { w.put(w.original[start:end], start, end) }

// resolved writes source bytes with escapes and entities resolved.
func (w *shownWriter) resolved(start, end int) {
	for at, value := range resolve(w.original[start:end]) {
		w.put(value, start+at.Start, start+at.End)
	}
}

// resolve splits source text into stretches: ordinary text, and escapes and entities, each with what it shows.
func resolve(source string) iter.Seq2[Span, string] {
	return func(yield func(Span, string) bool) {
		for at := 0; at < len(source); {
			next := strings.IndexAny(source[at:], `\&`)
			if next < 0 {
				next = len(source) - at
			}
			if next > 0 && !yield(Span{at, at + next}, source[at:at+next]) {
				return
			}
			if at += next; at == len(source) {
				return
			}
			value, length := escapeAt(source[at:])
			if !yield(Span{at, at + length}, value) {
				return
			}
			at += length
		}
	}
}

// escapeAt resolves the escape or entity at the start of s, which begins with \ or &. If it is neither, it
// returns the first byte.
func escapeAt(s string) (value string, length int) {
	switch {
	case s[0] == '&':
		return entityAt(s)
	case len(s) > 1 && util.IsPunct(s[1]):
		return s[1:2], 2
	}
	return s[:1], 1
}

// longestEntity bounds the length of an entity; the longest name of HTML5 has 33 bytes with & and ;.
const longestEntity = 40

// entityAt resolves the entity at the start of s, which begins with &. If there is none, it returns "&", 1.
func entityAt(s string) (value string, length int) {
	end := 1 + strings.IndexAny(s[1:min(len(s), longestEntity)], "&;")
	if end == 0 || s[end] != ';' {
		return s[:1], 1
	}
	entity := []byte(s[:end+1])
	resolved := util.ResolveEntityNames(util.ResolveNumericReferences(entity))
	if bytes.Equal(resolved, entity) {
		return s[:1], 1
	}
	return string(resolved), end + 1
}

// applyOverrides returns a text as a reader sees it whose program obeys direction overrides: what follows a
// right-to-left override is reversed, up to the end of the override or of the line.
func applyOverrides(s string, toSource mapping, linked []linkedText) (string, mapping, []linkedText) {
	const rightToLeft, pop = '\u202E', '\u202C'
	o := overridden{shown: s, toSource: toSource, linked: linked, mapping: mapping{original: toSource.original}}
	for at := 0; at < len(s); {
		r, size := utf8.DecodeRuneInString(s[at:])
		if r != rightToLeft {
			if !overridesDirection(r) && r != pop {
				o.put(at, at+size)
			}
			at += size
			continue
		}
		at += size
		end := len(s) - at
		if i := strings.IndexAny(s[at:], "\u202C\n"); i >= 0 {
			end = i
		}
		o.reversed(at, at+end)
		at += end
	}
	return o.out.String(), o.mapping, o.moved
}

// overridden writes a shown text in the order of its direction overrides.
type overridden struct {
	mapping
	shown    string
	toSource mapping      // from shown
	linked   []linkedText // in shown
	out      strings.Builder
	moved    []linkedText // where they are in out
}

// reversed writes characters in reverse order, each with all that combines with it.
func (o *overridden) reversed(start, end int) {
	for to := end; to > start; {
		from := to
		for from > start {
			r, size := utf8.DecodeLastRuneInString(o.shown[start:from])
			if from -= size; !overlay(r) {
				break
			}
		}
		if r, _ := utf8.DecodeRuneInString(o.shown[from:to]); !overridesDirection(r) {
			o.put(from, to)
		}
		to = from
	}
}

func (o *overridden) put(start, end int) {
	from, to := o.toSource.Original(start, end)
	at := o.out.Len()
	o.out.WriteString(o.shown[start:end])
	o.record(run{out: at, outEnd: o.out.Len(), src: from, srcEnd: to})
	i := sort.Search(len(o.linked), func(i int) bool { return o.linked[i].End > start })
	if i == len(o.linked) || o.linked[i].Start > start {
		return
	}
	last := len(o.moved) - 1
	if last >= 0 && o.moved[last].node == o.linked[i].node && o.moved[last].End == at {
		o.moved[last].End = o.out.Len()
		return
	}
	o.moved = append(o.moved, linkedText{Span{at, o.out.Len()}, o.linked[i].node})
}
