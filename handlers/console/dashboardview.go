package console

import (
	"fmt"
	"math"
	"net/url"
	"strings"
	"time"

	"rejoinder/handlers/page"
	"rejoinder/moderation/stats"
)

// dashboardPeriods are the periods to choose from.
var dashboardPeriods = []struct {
	period stats.Period
	label  string
	before string // the time before
	step   string // length of a step, after "per"
	full   string // format of a step's start
	mark   string // format of a step's start on the axis
	every  int    // steps per mark on the axis
}{
	{stats.PeriodDay, "24 hours", "the day before", "hour", "2 Jan, 15:04", "15:04", 6},
	{stats.PeriodWeek, "7 days", "the week before", "day", "Mon 2 Jan", "Mon", 1},
	{stats.PeriodMonth, "30 days", "the 30 days before", "day", "Mon 2 Jan", "2 Jan", 7},
}

// dashboardView is the page of statistics.
type dashboardView struct {
	frame
	Periods    []navEntry
	Tiles      []tile
	Charts     []chartView
	Empty      string // there is nothing to show; else empty
	Heat       *heatView
	Tops       []topView
	Moderators []moderatorRow
	ByAdmins   bool // moderators are shown
	ReportURL  string
	Accounted  *transparencyView // nil if there are several sites
}

// tile is one statistic.
type tile struct {
	Label, Value, Remark string
	Change               string // against the time before; empty: unknown
	Class                string // of the change: better, worse or empty
}

type moderatorRow struct{ Name, Decisions, Approved, PerHour string }

// transparencyView is the transparency report of one site.
type transparencyView struct {
	Totals  []totalRow
	Reasons []refusalRow
	Facts   []tile
	Exports []navEntry
}

// totalRow is the number of decisions with one outcome, by who made them.
type totalRow struct{ Outcome, Rules, Moderators, Readers string }

type refusalRow struct{ Label, Automated, People string }

func newDashboardView(d stats.Dashboard, period stats.Period) dashboardView {
	view := dashboardView{Tiles: dashboardTiles(d, shapeOf(period).before), Charts: dashboardCharts(d, period),
		Tops: topViews(d.Top)}
	if d.Arrived == 0 && d.People == 0 {
		view.Empty = "Nothing received in these " + shapeOf(period).label + "."
	}
	if period != stats.PeriodDay && d.Arrived > 0 {
		view.Heat = newHeatView(d.Hours)
	}
	hours := d.Until.Sub(d.Steps[0].At).Hours()
	for _, m := range d.Moderators {
		row := moderatorRow{
			Name:      m.Name,
			Decisions: page.Grouped(m.Decisions),
			Approved:  percentOf(m.Approved, m.Decisions),
			PerHour:   fmt.Sprintf("%.1f", float64(m.Decisions)/math.Max(1, hours)),
		}
		if row.Name == "" {
			row.Name = "Former moderator"
		}
		view.Moderators = append(view.Moderators, row)
	}
	return view
}

func dashboardCharts(d stats.Dashboard, period stats.Period) []chartView {
	shape := shapeOf(period)
	labels, marks := make([]string, len(d.Steps)), make([]string, len(d.Steps))
	published, held, refused := make([]int, len(d.Steps)), make([]int, len(d.Steps)), make([]int, len(d.Steps))
	people, before := make([]int, len(d.Steps)), make([]int, len(d.Steps))
	for i, step := range d.Steps {
		labels[i] = step.At.Format(shape.full)
		if (len(d.Steps)-1-i)%shape.every == shape.every/2 {
			marks[i] = step.At.Format(shape.mark)
		}
		published[i], held[i], refused[i] = step.Published, step.Arrived-step.Automated, step.Automated-step.Published
		people[i], before[i] = step.People, step.Before
	}
	return []chartView{
		barChart{
			id:     "arrived",
			title:  "Comments received per " + shape.step,
			first:  "From (UTC)",
			labels: labels,
			marks:  marks,
			summary: fmt.Sprintf("%s in total; the rules decided on %s and held %s for moderators.",
				page.Plural(d.Arrived, "comment"), page.Grouped(d.Automated), page.Grouped(d.Arrived-d.Automated)),
			series: []chartSeries{{"one", "Published by rules", published}, {"two", "Held for a moderator", held},
				{"four", "Rejected or spam", refused}},
			line: before, lineOf: strings.ToUpper(shape.before[:1]) + shape.before[1:],
		}.view(),
		barChart{
			id:      "decided",
			title:   "Decisions by moderators per " + shape.step,
			first:   "From (UTC)",
			labels:  labels,
			marks:   marks,
			summary: fmt.Sprintf("Moderators made %s in total.", page.Plural(d.People, "decision")),
			series:  []chartSeries{{"three", "Decisions", people}},
		}.view(),
		agesChart(d),
	}
}

func dashboardTiles(d stats.Dashboard, before string) []tile {
	waiting := tile{Label: "Waiting now", Value: page.Grouped(d.Queue.Pending), Remark: "nothing is waiting"}
	if d.Queue.Pending > 0 {
		waiting.Remark = "oldest received " + agoText(d.Until.Sub(d.Queue.OldestPendingAt))
	}
	return []tile{
		waiting,
		receivedTile(d, before),
		waitTile(d),
		rulesTile(d),
	}
}

// shapeOf returns the words and formats of a period.
func shapeOf(period stats.Period) (shape struct {
	period stats.Period
	label  string
	before string
	step   string
	full   string
	mark   string
	every  int
}) {
	for _, p := range dashboardPeriods {
		if p.period == period {
			return p
		}
	}
	return dashboardPeriods[0]
}

func percentOf(part, whole int) string {
	if whole == 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f %%", 100*float64(part)/float64(whole))
}

func receivedTile(d stats.Dashboard, before string) tile {
	t := tile{Label: "Received", Value: page.Grouped(d.Arrived), Remark: page.Grouped(d.Before.Arrived) + " " + before}
	if d.Before.Arrived > 0 {
		t.Change = fmt.Sprintf("%+.0f%%", 100*(float64(d.Arrived)/float64(d.Before.Arrived)-1))
	}
	return t
}

// waitTile compares the median waits for a moderator.
func waitTile(d stats.Dashboard) tile {
	t := tile{Label: "Median wait", Value: "–", Remark: "nothing waited"}
	median, n := d.Waits.Median()
	if n == 0 {
		return t
	}
	t.Value, t.Remark = shortDuration(median), "95% within "+shortDuration(d.Waits.Within(.95))+", "+page.Plural(n, "decision")
	if was, timed := d.Before.Waits.Median(); timed > 0 && was.Round(time.Minute) != median.Round(time.Minute) {
		t.Change, t.Class = shortDuration(was-median)+" shorter", "better"
		if was < median {
			t.Change, t.Class = shortDuration(median-was)+" longer", "worse"
		}
	}
	return t
}

// shortDuration is durationText for tiles: "39 min", "3 h", "2 days".
func shortDuration(d time.Duration) string {
	switch {
	case d < time.Second:
		return "under a second"
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d/time.Second))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Round(time.Minute)/time.Minute))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Round(time.Hour)/time.Hour))
	}
	return durationText(d)
}

// rulesTile compares the shares that rules decided.
func rulesTile(d stats.Dashboard) tile {
	t := tile{Label: "Decided by rules", Value: percentOf(d.Automated, d.Arrived),
		Remark: page.Plural(d.People, "decision") + " by moderators"}
	now, known := d.AutomationRate()
	if before, compared := d.Before.AutomationRate(); known && compared {
		t.Change = fmt.Sprintf("%+.0f points", 100*(now-before))
	}
	return t
}

// agesChart shows how long pending comments have waited.
func agesChart(d stats.Dashboard) chartView {
	chart := barChart{id: "ages", title: "How long pending comments have waited", first: "Waited",
		series: []chartSeries{{class: "two", label: "Pending comments"}}}
	overdue, beyond := 0, false
	for _, band := range d.Ages {
		label, mark := "more than "+spanText(band.From), "> "+shortSpanText(band.From)
		switch {
		case band.From == 0:
			label, mark = "less than "+spanText(band.To), "< "+shortSpanText(band.To)
		case band.To > 0:
			label, mark = spanText(band.From)+" to "+spanText(band.To), "≥ "+shortSpanText(band.From)
		}
		if band.More {
			label += " (at least)"
			beyond = true
		}
		if band.From >= 24*time.Hour {
			overdue += band.N
		}
		chart.labels, chart.marks = append(chart.labels, label), append(chart.marks, mark)
		chart.series[0].values = append(chart.series[0].values, band.N)
	}
	chart.summary = fmt.Sprintf("%s, of which %s have waited for more than a day.",
		page.Plural(d.Queue.Pending, "pending comment"), page.Grouped(overdue))
	if beyond {
		chart.summary += fmt.Sprintf(" Bars stop counting at %s.", page.Grouped(stats.MaxAgeBand))
	}
	return chart.view()
}

// spanText formats a whole number of hours or days.
func spanText(d time.Duration) string {
	if d < 48*time.Hour && d != 24*time.Hour {
		return page.Plural(int(d/time.Hour), "hour")
	}
	return page.Plural(int(d/(24*time.Hour)), "day")
}

func shortSpanText(d time.Duration) string {
	if d < 24*time.Hour {
		return fmt.Sprintf("%d h", int(d/time.Hour))
	}
	return fmt.Sprintf("%d d", int(d/(24*time.Hour)))
}

func newTransparencyView(site string, t stats.TransparencyReport) *transparencyView {
	view := &transparencyView{}
	for _, outcome := range []struct {
		label string
		of    func(stats.StatusTotals) int
	}{
		{"Approved", func(t stats.StatusTotals) int { return t.Approved }},
		{"Held", func(t stats.StatusTotals) int { return t.Held }},
		{"Rejected", func(t stats.StatusTotals) int { return t.Rejected }},
		{"Spam", func(t stats.StatusTotals) int { return t.Spam }},
		{"Deleted", func(t stats.StatusTotals) int { return t.Deleted }},
	} {
		view.Totals = append(view.Totals, totalRow{outcome.label, page.Grouped(outcome.of(t.Automated)),
			page.Grouped(outcome.of(t.People)), page.Grouped(outcome.of(t.Readers))})
	}
	for _, reason := range t.Reasons {
		row := refusalRow{reason.Code, page.Grouped(reason.Automated), page.Grouped(reason.People)}
		if row.Label == "" {
			row.Label = "No reason code"
		}
		view.Reasons = append(view.Reasons, row)
	}
	median := tile{Label: "Median wait for a moderator", Value: "–", Remark: "nothing waited"}
	if t.Timed > 0 {
		median.Value, median.Remark = "about "+durationText(t.MedianWait), "over "+page.Plural(t.Timed, "decision")
	}
	view.Facts = []tile{median, {Label: "Appeals", Value: page.Grouped(t.Appeals.Made), Remark: fmt.Sprintf("%s granted, %s refused, %s open",
		page.Grouped(t.Appeals.Granted), page.Grouped(t.Appeals.Refused), page.Grouped(t.Appeals.Open+t.Appeals.Held))}}
	query := url.Values{"site": {site}, "from": {page.MachineTime(t.From)}, "to": {t.To.Format(time.RFC3339Nano)}}.Encode()
	view.Exports = []navEntry{{Label: "Report as CSV", Href: TransparencyPath + ".csv?" + query},
		{Label: "Report as JSON", Href: TransparencyPath + ".json?" + query}, {Label: "Decisions as CSV", Href: RootPath + "/decisions.csv?" + query},
		{Label: "Decisions as JSON", Href: RootPath + "/decisions.json?" + query}}
	return view
}

// durationText rounds a duration to minutes, hours or days, depending on its length.
func durationText(d time.Duration) string {
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
