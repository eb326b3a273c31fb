package moderation

import (
	"context"
	"fmt"
	"time"
)

// AuditEntry records a moderator's action other than a decision.
type AuditEntry struct {
	ID          string
	ModeratorID string
	Action      string
	SiteID      string
	SubjectID   string
	Reason      string
	CreatedAt   time.Time
}

// Actions of audit entries.
const (
	AuditRevealEmail     = "reveal_email"
	AuditAddSite         = "add_site"
	AuditChangeSite      = "change_site"
	AuditRemoveDemo      = "remove_demo"
	AuditRemoveSite      = "remove_site"
	AuditAddArticle      = "add_article"
	AuditChangeArticle   = "change_article"
	AuditPutArticles     = "put_articles"
	AuditAddAlias        = "add_alias"
	AuditRemoveAlias     = "remove_alias"
	AuditSaveRuleset     = "save_ruleset"
	AuditActivateRuleset = "activate_ruleset"
	AuditAddBlock        = "add_block"
	AuditChangeBlock     = "change_block"
	AuditRemoveBlock     = "remove_block"
	AuditImport          = "import"
	AuditUndoImport      = "undo_import"
	AuditExport          = "export"
	AuditExportSubject   = "export_subject"
	AuditEraseSubject    = "erase_subject"
	AuditRetention       = "apply_retention"

	AuditAddIdentityKey    = "add_identity_key"
	AuditRemoveIdentityKey = "remove_identity_key"
	AuditAddWebhook        = "add_webhook"
	AuditChangeWebhook     = "change_webhook"
	AuditRotateWebhook     = "rotate_webhook_secret"
	AuditRemoveWebhook     = "remove_webhook"

	AuditAddClassifier    = "add_classifier"
	AuditChangeClassifier = "change_classifier"
	AuditRemoveClassifier = "remove_classifier"
)

// AuditStore is the storage of AuditLog.
type AuditStore interface {
	SiteBySlug(ctx context.Context, slug string) (Site, error)
	// AuditEntries returns audit entries and sign-in attempts, newest first.
	AuditEntries(ctx context.Context, q AuditSelect) ([]AuditRow, error)
}

// AuditLog shows admins all audited actions and sign-in attempts.
type AuditLog struct {
	Store AuditStore
}

// AuditQuery asks for a page of the log. Empty fields do not filter.
type AuditQuery struct {
	ModeratorID string // the actor, or the moderator acted on
	Action      string // of an entry, or the outcome of a sign-in attempt
	SiteSlug    string
	Since       time.Time
	Until       time.Time // exclusive
	Limit       int
	Cursor      string
}

// AuditSelect is an AuditQuery for storage.
type AuditSelect struct {
	// SiteIDs limits the result to these sites, and to entries about moderators who work on no others; empty
	// means all.
	SiteIDs     []string
	ModeratorID string
	Action      string
	SiteID      string
	Since       time.Time
	Until       time.Time // zero means now
	Limit       int
	After       *ThreadKey // nil starts with the newest
}

// AuditRow is an entry with the names it refers to.
type AuditRow struct {
	AuditEntry
	ModeratorName string // empty for the command line, and for a sign-in under an unknown email
	SiteSlug      string // empty for entries about a moderator's account
}

// AuditPage is one page of the log.
type AuditPage struct {
	Items      []AuditRow
	NextCursor string // empty on the last page
}

const auditCursor = "audit"

// List returns one page of the log, newest first. Viewers limited to some sites see entries about those sites
// and about moderators who work on no others. Errors: ErrSiteUnknown, ErrCursor.
func (a *AuditLog) List(ctx context.Context, v Viewer, q AuditQuery) (AuditPage, error) {
	sel := AuditSelect{
		SiteIDs:     v.SiteIDs,
		ModeratorID: q.ModeratorID,
		Action:      q.Action,
		Since:       q.Since,
		Until:       q.Until,
		Limit:       q.Limit + 1,
	}
	if q.SiteSlug != "" {
		site, err := VisibleSite(ctx, a.Store, v, q.SiteSlug)
		if err != nil {
			return AuditPage{}, fmt.Errorf("list audit entries: %w", err)
		}
		sel.SiteID = site.ID
	}
	if q.Cursor != "" {
		sel.After = new(ThreadKey)
		if err := DecodeCursor(q.Cursor, auditCursor, sel.After); err != nil {
			return AuditPage{}, err
		}
	}
	rows, err := a.Store.AuditEntries(ctx, sel)
	if err != nil {
		return AuditPage{}, fmt.Errorf("list audit entries: %w", err)
	}
	page := AuditPage{Items: rows}
	if len(rows) > q.Limit {
		page.Items = rows[:q.Limit]
		last := page.Items[q.Limit-1]
		page.NextCursor = EncodeCursor(auditCursor, ThreadKey{CreatedAt: last.CreatedAt, ID: last.ID})
	}
	return page, nil
}
