package console

import (
	"math"
	"net/url"
	"time"

	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/moderation/stats"
)

// dashboardPeriods are the periods to choose from.
var dashboardPeriods = []dashboardPeriod{
	{stats.PeriodDay, "24 hours", "the day before", "%d the day before",
		"Comments received per hour", "Decisions by moderators per hour", "2 Jan, 15:04", "15:04", 6},
	{stats.PeriodWeek, "7 days", "the week before", "%d the week before",
		"Comments received per day", "Decisions by moderators per day", "Mon 2 Jan", "Mon", 1},
	{stats.PeriodMonth, "30 days", "the 30 days before", "%d the 30 days before",
		"Comments received per day", "Decisions by moderators per day", "Mon 2 Jan", "2 Jan", 7},
}

type dashboardPeriod struct {
	period   stats.Period
	label    string
	before   string // the time before
	nBefore  string // a number in the time before
	received string // title of the chart of comments
	decided  string // title of the chart of decisions
	full     string // format of a step's start
	mark     string // format of a step's start on the axis
	every    int    // steps per mark on the axis
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

func newDashboardView(words *locale.Language, d stats.Dashboard, period stats.Period) dashboardView {
	view := dashboardView{Tiles: dashboardTiles(words, d, shapeOf(period)), Charts: dashboardCharts(words, d, period),
		Tops: topViews(words, d.Top)}
	if d.Arrived == 0 && d.People == 0 {
		view.Empty = words.T("Nothing received in these %s.", words.T(shapeOf(period).label))
	}
	if period != stats.PeriodDay && d.Arrived > 0 {
		view.Heat = newHeatView(words, d.Hours)
	}
	hours := d.Until.Sub(d.Steps[0].At).Hours()
	for _, m := range d.Moderators {
		row := moderatorRow{
			Name:      m.Name,
			Decisions: words.Number(m.Decisions),
			Approved:  percentOf(words, m.Approved, m.Decisions),
			PerHour:   words.Decimal(float64(m.Decisions)/math.Max(1, hours), 1),
		}
		if row.Name == "" {
			row.Name = words.T("Former moderator")
		}
		view.Moderators = append(view.Moderators, row)
	}
	return view
}

func dashboardCharts(words *locale.Language, d stats.Dashboard, period stats.Period) []chartView {
	shape := shapeOf(period)
	labels, marks := make([]string, len(d.Steps)), make([]string, len(d.Steps))
	published, held, refused := make([]int, len(d.Steps)), make([]int, len(d.Steps)), make([]int, len(d.Steps))
	people, before := make([]int, len(d.Steps)), make([]int, len(d.Steps))
	for i, step := range d.Steps {
		labels[i] = words.FormatTime(shape.full, step.At)
		if (len(d.Steps)-1-i)%shape.every == shape.every/2 {
			marks[i] = words.FormatTime(shape.mark, step.At)
		}
		published[i], held[i], refused[i] = step.Published, step.Arrived-step.Automated, step.Automated-step.Published
		people[i], before[i] = step.People, step.Before
	}
	return []chartView{
		barChart{
			id:     "arrived",
			title:  words.T(shape.received),
			first:  words.T("From (UTC)"),
			labels: labels,
			marks:  marks,
			summary: words.N("%d comment in total; the rules decided on %d and held %d for moderators.",
				"%d comments in total; the rules decided on %d and held %d for moderators.",
				d.Arrived, d.Automated, d.Arrived-d.Automated),
			series: []chartSeries{{"one", words.T("Published by rules"), published}, {"two", words.T("Held for a moderator"), held},
				{"four", words.T("Rejected or spam"), refused}},
			line: before, lineOf: capitalised(words.T(shape.before)),
		}.view(words),
		barChart{
			id:      "decided",
			title:   words.T(shape.decided),
			first:   words.T("From (UTC)"),
			labels:  labels,
			marks:   marks,
			summary: words.N("Moderators made %d decision in total.", "Moderators made %d decisions in total.", d.People),
			series:  []chartSeries{{"three", words.T("Decisions"), people}},
		}.view(words),
		agesChart(words, d),
	}
}

func dashboardTiles(words *locale.Language, d stats.Dashboard, shape dashboardPeriod) []tile {
	waiting := tile{Label: "Waiting now", Value: words.Number(d.Queue.Pending), Remark: "nothing is waiting"}
	if d.Queue.Pending > 0 {
		waiting.Remark = words.T("oldest received %s", agoText(words, d.Until.Sub(d.Queue.OldestPendingAt)))
	}
	return []tile{
		waiting,
		receivedTile(words, d, shape),
		waitTile(words, d),
		rulesTile(words, d),
	}
}

// shapeOf returns the words and formats of a period.
func shapeOf(period stats.Period) dashboardPeriod {
	for _, p := range dashboardPeriods {
		if p.period == period {
			return p
		}
	}
	return dashboardPeriods[0]
}

func percentOf(words *locale.Language, part, whole int) string {
	if whole == 0 {
		return "–"
	}
	return words.Percent(float64(part)/float64(whole), 0)
}

// minForPercent is the smallest number of comments whose change is shown in percent. Below it, percentages mislead.
const minForPercent = 10

func sign(n float64) string {
	if n < 0 {
		return "−"
	}
	return "+"
}

func receivedTile(words *locale.Language, d stats.Dashboard, shape dashboardPeriod) tile {
	t := tile{Label: "Received", Value: words.Number(d.Arrived), Remark: words.T(shape.nBefore, d.Before.Arrived)}
	switch {
	case d.Before.Arrived >= minForPercent:
		growth := float64(d.Arrived)/float64(d.Before.Arrived) - 1
		t.Change = sign(growth) + words.Percent(math.Abs(growth), 0)
	case d.Before.Arrived > 0:
		growth := d.Arrived - d.Before.Arrived
		t.Change = sign(float64(growth)) + words.Number(max(growth, -growth))
	}
	return t
}

// waitTile compares the median waits for a moderator.
func waitTile(words *locale.Language, d stats.Dashboard) tile {
	t := tile{Label: "Median wait", Value: "–", Remark: "no held comments"}
	median, n := d.Waits.Median()
	if n == 0 {
		return t
	}
	t.Value = shortDuration(words, median)
	t.Remark = words.N("95%% within %[2]s, %[1]d decision", "95%% within %[2]s, %[1]d decisions",
		n, shortDuration(words, d.Waits.Within(.95)))
	if was, timed := d.Before.Waits.Median(); timed > 0 && was.Round(time.Minute) != median.Round(time.Minute) {
		t.Change, t.Class = words.T("%s shorter", shortDuration(words, was-median)), "better"
		if was < median {
			t.Change, t.Class = words.T("%s longer", shortDuration(words, median-was)), "worse"
		}
	}
	return t
}

// shortDuration is durationText for tiles: "39 min", "3 h", "2 days".
func shortDuration(words *locale.Language, d time.Duration) string {
	switch {
	case d < time.Second:
		return words.T("under a second")
	case d < time.Minute:
		return words.T("%d s", int(d/time.Second))
	case d < 2*time.Hour:
		return words.T("%d min", int(d.Round(time.Minute)/time.Minute))
	case d < 48*time.Hour:
		return words.T("%d h", int(d.Round(time.Hour)/time.Hour))
	}
	return durationText(words, d)
}

// rulesTile compares the shares that rules decided.
func rulesTile(words *locale.Language, d stats.Dashboard) tile {
	t := tile{Label: "Decided by rules", Value: percentOf(words, d.Automated, d.Arrived),
		Remark: words.N("%d decision by moderators", "%d decisions by moderators", d.People)}
	now, known := d.AutomationRate()
	if before, compared := d.Before.AutomationRate(); known && compared {
		t.Change = words.T("%s points", sign(now-before)+words.Decimal(100*math.Abs(now-before), 0))
	}
	return t
}

// agesChart shows how long pending comments have waited.
func agesChart(words *locale.Language, d stats.Dashboard) chartView {
	chart := barChart{id: "ages", title: words.T("How long pending comments have waited"), first: words.T("Waited"),
		series: []chartSeries{{class: "two", label: words.T("Pending comments")}}}
	overdue, beyond := 0, false
	for _, band := range d.Ages {
		label, mark := words.T("more than %s", spanText(words, band.From)), "> "+shortSpanText(words, band.From)
		switch {
		case band.From == 0:
			label, mark = words.T("less than %s", spanText(words, band.To)), "< "+shortSpanText(words, band.To)
		case band.To > 0:
			label = words.T("%s to %s", spanText(words, band.From), spanText(words, band.To))
			mark = "≥ " + shortSpanText(words, band.From)
		}
		if band.More {
			label = words.T("%s (at least)", label)
			beyond = true
		}
		if band.From >= 24*time.Hour {
			overdue += band.N
		}
		chart.labels, chart.marks = append(chart.labels, label), append(chart.marks, mark)
		chart.series[0].values = append(chart.series[0].values, band.N)
	}
	chart.summary = words.N("%d pending comment; %d waiting for more than a day.",
		"%d pending comments; %d waiting for more than a day.", d.Queue.Pending, overdue)
	if beyond {
		chart.summary += " " + words.T("Bars stop counting at %d.", stats.MaxAgeBand)
	}
	return chart.view(words)
}

// spanText formats a whole number of hours or days.
func spanText(words *locale.Language, d time.Duration) string {
	if d < 48*time.Hour && d != 24*time.Hour {
		return words.N("%d hour", "%d hours", int(d/time.Hour))
	}
	return words.N("%d day", "%d days", int(d/(24*time.Hour)))
}

func shortSpanText(words *locale.Language, d time.Duration) string {
	if d < 24*time.Hour {
		return words.T("%d h", int(d/time.Hour))
	}
	return words.T("%d d", int(d/(24*time.Hour)))
}

func newTransparencyView(words *locale.Language, site string, t stats.TransparencyReport) *transparencyView {
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
		view.Totals = append(view.Totals, totalRow{words.T(outcome.label), words.Number(outcome.of(t.Automated)),
			words.Number(outcome.of(t.People)), words.Number(outcome.of(t.Readers))})
	}
	for _, reason := range t.Reasons {
		row := refusalRow{reason.Code, words.Number(reason.Automated), words.Number(reason.People)}
		if row.Label == "" {
			row.Label = words.T("No reason code")
		}
		view.Reasons = append(view.Reasons, row)
	}
	median := tile{Label: "Median wait for a moderator", Value: "–", Remark: "no held comments"}
	if t.Timed > 0 {
		median.Value, median.Remark = words.T("about %s", durationText(words, t.MedianWait)),
			words.N("over %d decision", "over %d decisions", t.Timed)
	}
	view.Facts = []tile{median, {Label: "Appeals", Value: words.Number(t.Appeals.Made), Remark: words.T("%d granted, %d refused, %d open",
		t.Appeals.Granted, t.Appeals.Refused, t.Appeals.Open+t.Appeals.Held)}}
	query := url.Values{"site": {site}, "from": {page.MachineTime(t.From)}, "to": {t.To.Format(time.RFC3339Nano)}}.Encode()
	view.Exports = []navEntry{{Label: "Report as CSV", Href: TransparencyPath + ".csv?" + query},
		{Label: "Report as JSON", Href: TransparencyPath + ".json?" + query}, {Label: "Decisions as CSV", Href: RootPath + "/decisions.csv?" + query},
		{Label: "Decisions as JSON", Href: RootPath + "/decisions.json?" + query}}
	return view
}

// durationText rounds a duration to minutes, hours or days, depending on its length.
func durationText(words *locale.Language, d time.Duration) string {
	switch {
	case d < time.Minute:
		return words.N("%d second", "%d seconds", int(d/time.Second))
	case d < 2*time.Hour:
		return words.N("%d minute", "%d minutes", int(d.Round(time.Minute)/time.Minute))
	case d < 48*time.Hour:
		return words.N("%d hour", "%d hours", int(d.Round(time.Hour)/time.Hour))
	}
	return words.N("%d day", "%d days", int(d.Round(24*time.Hour)/(24*time.Hour)))
}
