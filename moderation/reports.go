package moderation

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"rejoinder/privacy"
)

// ReportReason is a reader's reason for a report.
type ReportReason string

// Reasons of reports.
const (
	ReportOffensive ReportReason = "offensive"
	ReportSpam      ReportReason = "spam"
	ReportPersonal  ReportReason = "personal" // reveals private information about someone
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

// Limits of reports.
const (
	MaxReportNoteCharacters = 500
	// ReportsPerMinute is the maximum number of reports per minute from one IP address.
	ReportsPerMinute = 20
	MaxHoldAfter     = 1_000
)

// ReportRequest is a reader's report of a comment.
type ReportRequest struct {
	CommentID string
	Reason    ReportReason
	Note      string // for moderators; may be empty
	Address   netip.Addr
}

// Report is a stored report. It does not identify the reader.
type Report struct {
	ID         string
	CommentID  string
	Reason     ReportReason
	Note       string // empty once the comment is erased
	CreatedAt  time.Time
	ResolvedAt time.Time // zero while open
	DecisionID string    // the decision that resolved it; empty while open
}

// NewReport is a report for storage.
type NewReport struct {
	Report    Report
	Reporters [][]byte // the reader's indexes, primary key's first
	// HoldAfter is the number of open reports at which an approved comment is held for a moderator; 0
	// disables it.
	HoldAfter  int
	DecisionID string // ID of the decision that holds the comment
}

// ReportStore is the storage of Reports.
type ReportStore interface {
	// CommentText returns a comment with the text of its current revision, or ErrNotFound.
	CommentText(ctx context.Context, id string) (Comment, SubmissionRecord, error)
	// Site returns ErrNotFound for an unknown ID.
	Site(ctx context.Context, id string) (Site, error)
	// CreateReport stores and counts the report unless the reader reported the comment before, and holds the
	// comment once there are HoldAfter open reports, in one transaction. ErrNotFound if the comment is not
	// approved.
	CreateReport(ctx context.Context, r NewReport) error
}

// Reports processes readers' reports.
type Reports struct {
	Store   ReportStore
	Keys    *privacy.Keyring
	Limiter AddressLimiter
	Now     func() time.Time
	NewID   func() string
}

// Report stores a report. A repeated report by the same reader on the same comment has no effect and is not
// an error. Once the site's limit of open reports is reached, the comment is held until a moderator decides;
// the actor of that decision is "readers". Errors: *Invalid, *RateLimitError, ErrReportsOff, ErrNotFound for
// unapproved and unknown comments alike.
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
