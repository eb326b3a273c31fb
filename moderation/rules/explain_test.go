package rules

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestExplanations(t *testing.T) {
	advert := Neutral("Make MONEY online! See https://get.example/now, https://a.example/ and https://b.example/.")
	first := Neutral("Lovely.")
	first.Author.Approved, first.Author.Confirmed, first.Author.Recognised = 0, false, false
	cases := []struct {
		name, source string
		facts        *Facts
	}{
		{"advert", string(Default()), advert},
		{"first-comment", string(Default()), first},
		{"default", "rules: []\n", Neutral("Hello.")},
		{"error", "rules:\n  - {id: broken, when: 1 / links.count > 0, then: spam, reason: x}\n", Neutral("Hello.")},
		{"threshold", "thresholds: {hold: 2.5}\nrules:\n" +
			"  - {id: one, when: links.count > 0, score: 2.25, reason: \"{{links.count}} links.\"}\n" +
			"  - {id: two, when: \"true\", score: 0.5, reason: Always.}\n" +
			"  - {id: three, when: \"true\", then: spam, priority: 3, mode: shadow, reason: On trial.}\n",
			Neutral(strings.Repeat("http://a.example/ ", 7))},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := mustParse(t, c.source).Evaluate(context.Background(), c.facts).Explain()
			path := filepath.Join("testdata", "explain", c.name+".txt")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("explanation (-want +got):\n%s", diff)
			}
		})
	}
}

func TestQuotationsAreShortAndOnOneLine(t *testing.T) {
	cases := map[string]string{
		"plain":                  "“plain”",
		"two\nlines\u202e":       "“two lines ”",
		strings.Repeat("a", 100): "“" + strings.Repeat("a", maxQuotedCharacters) + "…”",
		strings.Repeat("é", 80):  "“" + strings.Repeat("é", 80) + "”",
	}
	for s, want := range cases {
		if got := quoteFact(s); got != want {
			t.Errorf("%q is quoted as %s, want %s", s, got, want)
		}
	}
	if got := quoteFact([]string{"a", "b", "c", "d", "e", "f", "g"}); got != "“a”, “b”, “c”, “d”, “e” and 2 more" {
		t.Errorf("a long list is quoted as %s", got)
	}
	for v, want := range map[any]string{true: "yes", false: "no", 3: "3", 2.5: "2.5", 3.0: "3", 0.126: "0.13", 100.0: "100", -1.5: "-1.5"} {
		if got := quoteFact(v); got != want {
			t.Errorf("%v is quoted as %s, want %s", v, got, want)
		}
	}
}
