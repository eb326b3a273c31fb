package dictionary

import (
	"encoding/binary"
	"errors"
)

// The words are a minimal acyclic automaton (Daciuk et al., "Incremental Construction of Minimal Acyclic
// Finite-State Automata", Computational Linguistics 26(1), 2000) whose final states carry a Set. Words of all
// languages share it, so one walk finds every language of a word.
//
// The file is a header and the states. The header holds, as unsigned varints, the number of different sets
// and the sets, then for each script the number of its letters and the letters. The first state is the root.
//
// Letters are written in symbols of 6 bits, numbered within their script; the root has one arc per script.
// Letters that do not fit into 6 bits take two symbols. A state is a list of arcs. An arc is a byte with the
// symbol, lastArc and nextState, and, without nextState, a varint that says where its target begins: odd
// values count back from the end of the file, even values count forward from the end of the arc. The symbol
// endOfWord, always in the first arc, makes the state final; its varint is the number of the set.
const (
	lastArc   = 1 << 7 // the state has no more arcs
	nextState = 1 << 6 // the target begins where this arc ends
	symbolOf  = 1<<6 - 1

	endOfWord    = 0
	escape       = symbolOf // the next symbol continues the letter
	singleLetter = escape - 1
	doubleLetter = symbolOf
)

// The scripts, and their symbols in the root.
const (
	latin = 1 + iota
	cyrillic
	arabic
	scripts = arabic
)

// letterLimit is the first code point above all letters of the three scripts.
const letterLimit = 0x700

// automaton is an opened file.
type automaton struct {
	data  []byte
	root  int
	sets  []Set
	codes [letterLimit]uint16 // the symbols of each letter: the first in the low byte, the second above it; 0 means none
	// starts are the states after the script and the first symbol, or -1. They save the search in the largest
	// states.
	starts [scripts][symbolOf + 1]int
}

var errFormat = errors.New("not a dictionary file")

// open reads the header. It does not check the states.
func open(data []byte) (*automaton, error) {
	a := &automaton{data: data}
	sets, err := a.header()
	if err != nil {
		return nil, err
	}
	for _, set := range sets {
		a.sets = append(a.sets, Set(set))
	}
	for range scripts {
		letters, err := a.header()
		if err != nil {
			return nil, err
		}
		for i, letter := range letters {
			if letter >= letterLimit || i >= singleLetter+doubleLetter {
				return nil, errFormat
			}
			a.codes[letter] = codeOf(i)
		}
	}
	if a.root == len(data) {
		return nil, errFormat
	}
	for i := range a.starts {
		root := a.follow(a.root, byte(i+1))
		for symbol := range a.starts[i] {
			if a.starts[i][symbol] = -1; root >= 0 {
				a.starts[i][symbol] = a.follow(root, byte(symbol))
			}
		}
	}
	return a, nil
}

// header reads one list of numbers at root and moves root behind it.
func (a *automaton) header() ([]uint64, error) {
	number := func() (uint64, error) {
		v, n := binary.Uvarint(a.data[a.root:])
		if n <= 0 {
			return 0, errFormat
		}
		a.root += n
		return v, nil
	}
	count, err := number()
	if err != nil || count > uint64(len(a.data)) {
		return nil, errFormat
	}
	list := make([]uint64, count)
	for i := range list {
		if list[i], err = number(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// codeOf returns the symbols of the i-th letter of a script.
func codeOf(i int) uint16 {
	if i < singleLetter {
		return uint16(i + 1)
	}
	return escape | uint16(i-singleLetter+1)<<8
}

// scriptOf returns the script of a letter.
func scriptOf(letter rune) byte {
	switch {
	case letter >= 0x600:
		return arabic
	case letter >= 0x400:
		return cyrillic
	}
	return latin
}

// lookUp returns the set of a word, empty if the word is not there.
func (a *automaton) lookUp(word string) Set {
	var script byte
	at := -1
	for i, letter := range word {
		if letter >= letterLimit || a.codes[letter] == 0 {
			return 0
		}
		code := a.codes[letter]
		switch {
		case i == 0:
			script = scriptOf(letter)
			at = a.starts[script-1][byte(code)]
		case scriptOf(letter) == script:
			at = a.follow(at, byte(code))
		default:
			return 0
		}
		if code > symbolOf && at >= 0 {
			at = a.follow(at, byte(code>>8))
		}
		if at < 0 {
			return 0
		}
	}
	if at < 0 || a.data[at]&symbolOf != endOfWord { // at is -1 for the empty word
		return 0
	}
	number, _ := a.number(at + 1)
	return a.sets[number]
}

// follow returns where the target of the arc with this symbol begins, or -1.
func (a *automaton) follow(at int, symbol byte) int {
	for {
		arc := a.data[at]
		at++
		if arc&symbolOf == symbol {
			if arc&nextState != 0 {
				return at
			}
			v, end := a.number(at)
			if v&1 != 0 {
				return len(a.data) - v>>1
			}
			return end + v>>1
		}
		if arc&lastArc != 0 {
			return -1
		}
		if arc&nextState == 0 {
			for a.data[at] >= 0x80 {
				at++
			}
			at++
		}
	}
}

// number reads a varint and returns it and where it ends.
func (a *automaton) number(at int) (v, end int) {
	for shift := 0; ; shift += 7 {
		b := a.data[at]
		at++
		v |= int(b&0x7f) << shift
		if b < 0x80 {
			return v, at
		}
	}
}
