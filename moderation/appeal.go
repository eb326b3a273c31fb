package moderation

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// The limits of appeals.
const (
	MaxAppealCharacters = 1_000
	// AppealsPerMinute is how many appeals one address may send in a minute.
	AppealsPerMinute = 10
)

// Appeal is what the writer of a rejected comment said against the rejection.
type Appeal struct {
	CommentID   string
	Body        string // empty once the comment was erased
	ModeratorID string // who rejected the comment; empty for the ruleset
	CreatedAt   time.Time
	ResolvedAt  time.Time // zero: it is open
	Outcome     Status    // what the comment became; empty while it is open
}

// Open reports whether no moderator has answered it yet.
func (a Appeal) Open() bool { return a.ResolvedAt.IsZero() }

// AppealRequest is what a writer sends against the rejection of a comment.
type AppealRequest struct {
	CommentID string
	Receipt   string
	Body      string
	Address   netip.Addr
}

// AppealStore is the storage that appeals need.
type AppealStore interface {
	// Appeals returns the appeals about those comments that have one.
	Appeals(ctx context.Context, commentIDs []string) (map[string]Appeal, error)
	// CreateAppeal makes the decision, which takes the comment back to the queue, and stores the appeal with the
	// moderator whose decision it is about, in one transaction. ErrVersion, ErrNoAppeal when there was one
	// before.
	CreateAppeal(ctx context.Context, a Appeal, d Decision) error
}

// Appeal takes a rejected comment back to the queue for the holder of its receipt, once. Nothing becomes
// public by it: a moderator other than the one who rejected it should look. Errors: *Invalid,
// *RateLimitError, ErrReceipt, ErrNoAppeal.
func (o *AuthorService) Appeal(ctx context.Context, ob AppealRequest) (AuthorView, error) {
	if !validReceipt(o.Keys, ob.CommentID, ob.Receipt) {
		return AuthorView{}, fmt.Errorf("appeal: %w", ErrReceipt)
	}
	if wait, ok := o.Limiter.AllowAddress(ob.Address); !ok {
		return AuthorView{}, &RateLimitError{RetryAfter: wait}
	}
	var faults Invalid
	ob.Body = cleanWords(&faults, "/text", ob.Body, MaxAppealCharacters)
	if len(faults.Fields) == 0 && ob.Body == "" {
		faults.Add("/text", "required", "Please say why the comment should be published.")
	}
	if err := faults.Err(); err != nil {
		return AuthorView{}, err
	}
	for range changeTries {
		err := o.appeal(ctx, ob)
		if err == nil {
			return o.Show(ctx, ob.CommentID, ob.Receipt)
		}
		if !errors.Is(err, ErrVersion) {
			return AuthorView{}, fmt.Errorf("appeal: %w", err)
		}
	}
	return AuthorView{}, fmt.Errorf("appeal: %w", ErrBusy)
}

// appeal returns ErrVersion when a decision came in between.
func (o *AuthorService) appeal(ctx context.Context, ob AppealRequest) error {
	c, s, err := o.Store.CommentText(ctx, ob.CommentID)
	if err != nil {
		return err
	}
	if c.Status != StatusRejected {
		return ErrNoAppeal
	}
	now := o.Now().UTC()
	return o.Store.CreateAppeal(ctx, Appeal{CommentID: c.ID, Body: ob.Body, CreatedAt: now}, Decision{
		ID: o.NewID(), SiteID: c.SiteID, CommentID: c.ID, Version: c.Version + 1, Action: ActionHold,
		From: StatusRejected, To: StatusPending, Actor: ActorCommenter, SubmissionID: s.ID, CreatedAt: now,
	})
}

// withAppeal adds to a writer's view what became of an appeal, or whether there may be one.
func (o *AuthorView) withAppeal(ctx context.Context, store AppealStore) error {
	appeals, err := store.Appeals(ctx, []string{o.ID})
	if err != nil {
		return err
	}
	appeal, appealed := appeals[o.ID]
	o.AppealedAt = appeal.CreatedAt
	o.MayAppeal = o.Status == StatusRejected && !appealed
	return nil
}
