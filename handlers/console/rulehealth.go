package console

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/api"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/session"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/rules"
)

// healthView is the page of a site's rule health.
type healthView struct {
	rulesFrame
	Days     []choice
	Counted  string
	Version  int
	Rules    []healthRow // the most frequent first
	VersionU string      // URL of the version
}

// healthRow is the health of one rule.
type healthRow struct {
	rulebook.RuleHealth
	Shadow    bool
	Effect    string
	Shown     rulebook.RuleCounts // counts in its mode
	Upholding string
	Fired     string // when it last fired
	Mark      string // dead, new, shadow, off or gone; empty: none
	MarkText  string
	Spark     spark
	Href      string // list of the waiting comments that it hit
}

// spark is a sparkline of hits per day.
type spark struct {
	Bars  string // path of all hits
	Bad   string // path of the overturned ones
	Width int
	Label string // text alternative
}

// healthDays are the periods to choose from, in days.
var healthDays = []int{7, 30, 90, 366}

// ShowHealth shows how often each rule of a site fired, and how often moderators upheld it.
func (h *Rules) ShowHealth(c *gin.Context) error {
	days := api.DefaultHealthDays
	if asked, ok := httpio.WholeNumber(c.Query("days")); ok {
		days = asked
	}
	ctx, viewer, site := c.Request.Context(), session.ViewerOf(c), c.Query("site")
	report, err := h.RuleHealth.Report(ctx, viewer, site, days)
	if err != nil {
		return err
	}
	daily, err := h.RuleHealth.Daily(ctx, viewer, site, days)
	if err != nil {
		return err
	}
	view := healthView{Version: report.Version, VersionU: rulesURL(versionPath(report.Version), site)}
	if view.rulesFrame, err = h.newRulesFrame(c, "health", "Rule health"); err != nil {
		return err
	}
	words := session.Words(c)
	view.Counted = words.Moment(report.Counted)
	for _, n := range healthDays {
		view.Days = append(view.Days, choice{Value: strconv.Itoa(n), Label: words.N("%d day", "%d days", n), Selected: n == days})
	}
	for _, rule := range report.Rules {
		row := newHealthRow(words, rule, daily[rule.Rule])
		row.Href = rulesURL(RootPath, site, "rule", rule.Rule)
		if rule.LastFired != nil {
			row.Fired = agoText(words, h.Now().Sub(*rule.LastFired))
		}
		view.Rules = append(view.Rules, row)
	}
	slices.SortStableFunc(view.Rules, func(a, b healthRow) int { return cmp.Compare(b.Shown.Hits, a.Shown.Hits) })
	return h.render(c, http.StatusOK, "rules-health", view)
}

func newHealthRow(words *locale.Language, rule rulebook.RuleHealth, daily []rulebook.RuleCounts) healthRow {
	row := healthRow{RuleHealth: rule, Shadow: rule.Mode == rules.Shadow, Effect: rule.Action, Shown: rule.RuleCounts,
		Upholding: percent(words, rule.Upholding), Fired: "never"}
	if row.Effect == "" && rule.Active {
		row.Effect = "score"
	}
	if row.Shadow {
		row.Shown = rulebook.RuleCounts{Hits: rule.ShadowHits, Upheld: rule.ShadowUpheld, Overturned: rule.ShadowOverturned}
	}
	switch {
	case !rule.Active:
		row.Mark, row.MarkText = "gone", "not in this version"
	case rule.Mode == rules.Off:
		row.Mark, row.MarkText = "off", "off"
	case rule.Dead:
		row.Mark, row.MarkText = "dead", "dead: never fires"
	case rule.New:
		row.Mark, row.MarkText = "new", "new"
	case row.Shadow:
		row.Mark, row.MarkText = "shadow", "shadow: does not act"
	}
	row.Spark = newSpark(words, daily, row.Shadow)
	return row
}

// The size of a spark.
const (
	sparkWidth  = 180
	sparkHeight = 28
)

// newSpark draws a bar for the hits of each day, and over its lower part a bar for the overturned ones.
func newSpark(words *locale.Language, daily []rulebook.RuleCounts, shadow bool) spark {
	v := spark{Width: sparkWidth, Label: words.T("No hits")}
	hits := func(c rulebook.RuleCounts) (all, bad int64) {
		if shadow {
			return c.ShadowHits, c.ShadowOverturned
		}
		return c.Hits, c.Overturned
	}
	var most, last int64
	for _, day := range daily {
		last, _ = hits(day)
		most = max(most, last)
	}
	if most == 0 {
		return v
	}
	var all, bad strings.Builder
	step := float64(sparkWidth) / float64(len(daily))
	for i, day := range daily {
		n, overturned := hits(day)
		bar(&all, float64(i)*step, step, float64(n)/float64(most))
		bar(&bad, float64(i)*step, step, float64(min(overturned, n))/float64(most))
	}
	v.Bars, v.Bad = all.String(), bad.String()
	v.Label = words.T("Hits per day: at most %d, today %d", int(most), int(last))
	return v
}

// bar adds a bar to a path. share is its share of the height; bars above 0 are always visible.
func bar(path *strings.Builder, at, step, share float64) {
	if share <= 0 {
		return
	}
	high := max(1.5, share*sparkHeight)
	fmt.Fprintf(path, "M%.1f %dv-%.1fh%.1fv%.1fz", at, sparkHeight, high, step*.8, high)
}
