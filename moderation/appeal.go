package moderation

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// Limits of appeals.
const (
	MaxAppealCharacters = 1_000
	// AppealsPerMinute is the maximum number of appeals per minute from one IP address.
	AppealsPerMinute = 10
)

// Appeal is an author's appeal against the rejection of a comment.
type Appeal struct {
	CommentID   string
	Body        string // empty once the comment is erased
	ModeratorID string // the moderator who rejected the comment; empty for the ruleset
	CreatedAt   time.Time
	ResolvedAt  time.Time // zero while the appeal is open
	Outcome     Status    // resulting status of the comment; empty while the appeal is open
}

// Open reports whether the appeal still awaits a moderator's decision.
func (a Appeal) Open() bool { return a.ResolvedAt.IsZero() }

// AppealRequest is an author's request to appeal.
type AppealRequest struct {
	CommentID string
	Receipt   string
	Body      string
	Address   netip.Addr
}

// AppealStore is the storage of appeals.
type AppealStore interface {
	// Appeals returns the appeals of the given comments by comment ID. Comments without one are absent.
	Appeals(ctx context.Context, commentIDs []string) (map[string]Appeal, error)
	// CreateAppeal stores the appeal, the moderator it is against, and the decision that returns the comment
	// to the queue, in one transaction. Errors: ErrVersion, ErrNoAppeal if the comment was appealed before.
	CreateAppeal(ctx context.Context, a Appeal, d Decision) error
}

// Appeal returns a rejected comment to the queue for the holder of its receipt, once per comment. It
// publishes nothing: a moderator other than the one who rejected the comment should review it. Errors:
// *Invalid, *RateLimitError, ErrReceipt, ErrNoAppeal.
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

// appeal returns ErrVersion if another decision was made concurrently.
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

// withAppeal sets when the comment was appealed, or whether it can be.
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
