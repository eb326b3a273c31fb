package console

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"rejoinder/handlers/page"
	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
)

// backtestView is the report of a backtest.
type backtestView struct {
	Summary string
	People  []string // columns of Table: what people decided
	Table   []confusionRow
	Flips   []flipView
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

// resultView is the result of one rule of the draft.
type resultView struct {
	rulebook.RuleResult
	Right     string
	Precision string
	Recall    string
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
	for _, rule := range r.Rules {
		result := resultView{RuleResult: rule, Right: "–", Precision: percent(rule.Precision), Recall: percent(rule.Recall)}
		if rule.Judged > 0 {
			result.Right = page.Grouped(rule.Right) + " of " + page.Grouped(rule.Judged)
		}
		v.Rules = append(v.Rules, result)
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

// percent formats a share, nil as a dash.
func percent(share *float64) string {
	if share == nil {
		return "–"
	}
	return strconv.FormatFloat(*share*100, 'f', 0, 64) + " %"
}
