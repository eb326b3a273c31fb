package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"rejoinder/db"
	"rejoinder/handlers"
)

// statMetric is one metric of a statsCollector.
type statMetric[S any] struct {
	kind prometheus.ValueType
	name string
	help string
	of   func(S) float64
}

// statsCollector reads a snapshot of statistics and exports each as a metric. The label distinguishes the
// parts of a snapshot; without a label there is one part.
type statsCollector[S any] struct {
	figures []statMetric[S]
	descs   []*prometheus.Desc
	read    func(tell func(part S, label ...string))
}

func newStatsCollector[S any](
	figures []statMetric[S], read func(tell func(part S, label ...string)), label ...string,
) *statsCollector[S] {
	r := &statsCollector[S]{figures: figures, read: read}
	for _, f := range figures {
		r.descs = append(r.descs, prometheus.NewDesc(f.name, f.help, label, nil))
	}
	return r
}

// Describe implements prometheus.Collector.
func (r *statsCollector[S]) Describe(to chan<- *prometheus.Desc) {
	for _, d := range r.descs {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (r *statsCollector[S]) Collect(to chan<- prometheus.Metric) {
	r.read(func(part S, label ...string) {
		for i, f := range r.figures {
			to <- prometheus.MustNewConstMetric(r.descs[i], f.kind, f.of(part), label...)
		}
	})
}

// poolCollector exports the use of database connections.
func poolCollector(pools func() []db.PoolStats) prometheus.Collector {
	return newStatsCollector([]statMetric[db.PoolStats]{
		{prometheus.GaugeValue, "rejoinder_database_connections_max", "Maximum open database connections.",
			func(s db.PoolStats) float64 { return float64(s.MaxOpenConnections) }},
		{prometheus.GaugeValue, "rejoinder_database_connections_open", "Open database connections, in use or idle.",
			func(s db.PoolStats) float64 { return float64(s.OpenConnections) }},
		{prometheus.GaugeValue, "rejoinder_database_connections_in_use", "Database connections in use.",
			func(s db.PoolStats) float64 { return float64(s.InUse) }},
		{prometheus.CounterValue, "rejoinder_database_waits_total", "Number of waits for a database connection.",
			func(s db.PoolStats) float64 { return float64(s.WaitCount) }},
		{prometheus.CounterValue, "rejoinder_database_wait_seconds_total", "Time spent waiting for database connections.",
			func(s db.PoolStats) float64 { return s.WaitDuration.Seconds() }},
	}, func(tell func(db.PoolStats, ...string)) {
		for _, s := range pools() {
			tell(s, s.Pool)
		}
	}, "pool")
}

// follow adds the metrics from the server's own statistics.
func (m *metrics) follow(stats func() handlers.Stats) {
	m.registry.MustRegister(newStatsCollector([]statMetric[handlers.Stats]{
		{prometheus.CounterValue, "rejoinder_page_cache_hits_total", "Requests served from the page cache.",
			func(s handlers.Stats) float64 { return float64(s.CacheHits) }},
		{prometheus.CounterValue, "rejoinder_page_cache_misses_total", "Pages rendered for the cache; concurrent requests for a page share one rendering.",
			func(s handlers.Stats) float64 { return float64(s.CacheMisses) }},
		{prometheus.CounterValue, "rejoinder_page_cache_stale_total", "Requests served a stale page because the database did not respond.",
			func(s handlers.Stats) float64 { return float64(s.CacheStale) }},
		{prometheus.GaugeValue, "rejoinder_page_cache_bytes", "Approximate memory used by cached pages.",
			func(s handlers.Stats) float64 { return float64(s.CacheBytes) }},
		{prometheus.GaugeValue, "rejoinder_page_cache_pages", "Cached pages.",
			func(s handlers.Stats) float64 { return float64(s.CachePages) }},
		{prometheus.GaugeValue, "rejoinder_event_streams", "Open live streams.",
			func(s handlers.Stats) float64 { return float64(s.Streams) }},
		{prometheus.GaugeValue, "rejoinder_http_requests_in_flight", "Requests in flight, except cached pages and live streams.",
			func(s handlers.Stats) float64 { return float64(s.InFlight) }},
		{prometheus.CounterValue, "rejoinder_http_requests_shed_total", "Requests refused because too many were in flight.",
			func(s handlers.Stats) float64 { return float64(s.Shed) }},
		{prometheus.GaugeValue, "rejoinder_http_buffered_bytes", "Bytes of request bodies in memory.",
			func(s handlers.Stats) float64 { return float64(s.Buffered) }},
		{prometheus.CounterValue, "rejoinder_http_bodies_refused_total", "Requests refused because the memory for request bodies was full.",
			func(s handlers.Stats) float64 { return float64(s.BodiesRefused) }},
		{prometheus.GaugeValue, "rejoinder_http_sending_bytes", "Bytes of pages of 32 KiB or more being sent; a cached page counts once.",
			func(s handlers.Stats) float64 { return float64(s.Sending) }},
		{prometheus.CounterValue, "rejoinder_http_pages_refused_total", "Requests for uncached pages refused because too many large pages were being sent.",
			func(s handlers.Stats) float64 { return float64(s.PagesRefused) }},
		{prometheus.CounterValue, "rejoinder_http_pages_refused_by_address_total", "Requests for uncached pages refused because one client address exceeded its share.",
			func(s handlers.Stats) float64 { return float64(s.PagesRefusedOfClients) }},
		{prometheus.GaugeValue, "rejoinder_http_hashing_requests", "Requests that are hashing a password or waiting to.",
			func(s handlers.Stats) float64 { return float64(s.Hashing) }},
		{prometheus.CounterValue, "rejoinder_http_hashing_refused_total", "Requests refused because too many passwords were being hashed.",
			func(s handlers.Stats) float64 { return float64(s.HashingRefused) }},
	}, func(tell func(handlers.Stats, ...string)) { tell(stats()) }))
}
