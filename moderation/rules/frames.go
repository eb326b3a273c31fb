package rules

import (
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

// framePiece is a part of a frame: between two gaps, or one that takeApart makes. The piece before it has the number
// before.
type framePiece struct {
	part        uint32
	gap         uint8 // how many words may stand behind it, before the next piece
	first, last bool  // of its frame
}

// phrasePiece is a piece of a frame in all the ways in which it may be written.
type phrasePiece struct {
	ways []string
	gap  uint8 // how many words may stand behind it, before the next piece
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
	for _, pieces := range frames {
		for i, p := range pieces {
			collected.add(p.ways, framePieces+uint32(len(all.pieces)))
			all.pieces = append(all.pieces, framePiece{uint32(part), p.gap, i == 0, i == len(pieces)-1})
		}
	}
}

// keyCollector collects the keys of the terms of many lists. Most terms consist of the same words, so it folds each
// word only once.
type keyCollector struct {
	keys   []termKey
	folded map[string]string // listed word to folded word
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
func (s *shippedFile) phrases(lines []string) (terms []string, frames [][]phrasePiece) {
	for term := range strings.SplitSeq(strings.Join(lines, ","), ",") {
		var pieces []phrasePiece
		for phrase := range strings.SplitSeq(term, frameGap) {
			phrase = strings.TrimSpace(phrase)
			joined := takeApart(phrase)
			for i, short := range joined {
				p := phrasePiece{s.spellings(expand(short)), 0}
				if i == 0 {
					p.ways = prefixed(p.ways, s.prefixes)
				}
				if i == len(joined)-1 {
					p.gap = mostInGap
				}
				pieces = append(pieces, p)
			}
		}
		if len(pieces) > 1 {
			frames = append(frames, pieces)
		} else {
			terms = append(terms, pieces[0].ways...)
		}
	}
	return terms, frames
}

// mostWays is the largest number of terms that a short form may stand for without being taken apart.
const mostWays = 24

// takeApart cuts a phrase with more ways to write it between words, so that the ways of the parts are few. The
// parts are the pieces of a frame without gaps: a few hundred phrases of shipped lists would otherwise be most of
// all keys.
func takeApart(phrase string) []string {
	if waysOf(phrase) <= mostWays {
		return []string{phrase}
	}
	best, fewest := 0, waysOf(phrase)
	for cut := 1; cut < len(phrase); cut++ {
		inGroup := strings.Count(phrase[:cut], "(") > strings.Count(phrase[:cut], ")")
		if inGroup || phrase[cut] != '(' && phrase[cut-1] != ')' && phrase[cut-1] != ' ' {
			continue
		}
		if ways := waysOf(phrase[:cut]) + waysOf(phrase[cut:]); ways < fewest && separate(phrase[:cut], phrase[cut:]) {
			best, fewest = cut, ways
		}
	}
	if best == 0 {
		return []string{phrase}
	}
	return append(takeApart(phrase[:best]), takeApart(phrase[best:])...)
}

// waysOf returns the number of terms that a short form stands for; see expand.
func waysOf(term string) int {
	ways := 1
	for group := range strings.SplitSeq(term, "(") {
		group, _, _ = strings.Cut(group, ")")
		ways *= 1 + strings.Count(group, "|")
	}
	return ways
}

// separate reports whether the boundary between two parts of a short form is always a boundary between words.
func separate(leftPart, rightPart string) bool {
	left, right := combine(leftPart), combine(rightPart)
	if !every(left, hasWord) || !every(right, hasWord) {
		return false
	}
	lastOf := func(s string) rune { r, _ := utf8.DecodeLastRuneInString(s); return r }
	firstOf := func(s string) rune { r, _ := utf8.DecodeRuneInString(s); return r }
	if every(right, func(s string) bool { return endsAlone(firstOf(s)) }) {
		return true
	}
	return every(left, func(s string) bool { return endsAlone(lastOf(s)) }) &&
		every(right, func(s string) bool { return firstOf(s) != longVowel })
}

func hasWord(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

const longVowel = 'ー'

// endsAlone reports whether a character is white space, or a word of its own, as in Japanese.
func endsAlone(r rune) bool { return r == ' ' || unicode.In(r, unicode.Han, unicode.Hiragana) }

func every(list []string, is func(string) bool) bool {
	return !slices.ContainsFunc(list, func(s string) bool { return !is(s) })
}

// openFrame is where the beginning of a frame, up to a piece, was found last.
type openFrame struct {
	scan  uint32 // in which it was found
	next  uint8  // where the next place is kept
	words [placesKept]wordRange
}

// wordRange is words from first to last.
type wordRange struct{ first, last int32 }

// placesKept is how many places of a piece are kept: one that is found later may overlap the next piece.
const placesKept = 4

// add adds a place. Of several places that end at the same word, it keeps the longest.
func (o *openFrame) add(scan uint32, at wordRange) {
	if o.scan != scan {
		*o = openFrame{scan: scan}
		for i := range o.words {
			o.words[i].last = -1
		}
	}
	for i := range o.words {
		if s := &o.words[i]; s.last == at.last {
			s.first = min(s.first, at.first)
			return
		}
	}
	o.words[o.next%placesKept] = at
	o.next++
}

// frames completes frames in one field.
type frames struct {
	written string
	words   []text.Word
	pieces  []framePiece
	opened  []openFrame // by piece; valid in this scan only
	scan    uint32
}

// piece notes a piece that covers the words from first to last. It returns the first word of the frame that the piece
// completes; ok is false if it completes none.
func (f *frames) piece(number uint32, first, last int) (begin int, ok bool) {
	p, begin := &f.pieces[number], first
	if !p.first {
		if begin, ok = f.begun(number-1, first); !ok {
			return 0, false
		}
	}
	if p.last {
		return begin, true
	}
	f.opened[number].add(f.scan, wordRange{int32(begin), int32(last)})
	return 0, false
}

// begun returns the first word of a frame up to a piece whose next piece begins at word next. A gap lies in one
// sentence.
func (f *frames) begun(piece uint32, next int) (first int, ok bool) {
	o, gap := &f.opened[piece], int(f.pieces[piece].gap)
	if o.scan != f.scan {
		return 0, false
	}
	for i := range o.words {
		at := o.words[(int(o.next)+placesKept-1-i)%placesKept] // the newest first
		last := int(at.last)
		if last >= 0 && last < next && next-last-1 <= gap && (gap == 0 || f.oneSentence(last, next)) {
			return int(at.first), true
		}
	}
	return 0, false
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
	open := frames{written: e.written(f), words: words, pieces: shipped.pieces, opened: e.opened, scan: e.frameScan}
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
			piece := number - framePieces
			if begin, complete := open.piece(piece, first, last); complete {
				found(all.pieces[piece].part, begin, last)
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
