package rules

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// languagesOfWidget are the languages that every kind of list must exist in.
var languagesOfWidget = strings.Fields("en de fr es it pl pt ru uk ar ja nl sv tr")

func TestInsultsAreFoundInEveryLanguage(t *testing.T) {
	rs := mustParse(t, string(Default()))
	for _, language := range languagesOfWidget {
		t.Run(language, func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join("testdata", "languages", language+".tsv"))
			if err != nil {
				t.Fatal(err)
			}
			cases, err := ReadCases(strings.NewReader(string(raw)), "bad")
			if err != nil {
				t.Fatal(err)
			}
			bad, found := 0, 0
			for _, c := range cases {
				v := rs.Evaluate(t.Context(), Neutral(c.Text))
				flagged := v.Action != Approve
				switch {
				case c.Positive && flagged:
					bad, found = bad+1, found+1
				case c.Positive:
					bad++
					t.Logf("not found: %s", c.Text)
				case flagged:
					t.Errorf("%q is flagged: %+v", c.Text, v.Hits)
				}
			}
			if bad != 10 || len(cases) != 20 || found < 9 {
				t.Errorf("%d of %d insults found in %d texts, want 9 of 10 in 20", found, bad, len(cases))
			}
		})
	}
}
