package text

import (
	"bytes"
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
		default:
			w.inline(n)
		}
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
	source := w.original[start:end]
	for at := 0; at < len(source); {
		next := strings.IndexAny(source[at:], `\&`)
		if next < 0 {
			next = len(source) - at
		}
		w.raw(start+at, start+at+next)
		if at += next; at == len(source) {
			return
		}
		value, length := source[at:at+1], 1
		if source[at] == '\\' {
			if at+1 < len(source) && util.IsPunct(source[at+1]) {
				value, length = source[at+1:at+2], 2
			}
		} else {
			value, length = entityAt(source[at:])
		}
		w.put(value, start+at, start+at+length)
		at += length
	}
}

// longestEntity bounds the length of an entity; the longest name of HTML5 has 33 bytes with & and ;.
const longestEntity = 40

// entityAt resolves the entity that s, which begins with &, begins with. If there is none, it returns "&", 1.
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
func applyOverrides(s string, toSource mapping) (string, mapping) {
	const rightToLeft, pop = '\u202E', '\u202C'
	var out strings.Builder
	applied := mapping{original: toSource.original}
	put := func(start, end int) {
		from, to := toSource.Original(start, end)
		at := out.Len()
		out.WriteString(s[start:end])
		applied.record(run{out: at, outEnd: out.Len(), src: from, srcEnd: to})
	}
	for at := 0; at < len(s); {
		r, size := utf8.DecodeRuneInString(s[at:])
		if r != rightToLeft {
			if !overridesDirection(r) && r != pop {
				put(at, at+size)
			}
			at += size
			continue
		}
		at += size
		end := len(s) - at
		if i := strings.IndexAny(s[at:], "\u202C\n"); i >= 0 {
			end = i
		}
		for to := at + end; to > at; {
			from := to
			for from > at { // a character with all that combines with it
				r, size := utf8.DecodeLastRuneInString(s[at:from])
				if from -= size; !overlay(r) {
					break
				}
			}
			if r, _ := utf8.DecodeRuneInString(s[from:to]); !overridesDirection(r) {
				put(from, to)
			}
			to = from
		}
		at += end
	}
	return out.String(), applied
}
