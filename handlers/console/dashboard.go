package console

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/api"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/moderation/stats"
)

// Dashboard serves the screen of statistics, and the exports linked there.
type Dashboard struct {
	*Pages
	Stats *stats.Stats
	API   *api.Queue
}

// DashboardPath is the route of the screen.
const DashboardPath = RootPath + "/dashboard"

// Show shows the statistics of a period, with the transparency report if they are of one site.
func (h *Dashboard) Show(c *gin.Context) error {
	chosen, err := httpio.ChoiceParam(c, "period",
		string(stats.PeriodDay), string(stats.PeriodWeek), string(stats.PeriodMonth))
	if err != nil {
		return err
	}
	ctx, viewer, site, period := c.Request.Context(), session.ViewerOf(c), c.Query("site"), stats.Period(chosen)
	board, err := h.Stats.Dashboard(ctx, viewer, site, period)
	if err != nil {
		return err
	}
	view := newDashboardView(board, period)
	if view.frame, err = h.newFrame(c, "dashboard", "Dashboard"); err != nil {
		return err
	}
	view.Styles = []string{"dashboard.css"}
	view.Periods, view.WithSite = periodTabs(period, site), []page.HiddenField{page.Hidden("period", chosen)}
	if site, err = h.singleSite(c, site); err != nil {
		return err
	}
	if site != "" {
		report, err := h.Stats.TransparencyReport(ctx, viewer,
			stats.TransparencyQuery{SiteSlug: site, From: board.Steps[0].At, To: board.Until})
		if err != nil {
			return err
		}
		view.Accounted = newTransparencyView(site, report)
	}
	return h.render(c, http.StatusOK, "dashboard", view)
}

// singleSite returns the chosen site, or the moderator's only one; empty if there are several.
func (h *Dashboard) singleSite(c *gin.Context, chosen string) (string, error) {
	if chosen != "" {
		return chosen, nil
	}
	sites, err := h.Sites.List(c.Request.Context(), session.ViewerOf(c))
	if err != nil || len(sites) != 1 {
		return "", err
	}
	return sites[0].Slug, nil
}

// ExportDecisions sends the decisions of a site as a download.
func (h *Dashboard) ExportDecisions(c *gin.Context) error {
	return h.API.SendDecisions(c, c.Query("site"))
}

func periodTabs(present stats.Period, site string) []navEntry {
	var tabs []navEntry
	for _, p := range dashboardPeriods {
		query := url.Values{"period": {string(p.period)}}
		if site != "" {
			query.Set("site", site)
		}
		tabs = append(tabs,
			navEntry{Label: p.label, Href: DashboardPath + "?" + query.Encode(), Present: p.period == present})
	}
	return tabs
}
