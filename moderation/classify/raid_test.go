package classify

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

const video = "spam/youtube.tsv"

// measured adds up the figures of five folds. train learns a fold's cases into a new model.
func measured(cases []Case, train func(m *Model, learn []Case)) Figures {
	const folds = 5
	var f Figures
	order := rand.New(rand.NewPCG(1, shuffle)).Perm(len(cases))
	for fold := range folds {
		var learn, held []Case
		for i, at := range order {
			if i%folds == fold {
				held = append(held, cases[at])
			} else {
				learn = append(learn, cases[at])
			}
		}
		m := New()
		train(m, learn)
		for _, c := range held {
			f.count(c.Spam, m.probability(c.Body) > 0.5)
		}
	}
	f.conclude()
	return f
}

func learnAll(m *Model, cases []Case, batch int) {
	for chunk := range slices.Chunk(examples(cases), batch) {
		m.Learn(chunk)
	}
}

// raided returns n similar advertisements that read like ordinary praise.
func raided(n int) []Case {
	praise := []string{"I love this so much", "Best one ever, thanks for this", "This is so good, who else is here"}
	calls := []string{"have a look at my page too", "follow me and I follow back", "there is more on my profile"}
	all := make([]Case, n)
	for i := range all {
		all[i] = Case{Body: fmt.Sprintf("%s, %s %d", praise[i%3], calls[i/3%3], i), Spam: true}
	}
	return all
}

func TestARaidHardlyRaisesFalseAlarms(t *testing.T) {
	const raid = 300
	cases := corpus(t, video)
	for _, history := range []int{MaxBatch, 50} {
		t.Run(fmt.Sprintf("similar spam after a history learned %d by %d", history, history), func(t *testing.T) {
			t.Parallel()
			checkRaid(t, measured(cases, func(m *Model, learn []Case) {
				learnAll(m, learn, history)
				m.Learn(examples(raided(raid)))
			}))
		})
		t.Run(fmt.Sprintf("spam of all kinds after a history learned %d by %d", history, history), func(t *testing.T) {
			t.Parallel()
			checkRaid(t, measured(cases, func(m *Model, learn []Case) {
				spam, others := split(learn)
				n := min(raid, len(spam)/2)
				learnAll(m, interleaved(others, spam[n:]), history)
				m.Learn(examples(spam[:n]))
			}))
		})
	}
}

func checkRaid(t *testing.T, f Figures) {
	t.Helper()
	if f.FPR > 0.03 || f.F1 < 0.93 {
		t.Errorf("after a raid F1 is %.4f, the false positive rate %.4f: %+v", f.F1, f.FPR, f)
	}
	t.Logf("%+v", f)
}

func split(cases []Case) (spam, others []Case) {
	for _, c := range cases {
		if c.Spam {
			spam = append(spam, c)
		} else {
			others = append(others, c)
		}
	}
	return spam, others
}

// interleaved shuffles the cases of both lists.
func interleaved(a, b []Case) []Case {
	all := slices.Concat(a, b)
	rand.New(rand.NewPCG(2, shuffle)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

func TestTheOrderOfDecisionsHardlyMatters(t *testing.T) {
	cases := corpus(t, video)
	for _, batch := range []int{1, 50, 300} {
		t.Run(fmt.Sprintf("learned %d by %d", batch, batch), func(t *testing.T) {
			t.Parallel()
			shuffled := measured(cases, func(m *Model, learn []Case) { learnAll(m, learn, batch) })
			approvedFirst := measured(cases, func(m *Model, learn []Case) {
				spam, others := split(learn)
				learnAll(m, slices.Concat(others, spam), batch)
			})
			spamFirst := measured(cases, func(m *Model, learn []Case) {
				spam, others := split(learn)
				learnAll(m, slices.Concat(spam, others), batch)
			})
			for name, f := range map[string]Figures{"approved first": approvedFirst, "spam first": spamFirst} {
				if f.F1 < shuffled.F1-0.03 || f.FPR > 0.04 {
					t.Errorf("%s: F1 %.4f, false positive rate %.4f; shuffled F1 %.4f", name, f.F1, f.FPR, shuffled.F1)
				}
				t.Logf("%s: F1 %.4f, %.4f; shuffled %.4f, %.4f", name, f.F1, f.FPR, shuffled.F1, shuffled.FPR)
			}
		})
	}
}

func TestAModelWithOneLabelOnlyKeepsItsTexts(t *testing.T) {
	spam, others := split(seed())
	m := New()
	m.Learn(examples(spam))
	if got := m.probability(fairText(1)); got != 0.5 || len(m.Kept()) < len(spam) {
		t.Errorf("after spam only, a fair text scores %g; %d texts are kept", got, len(m.Kept()))
	}
	m.Learn(examples(others[:20]))
	if fair, bad := m.probability(fairText(99)), m.probability(spamText(99)); fair >= 0.5 || bad <= 0.5 {
		t.Errorf("after twenty approved texts, a fair text scores %g and spam %g", fair, bad)
	}
}
