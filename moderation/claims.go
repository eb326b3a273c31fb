package moderation

import (
	"context"
	"fmt"
	"time"
)

// Bounds of claims.
const (
	MaxClaimed      = 50 // at once
	MaxClaimMinutes = 30
	// ClaimMinutes is for how long a claim is made, if nothing else is said, and renewed by its holder's decisions.
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
	// RenewClaims renews what the moderator still holds, and returns how many they are.
	RenewClaims(ctx context.Context, c NewClaims) (int, error)
	// ReleaseClaims gives back what a moderator holds of these comments; none stands for all. It returns how many they were.
	ReleaseClaims(ctx context.Context, moderatorID string, commentIDs []string) (int, error)
	// Claims returns the claims on those comments that are held at that time.
	Claims(ctx context.Context, commentIDs []string, at time.Time) (map[string]Claim, error)
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
	sel.UnclaimedAt = claim.At
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

// newClaims is a hold from now on. Zero minutes are ClaimMinutes.
func (q *Queue) newClaims(v Viewer, minutes int) (NewClaims, error) {
	if minutes == 0 {
		minutes = ClaimMinutes
	}
	if minutes < 1 || minutes > MaxClaimMinutes {
		var faults Invalid
		faults.Add("/minutes", "out_of_range", fmt.Sprintf("This is a number from 1 to %d.", MaxClaimMinutes))
		return NewClaims{}, faults.Err()
	}
	now := q.Now().UTC()
	return NewClaims{ModeratorID: v.ModeratorID, At: now, ExpiresAt: now.Add(time.Duration(minutes) * time.Minute)}, nil
}
