package moderation

import (
	"cmp"
	"context"
	"fmt"
	"time"
)

// Bounds of claims.
const (
	MaxClaimed      = 50 // at once
	MaxClaimMinutes = 30
	// ClaimMinutes is for how long a claim is made, and renewed by its holder's decisions, if Queue.ClaimFor is not set.
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
func (c *Claimed) Error() string { return ErrClaimed.Error() }

// Unwrap returns ErrClaimed.
func (c *Claimed) Unwrap() error { return ErrClaimed }

// NewClaims is a hold on some comments that is about to be made.
type NewClaims struct {
	ModeratorID string
	At          time.Time
	ExpiresAt   time.Time
}

// ClaimStore is the storage of claims.
type ClaimStore interface {
	// Claim takes the first comments of a selection that nobody holds, and returns them in its order. Of two that claim at
	// the same time, each gets others. What the moderator held before is renewed.
	Claim(ctx context.Context, q QueueSelect, c NewClaims) ([]QueueRow, error)
	// ClaimComment takes one comment, or renews the moderator's own claim on it. *Claimed when another holds it, ErrNotFound.
	ClaimComment(ctx context.Context, commentID string, c NewClaims) error
	// RenewClaims renews what the moderator still holds, and returns how many they are.
	RenewClaims(ctx context.Context, c NewClaims) (int, error)
	// ReleaseClaims gives back what a moderator holds of these comments; none stands for all. It returns how many they were.
	ReleaseClaims(ctx context.Context, moderatorID string, commentIDs []string) (int, error)
	// Claims returns the claims on those comments that are held at that time.
	Claims(ctx context.Context, commentIDs []string, at time.Time) (map[string]Claim, error)
	// HeldClaims returns all claims on comments of those sites that are held at that time, by comment; none asks for all sites.
	HeldClaims(ctx context.Context, siteIDs []string, at time.Time) ([]Claim, error)
}

// Holding is what a moderator got by claiming.
type Holding struct {
	Items     []QueueItem
	ExpiresAt time.Time
}

// Claim takes the next comments that nobody holds for this moderator, as many as the query's limit, for some minutes; what
// the moderator held before is renewed. The query has no cursor. Errors: *Invalid, ErrSiteUnknown, ErrNotFound.
func (q *Queue) Claim(ctx context.Context, v Viewer, query QueueQuery, minutes int) (Holding, error) {
	claim, err := q.newClaims(v, minutes)
	if err != nil {
		return Holding{}, err
	}
	if query.Limit < 1 || query.Limit > MaxClaimed {
		var faults Invalid
		faults.Add("/count", "out_of_range", fmt.Sprintf("This is a number from 1 to %d.", MaxClaimed))
		return Holding{}, faults.Err()
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

// ClaimOne takes one comment for this moderator, for some minutes, or keeps it for longer. Errors: *Invalid, ErrNotFound,
// ErrClaimed as *Claimed when another moderator holds it.
func (q *Queue) ClaimOne(ctx context.Context, v Viewer, commentID string, minutes int) (Claim, error) {
	claim, err := q.newClaims(v, minutes)
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
func (q *Queue) Held(ctx context.Context, v Viewer) ([]Claim, error) {
	held, err := q.Store.HeldClaims(ctx, v.SiteIDs, q.Now().UTC())
	if err != nil {
		return nil, fmt.Errorf("find claims: %w", err)
	}
	return held, nil
}

// Renew keeps what the moderator still holds for some more minutes, and returns how many comments those are, and until when.
// Errors: *Invalid.
func (q *Queue) Renew(ctx context.Context, v Viewer, minutes int) (int, time.Time, error) {
	claim, err := q.newClaims(v, minutes)
	if err != nil {
		return 0, time.Time{}, err
	}
	n, err := q.Store.RenewClaims(ctx, claim)
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("renew claims: %w", err)
	}
	return n, claim.ExpiresAt, nil
}

// Release gives back what the moderator holds of these comments, or all without any, and returns how many those were.
func (q *Queue) Release(ctx context.Context, v Viewer, commentIDs []string) (int, error) {
	n, err := q.Store.ReleaseClaims(ctx, v.ModeratorID, commentIDs)
	if err != nil {
		return 0, fmt.Errorf("release claims: %w", err)
	}
	return n, nil
}

// ClaimLength is for how long a claim is made when nothing else is said.
func (q *Queue) ClaimLength() time.Duration { return cmp.Or(q.ClaimFor, ClaimMinutes*time.Minute) }

// newClaims is a hold from now on. Zero minutes are ClaimLength.
func (q *Queue) newClaims(v Viewer, minutes int) (NewClaims, error) {
	if minutes < 0 || minutes > MaxClaimMinutes {
		var faults Invalid
		faults.Add("/minutes", "out_of_range", fmt.Sprintf("This is a number from 1 to %d.", MaxClaimMinutes))
		return NewClaims{}, faults.Err()
	}
	now := q.Now().UTC()
	length := cmp.Or(time.Duration(minutes)*time.Minute, q.ClaimLength())
	return NewClaims{ModeratorID: v.ModeratorID, At: now, ExpiresAt: now.Add(length)}, nil
}
