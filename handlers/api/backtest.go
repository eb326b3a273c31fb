package api

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation/rulebook"
)

const (
	// NDJSONType is the Content-Type of a stream of JSON lines.
	NDJSONType        = "application/x-ndjson"
	progressInterval  = 250 * time.Millisecond
	eventWriteTimeout = 30 * time.Second
)

// Event is one line of the response to a request that takes long.
type Event struct {
	Event   string                   `json:"event"` // progress, report or problem
	Done    *int                     `json:"done,omitempty"`
	Total   *int                     `json:"total,omitempty"`
	Report  *rulebook.BacktestReport `json:"report,omitempty"`
	Part    string                   `json:"part,omitempty"` // in the console: the report as HTML
	Problem *httpio.Problem          `json:"problem,omitempty"`
}

// Backtest runs a draft on the submissions of the last days. It sends progress events, then the report.
func (h *Rules) Backtest(c *gin.Context) error {
	var req struct {
		draftRequest
		Days int `json:"days"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxRulesetBody); err != nil {
		return err
	}
	draft, err := req.ref()
	if err != nil {
		return err
	}
	httpio.LiftDeadlines(c)
	report, err := h.RunBacktest(c, rulebook.BacktestQuery{SiteSlug: c.Param("site"), Ruleset: draft, Days: req.Days})
	if err == nil && report != nil {
		SendEvent(c, Event{Event: "report", Report: report})
	}
	return err
}

// RunBacktest runs a backtest, sends progress events, and returns the report. It returns an error only before
// the first event; a later one is sent as an event, and the report is nil.
func (h *Rules) RunBacktest(c *gin.Context, q rulebook.BacktestQuery) (*rulebook.BacktestReport, error) {
	var begun bool
	var last time.Time
	progress := func(done, total int) {
		if now := h.Now(); !begun || done == total || now.Sub(last) >= progressInterval {
			begun, last = true, now
			SendEvent(c, Event{Event: "progress", Done: &done, Total: &total})
		}
	}
	report, err := h.Backtests.Run(c.Request.Context(), session.ViewerOf(c), q, progress)
	switch {
	case err == nil:
		return &report, nil
	case !begun:
		return nil, err
	}
	p := httpio.ProblemOf(err, httpio.RequestID(c))
	httpio.RecordProblem(c, p)
	h.Log.ErrorContext(c.Request.Context(), "backtest failed", "request_id", httpio.RequestID(c), "err", err)
	SendEvent(c, Event{Event: "problem", Problem: &p})
	return nil, nil
}

// SendEvent writes and flushes one line. The connection fails if the client does not take it in time;
// deadlines of sockets use the real clock.
func SendEvent(c *gin.Context, e Event) {
	if !c.Writer.Written() {
		c.Header("Content-Type", NDJSONType)
		c.Header("Cache-Control", "no-store")
		c.Header("X-Accel-Buffering", "no") // nginx would buffer the lines
		c.Status(http.StatusOK)
	}
	_ = http.NewResponseController(c.Writer).SetWriteDeadline(time.Now().Add(eventWriteTimeout))
	if _, err := c.Writer.Write(httpio.EncodeJSON(e)); err == nil {
		c.Writer.Flush()
	}
}
