package hostility

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rejoinder/moderation/text"
)

// synthetic returns 300 texts of our own, a third of them hostile.
func synthetic() []Example {
	insults := []string{"idiot", "moron", "pathetic loser", "stupid clown", "ugly pig"}
	subjects := []string{"bridge", "school", "library", "council", "harbour", "museum", "market"}
	var examples []Example
	for i := range 100 {
		subject := subjects[i%7]
		examples = append(examples,
			Example{Text: fmt.Sprintf("You are a %s, and so is your %s.", insults[i%5], subject), Hostile: true},
			Example{Text: fmt.Sprintf("The %s opened %d years ago.", subject, i)},
			Example{Text: fmt.Sprintf("I think that you are right about the %s, thank you.", subject)})
	}
	return examples
}

func train(t *testing.T, examples []Example, seed uint64) *Model {
	t.Helper()
	m, err := Train(examples, seed)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTrainingIsReproducibleToTheByte(t *testing.T) {
	first, second := train(t, synthetic(), 1).Encode(), train(t, synthetic(), 1).Encode()
	if !bytes.Equal(first, second) {
		t.Error("the same examples and seed give different models")
	}
	if bytes.Equal(first, train(t, synthetic(), 2).Encode()) {
		t.Error("the seed changes nothing")
	}
}

func TestTrainingTellsTheLabelsApart(t *testing.T) {
	m := train(t, synthetic(), 1)
	hostile := m.Judge(text.Normalise("Your market is a stupid moron."), "").Score
	ordinary := m.Judge(text.Normalise("Thank you, the museum opened again."), "").Score
	if hostile < 0.5 || ordinary > 0.3 {
		t.Errorf("an insult scores %g, an ordinary sentence %g", hostile, ordinary)
	}
}

func TestTrainingNeedsBothLabels(t *testing.T) {
	for name, examples := range map[string][]Example{"nothing": nil, "only insults": {{Text: "idiot", Hostile: true}}} {
		if _, err := Train(examples, 1); !errors.Is(err, ErrTooFew) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestADecodedModelIsTheEncodedOne(t *testing.T) {
	m := train(t, synthetic(), 1)
	decoded, err := Decode(m.Encode())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, decoded, cmp.AllowUnexported(Model{})); diff != "" {
		t.Errorf("(-encoded +decoded):\n%s", diff)
	}
}

func TestWeightsKeepTheirValueToTwoPercentOfTheLargest(t *testing.T) {
	want := []float64{0, 4, -4, 1, -0.5, 0.01, 2.7}
	m := newModel(0, append(want, make([]float64, buckets-len(want))...))
	for i, w := range want {
		if got := float64(m.weight(uint32(i))); math.Abs(got-w) > 0.08 || got*w < 0 {
			t.Errorf("the weight %g became %g", w, got)
		}
	}
}

func TestDamagedModelsAreRefused(t *testing.T) {
	good := train(t, synthetic(), 1).Encode()
	changed := func(at int) []byte {
		b := bytes.Clone(good)
		b[at] ^= 1
		return b
	}
	for name, b := range map[string][]byte{
		"nothing": nil, "only the mark": []byte(mark),
		"a shorter one": good[:len(good)-1], "a longer one": append(bytes.Clone(good), 0),
		"another version": changed(3), "a changed weight": changed(headerBytes + 1),
	} {
		if _, err := Decode(b); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheShippedModelIsSmallAndOfTheRightVersion(t *testing.T) {
	if len(embedded) > 256<<10 {
		t.Errorf("the model has %d bytes", len(embedded))
	}
	m, err := Decode(embedded)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(m.Encode(), embedded) {
		t.Error("encoding the decoded model gives other bytes")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(newModel(1, []float64{1, 0, -1}).Encode())
	f.Fuzz(func(_ *testing.T, b []byte) {
		if m, err := Decode(b); err == nil {
			m.Judge(text.Normalise("You are an idiot."), "")
		}
	})
}
