package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"rejoinder/handlers"
	"rejoinder/moderation/external"
	"rejoinder/moderation/rulebook"
	"rejoinder/outbound"
)

// externalLimits bound the calls to outside classifiers. Those for which a submission waits end earlier.
var externalLimits = outbound.Limits{Timeout: 10 * time.Second, Response: 64 << 10}

// openExternals reads the classifiers that are set up.
func (a *app) openExternals(ctx context.Context, metrics *metrics) (*external.Admin, error) {
	client := outbound.New(externalLimits, a.config.OutboundNetworks)
	asker := &external.Asker{
		Store: a.db.External, Client: client, Keys: a.keys, Now: time.Now, NewID: newID,
		Secrets: os.DirFS(filepath.Join(a.config.DataDir, external.SecretsFolder)),
		Log:     metrics.worker(a.log, "externals"), Observe: metrics.externalCall,
	}
	if err := asker.Reload(ctx); err != nil {
		return nil, fmt.Errorf("read classifiers: %w", err)
	}
	metrics.followExternals(asker.States)
	return &external.Admin{Store: a.db.ForExternal(), Asker: asker, Now: time.Now, NewID: newID, Random: rand.Reader,
		ParseURL: client.ParseURL}, nil
}

// externalWorkers returns the background workers of the classifiers, which run until ctx ends.
func (a *app) externalWorkers(server *handlers.Server, metrics *metrics) []func(context.Context) {
	asker := server.Externals.Asker
	judge := &rulebook.LateJudge{
		Store: a.db.ForLateJudge(), Rulebook: server.Rulebook, Keys: a.keys, Now: time.Now, NewID: newID,
	}
	worker := &external.Worker{Store: a.db.ForExternalWorker(), Asker: asker, Judge: judge, Now: time.Now, NewID: newID,
		Log: metrics.worker(a.log, "external-calls")}
	return []func(context.Context){asker.Run, worker.Run}
}

// newExternalCalls returns the histogram of calls to outside classifiers.
func newExternalCalls() *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "rejoinder_external_call_duration_seconds",
		Help:    "Time of calls to outside classifiers by outcome; 0 for answers from the cache and calls that were not sent.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .2, .4, .8, 1.6, 5},
	}, []string{"classifier", "outcome"})
}

// externalCall records a call to an outside classifier.
func (m *metrics) externalCall(classifier, outcome string, took time.Duration) {
	m.external.WithLabelValues(classifier, outcome).Observe(took.Seconds())
}

// followExternals adds the metrics of the state of outside classifiers.
func (m *metrics) followExternals(states func() []external.State) {
	m.registry.MustRegister(newStatsCollector([]statMetric[external.State]{
		{prometheus.GaugeValue, "rejoinder_external_paused",
			"1 while calls to an outside classifier are paused after several failures, or it cannot be called at all.",
			func(s external.State) float64 { return oneIf(s.Paused) }},
		{prometheus.GaugeValue, "rejoinder_external_sent_today", "Calls to an outside classifier since midnight UTC, by all nodes.",
			func(s external.State) float64 { return float64(s.Today.Sent) }},
		{prometheus.GaugeValue, "rejoinder_external_agreed_today",
			"Decisions of moderators since midnight UTC that agree with an outside classifier.",
			func(s external.State) float64 { return float64(s.Today.Agreed) }},
		{prometheus.GaugeValue, "rejoinder_external_disagreed_today",
			"Decisions of moderators since midnight UTC that disagree with an outside classifier.",
			func(s external.State) float64 { return float64(s.Today.Disagreed) }},
	}, func(tell func(external.State, ...string)) {
		for _, s := range states() {
			tell(s, s.Name)
		}
	}, "classifier"))
}
