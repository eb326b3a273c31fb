package rules

import (
	"context"

	"rejoinder/moderation/text"
)

// termCollector collects the checked terms of a document until they are compiled.
type termCollector struct {
	count  int            // of all terms, exceptions included
	filled map[int32]bool // lists with terms that are no exceptions
	listed []listTerm
	loose  *disguised // the document's own terms of mode loose, in parts numbered by own
	own    map[termRef]uint16
	shared [][]termRef // of each part of shippedLoose; nil for none
}

// note counts terms of a list.
func (t *termCollector) note(ref termRef, count int) {
	if t.filled == nil {
		t.filled, t.own, t.loose = map[int32]bool{}, map[termRef]uint16{}, &disguised{}
	}
	t.count += count
	t.filled[ref.list] = t.filled[ref.list] || !ref.except && count > 0
}

func (t *termCollector) add(ref termRef, compiled string) {
	t.note(ref, 1)
	t.listed = append(t.listed, listTerm{ref, compiled})
}

// addLoose adds a term of mode loose of the document's own.
func (t *termCollector) addLoose(ref termRef, term string, ways []text.Disguise) {
	t.note(ref, 1)
	part, known := t.own[ref]
	if !known {
		part = uint16(len(t.own)) // there are two for each list at most
		t.own[ref] = part
	}
	t.loose.add(term, ref.except, ways, part)
}

// share adds the terms or the exceptions of a shipped list of mode loose.
func (t *termCollector) share(ref termRef, part int, all *shippedTerms) {
	t.note(ref, all.counts[part])
	if t.shared == nil {
		t.shared = make([][]termRef, len(all.counts))
	}
	t.shared[part] = append(t.shared[part], ref)
}

// compile compiles all terms. If ctx ends, the result is unusable.
func (t *termCollector) compile(ctx context.Context, lists []list) *matcher {
	m := newMatcher(ctx, lists, t.listed)
	if t.shared != nil {
		m.loose = append(m.loose, looseTerms{&shippedLoose().disguised, t.shared})
	}
	if len(t.own) > 0 {
		refs := make([][]termRef, len(t.own))
		for ref, part := range t.own {
			refs[part] = []termRef{ref}
		}
		if t.loose.build(ctx); t.loose.finder != nil {
			m.loose = append(m.loose, looseTerms{t.loose, refs})
		}
	}
	return m
}
