package main

import (
	"context"
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

// outboxCounts caches the last result of the query.
type outboxCounts struct {
	metricSources
	mu     sync.Mutex
	last   notify.OutboxCounts
	readAt time.Time
}

func newOutboxCollector(from metricSources) prometheus.Collector {
	counts := &outboxCounts{metricSources: from}
	return newStatsCollector([]statMetric[outboxNow]{
		{prometheus.GaugeValue, "rejoinder_outbox_waiting", "Messages waiting in the outbox.",
			func(s outboxNow) float64 { return float64(s.Waiting) }},
		{prometheus.GaugeValue, "rejoinder_outbox_failed", "Messages of the outbox that failed and were not sent again.",
			func(s outboxNow) float64 { return float64(s.Failed) }},
		{prometheus.GaugeValue, "rejoinder_outbox_events", "Events that have not been turned into messages yet.",
			func(s outboxNow) float64 { return float64(s.Events) }},
		{prometheus.GaugeValue, "rejoinder_outbox_oldest_due_seconds",
			"How long the oldest waiting message has been due; 0 if none is.",
			func(s outboxNow) float64 {
				if s.OldestDue.IsZero() {
					return 0
				}
				return max(0, s.now.Sub(s.OldestDue).Seconds())
			}},
	}, counts.tell)
}

func (o *outboxCounts) tell(tell func(outboxNow, ...string)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.now()
	if o.readAt.IsZero() || now.Sub(o.readAt) >= queueReadEvery {
		ctx, cancel := context.WithTimeout(context.Background(), queueReadTime)
		defer cancel()
		last, err := o.outbox(ctx)
		if err != nil {
			o.log.WarnContext(ctx, "count outbox for metrics", "err", err)
			return
		}
		o.last, o.readAt = last, now
	}
	tell(outboxNow{o.last, now})
}
