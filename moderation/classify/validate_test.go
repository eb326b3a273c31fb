package classify

import (
	"context"
	"errors"
	"testing"
)

func TestCrossValidationReachesItsTarget(t *testing.T) {
	cases := []struct {
		name      string
		corpus    string
		batch     int
		f1, falls float64 // at least, at most
	}{
		{"comments under videos, learned from a site's history", "spam/youtube.tsv", MaxBatch, 0.96, 0.01},
		{"comments under videos, learned one by one", "spam/youtube.tsv", 1, 0.955, 0.02},
		{"short messages", "spam/sms.tsv", MaxBatch, 0.95, 0.005},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			read := corpus(t, c.corpus)
			f, err := CrossValidate(t.Context(), read, Validation{Folds: 10, Seed: 1, Batch: c.batch, Threshold: 0.5}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if f.Cases == 0 || f.TP+f.FP+f.TN+f.FN != f.Cases {
				t.Fatalf("%d cases, but %+v", len(read), f)
			}
			if f.F1 < c.f1 || f.FPR > c.falls {
				t.Errorf("F1 %.4f (at least %g), false positive rate %.4f (at most %g): %+v", f.F1, c.f1, f.FPR, c.falls, f)
			}
			t.Logf("%+v", f)
		})
	}
}

func TestCrossValidationIsRepeatable(t *testing.T) {
	v := Validation{Folds: 3, Seed: 7, Batch: 50, Threshold: 0.5}
	folds := 0
	first, err := CrossValidate(t.Context(), seed(), v, func(done int) { folds = done })
	if err != nil {
		t.Fatal(err)
	}
	second, err := CrossValidate(t.Context(), seed(), v, nil)
	if err != nil || first != second || folds != v.Folds {
		t.Errorf("first %+v, then %+v, %v; %d folds were reported", first, second, err, folds)
	}
}

func TestCrossValidationRefusesInvalidParameters(t *testing.T) {
	one := []Case{{Body: "a", Spam: true}, {Body: "b"}}
	ended, end := context.WithCancel(t.Context())
	end()
	for _, c := range []struct {
		name  string
		ctx   context.Context
		cases []Case
		folds int
		want  error
	}{
		{"nothing", t.Context(), nil, 10, ErrTooFew},
		{"fewer of a label than folds", t.Context(), one, 2, ErrTooFew},
		{"one fold", t.Context(), seed(), 1, ErrTooFew},
		{"a context that has ended", ended, seed(), 2, context.Canceled},
	} {
		if _, err := CrossValidate(c.ctx, c.cases, Validation{Folds: c.folds, Batch: MaxBatch}, nil); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}
