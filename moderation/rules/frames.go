package rules

import (
	"context"
	"slices"
	"sort"
	"strings"
	"sync"

	"rejoinder/moderation/text"
)

// A frame is a phrase of a shipped list of mode word with gaps: "man sollte dich … aufhängen" also finds "man sollte
// dich mal an den Ohren aufhängen". So one line covers what people put between the words that matter. Between pieces that
// frameJoint joins, nothing may stand. Long phrases are taken apart so, because all combinations of their words would
// take too much memory.
const (
	frameGap    = "…"
	frameJoint  = " + "
	mostInGap   = 5 // words that may stand in a gap; all in one sentence
	framePieces = 1 << 20
	mostWritten = 48 // ways to write a phrase that is not taken apart
)

// shippedWordTerms is the terms of all shipped lists of mode word, in parts as those of shippedTerms. An occurrence
// gives the numbers of parts or, from framePieces on, of the pieces of frames.
type shippedWordTerms struct {
	*automaton
	first  map[string]int
	counts []int
	pieces []framePiece
}

// framePiece is what stands between two gaps of a frame. The piece before it has the number before.
type framePiece struct {
	part        uint32
	first, last bool // of its frame
	joined      bool // to the piece before it: without a gap
}

// frame is the pieces of a frame in order.
type frame []writtenPiece

// writtenPiece is a piece in all the ways in which it may be written.
type writtenPiece struct {
	terms  []string
	joined bool
}

// shippedWords is the shipped lists of mode word, compiled once: they take megabytes.
var shippedWords = sync.OnceValue(func() *shippedWordTerms {
	all := &shippedWordTerms{first: map[string]int{}}
	var keys []termKey
	files, _ := readShipped() // compiling a ruleset reports the error
	for i := range files {
		s := &files[i]
		if s.Mode != modeWord {
			continue
		}
		all.first[s.Name] = len(all.counts)
		terms, except := s.expand()
		keys = all.addPart(keys, terms, s.framesOf(s.terms))
		keys = all.addPart(keys, except, s.framesOf(s.except))
	}
	all.automaton = newAutomaton(context.Background(), keys)
	return all
})

func (all *shippedWordTerms) addPart(keys []termKey, terms []string, frames []frame) []termKey {
	part := uint32(len(all.counts))
	keys = appendKeys(keys, terms, part)
	for _, f := range frames {
		for i, piece := range f {
			keys = appendKeys(keys, piece.terms, framePieces+uint32(len(all.pieces)))
			all.pieces = append(all.pieces, framePiece{part, i == 0, i == len(f)-1, piece.joined})
		}
	}
	all.counts = append(all.counts, len(terms)+len(frames))
	return keys
}

func appendKeys(keys []termKey, terms []string, number uint32) []termKey {
	for _, raw := range terms {
		if compiled, p := wordTerm(raw); p == (problem{}) {
			keys = append(keys, termKey{compiled, number})
		}
	}
	return keys
}

// takenApart returns a line of terms with those joined by frameJoint that may be written in too many ways. Pieces end
// at the white space outside groups and, in a language without any, between groups.
func takenApart(line string, spaced bool) string {
	terms := strings.Split(line, ",")
	for i, term := range terms {
		if !isFrame(term) && waysToWrite(term) > mostWritten {
			terms[i] = joint(term, spaced)
		}
	}
	return strings.Join(terms, ",")
}

// waysToWrite returns the number of terms that a short form stands for.
func waysToWrite(term string) int {
	ways := 1
	for _, part := range strings.Split(term, "(")[1:] {
		group, _, _ := strings.Cut(part, ")")
		ways *= strings.Count(group, "|") + 1
	}
	return ways
}

func joint(term string, spaced bool) string {
	if !spaced {
		term = strings.ReplaceAll(term, ")(", ") (")
	}
	var pieces []string
	open := ""
	for _, piece := range outsideGroups(term) {
		switch last := len(pieces) - 1; {
		case open != "":
			open += separator(spaced) + piece
		case last >= 0 && optional(piece):
			open, pieces = pieces[last]+separator(spaced)+piece, pieces[:last]
		default:
			open = piece
		}
		if !optional(open) {
			pieces, open = append(pieces, open), ""
		}
	}
	if open != "" {
		pieces = append(pieces, open)
	}
	return strings.Join(pieces, frameJoint)
}

func separator(spaced bool) string {
	if spaced {
		return " "
	}
	return ""
}

// outsideGroups splits a short form at the white space outside its groups.
func outsideGroups(term string) []string {
	depth := 0
	return strings.FieldsFunc(term, func(r rune) bool {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		}
		return depth == 0 && r == ' '
	})
}

// optional reports whether a piece may be written as nothing, or as punctuation.
func optional(piece string) bool {
	return slices.ContainsFunc(expand(piece), func(term string) bool { return len(text.Words(term)) == 0 })
}

// isFrame reports whether a term, or a line of them, has gaps or joints.
func isFrame(s string) bool {
	return strings.Contains(s, frameGap) || strings.Contains(s, frameJoint)
}

// framesOf returns the frames in some lines of a list.
func (s *shippedFile) framesOf(lines []string) []frame {
	var frames []frame
	for _, line := range lines {
		if !isFrame(line) {
			continue
		}
		for _, term := range strings.Split(line, ",") {
			if !isFrame(term) {
				continue
			}
			var f frame
			for _, apart := range strings.Split(term, frameGap) {
				for i, piece := range strings.Split(apart, frameJoint) {
					f = append(f, writtenPiece{s.variants(expand(strings.TrimSpace(piece))), i > 0})
				}
			}
			frames = append(frames, f)
		}
	}
	return frames
}

// openFrame is the beginning of a frame that was found last, up to a piece.
type openFrame struct {
	scan        uint32 // in which it was found
	first, last int32  // its words
}

// frames completes frames in one field.
type frames struct {
	written string
	words   []text.Word
	opened  []openFrame // by piece; valid in this scan only
	scan    uint32
}

// piece notes a piece that covers the words from first to last. It returns the first word of the frame that the piece
// completes; ok is false if it completes none.
func (f *frames) piece(number uint32, p framePiece, first, last int) (begin int, ok bool) {
	begin = first
	if !p.first {
		gap := mostInGap
		if p.joined {
			gap = 0
		}
		if begin, ok = f.begun(number-1, first, gap); !ok {
			return 0, false
		}
	}
	if p.last {
		return begin, true
	}
	f.opened[number] = openFrame{f.scan, int32(begin), int32(last)}
	return 0, false
}

// begun returns the first word of a frame up to a piece whose next piece begins at word next, at most gap words later.
func (f *frames) begun(piece uint32, next, gap int) (first int, ok bool) {
	o := &f.opened[piece]
	last := int(o.last)
	if o.scan != f.scan || last >= next || next-last-1 > gap || !f.oneSentence(last, next) {
		return 0, false
	}
	return int(o.first), true
}

func (f *frames) oneSentence(from, to int) bool {
	for i := from; i < to; i++ {
		if endsSentence(f.written[f.words[i].End:f.words[i+1].Start]) {
			return false
		}
	}
	return true
}

// scanShippedWords looks for the terms of shipped lists in joined words, which begin at starts.
func (e *evaluation) scanShippedWords(f field, words []text.Word, joined []byte, starts []int) {
	shipped := shippedWords()
	if e.opened == nil {
		e.opened = make([]openFrame, len(shipped.pieces))
	}
	e.frameScan++
	open := frames{written: e.written(f), words: words, opened: e.opened, scan: e.frameScan}
	scanAutomaton(shipped.automaton, joined, func(o occurrence) {
		first, last := sort.SearchInts(starts, o.start), sort.SearchInts(starts, o.end)-1
		for _, number := range o.terms {
			part, begin := number, first
			if number >= framePieces {
				number -= framePieces
				p := shipped.pieces[number]
				var complete bool
				if begin, complete = open.piece(number, p, first, last); !complete {
					continue
				}
				part = p.part
			}
			e.found(e.matcher.sharedWords[part], f, words[begin].Start, words[last].End)
		}
	})
}

// leastSpelled is how many single letters in a row are a word that was taken apart.
const leastSpelled = 4

// spelledTogether returns the words with those that are spelt with gaps, such as "f o o l", as one; nil if there are
// none. Lists of mode loose know such words by themselves.
func spelledTogether(words []text.Word) []text.Word {
	var together []text.Word
	for from, to := 0, 0; from < len(words); from = max(to, from+1) {
		for to = from; to < len(words) && singleLetter(words[to].Folded); {
			to++
		}
		if to-from < leastSpelled {
			if together != nil {
				together = append(together, words[from:max(to, from+1)]...)
			}
			continue
		}
		if together == nil {
			together = append(make([]text.Word, 0, len(words)), words[:from]...)
		}
		word := text.Word{Start: words[from].Start, End: words[to-1].End}
		for _, w := range words[from:to] {
			word.Folded += w.Folded
		}
		together = append(together, word)
	}
	return together
}

// singleLetter reports whether a word is one letter of a script with spaces between its words.
func singleLetter(word string) bool {
	return len(word) == 1 && word[0] > '9' || len(word) == 2 && word[0] >= 0xC2
}
