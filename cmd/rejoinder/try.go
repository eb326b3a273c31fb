package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rejoinder/handlers/locale"
	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/rules"
)

func testCommand(std stdio) *cobra.Command {
	return &cobra.Command{
		Use:   "test FILE",
		Short: "Run the tests in a ruleset; - reads standard input",
		Args:  exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			source, err := readSource(std, args[0])
			if err != nil {
				return usageError{err}
			}
			ruleset, err := rulebook.CheckRuleset(cmd.Context(), source, basesBeside(args[0]))
			if err != nil {
				return explainRules(std, "", args, err)
			}
			if ruleset.Tests() == 0 {
				return fmt.Errorf("%s has no tests: add \"tests:\" with the expected outcomes", args[0])
			}
			fmt.Fprintf(std.out, "%s: %s passed\n", args[0], locale.Plural(ruleset.Tests(), "test"))
			return nil
		},
	}
}

// tryFlags are the flags of `rules try` that describe the comment.
type tryFlags struct {
	ruleFlags
	rules string
	trial rulebook.Trial
	facts []string
}

func tryCommand(std stdio) *cobra.Command {
	var f tryFlags
	cmd := &cobra.Command{
		Use:   "try {--rules FILE | --site S [--rules FILE | --version N]}",
		Short: "Print a ruleset's verdict on a comment; nothing is saved",
		Long: "Reads the comment from standard input, unless --body is set. --as says who wrote it: a newcomer, or a known,\n" +
			"trusted commenter. Facts that you don't set have harmless values.\n\n" +
			"With --rules, no site is needed; with --site, its classifier judges the comment, too.",
		Example: "  echo 'Buy now: https://shop.example' |\n" +
			"    rejoinder rules try --rules draft.yaml --as known",
		Args: noArguments,
	}
	flags := cmd.Flags()
	flags.StringVar(&f.rules, "rules", "", "a document that is not saved (default: the active version)")
	flags.Var(positiveInt{&f.version}, "version", "a saved version")
	flags.StringVar(&f.trial.As, "as", rulebook.AsNewcomer, "who wrote the comment: newcomer or known")
	flags.StringVar(&f.trial.Body, "body", "", "the comment (default: standard input)")
	flags.StringVar(&f.trial.AuthorName, "author-name", "", "the commenter's name")
	flags.StringVar(&f.trial.AuthorEmail, "author-email", "", "the commenter's email")
	flags.StringVar(&f.trial.AuthorURL, "author-url", "", "the commenter's website")
	flags.StringVar(&f.trial.Address, "address", "", "the client's IP address")
	flags.StringArrayVar(&f.facts, "fact", nil, "a fact, such as author.rejected=2; may be repeated")
	flags.BoolVar(&f.asJSON, "json", false, "print JSON")
	cmd = siteRules(std, cmd, &f.ruleFlags, func(ctx context.Context, a *app, _ []string) error {
		trials := rulebook.Trials{
			Rulebook: a.rulebook(), Classifier: moderation.NewClassifiers(a.db.Classifiers, time.Now, a.log),
		}
		return f.try(std, func() (rulebook.TrialResult, error) {
			return trials.Try(ctx, moderation.Viewer{}, f.site, f.trial)
		})
	})
	ofSite := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if f.rules == "" || f.site != "" || f.version != 0 {
			return ofSite(cmd, args)
		}
		return f.try(std, func() (rulebook.TrialResult, error) {
			return rulebook.TryDocument(cmd.Context(), f.trial, basesBeside(f.rules))
		})
	}
	return cmd
}

func (f *tryFlags) try(std stdio, judge func() (rulebook.TrialResult, error)) error {
	var files []string
	if f.rules != "" {
		files = []string{f.rules}
	}
	draft, err := draftFrom(std, f.ruleFlags, files)
	if err != nil {
		return err
	}
	f.trial.Ruleset = draft
	if f.trial.Body == "" {
		raw, err := readLimited(std.in, "the comment", 1<<20)
		if err != nil {
			return err
		}
		f.trial.Body = string(raw)
	}
	if f.trial.Facts, err = factsFrom(f.facts); err != nil {
		return usageError{err}
	}
	result, err := judge()
	if err != nil {
		return explainRules(std, f.site, files, err)
	}
	if f.asJSON {
		return printJSON(std, struct {
			Body    string        `json:"body"` // spans refer to it
			Verdict rules.Verdict `json:"verdict"`
		}{result.Body, result.Verdict})
	}
	fmt.Fprint(std.out, result.Verdict.Explain())
	return nil
}

// factsFrom parses path=value pairs. A value is JSON, or else a string.
func factsFrom(assignments []string) (map[string]any, error) {
	facts := map[string]any{}
	for _, one := range assignments {
		path, raw, found := strings.Cut(one, "=")
		if !found {
			return nil, fmt.Errorf("--fact %s: write it as author.approved=0", one)
		}
		var value any
		if err := json.Unmarshal([]byte(raw), &value); err != nil {
			value = raw
		}
		facts[path] = value
	}
	return facts, nil
}
