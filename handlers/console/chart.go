package console

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"rejoinder/handlers/locale"
)

// The geometry of a chart, in units of its view box. On the narrowest screens, one unit is about a CSS pixel.
const (
	chartWidth  = 360
	chartHeight = 180
	plotLeft    = 34
	plotRight   = chartWidth - 4
	plotTop     = 10
	plotBottom  = chartHeight - 24
	barShare    = 0.78 // width of a bar, as a share of the distance between bars
)

// barChart is the data of a chart of stacked bars. Each bar has one value of every series.
type barChart struct {
	id      string
	title   string
	summary string   // text alternative
	first   string   // heading of the first column of its table
	labels  []string // full labels of the bars
	marks   []string // labels on the axis; empty: none
	series  []chartSeries
	line    []int  // a dashed line over the bars; nil: none
	lineOf  string // the subject
}

type chartSeries struct {
	class  string // CSS class
	label  string
	values []int
}

// chartView is the layout of a chart, with its data as a table.
type chartView struct {
	ID, Title, Summary string
	Width, Height      int
	Left, Right        int
	Lines              []chartLine
	Bars               []chartBar
	Marks              []chartMark
	MarkY              int
	Legend             []chartKey // empty: there is a single series
	Line               string     // points of the dashed line; empty: none
	LineOf             string
	Few                string // why there is nothing to draw; empty: there is
	Head               []string
	Rows               [][]string
}

type chartLine struct {
	Y     length
	Label string
}

type chartBar struct {
	Class               string
	X, Y, Width, Height length
	Title               string
}

type chartMark struct {
	X    length
	Text string
}

type chartKey struct{ Class, Label string }

// length is a coordinate or size in units of the view box.
type length float64

// String formats it with at most two decimals.
func (l length) String() string {
	return strconv.FormatFloat(math.Round(float64(l)*100)/100, 'f', -1, 64)
}

// view computes the layout of the chart.
func (b barChart) view(words *locale.Language) chartView {
	v := chartView{
		ID:      b.id,
		Title:   b.title,
		Summary: b.summary,
		Width:   chartWidth,
		Height:  chartHeight,
		Left:    plotLeft,
		Right:   plotRight,
		MarkY:   plotBottom + 16,
		Head:    []string{b.first},
	}
	top := b.top()
	scale := float64(plotBottom-plotTop) / float64(top)
	for _, value := range []int{0, top / 2, top} {
		v.Lines = append(v.Lines, chartLine{length(plotBottom - scale*float64(value)), shortNumber(value)})
	}
	room := float64(plotRight-plotLeft) / float64(len(b.labels))
	for i, label := range b.labels {
		left := plotLeft + room*float64(i)
		row, below := []string{label}, 0
		for _, s := range b.series {
			n := s.values[i]
			below += n
			row = append(row, words.Number(n))
			if n > 0 {
				v.Bars = append(v.Bars, chartBar{
					Class: s.class, X: length(left + room*(1-barShare)/2), Width: length(room * barShare),
					Y: length(plotBottom - scale*float64(below)), Height: length(scale * float64(n)),
					Title: fmt.Sprintf("%s: %s %s", label, words.Number(n), lowered(words, s.label)),
				})
			}
		}
		if b.line != nil {
			v.Line += fmt.Sprintf("%s,%s ", length(left+room/2), length(plotBottom-scale*float64(b.line[i])))
			row = append(row, words.Number(b.line[i]))
		}
		if b.marks[i] != "" {
			v.Marks = append(v.Marks, chartMark{length(left + room/2), b.marks[i]})
		}
		v.Rows = append(v.Rows, row)
	}
	for _, s := range b.series {
		v.Head = append(v.Head, s.label)
		if len(b.series) > 1 {
			v.Legend = append(v.Legend, chartKey{s.class, s.label})
		}
	}
	if b.line != nil {
		v.Head, v.LineOf = append(v.Head, b.lineOf), b.lineOf
	}
	v.Few = b.few()
	return v
}

// few says why a chart of fewer than two bars is not drawn; empty if it is.
func (b barChart) few() string {
	bars := 0
	for i := range b.labels {
		drawn := slices.ContainsFunc(b.series, func(s chartSeries) bool { return s.values[i] > 0 })
		if drawn || b.line != nil && b.line[i] > 0 {
			bars++
		}
	}
	switch {
	case bars == 0:
		return "Nothing in this period."
	case bars == 1 && b.line != nil:
		return "Not enough yet: the chart starts with the second bar."
	}
	return ""
}

// top is the end of the scale: a round, even number not below the highest bar.
func (b barChart) top() int {
	highest := 2
	for i := range b.labels {
		sum := 0
		for _, s := range b.series {
			sum += s.values[i]
		}
		highest = max(highest, sum)
		if b.line != nil {
			highest = max(highest, b.line[i])
		}
	}
	for power := 1; ; power *= 10 {
		for _, digit := range []int{2, 4, 6, 8, 10} {
			if digit*power >= highest {
				return digit * power
			}
		}
	}
}

// shortNumber abbreviates a number for the axis.
func shortNumber(n int) string {
	for _, unit := range []struct {
		from int
		sign string
	}{{1_000_000, "M"}, {1_000, "k"}} {
		if n >= 10*unit.from || n >= unit.from && n%(unit.from/10) == 0 {
			return strconv.FormatFloat(math.Round(float64(n)/float64(unit.from)*10)/10, 'f', -1, 64) + unit.sign
		}
	}
	return strconv.Itoa(n)
}
