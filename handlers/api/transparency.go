package api

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation/stats"
)

type transparencyResponse struct {
	Site      string                `json:"site"`
	From      time.Time             `json:"from"`
	To        time.Time             `json:"to"`
	Arrived   int                   `json:"arrived"`
	Automated stats.StatusTotals    `json:"automated"`
	People    stats.StatusTotals    `json:"people"`
	Readers   stats.StatusTotals    `json:"readers"`
	Reasons   []reasonTotalResponse `json:"reasons"`
	Waits     waitsResponse         `json:"waits"`
	Appeals   stats.AppealTotals    `json:"appeals"`
}

type reasonTotalResponse struct {
	Code      *string `json:"reason_code"`
	Automated int     `json:"automated"`
	People    int     `json:"people"`
}

type waitsResponse struct {
	Decisions     int    `json:"decisions"`
	MedianSeconds *int64 `json:"median_seconds"`
}

// Transparency returns a site's transparency report.
func (h *Sites) Transparency(c *gin.Context) error {
	from, to, err := timeSpan(c)
	if err != nil {
		return err
	}
	report, err := h.Stats.TransparencyReport(c.Request.Context(), session.ViewerOf(c),
		stats.TransparencyQuery{SiteSlug: c.Param("site"), From: from, To: to})
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, newTransparencyResponse(c.Param("site"), report))
	return nil
}

// SendTransparency sends a site's transparency report as a download: CSV if the path ends so, else JSON.
func (h *Sites) SendTransparency(c *gin.Context, site string) error {
	from, to, err := timeSpan(c)
	if err != nil {
		return err
	}
	report, err := h.Stats.TransparencyReport(c.Request.Context(), session.ViewerOf(c),
		stats.TransparencyQuery{SiteSlug: site, From: from, To: to})
	if err != nil {
		return err
	}
	if !strings.HasSuffix(c.FullPath(), ".csv") {
		c.Header("Content-Disposition", `attachment; filename="transparency-`+site+`.json"`)
		httpio.JSON(c, http.StatusOK, newTransparencyResponse(site, report))
		return nil
	}
	c.Header("Content-Disposition", `attachment; filename="transparency-`+site+`.csv"`)
	var table bytes.Buffer
	w := csv.NewWriter(&table)
	if err := w.WriteAll(transparencyRows(report)); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	c.Data(http.StatusOK, "text/csv; charset=utf-8", table.Bytes())
	return nil
}

// transparencyRows are the figures of a report, one per row.
func transparencyRows(t stats.TransparencyReport) [][]string {
	rows := [][]string{{"figure", "by", "reason_code", "count"}, {"arrived", "", "", strconv.Itoa(t.Arrived)}}
	add := func(figure, by, reason string, n int) {
		rows = append(rows, []string{figure, by, reason, strconv.Itoa(n)})
	}
	for _, who := range []struct {
		name   string
		totals stats.StatusTotals
	}{{"ruleset", t.Automated}, {"moderator", t.People}, {"readers", t.Readers}} {
		add("approved", who.name, "", who.totals.Approved)
		add("held", who.name, "", who.totals.Held)
		add("rejected", who.name, "", who.totals.Rejected)
		add("spam", who.name, "", who.totals.Spam)
		add("deleted", who.name, "", who.totals.Deleted)
	}
	for _, reason := range t.Reasons {
		add("refused", "ruleset", reason.Code, reason.Automated)
		add("refused", "moderator", reason.Code, reason.People)
	}
	add("waits", "moderator", "", t.Timed)
	if t.Timed > 0 {
		add("median_wait_seconds", "moderator", "", int(t.MedianWait/time.Second))
	}
	add("appeals_made", "", "", t.Appeals.Made)
	add("appeals_granted", "", "", t.Appeals.Granted)
	add("appeals_refused", "", "", t.Appeals.Refused)
	add("appeals_open", "", "", t.Appeals.Open+t.Appeals.Held)
	return rows
}

func newTransparencyResponse(site string, t stats.TransparencyReport) transparencyResponse {
	response := transparencyResponse{
		Site:      site,
		From:      t.From,
		To:        t.To,
		Arrived:   t.Arrived,
		Automated: t.Automated,
		People:    t.People,
		Readers:   t.Readers,
		Reasons:   make([]reasonTotalResponse, 0, len(t.Reasons)),
		Waits:     waitsResponse{Decisions: t.Timed},
		Appeals:   t.Appeals,
	}
	for _, reason := range t.Reasons {
		response.Reasons = append(response.Reasons, reasonTotalResponse{httpio.OrNull(reason.Code), reason.Automated, reason.People})
	}
	if t.Timed > 0 {
		seconds := int64(t.MedianWait / time.Second)
		response.Waits.MedianSeconds = &seconds
	}
	return response
}
