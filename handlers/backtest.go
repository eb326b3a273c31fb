package handlers

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/moderation/rulebook"
)

// How events of long work are sent.
const (
	linesType     = "application/x-ndjson"
	progressEvery = 250 * time.Millisecond
	eventTime     = 30 * time.Second // for a client to take one event
)

// event is one line of the answer of long work.
type event struct {
	Event   string                   `json:"event"` // progress, report or problem
	Done    *int                     `json:"done,omitempty"`
	Total   *int                     `json:"total,omitempty"`
	Report  *rulebook.BacktestReport `json:"report,omitempty"`
	Part    string                   `json:"part,omitempty"` // in the console: the report as a part of the page
	Problem *Problem                 `json:"problem,omitempty"`
}

// backtest judges the submissions of the last days under a draft. It answers line by line: progress, then the
// report.
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
	report, err := s.runBacktest(c, rulebook.BacktestQuery{SiteSlug: c.Param("site"), Ruleset: draft, Days: req.Days})
	if err == nil && report != nil {
		sendEvent(c, event{Event: "report", Report: report})
	}
	return err
}

// runBacktest sends the progress of a backtest line by line, and returns its report. An error is one before
// the first line; a later one is sent as a problem, and there is no report.
func (s *Server) runBacktest(c *gin.Context, q rulebook.BacktestQuery) (*rulebook.BacktestReport, error) {
	var begun bool
	var last time.Time
	progress := func(done, total int) {
		if now := s.Now(); !begun || done == total || now.Sub(last) >= progressEvery {
			begun, last = true, now
			sendEvent(c, event{Event: "progress", Done: &done, Total: &total})
		}
	}
	report, err := s.Backtests.Run(c.Request.Context(), viewerOf(c), q, progress)
	switch {
	case err == nil:
		return &report, nil
	case !begun:
		return nil, err
	}
	p := problemOf(err, requestID(c))
	c.Set(keyProblem, p.Type)
	s.Log.ErrorContext(c.Request.Context(), "backtest failed", "request_id", requestID(c), "err", err)
	sendEvent(c, event{Event: "problem", Problem: &p})
	return nil, nil
}

// sendEvent writes one line and sends it on its way. A client that does not take it in time is taken for
// gone. Sockets know the real time only.
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
