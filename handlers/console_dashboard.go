package handlers

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"rejoinder/moderation/stats"
)

const dashboardPath = consolePath + "/dashboard"

// dashboardPage shows how moderation goes, and what waits.
func (s *Server) dashboardPage(c *gin.Context) error {
	chosen, err := choiceParam(c, "period", string(stats.PeriodDay), string(stats.PeriodWeek), string(stats.PeriodMonth))
	if err != nil {
		return err
	}
	ctx, viewer, site, period := c.Request.Context(), viewerOf(c), c.Query("site"), stats.Period(chosen)
	board, err := s.Figures.Dashboard(ctx, viewer, site, period)
	if err != nil {
		return err
	}
	view := newDashboardView(board, period)
	if view.consoleFrame, err = s.consoleFrame(c, "dashboard", "Dashboard"); err != nil {
		return err
	}
	view.Styles = []string{"dashboard.css"}
	view.Periods, view.WithSite = periodTabs(period, site), []hiddenField{{"period", chosen}}
	one, err := s.onlySite(c, site)
	if err != nil {
		return err
	}
	if one != "" {
		account, err := s.Figures.Transparency(
			ctx,
			viewer,
			stats.TransparencyQuery{SiteSlug: one, From: board.Steps[0].At, To: board.Until},
		)
		if err != nil {
			return err
		}
		view.Accounted = newSiteAccount(one, account)
	}
	return s.renderConsole(c, http.StatusOK, "dashboard", view)
}

// onlySite returns the slug of the site that is looked at; empty when there are several.
func (s *Server) onlySite(c *gin.Context, chosen string) (string, error) {
	if chosen != "" {
		return chosen, nil
	}
	sites, err := s.Sites.List(c.Request.Context(), viewerOf(c))
	if err != nil || len(sites) != 1 {
		return "", err
	}
	return sites[0].Slug, nil
}

// exportPage sends the decisions of a site to a moderator's browser, like exportDecisions to a program.
func (s *Server) exportPage(c *gin.Context) error {
	return s.sendDecisions(c, c.Query("site"))
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
			navEntry{Label: p.label, Href: dashboardPath + "?" + query.Encode(), Present: p.period == present},
		)
	}
	return tabs
}
