package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"rejoinder/moderation/rules"
)

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
			l.Severity, len(l.Terms), len(l.Except), l.About)
	}
	table.Flush()
}
