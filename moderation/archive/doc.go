// Package archive exports a site in the native format and imports such files, to move the site between SQLite
// and PostgreSQL or to another installation, or to archive it. IP addresses are not exported. A file that is
// imported and exported again differs only in its header.
//
// An Exporter writes lines that refer only to earlier lines (export.go). A Restorer reads them, keeps their
// ids, and derives HTML, counters and search words again (restore.go, comments.go). Like other imports, it
// can continue after an interruption, and be undone.
package archive
