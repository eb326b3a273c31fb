package classify

import (
	"math"
	"math/rand/v2"
	"strconv"

	"rejoinder/moderation/text"
)

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
	// falseAlarmCost is the cost of a false alarm in missed spam. Labels weigh the same whatever their counts,
	// but for this factor of approved texts (cost-sensitive learning; Elkan 2001).
	falseAlarmCost = 2.5
)

// Example is one text with its labels.
type Example struct {
	ID     string // identifies the text; if empty or longer than 64 KiB, a hash of Body does
	Body   string
	Before Label // the label learned before; Unlabelled for none
	Label  Label // the label to learn now; Unlabelled if the decision was undone
}

// example is the feature vector of a text to learn.
type example struct {
	id     string
	label  Label
	parts  []part
	weight float64
}

type part struct {
	bucket uint32
	value  float32
}

// Learn learns a batch, mixed with examples of earlier batches. The same batches in the same order give the
// same model, bit for bit. A text that was learned under another label is corrected; an undone label is trained
// toward 0.5. While all texts have the same label, they are only kept for later.
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
		v.read(text.Read(e.Body))
		x := example{id: e.identity(), label: e.Label, parts: v.parts()}
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

func (e Example) identity() string {
	if 0 < len(e.ID) && len(e.ID) <= math.MaxUint16 {
		return e.ID
	}
	return "#" + strconv.FormatUint(hashString(sampleSeed, e.Body), 36)
}

// learn trains on new examples and as many of each label from the reservoir, then adds the new ones to it.
func (m *Model) learn(batch []example, passes int) {
	order := rand.New(rand.NewPCG(shuffle, m.batches))
	m.batches++
	for _, x := range batch {
		m.old.remove(x.id)
	}
	all := m.mixed(batch, order)
	if weigh(all) {
		for range passes {
			for _, i := range order.Perm(len(all)) {
				m.step(all[i])
			}
		}
	}
	for _, x := range batch {
		m.old.put(x.label, kept{x.id, pack(x.parts)})
	}
}

// mixed returns the batch with examples from the reservoir: as many of each label as the batch has texts, and
// more of the label that is rarer in the batch, until both are equally frequent.
func (m *Model) mixed(batch []example, random *rand.Rand) []example {
	n := byLabel(batch)
	goal := max(n[Approved], n[Spam]) + len(batch)
	all := batch[:len(batch):len(batch)]
	for _, l := range []Label{Approved, Spam} {
		all = append(all, m.old[l].draw(l, goal-n[l], random)...)
	}
	return all
}

// weigh sets the weights such that the labels weigh the same but for falseAlarmCost. It returns false if a
// label is missing.
func weigh(all []example) bool {
	n := byLabel(all)
	if n[Approved] == 0 || n[Spam] == 0 {
		return false
	}
	half := float64(n[Approved]+n[Spam]) / 2
	weights := [labels]float64{
		Unlabelled: 1,
		Approved:   falseAlarmCost * half / float64(n[Approved]),
		Spam:       half / float64(n[Spam]),
	}
	for i := range all {
		all[i].weight = weights[all[i].label]
	}
	return true
}

func byLabel(examples []example) (n [labels]int) {
	for _, x := range examples {
		n[x.label]++
	}
	return n
}

// targets are the probabilities of spam to learn.
var targets = [labels]float64{Unlabelled: 0.5, Approved: 0, Spam: 1}

// step does one gradient step toward the target.
func (m *Model) step(x example) {
	sum := float64(m.bias.weight) * biasValue
	for _, p := range x.parts {
		sum += float64(m.cells[p.bucket].weight) * float64(p.value)
	}
	miss := x.weight * (logistic(sum) - targets[x.label])
	for _, p := range x.parts {
		m.cells[p.bucket].descend(miss * float64(p.value))
	}
	m.bias.descend(miss * biasValue)
}

func (c *cell) descend(gradient float64) {
	c.slope += float32(gradient * gradient)
	c.weight -= float32(rate * gradient / math.Sqrt(float64(c.slope)+1e-6))
}
