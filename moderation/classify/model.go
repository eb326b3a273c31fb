package classify

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
)

// Enough is the number of texts of each label that a model must have learned before it scores.
const Enough = 200

// MaxBatch is the recommended maximum of examples for one call of Learn, which holds them all in memory.
const MaxBatch = 2_000

// Models learn by AdaGrad (Duchi, Hazan, Singer 2011) on the logistic loss. The parameters were chosen by
// cross-validation on comments; docs/classifier.md has the results.
const (
	rate = 0.1
	// A large batch is the start of a site's history and deserves many passes. For a small one a few suffice;
	// more would overfit the most recent decisions.
	largeBatch  = 200
	manyPasses  = 15
	fewPasses   = 3
	maxFeatures = 4 << 20 // held in memory while learning, 8 bytes each
	biasValue   = 0.1
	shuffle     = 0x5EED
)

// Label is what people decided on a text.
type Label uint8

// The labels. Unlabelled means that there is no decision, or that it was undone.
const (
	Unlabelled Label = iota
	Approved
	Spam
)

// Example is one text with its labels.
type Example struct {
	Body   string
	Before Label // the label learned before; Unlabelled for none
	Label  Label // the label to learn now; Unlabelled if the decision was undone
}

type cell struct {
	weight float32
	slope  float32 // the sum of squares of all gradients so far
}

// Model holds the learned weights. Goroutines may score concurrently as long as none learns.
type Model struct {
	cells   []cell
	bias    cell
	counts  [3]int // of texts by label
	batches uint64 // learned so far; seeds the order of the next batch
}

// New returns a model that has learned nothing.
func New() *Model { return &Model{cells: make([]cell, buckets)} }

// Clone returns a copy that can learn while others score with m.
func (m *Model) Clone() *Model {
	c := *m
	c.cells = slices.Clone(m.cells)
	return &c
}

// Count returns the number of texts learned under a label. A corrected text counts under its new label.
func (m *Model) Count(l Label) int { return m.counts[l] }

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
func (m *Model) Score(body string) (s Score, ok bool) {
	if !m.Ready() {
		return Score{}, false
	}
	v := vectors.Get().(*vector)
	defer vectors.Put(v)
	v.read(body)
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

// example is the feature vector of a text to learn, with its target.
type example struct {
	parts  []part
	target float64
}

type part struct {
	bucket uint32
	value  float32
}

// Learn learns a batch. The same batches in the same order give the same model, bit for bit. A text that was
// learned under another label is corrected; an undone label is trained toward 0.5.
func (m *Model) Learn(batch []Example) {
	v := vectors.Get().(*vector)
	defer vectors.Put(v)
	passes := fewPasses
	if len(batch) >= largeBatch {
		passes = manyPasses
	}
	var read []example
	features := 0
	for _, e := range batch {
		if e.Before == e.Label {
			continue
		}
		m.counts[e.Before] = max(0, m.counts[e.Before]-1)
		m.counts[e.Label]++
		v.read(e.Body)
		x := example{parts: v.parts(), target: [...]float64{0.5, 0, 1}[e.Label]}
		read, features = append(read, x), features+len(x.parts)
		if features > maxFeatures {
			m.learn(read, passes)
			read, features = nil, 0
		}
	}
	m.learn(read, passes)
	m.counts[Unlabelled] = 0
	v.words = nil
}

func (m *Model) learn(batch []example, passes int) {
	order := rand.New(rand.NewPCG(shuffle, m.batches))
	m.batches++
	for range passes {
		for _, i := range order.Perm(len(batch)) {
			m.step(batch[i])
		}
	}
}

// step does one gradient step toward the target.
func (m *Model) step(x example) {
	sum := float64(m.bias.weight) * biasValue
	for _, p := range x.parts {
		sum += float64(m.cells[p.bucket].weight) * float64(p.value)
	}
	miss := logistic(sum) - x.target
	for _, p := range x.parts {
		m.cells[p.bucket].descend(miss * float64(p.value))
	}
	m.bias.descend(miss * biasValue)
}

func (c *cell) descend(gradient float64) {
	c.slope += float32(gradient * gradient)
	c.weight -= float32(rate * gradient / math.Sqrt(float64(c.slope)+1e-6))
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
