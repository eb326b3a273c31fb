package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"rejoinder/handlers/locale"
	"rejoinder/moderation/classify"
	"rejoinder/moderation/rules"
	"rejoinder/moderation/rules/measure"
)

func evalCommand(std stdio) *cobra.Command {
	var ask evalRequest
	cmd := &cobra.Command{
		Use:   "eval --corpus FILE.tsv… --positive LABEL",
		Short: "Measure a ruleset on labelled texts: its hits, misses and false alarms",
		Long: "Evaluates every text of one or several files as if a known, trusted commenter had sent it. A text counts\n" +
			"as flagged if its verdict is not approve. Each line of a file has a text, a tab and a label, optionally\n" +
			"followed by another tab and a kind; tab, line break and backslash in a text are written \\t, \\n, \\r and\n" +
			"\\\\. A first line that begins with # is a header.\n\n" +
			"On a terminal, it prints tables with 95% confidence intervals, elsewhere one line of JSON per file with\n" +
			"cases, tp, fp, tn, fn, precision, recall, f1, fpr and per_second, and a total if there are several files.\n\n" +
			"--by rule shows what each rule found and what it held wrongly. It found a case alone if the case would be\n" +
			"approved without it. --against compares --rules with an earlier ruleset on the same cases.",
		Example: "  rejoinder rules eval --corpus a.tsv b.tsv --positive bad --by kind --by rule\n" +
			"  rejoinder rules eval --rules draft.yaml --against active.yaml --corpus a.tsv --positive bad --show 50",
		Args: cobra.ArbitraryArgs, // so that a shell can expand --corpus *.tsv
		RunE: func(cmd *cobra.Command, args []string) error {
			ask.corpora = append(ask.corpora, args...)
			return ask.run(cmd.Context(), std)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&ask.rules, "rules", "",
		"the ruleset to measure; - reads standard input (default: the shipped one)")
	flags.StringVar(&ask.against, "against", "", "an earlier ruleset to compare with; \"default\" is the shipped one")
	flags.IntVar(&ask.show, "show", 10, "maximum number of changed cases to list with --against")
	flags.StringArrayVar(&ask.corpora, "corpus", nil,
		"a file with labelled texts; may be repeated, or followed by more files")
	flags.StringArrayVar(&ask.labels.Positive, "positive", nil,
		"a label of texts that should be flagged; may be repeated. Every other label means harmless")
	flags.StringArrayVar(&ask.labels.Negative, "negative", nil,
		"a label of harmless texts; may be repeated. Rows with any other label are then an error")
	flags.StringArrayVar(&ask.by, "by", nil, "also show results by kind (the third column) or rule; may be repeated")
	flags.StringVar(&ask.format, "format", "", "text or json (default: text on a terminal, else json)")
	flags.StringVar(&ask.misses, "misses", "", "write every miss and false alarm to this TSV file, by kind")
	flags.BoolVar(&ask.report, "report", false, "list every miss and every false alarm first")
	return cmd
}

// evalRequest is what `rules eval` is asked for.
type evalRequest struct {
	rules, against string
	show           int
	corpora        []string
	labels         rules.Labels
	by             []string
	format         string
	misses         string
	report         bool
}

// evalResult is the result for one file, or for all of them together.
type evalResult struct {
	File  string `json:"file,omitempty"`
	Total bool   `json:"total,omitempty"` // of several files
	measure.Figures
	Kinds   []measure.Kind      `json:"kinds,omitempty"`
	Rules   []measure.RuleCost  `json:"rules,omitempty"`
	Against *measure.Comparison `json:"against,omitempty"`
}

func (ask *evalRequest) check() error {
	if len(ask.corpora) == 0 || len(ask.labels.Positive) == 0 {
		return errors.New("rules eval needs --corpus FILE.tsv and --positive LABEL")
	}
	for _, by := range ask.by {
		if by != "kind" && by != "rule" {
			return fmt.Errorf("--by must be kind or rule, not %q", by)
		}
	}
	if ask.format != "" && ask.format != "text" && ask.format != "json" {
		return fmt.Errorf("--format must be text or json, not %q", ask.format)
	}
	if ask.show < 0 {
		return fmt.Errorf("--show must not be negative, but is %d", ask.show)
	}
	if ask.rules == "-" && ask.against == "-" {
		return errors.New("--rules and --against can't both read standard input")
	}
	return nil
}

func (ask *evalRequest) run(ctx context.Context, std stdio) error {
	if err := ask.check(); err != nil {
		return usageError{err}
	}
	ruleset, err := rulesetFrom(ctx, std, ask.rules)
	if err != nil {
		return err
	}
	earlier, err := ask.earlier(ctx, std)
	if err != nil {
		return err
	}
	corpora := make([][]rules.Case, len(ask.corpora)) // read first: a fault in the last file shows at once
	for i, path := range ask.corpora {
		var unreadable *measure.ReadError
		if corpora[i], err = measure.ReadFile(path, ask.labels); errors.As(err, &unreadable) {
			return usageError{err}
		} else if err != nil {
			return err
		}
	}
	var runs, before []measure.Run
	for _, cases := range corpora {
		if runs, err = judgeMore(ctx, runs, ruleset, cases); err != nil {
			return err
		}
		if earlier == nil {
			continue
		}
		if before, err = judgeMore(ctx, before, earlier, cases); err != nil {
			return err
		}
	}
	if err := ask.writeMisses(measure.Join(runs)); err != nil {
		return err
	}
	if ask.report {
		reportMistakes(std.out, measure.Join(runs), len(runs) > 1)
	}
	return ask.print(std.out, ask.results(runs, before))
}

// earlier returns the ruleset to compare with; nil without one.
func (ask *evalRequest) earlier(ctx context.Context, std stdio) (*rules.Ruleset, error) {
	if ask.against == "" {
		return nil, nil
	}
	return rulesetFrom(ctx, std, ask.against)
}

func judgeMore(
	ctx context.Context, runs []measure.Run, rs *rules.Ruleset, cases []rules.Case,
) ([]measure.Run, error) {
	run, err := measure.Judge(ctx, rs, cases, time.Now)
	return append(runs, run), err
}

// results returns the result for each file and, if there are several, for all together.
func (ask *evalRequest) results(runs, before []measure.Run) []evalResult {
	one := func(run measure.Run, file string, earlier func() measure.Run) evalResult {
		result := evalResult{File: file, Figures: run.Figures()}
		if slices.Contains(ask.by, "kind") {
			result.Kinds = run.ByKind()
		}
		if slices.Contains(ask.by, "rule") {
			result.Rules = run.Costs()
		}
		if len(before) > 0 {
			compared := measure.Compare(earlier(), run, ask.show)
			result.Against = &compared
		}
		return result
	}
	var results []evalResult
	for i, run := range runs {
		results = append(results, one(run, ask.corpora[i], func() measure.Run { return before[i] }))
	}
	if len(runs) > 1 {
		total := one(measure.Join(runs), "", func() measure.Run { return measure.Join(before) })
		total.Total = true
		results = append(results, total)
	}
	return results
}

func (ask *evalRequest) writeMisses(run measure.Run) error {
	if ask.misses == "" {
		return nil
	}
	file, err := os.OpenFile(ask.misses, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) // texts may be private
	if err != nil {
		return usageError{err}
	}
	if err := errors.Join(measure.WriteMisses(file, run), file.Close()); err != nil {
		return fmt.Errorf("write misses: %w", err)
	}
	return nil
}

func (ask *evalRequest) print(out io.Writer, results []evalResult) error {
	if ask.format == "text" || ask.format == "" && isTerminal(out) {
		return printEvaluation(out, results)
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for _, result := range results {
		if err := encoder.Encode(result); err != nil {
			return err
		}
	}
	return nil
}

// rulesetFrom returns the ruleset in a file, whose bases are read from beside it, or the shipped one for "default"
// or no path.
func rulesetFrom(ctx context.Context, std stdio, path string) (*rules.Ruleset, error) {
	source := rules.Default()
	if path == "" || path == rules.BaseDefault {
		path = rules.BaseDefault
	} else {
		var err error
		if source, err = readSource(std, path); err != nil {
			return nil, usageError{err}
		}
	}
	ruleset, err := rules.ParseExtending(ctx, source, basesBeside(path))
	var faults *rules.Faults
	if errors.As(err, &faults) {
		printFaults(std, path, faults)
		return nil, fmt.Errorf("%s has %s", path, locale.Plural(len(faults.List), "fault"))
	}
	return ruleset, err
}

// reportMistakes lists every miss and false alarm of a run; with files, each with its file.
func reportMistakes(out io.Writer, run measure.Run, files bool) {
	for i, c := range run.Cases {
		v := run.Verdicts[i]
		if v.Flagged() == c.Positive {
			continue
		}
		at := fmt.Sprintf("line %d", c.Line)
		if files {
			at += " of " + c.File
		}
		if c.Positive {
			fmt.Fprintf(out, "miss\t%s\t%q\n", at, c.Text)
			continue
		}
		fmt.Fprintf(out, "false alarm\t%s\t%q\t%s because of %s", at, c.Text, v.Action, v.Cause)
		for _, hit := range v.Hits {
			if hit.Rule == v.Cause {
				fmt.Fprintf(out, ": %s", hit.Reason)
			}
		}
		fmt.Fprintln(out)
	}
}

func factsCommand(std stdio) *cobra.Command {
	return &cobra.Command{
		Use:   "facts",
		Short: "List the facts and functions of conditions, with type and example",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			for _, f := range rules.Registry() {
				fmt.Fprintf(std.out, "%s (%s)\n    %s\n    Example: %s\n", f.Path, f.Type, f.What, f.Example)
			}
			for _, f := range rules.Functions() {
				fmt.Fprintf(std.out, "%s (%s)\n    %s\n    Example: %s\n", f.Call, f.Type, f.What, f.Example)
			}
			return nil
		},
	}
}

func classifierCommand(std stdio) *cobra.Command {
	var ask classifierRequest
	cmd := &cobra.Command{
		Use:   "classifier --corpus FILE.tsv --positive LABEL",
		Short: "Measure the text classifier on labelled texts by cross-validation",
		Long: "Divides the texts of a file into folds at random, scores each fold with a model trained on the others, and prints\n" +
			"one line of JSON with cases, tp, fp, tn, fn, precision, recall, f1, fpr and folds. The file has the format of\n" +
			"\"rules eval\". The same file, seed and batch always give the same figures.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return validateClassifier(cmd.Context(), std, ask)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&ask.corpus, "corpus", "", "the file with labelled texts")
	flags.StringVar(&ask.positive, "positive", "", "the label of spam; every other label means approved")
	flags.IntVar(&ask.how.Folds, "folds", 10, "number of folds; at least 2")
	flags.Uint64Var(&ask.how.Seed, "seed", 1, "seed of the random division")
	flags.IntVar(&ask.how.Batch, "batch", classify.MaxBatch,
		"number of texts learned at once; 1: one decision after the other")
	flags.Float64Var(&ask.how.Threshold, "threshold", 0.5, "the score above which a text counts as spam")
	return cmd
}

type classifierRequest struct {
	corpus, positive string
	how              classify.Validation
}

func validateClassifier(ctx context.Context, std stdio, ask classifierRequest) error {
	switch {
	case ask.corpus == "" || ask.positive == "":
		return usageError{errors.New("rules classifier needs --corpus FILE.tsv and --positive LABEL")}
	case ask.how.Folds < 2:
		return usageError{errors.New("--folds is at least 2")}
	case ask.how.Batch < 1 || ask.how.Batch > classify.MaxBatch:
		return usageError{fmt.Errorf("--batch is from 1 to %d", classify.MaxBatch)}
	case !(ask.how.Threshold >= 0 && ask.how.Threshold <= 1):
		return usageError{errors.New("--threshold is from 0 to 1")}
	}
	file, err := os.Open(ask.corpus)
	if err != nil {
		return usageError{err}
	}
	defer file.Close()
	read, err := rules.ReadCases(file, ask.positive)
	if err != nil {
		return fmt.Errorf("%s: %w", ask.corpus, err)
	}
	cases := make([]classify.Case, len(read))
	for i, c := range read {
		cases[i] = classify.Case{Body: c.Text, Spam: c.Positive}
	}
	figures, err := classify.CrossValidate(ctx, cases, ask.how, foldProgress(std, ask.how.Folds))
	if err != nil {
		return fmt.Errorf("%s: %w", ask.corpus, err)
	}
	return json.NewEncoder(std.out).Encode(figures)
}

// foldProgress returns a function that shows progress on a terminal; nil without a terminal.
func foldProgress(std stdio, folds int) func(done int) {
	if !isTerminal(std.errs) {
		return nil
	}
	return func(done int) {
		fmt.Fprintf(std.errs, "\rfold %d of %d", done, folds)
		if done == folds {
			fmt.Fprintln(std.errs)
		}
	}
}

// isTerminal reports whether w is a terminal.
func isTerminal(w any) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
