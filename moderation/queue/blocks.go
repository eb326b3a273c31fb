package queue

import (
	"context"
	"fmt"
	"time"

	"rejoinder/moderation"
)

// The limits of how long a block lasts. Addresses change hands, so a block on a network ends by itself.
const (
	MaxBlockMinutes  = 10 * 366 * 24 * 60
	MaxPrefixMinutes = 90 * 24 * 60
)

// Block matches later submissions by email, domain, name, host or network. It becomes a fact of every
// submission that it matches; the ruleset decides what to do about that.
type Block struct {
	ID            string
	SiteID        string
	Kind          moderation.BlockKind
	Index         []byte            // keyed index of kind and value; never shown
	Shown         string            // the value for people; of an email or a prefix, the name of who sent the comment that it was made from
	Action        moderation.Action // ActionHold, ActionReject or ActionSpam
	Note          string            // for moderators; may be empty
	CommentID     string            // which comment it was made from; empty for none
	ModeratorID   string            // who made it
	ModeratorName string            // set by storage when it is read
	CreatedAt     time.Time
	ExpiresAt     time.Time // zero: until it is removed
}

// Active reports whether the block still counts.
func (b Block) Active(now time.Time) bool { return b.ExpiresAt.IsZero() || b.ExpiresAt.After(now) }

// NewBlock is a request to create a block.
type NewBlock struct {
	Kind moderation.BlockKind
	// Value is the email, domain, name, host or network. For a block from a comment, empty means the comment's
	// value.
	Value   string
	Action  moderation.Action // empty: ActionHold
	Minutes int               // how long it lasts; 0: until it is removed
	Note    string
}

// BlockChange is a partial change: nil leaves a field as it is.
type BlockChange struct {
	Action  *moderation.Action
	Minutes *int // from now on; 0: until it is removed
	Note    *string
}

// BlockRef names a block of a site.
type BlockRef struct {
	SiteSlug string
	ID       string
}

// BlockPage is one page of a site's blocks, newest first; expired ones stay for a while.
type BlockPage struct {
	Blocks     []Block
	NextCursor string
}

// BlockStore is the storage of blocks. Every write carries its audit entry into the same transaction.
type BlockStore interface {
	// CreateBlock returns ErrExists when a block that has not ended stands under one of the indexes, which are
	// those of its value under every key.
	CreateBlock(ctx context.Context, b Block, indexes [][]byte, audit moderation.AuditEntry) error
	// Block returns ErrNotFound when the site has none with that id.
	Block(ctx context.Context, siteID, id string) (Block, error)
	// Blocks returns a site's blocks after the given place, newest first.
	Blocks(ctx context.Context, siteID string, after *moderation.ThreadKey, limit int) ([]Block, error)
	// UpdateBlock writes action, note and end. ErrNotFound.
	UpdateBlock(ctx context.Context, b Block, audit moderation.AuditEntry) error
	// DeleteBlock returns ErrNotFound when the site has none with that id.
	DeleteBlock(ctx context.Context, siteID, id string, audit moderation.AuditEntry) error
	// PendingSubmissions returns pending comments; After and Until apply to the comments.
	PendingSubmissions(ctx context.Context, q moderation.HistoryQuery) ([]moderation.PendingSubmission, error)
}

// blocksCursor is what cursors of this list carry.
const blocksCursor = "blocks"

// AddBlock blocks something by its value. Errors: *Invalid, ErrSiteUnknown, ErrExists.
func (q *Queue) AddBlock(ctx context.Context, v moderation.Viewer, siteSlug string, n NewBlock) (Block, error) {
	site, err := q.site(ctx, v, siteSlug)
	if err != nil {
		return Block{}, fmt.Errorf("add block: %w", err)
	}
	return q.createBlock(ctx, v, Block{SiteID: site.ID}, n)
}

// BlockFrom blocks the author of a comment, or a host that it links to; see BlockOffers. Errors: *Invalid,
// ErrNotFound, ErrExists.
func (q *Queue) BlockFrom(ctx context.Context, v moderation.Viewer, commentID string, n NewBlock) (Block, error) {
	row, err := q.visible(ctx, v, commentID)
	if err != nil {
		return Block{}, fmt.Errorf("block from comment: %w", err)
	}
	traits, err := q.blockTraits(ctx, row)
	if err != nil {
		return Block{}, fmt.Errorf("block from comment: %w", err)
	}
	if n.Value == "" {
		if n.Value, err = onlyTrait(traits, n.Kind); err != nil {
			return Block{}, err
		}
	}
	return q.createBlock(ctx, v, Block{SiteID: row.Comment.SiteID, CommentID: commentID, Shown: row.Comment.AuthorName}, n)
}

func (q *Queue) createBlock(ctx context.Context, v moderation.Viewer, b Block, n NewBlock) (Block, error) {
	now := q.Now().UTC()
	var faults moderation.Invalid
	value, shown := n.Kind.Canonical(&faults, n.Value)
	if shown != "" {
		b.Shown = shown
	}
	b.Kind, b.Action, b.Note = n.Kind, n.Action, n.Note
	if b.Action == "" {
		b.Action = moderation.ActionHold
	}
	b.prepare(&faults)
	b.last(&faults, n.Minutes, now)
	if err := faults.Err(); err != nil {
		return Block{}, err
	}
	indexes := q.Keys.KindIndexes(string(b.Kind), value)
	b.ID, b.Index, b.ModeratorID, b.CreatedAt = q.NewID(), indexes[0], v.ModeratorID, now
	if err := q.Store.CreateBlock(ctx, b, indexes, q.auditBlock(v, moderation.AuditAddBlock, b)); err != nil {
		return Block{}, fmt.Errorf("add block: %w", err)
	}
	return b, nil
}

// Blocks lists a site's blocks, newest first. Errors: ErrSiteUnknown, ErrCursor.
func (q *Queue) Blocks(
	ctx context.Context, v moderation.Viewer, siteSlug string, p moderation.Paging,
) (BlockPage, error) {
	site, err := q.site(ctx, v, siteSlug)
	if err != nil {
		return BlockPage{}, fmt.Errorf("list blocks: %w", err)
	}
	var after *moderation.ThreadKey
	if p.Cursor != "" {
		after = new(moderation.ThreadKey)
		if err := moderation.DecodeCursor(p.Cursor, blocksCursor, after); err != nil {
			return BlockPage{}, fmt.Errorf("list blocks: %w", err)
		}
	}
	blocks, err := q.Store.Blocks(ctx, site.ID, after, p.Limit+1)
	if err != nil {
		return BlockPage{}, fmt.Errorf("list blocks: %w", err)
	}
	page := BlockPage{Blocks: blocks}
	if len(blocks) > p.Limit {
		page.Blocks = blocks[:p.Limit]
		last := page.Blocks[p.Limit-1]
		page.NextCursor = moderation.EncodeCursor(blocksCursor, moderation.ThreadKey{CreatedAt: last.CreatedAt, ID: last.ID})
	}
	return page, nil
}

// ChangeBlock changes a block's action, expiry or note. Errors: *Invalid, ErrSiteUnknown, ErrNotFound.
func (q *Queue) ChangeBlock(ctx context.Context, v moderation.Viewer, ref BlockRef, change BlockChange) (Block, error) {
	b, err := q.block(ctx, v, ref)
	if err != nil {
		return Block{}, fmt.Errorf("change block: %w", err)
	}
	if change.Action != nil {
		b.Action = *change.Action
	}
	if change.Note != nil {
		b.Note = *change.Note
	}
	var faults moderation.Invalid
	b.prepare(&faults)
	if change.Minutes != nil {
		b.last(&faults, *change.Minutes, q.Now().UTC())
	}
	if err := faults.Err(); err != nil {
		return Block{}, err
	}
	if err := q.Store.UpdateBlock(ctx, b, q.auditBlock(v, moderation.AuditChangeBlock, b)); err != nil {
		return Block{}, fmt.Errorf("change block: %w", err)
	}
	return b, nil
}

// RemoveBlock deletes a block. Errors: ErrSiteUnknown, ErrNotFound.
func (q *Queue) RemoveBlock(ctx context.Context, v moderation.Viewer, ref BlockRef) error {
	b, err := q.block(ctx, v, ref)
	if err == nil {
		err = q.Store.DeleteBlock(ctx, b.SiteID, b.ID, q.auditBlock(v, moderation.AuditRemoveBlock, b))
	}
	if err != nil {
		return fmt.Errorf("remove block: %w", err)
	}
	return nil
}

func (q *Queue) block(ctx context.Context, v moderation.Viewer, ref BlockRef) (Block, error) {
	site, err := q.site(ctx, v, ref.SiteSlug)
	if err != nil {
		return Block{}, err
	}
	if !moderation.ValidID(ref.ID) {
		return Block{}, moderation.ErrNotFound
	}
	return q.Store.Block(ctx, site.ID, ref.ID)
}

// site returns a site that the viewer may see, or ErrSiteUnknown.
func (q *Queue) site(ctx context.Context, v moderation.Viewer, slug string) (moderation.Site, error) {
	site, err := q.Store.SiteBySlug(ctx, slug)
	if err == nil && !v.MaySee(site.ID) {
		err = moderation.ErrSiteUnknown
	}
	return site, err
}

// auditBlock records only the block's id: its value and note must not outlive it.
func (q *Queue) auditBlock(v moderation.Viewer, action string, b Block) moderation.AuditEntry {
	return moderation.AuditEntry{
		ID:          q.NewID(),
		ModeratorID: v.ModeratorID,
		Action:      action,
		SiteID:      b.SiteID,
		SubjectID:   b.ID,
		CreatedAt:   q.Now().UTC(),
	}
}

// prepare validates and normalizes action and note.
func (b *Block) prepare(faults *moderation.Invalid) {
	switch b.Action {
	case moderation.ActionHold, moderation.ActionReject, moderation.ActionSpam:
	default:
		faults.Add("/action", "unknown", "The action is one of hold, reject, spam.")
	}
	b.Note = moderation.CleanReason(faults, "/note", b.Note)
}

// last sets the expiry.
func (b *Block) last(faults *moderation.Invalid, minutes int, now time.Time) {
	most := MaxBlockMinutes
	if b.Kind == moderation.BlockPrefix {
		most = MaxPrefixMinutes
	}
	switch {
	case minutes < 0 || minutes > most:
		faults.Add("/minutes", "out_of_range", fmt.Sprintf("This is a number from 0 to %d.", most))
	case minutes == 0 && b.Kind == moderation.BlockPrefix:
		faults.Add("/minutes", "required",
			"Addresses change hands: say how long a block on a network lasts, at most 90 days.")
	case minutes == 0:
		b.ExpiresAt = time.Time{}
	default:
		b.ExpiresAt = now.Add(time.Duration(minutes) * time.Minute)
	}
}
