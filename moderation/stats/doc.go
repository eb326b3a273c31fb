// Package stats computes the statistics of moderation: hourly rollups, the dashboard and the transparency
// report.
//
// It contains Stats, which computes the statistics, RollupWorker, which maintains the rollups, and their
// storage interfaces. It contains no decisions (package moderation), no rule health (package rulebook), no
// SQL and no HTTP.
//
// Start with dashboard.go, then read rollup.go and stats.go.
package stats
