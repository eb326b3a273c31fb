package text

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
)

// Reading is what one parse of a comment yields. It is safe for concurrent use.
type Reading struct {
	// Markdown is the comment as it was written.
	Markdown string
	// Shown is the text that readers see: without markup, entities and escapes resolved, direction overrides
	// applied. Lines of a paragraph end with "\n", blocks are separated by "\n\n", list items by "\n".
	Shown string
	// Links are the web addresses that readers come across, in the order of the source.
	Links []Link
	// Quoted are the spans of Shown that stand in block quotations, in order, without overlaps.
	Quoted []Span
	// Hidden counts the characters that show nothing and have no work to do: see HiddenCharacters.
	Hidden int

	doc      *document
	err      error        // of parsing
	toSource mapping      // from Shown to Markdown
	linked   []linkedText // in Shown, in order, apart

	once       sync.Once // for what follows
	normalised Normalised
	words      []Word

	search      sync.Once // for searchWords
	searchWords []string

	guess    sync.Once // for language
	language string

	weigh    sync.Once // for evidence
	evidence *Evidence

	hosts     sync.Once // for disguised
	disguised []DisguisedHost
}

// Span is a stretch of a text, in bytes, its end excluded.
type Span struct{ Start, End int }

// Read parses a comment. It never fails: what cannot be rendered is shown as it was written, and HTML returns
// the error. The work is linear in the length of the text.
func Read(markdown string) *Reading {
	r := &Reading{Markdown: markdown}
	if r.doc, r.err = parse(markdown); r.err != nil {
		r.Shown, r.Hidden = markdown, HiddenCharacters(markdown)
		return r
	}
	w := shownWriter{doc: r.doc, mapping: mapping{original: markdown}}
	w.out.Grow(len(markdown))
	w.block(r.doc.root)
	shown, toSource, linked := w.out.String(), w.mapping, w.linked
	r.Hidden = HiddenCharacters(shown)
	if strings.ContainsFunc(shown, overridesDirection) {
		shown, toSource, linked = applyOverrides(shown, toSource, linked)
		w.quoted = nil // their places have moved; what cannot be told counts as the author's own
	}
	if shown == markdown {
		shown, toSource.runs = markdown, nil // one text is kept instead of two
	}
	r.Shown, r.toSource, r.Quoted = shown, toSource, w.quoted
	r.findLinks(linked)
	return r
}

// findLinks collects the links: those that the HTML has, at their places in Shown, and the addresses that
// readers can spell out elsewhere.
func (r *Reading) findLinks(linked []linkedText) {
	spelled := spelledOut(r.Shown, linked)
	for i := range spelled {
		l := &spelled[i]
		linked = append(linked, linkedText{Span: Span{l.Start, l.End}})
		l.Start, l.End = r.Source(l.Start, l.End)
	}
	slices.SortFunc(linked, func(a, b linkedText) int { return a.Start - b.Start })
	r.linked, r.Links = linked, slices.Concat(r.doc.links, spelled)
	slices.SortStableFunc(r.Links, func(a, b Link) int { return a.Start - b.Start })
}

// Source returns the span of Markdown that a span of Shown came from.
func (r *Reading) Source(start, end int) (int, int) { return r.toSource.Original(start, end) }

// HTML renders the comment to the only HTML that is ever stored or shown: CommonMark without the
// parts that remove characters from texts whose writers do not know Markdown. It consists of
//
//	p br em strong del code pre blockquote[dir] ul[dir] ol[dir start] li[value] hr a[href rel]
//
// and nothing else, with http and https links only. What differs:
//
//   - Every line break is kept, bare web addresses are links, and ~~ strikes out.
//   - A heading is a paragraph in strong type. A line of "=" or "-" under a
//     paragraph does not make it one.
//   - An image is a link to it: nothing is ever fetched from third parties.
//   - Raw HTML, reference definitions and indented code are text. Code stands
//     between lines of three backticks.
//   - A line belongs to a quotation or list only if it says so by its mark or indent.
//   - Lists show the numbers that were typed: see listMarker.
//   - Between two letters or digits, marks are no emphasis: see emphasis.
//   - A link or image that leads nowhere is shown as it was typed.
//   - A link that shows another host than its target's is followed by the true host.
//   - Of combining marks in a row, only the first four are kept.
//
// Lists and quotations nest at most 10 deep; deeper ones are text.
//
// Hostile input costs time in proportion to its length. Errors: those of Check,
// and a Fault for more than MaxRenderBytes.
func (r *Reading) HTML() (string, error) {
	if r.err != nil {
		return "", r.err
	}
	if prose, ok := r.doc.prose(); ok {
		return prose, nil
	}
	return r.rendered()
}

// rendered is HTML for any comment.
func (r *Reading) rendered() (string, error) {
	var out bytes.Buffer
	machine := pipeline()
	if err := machine.markdown.Renderer().Render(&out, r.doc.source, r.doc.root); err != nil {
		return "", fmt.Errorf("render markdown: %w", err)
	}
	return sanitized(&out, machine.policy), nil
}

// sanitized returns rendered HTML as it may be stored or shown.
func sanitized(rendered *bytes.Buffer, policy *bluemonday.Policy) string {
	return legible(strings.TrimSpace(policy.SanitizeReader(rendered).String()))
}

// Normalised returns Shown in the form in which words are matched.
func (r *Reading) Normalised() Normalised {
	r.once.Do(r.split)
	return r.normalised
}

// Words returns the words of Shown.
func (r *Reading) Words() []Word {
	r.once.Do(r.split)
	return r.words
}

func (r *Reading) split() {
	r.normalised = Normalise(r.Shown)
	r.words = r.normalised.Words()
}

// Language guesses the language of the comment: a BCP 47 primary tag, or "" when it can't tell.
func (r *Reading) Language() string {
	r.guess.Do(func() { r.language = guessLanguage(r.Shown, r.Words()) })
	return r.language
}

// Fingerprint returns the same for two comments whose letters and digits are the same: see Fingerprint.
func (r *Reading) Fingerprint() []byte {
	if found := fingerprintASCII(r.Normalised().Text); found != nil {
		return found
	}
	return fingerprint(r.Folded())
}

// Folded returns Shown in the form in which texts are compared: see Fold.
func (r *Reading) Folded() string { return foldNormal(r.Normalised().Text) }

// errCompact is the error of HTML after Compact.
var errCompact = errors.New("text: the reading is compact")

// Compact frees most of the memory. Afterwards only SearchWords, Hosts and Language can be used.
func (r *Reading) Compact() {
	r.SearchWords()
	r.Language()
	r.doc, r.err, r.linked, r.toSource, r.Quoted, r.evidence = nil, errCompact, nil, mapping{}, nil, nil
	r.normalised, r.words = Normalised{}, nil
}

// Blank reports whether readers would see nothing of the comment: white space and invisible characters,
// Markdown around nothing, HTML comments. A text that cannot be rendered is not blank.
func (r *Reading) Blank() bool { return r.err == nil && !Visible(withoutHTMLComments(r.Shown)) }
