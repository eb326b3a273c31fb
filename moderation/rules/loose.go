package rules

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"rejoinder/moderation/text"
)

var skeletons = sync.Pool{New: func() any { return new(text.Skeleton) }}

// disguised is all terms of the loose lists, in every way in which they may be written, with one automaton
// over what characters look like.
type disguised struct {
	finder    *automaton // its keys refer to disguises, not to lists; nil for none
	keys      []termKey  // until built
	disguises []*text.Disguise
	terms     []termRef         // of each disguise
	misspelt  text.Misspellings // of the terms, by the number of their first disguise
}

func looseTerm(raw string) (string, problem) {
	if !text.CanDisguise(raw) {
		return "", problem{"a term of a loose list needs two letters or digits at least", "Put it into a list of mode word."}
	}
	return raw, problem{}
}

// waysToWrite returns the ways in which a term, or an exception, may be written.
func waysToWrite(term string, except bool) []text.Disguise {
	if !except {
		return text.Disguises(term)
	}
	if plain, ok := text.Undisguised(term); ok {
		return []text.Disguise{plain}
	}
	return nil
}

// reserve makes room for exactly the terms given.
func (d *disguised) reserve(terms []listTerm) {
	ways := 0
	for _, t := range terms {
		ways += len(t.ways)
	}
	d.keys, d.disguises, d.terms = make([]termKey, 0, ways), make([]*text.Disguise, 0, ways), make([]termRef, 0, ways)
}

func (d *disguised) add(t listTerm) {
	if !t.except && len(t.ways) > 0 && !strings.HasSuffix(t.compiled, ".") {
		d.misspelt.Add(strings.ToLower(strings.Trim(t.compiled, "*")), int32(len(d.disguises)))
	}
	for i := range t.ways {
		way := &t.ways[i]
		number := int32(len(d.disguises))
		d.disguises = append(d.disguises, way)
		d.terms = append(d.terms, t.termRef)
		d.keys = append(d.keys, termKey{text: way.Key, terms: []termRef{{list: number}}})
	}
}

// build ends the adding.
func (d *disguised) build(ctx context.Context) { d.finder, d.keys = newAutomaton(ctx, d.keys), nil }

// scanLoose looks for disguised words: the automaton says where the field looks like a term, and each such
// place is examined.
func (e *evaluation) scanLoose(f field) {
	d := &e.matcher.loose
	if d.finder == nil {
		return
	}
	k := skeletons.Get().(*text.Skeleton)
	defer func() {
		k.Forget() // memory kept for the next evaluation holds nothing of this one
		skeletons.Put(k)
	}()
	written := e.written(f)
	k.Read(written)
	e.revealed = e.revealed[:0]
	e.scanSkeleton(k, f, written)
	if k.ReadApart() {
		e.scanSkeleton(k, f, written)
	}
	e.scanMisspellings(f)
	e.noteRevealed()
}

// looseMatchesBetween is the number of matches between two checks of the context.
const looseMatchesBetween = 256

// scanSkeleton looks for disguised words in one skeleton of a field.
func (e *evaluation) scanSkeleton(k *text.Skeleton, f field, written string) {
	d, met := &e.matcher.loose, 0
	scanAutomaton(d.finder, k.Classes, func(key *termKey, end int) {
		for _, way := range key.terms {
			if met++; met%looseMatchesBetween == 0 && e.ctx.Err() != nil {
				return
			}
			from, to, ok := k.Find(d.disguises[way.list], end)
			if ok && !designation(written[from:to]) {
				e.revealed = append(e.revealed, match{d.terms[way.list], f, from, to})
			}
		}
	})
}

// scanMisspellings looks for misspelt words in a field, each different word once.
func (e *evaluation) scanMisspellings(f field) {
	d, meant := &e.matcher.loose, map[string][]int32(nil)
	for _, w := range e.words(f) {
		terms, known := meant[w.Folded]
		if !known {
			if e.ctx.Err() != nil {
				return
			}
			terms = d.misspelt.Find(w.Folded)
		}
		if len(terms) == 0 {
			continue
		}
		if meant == nil {
			meant = map[string][]int32{}
		}
		meant[w.Folded] = terms
		for _, number := range terms {
			e.revealed = append(e.revealed, match{d.terms[number], f, w.Start, w.End})
		}
	}
}

// noteRevealed notes the disguised words that were found, in order. Of several readings of one place, the
// longest counts.
func (e *evaluation) noteRevealed() {
	slices.SortFunc(e.revealed, func(a, b match) int {
		return cmp.Or(a.termRef.compare(b.termRef), cmp.Compare(a.start, b.start), cmp.Compare(b.end, a.end))
	})
	last := match{end: -1}
	for _, m := range e.revealed {
		if m.termRef == last.termRef && m.end <= last.end {
			continue
		}
		e.note(m)
		last = m
	}
}

// designation reports whether a match is one letter with a number: a road, a postcode, a gate, and no word in
// disguise.
func designation(s string) bool {
	letter := len(s) > 1 && (s[0]|0x20 >= 'a' && s[0]|0x20 <= 'z')
	return letter && strings.Trim(s[1:], "0123456789") == ""
}
