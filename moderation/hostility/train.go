package hostility

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"

	"rejoinder/moderation/text"
)

// ErrTooFew means that there are no examples of one label.
var ErrTooFew = errors.New("no examples of one label")

// Training minimises the logistic loss with AdaGrad (Duchi, Hazan, Singer 2011). Every feature is scaled by the
// absolute log-ratio of its frequencies under the two labels (Wang, Manning 2012, "Baselines and Bigrams").
// The parameters were chosen by cross-validation; docs/hostility-model.md has the results.
const (
	minTexts    = 3 // a feature in fewer texts has no weight
	smoothing   = 3 // added to the number of texts with a feature, for each label
	rate        = 0.1
	decay       = 1e-3 // L2
	passes      = 6
	smallSlope  = 1e-8
	leastWeight = 0.02 // smaller weights become 0
)

// Example is one labelled text.
type Example struct {
	Text    string
	Hostile bool
}

// Train trains a model. The same examples in the same order with the same seed give the same bytes on the same
// processor architecture. Errors: ErrTooFew.
func Train(examples []Example, seed uint64) (*Model, error) {
	var t trainer
	var texts [2]float64 // by label
	seen := make([][2]float64, buckets)
	r := new(reader)
	for _, e := range examples {
		v := r.vector(e.Text)
		label := 0
		if e.Hostile {
			label = 1
		}
		texts[label]++
		for _, p := range v {
			seen[p.bucket][label]++
		}
		t.vectors = append(t.vectors, v)
		t.targets = append(t.targets, float64(label))
	}
	if min(texts[0], texts[1]) == 0 {
		return nil, ErrTooFew
	}
	t.scales(seen, texts)
	t.learn(seed)
	weights := make([]float64, buckets)
	for i, c := range t.cells {
		if w := c.weight * c.scale; math.Abs(w) >= leastWeight {
			weights[i] = w
		}
	}
	return newModel(t.bias.weight, weights), nil
}

// part is one bucket of a text with its value.
type part struct {
	bucket uint32
	value  float64
}

// vector returns the features of a text: the number of each, divided by the square root of the number of its
// kind.
func (r *reader) vector(body string) []part {
	var found [kinds][]uint32
	r.scanner.read(text.Normalise(body).Text)
	r.hasher.start()
	for _, t := range r.scanner.tokens {
		r.hasher.read(r.scanner.form(t), t)
		found[wordKind] = append(found[wordKind], r.hasher.word)
		if r.hasher.paired {
			found[pairKind] = append(found[pairKind], r.hasher.pair)
		}
		found[pieceKind] = append(found[pieceKind], r.hasher.pieces...)
	}
	var parts []part
	for kind, of := range found {
		value := 1 / math.Sqrt(float64(max(int32(len(of)), leastCounts[kind])))
		for _, b := range of {
			parts = append(parts, part{b, value})
		}
	}
	slices.SortStableFunc(parts, func(a, b part) int { return int(a.bucket) - int(b.bucket) })
	merged := parts[:0]
	for _, p := range parts {
		if n := len(merged); n > 0 && merged[n-1].bucket == p.bucket {
			merged[n-1].value += p.value
			continue
		}
		merged = append(merged, p)
	}
	return slices.Clip(merged)
}

type trainer struct {
	vectors [][]part
	targets []float64
	cells   []cell
	bias    cell
}

type cell struct {
	weight float64
	slope  float64 // the sum of squares of all gradients so far
	scale  float64 // of the feature; 0 for one that is too rare
}

// scales sets the scale of every feature from the number of texts that have it.
func (t *trainer) scales(seen [][2]float64, texts [2]float64) {
	t.cells = make([]cell, buckets)
	for i, n := range seen {
		if n[0]+n[1] >= minTexts {
			ordinary, hostile := (n[0]+smoothing)/(texts[0]+2*smoothing), (n[1]+smoothing)/(texts[1]+2*smoothing)
			t.cells[i].scale = math.Abs(math.Log(hostile / ordinary))
		}
	}
	for i, v := range t.vectors {
		known := v[:0]
		for _, p := range v {
			if p.value *= t.cells[p.bucket].scale; p.value > 0 {
				known = append(known, p)
			}
		}
		t.vectors[i] = slices.Clone(known)
	}
}

func (t *trainer) learn(seed uint64) {
	order := rand.New(rand.NewPCG(seed, seed))
	for range passes {
		for _, i := range order.Perm(len(t.vectors)) {
			t.step(t.vectors[i], t.targets[i])
		}
	}
}

// step does one gradient step toward the target.
func (t *trainer) step(parts []part, target float64) {
	sum := t.bias.weight
	for _, p := range parts {
		sum += t.cells[p.bucket].weight * p.value
	}
	miss := logistic(sum) - target
	for _, p := range parts {
		c := &t.cells[p.bucket]
		c.descend(miss*p.value + decay*c.weight)
	}
	t.bias.descend(miss)
}

func (c *cell) descend(gradient float64) {
	c.slope += gradient * gradient
	c.weight -= rate * gradient / math.Sqrt(c.slope+smallSlope)
}
