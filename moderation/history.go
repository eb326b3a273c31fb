package moderation

import (
	"fmt"
	"net/netip"
	"time"

	"rejoinder/moderation/rules"
	"rejoinder/privacy"
)

// HistoricalSubmission is a stored submission with what it takes to evaluate a ruleset on it again.
type HistoricalSubmission struct {
	SubmissionID    string
	CommentID       string
	CommenterID     string
	Body            string
	AuthorName      string
	AuthorURL       string
	FrozenFacts     []byte // JSON of rules.Facts
	AddressPrefix   string // empty once past its retention
	EmailSealed     []byte // nil unless it was asked for
	Action          Action // what was concluded when it came; empty when that was erased
	ModeratorStatus Status // what the last moderator who decided on this text made of the comment; empty for none
	CreatedAt       time.Time
}

// Keyset is a position in a list of a site that is ordered by time and id. The zero value is before
// everything.
type Keyset struct {
	At time.Time
	ID string
}

// HistoryQuery asks for submissions of one site in order of arrival.
type HistoryQuery struct {
	SiteID string
	After  Keyset
	Until  time.Time // not included
	Limit  int
	Emails bool // with the sealed email
}

// PendingSubmission is a pending comment with its present text.
type PendingSubmission struct {
	HistoricalSubmission
	Position    Keyset // of the comment
	Version     int    // of the comment
	ByModerator bool   // a moderator decided on it, now or earlier
	WasSpam     bool   // it was called spam before, under another text
}

// Facts restores the facts of the submission as they were on arrival.
func (p HistoricalSubmission) Facts(keys *privacy.Keyring) (*rules.Facts, error) {
	kept := rules.Kept{Body: p.Body, AuthorName: p.AuthorName, AuthorURL: p.AuthorURL}
	if p.AddressPrefix != "" {
		prefix, err := netip.ParsePrefix(p.AddressPrefix)
		if err != nil {
			return nil, fmt.Errorf("read address prefix of submission %s: malformed", p.SubmissionID)
		}
		kept.AddressPrefix = prefix
	}
	if len(p.EmailSealed) > 0 {
		email, err := keys.Open(p.EmailSealed, p.CommenterID)
		if err != nil {
			return nil, fmt.Errorf("open email of commenter %s: %w", p.CommenterID, err)
		}
		kept.AuthorEmail = email
	}
	facts, err := rules.Unfreeze(p.FrozenFacts, kept)
	if err != nil {
		return nil, fmt.Errorf("submission %s: %w", p.SubmissionID, err)
	}
	return facts, nil
}

// Polarity is whether a decision or a rule is for or against publishing a comment.
type Polarity int

// The polarities.
const (
	Neutral Polarity = iota
	InFavour
	Against
)

// PolarityOf returns the polarity of a moderator's decision. Holding a comment is neutral.
func PolarityOf(s Status) Polarity {
	switch s {
	case StatusApproved:
		return InFavour
	case StatusRejected, StatusSpam, StatusDeleted:
		return Against
	}
	return Neutral
}

// PolarityOfHit returns the polarity of a rule that fired.
func PolarityOfHit(action rules.Action, score float64) Polarity {
	switch {
	case action == rules.Approve || action == "" && score < 0:
		return InFavour
	case action != "" || score > 0:
		return Against
	}
	return Neutral
}
