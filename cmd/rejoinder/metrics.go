package main

import (
	"context"
	"database/sql"
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
	"rejoinder/moderation/rules"
)

// metrics counts for Prometheus. Labels are patterns and statuses, never what a client chose.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	verdicts *prometheus.CounterVec
	judging  prometheus.Histogram

	mu    sync.RWMutex
	known map[answerKind]prometheus.Observer // of requests
}

func newMetrics(pools func() db.Stats) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		known:    map[answerKind]prometheus.Observer{},
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "rejoinder_request_seconds", Help: "Time to answer a request, by method, route and status.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
		}, []string{"method", "route", "status"}),
		verdicts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rejoinder_verdicts_total", Help: "Submissions judged, by what the ruleset concluded.",
		}, []string{"action"}),
		judging: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "rejoinder_rules_seconds", Help: "Time that one evaluation of a ruleset took.",
			Buckets: []float64{.00001, .000025, .00005, .0001, .00025, .0005, .001, .005, .025, .25},
		}),
	}
	m.registry.MustRegister(
		m.requests, m.verdicts, m.judging,
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		poolGauge("read", func() sql.DBStats { return pools().Read }),
		poolGauge("write", func() sql.DBStats { return pools().Write }),
		poolWaits("read", func() sql.DBStats { return pools().Read }),
		poolWaits("write", func() sql.DBStats { return pools().Write }),
	)
	return m
}

func poolGauge(pool string, stats func() sql.DBStats) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "rejoinder_database_connections_in_use", Help: "Database connections that are busy now.",
		ConstLabels: prometheus.Labels{"pool": pool},
	}, func() float64 { return float64(stats().InUse) })
}

func poolWaits(pool string, stats func() sql.DBStats) prometheus.Collector {
	return prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "rejoinder_database_waits_total", Help: "How often a request waited for a database connection.",
		ConstLabels: prometheus.Labels{"pool": pool},
	}, func() float64 { return float64(stats().WaitCount) })
}

// answerKind is what answers are counted by.
type answerKind struct {
	method, route string
	status        int
}

// Answered notes one answered request. Clients choose methods freely, so unusual ones are put together. Looking a
// histogram up by its labels costs as much as the observation, several times over, so those that were needed once are
// remembered; there are as many as routes have statuses.
func (m *metrics) Answered(method, route string, status int, took time.Duration) {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
	default:
		method = "other"
	}
	kind := answerKind{method, route, status}
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

// judges measures rulesets at work.
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

// handler serves /metrics and Go's profiles, for the private listener.
func (m *metrics) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}
