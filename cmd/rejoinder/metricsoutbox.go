package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"rejoinder/notify"
)

// message records that a message of the outbox is done.
func (m *metrics) message(kind notify.Kind, state notify.State, age time.Duration) {
	m.messages.WithLabelValues(string(kind), string(state)).Inc()
	if state == notify.StateSent {
		m.delivery.Observe(max(0, age.Seconds()))
	}
}

// outboxNow is the state of the outbox at a time.
type outboxNow struct {
	notify.OutboxCounts
	now time.Time
}

// cachedCounts caches the last result of a query.
type cachedCounts[T any] struct {
	what string
	read func(context.Context) (T, error)
	now  func() time.Time
	log  *slog.Logger

	mu     sync.Mutex
	last   T
	readAt time.Time
}

func newOutboxCollector(from metricSources) prometheus.Collector {
	counts := &cachedCounts[notify.OutboxCounts]{what: "outbox", read: from.outbox, now: from.now, log: from.log}
	return newStatsCollector([]statMetric[outboxNow]{
		{prometheus.GaugeValue, "rejoinder_outbox_waiting", "Mails waiting in the outbox.",
			func(s outboxNow) float64 { return float64(s.Waiting) }},
		{prometheus.GaugeValue, "rejoinder_outbox_failed", "Mails of the outbox that failed and were not sent again.",
			func(s outboxNow) float64 { return float64(s.Failed) }},
		{prometheus.GaugeValue, "rejoinder_outbox_events", "Events that have not been turned into messages yet.",
			func(s outboxNow) float64 { return float64(s.Events) }},
		{prometheus.GaugeValue, "rejoinder_outbox_oldest_due_seconds",
			"How long the oldest waiting mail has been due; 0 if none is.",
			func(s outboxNow) float64 {
				if s.OldestDue.IsZero() {
					return 0
				}
				return max(0, s.now.Sub(s.OldestDue).Seconds())
			}},
	}, func(tell func(outboxNow, ...string)) {
		if last, now, ok := counts.get(); ok {
			tell(outboxNow{last, now})
		}
	})
}

// get returns the counts, and the time; false if they cannot be read.
func (c *cachedCounts[T]) get() (T, time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if c.readAt.IsZero() || now.Sub(c.readAt) >= queueReadEvery {
		ctx, cancel := context.WithTimeout(context.Background(), queueReadTime)
		defer cancel()
		last, err := c.read(ctx)
		if err != nil {
			c.log.WarnContext(ctx, "count for metrics", "what", c.what, "err", err)
			return last, now, false
		}
		c.last, c.readAt = last, now
	}
	return c.last, now, true
}
