package console

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"rejoinder/handlers/locale"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/rules"
	"rejoinder/moderation/stats"
)

// topView is a table of the most frequent things, with bars.
type topView struct {
	ID, Title, Head string
	Class           string // of the bars
	Note            string
	Rows            []topRow
}

type topRow struct {
	Name  string
	Code  bool // a rule's id
	N     string
	Width int // of 90
}

// maxTopRows bounds the rows of a table.
const maxTopRows = 5

// barWidth is the width of the longest bar.
const barWidth = 90

func newTopView(words *locale.Language, id, title, head, class string, list []stats.Counted) topView {
	v := topView{ID: id, Title: title, Head: head, Class: class}
	for _, one := range list[:min(len(list), maxTopRows)] {
		v.Rows = append(v.Rows, topRow{Name: one.Name, N: words.Number(one.N), Width: max(1, barWidth*one.N/max(1, list[0].N))})
	}
	return v
}

func topViews(words *locale.Language, top stats.Top) []topView {
	languages := slices.Clone(top.Languages)
	for i := range languages {
		if languages[i].Name == "" {
			languages[i].Name = words.T("not recognised")
		} else {
			languages[i].Name = languageName(words, languages[i].Name)
		}
	}
	views := []topView{newTopView(words, "top-articles", "Top articles", "Article", "one", top.Articles),
		newTopView(words, "top-languages", "Languages", "Language", "three", languages)}
	if top.More {
		for i := range views {
			views[i].Note = "Of the newest comments."
		}
	}
	return slices.DeleteFunc(views, func(v topView) bool { return len(v.Rows) == 0 })
}

// ruleTops returns the rules that held most, and those that people overruled most when they published or refused.
func ruleTops(words *locale.Language, health rulebook.HealthReport) (held, overturned topView) {
	var holding, overruled []stats.Counted
	for _, r := range health.Rules {
		if r.Action == string(rules.Hold) && r.Acted > 0 {
			holding = append(holding, stats.Counted{Name: r.Rule, N: int(r.Acted)})
		}
		if decides(r) && r.Overturned > 0 {
			overruled = append(overruled, stats.Counted{Name: r.Rule, N: int(r.Overturned)})
		}
	}
	views := make([]topView, 2)
	for i, list := range [][]stats.Counted{holding, overruled} {
		slices.SortStableFunc(list, func(a, b stats.Counted) int { return cmp.Compare(b.N, a.N) })
		views[i] = newTopView(words, []string{"top-rules", "overturned"}[i], []string{"Rules that held most", "Overturned rules"}[i], "Rule",
			[]string{"two", "four"}[i], list)
		for n := range views[i].Rows {
			views[i].Rows[n].Code = true
		}
	}
	return views[0], views[1]
}

// decides reports whether a rule decides without a moderator.
func decides(r rulebook.RuleHealth) bool { return r.Action != "" && r.Action != string(rules.Hold) }

// overturnedTile says how often people overruled rules that had decided.
func overturnedTile(words *locale.Language, health rulebook.HealthReport, decided int) tile {
	overturned, by := 0, 0
	for _, r := range health.Rules {
		if decides(r) && r.Overturned > 0 {
			overturned += int(r.Overturned)
			by++
		}
	}
	t := tile{Label: "Overturned", Value: "–", Remark: "rules decided nothing"}
	if decided > 0 {
		t.Value = words.Percent(float64(overturned)/float64(decided), 1)
		t.Remark = words.N("%[2]d of %[3]d that rules decided, by %[1]d rule", "%[2]d of %[3]d that rules decided, by %[1]d rules",
			by, overturned, decided)
	}
	return t
}

// heatView is the busiest hours: weekdays by hours.
type heatView struct {
	Summary string
	Days    []heatDay
	Hours   []heatHour
}

type heatDay struct {
	Name, Short string
	Y           int
	Cells       []heatCell
}

type heatCell struct {
	X       int
	Opacity string
	N       string
	Title   string
}

type heatHour struct {
	X    int
	Text string
}

// The geometry of the busiest hours.
const (
	heatLeft = 24
	heatStep = 13
	heatRow  = 17
)

func newHeatView(words *locale.Language, hours [7][24]int) *heatView {
	most, busiestDay, busiestHour := 0, 0, 0
	for day := range hours {
		for hour, n := range hours[day] {
			if n > most {
				most, busiestDay, busiestHour = n, day, hour
			}
		}
	}
	v := &heatView{Summary: words.T("Most arrive on %s from %s to %s (UTC).", words.T(time.Weekday(busiestDay).String()+"s"),
		hourText(busiestHour), hourText((busiestHour+1)%24))}
	for i := range 7 {
		day := time.Weekday((i + 1) % 7) // from Monday on
		name := []rune(words.T(day.String()))
		row := heatDay{Name: string(name), Short: string(name[:min(2, len(name))]), Y: 4 + i*heatRow}
		for hour, n := range hours[day] {
			row.Cells = append(row.Cells, heatCell{X: heatLeft + hour*heatStep, N: words.Number(n),
				Opacity: strconv.FormatFloat(float64(n)/float64(max(1, most)), 'f', 2, 64),
				Title:   fmt.Sprintf("%s, %s: %s", row.Name, hourText(hour), words.N("%d comment", "%d comments", n))})
		}
		v.Days = append(v.Days, row)
	}
	for hour := range 24 {
		v.Hours = append(v.Hours, heatHour{X: heatLeft + hour*heatStep, Text: fmt.Sprintf("%02d", hour)})
	}
	return v
}

func hourText(hour int) string { return fmt.Sprintf("%02d:00", hour) }
