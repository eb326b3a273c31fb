package main

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"rejoinder/notify"
	"rejoinder/notify/mail"
	"rejoinder/notify/webhook"
	"rejoinder/outbound"
)

// webhooksAtOnce is the number of webhooks that a server sends to at the same time.
const webhooksAtOnce = 16

// webhooks wires the use cases of webhooks.
func (a *app) webhooks(publicURL string) *webhook.Hooks {
	sender := a.webhookSender(publicURL)
	return &webhook.Hooks{Store: a.db.ForWebhooks(), Keys: a.keys, Client: sender.Client, Sender: sender, Now: time.Now,
		NewID: newID, Random: rand.Reader}
}

func (a *app) webhookSender(publicURL string) *webhook.Sender {
	limits := outbound.Limits{Timeout: webhook.RequestTimeout, Response: webhook.MaxResponse}
	return &webhook.Sender{
		Composer: &webhook.Composer{Store: a.db.ForWebhooks(), Keys: a.keys, PublicURL: publicURL},
		Client:   outbound.New(limits, a.config.OutboundNetworks), Keys: a.keys, Now: time.Now, NewID: newID,
	}
}

// outboxWorkers wires the workers that turn events into messages and send them. Without a transport no mail
// is sent.
func (a *app) outboxWorkers(publicURL string, transport mail.Transport, metrics *metrics) []func(context.Context) {
	store := a.db.ForWebhooks()
	hooks := &webhook.Worker{
		Store: store, Sender: a.webhookSender(publicURL), Parallel: webhooksAtOnce, Observe: metrics.webhook,
		Log: metrics.worker(a.log, "webhooks"), Now: time.Now, NewID: newID, Random: randomFraction,
	}
	dispatcher := &notify.Dispatcher{
		Store:    a.db.ForNotifications(),
		Planners: []notify.EventPlanner{&webhook.Planner{Store: store, Now: time.Now, NewID: newID}},
		Log:      metrics.worker(a.log, "outbox"), Now: time.Now,
	}
	workers := []func(context.Context){hooks.Run, dispatcher.Run}
	if transport == nil {
		return workers
	}
	dispatcher.Planners = append(dispatcher.Planners, &notify.Planner{Store: a.db.ForNotifications(), Now: time.Now,
		NewID: newID, UndoTime: undoTime})
	return append(workers, a.mailWorker(publicURL, transport, metrics).Run)
}

// webhookMetrics are those of single requests.
type webhookMetrics struct {
	requests *prometheus.CounterVec
	duration prometheus.Histogram
	delivery prometheus.Histogram
}

func newWebhookMetrics() webhookMetrics {
	return webhookMetrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rejoinder_webhook_requests_total", Help: "Requests to webhooks that were accepted or failed.",
		}, []string{"event", "result"}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "rejoinder_webhook_request_duration_seconds", Help: "Time until a webhook's server responded.",
			Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10},
		}),
		delivery: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "rejoinder_webhook_delivery_seconds",
			Help:    "Time from the creation of a delivery until its webhook's server accepted it.",
			Buckets: []float64{1, 5, 15, 60, 300, 1800, 7200, 28800, 86400},
		}),
	}
}

// webhook records a request.
func (m *metrics) webhook(event webhook.EventType, o webhook.Observation) {
	result := "failed"
	if o.OK {
		result = "accepted"
	}
	m.webhooks.requests.WithLabelValues(string(event), result).Inc()
	m.webhooks.duration.Observe(o.Took.Seconds())
	if o.State == notify.StateSent {
		m.webhooks.delivery.Observe(max(0, o.Age.Seconds()))
	}
}

// webhooksNow is the state of webhooks at a time.
type webhooksNow struct {
	webhook.Counts
	now time.Time
}

func newWebhookCollector(from metricSources) prometheus.Collector {
	counts := &cachedCounts[webhook.Counts]{what: "webhooks", read: from.webhooks, now: from.now, log: from.log}
	return newStatsCollector([]statMetric[webhooksNow]{
		{prometheus.GaugeValue, "rejoinder_webhooks_active", "Webhooks that get deliveries.",
			func(s webhooksNow) float64 { return float64(s.Active) }},
		{prometheus.GaugeValue, "rejoinder_webhooks_paused", "Webhooks that are paused.",
			func(s webhooksNow) float64 { return float64(s.Paused) }},
		{prometheus.GaugeValue, "rejoinder_webhook_deliveries_waiting", "Waiting deliveries to webhooks.",
			func(s webhooksNow) float64 { return float64(s.Waiting) }},
		{prometheus.GaugeValue, "rejoinder_webhook_deliveries_failed",
			"Deliveries to webhooks that failed in the last 30 days and were not sent again.",
			func(s webhooksNow) float64 { return float64(s.Failed) }},
		{prometheus.GaugeValue, "rejoinder_webhook_oldest_due_seconds",
			"How long the oldest waiting delivery to a webhook has been due; 0 if none is.",
			func(s webhooksNow) float64 {
				if s.OldestDue.IsZero() {
					return 0
				}
				return max(0, s.now.Sub(s.OldestDue).Seconds())
			}},
	}, func(tell func(webhooksNow, ...string)) {
		if last, now, ok := counts.get(); ok {
			tell(webhooksNow{last, now})
		}
	})
}
