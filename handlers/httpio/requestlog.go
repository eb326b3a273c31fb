package httpio

import (
	"context"
	"log/slog"
	"time"
)

// RequestMetrics counts requests. A route is a pattern, never a path.
type RequestMetrics interface {
	ObserveRequest(method, route string, status int, took time.Duration)
}

// RequestLog records the requests of one route: a line in the log, and the metrics. A line holds neither path
// nor query, since readers' input may be in them.
type RequestLog struct {
	method, route string
	handler       slog.Handler // with method and route
	metrics       RequestMetrics
}

// RequestLogs holds the RequestLog of every route.
type RequestLogs struct {
	log     *slog.Logger
	metrics RequestMetrics
	routes  map[[2]string]*RequestLog // by method and route
}

// NewRequestLogs returns the logs of no routes yet.
func NewRequestLogs(log *slog.Logger, metrics RequestMetrics) *RequestLogs {
	return &RequestLogs{log: log, metrics: metrics, routes: map[[2]string]*RequestLog{}}
}

// Add adds a route at start-up, so that method and route are formatted only once.
func (l *RequestLogs) Add(method, route string) {
	l.routes[[2]string{method, route}] = l.make(method, route)
}

// Of returns the log of a route.
func (l *RequestLogs) Of(method, route string) *RequestLog {
	if log := l.routes[[2]string{method, route}]; log != nil {
		return log
	}
	return l.make(method, route)
}

func (l *RequestLogs) make(method, route string) *RequestLog {
	attrs := []slog.Attr{slog.String("method", method), slog.String("route", route)}
	return &RequestLog{method: method, route: route, handler: l.log.Handler().WithAttrs(attrs), metrics: l.metrics}
}

// CompletedRequest is a request whose response was sent.
type CompletedRequest struct {
	ID         string
	Status     int
	Bytes      int    // of the response's body
	Problem    string // type of the problem that the response reports; empty if none
	Start, End time.Time
}

// Record records a request. It calls the log's handler directly, because slog.Logger would look up the
// caller's source position, which takes longer than all the rest.
func (l *RequestLog) Record(ctx context.Context, r CompletedRequest) {
	took := r.End.Sub(r.Start)
	if l.handler.Enabled(ctx, slog.LevelInfo) {
		line := slog.NewRecord(r.End, slog.LevelInfo, "request", 0)
		line.AddAttrs(
			slog.String("request_id", r.ID), slog.Int("status", r.Status),
			slog.Int("bytes", max(0, r.Bytes)), slog.Duration("took", took),
		)
		if r.Problem != "" {
			line.AddAttrs(slog.String("problem", r.Problem))
		}
		l.handler.Handle(ctx, line) // a log that can't be written has nowhere to be reported
	}
	l.metrics.ObserveRequest(l.method, l.route, r.Status, took)
}
