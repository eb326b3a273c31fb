package rules

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"rejoinder/moderation/text"
)

var skeletons = sync.Pool{New: func() any { return new(text.Skeleton) }}

// disguised contains terms of mode loose with all their disguises, in one automaton over the look of
// characters. The terms are in parts, whose meaning the caller defines. It is immutable after build.
type disguised struct {
	finder   *automaton // its terms are the numbers of ways; nil for none
	ways     text.DisguiseTable
	parts    []uint16          // of each way
	misspelt text.Misspellings // by part
	keys     []termKey         // of ways, until build
}

// looseTerms is terms of mode loose as a ruleset uses them.
type looseTerms struct {
	compiled func() *disguised
	refs     [][]termRef // of each part: which lists its terms belong to; none for terms that are not used
}

func looseTerm(raw string) (string, problem) {
	if !text.CanDisguise(raw) {
		return "", problem{"a term of a loose list needs two letters or digits at least", "Put it into a list of mode word."}
	}
	return raw, problem{}
}

// CheckLooseTerm returns what is wrong with a term for a list of mode loose; empty if nothing is.
func CheckLooseTerm(term string) string {
	switch {
	case !utf8.ValidString(term) || strings.ContainsFunc(term, unicode.IsControl):
		return "it must be text in UTF-8, without control characters"
	case utf8.RuneCountInString(term) > maxSettingTerm:
		return fmt.Sprintf("it has more than %d characters", maxSettingTerm)
	case !text.CanDisguise(term):
		return "it needs at least two letters or digits"
	}
	return ""
}

// maxSettingTerm bounds a word in the settings.
const maxSettingTerm = 100

// appendWays appends the ways in which a term, or an exception, may be written.
func appendWays(ways []text.Disguise, term string, except bool) []text.Disguise {
	if !except {
		return text.AppendDisguises(ways, term)
	}
	if plain, ok := text.Undisguised(term); ok {
		return append(ways, plain)
	}
	return ways
}

// lettersOf returns how many letters a term has in all ways in which it may be written.
func lettersOf(ways []text.Disguise) int {
	letters := 0
	for i := range ways {
		letters += len(ways[i].Key)
	}
	return letters
}

// add adds a term in all the ways in which it may be written.
func (d *disguised) add(term string, except bool, ways []text.Disguise, part uint16) {
	if !except && len(ways) > 0 && !strings.HasSuffix(term, ".") {
		d.misspelt.Add(strings.ToLower(strings.Trim(term, "*")), int32(part))
	}
	d.addWays(ways, part)
}

func (d *disguised) addWays(ways []text.Disguise, part uint16) {
	for i := range ways {
		number := d.ways.Add(&ways[i])
		d.parts = append(d.parts, part)
		d.keys = append(d.keys, termKey{ways[i].Key, uint32(number)})
	}
}

// build ends the adding. If ctx ends, the result is unusable.
func (d *disguised) build(ctx context.Context) {
	d.ways.Finish()
	d.misspelt.Finish()
	d.finder, d.keys, d.parts = newAutomaton(ctx, d.keys), nil, slices.Clip(d.parts)
}

// scanLoose looks for disguised words: the automaton says where the field looks like a term, and each such
// place is examined.
func (e *evaluation) scanLoose(f field) {
	if len(e.matcher.loose) == 0 {
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
	e.scanVeiled(k, f)
	if k.ReadApart() {
		e.scanSkeleton(k, f, written)
	}
	e.scanMisspellings(f)
	e.scanCensored(f, written)
	e.noteRevealed()
}

// looseMatchesBetween is the number of matches between two checks of the context.
const looseMatchesBetween = 256

// scanSkeleton looks for disguised words in one skeleton of a field.
func (e *evaluation) scanSkeleton(k *text.Skeleton, f field, written string) {
	met := 0
	for _, loose := range e.matcher.loose {
		d := loose.compiled()
		scanAutomaton(d.finder, k.Classes, func(o occurrence) {
			for _, way := range o.terms {
				if met++; met%looseMatchesBetween == 0 && e.ctx.Err() != nil {
					return
				}
				refs := loose.refs[d.parts[way]]
				if len(refs) == 0 {
					continue
				}
				from, to, ok := k.Find(&d.ways, int(way), o.end)
				if ok && !designation(written[from:to]) {
					e.reveal(refs, f, from, to)
				}
			}
		})
	}
}

// reveal adds a match for each list, unless it lies in one of the last matches of the list: a place that can be
// read as a term in many ways would otherwise add many, which would all have to be sorted.
func (e *evaluation) reveal(refs []termRef, f field, start, end int) {
	for _, ref := range refs {
		if !e.justRevealed(ref, start, end) {
			e.revealed = append(e.revealed, match{termRef: ref, field: f, start: start, end: end})
		}
	}
}

func (e *evaluation) justRevealed(ref termRef, start, end int) bool {
	const few = 16
	for i := len(e.revealed) - 1; i >= max(0, len(e.revealed)-few); i-- {
		m := &e.revealed[i]
		if m.end <= start {
			return false
		}
		if m.termRef == ref && m.start <= start && end <= m.end {
			return true
		}
	}
	return false
}

// scanMisspellings looks for misspelt words in a field, each different word once.
func (e *evaluation) scanMisspellings(f field) {
	for _, loose := range e.matcher.loose {
		d := loose.compiled()
		meant := map[string][]int32(nil)
		for _, w := range e.words(f) {
			parts, known := meant[w.Folded]
			if !known {
				if e.ctx.Err() != nil {
					return
				}
				parts = d.misspelt.Find(w.Folded)
			}
			if len(parts) == 0 {
				continue
			}
			if meant == nil {
				meant = map[string][]int32{}
			}
			meant[w.Folded] = parts
			for _, part := range parts {
				for _, ref := range loose.refs[part] {
					e.revealed = append(e.revealed, match{termRef: ref, field: f, start: w.Start, end: w.End, misspelt: true})
				}
			}
		}
	}
}

// scanVeiled looks for misspelt words of which signs or look-alike letters hide some letters.
func (e *evaluation) scanVeiled(k *text.Skeleton, f field) {
	for w := range k.Veiled() {
		if e.ctx.Err() != nil {
			return
		}
		for _, loose := range e.matcher.loose {
			for _, part := range loose.compiled().misspelt.Find(w.Folded) {
				e.reveal(loose.refs[part], f, w.Start, w.End)
			}
		}
	}
}

// scanCensored looks for words of which a sign hides one letter, whichever it is.
func (e *evaluation) scanCensored(f field, written string) {
	e.scanStarred(f, written)
	words := e.words(f)
	for i := 1; i < len(words); i++ {
		before, after := words[i-1], words[i]
		if after.Start != before.End+1 || !strings.ContainsAny(written[before.End:after.Start], "*#") {
			continue
		}
		for _, loose := range e.matcher.loose {
			for _, part := range loose.compiled().misspelt.FindCensored(before.Folded, after.Folded) {
				e.reveal(loose.refs[part], f, before.Start, after.End)
			}
		}
	}
}

// scanStarred looks for words of which stars hide any letters, each different word once.
func (e *evaluation) scanStarred(f field, written string) {
	meant := map[string][][]int32(nil)
	for w := range text.StarredWords(written) {
		if e.ctx.Err() != nil {
			return
		}
		parts, known := meant[w.Folded]
		if !known {
			for _, loose := range e.matcher.loose {
				parts = append(parts, loose.compiled().misspelt.FindStarred(w.Folded))
			}
			if meant == nil {
				meant = map[string][][]int32{}
			}
			meant[w.Folded] = parts
		}
		for i, loose := range e.matcher.loose {
			for _, part := range parts[i] {
				e.reveal(loose.refs[part], f, w.Start, w.End)
			}
		}
	}
}

// noteRevealed notes the disguised words that were found, in order. Of several readings of one place, the
// longest counts.
func (e *evaluation) noteRevealed() {
	slices.SortFunc(e.revealed, compareRevealed)
	last := match{end: -1}
	for _, m := range e.revealed {
		if m.termRef == last.termRef && m.end <= last.end {
			continue
		}
		e.note(m)
		last = m
	}
}

// compareRevealed orders matches by term, then by place, the longest first.
func compareRevealed(a, b match) int {
	switch {
	case a.termRef != b.termRef:
		return a.termRef.compare(b.termRef)
	case a.start != b.start:
		return a.start - b.start
	}
	return b.end - a.end
}

// designation reports whether a match is one letter with a number: a road, a postcode, a gate, and no word in
// disguise.
func designation(s string) bool {
	letter := len(s) > 1 && (s[0]|0x20 >= 'a' && s[0]|0x20 <= 'z')
	return letter && strings.Trim(s[1:], "0123456789") == ""
}

// shippedLoose is the shipped lists of mode loose, compiled when the first comment is evaluated: they would be most of
// the time and of the memory that compiling a ruleset takes.
var shippedLoose = sync.OnceValue(compileShippedLoose)

func compileShippedLoose() *disguised {
	all := &disguised{}
	files, _ := readShipped() // compiling a ruleset reports the error
	for i := range files {
		if s := &files[i]; s.Mode == modeLoose {
			terms, except := s.expand()
			all.addAll(terms, false, s.part)
			all.addAll(except, true, s.part+1)
			for _, line := range s.compounded {
				all.addCompounds(splitTerms(line), s.part)
			}
		}
	}
	all.build(context.Background())
	return all
}

func (d *disguised) addAll(terms []string, except bool, part int) {
	var ways []text.Disguise
	for _, term := range terms {
		ways = appendWays(ways[:0], term, except)
		d.add(term, except, ways, uint16(part))
	}
}

func (d *disguised) addCompounds(terms []string, part int) {
	for _, term := range terms {
		if way, ok := text.Compound(term); ok {
			d.addWays([]text.Disguise{way}, uint16(part))
		}
	}
}
