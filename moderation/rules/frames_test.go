package rules

import (
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

func TestLongPhrasesAreTakenApart(t *testing.T) {
	many := "(a|b|c|d|e|f|g|h)"
	for name, c := range map[string]struct {
		line   string
		spaced bool
		want   string
	}{
		"one of few ways stays":                  {"(a|b) (c|d), e", true, "(a|b) (c|d), e"},
		"one of many ways has joints":            {many + " x " + many, true, many + " + x + " + many},
		"white space inside a group is none":     {many + "(|x y )" + many, true, many + "(|x y )" + many},
		"an optional piece joins the one before": {many + " (|x|y) " + many, true, many + " (|x|y) + " + many},
		"an optional piece at the beginning":     {"(|x|y) " + many + " " + many, true, "(|x|y) " + many + " + " + many},
		"between groups, without white space":    {many + many, false, many + " + " + many},
		"a frame stays":                          {many + " … " + many + many, true, many + " … " + many + many},
	} {
		if got := takenApart(c.line, c.spaced); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestJoinedPiecesStandSideBySide(t *testing.T) {
	rs := mustParse(t, string(Default()))
	for body, want := range map[string]Action{
		"Tabloid journalists are never right about the mill, as we all know by now.":     Hold,
		"He read the tabloid. Journalists are the heroes of the other film on the mill.": Approve,
	} {
		if got := rs.Evaluate(t.Context(), Neutral(body)).Action; got != want {
			t.Errorf("%q gives %v, want %v", body, got, want)
		}
	}
}

func TestPiecesOfFramesAreWords(t *testing.T) {
	files, err := readShipped()
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, s := range files {
		for _, frame := range append(s.framesOf(s.terms), s.framesOf(s.except)...) {
			if count++; len(frame) < 2 || s.Mode != modeWord {
				t.Errorf("%s: a frame has two pieces at least, in a list of mode word: %v", s.Name, frame)
			}
			for _, piece := range frame {
				for _, raw := range piece.terms {
					if _, p := wordTerm(raw); p != (problem{}) {
						t.Errorf("%s: %q: %s", s.Name, raw, p.message)
					}
				}
			}
		}
	}
	if count == 0 {
		t.Error("no list has frames")
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
