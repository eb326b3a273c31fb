package console

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"rejoinder/handlers/page"
)

// The geometry of a chart, in units of its view box. The narrowest screen shows about one of them in a CSS
// pixel.
const (
	chartWidth  = 360
	chartHeight = 180
	plotLeft    = 34
	plotRight   = chartWidth - 4
	plotTop     = 10
	plotBottom  = chartHeight - 24
	barShare    = 0.78 // of the room that a bar has
)

// barChart is what a chart shows: bars beside each other, each stacked of one value of every series.
type barChart struct {
	id      string
	title   string
	summary string   // what it shows in a sentence, for those who do not see it
	first   string   // heading of the first column of its table
	labels  []string // of the bars, in full
	marks   []string // below the bars; empty for none
	series  []chartSeries
}

type chartSeries struct {
	class  string // in the style sheet
	label  string
	values []int
}

// chartView is a chart laid out, with the same numbers as a table.
type chartView struct {
	ID, Title, Summary string
	Width, Height      int
	Left, Right        int
	Lines              []chartLine
	Bars               []chartBar
	Marks              []chartMark
	MarkY              int
	Legend             []chartKey // empty for a single series
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

// length is a number of the view box, as it stands in an attribute.
type length float64

// String writes it with at most two decimals.
func (l length) String() string {
	return strconv.FormatFloat(math.Round(float64(l)*100)/100, 'f', -1, 64)
}

// view lays the chart out.
func (b barChart) view() chartView {
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
			row = append(row, page.Grouped(n))
			if n > 0 {
				v.Bars = append(
					v.Bars,
					chartBar{Class: s.class, X: length(left + room*(1-barShare)/2), Width: length(room * barShare),
						Y: length(plotBottom - scale*float64(below)), Height: length(scale * float64(n)),
						Title: fmt.Sprintf("%s: %s %s", label, page.Grouped(n), strings.ToLower(s.label))},
				)
			}
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
	return v
}

// top is where the scale ends: an even number that is round and no less than the highest bar.
func (b barChart) top() int {
	highest := 2
	for i := range b.labels {
		sum := 0
		for _, s := range b.series {
			sum += s.values[i]
		}
		highest = max(highest, sum)
	}
	for power := 1; ; power *= 10 {
		for _, digit := range []int{2, 4, 6, 8, 10} {
			if digit*power >= highest {
				return digit * power
			}
		}
	}
}

// shortNumber writes a number in as few characters as an axis has room for.
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
