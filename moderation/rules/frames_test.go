package rules

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rejoinder/moderation/text"
)

func TestFramesAreFoundWithWhatStandsInTheirGaps(t *testing.T) {
	rs := mustParse(t, string(Default()))
	for name, c := range map[string]struct {
		body string
		want Action
	}{
		"nothing in the gap":             {"Dich hätte man einsperren müssen.", Hold},
		"some words in the gap":          {"Dich sollte man wirklich mal für immer einsperren.", Hold},
		"too many words in the gap":      {"Dich sollte man, wie ich schon gestern beim Essen zu Anna und Peter sagte, einsperren.", Approve},
		"a sentence ends in the gap":     {"Dich sollte man fragen. Die Hühner muss man nachts einsperren.", Approve},
		"the pieces in another order":    {"Einsperren sollte die Hühner, wer dich kennt.", Approve},
		"only the last piece":            {"Die Hühner sollte man nachts einsperren.", Approve},
		"an exception with a gap":        {"Du wirst es ganz bestimmt nicht bereuen.", Approve},
		"… which is no exception":        {"Du wirst es noch ganz bitter bereuen.", Hold},
		"in a quotation":                 {"Er schrieb „Dich sollte man einsperren“, und da ging ich.", Approve},
		"three pieces":                   {"Du hast ja das Gehirn von einer Walnuss.", Hold},
		"without its accents":            {"Tu as le cerveau d'une huitre.", Hold},
		"a word that is spelt with gaps": {"Д у р а к ты", Hold},
	} {
		if got := rs.Evaluate(t.Context(), Neutral(c.body)).Action; got != c.want {
			t.Errorf("%s: %q gives %v, want %v", name, c.body, got, c.want)
		}
	}
}

func TestPartsStandSideBySide(t *testing.T) {
	rs := mustParse(t, string(Default()))
	for body, want := range map[string]Action{
		"Tabloid journalists are never right about the mill, as we all know by now.":   Hold,
		"He read the tabloid, and journalists are the heroes of the film on the mill.": Approve,
	} {
		if got := rs.Evaluate(t.Context(), Neutral(body)).Action; got != want {
			t.Errorf("%q gives %v, want %v", body, got, want)
		}
	}
}

func TestPiecesOfFramesAreWords(t *testing.T) {
	count := 0
	for _, s := range shippedOf(t, modeWord) {
		_, frames := s.phrases(slices.Concat(s.terms, s.except))
		for _, frame := range frames {
			for _, piece := range frame {
				for _, raw := range piece.ways {
					if _, p := wordTerm(raw); p != (problem{}) {
						t.Errorf("%s: %q: %s", s.Name, raw, p.message)
					}
				}
			}
			count++
		}
	}
	if count == 0 {
		t.Error("no list has frames")
	}
}

// shippedOf returns the shipped lists of a mode.
func shippedOf(t *testing.T, mode string) []shippedFile {
	t.Helper()
	files, err := readShipped()
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(slices.Clone(files), func(s shippedFile) bool { return s.Mode != mode })
}

func TestAPhraseThatIsTakenApartIsFoundInAllItsWays(t *testing.T) {
	all, apart := shippedWords(), 0
	opened := make([]openFrame, len(all.pieces))
	random, scan := rand.New(rand.NewPCG(1, 2)), uint32(0)
	for _, s := range shippedOf(t, modeWord) {
		for term := range strings.SplitSeq(strings.Join(s.terms, ","), ",") {
			term = strings.TrimSpace(term)
			if strings.Contains(term, frameGap) || len(takeApart(term)) == 1 {
				continue
			}
			apart++
			ways := s.variants(expand(term))
			for range 30 {
				way := ways[random.IntN(len(ways))]
				written := "0 " + way + " 0"
				words := text.Words(written)
				joined, starts := new(evaluation).join(words)
				scan++
				wanted, from := false, ""
				open := frames{written: written, words: words, pieces: all.pieces, opened: opened, scan: scan}
				all.scan(&open, joined, starts, func(part uint32, first, last int) {
					if part == uint32(s.part) && last == len(words)-2 {
						wanted, from = wanted || first == 1, words[first].Folded
					}
				})
				if !wanted {
					t.Errorf("%s: %q of %q is not found (%q is)", s.Name, way, term, from)
				}
			}
		}
	}
	if apart < 100 {
		t.Errorf("%d phrases are taken apart, want some hundreds", apart)
	}
}

func TestWordsThatAreSpeltWithGapsAreOne(t *testing.T) {
	for body, want := range map[string][]string{
		"you f o o l, go": {"you", "fool", "go"},
		"f o o l":         {"fool"},
		"д у р а к ты":    {"дурак", "ты"},
		"a b c":           nil,
		"1 2 3 4 5":       nil,
		"日 本 語 の 本":       nil,
		"no gaps at all":  nil,
	} {
		var got []string
		for _, w := range spelledTogether(text.Words(body)) {
			got = append(got, w.Folded)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", body, diff)
		}
	}
}
