package rules

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// Case is one labelled text of a corpus.
type Case struct {
	Line     int // in the file
	Text     string
	Positive bool // what a ruleset should flag
}

// ReadCases reads a labelled file: in each line a text, a tab, a label, and perhaps more after another tab.
// In the text, \t, \n, \r and \\ are escaped. A first line that begins with # is a header. Every label but
// the positive one is negative. It is an error if there is no case, or if a line has no label.
func ReadCases(r io.Reader, positive string) ([]Case, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, MaxDocumentBytes)
	var cases []Case
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimSuffix(lines.Text(), "\r")
		if line == "" || number == 1 && strings.HasPrefix(line, "#") {
			continue
		}
		if !utf8.ValidString(line) {
			return nil, fmt.Errorf("line %d is no UTF-8 text", number)
		}
		columns := strings.Split(line, "\t")
		if len(columns) < 2 {
			return nil, fmt.Errorf("line %d has no label: a text, a tab and a label are expected", number)
		}
		cases = append(cases, Case{Line: number, Text: unescapeCase.Replace(columns[0]), Positive: columns[1] == positive})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read cases: %w", err)
	}
	if len(cases) == 0 {
		return nil, errors.New("the file has no cases")
	}
	return cases, nil
}

var unescapeCase = strings.NewReplacer(`\\`, `\`, `\t`, "\t", `\n`, "\n", `\r`, "\r")

// Evaluation is how well a ruleset tells positive cases from negative ones. Ratios without cases are 0.
type Evaluation struct {
	Cases          int     `json:"cases"`
	TruePositives  int     `json:"tp"`
	FalsePositives int     `json:"fp"`
	TrueNegatives  int     `json:"tn"`
	FalseNegatives int     `json:"fn"`
	Precision      float64 `json:"precision"`  // of the flagged cases, the share of positive ones
	Recall         float64 `json:"recall"`     // of the positive cases, the share of flagged ones
	F1             float64 `json:"f1"`         // harmonic mean of the two
	FPR            float64 `json:"fpr"`        // of the negative cases, the share of flagged ones
	PerSecond      float64 `json:"per_second"` // cases evaluated in a second of time
}

// Mistake is a case that a ruleset judged wrongly: a miss if it is positive, else a false alarm.
type Mistake struct {
	Case
	Verdict Verdict
}

// Eval evaluates every case, with facts that are neutral but for the text, and compares. A case is flagged if
// the verdict is anything but Approve. The error is that of ctx.
func (rs *Ruleset) Eval(ctx context.Context, cases []Case, now func() time.Time) (Evaluation, []Mistake, error) {
	result := Evaluation{Cases: len(cases)}
	var mistakes []Mistake
	began := now()
	for _, c := range cases {
		v := rs.Evaluate(ctx, Neutral(c.Text))
		if err := ctx.Err(); err != nil {
			return Evaluation{}, nil, fmt.Errorf("evaluate line %d: %w", c.Line, err)
		}
		flagged := v.Action != Approve
		switch {
		case flagged && c.Positive:
			result.TruePositives++
		case flagged:
			result.FalsePositives++
		case c.Positive:
			result.FalseNegatives++
		default:
			result.TrueNegatives++
		}
		if flagged != c.Positive {
			mistakes = append(mistakes, Mistake{c, v})
		}
	}
	result.rates(now().Sub(began))
	return result, mistakes, nil
}

func (r *Evaluation) rates(took time.Duration) {
	share := func(part, whole int) float64 {
		if whole == 0 {
			return 0
		}
		return float64(part) / float64(whole)
	}
	r.Precision = share(r.TruePositives, r.TruePositives+r.FalsePositives)
	r.Recall = share(r.TruePositives, r.TruePositives+r.FalseNegatives)
	r.F1 = share(2*r.TruePositives, 2*r.TruePositives+r.FalsePositives+r.FalseNegatives)
	r.FPR = share(r.FalsePositives, r.FalsePositives+r.TrueNegatives)
	if took > 0 {
		r.PerSecond = float64(r.Cases) / took.Seconds()
	}
}
