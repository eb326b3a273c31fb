package moderation

import (
	"context"
	"fmt"
	"time"
)

// AuditEntry says what a moderator did that is no decision but must be accounted for.
type AuditEntry struct {
	ID          string
	ModeratorID string
	Action      string
	SiteID      string
	SubjectID   string
	Reason      string
	CreatedAt   time.Time
}

// The actions of audit entries.
const (
	AuditRevealEmail     = "reveal_email"
	AuditAddSite         = "add_site"
	AuditChangeSite      = "change_site"
	AuditAddArticle      = "add_article"
	AuditChangeArticle   = "change_article"
	AuditAddAlias        = "add_alias"
	AuditRemoveAlias     = "remove_alias"
	AuditSaveRuleset     = "save_ruleset"
	AuditActivateRuleset = "activate_ruleset"
	AuditAddBlock        = "add_block"
	AuditChangeBlock     = "change_block"
	AuditRemoveBlock     = "remove_block"
)

// AuditStore is the storage that the audit log needs.
type AuditStore interface {
	SiteBySlug(ctx context.Context, slug string) (Site, error)
	// AuditEntries returns entries and attempts to sign in, the newest first.
	AuditEntries(ctx context.Context, q AuditSelect) ([]AuditRow, error)
}

// AuditLog shows admins what was done besides decisions, and who signed in or tried to.
type AuditLog struct {
	Store AuditStore
}

// AuditQuery asks for a page of the log. What is empty does not narrow it.
type AuditQuery struct {
	ModeratorID string // who did it, or to whom it was done
	Action      string // of an entry, or the outcome of an attempt to sign in
	SiteSlug    string
	Since       time.Time
	Until       time.Time // entries before it
	Limit       int
	Cursor      string
}

// AuditSelect is AuditQuery as storage reads it.
type AuditSelect struct {
	// SiteIDs are the sites whose entries are shown, with those about moderators who work on no other; empty for
	// all.
	SiteIDs     []string
	ModeratorID string
	Action      string
	SiteID      string
	Since       time.Time
	Until       time.Time // zero: up to now
	Limit       int
	After       *ThreadKey // nil: from the newest
}

// AuditRow is one entry with the names of what it is about.
type AuditRow struct {
	AuditEntry
	ModeratorName string // empty for the command line, and for a sign-in under an unknown email
	SiteSlug      string // empty for what is about an account
}

// AuditPage is one page of the log.
type AuditPage struct {
	Items      []AuditRow
	NextCursor string // empty: the last page
}

const auditCursor = "audit"

// List returns one page, the newest first. Viewers of certain sites see what is about these sites and about
// moderators who work on no other. Errors: ErrSiteUnknown, ErrCursor.
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
		site, err := a.Store.SiteBySlug(ctx, q.SiteSlug)
		if err == nil && !v.MaySee(site.ID) {
			err = ErrSiteUnknown
		}
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
