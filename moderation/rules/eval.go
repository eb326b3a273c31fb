package rules

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

// Case is one labelled text of a corpus.
type Case struct {
	File     string // set by whoever reads several files; empty for one
	Line     int    // in the file
	Text     string
	Positive bool   // what a ruleset should flag
	Label    string // second column
	Kind     string // third column: a kind, a language or a source; empty if the file has none
}

// Labels says which labels of a corpus are positive.
type Labels struct {
	Positive []string
	Negative []string // empty: every label that is not positive
}

// ReadCases is ReadLabelled with one positive label.
func ReadCases(r io.Reader, positive string) ([]Case, error) {
	return ReadLabelled(r, Labels{Positive: []string{positive}})
}

// ReadLabelled reads a labelled file. Each line has a text, a tab and a label, optionally followed by another
// tab and a kind. Tabs, line breaks and backslashes in a text are written \t, \n, \r and \\. A first line
// that begins with # is a header. It is an error if there is no case, if a line has no label or an unknown
// one, or if the file has several labels and none of them is positive. Errors name the line.
func ReadLabelled(r io.Reader, labels Labels) ([]Case, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, MaxDocumentBytes)
	var cases []Case
	number := 1
	for ; lines.Scan(); number++ {
		line := strings.TrimSuffix(lines.Text(), "\r")
		if line == "" || number == 1 && strings.HasPrefix(line, "#") {
			continue
		}
		c, err := labels.parse(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		c.Line = number
		cases = append(cases, c)
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, fmt.Errorf("line %d: longer than %d bytes", number, MaxDocumentBytes)
	} else if err != nil {
		return nil, fmt.Errorf("read cases: %w", err)
	}
	if len(cases) == 0 {
		return nil, errors.New("the file has no cases: it is empty or has only a header")
	}
	return cases, labels.check(cases)
}

// parse reads one line of a corpus.
func (l Labels) parse(line string) (Case, error) {
	if !utf8.ValidString(line) {
		return Case{}, errors.New("not valid UTF-8")
	}
	columns := strings.Split(line, "\t")
	if len(columns) < 2 || strings.TrimSpace(columns[1]) == "" {
		return Case{}, errors.New("the row has no label: a text, a tab and a label are expected")
	}
	c := Case{Text: unescapeCase.Replace(columns[0]), Label: columns[1]}
	c.Positive = slices.Contains(l.Positive, c.Label)
	if len(columns) > 2 {
		c.Kind = columns[2]
	}
	if c.Positive || slices.Contains(l.Negative, c.Label) {
		return c, nil
	}
	alike := func(known string) bool { return strings.EqualFold(strings.TrimSpace(c.Label), known) }
	if len(l.Negative) > 0 || slices.ContainsFunc(l.Positive, alike) {
		known := slices.Concat(l.Positive, l.Negative)
		return Case{}, fmt.Errorf("unknown label %q: expected %s", c.Label, quotedWords(known))
	}
	return c, nil
}

// check rejects a positive label that is probably misspelt.
func (l Labels) check(cases []Case) error {
	var found []string
	for _, c := range cases {
		if c.Positive || len(l.Negative) > 0 {
			return nil
		}
		if !slices.Contains(found, c.Label) && len(found) <= maxNamedLabels {
			found = append(found, c.Label)
		}
	}
	if len(found) < 2 {
		return nil // a file of harmless texts only
	}
	slices.Sort(found)
	return fmt.Errorf("no row has the label %s: the labels are %s", quotedWords(l.Positive), quotedWords(found))
}

// maxNamedLabels bounds how many labels an error names.
const maxNamedLabels = 10

func quotedWords(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = fmt.Sprintf("%q", word)
	}
	return strings.Join(quoted, ", ")
}

// EscapeCase writes a text as it stands in a corpus; ReadLabelled reads it back.
func EscapeCase(text string) string { return escapeCase.Replace(text) }

var escapeCase = strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`)

var unescapeCase = strings.NewReplacer(`\\`, `\`, `\t`, "\t", `\n`, "\n", `\r`, "\r")

// Evaluation is how well a ruleset tells positive cases from negative ones. Ratios without cases are 0.
type Evaluation struct {
	Cases          int     `json:"cases"`
	TruePositives  int     `json:"tp"`
	FalsePositives int     `json:"fp"`
	TrueNegatives  int     `json:"tn"`
	FalseNegatives int     `json:"fn"`
	Precision      float64 `json:"precision"`            // of the flagged cases, the share of positive ones
	Recall         float64 `json:"recall"`               // of the positive cases, the share of flagged ones
	F1             float64 `json:"f1"`                   // harmonic mean of the two
	FPR            float64 `json:"fpr"`                  // of the negative cases, the share of flagged ones
	PerSecond      float64 `json:"per_second,omitempty"` // by all processors; absent for a part of the cases
}

// Mistake is a case that a ruleset judged wrongly: a miss if it is positive, else a false alarm.
type Mistake struct {
	Case
	Verdict Verdict
}

// JudgeCases evaluates every case, with facts that are neutral but for the text, on all processors. It returns
// one verdict per case. The error is that of ctx.
func (rs *Ruleset) JudgeCases(ctx context.Context, cases []Case) ([]Verdict, error) {
	const block = 64 // cases per turn of a worker
	verdicts := make([]Verdict, len(cases))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(cases)/block+1) {
		workers.Go(func() {
			for ctx.Err() == nil {
				start := int(next.Add(block)) - block
				if start >= len(cases) {
					return
				}
				for i := start; i < min(start+block, len(cases)); i++ {
					verdicts[i] = rs.Evaluate(ctx, Neutral(cases[i].Text))
				}
			}
		})
	}
	workers.Wait()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("evaluate cases: %w", err)
	}
	return verdicts, nil
}

// Eval judges every case and compares the verdicts with the labels. The error is that of ctx.
func (rs *Ruleset) Eval(ctx context.Context, cases []Case, now func() time.Time) (Evaluation, []Mistake, error) {
	began := now()
	verdicts, err := rs.JudgeCases(ctx, cases)
	if err != nil {
		return Evaluation{}, nil, err
	}
	took := now().Sub(began)
	var mistakes []Mistake
	for i, c := range cases {
		if verdicts[i].Flagged() != c.Positive {
			mistakes = append(mistakes, Mistake{c, verdicts[i]})
		}
	}
	return NewEvaluation(cases, verdicts, took), mistakes, nil
}

// NewEvaluation counts verdicts, one per case, that took that long together; 0 if unknown.
func NewEvaluation(cases []Case, verdicts []Verdict, took time.Duration) Evaluation {
	result := Evaluation{Cases: len(cases)}
	for i, c := range cases {
		switch flagged := verdicts[i].Flagged(); {
		case flagged && c.Positive:
			result.TruePositives++
		case flagged:
			result.FalsePositives++
		case c.Positive:
			result.FalseNegatives++
		default:
			result.TrueNegatives++
		}
	}
	result.rates(took)
	return result
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
