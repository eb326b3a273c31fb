// Package imports brings comments from other systems into a site, and takes them back.
//
// An Importer reads comments from a transfer.Reader and turns each into a draft: it cleans every field, makes
// Markdown of HTML, and maps status and page (draft.go). Drafts are prepared in parallel and written in the
// order of the file, in one transaction for each chunk (run.go). A chunk finds out which of its comments are there
// already and where their parents are (chunk.go); what comes before its parent waits in a temporary file
// (deferred.go). Nothing that exists is overwritten, and nobody is notified.
//
// What could not be kept as it was is a Problem of the Report (report.go).
//
// Start with run.go.
package imports
