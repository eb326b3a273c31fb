package main

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"rejoinder/moderation/external"
)

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
