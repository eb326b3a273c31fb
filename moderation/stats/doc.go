// Package stats computes the statistics of moderation: hourly rollups, the dashboard and the transparency
// report.
//
// What lives here: Stats, which reads them, the worker that maintains the rollups, and the storage
// interfaces.
//
// What must not: decisions (package moderation), the health of single rules (package rulebook), SQL and HTTP.
//
// Start reading in dashboard.go, then rollup.go and stats.go.
package stats
