// Package imports imports comments from other systems into a site, and undoes imports.
//
// An Importer reads comments from a transfer.Reader and turns each into a draft: it cleans every field,
// converts HTML to Markdown, and maps status and page (draft.go). Drafts are made in parallel, and written
// in the order of the file, in one transaction for each chunk (run.go). Chunks are small while others wait to
// write (chunksize.go). A chunk looks up which of its comments exist already and where their parents are
// (chunk.go), while the chunk before it is written (write.go); replies that come before their parents wait in
// a temporary file (deferred.go). Existing rows are never overwritten, and nobody is notified.
//
// The Report lists as Problems what could not be imported as it was (report.go).
//
// Start with run.go.
package imports
