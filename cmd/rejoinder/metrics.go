package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/pprof"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"rejoinder/db"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
	"rejoinder/moderation/rules"
	"rejoinder/notify"
	"rejoinder/notify/webhook"
)

// metrics are the Prometheus metrics. Labels are route patterns, statuses and site slugs, never values chosen
// by clients. docs/metrics.md documents them in full; a test compares the two.
type metrics struct {
	registry  *prometheus.Registry
	requests  *prometheus.HistogramVec
	verdicts  *prometheus.CounterVec
	judging   prometheus.Histogram
	decisions *prometheus.CounterVec
	deciding  prometheus.Histogram
	failures  *prometheus.CounterVec // of workers
	messages  *prometheus.CounterVec // that are done
	delivery  prometheus.Histogram
	webhooks  webhookMetrics
	external  *prometheus.HistogramVec // calls to outside classifiers
	reachable prometheus.Gauge         // the database
	writable  prometheus.Gauge         // likewise

	mu    sync.RWMutex
	known map[responseLabels]prometheus.Observer // cached histograms of requests
}

// metricSources are the sources read on each scrape.
type metricSources struct {
	pools      func() []db.PoolStats
	batchSizes *prometheus.HistogramVec
	counts     func(context.Context) ([]queue.SiteCounts, error)
	outbox     func(context.Context) (notify.OutboxCounts, error)
	webhooks   func(context.Context) (webhook.Counts, error)
	now        func() time.Time
	log        *slog.Logger
}

func newMetrics(from metricSources) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		known:    map[responseLabels]prometheus.Observer{},
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "rejoinder_http_request_duration_seconds", Help: "Time to produce the response to a request.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"method", "route", "status"}),
		verdicts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rejoinder_verdicts_total", Help: "Verdicts of rulesets on submissions.",
		}, []string{"action"}),
		judging: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "rejoinder_rules_evaluation_duration_seconds", Help: "Time to evaluate a ruleset once.",
			Buckets: []float64{.00001, .000025, .00005, .0001, .00025, .0005, .001, .005, .025, .25},
		}),
		decisions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rejoinder_decisions_total", Help: "Decisions by moderators; a bulk decision counts once per comment.",
		}, []string{"action"}),
		deciding: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "rejoinder_decision_wait_seconds",
			Help:    "Time from the submission of a held comment to a moderator's decision.",
			Buckets: []float64{60, 300, 900, 1800, 3600, 7200, 14400, 28800, 86400, 172800, 604800},
		}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rejoinder_worker_failures_total", Help: "Failed runs of background workers; each is retried.",
		}, []string{"worker"}),
	}
	m.messages = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "rejoinder_outbox_messages_total", Help: "Mails of the outbox that were sent, dropped or failed.",
	}, []string{"kind", "state"})
	m.delivery = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "rejoinder_outbox_delivery_seconds", Help: "Time from the creation of a mail until it was sent.",
		Buckets: []float64{1, 5, 15, 60, 300, 1800, 7200, 28800, 86400},
	})
	m.webhooks = newWebhookMetrics()
	m.external = newExternalCalls()
	m.reachable = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "rejoinder_database_reachable", Help: "1 while the database responds, 0 while it does not.",
	})
	m.writable = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "rejoinder_database_writable",
		Help: "1 while the database accepts writes, 0 while its disk is full, it is read-only, or it does not respond.",
	})
	m.reachable.Set(1)
	m.writable.Set(1)
	built := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "rejoinder_build_info", Help: "Always 1; the label is the running version.",
	}, []string{"version"})
	built.WithLabelValues(version()).Set(1)
	m.registry.MustRegister(
		m.messages, m.delivery, newOutboxCollector(from), m.external,
		m.webhooks.requests, m.webhooks.duration, m.webhooks.delivery, newWebhookCollector(from),
		m.requests, m.verdicts, m.judging, m.decisions, m.deciding, m.failures, m.reachable, m.writable, built,
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		from.batchSizes, poolCollector(from.pools),
		newQueueCollector(from),
	)
	return m
}

// newBatchSizes returns the histogram of calls per database batch. It is created before the other metrics,
// since the database is opened before them.
func newBatchSizes() *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "rejoinder_database_batch_size", Help: "Concurrent calls executed in one batch.",
		Buckets: []float64{1, 2, 4, 8, 16, 32, 64},
	}, []string{"of"})
}

// responseLabels are the labels of response metrics.
type responseLabels struct {
	method, route string
	status        int
}

// ObserveRequest records a request. Unusual methods share one label, since clients choose methods freely.
// Looking up a histogram by labels costs several times the observation, so it caches them: there is one for
// each method, route and status.
func (m *metrics) ObserveRequest(method, route string, status int, took time.Duration) {
	switch method {
	case http.MethodGet,
		http.MethodHead,
		http.MethodPost,
		http.MethodPut,
		http.MethodPatch,
		http.MethodDelete,
		http.MethodOptions:
	default:
		method = "other"
	}
	kind := responseLabels{method, route, status}
	m.mu.RLock()
	observer := m.known[kind]
	m.mu.RUnlock()
	if observer == nil {
		observer = m.requests.WithLabelValues(method, route, strconv.Itoa(status))
		m.mu.Lock()
		m.known[kind] = observer
		m.mu.Unlock()
	}
	observer.Observe(took.Seconds())
}

// judges measures ruleset evaluations.
func (m *metrics) judges(of moderation.Judges) moderation.Judges { return measuredJudges{of, m} }

type measuredJudges struct {
	moderation.Judges
	metrics *metrics
}

func (j measuredJudges) Judge(ctx context.Context, rulesetID string) (moderation.Judge, error) {
	judge, err := j.Judges.Judge(ctx, rulesetID)
	if err != nil {
		return nil, err
	}
	return measuredJudge{judge, j.metrics}, nil
}

type measuredJudge struct {
	moderation.Judge
	metrics *metrics
}

func (j measuredJudge) Evaluate(ctx context.Context, facts *rules.Facts) rules.Verdict {
	start := time.Now()
	verdict := j.Judge.Evaluate(ctx, facts)
	j.metrics.judging.Observe(time.Since(start).Seconds())
	j.metrics.verdicts.WithLabelValues(string(verdict.Action)).Inc()
	return verdict
}

// handler serves /metrics and Go's profiles for the private listener.
func (m *metrics) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}
