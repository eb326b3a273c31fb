package classify

import (
	"cmp"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
)

const (
	// sampleBytes is the maximum size of one label's sample in an encoded model: about 500 comments of 100
	// characters, or 100 of the longest.
	sampleBytes = 224 << 10
	// keptFeatures is the maximum number of features of a kept example. A longer text keeps its heaviest.
	keptFeatures = 1_024
	// keptHeader holds the lengths of the ID and of the features of an encoded example, two bytes each.
	keptHeader = 4
)

// reservoir is a sample of the learned texts of each label, to be learned again together with new ones.
// Without it, a model forgets one label while it learns many texts of the other. The sample of Unlabelled is
// always empty.
type reservoir [labels]sample

// sample is a uniform random sample. Every ID has a random priority, and the examples with the highest
// priorities are kept, so the order of learning makes no difference (bottom-k sampling; Cohen, Kaplan 2007).
type sample struct {
	kept  []kept // by descending priority
	bytes int
}

// kept is an example without its text.
type kept struct {
	id     string
	packed []byte
}

func (k kept) size() int { return keptHeader + len(k.id) + len(k.packed) }

func priority(id string) uint64 { return hashString(sampleSeed, id) }

func byPriority(a, b kept) int {
	return cmp.Or(cmp.Compare(priority(b.id), priority(a.id)), cmp.Compare(a.id, b.id))
}

// put keeps an example under one label and removes it from the others.
func (r *reservoir) put(l Label, k kept) {
	r.remove(k.id)
	if l != Unlabelled {
		r[l].add(k)
	}
}

func (r *reservoir) remove(id string) {
	for l := range r {
		r[l].remove(id)
	}
}

// clone returns a copy. Examples are shared, since they never change.
func (r *reservoir) clone() reservoir {
	c := *r
	for l := range c {
		c[l].kept = slices.Clone(c[l].kept)
	}
	return c
}

// add adds a new example, then drops those with the lowest priorities until the sample fits its limit.
func (s *sample) add(k kept) {
	at, _ := slices.BinarySearchFunc(s.kept, k, byPriority)
	s.kept = slices.Insert(s.kept, at, k)
	s.bytes += k.size()
	for s.bytes > sampleBytes {
		s.delete(len(s.kept) - 1)
	}
}

func (s *sample) remove(id string) {
	if at, found := slices.BinarySearchFunc(s.kept, kept{id: id}, byPriority); found {
		s.delete(at)
	}
}

func (s *sample) delete(at int) {
	s.bytes -= s.kept[at].size()
	s.kept = slices.Delete(s.kept, at, at+1)
}

// draw returns up to n random examples.
func (s *sample) draw(l Label, n int, random *rand.Rand) []example {
	if n <= 0 {
		return nil
	}
	order := random.Perm(len(s.kept))
	order = order[:min(n, len(order))]
	drawn := make([]example, len(order))
	for i, at := range order {
		drawn[i] = example{label: l, parts: unpack(s.kept[at].packed)}
	}
	return drawn
}

// valuesPerOctave is the precision of packed values: steps of 4%.
const (
	valuesPerOctave = 16
	largestValue    = 4.0 // more than the three kinds of features can add up to in one bucket
)

var packedValues = func() (table [256]float32) {
	for n := range table {
		table[n] = float32(largestValue * math.Exp2(-float64(n)/valuesPerOctave))
	}
	return table
}()

// pack encodes features in order of their buckets: the distance from the previous bucket as a varint, then the
// value on a logarithmic scale in one byte.
func pack(parts []part) []byte {
	if len(parts) > keptFeatures {
		parts = slices.Clone(parts)
		slices.SortFunc(parts, func(a, b part) int {
			return cmp.Or(cmp.Compare(b.value, a.value), cmp.Compare(a.bucket, b.bucket))
		})
		parts = parts[:keptFeatures]
		slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(a.bucket, b.bucket) })
	}
	b := make([]byte, 0, 3*len(parts))
	last := uint32(0)
	for _, p := range parts {
		b = binary.AppendUvarint(b, uint64(p.bucket-last))
		step := math.Round(valuesPerOctave * math.Log2(largestValue/float64(p.value)))
		b = append(b, byte(min(max(step, 0), 255)))
		last = p.bucket
	}
	return slices.Clip(b)
}

// unpack decodes the features of a sound example.
func unpack(b []byte) []part {
	parts := make([]part, 0, len(b)/2)
	bucket := uint32(0)
	for len(b) > 0 {
		distance, n := binary.Uvarint(b)
		bucket += uint32(distance)
		parts = append(parts, part{bucket, packedValues[b[n]]})
		b = b[n+1:]
	}
	return parts
}

// sound reports whether unpack can decode the example.
func (k kept) sound() bool {
	bucket := uint64(0)
	for b := k.packed; len(b) > 0; {
		distance, n := binary.Uvarint(b)
		if n <= 0 || n == len(b) || distance >= buckets {
			return false
		}
		if bucket += distance; bucket >= buckets {
			return false
		}
		b = b[n+1:]
	}
	return true
}
