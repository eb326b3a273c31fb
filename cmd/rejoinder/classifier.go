package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"rejoinder/moderation/classify"
	"rejoinder/moderation/rules"
)

func classifierCommand(std stdio) *cobra.Command {
	var ask classifierRequest
	cmd := &cobra.Command{
		Use:   "classifier --corpus FILE.tsv --positive LABEL",
		Short: "Measure the text classifier on labelled texts by cross-validation",
		Long: "Deals the texts of a file out into folds, scores each fold by a model that has learned the others, and prints one\n" +
			"line of JSON with cases, tp, fp, tn, fn, precision, recall, f1, fpr and folds. No model scores a text that it has\n" +
			"learned. The file is one as for rules eval. The same file, seed and batch always give the same figures.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return validateClassifier(cmd.Context(), std, ask)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&ask.corpus, "corpus", "", "the file with labelled texts")
	flags.StringVar(&ask.positive, "positive", "", "the label of spam; every other label means approved")
	flags.IntVar(&ask.how.Folds, "folds", 10, "how many folds; at least 2")
	flags.Uint64Var(&ask.how.Seed, "seed", 1, "the order in which the texts are dealt out")
	flags.IntVar(&ask.how.Batch, "batch", classify.MaxBatch,
		"how many texts are learned at once; 1 is one decision after the other")
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
