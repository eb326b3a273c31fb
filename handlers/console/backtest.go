package console

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"rejoinder/handlers/page"
	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/rules/measure"
)

// backtestView is the report of a backtest.
type backtestView struct {
	Summary string
	People  []string // columns of Table: what people decided
	Table   []confusionRow
	Flips   []flipView
	Active  *activeView // nil: the draft is the active version
	Rules   []resultView
	Silent  []string
	Pairs   []rulebook.Overlap // rules that fired together
	Notes   []string
}

// confusionRow counts the submissions with one verdict of the draft, by what people decided.
type confusionRow struct {
	Verdict moderation.Action
	Counts  []string // one per column
	Total   string
}

type flipView struct {
	Text   string
	Sample []flipSampleView
	More   string // how many more there are; empty: none
}

type flipSampleView struct {
	Href   string
	At     time.Time
	Cause  string
	People string
}

// activeView compares the draft with the active version.
type activeView struct {
	Version int
	Summary string
	Flips   []flipView
}

// resultView is the result of one rule of the draft.
type resultView struct {
	rulebook.RuleResult
	Right  string
	Wrong  string
	Recall string
}

// maxPairs bounds the pairs of rules on the page; the API returns more.
const maxPairs = 10

var verdictsInOrder = []moderation.Action{
	moderation.ActionApprove, moderation.ActionHold, moderation.ActionReject, moderation.ActionSpam,
}

func newBacktestView(r rulebook.BacktestReport) *backtestView {
	v := &backtestView{Silent: r.Silent, Notes: r.Notes, Pairs: r.Overlaps[:min(len(r.Overlaps), maxPairs)],
		People: slices.Sorted(maps.Keys(r.People))}
	v.Summary = page.Plural(r.Submissions, "submission") + " since " + page.HumanDate(r.From) + "."
	if r.Erased > 0 {
		v.Summary += " Skipped because the text was erased: " + page.Grouped(r.Erased) + "."
	}
	for _, verdict := range verdictsInOrder {
		row := confusionRow{Verdict: verdict, Total: page.Grouped(r.Now[verdict])}
		for _, people := range v.People {
			n := 0
			for _, cell := range r.Confusion {
				if cell.Verdict == verdict && cell.People == people {
					n = cell.Count
				}
			}
			row.Counts = append(row.Counts, page.Grouped(n))
		}
		v.Table = append(v.Table, row)
	}
	for _, flip := range r.Flips {
		v.Flips = append(v.Flips, newFlipView(flip))
	}
	if r.Active != nil {
		v.Active = newActiveView(*r.Active)
	}
	for _, rule := range r.Rules {
		v.Rules = append(v.Rules, newResultView(rule))
	}
	return v
}

func newActiveView(a rulebook.ActiveComparison) *activeView {
	v := &activeView{Version: a.Version, Summary: "All verdicts are the same as those of the active version."}
	if a.Changed > 0 {
		v.Summary = "Other verdicts than the active version: " + page.Plural(a.Changed, "comment") + "."
	}
	if opposite := a.Right + a.Wrong + a.Undecided; opposite > 0 {
		v.Summary += " Only one of the two would publish " + page.Grouped(opposite) +
			" of them: people agreed with the draft on " + page.Grouped(a.Right) + ", with the active version on " +
			page.Grouped(a.Wrong) + ", and decided nothing on " + page.Grouped(a.Undecided) + "."
	}
	for _, flip := range a.Flips {
		v.Flips = append(v.Flips, newFlipView(flip))
	}
	return v
}

func newResultView(r rulebook.RuleResult) resultView {
	v := resultView{RuleResult: r, Right: "–", Wrong: "–", Recall: shareText(r.Recall, r.RecallCI)}
	if r.Judged > 0 {
		v.Right = page.Grouped(r.Right) + " of " + page.Grouped(r.Judged) + ", " + shareText(r.Precision, r.PrecisionCI)
		v.Wrong = page.Grouped(r.Wrong)
	}
	if r.OnlyWrong > 0 {
		v.Wrong += ", " + page.Grouped(r.OnlyWrong) + " alone"
	}
	return v
}

func newFlipView(flip rulebook.Flip) flipView {
	v := flipView{Text: page.Plural(flip.Count, "comment") + ": " + string(flip.From) + " → " + string(flip.To)}
	for _, sample := range flip.Sample {
		v.Sample = append(v.Sample, flipSampleView{Href: RootPath + "/comments/" + sample.CommentID,
			At: sample.CreatedAt, Cause: sample.Cause, People: sample.People})
	}
	if more := flip.Count - len(flip.Sample); more > 0 {
		v.More = page.Grouped(more)
	}
	return v
}

// shareText formats a share in percent. With few cases it is the 95 % confidence interval, because the share
// alone would say more than is known. Without cases it is a dash.
func shareText(share *float64, ci *measure.Interval) string {
	switch {
	case share == nil || ci == nil:
		return "–"
	case ci.Wide():
		return ci.String()
	}
	return percent(share)
}

// percent formats a share, nil as a dash.
func percent(share *float64) string {
	if share == nil {
		return "–"
	}
	return strconv.FormatFloat(*share*100, 'f', 0, 64) + " %"
}
