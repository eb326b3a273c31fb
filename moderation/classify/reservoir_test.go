package classify

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rejoinder/moderation/text"
)

// sampled returns the sorted IDs that the model keeps under a label.
func sampled(m *Model, l Label) []string {
	var ids []string
	for _, k := range m.old[l].kept {
		ids = append(ids, k.id)
	}
	slices.Sort(ids)
	return ids
}

func TestALabelThatChangesReplacesTheExample(t *testing.T) {
	m := learned(examples(seed()), MaxBatch)
	before := len(m.Kept())
	for _, c := range []struct {
		name           string
		from, to       Label
		approved, spam bool
	}{
		{"called spam", Unlabelled, Spam, false, true},
		{"overruled", Spam, Approved, true, false},
		{"called spam again", Approved, Spam, false, true},
		{"undone", Spam, Unlabelled, false, false},
	} {
		m.Learn([]Example{{ID: "choir", Body: "Our choir sings on Sunday.", Before: c.from, Label: c.to}})
		approved := slices.Contains(sampled(m, Approved), "choir")
		spam := slices.Contains(sampled(m, Spam), "choir")
		if approved != c.approved || spam != c.spam || len(sampled(m, Unlabelled)) > 0 {
			t.Errorf("%s: kept as approved %t, as spam %t", c.name, approved, spam)
		}
	}
	if after := len(m.Kept()); after != before {
		t.Errorf("%d examples are kept, before %d", after, before)
	}
}

func TestTheSampleDoesNotDependOnTheOrder(t *testing.T) {
	var all []Example
	for i := range 2_500 {
		all = append(all, Example{ID: fmt.Sprint(i), Body: spamText(i), Label: Spam},
			Example{ID: fmt.Sprint("f", i), Body: fairText(i), Label: Approved})
	}
	ordered := learned(all, 500)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	shuffled := learned(all, 700)
	for _, l := range []Label{Approved, Spam} {
		a, b := sampled(ordered, l), sampled(shuffled, l)
		if len(a) < 100 || len(a) > 2_000 {
			t.Errorf("%d examples of label %d are kept", len(a), l)
		}
		if diff := len(a) - len(b); diff < -3 || diff > 3 || len(intersection(a, b)) < len(a)-3 {
			t.Errorf("label %d: %d and %d examples are kept, %d the same", l, len(a), len(b), len(intersection(a, b)))
		}
	}
}

func intersection(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(id string) bool { return !slices.Contains(b, id) })
}

func TestTheSizeOfAModelIsBounded(t *testing.T) {
	m := New()
	random := rand.New(rand.NewPCG(1, 2))
	for _, l := range []Label{Approved, Spam} {
		for i := range 130 {
			var words strings.Builder
			for range maxWords {
				fmt.Fprintf(&words, "%x ", random.Uint64())
			}
			m.Learn([]Example{{ID: fmt.Sprint(l, i), Body: words.String(), Label: l}})
		}
	}
	if n := len(m.Encode()); n > maxBytes || n > 1<<20 {
		t.Errorf("a model has %d bytes", n)
	}
	if approved, spam := len(sampled(m, Approved)), len(sampled(m, Spam)); min(approved, spam) < 50 {
		t.Errorf("%d approved and %d spam are kept", approved, spam)
	}
}

func TestAModelHoldsNoText(t *testing.T) {
	m := learned(examples(seed()), MaxBatch)
	m.Learn([]Example{{ID: "choir", Body: "Grandmother Theodora sings", Label: Approved}})
	encoded := bytes.ToLower(m.Encode())
	for _, word := range []string{"grandmother", "theodora", "sings", "watches", "council"} {
		if bytes.Contains(encoded, []byte(word)) {
			t.Errorf("the model contains %q", word)
		}
	}
	if !bytes.Contains(encoded, []byte("choir")) {
		t.Error("the model does not contain the ID")
	}
	m.Forget([]string{"choir", "unknown"})
	if bytes.Contains(m.Encode(), []byte("choir")) || slices.Contains(m.Kept(), "choir") {
		t.Error("a forgotten text is still kept")
	}
}

func TestPackedFeaturesAreThoseOfTheText(t *testing.T) {
	v := new(vector)
	for name, body := range map[string]string{
		"an empty text": "",
		"a word":        "hello",
		"a sentence":    spamText(3),
		"a repetition":  strings.Repeat("buy now ", 300),
	} {
		v.read(text.Read(body))
		parts := v.parts()
		got := unpack(pack(parts))
		if len(got) != len(parts) {
			t.Fatalf("%s: %d features, unpacked %d", name, len(parts), len(got))
		}
		for i, p := range parts {
			if got[i].bucket != p.bucket || math.Abs(float64(got[i].value/p.value-1)) > 0.03 {
				t.Errorf("%s: %v was unpacked as %v", name, p, got[i])
			}
		}
	}
	long := make([]part, 3*keptFeatures)
	for i := range long {
		long[i] = part{uint32(7 * i), float32(1+i%3) / 10}
	}
	got := unpack(pack(long))
	if len(got) != keptFeatures || slices.ContainsFunc(got, func(p part) bool { return p.value < 0.29 }) {
		t.Errorf("of a long text %d features are kept, not the heaviest", len(got))
	}
}

func TestWeightsAloneScoreTheSame(t *testing.T) {
	m := learned(examples(seed()), MaxBatch)
	weights, err := DecodeWeights(m.Encode())
	if err != nil || len(weights.Kept()) > 0 {
		t.Fatalf("%d examples, %v", len(weights.Kept()), err)
	}
	want, _ := m.Score(text.Read(spamText(7)))
	if got, ok := weights.Score(text.Read(spamText(7))); !ok || !cmp.Equal(got, want) {
		t.Errorf("the weights score %+v, the model %+v", got, want)
	}
}

func TestCorruptExamplesAreRefused(t *testing.T) {
	a, b := kept{"a", []byte{1, 2}}, kept{"b", []byte{1, 2}}
	if byPriority(a, b) > 0 {
		a, b = b, a
	}
	for _, c := range []struct {
		name string
		s    sample
		ok   bool
	}{
		{"a good sample", sample{kept: []kept{a, b}}, true},
		{"a wrong order", sample{kept: []kept{b, a}}, false},
		{"a bucket without a value", sample{kept: []kept{{"a", []byte{1}}}}, false},
		{"a bucket out of range", sample{kept: []kept{{"a", []byte{0xff, 0xff, 0x03, 1, 1, 1}}}}, false},
		{"an endless number", sample{kept: []kept{{"a", bytes.Repeat([]byte{0xff}, 12)}}}, false},
		{"too much", sample{kept: slices.Repeat([]kept{{"a", bytes.Repeat([]byte{1, 1}, 500)}}, 400)}, false},
	} {
		m := New()
		m.old[Spam] = c.s
		if _, err := Decode(m.Encode()); (err == nil) != c.ok || err != nil && !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	good := learned(examples(seed())[:20], MaxBatch).Encode()
	f.Add(good[weightsBytes : len(good)-sumBytes])
	f.Add([]byte{0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, samples []byte) {
		b := slices.Concat(good[:weightsBytes], samples)
		b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
		m, err := Decode(b)
		if err != nil {
			if !errors.Is(err, ErrFormat) {
				t.Error(err)
			}
			return
		}
		if !bytes.Equal(m.Encode(), b) {
			t.Error("the model is encoded differently")
		}
		m.Learn(examples(seed()[:4]))
	})
}
