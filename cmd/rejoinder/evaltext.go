package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"unicode/utf8"

	"rejoinder/handlers/locale"
	"rejoinder/moderation/rules"
	"rejoinder/moderation/rules/measure"
)

// printEvaluation prints the results as tables. Groups and changed cases are those of the last result, which
// is the total of several files.
func printEvaluation(out io.Writer, results []evalResult) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "corpus\t"+figureColumns)
	for _, r := range results {
		name := r.File
		if r.Total {
			name = "total"
		}
		fmt.Fprintf(table, "%s\t%s\n", name, figureCells(r.Figures))
		if r.Against != nil {
			fmt.Fprintf(table, "  before\t%s\n", figureCells(r.Against.Before))
		}
	}
	last := results[len(results)-1]
	if last.Kinds != nil {
		fmt.Fprintln(table, "\nkind\t"+figureColumns)
		for _, k := range last.Kinds {
			name := k.Kind
			if name == "" {
				name = "(none)"
			}
			fmt.Fprintf(table, "%s\t%s\n", name, figureCells(k.Figures))
		}
	}
	if last.Rules != nil {
		fmt.Fprintln(table, "\nrule\taction\tfound\tfound alone\tfalse alarms\tfalse alarms alone")
		for _, c := range last.Rules {
			fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%d\t%d\n", c.Rule, effectOf(c), c.Found, c.FoundAlone, c.FalseAlarms,
				c.FalseAlarmsAlone)
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nIn brackets: 95%% confidence intervals (Wilson). %.0f cases per second.\n", last.PerSecond)
	if last.Against != nil {
		printComparison(out, *last.Against)
	}
	return nil
}

const figureColumns = "cases\tprecision\trecall\tfalse alarms\tF1"

func figureCells(f measure.Figures) string {
	f1 := "–"
	if f.TruePositives+f.FalseNegatives > 0 {
		f1 = fmt.Sprintf("%.3f", f.F1)
	}
	return fmt.Sprintf("%d\t%s\t%s\t%s\t%s", f.Cases, shareCell(f.Precision, f.PrecisionCI),
		shareCell(f.Recall, f.RecallCI), shareCell(f.FPR, f.FPRCI), f1)
}

// shareCell formats a share in percent with its confidence interval.
func shareCell(share float64, ci *measure.Interval) string {
	if ci == nil {
		return "–"
	}
	digits := 1
	if ci[1] < 0.02 {
		digits = 2
	}
	return fmt.Sprintf("%.*f%% (%.*f–%.*f)", digits, 100*share, digits, 100*ci[0], digits, 100*ci[1])
}

func effectOf(c measure.RuleCost) string {
	effect := string(c.Action)
	if effect == "" {
		effect = "score"
	}
	if c.Mode == rules.Shadow {
		effect += " (shadow)"
	}
	return effect
}

func printComparison(out io.Writer, c measure.Comparison) {
	fmt.Fprintf(out, "\nBetter than before: %d (found %d, false alarms cleared %d). "+
		"Worse: %d (lost %d, false alarms raised %d).\n", c.Better, c.Found, c.Cleared, c.Worse, c.Lost, c.Raised)
	fmt.Fprintf(out, "Right both times: %d. Wrong both times: %d. Flagged both times, with another action: %d.\n",
		c.BothRight, c.BothWrong, c.Regraded)
	if c.Better+c.Worse > 0 {
		fmt.Fprintf(out, "Probability of such a difference if both are equally good: %.2g (exact McNemar test).\n",
			c.PValue)
	}
	for _, one := range c.Changes {
		fmt.Fprintf(out, "%s\t%s:%d\t%s (%s) → %s (%s)\t%q\n", one.Outcome, one.File, one.Line, one.Before.Action,
			one.Before.Cause, one.After.Action, one.After.Cause, shorten(one.Text))
	}
	if more := c.Better + c.Worse + c.Regraded - len(c.Changes); more > 0 {
		fmt.Fprintf(out, "and %s more (--show lists them)\n", locale.Plural(more, "changed case"))
	}
}

// shorten cuts a text to what fits a line.
func shorten(text string) string {
	const most = 120 // characters
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most]) + "…"
}
