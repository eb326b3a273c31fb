package handlers

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/moderation/stats"
)

type transparencyAnswer struct {
	Site      string             `json:"site"`
	From      time.Time          `json:"from"`
	To        time.Time          `json:"to"`
	Arrived   int                `json:"arrived"`
	Automated stats.StatusTotals `json:"automated"`
	People    stats.StatusTotals `json:"people"`
	Readers   stats.StatusTotals `json:"readers"`
	Reasons   []reasonTotal      `json:"reasons"`
	Waits     waitsAnswer        `json:"waits"`
	Appeals   stats.AppealTotals `json:"appeals"`
}

type reasonTotal struct {
	Code      *string `json:"reason_code"`
	Automated int     `json:"automated"`
	People    int     `json:"people"`
}

type waitsAnswer struct {
	Decisions     int    `json:"decisions"`
	MedianSeconds *int64 `json:"median_seconds"`
}

// transparency answers with the account of what was decided on a site.
func (s *Server) transparency(c *gin.Context) error {
	from, to, err := timeSpan(c)
	if err != nil {
		return err
	}
	account, err := s.Figures.Transparency(c.Request.Context(), viewerOf(c),
		stats.TransparencyQuery{SiteSlug: c.Param("site"), From: from, To: to})
	if err != nil {
		return err
	}
	answer(c, http.StatusOK, newTransparencyAnswer(c.Param("site"), account))
	return nil
}

func newTransparencyAnswer(site string, t stats.Transparency) transparencyAnswer {
	a := transparencyAnswer{
		Site:      site,
		From:      t.From,
		To:        t.To,
		Arrived:   t.Arrived,
		Automated: t.Automated,
		People:    t.People,
		Readers:   t.Readers,
		Reasons:   make([]reasonTotal, 0, len(t.Reasons)),
		Waits:     waitsAnswer{Decisions: t.Timed},
		Appeals:   t.Appeals,
	}
	for _, reason := range t.Reasons {
		a.Reasons = append(a.Reasons, reasonTotal{orNull(reason.Code), reason.Automated, reason.People})
	}
	if t.Timed > 0 {
		seconds := int64(t.MedianWait / time.Second)
		a.Waits.MedianSeconds = &seconds
	}
	return a
}
