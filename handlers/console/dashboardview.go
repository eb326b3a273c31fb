package console

import (
	"fmt"
	"math"
	"net/url"
	"time"

	"rejoinder/handlers/page"
	"rejoinder/moderation/stats"
)

// dashboardPeriods are those that a moderator may choose, with how their steps are called.
var dashboardPeriods = []struct {
	period stats.Period
	label  string
	step   string // of time, after "per"
	full   string // format of a step's beginning
	mark   string // … in as few characters as possible
	every  int    // how many steps there are to a mark
}{
	{stats.PeriodDay, "24 hours", "hour", "2 Jan, 15:04", "15:04", 6},
	{stats.PeriodWeek, "7 days", "6 hours", "Mon 2 Jan, 15:04", "Mon 2", 4},
	{stats.PeriodMonth, "30 days", "day", "Mon 2 Jan", "2 Jan", 7},
}

// dashboardView is the console's page of figures.
type dashboardView struct {
	consoleFrame
	Periods    []navEntry
	Tiles      []tile
	Charts     []chartView
	Moderators []moderatorRow
	Accounted  *siteAccount // nil while several sites are looked at
}

// tile is one figure.
type tile struct{ Label, Value, Remark string }

type moderatorRow struct{ Name, Decisions, PerHour string }

// siteAccount is the public account of one site.
type siteAccount struct {
	Totals  []totalRow
	Reasons []refusalRow
	Facts   []tile
	Exports []navEntry
}

// totalRow is how many decisions led to one outcome, by who took them.
type totalRow struct{ Outcome, Rules, Moderators, Readers string }

type refusalRow struct{ Label, Automated, People string }

func newDashboardView(d stats.Dashboard, period stats.Period) dashboardView {
	shape := dashboardPeriods[0]
	for _, p := range dashboardPeriods {
		if p.period == period {
			shape = p
		}
	}
	view := dashboardView{Tiles: dashboardTiles(d)}
	labels, marks := make([]string, len(d.Steps)), make([]string, len(d.Steps))
	rules, held, people := make([]int, len(d.Steps)), make([]int, len(d.Steps)), make([]int, len(d.Steps))
	for i, step := range d.Steps {
		labels[i] = step.At.Format(shape.full)
		if (len(d.Steps)-1-i)%shape.every == shape.every/2 {
			marks[i] = step.At.Format(shape.mark)
		}
		rules[i], held[i], people[i] = step.Automated, step.Arrived-step.Automated, step.People
	}
	view.Charts = []chartView{
		barChart{
			id:     "arrived",
			title:  "Comments that came, per " + shape.step,
			first:  "From (UTC)",
			labels: labels,
			marks:  marks,
			summary: fmt.Sprintf("%s came in all; the rules decided on %s of them and held %s for a person.",
				page.Plural(d.Arrived, "comment"), page.Grouped(d.Automated), page.Grouped(d.Arrived-d.Automated)),
			series: []chartSeries{{"one", "Decided by rules", rules}, {"two", "Held for a person", held}},
		}.view(),
		barChart{
			id:      "decided",
			title:   "Decisions by people, per " + shape.step,
			first:   "From (UTC)",
			labels:  labels,
			marks:   marks,
			summary: fmt.Sprintf("Moderators took %s in all.", page.Plural(d.People, "decision")),
			series:  []chartSeries{{"three", "Decisions", people}},
		}.view(),
		agesChart(d),
	}
	hours := d.Until.Sub(d.Steps[0].At).Hours()
	for _, m := range d.Moderators {
		row := moderatorRow{
			Name:      m.Name,
			Decisions: page.Grouped(m.Decisions),
			PerHour:   fmt.Sprintf("%.1f", float64(m.Decisions)/math.Max(1, hours)),
		}
		if row.Name == "" {
			row.Name = "Somebody who is gone"
		}
		view.Moderators = append(view.Moderators, row)
	}
	return view
}

func dashboardTiles(d stats.Dashboard) []tile {
	rate, waiting := "–", tile{Label: "Waiting now", Value: page.Grouped(d.Queue.Pending), Remark: "nothing waits"}
	if share, known := d.AutomationRate(); known {
		rate = fmt.Sprintf("%.0f %%", 100*share)
	}
	if d.Queue.Pending > 0 {
		waiting.Remark = "the oldest came " + agoWords(d.Until.Sub(d.Queue.OldestPendingAt))
	}
	return []tile{
		waiting,
		{"Came", page.Grouped(d.Arrived), "comments in this time"},
		{"Decided by rules", rate, "of what came, without a person"},
		{"Decided by people", page.Grouped(d.People), page.Plural(len(d.Moderators), "moderator")},
	}
}

// agesChart shows how long pending comments have waited.
func agesChart(d stats.Dashboard) chartView {
	chart := barChart{id: "ages", title: "How long pending comments have waited", first: "Waited",
		series: []chartSeries{{class: "two", label: "Pending comments"}}}
	overdue, beyond := 0, false
	for _, band := range d.Ages {
		label, mark := "more than "+spanWords(band.From), "> "+shortSpan(band.From)
		switch {
		case band.From == 0:
			label, mark = "less than "+spanWords(band.To), "< "+shortSpan(band.To)
		case band.To > 0:
			label, mark = spanWords(band.From)+" to "+spanWords(band.To), "≥ "+shortSpan(band.From)
		}
		if band.More {
			label += " (there are more than these)"
			beyond = true
		}
		if band.From >= 24*time.Hour {
			overdue += band.N
		}
		chart.labels, chart.marks = append(chart.labels, label), append(chart.marks, mark)
		chart.series[0].values = append(chart.series[0].values, band.N)
	}
	chart.summary = fmt.Sprintf(
		"Of %s, %s waited for more than a day.",
		page.Plural(d.Queue.Pending, "pending comment"),
		page.Grouped(overdue),
	)
	if beyond {
		chart.summary += fmt.Sprintf(" No bar counts beyond %s.", page.Grouped(stats.MaxAgeBand))
	}
	return chart.view()
}

// spanWords says a full number of hours or days.
func spanWords(d time.Duration) string {
	if d < 48*time.Hour && d != 24*time.Hour {
		return page.Plural(int(d/time.Hour), "hour")
	}
	return page.Plural(int(d/(24*time.Hour)), "day")
}

func shortSpan(d time.Duration) string {
	if d < 24*time.Hour {
		return fmt.Sprintf("%d h", int(d/time.Hour))
	}
	return fmt.Sprintf("%d d", int(d/(24*time.Hour)))
}

func newSiteAccount(site string, t stats.TransparencyReport) *siteAccount {
	view := &siteAccount{}
	for _, outcome := range []struct {
		label string
		of    func(stats.StatusTotals) int
	}{
		{"Approved", func(t stats.StatusTotals) int { return t.Approved }}, {"Held", func(t stats.StatusTotals) int { return t.Held }},
		{"Rejected", func(t stats.StatusTotals) int { return t.Rejected }}, {"Spam", func(t stats.StatusTotals) int { return t.Spam }},
		{"Deleted", func(t stats.StatusTotals) int { return t.Deleted }},
	} {
		view.Totals = append(
			view.Totals,
			totalRow{outcome.label, page.Grouped(outcome.of(t.Automated)), page.Grouped(outcome.of(t.People)),
				page.Grouped(outcome.of(t.Readers))},
		)
	}
	for _, reason := range t.Reasons {
		row := refusalRow{reason.Code, page.Grouped(reason.Automated), page.Grouped(reason.People)}
		if row.Label == "" {
			row.Label = "without a code"
		}
		view.Reasons = append(view.Reasons, row)
	}
	median := tile{"Middle wait for a moderator", "–", "nobody waited"}
	if t.Timed > 0 {
		median.Value, median.Remark = "about "+waitSpan(t.MedianWait), "of "+page.Plural(t.Timed, "decision")
	}
	view.Facts = []tile{median, {"Appeals", page.Grouped(t.Appeals.Made), fmt.Sprintf("%s granted, %s refused, %s open",
		page.Grouped(t.Appeals.Granted), page.Grouped(t.Appeals.Refused), page.Grouped(t.Appeals.Open+t.Appeals.Held))}}
	query := url.Values{"site": {site}, "from": {page.MachineTime(t.From)}, "to": {t.To.Format(time.RFC3339Nano)}}.Encode()
	view.Exports = []navEntry{{Label: "Decisions as CSV", Href: RootPath + "/decisions.csv?" + query},
		{Label: "Decisions as JSON", Href: RootPath + "/decisions.json?" + query}}
	return view
}

// waitSpan says a duration with no more precision than it has.
func waitSpan(d time.Duration) string {
	switch {
	case d < time.Minute:
		return page.Plural(int(d/time.Second), "second")
	case d < 2*time.Hour:
		return page.Plural(int(d.Round(time.Minute)/time.Minute), "minute")
	case d < 48*time.Hour:
		return page.Plural(int(d.Round(time.Hour)/time.Hour), "hour")
	}
	return page.Plural(int(d.Round(24*time.Hour)/(24*time.Hour)), "day")
}
