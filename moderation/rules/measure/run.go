package measure

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"rejoinder/moderation/rules"
)

// ReadFile reads the cases of a corpus. Errors name the file and, for a fault in a row, the line: *ReadError if
// the file can't be read, else a fault in its content.
func ReadFile(path string, labels rules.Labels) ([]rules.Case, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer file.Close()
	cases, err := rules.ReadLabelled(file, labels)
	var of *fs.PathError
	if errors.As(err, &of) { // such as a folder
		return nil, unreadable(path, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for i := range cases {
		cases[i].File = path
	}
	return cases, nil
}

// ReadError says that a file can't be read at all, unlike a fault in its content.
type ReadError struct {
	Path string
	Err  error
}

func (e *ReadError) Error() string { return fmt.Sprintf("%s can't be read: %v", e.Path, e.Err) }

// Unwrap returns the cause.
func (e *ReadError) Unwrap() error { return e.Err }

func unreadable(path string, err error) error {
	var of *fs.PathError
	if errors.As(err, &of) {
		err = of.Err // the path is named already
	}
	return &ReadError{path, err}
}

// Run is the verdicts of one ruleset on cases.
type Run struct {
	Ruleset  *rules.Ruleset
	Cases    []rules.Case
	Verdicts []rules.Verdict // one per case
	Took     time.Duration
}

// Judge judges cases on all processors. The error is that of ctx.
func Judge(ctx context.Context, rs *rules.Ruleset, cases []rules.Case, now func() time.Time) (Run, error) {
	began := now()
	verdicts, err := rs.JudgeCases(ctx, cases)
	if err != nil {
		return Run{}, err
	}
	return Run{Ruleset: rs, Cases: cases, Verdicts: verdicts, Took: now().Sub(began)}, nil
}

// Join returns runs of the same ruleset as one.
func Join(runs []Run) Run {
	var all Run
	for _, r := range runs {
		all.Ruleset = r.Ruleset
		all.Cases = append(all.Cases, r.Cases...)
		all.Verdicts = append(all.Verdicts, r.Verdicts...)
		all.Took += r.Took
	}
	return all
}

// Figures is an evaluation with the confidence intervals of its shares; nil without cases.
type Figures struct {
	rules.Evaluation
	PrecisionCI *Interval `json:"precision_ci"`
	RecallCI    *Interval `json:"recall_ci"`
	FPRCI       *Interval `json:"fpr_ci"`
}

// Figures counts the run.
func (r Run) Figures() Figures {
	e := rules.NewEvaluation(r.Cases, r.Verdicts, r.Took)
	return Figures{
		Evaluation:  e,
		PrecisionCI: Wilson(e.TruePositives, e.TruePositives+e.FalsePositives),
		RecallCI:    Wilson(e.TruePositives, e.TruePositives+e.FalseNegatives),
		FPRCI:       Wilson(e.FalsePositives, e.FalsePositives+e.TrueNegatives),
	}
}

// Kind is the figures of the cases of one kind.
type Kind struct {
	Kind string `json:"kind"` // empty for rows without a third column
	Figures
}

// ByKind counts the run kind by kind, in alphabetical order.
func (r Run) ByKind() []Kind {
	parts := map[string]*Run{}
	var names []string
	for i, c := range r.Cases {
		part := parts[c.Kind]
		if part == nil {
			part = &Run{}
			parts[c.Kind] = part
			names = append(names, c.Kind)
		}
		part.Cases = append(part.Cases, c)
		part.Verdicts = append(part.Verdicts, r.Verdicts[i])
	}
	slices.Sort(names)
	kinds := make([]Kind, len(names))
	for i, name := range names {
		kinds[i] = Kind{name, parts[name].Figures()}
	}
	return kinds
}
