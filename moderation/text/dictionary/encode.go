package dictionary

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
)

// WithName adds to a set the mark of a name of a person or place.
func (s Set) WithName() Set { return s | names }

// Encode writes the words and their sets in the format of this package. The same words give the same bytes.
// It fails if a word has letters of two scripts or characters outside Latin, Cyrillic and Arabic.
func Encode(words map[string]Set) ([]byte, error) {
	letters, err := countLetters(words)
	if err != nil {
		return nil, err
	}
	sets := byFrequency(countSets(words))
	header := binary.AppendUvarint(nil, uint64(len(sets)))
	for _, set := range sets {
		header = binary.AppendUvarint(header, uint64(set))
	}
	codes := map[rune]uint16{}
	for script := range letters {
		alphabet := byFrequency(letters[script])
		if len(alphabet) > singleLetter+doubleLetter {
			return nil, fmt.Errorf("script %d has %d letters, more than the format holds", script+1, len(alphabet))
		}
		header = binary.AppendUvarint(header, uint64(len(alphabet)))
		for i, letter := range alphabet {
			header = binary.AppendUvarint(header, uint64(letter))
			codes[letter] = codeOf(i)
		}
	}
	b := newBuilder()
	for _, p := range encodeWords(words, codes) {
		b.add(p.symbols, words[p.word])
	}
	states := b.finish()
	return append(header, newWriter(states, sets).write()...), nil
}

// countLetters counts the letters of each script.
func countLetters(words map[string]Set) ([scripts]map[rune]int, error) {
	var letters [scripts]map[rune]int
	for i := range letters {
		letters[i] = map[rune]int{}
	}
	for word := range words {
		var script byte
		for i, letter := range word {
			if i == 0 {
				script = scriptOf(letter)
			}
			if letter >= letterLimit || scriptOf(letter) != script {
				return letters, fmt.Errorf("word %q has letters of two scripts or of an unknown one", word)
			}
			letters[script-1][letter]++
		}
		if script == 0 {
			return letters, fmt.Errorf("empty word")
		}
	}
	return letters, nil
}

func countSets(words map[string]Set) map[Set]int {
	sets := map[Set]int{}
	for _, set := range words {
		sets[set]++
	}
	return sets
}

// byFrequency returns the keys, the most frequent first.
func byFrequency[K cmp.Ordered](counts map[K]int) []K {
	return slices.SortedFunc(maps.Keys(counts), func(a, b K) int {
		return cmp.Or(counts[b]-counts[a], cmp.Compare(a, b))
	})
}

// path is a word and its symbols.
type path struct {
	word    string
	symbols string
}

// encodeWords returns the words in the order of their symbols.
func encodeWords(words map[string]Set, codes map[rune]uint16) []path {
	paths := make([]path, 0, len(words))
	for word := range words {
		var symbols []byte
		for i, letter := range word {
			if i == 0 {
				symbols = append(symbols, scriptOf(letter))
			}
			code := codes[letter]
			if symbols = append(symbols, byte(code)); code > symbolOf {
				symbols = append(symbols, byte(code>>8))
			}
		}
		paths = append(paths, path{word: word, symbols: string(symbols)})
	}
	slices.SortFunc(paths, func(a, b path) int { return cmp.Compare(a.symbols, b.symbols) })
	return paths
}

// state is a state of the automaton under construction.
type state struct {
	arcs  []arc
	set   Set // of the word that ends here; 0 means none
	words int // number of words that pass or end here, within this state's subtree
}

type arc struct {
	symbol byte
	target int
}

// builder makes a minimal automaton from sorted words. The states on the path of the last word are open: they
// may still get arcs. All others are registered and equal to no other state.
type builder struct {
	states   []state
	open     []state
	symbols  string // of the last word
	register map[string]int
}

func newBuilder() *builder {
	return &builder{open: make([]state, 1), register: map[string]int{}}
}

// add appends a word, which must come after all words before it.
func (b *builder) add(symbols string, set Set) {
	shared := 0
	for shared < len(symbols) && shared < len(b.symbols) && symbols[shared] == b.symbols[shared] {
		shared++
	}
	b.closeBelow(shared)
	for range len(symbols) - shared {
		b.open = append(b.open, state{})
	}
	b.open[len(symbols)].set = set
	b.symbols = symbols
}

// closeBelow registers the open states below a depth.
func (b *builder) closeBelow(depth int) {
	for last := len(b.open) - 1; last > depth; last-- {
		target := b.registered(b.open[last])
		b.open = b.open[:last]
		parent := &b.open[last-1]
		parent.arcs = append(parent.arcs, arc{symbol: b.symbols[last-1], target: target})
	}
}

// registered returns the number of the state equal to s, which it adds if there is none.
func (b *builder) registered(s state) int {
	key := binary.AppendUvarint(nil, uint64(s.set))
	if s.set != 0 {
		s.words = 1
	}
	for _, arc := range s.arcs {
		key = binary.AppendUvarint(append(key, arc.symbol), uint64(arc.target))
		s.words += b.states[arc.target].words
	}
	if i, ok := b.register[string(key)]; ok {
		return i
	}
	b.states = append(b.states, s)
	b.register[string(key)] = len(b.states) - 1
	return len(b.states) - 1
}

// finish returns all states; the root is the last.
func (b *builder) finish() []state {
	b.closeBelow(0)
	b.registered(b.open[0])
	return b.states
}
