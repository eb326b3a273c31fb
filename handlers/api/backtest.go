package api

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation/rulebook"
)

// How events of long work are sent.
const (
	LinesType     = "application/x-ndjson"
	progressEvery = 250 * time.Millisecond
	eventTime     = 30 * time.Second // for a client to take one event
)

// Event is one line of the answer of long work.
type Event struct {
	Event   string                   `json:"event"` // progress, report or problem
	Done    *int                     `json:"done,omitempty"`
	Total   *int                     `json:"total,omitempty"`
	Report  *rulebook.BacktestReport `json:"report,omitempty"`
	Part    string                   `json:"part,omitempty"` // in the console: the report as a part of the page
	Problem *httpio.Problem          `json:"problem,omitempty"`
}

// Backtest judges the submissions of the last days under a draft. It answers line by line: progress, then the
// report.
func (h *Rules) Backtest(c *gin.Context) error {
	var req struct {
		draftFields
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

// RunBacktest sends the progress of a backtest line by line, and returns its report. An error is one before
// the first line; a later one is sent as a problem, and there is no report.
func (h *Rules) RunBacktest(c *gin.Context, q rulebook.BacktestQuery) (*rulebook.BacktestReport, error) {
	var begun bool
	var last time.Time
	progress := func(done, total int) {
		if now := h.Now(); !begun || done == total || now.Sub(last) >= progressEvery {
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

// SendEvent writes one line and sends it on its way. A client that does not take it in time is taken for
// gone. Sockets know the real time only.
func SendEvent(c *gin.Context, e Event) {
	if !c.Writer.Written() {
		c.Header("Content-Type", LinesType)
		c.Header("Cache-Control", "no-store")
		c.Header("X-Accel-Buffering", "no") // nginx would keep the lines back
		c.Status(http.StatusOK)
	}
	_ = http.NewResponseController(c.Writer).SetWriteDeadline(time.Now().Add(eventTime))
	if _, err := c.Writer.Write(httpio.EncodeJSON(e)); err == nil {
		c.Writer.Flush()
	}
}
