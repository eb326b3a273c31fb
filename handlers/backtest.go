package handlers

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/moderation"
)

// How events of long work are sent.
const (
	linesType     = "application/x-ndjson"
	progressEvery = 250 * time.Millisecond
	eventTime     = 30 * time.Second // for a client to take one event
)

// event is one line of the answer of long work.
type event struct {
	Event   string                     `json:"event"` // progress, report or problem
	Done    *int                       `json:"done,omitempty"`
	Total   *int                       `json:"total,omitempty"`
	Report  *moderation.BacktestReport `json:"report,omitempty"`
	Problem *Problem                   `json:"problem,omitempty"`
}

// backtest judges the submissions of the last days under a draft. It answers line by line: progress, then the report.
func (s *Server) backtest(c *gin.Context) error {
	var req struct {
		draftFields
		Days int `json:"days"`
	}
	if err := bindJSON(c, &req, maxRulesetBody); err != nil {
		return err
	}
	draft, err := req.ref()
	if err != nil {
		return err
	}
	takeTime(c)
	var begun bool
	var last time.Time
	progress := func(done, total int) {
		if now := s.Now(); !begun || done == total || now.Sub(last) >= progressEvery {
			begun, last = true, now
			sendEvent(c, event{Event: "progress", Done: &done, Total: &total})
		}
	}
	report, err := s.Backtests.Run(c.Request.Context(), viewerOf(c),
		moderation.BacktestQuery{SiteSlug: c.Param("site"), Ruleset: draft, Days: req.Days}, progress)
	switch {
	case err != nil && !begun:
		return err
	case err != nil:
		p := problemOf(err, requestID(c))
		c.Set(keyProblem, p.Type)
		s.Log.ErrorContext(c.Request.Context(), "backtest failed", "request_id", requestID(c), "err", err)
		sendEvent(c, event{Event: "problem", Problem: &p})
	default:
		sendEvent(c, event{Event: "report", Report: &report})
	}
	return nil
}

// takeTime lifts the limits of time from a request whose work takes long. A client that leaves still ends the work.
func takeTime(c *gin.Context) {
	controller := http.NewResponseController(c.Writer)
	// A writer that has no limits, as in tests, cannot lift them.
	_ = controller.SetReadDeadline(time.Time{})
	_ = controller.SetWriteDeadline(time.Time{})
}

// sendEvent writes one line and sends it on its way. A client that does not take it in time is taken for gone. Sockets
// know the real time only.
func sendEvent(c *gin.Context, e event) {
	if !c.Writer.Written() {
		c.Header("Content-Type", linesType)
		c.Header("Cache-Control", "no-store")
		c.Header("X-Accel-Buffering", "no") // nginx would keep the lines back
		c.Status(http.StatusOK)
	}
	_ = http.NewResponseController(c.Writer).SetWriteDeadline(time.Now().Add(eventTime))
	if _, err := c.Writer.Write(encodeJSON(e)); err == nil {
		c.Writer.Flush()
	}
}
