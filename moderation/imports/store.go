package imports

import (
	"context"
	"time"

	"rejoinder/moderation"
)

// Status is the state of an import.
type Status string

// States of an import.
const (
	Running Status = "running"
	Done    Status = "done"
	Failed  Status = "failed"  // it stopped early; running it again continues
	Undoing Status = "undoing" // its comments are being removed
	Undone  Status = "undone"
)

// Import is one run of reading a file into a site.
type Import struct {
	ID        string
	SiteID    string
	Format    string
	Source    string // the system in which the comments have their ids
	FileName  string
	Status    Status
	Report    Report
	Learn     bool   // the site's classifier learns from its decisions
	CreatedBy string // moderator id; empty for the command line
	StartedAt time.Time
	UpdatedAt time.Time
}

// Ref is a comment that was imported before.
type Ref struct {
	Key        string // the source key
	CommentID  string
	RootID     string
	Depth      int
	ArticleKey string
	CreatedAt  time.Time
}

// Row holds all rows that one imported comment writes.
type Row struct {
	moderation.NewComment
	Key string // the source key, which no other comment of the site has
}

// Batch is written in one transaction.
type Batch struct {
	Import Import
	Rows   []*Row // parents first
	// Replies counts, for comments that were there before, the approved rows below them that reply to them or
	// to another row of the batch.
	Replies map[string]int
}

// Store is the storage of Importer.
type Store interface {
	UndoStore
	// UnfinishedImport returns the newest import of a site from a source and file that did not end; ErrNotFound.
	UnfinishedImport(ctx context.Context, i Import) (Import, error)
	// Imported returns the comments of a site that have one of the source keys.
	Imported(ctx context.Context, siteID string, keys []string) ([]Ref, error)
	// CommenterIDs returns the ids of a site's commenters by the index of their email.
	CommenterIDs(ctx context.Context, siteID string, indexes [][]byte) (map[string]string, error)
	// WriteImported writes a batch. It reports whether others waited meanwhile to write. ErrExists if
	// another process wrote one of its keys meanwhile.
	WriteImported(ctx context.Context, b Batch) (contended bool, err error)
}
