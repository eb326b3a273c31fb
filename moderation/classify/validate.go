package classify

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"

	"rejoinder/moderation/text"
)

// ErrTooFew means that one label has fewer cases than there are folds.
var ErrTooFew = errors.New("too few cases of either label")

// Case is a text with its true label.
type Case struct {
	Body string
	Spam bool
}

// Validation holds the parameters of CrossValidate.
type Validation struct {
	Folds     int     // at least 2
	Seed      uint64  // of the assignment of cases to folds
	Batch     int     // cases per call of Learn; 1 simulates single decisions
	Threshold float64 // a score above it counts as spam
}

// Figures are the results of cross-validation; positive means spam. Every case was scored once, by a model
// that had not learned it.
type Figures struct {
	Cases     int     `json:"cases"`
	TP        int     `json:"tp"`
	FP        int     `json:"fp"`
	TN        int     `json:"tn"`
	FN        int     `json:"fn"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
	FPR       float64 `json:"fpr"`
	Folds     int     `json:"folds"`
}

// CrossValidate splits the cases into folds and scores each fold with a model that learned the others, even
// if it learned fewer than Enough. progress, which may be nil, is called after each fold with the number of
// folds done. Errors: ErrTooFew, and that of ctx.
func CrossValidate(ctx context.Context, cases []Case, v Validation, progress func(done int)) (Figures, error) {
	f := Figures{Cases: len(cases), Folds: v.Folds}
	spam := 0
	for _, c := range cases {
		if c.Spam {
			spam++
		}
	}
	if v.Folds < 2 || min(spam, len(cases)-spam) < v.Folds {
		return f, ErrTooFew
	}
	order := rand.New(rand.NewPCG(v.Seed, shuffle)).Perm(len(cases))
	for fold := range v.Folds {
		if err := ctx.Err(); err != nil {
			return f, err
		}
		var learn []Example
		var held []Case
		for i, at := range order {
			if i%v.Folds == fold {
				held = append(held, cases[at])
				continue
			}
			learn = append(learn, Example{ID: strconv.Itoa(at), Body: cases[at].Body, Label: labelOf(cases[at].Spam)})
		}
		model := learned(learn, v.Batch)
		for _, c := range held {
			f.count(c.Spam, model.probability(c.Body) > v.Threshold)
		}
		if progress != nil {
			progress(fold + 1)
		}
	}
	f.conclude()
	return f, nil
}

func labelOf(spam bool) Label {
	if spam {
		return Spam
	}
	return Approved
}

// learned returns a model trained on examples in batches.
func learned(examples []Example, batch int) *Model {
	m := New()
	batch = min(max(batch, 1), MaxBatch)
	for len(examples) > 0 {
		n := min(batch, len(examples))
		m.Learn(examples[:n])
		examples = examples[n:]
	}
	return m
}

// probability scores a text even if the model is not Ready.
func (m *Model) probability(body string) float64 {
	sure := *m
	sure.counts[Approved], sure.counts[Spam] = Enough, Enough
	s, _ := sure.Score(text.Read(body))
	return s.Spam
}

func (f *Figures) count(spam, flagged bool) {
	switch {
	case spam && flagged:
		f.TP++
	case spam:
		f.FN++
	case flagged:
		f.FP++
	default:
		f.TN++
	}
}

func (f *Figures) conclude() {
	f.Precision = ratio(f.TP, f.TP+f.FP)
	f.Recall = ratio(f.TP, f.TP+f.FN)
	f.F1 = ratio(2*f.TP, 2*f.TP+f.FP+f.FN)
	f.FPR = ratio(f.FP, f.FP+f.TN)
}

func ratio(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
