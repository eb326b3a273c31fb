package dictionary

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// writer writes states from the last byte of the file to the first, so that the targets of an arc are written
// before it and their distance is known.
type writer struct {
	states  []state
	numbers map[Set]int
	reverse []byte // the file from its end
	ends    []int  // length of reverse when the state was complete; 0 means not written
}

func newWriter(states []state, sets []Set) *writer {
	w := &writer{states: states, numbers: map[Set]int{}, ends: make([]int, len(states))}
	for i, set := range sets {
		w.numbers[set] = i
	}
	return w
}

// hotStates is how many of the states with the most arcs to them stand at the end of the file, where short
// varints reach them from everywhere. Twice or half as many change the size by less than 1%.
const hotStates = 4096

func (w *writer) write() []byte {
	arcsTo := make([]int, len(w.states))
	for _, s := range w.states {
		for _, arc := range s.arcs {
			arcsTo[arc.target]++
		}
	}
	order := make([]int, len(w.states))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(arcsTo[b], arcsTo[a]) })
	for _, i := range order[:min(hotStates, len(order))] {
		w.writeState(i)
	}
	w.writeState(len(w.states) - 1)
	slices.Reverse(w.reverse)
	return w.reverse
}

// writeState writes a state after all states that it reaches, unless it is written already.
func (w *writer) writeState(i int) {
	if w.ends[i] != 0 {
		return
	}
	s := w.states[i]
	// The arc that most words take comes first.
	arcs := slices.Clone(s.arcs)
	slices.SortStableFunc(arcs, func(a, b arc) int {
		return cmp.Compare(w.states[b.target].words, w.states[a.target].words)
	})
	for _, arc := range arcs {
		w.writeState(arc.target)
	}
	// The state written just now needs no distance if its arc is the last.
	if next := slices.IndexFunc(arcs, func(a arc) bool { return w.ends[a.target] == len(w.reverse) }); next >= 0 {
		arcs = append(slices.Delete(slices.Clone(arcs), next, next+1), arcs[next])
	}
	flag := byte(lastArc)
	for _, arc := range slices.Backward(arcs) {
		w.writeArc(arc, flag)
		flag = 0
	}
	if s.set != 0 {
		w.writeBytes(append([]byte{endOfWord | flag}, binary.AppendUvarint(nil, uint64(w.numbers[s.set]))...))
	}
	w.ends[i] = len(w.reverse)
}

func (w *writer) writeArc(a arc, flag byte) {
	distance := len(w.reverse) - w.ends[a.target]
	if distance == 0 {
		w.writeBytes([]byte{a.symbol | flag | nextState})
		return
	}
	forward := binary.AppendUvarint(nil, uint64(distance)<<1)
	back := binary.AppendUvarint(nil, uint64(w.ends[a.target])<<1|1)
	if len(back) < len(forward) {
		forward = back
	}
	w.writeBytes(append([]byte{a.symbol | flag}, forward...))
}

// writeBytes puts bytes in front of what is written.
func (w *writer) writeBytes(bytes []byte) {
	for _, b := range slices.Backward(bytes) {
		w.reverse = append(w.reverse, b)
	}
}
