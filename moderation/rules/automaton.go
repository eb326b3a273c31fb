package rules

import (
	"bytes"
	"cmp"
	"context"
	"slices"
)

// automaton finds all its keys in a text in one pass, however many there are (Aho and Corasick, 1975). The
// children of a node lie side by side, in the order of breadth, so a step is one search in a short stretch of
// bytes.
type automaton struct {
	labels []byte  // of every node: the byte that leads to it
	first  []int32 // of every node: its first child; one more at the end
	fail   []int32 // of every node: the longest proper suffix that is a node
	key    []int32 // of every node: the key that ends here, or -1
	next   []int32 // of every node: the nearest suffix with a key, or 0
	root   [256]int32
	keys   []termKey
}

// termKey is one text to be found and the terms that it stands for.
type termKey struct {
	text  string
	terms []termRef
}

// termRef says which list a term belongs to.
type termRef struct {
	list      int32
	languages uint8 // index into matcher.languages; 0 for a term that counts in every language
	except    bool  // an exception of the list
}

func (t termRef) compare(other termRef) int {
	switch {
	case t.list != other.list:
		return cmp.Compare(t.list, other.list)
	case t.languages != other.languages:
		return cmp.Compare(t.languages, other.languages)
	case t.except == other.except:
		return 0
	case t.except:
		return 1
	}
	return -1
}

// newAutomaton builds the automaton of keys, merging equal texts. It returns nil if there are none, or if ctx
// ends first.
func newAutomaton(ctx context.Context, keys []termKey) *automaton {
	if len(keys) == 0 || ctx.Err() != nil {
		return nil
	}
	a := &automaton{keys: mergeKeys(keys)}
	if !a.buildTrie(ctx) || !a.link(ctx) {
		return nil
	}
	return a
}

// mergeKeys merges keys with equal texts. Each key has one term initially.
func mergeKeys(keys []termKey) []termKey {
	slices.SortFunc(keys,
		func(a, b termKey) int { return cmp.Or(cmp.Compare(a.text, b.text), a.terms[0].compare(b.terms[0])) })
	merged := keys[:0]
	for _, k := range keys {
		last := len(merged) - 1
		if last < 0 || merged[last].text != k.text {
			merged = append(merged, k)
			continue
		}
		if same := &merged[last]; same.terms[len(same.terms)-1] != k.terms[0] {
			same.terms = append(same.terms, k.terms[0])
		}
	}
	return merged
}

// nodesBetween is the number of nodes built between two checks of the context.
const nodesBetween = 1 << 14

// buildTrie lays out the nodes breadth first. A node represents a range of the sorted keys with a common
// prefix. It returns false if ctx ended.
func (a *automaton) buildTrie(ctx context.Context) bool {
	type keyRange struct{ from, to, depth int32 }
	nodes := []keyRange{{0, int32(len(a.keys)), 0}}
	a.labels = []byte{0}
	for i := 0; i < len(nodes); i++ {
		if i%nodesBetween == 0 && ctx.Err() != nil {
			return false
		}
		n := nodes[i]
		a.first = append(a.first, int32(len(nodes)))
		ends := int32(-1)
		if len(a.keys[n.from].text) == int(n.depth) {
			ends = n.from
			n.from++
		}
		a.key = append(a.key, ends)
		for n.from < n.to {
			label := a.keys[n.from].text[n.depth]
			to := n.from + 1
			for to < n.to && a.keys[to].text[n.depth] == label {
				to++
			}
			nodes = append(nodes, keyRange{n.from, to, n.depth + 1})
			a.labels = append(a.labels, label)
			n.from = to
		}
	}
	a.first = append(a.first, int32(len(nodes)))
	return true
}

// link sets the suffix links, shallow nodes before deep ones. It returns false if ctx ended.
func (a *automaton) link(ctx context.Context) bool {
	nodes := len(a.labels)
	a.fail, a.next = make([]int32, nodes), make([]int32, nodes)
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
			suffix := a.fail[child]
			if a.key[suffix] < 0 {
				suffix = a.next[suffix]
			}
			a.next[child] = suffix
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

// scanAutomaton reports every occurrence of every key, by the index of the key and the position after it.
func scanAutomaton[T string | []byte](a *automaton, text T, found func(key *termKey, end int)) {
	node := int32(0)
	for i := range len(text) {
		node = a.step(node, text[i])
		if node == 0 {
			continue
		}
		at := node
		if a.key[at] < 0 {
			at = a.next[at]
		}
		for at != 0 {
			found(&a.keys[a.key[at]], i+1)
			at = a.next[at]
		}
	}
}
