package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"rejoinder/handlers/locale"
	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/rules"
	"rejoinder/moderation/rules/measure"
)

// progressLine shows progress on one line of a terminal. It writes nothing if out is not a terminal.
type progressLine struct {
	out   io.Writer // nil disables output
	last  time.Time
	width int
}

// progressPause is the minimum time between updates.
const progressPause = 100 * time.Millisecond

func newProgressLine(out io.Writer) *progressLine {
	if !isTerminal(out) {
		return &progressLine{}
	}
	return &progressLine{out: out}
}

func (p *progressLine) show(done, total int) {
	if p.out == nil || time.Since(p.last) < progressPause {
		return
	}
	p.last = time.Now()
	const marks = 30
	filled := marks * done / max(1, total)
	p.write(fmt.Sprintf("[%s%s] %d of %d", strings.Repeat("#", filled), strings.Repeat(".", marks-filled), done, total))
}

// write replaces the line.
func (p *progressLine) write(line string) {
	p.width = max(p.width, len(line))
	fmt.Fprintf(p.out, "\r%-*s", p.width, line)
}

func (p *progressLine) clear() {
	if p.out != nil && p.width > 0 {
		fmt.Fprintf(p.out, "\r%s\r", strings.Repeat(" ", p.width))
	}
}

func printBacktest(out io.Writer, r rulebook.BacktestReport, took time.Duration) {
	fmt.Fprintf(out, "%s from %s to %s, judged in %s. Erased and left out: %d.\n", locale.Plural(r.Submissions, "submission"),
		r.From.Format(time.DateOnly), r.Until.Format(time.DateOnly), took.Round(time.Millisecond), r.Erased)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\naction\tthen\tnow")
	for _, action := range []moderation.Action{
		moderation.ActionApprove, moderation.ActionHold, moderation.ActionReject, moderation.ActionSpam,
	} {
		fmt.Fprintf(table, "%s\t%d\t%d\n", action, r.Then[action], r.Now[action])
	}
	fmt.Fprintln(table, "\nthe draft\tpeople\tsubmissions")
	for _, c := range r.Confusion {
		fmt.Fprintf(table, "%s\t%s\t%d\n", c.Verdict, c.People, c.Count)
	}
	fmt.Fprintln(table, "\nrule\thits\tdecided\tonly this rule\tright\twrong\twrong alone\tprecision\trecall")
	for _, rule := range r.Rules {
		name := rule.Rule
		if rule.Mode == rules.Shadow {
			name += " (shadow)"
		}
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d of %d\t%d\t%d\t%s\t%s\n", name, rule.Hits, rule.Decided, rule.Only,
			rule.Right, rule.Judged, rule.Wrong, rule.OnlyWrong, percent(rule.Precision, rule.PrecisionCI),
			percent(rule.Recall, rule.RecallCI))
	}
	table.Flush()
	if a := r.Active; a != nil {
		fmt.Fprintf(out, "\nOther verdicts than the active version %d: %d. Only one of the two publishes: %d "+
			"(people agreed with the draft %d times, with the active version %d times).\n",
			a.Version, a.Changed, a.Right+a.Wrong+a.Undecided, a.Right, a.Wrong)
		printFlips(out, a.Flips)
	}
	fmt.Fprintln(out, "\nCompared with the verdicts at the time:")
	printFlips(out, r.Flips)
	if len(r.Silent) > 0 {
		fmt.Fprintf(out, "\nNever fired: %s\n", strings.Join(r.Silent, ", "))
	}
	for _, o := range r.Overlaps {
		fmt.Fprintf(out, "%s and %s fired together %s (%.0f %%)\n", o.Rules[0], o.Rules[1], locale.Plural(o.Both, "time"), 100*o.Share)
	}
	for _, note := range r.Notes {
		fmt.Fprintf(out, "\nNote: %s\n", note)
	}
}

func printFlips(out io.Writer, flips []rulebook.Flip) {
	for _, f := range flips {
		fmt.Fprintf(out, "\n%s: %s → %s\n", locale.Plural(f.Count, "comment"), f.From, f.To)
		for _, s := range f.Sample {
			fmt.Fprintf(out, "  %s  because of %s; people: %s\n", s.CommentID, s.Cause, s.People)
		}
		if more := f.Count - len(f.Sample); more > 0 {
			fmt.Fprintf(out, "  and %d more\n", more)
		}
	}
	if len(flips) == 0 {
		fmt.Fprintln(out, "  no changed verdicts")
	}
}

// percent formats a share with its confidence interval; a dash without cases.
func percent(share *float64, ci *measure.Interval) string {
	if share == nil || ci == nil {
		return "-"
	}
	return fmt.Sprintf("%.0f %% (%.0f–%.0f)", 100**share, 100*ci[0], 100*ci[1])
}

func printHealth(out io.Writer, r rulebook.HealthReport) {
	fmt.Fprintf(out, "Since %s, version %d active, counted up to %s\n\n", r.Since, r.Version, r.Counted.Format(time.RFC3339))
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "rule\tmode\thits\tacted\tshadow\tupheld\toverturned\tlast fired\t")
	for _, h := range r.Rules {
		mode, remark, last := string(h.Mode), "", "never"
		if !h.Active {
			mode, remark = "-", "not in this version"
		}
		if h.New {
			remark = "new"
		}
		if h.Dead {
			remark = "dead"
		}
		if h.LastFired != nil {
			last = h.LastFired.Format(time.DateOnly)
		}
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%d\t%d\t%d\t%s\t%s\n", h.Rule, mode, h.Hits, h.Acted, h.ShadowHits,
			h.Upheld+h.ShadowUpheld, h.Overturned+h.ShadowOverturned, last, remark)
	}
	table.Flush()
}

func printChanges(out io.Writer, c rules.Changes) {
	if c.Empty() {
		fmt.Fprintln(out, "The versions do not differ.")
	}
	for _, kind := range []struct {
		name    string
		changes []rules.ThingChange
	}{{"rule", c.Rules}, {"list", c.Lists}, {"test", c.Tests}} {
		for _, one := range kind.changes {
			fmt.Fprintf(out, "%s %s: %s\n", kind.name, one.ID, one.Change)
			printParts(out, "  ", one.Parts)
			for _, term := range one.TermsRemoved {
				fmt.Fprintf(out, "  - %s\n", term)
			}
			for _, term := range one.TermsAdded {
				fmt.Fprintf(out, "  + %s\n", term)
			}
		}
	}
	printParts(out, "", c.Settings)
}

func printParts(out io.Writer, indent string, parts []rules.PartChange) {
	for _, p := range parts {
		fmt.Fprintf(out, "%s%s\n", indent, p.Part)
		for _, side := range []struct{ mark, text string }{{"-", p.Before}, {"+", p.After}} {
			if side.text != "" {
				fmt.Fprintf(out, "%s  %s %s\n", indent, side.mark, strings.ReplaceAll(side.text, "\n", "\n"+indent+"    "))
			}
		}
	}
}
