package console

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/api"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/stats"
)

// Dashboard serves the screen of statistics, and the exports linked there.
type Dashboard struct {
	*Pages
	Stats      *stats.Stats
	RuleHealth *rulebook.Health
	API        *api.Queue
	Reports    *api.Sites
}

// DashboardPath is the route of the screen.
const DashboardPath = RootPath + "/dashboard"

// TransparencyPath is the route of the transparency report, and with .csv and .json of its downloads.
const TransparencyPath = RootPath + "/transparency"

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
	view := newDashboardView(session.Words(c), board, period)
	if view.frame, err = h.newFrame(c, "dashboard", "Dashboard"); err != nil {
		return err
	}
	view.Styles = []string{"dashboard.css"}
	view.ByAdmins = session.IdentityOf(c).May(auth.PermissionAdminister)
	view.Periods, view.WithSite = periodTabs(period, site), []page.HiddenField{page.Hidden("period", chosen)}
	if site, err = h.singleSite(c, site); err != nil {
		return err
	}
	if site != "" {
		if err := h.addRules(c, &view, site, len(board.Steps)*int(board.Step/time.Hour)/24, board.Automated); err != nil {
			return err
		}
		report, err := h.Stats.TransparencyReport(ctx, viewer,
			stats.TransparencyQuery{SiteSlug: site, From: board.Steps[0].At, To: board.Until})
		if err != nil {
			return err
		}
		view.Accounted = newTransparencyView(session.Words(c), site, report)
		view.ReportURL = TransparencyPath + "?" + url.Values{"site": {site}}.Encode()
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

// addRules adds the statistics of the site's rules for the last days.
func (h *Dashboard) addRules(c *gin.Context, view *dashboardView, site string, days, decided int) error {
	health, err := h.RuleHealth.Report(c.Request.Context(), session.ViewerOf(c), site, max(1, days))
	if err != nil {
		return err
	}
	view.Tiles = append(view.Tiles, overturnedTile(session.Words(c), health, decided))
	held, overturned := ruleTops(session.Words(c), health)
	for _, top := range []topView{held, overturned} {
		if len(top.Rows) > 0 {
			view.Tops = append(view.Tops, top)
		}
	}
	return nil
}

// transparencyPage is the page of a site's transparency report.
type transparencyPage struct {
	frame
	SiteName  string
	From, To  string // dates
	Arrived   string
	Accounted *transparencyView
	Problem   string
}

// ShowTransparency shows the transparency report of a site for the days that are asked for.
func (h *Dashboard) ShowTransparency(c *gin.Context) error {
	site, err := h.Sites.Find(c.Request.Context(), session.ViewerOf(c), c.Query("site"))
	if err != nil {
		return err
	}
	view := transparencyPage{SiteName: site.Name}
	if view.frame, err = h.newFrame(c, "dashboard", "Transparency report"); err != nil {
		return err
	}
	view.Styles = []string{"dashboard.css"}
	q := stats.TransparencyQuery{SiteSlug: site.Slug}
	status := http.StatusOK
	if q.From, q.To, err = reportDays(c); err == nil {
		var report stats.TransparencyReport
		if report, err = h.Stats.TransparencyReport(c.Request.Context(), session.ViewerOf(c), q); err == nil {
			view.Accounted, view.Arrived = newTransparencyView(session.Words(c), site.Slug, report), session.Words(c).Number(report.Arrived)
			view.From, view.To = report.From.Format(time.DateOnly), report.To.Add(-time.Nanosecond).Format(time.DateOnly)
		}
	}
	if err != nil {
		p := httpio.ProblemOf(err, httpio.RequestID(c))
		if p.Status != http.StatusUnprocessableEntity {
			return err
		}
		httpio.RecordProblem(c, p)
		status, view.Problem = p.Status, strings.Join(faultDetails(session.Words(c), p.Errors), " ")
		view.From, view.To = httpio.Printable(c.Query("from")), httpio.Printable(c.Query("to"))
	}
	return h.render(c, status, "transparency", view)
}

// reportDays returns the time from the first to the last day of the query, or zero.
func reportDays(c *gin.Context) (from, to time.Time, err error) {
	for _, day := range []struct {
		name string
		to   *time.Time
	}{{"from", &from}, {"to", &to}} {
		typed := c.Query(day.name)
		if typed == "" {
			continue
		}
		if *day.to, err = time.Parse(time.DateOnly, typed); err != nil {
			return from, to, httpio.InvalidField("/"+day.name, "malformed", "A day is written as 2026-03-31.")
		}
	}
	if !to.IsZero() {
		to = to.AddDate(0, 0, 1)
	}
	return from, to, nil
}

// ExportTransparency sends the transparency report of a site as a download.
func (h *Dashboard) ExportTransparency(c *gin.Context) error {
	return h.Reports.SendTransparency(c, c.Query("site"))
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
