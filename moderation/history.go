package moderation

import (
	"fmt"
	"net/netip"
	"time"

	"rejoinder/moderation/rules"
	"rejoinder/privacy"
)

// Past is a stored submission, as far as it takes to judge it again.
type Past struct {
	SubmissionID  string
	CommentID     string
	CommenterID   string
	Body          string
	AuthorName    string
	AuthorURL     string
	Frozen        []byte // JSON of rules.Facts
	AddressPrefix string // empty once past its retention
	EmailSealed   []byte // nil unless it was asked for
	Action        Action // what was concluded when it came; empty when that was erased
	Person        Status // what the last moderator who decided on this text made of the comment; empty for none
	CreatedAt     time.Time
}

// PlaceInTime is where something stands among the things of a site, by its time and then by its id. The zero
// value is before everything.
type PlaceInTime struct {
	At time.Time
	ID string
}

// PastSelect asks for submissions of one site in the order of their arrival.
type PastSelect struct {
	SiteID string
	After  PlaceInTime
	Until  time.Time // not included
	Limit  int
	Emails bool // with the sealed email
}

// Waiting is a pending comment with its present text.
type Waiting struct {
	Past
	Place    PlaceInTime // of the comment
	Version  int         // of the comment
	ByPerson bool        // a moderator decided on it, now or earlier
	WasSpam  bool        // it was called spam before, under another text
}

// Facts lays out what was known when the submission came.
func (p Past) Facts(keys *privacy.Keyring) (*rules.Facts, error) {
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
	facts, err := rules.Unfreeze(p.Frozen, kept)
	if err != nil {
		return nil, fmt.Errorf("submission %s: %w", p.SubmissionID, err)
	}
	return facts, nil
}

// Polarity says whether a decision or a rule speaks for publishing a comment or against it.
type Polarity int

// The polarities.
const (
	NeitherWay Polarity = iota
	InFavour
	Against
)

// PolarityOf returns the polarity of a moderator's decision. A moderator who holds a comment has not decided
// yet.
func PolarityOf(s Status) Polarity {
	switch s {
	case StatusApproved:
		return InFavour
	case StatusRejected, StatusSpam, StatusDeleted:
		return Against
	}
	return NeitherWay
}

// PolarityOfHit returns the polarity of a rule that fired: to publish, or not to publish as it is.
func PolarityOfHit(action rules.Action, score float64) Polarity {
	switch {
	case action == rules.Approve || action == "" && score < 0:
		return InFavour
	case action != "" || score > 0:
		return Against
	}
	return NeitherWay
}
