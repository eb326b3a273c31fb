package hostility

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rejoinder/moderation/text"
	"rejoinder/moderation/text/timetest"
)

// recommended is the threshold that docs/hostility-model.md recommends for holding a comment.
const recommended = 0.45

func TestInsultsScoreHighAndOrdinaryTalkScoresLow(t *testing.T) {
	for name, c := range map[string]struct {
		texts   []string
		hostile bool
	}{
		"insults and threats": {hostile: true, texts: []string{
			"You are a complete idiot.",
			"Shut up, you stupid moron.",
			"What a pathetic loser you are!",
			"You're a disgusting piece of garbage.",
			"Go kill yourself.",
			"Nobody likes you, you ugly pig.",
		}},
		"insults in disguise": {hostile: true, texts: []string{
			"You sh!tty @sshole", "What an 1d1ot you are", "you are such an i d i o t", "You are an idioooooot",
			"ＩＤＩＯＴ!",
		}},
		"an insult in a long ordinary comment": {hostile: true, texts: []string{
			strings.Repeat("The council published the figures for the bridge last week. ", 8) +
				"You are a stupid, pathetic idiot. " +
				strings.Repeat("The work will take until the summer and cost two million. ", 8),
		}},
		"ordinary sentences": {texts: []string{
			"Thanks for the article, I enjoyed reading it.",
			"I disagree with the author, and the numbers are wrong.",
			"The council has decided to close the bridge.",
			"Let me check my notes and come back to you.",
			"My grandmother lived in that street, and she loved it.",
		}},
		"sentences about groups of people": {texts: []string{
			"I am gay and I live in Leeds.",
			"My Muslim neighbour brought us soup.",
			"The Jewish museum has a new director.",
			"Two lesbian couples adopted children last year.",
			"Black voters decided this election.",
		}},
		"no English": {texts: []string{
			"Das ist nicht das, was wir von der Stadt gehört haben, und es ist dumm.",
			"C'est une idée stupide, et nous ne sommes pas d'accord avec le maire.",
			"Это было сказано вчера на собрании жителей.",
			"これは昨日の会議で言われたことです。",
		}},
		"no words": {texts: []string{"", " ", "!", "12345", "a", "? ? ?", "👍👍👍", "+1"}},
	} {
		for _, body := range c.texts {
			if got := judge(body).Score; (got > recommended) != c.hostile {
				t.Errorf("%s: %q scores %g", name, body, got)
			}
		}
	}
}

func TestATextWithoutWordsOrInAnotherLanguageScoresZero(t *testing.T) {
	for _, body := range []string{
		"", "!?", "42", "x", "Du bist ein stupid idiot und das ist nicht gut für die Stadt, was wir gehört haben.",
	} {
		if diff := cmp.Diff(Judgement{}, judge(body)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", body, diff)
		}
	}
}

func TestTheHeaviestWordsStandInTheOriginalText(t *testing.T) {
	body := "Ｙou are such a ＳＴＵＰＩＤ \u200bid\u200biot, my friend"
	var words []string
	for _, s := range judge(body).Spans {
		words = append(words, body[s.Start:s.End])
	}
	if len(words) < 2 || words[0] != "ＳＴＵＰＩＤ" && words[1] != "ＳＴＵＰＩＤ" {
		t.Errorf("the words are %q", words)
	}
	for _, w := range words[:min(2, len(words))] {
		if w != "ＳＴＵＰＩＤ" && w != "id\u200biot" {
			t.Errorf("the words are %q", words)
		}
	}
	if spans := judge("The council has decided to close the bridge.").Spans; spans != nil {
		t.Errorf("an ordinary sentence has the words %v", spans)
	}
}

func TestTheScoreDoesNotDependOnEarlierTexts(t *testing.T) {
	first := judge("You are an idiot.")
	for range 20 {
		judge(strings.Repeat("Another text, much longer than the first. ", 50))
	}
	if diff := cmp.Diff(first, judge("You are an idiot.")); diff != "" {
		t.Errorf("(-first +second):\n%s", diff)
	}
}

var hostileShapes = map[string]string{
	"one letter for ever":     "a",
	"many single letters":     "a b ",
	"many short words":        "idiot ",
	"no letters at all":       "!\n",
	"words joined by signs":   "a.b-c_",
	"digits":                  "1d1 0t ",
	"accents in a pile":       "\u0301",
	"no UTF-8":                "\xff\xc0",
	"wide characters":         "\U0001F600\uFDFA",
	"Chinese":                 "漢字",
	"full-width letters":      "ｉｄｉｏｔ ",
	"apostrophes":             "'a'",
	"thirty signs and spaces": strings.Repeat("@", 30) + " ",
}

func TestTimeIsLinearForHostileTexts(t *testing.T) {
	for name, shape := range hostileShapes {
		t.Run(name, func(t *testing.T) {
			repeated := func(n int) string { return strings.Repeat(shape, n/len(shape)) }
			timetest.Linear(t, 8<<10, repeated, func(body string) { Judge(text.Normalise(body), "") })
		})
	}
}

func FuzzJudge(f *testing.F) {
	for _, shape := range hostileShapes {
		f.Add(strings.Repeat(shape, 20))
	}
	f.Add("You sh!tty @sshole, i d i o t! ﬁ ＩＤ\u200bＩＯＴ")
	f.Fuzz(func(t *testing.T, body string) {
		n := text.Normalise(body)
		got := Judge(n, "")
		if !(got.Score >= 0 && got.Score <= 1) || math.IsNaN(got.Score) || len(got.Spans) > maxSpans {
			t.Errorf("%q scores %+v", body, got)
		}
		for _, s := range got.Spans {
			if s.Start < 0 || s.Start >= s.End || s.End > len(body) {
				t.Errorf("%q: the span %+v is not in the text", body, s)
			}
		}
		if diff := cmp.Diff(got, Judge(n, "")); diff != "" {
			t.Errorf("%q (-first +second):\n%s", body, diff)
		}
	})
}

func benchmarkJudge(b *testing.B, body string) {
	n := text.Normalise(body)
	b.ReportAllocs()
	for b.Loop() {
		Judge(n, "")
	}
}

func BenchmarkJudgeAnOrdinaryComment(b *testing.B) {
	benchmarkJudge(b, strings.Repeat("I read the article twice, and its second paragraph is wrong about the bridge. ", 7)[:500])
}

func BenchmarkJudgeAnInsult(b *testing.B) {
	benchmarkJudge(b, strings.Repeat("You are a pathetic idiot, and the council should have told you so years ago. ", 7)[:500])
}

func BenchmarkJudge10000Letters(b *testing.B) {
	for name, shape := range hostileShapes {
		b.Run(name, func(b *testing.B) { benchmarkJudge(b, strings.Repeat(shape, 10_000)[:10_000]) })
	}
}

// judge scores a text in its language.
func judge(body string) Judgement { return Judge(text.Normalise(body), text.Read(body).Language()) }
