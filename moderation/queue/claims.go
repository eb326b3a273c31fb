package queue

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"rejoinder/moderation"
)

// Bounds of claims.
const (
	MaxClaimed      = 50 // at once
	MaxClaimMinutes = 30
	// ClaimMinutes is for how long a claim is made, and renewed by its holder's decisions, if Queue.ClaimFor is
	// not set.
	ClaimMinutes = 5
)

// Claim is a moderator's hold on a comment. It ends by itself.
type Claim struct {
	CommentID   string
	ModeratorID string
	Moderator   string // the name
	ExpiresAt   time.Time
}

// Claimed is ErrClaimed with who holds the comment, and until when.
type Claimed struct{ Claim Claim }

// Error says that somebody else holds the comment.
func (c *Claimed) Error() string { return moderation.ErrClaimed.Error() }

// Unwrap returns ErrClaimed.
func (c *Claimed) Unwrap() error { return moderation.ErrClaimed }

// ErrTabLeft rejects a claim that arrives after its page was left: nobody would release it.
var ErrTabLeft = errors.New("the page that claims was left")

// ClaimTab is the browser tab that a request comes from. Requests are numbered per tab, so that late ones are
// recognised. The zero value means no tab.
type ClaimTab struct {
	ID  string
	Seq int64
}

// maxTabID bounds the id of a tab, in bytes.
const maxTabID = 64

func (t ClaimTab) check() error {
	var faults moderation.Invalid
	plain := func(r rune) bool {
		return r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	}
	if len(t.ID) > maxTabID || strings.ContainsFunc(t.ID, func(r rune) bool { return !plain(r) }) {
		faults.Add("/tab", "malformed", "Must be at most 64 letters, digits and hyphens.")
	}
	if t.Seq < 0 {
		faults.Add("/seq", "out_of_range", "Must not be negative.")
	}
	return faults.Err()
}

// ClaimTerms are a claim's duration and tab.
type ClaimTerms struct {
	Minutes int // 0: Queue.ClaimLength
	Tab     ClaimTab
}

// NewClaims is a hold on some comments that is about to be made.
type NewClaims struct {
	ModeratorID string
	Tab         ClaimTab
	At          time.Time
	ExpiresAt   time.Time
}

// LeftTab says that a tab's page was left: the claims of its earlier requests are released, except those on
// Keep.
type LeftTab struct {
	ModeratorID string
	Tab         ClaimTab
	Keep        []string // ids of comments
	At          time.Time
}

// ClaimStore is the storage of claims.
type ClaimStore interface {
	// Claim takes the first unclaimed comments of a selection, and returns them in its order. Concurrent
	// callers get different comments. The moderator's earlier claims are renewed. ErrTabLeft.
	Claim(ctx context.Context, q QueueSelect, c NewClaims) ([]QueueRow, error)
	// ClaimComment takes one comment, or renews the moderator's own claim on it. *Claimed if another
	// moderator holds it, ErrNotFound, ErrTransition if it is deleted, ErrTabLeft.
	ClaimComment(ctx context.Context, commentID string, c NewClaims) error
	// RenewClaims renews what the moderator still holds, and returns how many they are.
	RenewClaims(ctx context.Context, c NewClaims) (int, error)
	// ReleaseClaims gives back what a moderator holds of these comments; none stands for all. It returns how
	// many they were.
	ReleaseClaims(ctx context.Context, moderatorID string, commentIDs []string) (int, error)
	// LeaveTab releases what the tab's earlier requests claimed, except what it keeps, and refuses those of
	// them that arrive later.
	LeaveTab(ctx context.Context, left LeftTab) error
	// Claims returns the claims on those comments that are held at that time.
	Claims(ctx context.Context, commentIDs []string, at time.Time) (map[string]Claim, error)
	// HeldClaims returns all claims on comments of those sites that are held at that time, by comment; none asks
	// for all sites.
	HeldClaims(ctx context.Context, siteIDs []string, at time.Time) ([]Claim, error)
}

// Holding is what a moderator got by claiming.
type Holding struct {
	Items     []QueueItem
	ExpiresAt time.Time
}

// Claim takes the next unclaimed comments for this moderator, as many as the query's limit, for some minutes,
// and renews the moderator's earlier claims. The query must have no cursor. Errors: *Invalid, ErrSiteUnknown,
// ErrNotFound, ErrTransition for deleted comments, ErrTabLeft.
func (q *Queue) Claim(ctx context.Context, v moderation.Viewer, query QueueQuery, terms ClaimTerms) (Holding, error) {
	claim, err := q.newClaims(v, terms)
	if err != nil {
		return Holding{}, err
	}
	if query.Limit < 1 || query.Limit > MaxClaimed {
		var faults moderation.Invalid
		faults.Add("/count", "out_of_range", fmt.Sprintf("This is a number from 1 to %d.", MaxClaimed))
		return Holding{}, faults.Err()
	}
	if query.Status == moderation.StatusDeleted {
		return Holding{}, fmt.Errorf("claim deleted comments: %w", moderation.ErrTransition)
	}
	query.Cursor = ""
	sel, err := q.selection(ctx, v, query)
	if err != nil {
		return Holding{}, fmt.Errorf("claim comments: %w", err)
	}
	sel.UnclaimedAt, sel.HolderID = claim.At, ""
	rows, err := q.Store.Claim(ctx, sel, claim)
	if err != nil {
		return Holding{}, fmt.Errorf("claim comments: %w", err)
	}
	items, err := q.items(ctx, rows)
	if err != nil {
		return Holding{}, fmt.Errorf("claim comments: %w", err)
	}
	return Holding{Items: items, ExpiresAt: claim.ExpiresAt}, nil
}

// ClaimOne claims one comment for this moderator for some minutes, or renews the claim. Errors: *Invalid,
// ErrNotFound, ErrTransition if it is deleted, ErrClaimed as *Claimed if another moderator holds it,
// ErrTabLeft.
func (q *Queue) ClaimOne(ctx context.Context, v moderation.Viewer, commentID string, terms ClaimTerms) (Claim, error) {
	claim, err := q.newClaims(v, terms)
	if err != nil {
		return Claim{}, err
	}
	row, err := q.visible(ctx, v, commentID)
	if err != nil {
		return Claim{}, fmt.Errorf("claim a comment: %w", err)
	}
	if err := q.Store.ClaimComment(ctx, row.Comment.ID, claim); err != nil {
		return Claim{}, fmt.Errorf("claim a comment: %w", err)
	}
	held, err := q.Store.Claims(ctx, []string{row.Comment.ID}, claim.At)
	if err != nil {
		return Claim{}, fmt.Errorf("claim a comment: %w", err)
	}
	return held[row.Comment.ID], nil
}

// Held returns who holds what now, on the sites that the viewer works on.
func (q *Queue) Held(ctx context.Context, v moderation.Viewer) ([]Claim, error) {
	held, err := q.Store.HeldClaims(ctx, v.SiteIDs, q.Now().UTC())
	if err != nil {
		return nil, fmt.Errorf("find claims: %w", err)
	}
	return held, nil
}

// Renew keeps what the moderator still holds for some more minutes, and returns how many comments those are,
// and until when. Errors: *Invalid.
func (q *Queue) Renew(ctx context.Context, v moderation.Viewer, minutes int) (int, time.Time, error) {
	claim, err := q.newClaims(v, ClaimTerms{Minutes: minutes})
	if err != nil {
		return 0, time.Time{}, err
	}
	n, err := q.Store.RenewClaims(ctx, claim)
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("renew claims: %w", err)
	}
	return n, claim.ExpiresAt, nil
}

// Release gives back what the moderator holds of these comments, or all without any, and returns how many
// those were.
func (q *Queue) Release(ctx context.Context, v moderation.Viewer, commentIDs []string) (int, error) {
	n, err := q.Store.ReleaseClaims(ctx, v.ModeratorID, commentIDs)
	if err != nil {
		return 0, fmt.Errorf("release claims: %w", err)
	}
	return n, nil
}

// Leave records that the viewer left a tab's page. Claims by requests with a lower number are released,
// except on the comments that the tab keeps; such requests that arrive later claim nothing. Errors: *Invalid.
func (q *Queue) Leave(ctx context.Context, v moderation.Viewer, tab ClaimTab, keep []string) error {
	if err := tab.check(); err != nil {
		return err
	}
	keep = slices.DeleteFunc(slices.Clone(keep), func(id string) bool { return !moderation.ValidID(id) })
	err := q.Store.LeaveTab(ctx, LeftTab{ModeratorID: v.ModeratorID, Tab: tab, Keep: keep, At: q.Now().UTC()})
	if err != nil {
		return fmt.Errorf("leave a tab: %w", err)
	}
	return nil
}

// ClaimLength is for how long a claim is made when nothing else is said.
func (q *Queue) ClaimLength() time.Duration { return cmp.Or(q.ClaimFor, ClaimMinutes*time.Minute) }

// newClaims returns a claim starting now.
func (q *Queue) newClaims(v moderation.Viewer, terms ClaimTerms) (NewClaims, error) {
	if err := terms.Tab.check(); err != nil {
		return NewClaims{}, err
	}
	if terms.Minutes < 0 || terms.Minutes > MaxClaimMinutes {
		var faults moderation.Invalid
		faults.Add("/minutes", "out_of_range", fmt.Sprintf("This is a number from 1 to %d.", MaxClaimMinutes))
		return NewClaims{}, faults.Err()
	}
	now := q.Now().UTC()
	length := cmp.Or(time.Duration(terms.Minutes)*time.Minute, q.ClaimLength())
	return NewClaims{ModeratorID: v.ModeratorID, Tab: terms.Tab, At: now, ExpiresAt: now.Add(length)}, nil
}
