// Package stats computes the figures of moderation: hourly rollups, the dashboard and the transparency
// report.
//
// What lives here: Figures, which reads them, the worker that keeps the rollups, and the storage interfaces
// that they need.
//
// What must not: decisions (package moderation), the health of single rules (package rulebook), SQL and HTTP.
//
// Start reading in dashboard.go, then rollup.go and stats.go.
package stats
