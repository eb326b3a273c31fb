package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// Settings of queue metrics. The database is queried at most once per interval, however many scrapes there
// are. The metrics are omitted if it does not respond in time.
const (
	queueReadEvery = 10 * time.Second
	queueReadTime  = 2 * time.Second
)

// queueAtSite is the state of one site's queue.
type queueAtSite struct {
	queue.SiteCounts
	now time.Time
}

// queueCounts caches the last result of the query.
type queueCounts struct {
	metricSources
	mu     sync.Mutex
	last   []queue.SiteCounts
	readAt time.Time
}

func newQueueCollector(from metricSources) prometheus.Collector {
	counts := &queueCounts{metricSources: from}
	return newStatsCollector([]statMetric[queueAtSite]{
		{prometheus.GaugeValue, "rejoinder_queue_pending", "Pending comments.",
			func(s queueAtSite) float64 { return float64(s.Pending) }},
		{
			prometheus.GaugeValue,
			"rejoinder_queue_oldest_pending_seconds",
			"Age of the oldest pending comment; 0 if there is none.",
			func(s queueAtSite) float64 {
				if s.OldestPendingAt.IsZero() {
					return 0
				}
				return max(0, s.now.Sub(s.OldestPendingAt).Seconds())
			},
		},
		{prometheus.GaugeValue, "rejoinder_queue_reported", "Comments with open reports from readers.",
			func(s queueAtSite) float64 { return float64(s.Reported) }},
		{prometheus.GaugeValue, "rejoinder_queue_appealed", "Comments with an open appeal.",
			func(s queueAtSite) float64 { return float64(s.Appealed) }},
		{prometheus.GaugeValue, "rejoinder_comments_approved", "Approved comments.",
			func(s queueAtSite) float64 { return float64(s.Approved) }},
	}, counts.tell, "site")
}

func (q *queueCounts) tell(tell func(queueAtSite, ...string)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.now()
	if q.readAt.IsZero() || now.Sub(q.readAt) >= queueReadEvery {
		ctx, cancel := context.WithTimeout(context.Background(), queueReadTime)
		defer cancel()
		var err error
		if q.last, err = q.counts(ctx); err != nil {
			q.log.WarnContext(ctx, "count queue for metrics", "err", err)
		}
		q.readAt = now
	}
	for _, site := range q.last {
		tell(queueAtSite{site, now}, site.Slug)
	}
}

// measureStore measures how long comments wait for moderators.
func (m *metrics) measureStore(of queue.Store) queue.Store { return measuredStore{of, m} }

type measuredStore struct {
	queue.Store
	metrics *metrics
}

// RecordDecision implements queue.Store.
func (d measuredStore) RecordDecision(ctx context.Context, decision moderation.Decision) error {
	err := d.Store.RecordDecision(ctx, decision)
	if err == nil {
		d.metrics.decided(decision)
	}
	return err
}

// RecordDecisions implements queue.Store.
func (d measuredStore) RecordDecisions(ctx context.Context, decisions []moderation.Decision) (map[string]error, error) {
	refused, err := d.Store.RecordDecisions(ctx, decisions)
	if err != nil {
		return refused, err
	}
	for _, decision := range decisions {
		if refused[decision.CommentID] == nil {
			d.metrics.decided(decision)
		}
	}
	return refused, nil
}

// decided records a decision. The submission's ID contains the time of submission.
func (m *metrics) decided(d moderation.Decision) {
	if d.Actor != moderation.ActorModerator || d.Undoes != "" {
		return
	}
	m.decisions.WithLabelValues(string(d.Action)).Inc()
	id, err := uuid.Parse(d.SubmissionID)
	if err != nil || id.Version() != 7 || d.From != moderation.StatusPending {
		return
	}
	seconds, nanoseconds := id.Time().UnixTime()
	m.deciding.Observe(max(0, d.CreatedAt.Sub(time.Unix(seconds, nanoseconds)).Seconds()))
}

// worker returns the logger of a worker. It counts each logged error as a failed round.
func (m *metrics) worker(log *slog.Logger, name string) *slog.Logger {
	failures := m.failures.WithLabelValues(name)
	return slog.New(failureCounter{log.Handler(), failures}).With("worker", name)
}

type failureCounter struct {
	slog.Handler
	failures prometheus.Counter
}

// Handle implements slog.Handler.
func (c failureCounter) Handle(ctx context.Context, line slog.Record) error {
	if line.Level >= slog.LevelError {
		c.failures.Inc()
	}
	return c.Handler.Handle(ctx, line)
}

// WithAttrs implements slog.Handler.
func (c failureCounter) WithAttrs(attrs []slog.Attr) slog.Handler {
	return failureCounter{c.Handler.WithAttrs(attrs), c.failures}
}

// WithGroup implements slog.Handler.
func (c failureCounter) WithGroup(name string) slog.Handler {
	return failureCounter{c.Handler.WithGroup(name), c.failures}
}
