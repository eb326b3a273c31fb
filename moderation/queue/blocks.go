package queue

import (
	"context"
	"fmt"
	"time"

	"rejoinder/moderation"
)

// Limits of a block's duration. Addresses change hands, so a block on a network always expires.
const (
	MaxBlockMinutes  = 10 * 366 * 24 * 60
	MaxPrefixMinutes = 90 * 24 * 60
)

// Block matches later submissions by email, domain, name, host or network. It is a fact of every matching
// submission; the ruleset decides what follows.
type Block struct {
	ID            string
	SiteID        string
	Kind          moderation.BlockKind
	Index         []byte            // keyed index of kind and value; never shown
	Shown         string            // value for display; of an email or prefix, its author's name
	Action        moderation.Action // ActionHold, ActionReject or ActionSpam
	Note          string            // for moderators; may be empty
	CommentID     string            // the source comment; empty: none
	ModeratorID   string            // the creator
	ModeratorName string            // set by storage on read
	CreatedAt     time.Time
	ExpiresAt     time.Time // zero: never
}

// Active reports whether the block is in effect.
func (b Block) Active(now time.Time) bool { return b.ExpiresAt.IsZero() || b.ExpiresAt.After(now) }

// NewBlock is a request to create a block.
type NewBlock struct {
	Kind moderation.BlockKind
	// Value is the email, domain, name, host or network. Empty for a block from a comment means the comment's
	// value.
	Value   string
	Action  moderation.Action // empty: ActionHold
	Minutes int               // duration; 0: unlimited
	Note    string
}

// BlockChange is a partial update. Nil fields stay unchanged.
type BlockChange struct {
	Action  *moderation.Action
	Minutes *int // from now; 0: unlimited
	Note    *string
}

// BlockRef identifies a block of a site.
type BlockRef struct {
	SiteSlug string
	ID       string
}

// BlockPage is one page of a site's blocks, newest first. Expired blocks stay listed for a while.
type BlockPage struct {
	Blocks     []Block
	NextCursor string
}

// BlockStore is the storage for blocks. Every write stores its audit entry in the same transaction.
type BlockStore interface {
	// CreateBlock stores a block. indexes are the indexes of its value under all keys. Errors: ErrExists if
	// one of them has an unexpired block.
	CreateBlock(ctx context.Context, b Block, indexes [][]byte, audit moderation.AuditEntry) error
	// Block returns a block of the site, or ErrNotFound.
	Block(ctx context.Context, siteID, id string) (Block, error)
	// Blocks returns a site's blocks after the given key, newest first.
	Blocks(ctx context.Context, siteID string, after *moderation.ThreadKey, limit int) ([]Block, error)
	// UpdateBlock stores action, note and expiry. Errors: ErrNotFound.
	UpdateBlock(ctx context.Context, b Block, audit moderation.AuditEntry) error
	// DeleteBlock deletes a block of the site. Errors: ErrNotFound.
	DeleteBlock(ctx context.Context, siteID, id string, audit moderation.AuditEntry) error
	// PendingSubmissions returns pending comments; After and Until apply to the comments.
	PendingSubmissions(ctx context.Context, q moderation.HistoryQuery) ([]moderation.PendingSubmission, error)
}

// blocksCursor identifies the cursors of this list.
const blocksCursor = "blocks"

// AddBlock creates a block by value. Errors: *Invalid, ErrSiteUnknown, ErrExists.
func (q *Queue) AddBlock(ctx context.Context, v moderation.Viewer, siteSlug string, n NewBlock) (Block, error) {
	site, err := moderation.VisibleSite(ctx, q.Store, v, siteSlug)
	if err != nil {
		return Block{}, fmt.Errorf("add block: %w", err)
	}
	return q.createBlock(ctx, v, Block{SiteID: site.ID}, n)
}

// BlockFrom blocks the author of a comment or a host it links to, see BlockOffers. Errors: *Invalid,
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

// Blocks returns a site's blocks, newest first. Errors: ErrSiteUnknown, ErrCursor.
func (q *Queue) Blocks(
	ctx context.Context, v moderation.Viewer, siteSlug string, p moderation.Paging,
) (BlockPage, error) {
	site, err := moderation.VisibleSite(ctx, q.Store, v, siteSlug)
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
	site, err := moderation.VisibleSite(ctx, q.Store, v, ref.SiteSlug)
	if err != nil {
		return Block{}, err
	}
	if !moderation.ValidID(ref.ID) {
		return Block{}, moderation.ErrNotFound
	}
	return q.Store.Block(ctx, site.ID, ref.ID)
}

// auditBlock records only the block's id: the audit log must not keep its value and note after deletion.
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
		faults.Add("/minutes", "out_of_range", fmt.Sprintf("Must be a number from 0 to %d.", most))
	case minutes == 0 && b.Kind == moderation.BlockPrefix:
		faults.Add("/minutes", "required",
			"Addresses change hands: say how long a block on a network lasts, at most 90 days.")
	case minutes == 0:
		b.ExpiresAt = time.Time{}
	default:
		b.ExpiresAt = now.Add(time.Duration(minutes) * time.Minute)
	}
}
