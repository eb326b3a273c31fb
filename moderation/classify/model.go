package classify

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
)

// Enough is how many texts of each label a model must have learned before it has a say.
const Enough = 200

// MaxBatch is the most examples that one call of Learn should be given: they are held in memory together.
const MaxBatch = 2_000

// How a model learns: AdaGrad (Duchi, Hazan, Singer 2011) on the logistic loss. The numbers are those that
// did well in cross-validation on comments; docs/classifier.md has the figures.
const (
	rate = 0.1
	// A large batch is the beginning of a site's history, and is worth many passes. Of a small one a few passes
	// suffice; more would make the model follow the last moderator's hour.
	largeBatch  = 200
	manyPasses  = 15
	fewPasses   = 3
	maxFeatures = 4 << 20 // held in memory while learning, 8 bytes each
	biasValue   = 0.1
	shuffle     = 0x5EED
)

// Label is what people said of a text.
type Label uint8

// The labels. Unlabelled is a text of which nobody says anything, any more or yet.
const (
	Unlabelled Label = iota
	Approved
	Spam
)

// Example is one text with what people say of it.
type Example struct {
	Body   string
	Before Label // what the model has learned of it before; Unlabelled for nothing
	Label  Label // what it is to learn now; Unlabelled when people took it back
}

type cell struct {
	weight float32
	slope  float32 // the sum of squares of all gradients so far
}

// Model is what was learned. Any number of goroutines may score with it while none learns.
type Model struct {
	cells   []cell
	bias    cell
	counts  [3]int // of texts by label
	batches uint64 // learned so far; seeds the order of the next
}

// New returns a model that has learned nothing.
func New() *Model { return &Model{cells: make([]cell, buckets)} }

// Clone returns a copy that can learn while others score with m.
func (m *Model) Clone() *Model {
	c := *m
	c.cells = slices.Clone(m.cells)
	return &c
}

// Count returns how many texts the model has learned under a label, those corrected since counted where they
// are now.
func (m *Model) Count(l Label) int { return m.counts[l] }

// Ready reports whether the model has learned enough of both labels to have a say.
func (m *Model) Ready() bool { return m.counts[Approved] >= Enough && m.counts[Spam] >= Enough }

// Score is what a model says of one text.
type Score struct {
	Spam  float64 // from 0, like what was approved, to 1, like spam; four decimals
	Words []Span  // up to five words that spoke most for spam, the strongest first
}

// Span is where a word stands in the text that was scored, in bytes.
type Span struct{ Start, End int }

const (
	maxScoreWords = 5
	// leastWeight is what a word must add to the log-odds to be named; below it, naming it would be guessing.
	leastWeight = 0.1
)

var vectors = sync.Pool{New: func() any { return new(vector) }}

// Score scores a text. ok is false, and the score says nothing, until the model is Ready. Time is linear in
// the length of the text.
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

// heaviest returns the words that weigh most, each once, where it first stands.
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

// example is a text to learn, as numbers.
type example struct {
	parts  []part
	target float64
}

type part struct {
	bucket uint32
	value  float32
}

// Learn learns a batch. The same batches in the same order give the same model, bit for bit. What a text was
// labelled before is corrected: it counts under its new label, and taken back it is pulled towards neither.
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

// step moves the weights a little towards the target.
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

// parts returns the vector as the model learns it: each bucket once.
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
