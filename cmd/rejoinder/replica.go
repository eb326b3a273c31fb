package main

import (
	"context"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"rejoinder/db"
	"rejoinder/moderation"
)

// openReplica opens the replica, if configured. It need not be reachable yet.
func (a *app) openReplica(metrics *metrics) (err error) {
	if a.config.ReplicaURL == "" {
		return nil
	}
	a.replica, err = db.OpenReplica(a.db, a.config.ReplicaURL, a.config.ReplicaLag)
	if err != nil {
		return fmt.Errorf("prepare replica: %w", err)
	}
	metrics.watchReplica(a.replica.ReplicaStats)
	return nil
}

func (a *app) closeReplica() {
	if a.replica == nil {
		return
	}
	if err := a.replica.CloseReplica(); err != nil {
		a.log.Warn("close connections to the replica", "err", err)
	}
}

// threads returns the storage for reading threads.
func (a *app) threads() moderation.ThreadStore {
	if a.replica != nil {
		return a.replica
	}
	return a.db.ForThreads()
}

// followReplica monitors the replica until ctx ends.
func (a *app) followReplica(ctx context.Context) {
	if a.replica == nil {
		return
	}
	a.replica.Follow(ctx, func(unused error) {
		if unused != nil {
			a.log.WarnContext(ctx, "the replica is not used for now", "err", unused)
			return
		}
		a.log.InfoContext(ctx, "the replica is in use")
	})
}

// watchReplica adds the replica's metrics.
func (m *metrics) watchReplica(stats func() db.ReplicaStats) {
	m.registry.MustRegister(newStatsCollector([]statMetric[db.ReplicaStats]{
		{
			prometheus.GaugeValue,
			"rejoinder_replica_lag_seconds",
			"Upper bound on the read replica's lag, to within about a second.",
			func(s db.ReplicaStats) float64 { return s.Lag.Seconds() },
		},
		{prometheus.CounterValue, "rejoinder_replica_reads_total", "Reads of threads from the replica.",
			func(s db.ReplicaStats) float64 { return float64(s.Reads) }},
		{
			prometheus.CounterValue,
			"rejoinder_replica_fallbacks_total",
			"Reads of threads from the primary because the replica was unreachable or lagging.",
			func(s db.ReplicaStats) float64 { return float64(s.Fallbacks) },
		},
		{prometheus.GaugeValue, "rejoinder_replica_connections_in_use", "Connections to the replica in use.",
			func(s db.ReplicaStats) float64 { return float64(s.Pool.InUse) }},
	}, func(tell func(db.ReplicaStats, ...string)) { tell(stats()) }))
}
