package rulebook

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/rules"
)

// WorkingDraft is a moderator's unsaved ruleset of a site.
type WorkingDraft struct {
	SiteID      string
	ModeratorID string
	From        int // the version that it was started from
	Source      string
	ChangedAt   time.Time
}

// DraftStore is the storage of working drafts.
type DraftStore interface {
	// WorkingDraft returns a moderator's draft of a site's ruleset. Errors: ErrNotFound.
	WorkingDraft(ctx context.Context, siteID, moderatorID string) (WorkingDraft, error)
	// KeepDraft stores a draft in place of the earlier one.
	KeepDraft(ctx context.Context, d WorkingDraft) error
	// DiscardDraft deletes a draft, if there is one.
	DiscardDraft(ctx context.Context, siteID, moderatorID string) error
}

// Drafts keep the changes of moderators that are not saved as a version yet: one draft per moderator and site.
type Drafts struct {
	Store    DraftStore
	Rulebook *Rulebook
	Now      func() time.Time
}

// OpenDraft is the ruleset that a moderator works on.
type OpenDraft struct {
	WorkingDraft
	Active moderation.Ruleset // the version that judges
	Exists bool               // it differs from the active version
}

// Outdated reports whether another version was activated since the draft was started.
func (d OpenDraft) Outdated() bool { return d.Exists && d.From != d.Active.Version }

// Open returns the moderator's draft, or the active version if there is none. Errors: ErrSiteUnknown.
func (d *Drafts) Open(ctx context.Context, v moderation.Viewer, siteSlug string) (OpenDraft, error) {
	site, err := d.Rulebook.site(ctx, v, siteSlug)
	if err != nil {
		return OpenDraft{}, fmt.Errorf("open draft: %w", err)
	}
	active, err := d.Rulebook.store.Ruleset(ctx, site.ActiveRulesetID)
	if err != nil {
		return OpenDraft{}, fmt.Errorf("open draft: %w", err)
	}
	open := OpenDraft{Active: active}
	open.WorkingDraft, err = d.Store.WorkingDraft(ctx, site.ID, v.ModeratorID)
	switch {
	case errors.Is(err, moderation.ErrNotFound) || err == nil && open.Source == active.Source:
		open.WorkingDraft = WorkingDraft{SiteID: site.ID, ModeratorID: v.ModeratorID, From: active.Version, Source: active.Source}
	case err != nil:
		return OpenDraft{}, fmt.Errorf("open draft: %w", err)
	default:
		open.Exists = true
	}
	return open, nil
}

// Keep stores the changed source of a draft. It need not be valid yet. A draft that says what the active version
// says is discarded. Errors: *moderation.Invalid, ErrSiteUnknown.
func (d *Drafts) Keep(ctx context.Context, v moderation.Viewer, siteSlug, source string) error {
	if len(source) > rules.MaxDocumentBytes {
		var faults moderation.Invalid
		faults.Add("/source", "too_long", fmt.Sprintf("A ruleset has at most %d bytes.", rules.MaxDocumentBytes))
		return faults.Err()
	}
	open, err := d.Open(ctx, v, siteSlug)
	if err != nil {
		return err
	}
	if source == open.Active.Source {
		err = d.Store.DiscardDraft(ctx, open.SiteID, v.ModeratorID)
	} else {
		open.Source, open.ChangedAt = source, d.Now().UTC()
		err = d.Store.KeepDraft(ctx, open.WorkingDraft)
	}
	if err != nil {
		return fmt.Errorf("keep draft: %w", err)
	}
	return nil
}

// Discard deletes the moderator's draft. Errors: ErrSiteUnknown.
func (d *Drafts) Discard(ctx context.Context, v moderation.Viewer, siteSlug string) error {
	site, err := d.Rulebook.site(ctx, v, siteSlug)
	if err == nil {
		err = d.Store.DiscardDraft(ctx, site.ID, v.ModeratorID)
	}
	if err != nil {
		return fmt.Errorf("discard draft: %w", err)
	}
	return nil
}

// Changes returns what the draft changes of the active version. Errors: *rules.Faults if the draft is not valid,
// ErrSiteUnknown, ErrCompiling.
func (d *Drafts) Changes(ctx context.Context, v moderation.Viewer, open OpenDraft) (rules.Changes, error) {
	compiled, err := d.Rulebook.check(ctx, v, []byte(open.Source))
	if err != nil {
		return rules.Changes{}, fmt.Errorf("compare draft: %w", err)
	}
	changes, err := rules.Compare(ctx, open.Active.Document(), rules.Document{Source: []byte(open.Source), Base: compiled.Base()})
	if err != nil {
		return rules.Changes{}, fmt.Errorf("compare draft: %w", err)
	}
	return changes, nil
}

// Save saves the draft as the site's next version, which is not active yet. Errors: those of Rulebook.Save.
func (d *Drafts) Save(ctx context.Context, v moderation.Viewer, siteSlug, note string) (moderation.Ruleset, error) {
	open, err := d.Open(ctx, v, siteSlug)
	if err != nil {
		return moderation.Ruleset{}, err
	}
	saved, err := d.Rulebook.Save(ctx, v, siteSlug, Draft{Source: open.Source, Note: note})
	if err != nil {
		return moderation.Ruleset{}, err
	}
	return saved, d.Discard(ctx, v, siteSlug)
}
