package moderation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"rejoinder/moderation/rules"
	"rejoinder/privacy"
)

// AuthorView is a comment as its author sees it.
type AuthorView struct {
	ID           string
	ParentID     string
	Status       Status // spam shows as pending, so that spammers learn nothing
	PublicReason string
	// ReasonCode is the rule's code of PublicReason; empty if it has none, or if a moderator wrote the
	// reason.
	ReasonCode string
	Locale     string // of the site
	AuthorName string
	AuthorURL  string
	Badges     []string // public ones of a signed-in reader
	AvatarURL  string   // of a signed-in reader, if the site allows it; empty for none
	Body       string   // Markdown as written
	BodyHTML   string
	Version    int // of the text; decisions do not change it, since one may be "spam"
	CreatedAt  time.Time
	EditedAt   time.Time // zero if never edited
	EditUntil  time.Time // zero if not editable
	UpVotes    int
	DownVotes  int
	Votes      VoteSetting // the site's setting
	MayAppeal  bool        // it was rejected and not appealed yet
	AppealedAt time.Time   // zero if never appealed
	// SecondReader reports that a moderator rejected the comment: another one must decide on an appeal.
	SecondReader bool
	// Statement is the statement of reasons for a rejection or a moderator's deletion; nil otherwise.
	Statement *Statement
}

// newAuthorView shows a comment with the submission of its current text.
func newAuthorView(site Site, c Comment, s SubmissionRecord) AuthorView {
	own := AuthorView{
		ID:           c.ID,
		ParentID:     c.ParentID,
		Status:       c.Status,
		PublicReason: c.PublicReason,
		ReasonCode:   toldCode(s.Verdict, c.PublicReason),
		Locale:       site.Locale,
		MayAppeal:    c.Status == StatusRejected,
		AuthorName:   c.AuthorName,
		AuthorURL:    c.AuthorURL,
		Badges:       PublicBadges(c.Badges),
		Body:         s.Body,
		BodyHTML:     c.BodyHTML,
		Version:      c.Revision,
		CreatedAt:    c.CreatedAt,
		EditedAt:     c.EditedAt,
		UpVotes:      c.UpVotes,
		DownVotes:    c.DownVotes,
		Votes:        site.Settings.Votes,
	}
	if site.Settings.AllowsAvatar(c.AvatarURL) {
		own.AvatarURL = c.AvatarURL
	}
	if c.Status == StatusSpam {
		own.Status = StatusPending
	}
	if minutes := site.Settings.EditWindowMinutes; minutes > 0 && editable(c.Status) {
		own.EditUntil = c.CreatedAt.Add(time.Duration(minutes) * time.Minute)
	}
	return own
}

// toldCode returns the reason code that a stored verdict has for the reason shown to the author.
func toldCode(verdict []byte, told string) string {
	if told == "" || len(verdict) == 0 {
		return ""
	}
	var v rules.Verdict
	if err := json.Unmarshal(verdict, &v); err != nil {
		return "" // an unreadable verdict has no code, and the reason is shown as it is
	}
	return v.CodeOf(told)
}

// Gone reports whether the comment has been erased. A comment deleted by a moderator exists until then: the
// deletion may be undone, and the author may still read the reason.
func (o AuthorView) Gone() bool { return o.Status == StatusDeleted && o.AuthorName == "" }

// AuthorReason returns the reason shown to the author of a comment. For spam it is that of a held comment, so
// that the author cannot tell the two apart.
func AuthorReason(v rules.Verdict) string {
	if v.Action != rules.Spam {
		return v.PublicReason()
	}
	held := rules.Verdict{Action: rules.Hold, Hits: v.Hits}
	priority := 0
	for _, hit := range v.Hits {
		holds := hit.Mode == rules.Enforce && hit.Action == rules.Hold
		if holds && (held.Cause == "" || hit.Priority > priority) {
			held.Cause, priority = hit.Rule, hit.Priority
		}
	}
	return held.PublicReason()
}

// editable reports whether comments with status s can be edited. Rejected and deleted ones cannot.
func editable(s Status) bool {
	return s == StatusPending || s == StatusApproved || s == StatusSpam
}

// withDecisions sets the fields that depend on the log: the statement, and no EditUntil for a declined
// comment.
func (o *AuthorView) withDecisions(ctx context.Context, store AuthorStore, site Site, now time.Time) error {
	refused := o.Status == StatusRejected || o.Status == StatusDeleted
	if !refused && now.After(o.EditUntil) {
		return nil
	}
	log, err := store.Decisions(ctx, o.ID)
	if err != nil {
		return err
	}
	log = EffectiveDecisions(log)
	if declined(log) {
		o.EditUntil = time.Time{}
	}
	if !refused {
		return nil
	}
	return o.withStatement(ctx, store, site, log)
}

// AuthorStore is the storage of AuthorService.
type AuthorStore interface {
	// CommentText returns a comment with the text of its current revision, or ErrNotFound.
	CommentText(ctx context.Context, id string) (Comment, SubmissionRecord, error)
	locationStore
	// EraseComment records the decision (a deletion) and removes the text of every revision. Errors:
	// ErrVersion.
	EraseComment(ctx context.Context, d Decision) error
	// Decisions returns a comment's log, oldest first.
	Decisions(ctx context.Context, commentID string) ([]Decision, error)
	// OtherModerators reports whether another active moderator works on the site.
	OtherModerators(ctx context.Context, siteID, moderatorID string) (bool, error)
	// EraseText removes the text of every revision of a deleted comment.
	EraseText(ctx context.Context, commentID string) error
	AppealStore
	EraseStore
}

// AuthorService lets authors view, withdraw, appeal and erase their own comments by receipt. Editor handles
// edits.
type AuthorService struct {
	Store   AuthorStore
	Keys    *privacy.Keyring
	Limiter AddressLimiter // for appeals
	Now     func() time.Time
	NewID   func() string
}

// Show returns the comment to the holder of its receipt. It returns ErrReceipt for a wrong receipt and for an
// unknown comment alike, so that IDs cannot be probed.
func (o *AuthorService) Show(ctx context.Context, id, receipt string) (AuthorView, error) {
	if !validReceipt(o.Keys, id, receipt) {
		return AuthorView{}, fmt.Errorf("show own comment: %w", ErrReceipt)
	}
	c, s, err := o.Store.CommentText(ctx, id)
	if err != nil {
		return AuthorView{}, fmt.Errorf("show own comment: %w", err)
	}
	site, err := o.Store.Site(ctx, c.SiteID)
	if err != nil {
		return AuthorView{}, fmt.Errorf("show own comment: %w", err)
	}
	own := newAuthorView(site, c, s)
	if err := own.withAppeal(ctx, o.Store); err != nil {
		return AuthorView{}, fmt.Errorf("show own comment: %w", err)
	}
	if err := own.withDecisions(ctx, o.Store, site, o.Now()); err != nil {
		return AuthorView{}, fmt.Errorf("show own comment: %w", err)
	}
	return own, nil
}

// Withdraw deletes the comment for the holder of its receipt and erases its text from every table, even if a
// moderator deleted it before. Withdrawing twice is not an error. Errors: ErrReceipt, ErrBusy.
func (o *AuthorService) Withdraw(ctx context.Context, id, receipt string) error {
	if !validReceipt(o.Keys, id, receipt) {
		return fmt.Errorf("withdraw: %w", ErrReceipt)
	}
	for range changeTries {
		if err := o.withdraw(ctx, id); !errors.Is(err, ErrVersion) {
			return err
		}
	}
	return fmt.Errorf("withdraw: %w", ErrBusy)
}

// withdraw returns ErrVersion if another decision was made concurrently.
func (o *AuthorService) withdraw(ctx context.Context, id string) error {
	c, s, err := o.Store.CommentText(ctx, id)
	if err != nil {
		return fmt.Errorf("withdraw: %w", err)
	}
	if c.Status == StatusDeleted {
		err = o.Store.EraseText(ctx, c.ID)
	} else {
		err = o.Store.EraseComment(ctx, Decision{
			ID: o.NewID(), SiteID: c.SiteID, CommentID: c.ID, Version: c.Version + 1, Action: ActionDelete,
			From: c.Status, To: StatusDeleted, Actor: ActorCommenter, SubmissionID: s.ID, CreatedAt: o.Now().UTC(),
		})
	}
	if err != nil {
		return fmt.Errorf("withdraw: %w", err)
	}
	return nil
}

// Preview renders Markdown as it would appear in a comment. Errors: *Invalid.
func Preview(body string) (string, error) {
	var faults Invalid
	reading := CleanBody(&faults, body)
	if err := faults.Err(); err != nil {
		return "", err
	}
	return reading.HTML()
}
