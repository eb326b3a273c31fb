package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"rejoinder/handlers/locale"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/rules"
)

func rulesCommand(std stdio) *cobra.Command {
	check := &cobra.Command{
		Use:   "check FILE",
		Short: "Check a ruleset and list every error with its line and column; - reads standard input",
		Args:  exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return checkRuleset(cmd.Context(), std, args[0])
		},
	}
	show := &cobra.Command{
		Use:   "default",
		Short: "Print the shipped ruleset as a starting point for your own",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			_, err := std.out.Write(rules.Default())
			return err
		},
	}
	return group("rules", "Work on rulesets", factsCommand(std), shippedCommand(std), check, show,
		testCommand(std), tryCommand(std), evalCommand(std), backtestCommand(std), activateCommand(std),
		rerunCommand(std), healthCommand(std), listCommand(std), diffCommand(std), exportCommand(std),
		classifierCommand(std))
}

func checkRuleset(ctx context.Context, std stdio, path string) error {
	source, err := readSource(std, path)
	if err != nil {
		return usageError{err}
	}
	ruleset, err := rulebook.CheckRuleset(ctx, source, basesBeside(path))
	var faults *rules.Faults
	if errors.As(err, &faults) {
		printFaults(std, path, faults)
		return fmt.Errorf("%s: faults: %d", path, len(faults.List))
	}
	if err != nil {
		return err
	}
	for _, w := range ruleset.Warnings() {
		fmt.Fprintf(std.out, "%s:%d:%d: warning: %s\n", documentOf(path, w), w.Line, w.Column, w.Message)
		if w.Hint != "" {
			fmt.Fprintf(std.out, "    %s\n", w.Hint)
		}
	}
	fmt.Fprintf(std.out, "%s: no faults, %s passed\n", path, locale.Plural(ruleset.Tests(), "test"))
	return nil
}

func printFaults(std stdio, path string, faults *rules.Faults) {
	for _, f := range faults.List {
		fmt.Fprintf(std.errs, "%s:%d:%d: %s\n", documentOf(path, f), f.Line, f.Column, f.Message)
		if f.Hint != "" {
			fmt.Fprintf(std.errs, "    %s\n", f.Hint)
		}
	}
}

// documentOf returns where a fault is: in the file, or in the document that it extends.
func documentOf(path string, f rules.Fault) string {
	if f.Base != "" {
		return f.Base
	}
	return path
}

// basesBeside resolves the base of a ruleset: a shipped one, or NAME.yaml relative to the file's folder
// (gazette/3 is gazette/3.yaml).
func basesBeside(path string) rules.Bases {
	return func(name string) ([]byte, bool) {
		if source, known := rules.Shipped(name); known {
			return source, true
		}
		file := filepath.FromSlash(name) + ".yaml"
		if !filepath.IsLocal(file) {
			return nil, false
		}
		source, err := readFile(filepath.Join(filepath.Dir(path), file), rules.MaxDocumentBytes)
		return source, err == nil
	}
}

func readSource(std stdio, path string) ([]byte, error) {
	if path == "-" {
		return readLimited(std.in, "the standard input", rules.MaxDocumentBytes)
	}
	return readFile(path, rules.MaxDocumentBytes)
}

func shippedCommand(std stdio) *cobra.Command {
	return &cobra.Command{
		Use:   "lists",
		Short: "List the shipped lists of terms, and the modes in which lists are matched",
		Long: "List the shipped lists of terms, which any ruleset may use by name (\"shipped: slurs-en\"), and the modes in which\n" +
			"lists are matched. \"shipped: slurs-*\" uses the slurs of every language.",
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			shipped, err := rules.ShippedLists()
			if err != nil {
				return err
			}
			printShipped(std.out, shipped)
			for _, m := range rules.Modes() {
				fmt.Fprintf(std.out,
					"\nmode %s\n    %s\n    Terms: %s\n    Finds: %s\n    Looks into: %s (unless told: %s)\n    Example: %s\n",
					m.Name, m.What, m.Takes, m.Returns, strings.Join(m.Fields, ", "),
					strings.Join(m.Defaults, ", "), m.Example)
			}
			return nil
		},
	}
}

func printShipped(out io.Writer, lists []rules.ShippedList) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "shipped list\tmode\tlanguage\tseverity\tterms\texceptions\tabout")
	for _, l := range lists {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d\t%d\t%s\n", l.Name, l.Mode, strings.Join(l.Languages, " "),
			l.Severity, l.Terms, l.Except, l.About)
	}
	table.Flush()
}
