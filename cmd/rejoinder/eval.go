package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"rejoinder/handlers/locale"
	"rejoinder/moderation/rules"
)

func evalCommand(std stdio) *cobra.Command {
	var ask evalRequest
	cmd := &cobra.Command{
		Use:   "eval --corpus FILE.tsv --positive LABEL",
		Short: "Measure a ruleset on labelled texts: what it flags, what it misses",
		Long: "Evaluates every text of a file as if a known, trusted commenter had sent it, and prints one line of JSON with\n" +
			"cases, tp, fp, tn, fn, precision, recall, f1, fpr and per_second. A case counts as flagged when the verdict is\n" +
			"anything but approve. Each line of the file has a text, a tab and a label; \\t, \\n, \\r and \\\\ are escaped, and a\n" +
			"first line that begins with # is a header.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return evalRuleset(cmd.Context(), std, ask)
		},
	}
	cmd.Flags().StringVar(&ask.rules, "rules", "",
		"the ruleset to measure; - reads standard input (default: the shipped one)")
	cmd.Flags().StringVar(&ask.corpus, "corpus", "", "the file with labelled texts")
	cmd.Flags().StringVar(&ask.positive, "positive", "",
		"the label of texts that should be flagged; every other label means harmless")
	cmd.Flags().BoolVar(&ask.report, "report", false, "list every miss and every false alarm before the line of JSON")
	return cmd
}

type evalRequest struct {
	rules, corpus, positive string
	report                  bool
}

func evalRuleset(ctx context.Context, std stdio, ask evalRequest) error {
	if ask.corpus == "" || ask.positive == "" {
		return usageError{errors.New("rules eval needs --corpus FILE.tsv and --positive LABEL")}
	}
	ruleset, err := rulesetFrom(ctx, std, ask.rules)
	if err != nil {
		return err
	}
	file, err := os.Open(ask.corpus)
	if err != nil {
		return usageError{err}
	}
	defer file.Close()
	cases, err := rules.ReadCases(file, ask.positive)
	if err != nil {
		return fmt.Errorf("%s: %w", ask.corpus, err)
	}
	result, mistakes, err := ruleset.Eval(ctx, cases, time.Now)
	if err != nil {
		return err
	}
	if ask.report {
		reportMistakes(std, mistakes)
	}
	return json.NewEncoder(std.out).Encode(result)
}

// rulesetFrom returns the ruleset in a file, or the default one without a path.
func rulesetFrom(ctx context.Context, std stdio, path string) (*rules.Ruleset, error) {
	source := rules.Default()
	if path == "" {
		path = "default"
	} else {
		var err error
		if source, err = readSource(std, path); err != nil {
			return nil, usageError{err}
		}
	}
	ruleset, err := rules.Parse(ctx, source)
	var faults *rules.Faults
	if errors.As(err, &faults) {
		printFaults(std, path, faults)
		return nil, fmt.Errorf("%s has %s", path, locale.Plural(len(faults.List), "fault"))
	}
	return ruleset, err
}

func reportMistakes(std stdio, mistakes []rules.Mistake) {
	for _, m := range mistakes {
		if m.Positive {
			fmt.Fprintf(std.out, "miss\tline %d\t%q\n", m.Line, m.Text)
			continue
		}
		fmt.Fprintf(std.out, "false alarm\tline %d\t%q\t%s because of %s", m.Line, m.Text, m.Verdict.Action, m.Verdict.Cause)
		for _, hit := range m.Verdict.Hits {
			if hit.Rule == m.Verdict.Cause {
				fmt.Fprintf(std.out, ": %s", hit.Reason)
			}
		}
		fmt.Fprintln(std.out)
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
