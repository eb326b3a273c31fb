package classify

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rejoinder/moderation/text"
)

func examples(cases []Case) []Example {
	all := make([]Example, len(cases))
	for i, c := range cases {
		all[i] = Example{Body: c.Body, Label: labelOf(c.Spam)}
	}
	return all
}

func TestAModelScoresOnceItHasLearnedEnoughOfBothLabels(t *testing.T) {
	var spam, approved []Example
	for _, e := range examples(seed()) {
		if e.Label == Spam {
			spam = append(spam, e)
		} else {
			approved = append(approved, e)
		}
	}
	m := New()
	m.Learn(spam)
	m.Learn(approved[:Enough-1])
	if s, ok := m.Score(text.Read(spamText(1))); ok || s.Spam != 0 || s.Words != nil {
		t.Errorf("with %d approved texts the model says %+v", m.Count(Approved), s)
	}
	m.Learn(approved[Enough-1 : Enough])
	if s, ok := m.Score(text.Read(spamText(1))); !ok || s.Spam < 0.5 {
		t.Errorf("with enough of both, spam scores %+v, known %t", s, ok)
	}
	if s, ok := m.Score(text.Read(fairText(3))); !ok || s.Spam > 0.5 {
		t.Errorf("with enough of both, a fair text scores %+v, known %t", s, ok)
	}
}

func TestTheSameBatchesGiveTheSameModelAlsoAcrossARestart(t *testing.T) {
	all := examples(seed())
	straight := New()
	straight.Learn(all[:300])
	straight.Learn(all[300:])
	before := New()
	before.Learn(all[:300])
	after, err := Decode(before.Encode())
	if err != nil {
		t.Fatal(err)
	}
	after.Learn(all[300:])
	if !bytes.Equal(straight.Encode(), after.Encode()) {
		t.Error("a model that was stored in between learned something else")
	}
	if size := len(after.Encode()); size > 1<<20 {
		t.Errorf("a stored model has %d bytes", size)
	}
}

func TestACloneLearnsAlone(t *testing.T) {
	m := learned(examples(seed()), MaxBatch)
	before := m.Encode()
	m.Clone().Learn([]Example{{Body: fairText(1), Label: Spam}})
	if !bytes.Equal(before, m.Encode()) {
		t.Error("the original changed")
	}
}

func TestTheWordsThatWeighMostComeFromTheTextItself(t *testing.T) {
	m := learned(examples(seed()), MaxBatch)
	body := "My grandmother says: CLICK here for cheap watches. Click!"
	s, _ := m.Score(text.Read(body))
	var words []string
	for _, w := range s.Words {
		words = append(words, body[w.Start:w.End])
	}
	found := strings.Join(words, " ")
	if len(words) == 0 || len(words) > maxScoreWords || !strings.Contains(found, "watches") && !strings.Contains(found, "cheap") {
		t.Errorf("the words are %q", words)
	}
	if strings.Contains(found, "grandmother") || strings.Count(strings.ToLower(found), "click") > 1 {
		t.Errorf("the words are %q", words)
	}
}

func TestUndoneDecisionsAreCorrected(t *testing.T) {
	m := learned(examples(seed()), MaxBatch)
	disputed := "Our choir sings on Sunday, tickets at the door."
	learn := func(before, label Label) {
		m.Learn([]Example{{Body: disputed, Before: before, Label: label}})
	}
	score := func() float64 { return m.probability(disputed) }
	first := score()
	learn(Unlabelled, Spam)
	called := score()
	learn(Spam, Spam)
	repeated := score()
	learn(Spam, Approved)
	overruled := score()
	if !(called > first && repeated == called && overruled < called) {
		t.Errorf("scores: %g, called spam %g, said again %g, overruled %g", first, called, repeated, overruled)
	}
	if got := []int{m.Count(Approved), m.Count(Spam)}; !cmp.Equal(got, []int{251, 250}) {
		t.Errorf("counts are %v", got)
	}
	learn(Approved, Unlabelled)
	if got := []int{m.Count(Approved), m.Count(Spam), m.Count(Unlabelled)}; !cmp.Equal(got, []int{250, 250, 0}) {
		t.Errorf("counts after an undo are %v", got)
	}
}

func TestDamagedModelsAreRefused(t *testing.T) {
	good := New().Encode()
	damaged := func(change func([]byte) []byte) []byte { return change(bytes.Clone(good)) }
	notANumber := New()
	notANumber.cells[7].weight = float32(math.NaN())
	for name, b := range map[string][]byte{
		"nothing":          nil,
		"a shorter one":    good[:len(good)-1],
		"a longer one":     append(bytes.Clone(good), 0),
		"another format":   damaged(func(b []byte) []byte { b[3] = '9'; return b }),
		"a changed weight": damaged(func(b []byte) []byte { b[1000] ^= 1; return b }),
		"no number":        notANumber.Encode(),
	} {
		if _, err := Decode(b); err == nil {
			t.Errorf("%s is taken for a model", name)
		}
	}
	if _, err := Decode(good); err != nil {
		t.Error(err)
	}
}

func TestHostileTextsScoreAndAreLearnedLikeOthers(t *testing.T) {
	m := learned(examples(seed()), MaxBatch)
	for name, body := range map[string]string{
		"nothing":               "",
		"one letter for ever":   strings.Repeat("a", 10_000),
		"no letters at all":     strings.Repeat("!\n", 5_000),
		"many short words":      strings.Repeat("a b ", 2_500),
		"accents in a pile":     "a" + strings.Repeat("\u0301", 5_000),
		"no UTF-8":              strings.Repeat("\xff\xc0", 5_000),
		"the widest characters": strings.Repeat("\U0001F600\uFDFA", 2_500),
		"Chinese":               strings.Repeat("漢字", 5_000),
	} {
		m.Learn([]Example{{Body: body, Label: Spam}})
		s, ok := m.Score(text.Read(body))
		if !ok || !(s.Spam >= 0 && s.Spam <= 1) {
			t.Errorf("%s scores %+v, known %t", name, s, ok)
		}
		for _, w := range s.Words {
			if w.Start < 0 || w.Start >= w.End || w.End > len(body) {
				t.Errorf("%s: the span %+v is not in the text", name, w)
			}
		}
		if _, err := Decode(m.Encode()); err != nil {
			t.Errorf("%s: the model is not sound any more: %v", name, err)
		}
	}
}

func TestLongTextsAreReadAtBothEnds(t *testing.T) {
	filler := strings.Repeat("nothing to see in this long middle part ", 200)
	m := learned(examples(seed()), MaxBatch)
	plain := m.probability(filler)
	for name, body := range map[string]string{
		"at the beginning": spamText(4) + " " + filler, "at the end": filler + spamText(4),
	} {
		if got := m.probability(body); got <= plain {
			t.Errorf("an advertisement %s scores %g, without it %g", name, got, plain)
		}
	}
}

func FuzzScore(f *testing.F) {
	m := learned(examples(seed()), MaxBatch)
	for _, s := range []string{"", "Click here", "漢字 \xff", "a\u0301\u200b!"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		first, ok := m.Score(text.Read(body))
		second, _ := m.Score(text.Read(body))
		if !ok || !(first.Spam >= 0 && first.Spam <= 1) || !cmp.Equal(first, second) {
			t.Errorf("%q scores %+v, then %+v", body, first, second)
		}
		for _, w := range first.Words {
			if w.Start < 0 || w.Start >= w.End || w.End > len(body) {
				t.Errorf("%q: the span %+v is not in the text", body, w)
			}
		}
	})
}

func BenchmarkScore500Bytes(b *testing.B) {
	m := learned(examples(seed()), MaxBatch)
	body := strings.Repeat(fairText(3)+" "+spamText(2)+" ", 10)[:500]
	b.ReportAllocs()
	for b.Loop() {
		m.Score(text.Read(body))
	}
}

func BenchmarkLearnOneDecision(b *testing.B) {
	m := learned(examples(seed()), MaxBatch)
	batch := examples(seed()[:1])
	b.ReportAllocs()
	for b.Loop() {
		m.Learn(batch)
	}
}

func BenchmarkEncodeAndDecode(b *testing.B) {
	m := learned(examples(seed()), MaxBatch)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(m.Encode()); err != nil {
			b.Fatal(err)
		}
	}
}
