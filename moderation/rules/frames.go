package rules

import (
	"cmp"
	"context"
	"slices"
	"sort"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"rejoinder/moderation/text"
)

// A frame is a phrase of a shipped list of mode word with gaps: "man sollte dich … aufhängen" also finds "man sollte
// dich mal an den Ohren aufhängen". So one line covers what people put between the words that matter.
const (
	frameGap    = "…"
	mostInGap   = 5 // words that may stand in a gap; all in one sentence
	framePieces = 1 << 20
)

// shippedWordTerms is the terms of all shipped lists of mode word. An occurrence gives the numbers of parts or, from
// framePieces on, of the pieces of frames.
type shippedWordTerms struct {
	*automaton
	pieces []framePiece
}

// framePiece is what stands between two gaps of a frame. The piece before it has the number before.
type framePiece struct {
	part        uint32
	gap         uint8 // how many words may stand before it
	first, last bool  // of its frame
}

// frame is the pieces of a frame, each in all the ways in which it may be written.
type frame struct {
	pieces [][]string
	gap    uint8 // how many words may stand between two pieces
}

// shippedWords is the shipped lists of mode word, compiled when the first comment is evaluated: they take megabytes.
var shippedWords = sync.OnceValue(compileShippedWords)

func compileShippedWords() *shippedWordTerms {
	all := &shippedWordTerms{}
	collected := keyCollector{folded: map[string]string{}}
	files, _ := readShipped() // compiling a ruleset reports the error
	for i := range files {
		s := &files[i]
		if s.Mode != modeWord {
			continue
		}
		all.addPart(&collected, s.part, s, s.terms)
		all.addPart(&collected, s.part, s, s.whole)
		all.addPart(&collected, s.part+1, s, s.except)
	}
	all.automaton = newAutomaton(context.Background(), collected.keys)
	return all
}

func (all *shippedWordTerms) addPart(collected *keyCollector, part int, s *shippedFile, lines []string) {
	terms, frames := s.phrases(lines)
	collected.add(terms, uint32(part))
	for _, f := range frames {
		for i, ways := range f.pieces {
			collected.add(ways, framePieces+uint32(len(all.pieces)))
			all.pieces = append(all.pieces, framePiece{uint32(part), f.gap, i == 0, i == len(f.pieces)-1})
		}
	}
}

// keyCollector collects the keys of the terms of many lists. They are made of few different words, each of which is
// folded once.
type keyCollector struct {
	keys   []termKey
	folded map[string]string // by word as it is listed: as it stands in a joined text
	key    []byte
}

// add adds the keys of terms, which stand for a number. A term without letters and digits has none.
func (c *keyCollector) add(terms []string, number uint32) {
	for _, term := range terms {
		c.key = append(c.key[:0], ' ')
		for word := range strings.SplitSeq(term, " ") {
			joined, known := c.folded[word]
			if !known {
				joined, _ = joinWords(word)
				c.folded[word] = joined
			}
			if joined != "" {
				c.key = append(append(c.key, joined...), ' ')
			}
		}
		if len(c.key) > 1 && !strings.HasSuffix(term, "*") { // mode word knows no wildcards
			c.keys = append(c.keys, termKey{string(c.key), number})
		}
	}
}

// phrases reads the terms of some lines: those that are written out, in all the ways to write them, and frames.
func (s *shippedFile) phrases(lines []string) (terms []string, frames []frame) {
	for term := range strings.SplitSeq(strings.Join(lines, ","), ",") {
		left, right, halved := s.halve(strings.TrimSpace(term))
		switch {
		case halved:
			frames = append(frames, frame{pieces: [][]string{left, right}})
		case strings.Contains(term, frameGap):
			f := frame{gap: mostInGap}
			for piece := range strings.SplitSeq(term, frameGap) {
				f.pieces = append(f.pieces, s.variants(expand(piece)))
			}
			frames = append(frames, f)
		default:
			terms = append(terms, s.variants(expand(term))...)
		}
	}
	return terms, frames
}

// mostWays is how many ways to write a phrase are at most keys of their own.
const mostWays = 24

// halve cuts a phrase with more ways to write it between two words, so that the ways of the halves are few. The halves
// are a frame without a gap: a hundred phrases of shipped lists would otherwise be half of all keys. ok is false for a
// phrase that cannot be cut so that the frame is found wherever the phrase is.
func (s *shippedFile) halve(term string) (left, right []string, ok bool) {
	if waysOf(term) <= mostWays || strings.Contains(term, frameGap) {
		return nil, nil, false
	}
	var cuts []int
	for i := 1; i < len(term); i++ {
		inGroup := strings.Count(term[:i], "(") > strings.Count(term[:i], ")")
		if !inGroup && (term[i] == '(' || term[i-1] == ')' || term[i-1] == ' ') {
			cuts = append(cuts, i)
		}
	}
	ways := func(cut int) int { return waysOf(term[:cut]) + waysOf(term[cut:]) }
	slices.SortFunc(cuts, func(a, b int) int { return cmp.Compare(ways(a), ways(b)) })
	for _, cut := range cuts {
		left, right := s.variants(combine(term[:cut])), s.spellings(combine(term[cut:]))
		if separate(left, right) {
			return left, right, true
		}
	}
	return nil, nil, false
}

// waysOf returns how many ways to write it a short form stands for.
func waysOf(term string) int {
	ways := 1
	for group := range strings.SplitSeq(term, "(") {
		group, _, _ = strings.Cut(group, ")")
		ways *= 1 + strings.Count(group, "|")
	}
	return ways
}

// separate reports whether words begin between any left and any right half, and no left half can end inside a right one:
// of each piece, only the place is known where it was found last.
func separate(left, right []string) bool {
	lasts := map[string]bool{}
	for _, l := range left {
		words := text.Words(l)
		if len(words) == 0 {
			return false
		}
		lasts[words[len(words)-1].Folded] = true
	}
	for _, r := range right {
		words := text.Words(r)
		if len(words) == 0 || slices.ContainsFunc(words, func(w text.Word) bool { return lasts[w.Folded] }) {
			return false
		}
	}
	return spaced(left, strings.HasSuffix) || spaced(right, strings.HasPrefix) || singleWords(left, right)
}

func spaced(halves []string, at func(s, space string) bool) bool {
	return !slices.ContainsFunc(halves, func(half string) bool { return !at(half, " ") })
}

// singleWords reports whether all halves meet in letters that are words of their own, as in Japanese.
func singleWords(left, right []string) bool {
	single := func(r rune) bool { return unicode.In(r, unicode.Han, unicode.Hiragana) }
	return !slices.ContainsFunc(left, func(half string) bool {
		last, _ := utf8.DecodeLastRuneInString(half)
		return !single(last)
	}) && !slices.ContainsFunc(right, func(half string) bool {
		first, _ := utf8.DecodeRuneInString(half)
		return !single(first)
	})
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
		if begin, ok = f.begun(number-1, first, int(p.gap)); !ok {
			return 0, false
		}
	}
	if p.last {
		return begin, true
	}
	o := &f.opened[number]
	if o.scan == f.scan && p.gap == 0 && (int(o.last) > last || int(o.last) == last && int(o.first) < begin) {
		return 0, false // occurrences are not in the order of their ends, and one way may be the end of another
	}
	*o = openFrame{f.scan, int32(begin), int32(last)}
	return 0, false
}

// begun returns the first word of a frame up to a piece whose next piece begins at word next. A gap lies in one sentence.
func (f *frames) begun(piece uint32, next, gap int) (first int, ok bool) {
	o := &f.opened[piece]
	last := int(o.last)
	if o.scan != f.scan || last >= next || next-last-1 > gap || gap > 0 && !f.oneSentence(last, next) {
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
	shipped.scan(&open, joined, starts, func(part uint32, first, last int) {
		e.found(e.matcher.sharedWords[part], f, words[first].Start, words[last].End)
	})
}

// scan reports the parts of the terms that stand in joined words, each with its first and last word.
func (all *shippedWordTerms) scan(open *frames, joined []byte, starts []int, found func(part uint32, first, last int)) {
	scanAutomaton(all.automaton, joined, func(o occurrence) {
		first, last := sort.SearchInts(starts, o.start), sort.SearchInts(starts, o.end)-1
		for _, number := range o.terms {
			if number < framePieces {
				found(number, first, last)
				continue
			}
			p := all.pieces[number-framePieces]
			if begin, complete := open.piece(number-framePieces, p, first, last); complete {
				found(p.part, begin, last)
			}
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
