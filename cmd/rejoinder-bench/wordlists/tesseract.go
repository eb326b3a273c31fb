package wordlists

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// Components of a Tesseract data file (tesseract-ocr, src/ccutil/tessdatamanager.h).
const (
	lstmWords   = 19 // a directed acyclic word graph
	lstmCharset = 21
)

var errTesseract = errors.New("not a Tesseract data file with a word list")

// readTesseract calls word for every word of a .traineddata file. The words were collected from the Web, the
// frequent ones only; among them are names, foreign words and words with punctuation.
func readTesseract(path string, word func(string)) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read word list: %w", err)
	}
	words, err1 := component(data, lstmWords)
	charset, err2 := component(data, lstmCharset)
	if err := errors.Join(err1, err2); err != nil {
		return fmt.Errorf("read word list %s: %w", path, err)
	}
	g, err := parseGraph(words, charset)
	if err != nil {
		return fmt.Errorf("read word list %s: %w", path, err)
	}
	g.walk(0, nil, word)
	return nil
}

// component returns one component of a data file: a count, the offset of each component or -1, the
// components.
func component(data []byte, number int) ([]byte, error) {
	if len(data) < 4 {
		return nil, errTesseract
	}
	count := int(binary.LittleEndian.Uint32(data))
	if number >= count || len(data) < 4+8*count {
		return nil, errTesseract
	}
	offset := func(i int) int { return int(int64(binary.LittleEndian.Uint64(data[4+8*i:]))) }
	start, end := offset(number), len(data)
	for i := number + 1; i < count; i++ {
		if next := offset(i); next > 0 {
			end = next
			break
		}
	}
	if start < 0 || start > end || end > len(data) {
		return nil, errTesseract
	}
	return data[start:end], nil
}

// wordGraph is a squished DAWG (tesseract-ocr, src/dict/dawg.h). Bits of an edge, from the low end: the
// number of the character, three flags, the first edge of the target.
type wordGraph struct {
	edges    []uint64
	chars    []string
	charBits int
}

const (
	lastEdge  = 1 << 0
	backward  = 1 << 1
	wordEnd   = 1 << 2
	flagBits  = 3
	graphHead = 10 // bytes before the edges: magic number, size of the character set, number of edges
)

func parseGraph(words, charset []byte) (*wordGraph, error) {
	if len(words) < graphHead {
		return nil, errTesseract
	}
	g := &wordGraph{}
	for size := binary.LittleEndian.Uint32(words[2:]); 1<<g.charBits < size+1; {
		g.charBits++
	}
	count := int(binary.LittleEndian.Uint32(words[6:]))
	if len(words) < graphHead+8*count {
		return nil, errTesseract
	}
	for i := range count {
		g.edges = append(g.edges, binary.LittleEndian.Uint64(words[graphHead+8*i:]))
	}
	for _, line := range strings.Split(strings.TrimSpace(string(charset)), "\n")[1:] {
		char, _, _ := strings.Cut(line, " ")
		g.chars = append(g.chars, char)
	}
	return g, nil
}

// walk calls word for all words that begin with prefix and go on at an edge.
func (g *wordGraph) walk(edge int, prefix []byte, word func(string)) {
	for ; edge < len(g.edges); edge++ {
		e := g.edges[edge]
		char, flags, target := int(e&(1<<g.charBits-1)), e>>g.charBits, int(e>>(g.charBits+flagBits))
		if char < len(g.chars) && flags&backward == 0 {
			longer := slices.Concat(prefix, []byte(g.chars[char]))
			if flags&wordEnd != 0 {
				word(string(longer))
			}
			if target != 0 && len(longer) < 100 {
				g.walk(target, longer, word)
			}
		}
		if flags&lastEdge != 0 {
			return
		}
	}
}
