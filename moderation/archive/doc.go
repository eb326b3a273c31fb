// Package archive exports a site in the native format and imports what was exported: from SQLite to PostgreSQL and
// back, to another installation, or as an archive. Nothing but addresses of readers is lost: exported again, the
// file is the same but for its header.
//
// An Exporter writes lines in an order in which each refers to earlier ones only (export.go). A Restorer reads
// them, keeps their ids, and derives everything else again: HTML, counters, search words (restore.go,
// comments.go). Like other imports, it can go on after it was stopped, and be taken back.
package archive
