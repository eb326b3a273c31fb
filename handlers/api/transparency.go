package api

import (
	"net/http"
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
