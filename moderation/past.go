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

// PlaceInTime is where something stands among the things of a site, by its time and then by its id. The zero value is before
// everything.
type PlaceInTime struct {
	At time.Time
	ID string
}

// facts lays out what was known when the submission came.
func (p Past) facts(keys *privacy.Keyring) (*rules.Facts, error) {
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

// stance is whether something speaks for a comment or against it.
type stance int

const (
	undecided stance = iota
	favours
	opposes
)

// stanceOf says what a moderator's decision was. A moderator who holds a comment has not decided yet.
func stanceOf(s Status) stance {
	switch s {
	case StatusApproved:
		return favours
	case StatusRejected, StatusSpam, StatusDeleted:
		return opposes
	}
	return undecided
}

// stanceOfHit says what a rule asks for: to publish, or not to publish as it is.
func stanceOfHit(action rules.Action, score float64) stance {
	switch {
	case action == rules.Approve || action == "" && score < 0:
		return favours
	case action != "" || score > 0:
		return opposes
	}
	return undecided
}
