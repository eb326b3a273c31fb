package moderation

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"rejoinder/privacy"
)

// ReportReason is what a reader complains about.
type ReportReason string

// The reasons.
const (
	ReportOffensive ReportReason = "offensive"
	ReportSpam      ReportReason = "spam"
	ReportPersonal  ReportReason = "personal" // it tells private things of somebody
	ReportOffTopic  ReportReason = "off-topic"
	ReportOther     ReportReason = "other"
)

// Valid reports whether r is one of the five reasons.
func (r ReportReason) Valid() bool {
	switch r {
	case ReportOffensive, ReportSpam, ReportPersonal, ReportOffTopic, ReportOther:
		return true
	}
	return false
}

// The limits of reports.
const (
	MaxReportNoteCharacters = 500
	// ReportsPerMinute is how many reports one address may send in a minute.
	ReportsPerMinute = 20
	MaxHoldAfter     = 1_000
)

// ReportRequest is what a reader sends about a comment.
type ReportRequest struct {
	CommentID string
	Reason    ReportReason
	Note      string // for moderators; may be empty
	Address   netip.Addr
}

// Report is a reader's complaint as it is kept. Who sent it is not part of it.
type Report struct {
	ID         string
	CommentID  string
	Reason     ReportReason
	Note       string // empty once the comment was erased
	CreatedAt  time.Time
	ResolvedAt time.Time // zero: it is open
	DecisionID string    // the decision that resolved it; empty while it is open
}

// NewReport is a report as storage takes it.
type NewReport struct {
	Report    Report
	Reporters [][]byte // the reporter's indexes, the primary key's first
	// HoldAfter is how many open reports take an approved comment out of the public until a person looks; 0:
	// none do.
	HoldAfter  int
	DecisionID string // for the decision that holds it
}

// ReportStore is the storage that reports need.
type ReportStore interface {
	// CommentText returns a comment with the text of its present revision. ErrNotFound.
	CommentText(ctx context.Context, id string) (Comment, SubmissionRecord, error)
	// Site returns ErrNotFound when there is none with that id.
	Site(ctx context.Context, id string) (Site, error)
	// CreateReport stores the report, unless the same reader reported the comment before, counts it, and holds
	// the comment when there are enough, all in one transaction. ErrNotFound when the comment is not approved.
	CreateReport(ctx context.Context, r NewReport) error
}

// Reports takes in readers' complaints.
type Reports struct {
	Store   ReportStore
	Keys    *privacy.Keyring
	Limiter AddressLimiter
	Now     func() time.Time
	NewID   func() string
}

// Report takes in one complaint. A second one by the same reader about the same comment changes nothing and
// is no error. When the site's number of open reports is reached, the comment is held until a moderator
// decides: a decision of the actor "readers". Errors: *Invalid, *RateLimitError, ErrReportsOff, ErrNotFound
// for a comment that is not approved as for an unknown one.
func (r *Reports) Report(ctx context.Context, c ReportRequest) error {
	reporters, err := readerIndexes(r.Keys, r.Limiter, c.Address)
	if err != nil {
		return err
	}
	if err := c.prepare(); err != nil {
		return err
	}
	comment, site, err := publicComment(ctx, r.Store, c.CommentID)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	if !site.Settings.Reports {
		return fmt.Errorf("report: %w", ErrReportsOff)
	}
	err = r.Store.CreateReport(ctx, NewReport{
		Report:    Report{ID: r.NewID(), CommentID: comment.ID, Reason: c.Reason, Note: c.Note, CreatedAt: r.Now().UTC()},
		Reporters: reporters, HoldAfter: site.Settings.HoldAfterReports, DecisionID: r.NewID(),
	})
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

func (c *ReportRequest) prepare() error {
	var faults Invalid
	switch {
	case c.Reason == "":
		faults.Add("/reason", "required", "Please choose what is wrong with the comment.")
	case !c.Reason.Valid():
		faults.Add("/reason", "unknown", "The reason is one of offensive, spam, personal, off-topic, other.")
	}
	c.Note = cleanWords(&faults, "/note", c.Note, MaxReportNoteCharacters)
	return faults.Err()
}
