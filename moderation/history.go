package moderation

import (
	"fmt"
	"net/netip"
	"time"

	"rejoinder/moderation/rules"
	"rejoinder/privacy"
)

// HistoricalSubmission is a stored submission with the data to evaluate a ruleset on it again.
type HistoricalSubmission struct {
	SubmissionID    string
	CommentID       string
	CommenterID     string
	Body            string
	AuthorName      string
	AuthorURL       string
	FrozenFacts     []byte // JSON of rules.Facts
	AddressPrefix   string // empty after its retention period
	EmailSealed     []byte // nil unless requested
	Action          Action // of the original verdict; empty if erased
	ModeratorStatus Status // result of the last moderator's decision on this text; empty if none
	CreatedAt       time.Time
}

// Keyset is a position in a site's list ordered by time and ID. The zero value precedes everything.
type Keyset struct {
	At time.Time
	ID string
}

// HistoryQuery selects submissions of one site in order of arrival.
type HistoryQuery struct {
	SiteID string
	After  Keyset
	Until  time.Time // exclusive
	Limit  int
	Emails bool // include the sealed email
}

// PendingSubmission is a pending comment with its current text.
type PendingSubmission struct {
	HistoricalSubmission
	Position    Keyset // of the comment
	Version     int    // of the comment
	ByModerator bool   // a moderator has decided on it, now or earlier
	WasSpam     bool   // it was marked as spam before, with another text
}

// Facts returns the facts as they were when the submission arrived.
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

// Polarity tells whether a decision or a rule favours publishing a comment.
type Polarity int

// Polarities.
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

// PolarityOfHit returns the polarity of a hit.
func PolarityOfHit(action rules.Action, score float64) Polarity {
	switch {
	case action == rules.Approve || action == "" && score < 0:
		return InFavour
	case action != "" || score > 0:
		return Against
	}
	return Neutral
}
