package imports

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rejoinder/moderation"
)

// undoComments is how many comments are removed in one transaction.
const undoComments = 200

// UndoStore is the storage of Undo.
type UndoStore interface {
	SiteBySlug(ctx context.Context, slug string) (moderation.Site, error)
	// Import returns an import of a site; ErrNotFound.
	Import(ctx context.Context, siteID, id string) (Import, error)
	// Imports returns the newest imports of a site.
	Imports(ctx context.Context, siteID string, limit int) ([]Import, error)
	SaveImport(ctx context.Context, i Import, audit *moderation.AuditEntry) error
	// RepliesToImport counts the comments of others that reply to comments of an import.
	RepliesToImport(ctx context.Context, importID string) (int, error)
	// UndoBatch removes comments of an import that nothing replies to, those with higher ids first, below an
	// id (empty: all). It returns how many, and the id to go on below; empty at the end of the list.
	UndoBatch(ctx context.Context, importID, below string, limit int) (removed int, next string, err error)
}

// Log lists and undoes the imports of sites.
type Log struct {
	Store UndoStore
	Now   func() time.Time
	NewID func() string
}

// List returns the newest imports of a site. ErrSiteUnknown.
func (l *Log) List(ctx context.Context, v moderation.Viewer, slug string) ([]Import, error) {
	site, err := moderation.VisibleSite(ctx, l.Store, v, slug)
	if err != nil {
		return nil, fmt.Errorf("list imports: %w", err)
	}
	return l.Store.Imports(ctx, site.ID, listed)
}

const listed = 100

// Find returns an import of a site. ErrSiteUnknown, ErrNotFound.
func (l *Log) Find(ctx context.Context, v moderation.Viewer, slug, id string) (Import, error) {
	site, err := moderation.VisibleSite(ctx, l.Store, v, slug)
	if err != nil {
		return Import{}, fmt.Errorf("find import: %w", err)
	}
	found, err := l.Store.Import(ctx, site.ID, id)
	if err != nil {
		return Import{}, fmt.Errorf("find import: %w", err)
	}
	return found, nil
}

// Undo removes all comments of an import and everything attached to them. It is refused once somebody has
// replied to one of them. After an interruption, calling it again continues. progress may be nil. Errors:
// *moderation.Invalid, ErrSiteUnknown, ErrNotFound.
func (l *Log) Undo(ctx context.Context, v moderation.Viewer, slug, id string, progress func(removed int)) (int, error) {
	record, err := l.Find(ctx, v, slug, id)
	if err != nil {
		return 0, err
	}
	if record.Status == Undone {
		return 0, nil
	}
	audit := &moderation.AuditEntry{ID: l.NewID(), ModeratorID: v.ModeratorID, Action: moderation.AuditUndoImport,
		SiteID: record.SiteID, SubjectID: record.ID, CreatedAt: l.Now().UTC()}
	if record.Status == Undoing {
		audit = nil
	}
	return undo(ctx, l.Store, record, audit, progress)
}

// undo removes the comments of an import.
func undo(
	ctx context.Context, store UndoStore, record Import, audit *moderation.AuditEntry, progress func(int),
) (int, error) {
	replies, err := store.RepliesToImport(ctx, record.ID)
	if err != nil {
		return 0, fmt.Errorf("undo import: %w", err)
	}
	if replies > 0 {
		var faults moderation.Invalid
		faults.Add("/import", "replied", fmt.Sprintf("The import can't be undone: %d comments reply to its comments.", replies))
		return 0, faults.Err()
	}
	record.Status = Undoing
	if err := store.SaveImport(ctx, record, audit); err != nil {
		return 0, fmt.Errorf("undo import: %w", err)
	}
	total, inPass, below := 0, 0, ""
	for {
		n, next, err := store.UndoBatch(ctx, record.ID, below, undoComments)
		if err != nil {
			return total, fmt.Errorf("undo import: %w", err)
		}
		total, inPass, below = total+n, inPass+n, next
		if progress != nil {
			progress(total)
		}
		if next == "" {
			if inPass == 0 {
				break
			}
			inPass = 0 // what had replies may have none now
		}
	}
	record.Status = Undone
	return total, store.SaveImport(ctx, record, nil)
}

// UndoFailed removes what an import wrote before a fault in its file, so that a broken file leaves nothing
// behind. It also removes what earlier, interrupted runs of the same import wrote.
func UndoFailed(ctx context.Context, store UndoStore, record Import) (Import, error) {
	_, err := undo(ctx, store, record, nil, nil)
	var invalid *moderation.Invalid
	if errors.As(err, &invalid) { // somebody was quick to reply: what is there stays
		return record, nil
	}
	if err == nil {
		record.Status = Undone
	}
	return record, err
}
