package rules

import (
	"context"
	"sort"
	"strings"
	"sync"

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
	first, last bool // of its frame
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
		terms, except := s.expand()
		all.addPart(&collected, s.part, terms, s.framesOf(s.terms))
		all.addPart(&collected, s.part+1, except, s.framesOf(s.except))
	}
	all.automaton = newAutomaton(context.Background(), collected.keys)
	return all
}

func (all *shippedWordTerms) addPart(collected *keyCollector, part int, terms []string, frames [][][]string) {
	collected.add(terms, uint32(part))
	for _, frame := range frames {
		for i, piece := range frame {
			collected.add(piece, framePieces+uint32(len(all.pieces)))
			all.pieces = append(all.pieces, framePiece{uint32(part), i == 0, i == len(frame)-1})
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
		if len(c.key) > 1 {
			c.keys = append(c.keys, termKey{string(c.key), number})
		}
	}
}

// framesOf returns the pieces of the frames in some lines of a list, each in all the ways in which it may be written.
func (s *shippedFile) framesOf(lines []string) [][][]string {
	var frames [][][]string
	for _, line := range lines {
		if !strings.Contains(line, frameGap) {
			continue
		}
		for _, term := range strings.Split(line, ",") {
			if !strings.Contains(term, frameGap) {
				continue
			}
			var frame [][]string
			for _, piece := range strings.Split(term, frameGap) {
				frame = append(frame, s.variants(expand(strings.TrimSpace(piece))))
			}
			frames = append(frames, frame)
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
		if begin, ok = f.begun(number-1, first); !ok {
			return 0, false
		}
	}
	if p.last {
		return begin, true
	}
	f.opened[number] = openFrame{f.scan, int32(begin), int32(last)}
	return 0, false
}

// begun returns the first word of a frame up to a piece whose next piece begins at word next.
func (f *frames) begun(piece uint32, next int) (first int, ok bool) {
	o := &f.opened[piece]
	last := int(o.last)
	if o.scan != f.scan || last >= next || next-last-1 > mostInGap || !f.oneSentence(last, next) {
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
