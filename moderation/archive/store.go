package archive

import (
	"context"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/imports"
	"rejoinder/transfer"
)

// Selection is a part of a site. Zero fields select everything.
type Selection struct {
	SiteID       string
	ArticleID    string
	CommenterID  string
	Since, Until time.Time // of the comments' creation; Until is exclusive
	ChangedSince time.Time // comments that were written, edited or decided on since
}

// Partial reports whether the selection leaves anything out.
func (s Selection) Partial() bool {
	return s.ArticleID != "" || s.CommenterID != "" || !s.Since.IsZero() || !s.Until.IsZero() || !s.ChangedSince.IsZero()
}

// ExportStore is the storage of Exporter. Lists are in the order of ids, after one.
type ExportStore interface {
	SiteBySlug(ctx context.Context, slug string) (moderation.Site, error)
	Article(ctx context.Context, siteID, key string) (moderation.Article, error)
	ExportedRulesets(ctx context.Context, siteID string) ([]transfer.Ruleset, error)
	ExportedModerators(ctx context.Context, siteID string) ([]transfer.Moderator, error)
	ExportedArticles(ctx context.Context, sel Selection, after string, limit int) ([]transfer.Article, error)
	// ExportedCommenters returns commenters with sealed emails.
	ExportedCommenters(ctx context.Context, sel Selection, after string, limit int) ([]transfer.Commenter, error)
	// ExportedReaders returns all signed-in readers of the site, also for a part of it.
	ExportedReaders(ctx context.Context, sel Selection, after string, limit int) ([]transfer.SignedReader, error)
	ExportedComments(ctx context.Context, sel Selection, after string, limit int) ([]transfer.NativeComment, error)
	// CommentsWithIDs returns comments of the site, in no order.
	CommentsWithIDs(ctx context.Context, siteID string, ids []string) ([]transfer.NativeComment, error)
	ExportedBlocks(ctx context.Context, siteID string) ([]transfer.Block, error)
	Audit(ctx context.Context, e moderation.AuditEntry) error
}

// Parent holds what a reply needs to know about its parent.
type Parent struct {
	SiteID string
	RootID string
	Depth  int
}

// Row is a comment to restore. Its Comment, with the counters that come with it, belongs to revisions whose
// last has the text that is shown.
type Row struct {
	Comment   moderation.Comment
	Revisions []moderation.SubmissionRecord
	Decisions []moderation.Decision
	Reports   []transfer.Report
	Appeal    *transfer.Appeal
	Notes     []transfer.Note
	Key       string // the source key
}

// Batch is written in one transaction, like imports.Batch.
type Batch struct {
	Import  imports.Import
	Rows    []*Row
	Replies map[string]int
}

// RestoreStore is the storage of Restorer.
type RestoreStore interface {
	imports.UndoStore
	UnfinishedImport(ctx context.Context, i imports.Import) (imports.Import, error)
	// SiteFresh reports whether a site has neither articles nor submissions.
	SiteFresh(ctx context.Context, siteID string) (bool, error)
	// RestoreSite sets name, language, origins and settings, and replaces the rulesets.
	RestoreSite(ctx context.Context, site moderation.Site, rulesets []transfer.Ruleset) error
	// RestoreRulesets adds rulesets that are missing, as further versions, which are not active.
	RestoreRulesets(ctx context.Context, siteID string, rulesets []transfer.Ruleset) error
	// RestoreModerators adds missing accounts, disabled and with the moderator's name.
	RestoreModerators(ctx context.Context, siteID string, moderators []RestoredModerator) error
	// RestoreArticles adds missing articles. It returns the ids of articles that exist under another id.
	RestoreArticles(ctx context.Context, siteID string, articles []transfer.Article) (map[string]string, error)
	// RestoreCommenters does the same for commenters, which are identified by the index of their email.
	RestoreCommenters(ctx context.Context, siteID string, commenters []moderation.Commenter) (map[string]string, error)
	// RestoreReaders does the same for signed-in readers, who are identified by the index of their subject.
	RestoreReaders(ctx context.Context, siteID string, readers []transfer.SignedReader) (map[string]string, error)
	// KnownReaders returns which signed-in readers a site has.
	KnownReaders(ctx context.Context, siteID string, ids []string) ([]string, error)
	// Parents returns the comments that exist.
	Parents(ctx context.Context, ids []string) (map[string]Parent, error)
	RestoreComments(ctx context.Context, b Batch) error
	RestoreBlocks(ctx context.Context, siteID string, blocks []transfer.Block) (int, error)
}

// RestoredModerator is an account that nobody can sign in to.
type RestoredModerator struct {
	ID, Name    string
	EmailIndex  []byte
	EmailSealed []byte
	At          time.Time
}
