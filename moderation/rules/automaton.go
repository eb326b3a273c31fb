package rules

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"
)

// automaton finds all its keys in a text in one pass, however many there are (Aho and Corasick, 1975). Nodes
// are stored in breadth-first order, so the children of a node are adjacent, and a step searches a few bytes.
// A branch ends where only one key is left, whose tail is then compared with the text. So there are not many
// more nodes than keys.
type automaton struct {
	labels []byte  // of every node: the byte that leads to it
	first  []int32 // of every node: its first child; one more at the end
	fail   []int32 // of every node: the longest proper suffix that is a node
	key    []int32 // of every node: the key that ends here or in the nearest suffix with one, or -1
	root   [256]int32
	keys   []automatonKey // one more at the end
	tails  string         // of all keys, one after the other
	terms  []uint32       // of all keys, one after the other
}

// automatonKey is one text to be found. Its tail and its terms end where those of the next key begin.
type automatonKey struct {
	length uint32
	tail   uint32 // where its tail begins
	terms  uint32 // where its terms begin
	next   int32  // the key of the nearest suffix of its node with one, or -1
}

// termKey is one text to be found and the number of the term that it stands for.
type termKey struct {
	text string
	term uint32
}

// occurrence is a place where a key stands in a text.
type occurrence struct {
	terms      []uint32 // that the key stands for, each once
	start, end int
}

// newAutomaton builds the automaton of keys, merging equal texts. It returns nil if there are none, or if ctx
// ends first.
func newAutomaton(ctx context.Context, keys []termKey) *automaton {
	if len(keys) == 0 || ctx.Err() != nil {
		return nil
	}
	slices.SortFunc(keys, func(a, b termKey) int {
		if c := strings.Compare(a.text, b.text); c != 0 {
			return c
		}
		return cmp.Compare(a.term, b.term)
	})
	a := &automaton{}
	if !a.buildTrie(ctx, a.mergeKeys(keys)) || !a.link(ctx) {
		return nil
	}
	return a
}

// mergeKeys merges sorted keys with equal texts and returns the texts.
func (a *automaton) mergeKeys(keys []termKey) []string {
	different := 1
	for i := 1; i < len(keys); i++ {
		if keys[i].text != keys[i-1].text {
			different++
		}
	}
	texts := make([]string, 0, different)
	a.keys, a.terms = make([]automatonKey, 0, different+1), make([]uint32, 0, len(keys))
	for i, k := range keys {
		if i == 0 || k.text != keys[i-1].text {
			texts = append(texts, k.text)
			a.keys = append(a.keys, automatonKey{length: uint32(len(k.text)), terms: uint32(len(a.terms))})
		} else if k.term == keys[i-1].term {
			continue
		}
		a.terms = append(a.terms, k.term)
	}
	a.keys = append(a.keys, automatonKey{terms: uint32(len(a.terms))})
	return texts
}

// nodesBetween is the number of nodes built between two checks of the context.
const nodesBetween = 1 << 14

// keyRange is the sorted keys that have the first depth bytes in common.
type keyRange struct{ from, to, depth int32 }

// buildTrie lays out the nodes breadth first, one for each range of keys. It returns false if ctx ended.
func (a *automaton) buildTrie(ctx context.Context, texts []string) bool {
	nodes := make([]keyRange, 1, countNodes(texts))
	nodes[0] = keyRange{0, int32(len(texts)), 0}
	a.labels, a.key = make([]byte, cap(nodes)), make([]int32, cap(nodes))
	a.first = make([]int32, 0, cap(nodes)+1)
	depths := make([]int32, len(texts)) // of the nodes where the keys end
	for i := 0; i < len(nodes); i++ {
		if i%nodesBetween == 0 && ctx.Err() != nil {
			return false
		}
		n := nodes[i]
		a.first = append(a.first, int32(len(nodes)))
		a.key[i] = -1
		if len(texts[n.from]) == int(n.depth) || n.from+1 == n.to && n.depth > 0 {
			a.key[i], depths[n.from] = n.from, n.depth
			n.from++
		}
		for n.from < n.to {
			label := texts[n.from][n.depth]
			to := n.from + 1
			for to < n.to && texts[to][n.depth] == label {
				to++
			}
			a.labels[len(nodes)] = label
			nodes = append(nodes, keyRange{n.from, to, n.depth + 1})
			n.from = to
		}
	}
	a.first = append(a.first, int32(len(nodes)))
	a.cutTails(texts, depths)
	return true
}

// countNodes returns the number of nodes for sorted texts: each text needs as many as tell it from both its
// neighbours, and shares those that it has in common with the one before.
func countNodes(texts []string) int {
	nodes, shared := 1, 0
	for i, text := range texts {
		next := 0
		if i+1 < len(texts) {
			next = commonPrefix(text, texts[i+1])
		}
		nodes += min(max(shared, next)+1, len(text)) - shared
		shared = next
	}
	return nodes
}

func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// cutTails keeps of the texts what comes behind the nodes where they end.
func (a *automaton) cutTails(texts []string, depths []int32) {
	total := 0
	for i, text := range texts {
		total += len(text) - int(depths[i])
	}
	var tails strings.Builder
	tails.Grow(total)
	for i, text := range texts {
		a.keys[i].tail = uint32(tails.Len())
		tails.WriteString(text[depths[i]:])
	}
	a.keys[len(texts)].tail = uint32(tails.Len())
	a.tails = tails.String()
}

// link sets the suffix links, shallow nodes before deep ones. It returns false if ctx ended.
func (a *automaton) link(ctx context.Context) bool {
	nodes := len(a.labels)
	a.fail = make([]int32, nodes)
	for child := a.first[0]; child < a.first[1]; child++ {
		a.root[a.labels[child]] = child
	}
	for node := range int32(nodes) {
		if node%nodesBetween == 0 && ctx.Err() != nil {
			return false
		}
		for child := a.first[node]; child < a.first[node+1]; child++ {
			if node != 0 {
				a.fail[child] = a.step(a.fail[node], a.labels[child])
			}
			suffix := a.key[a.fail[child]]
			if own := a.key[child]; own >= 0 {
				a.keys[own].next = suffix
			} else {
				a.key[child] = suffix
			}
		}
	}
	return true
}

// step returns the node reached from node by one byte of the text.
func (a *automaton) step(node int32, b byte) int32 {
	for node != 0 {
		from, to := a.first[node], a.first[node+1]
		if i := bytes.IndexByte(a.labels[from:to], b); i >= 0 {
			return from + int32(i)
		}
		node = a.fail[node]
	}
	return a.root[b]
}

// scanAutomaton reports every occurrence of every key.
func scanAutomaton[T string | []byte](a *automaton, text T, found func(occurrence)) {
	node := int32(0)
	for i := range len(text) {
		if node = a.step(node, text[i]); node == 0 {
			continue
		}
		for at := a.key[node]; at >= 0; at = a.keys[at].next {
			key, after := &a.keys[at], &a.keys[at+1]
			tail := a.tails[key.tail:after.tail]
			end := i + 1 + len(tail)
			if tail != "" && (end > len(text) || string(text[i+1:end]) != tail) {
				continue
			}
			found(occurrence{a.terms[key.terms:after.terms], end - int(key.length), end})
		}
	}
}
