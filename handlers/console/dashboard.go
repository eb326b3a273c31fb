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

const DashboardPath = RootPath + "/dashboard"

// DashboardPage shows how moderation goes, and what waits.
func (h *Dashboard) DashboardPage(c *gin.Context) error {
	chosen, err := httpio.ChoiceParam(c, "period", string(stats.PeriodDay), string(stats.PeriodWeek), string(stats.PeriodMonth))
	if err != nil {
		return err
	}
	ctx, viewer, site, period := c.Request.Context(), session.ViewerOf(c), c.Query("site"), stats.Period(chosen)
	board, err := h.Figures.Dashboard(ctx, viewer, site, period)
	if err != nil {
		return err
	}
	view := newDashboardView(board, period)
	if view.consoleFrame, err = h.consoleFrame(c, "dashboard", "Dashboard"); err != nil {
		return err
	}
	view.Styles = []string{"dashboard.css"}
	view.Periods, view.WithSite = periodTabs(period, site), []page.HiddenField{page.Hidden("period", chosen)}
	one, err := h.onlySite(c, site)
	if err != nil {
		return err
	}
	if one != "" {
		account, err := h.Figures.TransparencyReport(
			ctx,
			viewer,
			stats.TransparencyQuery{SiteSlug: one, From: board.Steps[0].At, To: board.Until},
		)
		if err != nil {
			return err
		}
		view.Accounted = newSiteAccount(one, account)
	}
	return h.renderConsole(c, http.StatusOK, "dashboard", view)
}

// onlySite returns the slug of the site that is looked at; empty when there are several.
func (h *Dashboard) onlySite(c *gin.Context, chosen string) (string, error) {
	if chosen != "" {
		return chosen, nil
	}
	sites, err := h.Sites.List(c.Request.Context(), session.ViewerOf(c))
	if err != nil || len(sites) != 1 {
		return "", err
	}
	return sites[0].Slug, nil
}

// ExportPage sends the decisions of a site to a moderator's browser, like exportDecisions to a program.
func (h *Dashboard) ExportPage(c *gin.Context) error {
	return h.Api.SendDecisions(c, c.Query("site"))
}

func periodTabs(present stats.Period, site string) []navEntry {
	var tabs []navEntry
	for _, p := range dashboardPeriods {
		query := url.Values{"period": {string(p.period)}}
		if site != "" {
			query.Set("site", site)
		}
		tabs = append(
			tabs,
			navEntry{Label: p.label, Href: DashboardPath + "?" + query.Encode(), Present: p.period == present},
		)
	}
	return tabs
}

type Dashboard struct {
	*Pages
	Figures *stats.Stats
	Api     *api.Queue
}
