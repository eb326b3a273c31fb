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

// Limits of claims.
const (
	MaxClaimed      = 50 // per request
	MaxClaimMinutes = 30
	// ClaimMinutes is the default of Queue.ClaimFor: the duration of a claim, also when its holder's
	// decisions renew it.
	ClaimMinutes = 5
)

// Claim reserves a comment for one moderator until it expires.
type Claim struct {
	CommentID   string
	ModeratorID string
	Moderator   string // name
	ExpiresAt   time.Time
}

// ClaimedError is ErrClaimed with the other moderator's claim.
type ClaimedError struct{ Claim Claim }

// Error implements error.
func (c *ClaimedError) Error() string { return moderation.ErrClaimed.Error() }

// Unwrap returns ErrClaimed.
func (c *ClaimedError) Unwrap() error { return moderation.ErrClaimed }

// ErrTabClosed rejects a claim that arrives after its tab was closed, because nobody would release it.
var ErrTabClosed = errors.New("the page of the claim was closed")

// ClaimTab is the browser tab of a request. Requests are numbered per tab to detect late ones. The zero value
// means no tab.
type ClaimTab struct {
	ID  string
	Seq int64
}

// maxTabID is the maximum length of a tab id in bytes.
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

// ClaimTerms are the duration and tab of a claim.
type ClaimTerms struct {
	Minutes int // 0: Queue.ClaimLength
	Tab     ClaimTab
}

// NewClaims are the properties of claims to create.
type NewClaims struct {
	ModeratorID string
	Tab         ClaimTab
	At          time.Time
	ExpiresAt   time.Time
}

// ClosedTab describes a tab that was closed or left. Claims of its earlier requests are released, except
// those on Keep.
type ClosedTab struct {
	ModeratorID string
	Tab         ClaimTab
	Keep        []string // comment ids
	At          time.Time
}

// ClaimStore is the storage for claims.
type ClaimStore interface {
	// Claim claims the first unclaimed comments of a selection, and returns them in its order. Concurrent
	// callers get different comments. It also renews the moderator's earlier claims. Errors: ErrTabClosed.
	Claim(ctx context.Context, q Select, c NewClaims) ([]Row, error)
	// ClaimComment claims one comment, or renews the moderator's own claim. Errors: *ClaimedError if another
	// moderator holds it, ErrNotFound, ErrTransition if it is deleted, ErrTabClosed.
	ClaimComment(ctx context.Context, commentID string, c NewClaims) error
	// RenewClaims renews the moderator's current claims and returns their number.
	RenewClaims(ctx context.Context, c NewClaims) (int, error)
	// ReleaseClaims releases a moderator's claims on these comments, or all claims if commentIDs is empty. It
	// returns the number of released claims.
	ReleaseClaims(ctx context.Context, moderatorID string, commentIDs []string) (int, error)
	// CloseTab releases the claims of the tab's earlier requests, except those to keep, and rejects such
	// requests if they arrive later.
	CloseTab(ctx context.Context, left ClosedTab) error
	// Claims returns the claims on these comments active at the given time, by comment id.
	Claims(ctx context.Context, commentIDs []string, at time.Time) (map[string]Claim, error)
	// HeldClaims returns all claims on comments of these sites active at the given time, ordered by comment.
	// Empty siteIDs means all sites.
	HeldClaims(ctx context.Context, siteIDs []string, at time.Time) ([]Claim, error)
}

// ClaimResult lists the claimed comments.
type ClaimResult struct {
	Items     []Item
	ExpiresAt time.Time
}

// Claim claims the next unclaimed comments for this moderator, up to the query's limit, and renews the
// moderator's earlier claims. The query must have no cursor. Errors: *Invalid, ErrSiteUnknown, ErrNotFound,
// ErrTransition for deleted comments, ErrTabClosed.
func (q *Queue) Claim(ctx context.Context, v moderation.Viewer, query Query, terms ClaimTerms) (ClaimResult, error) {
	claim, err := q.newClaims(v, terms)
	if err != nil {
		return ClaimResult{}, err
	}
	if query.Limit < 1 || query.Limit > MaxClaimed {
		var faults moderation.Invalid
		faults.Add("/count", "out_of_range", fmt.Sprintf("Must be a number from 1 to %d.", MaxClaimed))
		return ClaimResult{}, faults.Err()
	}
	if query.Status == moderation.StatusDeleted {
		return ClaimResult{}, fmt.Errorf("claim deleted comments: %w", moderation.ErrTransition)
	}
	query.Cursor = ""
	sel, err := q.selection(ctx, v, query)
	if err != nil {
		return ClaimResult{}, fmt.Errorf("claim comments: %w", err)
	}
	sel.UnclaimedAt, sel.HolderID = claim.At, ""
	rows, err := q.Store.Claim(ctx, sel, claim)
	if err != nil {
		return ClaimResult{}, fmt.Errorf("claim comments: %w", err)
	}
	items, err := q.items(ctx, rows)
	if err != nil {
		return ClaimResult{}, fmt.Errorf("claim comments: %w", err)
	}
	return ClaimResult{Items: items, ExpiresAt: claim.ExpiresAt}, nil
}

// ClaimOne claims one comment for this moderator, or renews the claim. Errors: *Invalid, ErrNotFound,
// ErrTransition if it is deleted, *ClaimedError (wraps ErrClaimed) if another moderator holds it,
// ErrTabClosed.
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

// Held returns all active claims on the viewer's sites; none to viewers who are limited to their own articles.
func (q *Queue) Held(ctx context.Context, v moderation.Viewer) ([]Claim, error) {
	if v.AuthorOnly {
		return nil, nil
	}
	held, err := q.Store.HeldClaims(ctx, v.SiteIDs, q.Now().UTC())
	if err != nil {
		return nil, fmt.Errorf("find claims: %w", err)
	}
	return held, nil
}

// Renew extends the moderator's active claims and returns their number and the new expiry. Errors: *Invalid.
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

// Release releases the moderator's claims on these comments, or all claims if commentIDs is empty. It returns
// the number of released claims.
func (q *Queue) Release(ctx context.Context, v moderation.Viewer, commentIDs []string) (int, error) {
	n, err := q.Store.ReleaseClaims(ctx, v.ModeratorID, commentIDs)
	if err != nil {
		return 0, fmt.Errorf("release claims: %w", err)
	}
	return n, nil
}

// CloseTab records that the viewer left the page in a tab. Claims by requests with a lower number are
// released, except those to keep; such requests that arrive later claim nothing. Errors: *Invalid.
func (q *Queue) CloseTab(ctx context.Context, v moderation.Viewer, tab ClaimTab, keep []string) error {
	if err := tab.check(); err != nil {
		return err
	}
	keep = slices.DeleteFunc(slices.Clone(keep), func(id string) bool { return !moderation.ValidID(id) })
	err := q.Store.CloseTab(ctx, ClosedTab{ModeratorID: v.ModeratorID, Tab: tab, Keep: keep, At: q.Now().UTC()})
	if err != nil {
		return fmt.Errorf("close a tab: %w", err)
	}
	return nil
}

// ClaimLength is the default duration of a claim.
func (q *Queue) ClaimLength() time.Duration { return cmp.Or(q.ClaimFor, ClaimMinutes*time.Minute) }

// newClaims returns a claim starting now.
func (q *Queue) newClaims(v moderation.Viewer, terms ClaimTerms) (NewClaims, error) {
	if err := terms.Tab.check(); err != nil {
		return NewClaims{}, err
	}
	if terms.Minutes < 0 || terms.Minutes > MaxClaimMinutes {
		var faults moderation.Invalid
		faults.Add("/minutes", "out_of_range", fmt.Sprintf("Must be a number from 1 to %d.", MaxClaimMinutes))
		return NewClaims{}, faults.Err()
	}
	now := q.Now().UTC()
	length := cmp.Or(time.Duration(terms.Minutes)*time.Minute, q.ClaimLength())
	return NewClaims{ModeratorID: v.ModeratorID, Tab: terms.Tab, At: now, ExpiresAt: now.Add(length)}, nil
}
