package classify

import (
	"cmp"
	"math"
	"slices"
	"sync"

	"rejoinder/moderation/text"
)

// Enough is the number of texts of each label that a model must have learned before it scores.
const Enough = 200

// MaxBatch is the recommended maximum of examples for one call of Learn, which holds them all in memory.
const MaxBatch = 2_000

// Label is what people decided on a text.
type Label uint8

// The labels. Unlabelled means that there is no decision, or that it was undone.
const (
	Unlabelled Label = iota
	Approved
	Spam

	labels = 3
)

type cell struct {
	weight float32
	slope  float32 // the sum of squares of all gradients so far
}

// Model holds the learned weights and a sample of the learned examples. Goroutines may score concurrently as
// long as none learns.
type Model struct {
	cells   []cell
	bias    cell
	counts  [labels]int // of texts by label
	old     reservoir
	batches uint64 // learned so far; seeds the order of the next batch
}

// New returns a model that has learned nothing.
func New() *Model { return &Model{cells: make([]cell, buckets)} }

// Clone returns a copy that can learn while others score with m.
func (m *Model) Clone() *Model {
	c := *m
	c.cells = slices.Clone(m.cells)
	c.old = m.old.clone()
	return &c
}

// Count returns the number of texts learned under a label. A corrected text counts under its new label.
func (m *Model) Count(l Label) int { return m.counts[l] }

// Kept returns the IDs of the texts whose features the model keeps.
func (m *Model) Kept() []string {
	var ids []string
	for _, s := range m.old {
		for _, k := range s.kept {
			ids = append(ids, k.id)
		}
	}
	return ids
}

// Forget removes the features of texts, for example because the texts were erased. What they taught the model
// remains in its weights and counts.
func (m *Model) Forget(ids []string) {
	for _, id := range ids {
		m.old.remove(id)
	}
}

// Ready reports whether the model has learned enough texts of both labels to score.
func (m *Model) Ready() bool { return m.counts[Approved] >= Enough && m.counts[Spam] >= Enough }

// Score is the result for one text.
type Score struct {
	Spam  float64 // probability of spam, from 0 to 1, to four decimals
	Words []Span  // up to five words with the most weight for spam, strongest first
}

// Span is the byte range of a word in the scored text.
type Span struct{ Start, End int }

const (
	maxScoreWords = 5
	// leastWeight is the contribution to the log-odds from which a word is reported; less is not significant.
	leastWeight = 0.1
)

var vectors = sync.Pool{New: func() any { return new(vector) }}

// Score scores a text. ok is false, and the score is invalid, until the model is Ready. It takes linear time
// in the length of the text.
func (m *Model) Score(r *text.Reading) (s Score, ok bool) {
	if !m.Ready() {
		return Score{}, false
	}
	v := vectors.Get().(*vector)
	defer vectors.Put(v)
	v.read(r)
	weights := make([]float64, len(v.words))
	sum := float64(m.bias.weight) * biasValue
	for _, f := range v.features {
		w := float64(m.cells[f.bucket].weight) * float64(f.value)
		sum += w
		if f.word != noWord {
			weights[f.word] += w
		}
	}
	s = Score{Spam: math.Round(logistic(sum)*1e4) / 1e4, Words: v.heaviest(weights)}
	for i, w := range s.Words {
		s.Words[i].Start, s.Words[i].End = r.Source(w.Start, w.End)
	}
	v.words = nil
	return s, true
}

// heaviest returns the first occurrences of the words with the most weight.
func (v *vector) heaviest(weights []float64) []Span {
	var top [maxScoreWords]int
	n := 0
	for i, w := range weights {
		if w < leastWeight ||
			slices.ContainsFunc(top[:n], func(t int) bool { return v.words[t].Folded == v.words[i].Folded }) {
			continue
		}
		at, _ := slices.BinarySearchFunc(top[:n], w, func(t int, w float64) int { return cmp.Compare(w, weights[t]) })
		if at == maxScoreWords {
			continue
		}
		n = min(n+1, maxScoreWords)
		copy(top[at+1:n], top[at:])
		top[at] = i
	}
	spans := make([]Span, n)
	for i, t := range top[:n] {
		spans[i] = Span{v.words[t].Start, v.words[t].End}
	}
	return spans
}

// parts returns the vector with the values of each bucket summed.
func (v *vector) parts() []part {
	slices.SortFunc(v.features, func(a, b feature) int {
		return cmp.Or(cmp.Compare(a.bucket, b.bucket), cmp.Compare(a.word, b.word))
	})
	var parts []part
	for i, f := range v.features {
		if i > 0 && f.bucket == v.features[i-1].bucket {
			parts[len(parts)-1].value += f.value
			continue
		}
		parts = append(parts, part{f.bucket, f.value})
	}
	return slices.Clip(parts)
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
