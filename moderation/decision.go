package moderation

import (
	"slices"
	"time"
)

// Actor is who took a decision.
type Actor string

// The actors.
const (
	ActorRuleset   Actor = "ruleset"
	ActorModerator Actor = "moderator"
	ActorCommenter Actor = "commenter"
	ActorReaders   Actor = "readers" // so many of them reported it that the site holds it
)

// Decision is one entry of the append-only log: what became of a comment, and by whom.
type Decision struct {
	ID           string
	SiteID       string
	CommentID    string
	Version      int // the comment's version that this decision produced
	Action       Action
	From         Status // empty for a comment's first decision
	To           Status
	Actor        Actor
	ModeratorID  string // empty unless Actor is ActorModerator
	Moderator    string // the name, as it is now; only read
	RulesetID    string // empty unless Actor is ActorRuleset
	SubmissionID string // which text was judged
	Reason       string // what the commenter may be told
	Note         string // for moderators only
	ReasonCode   string // one of the site's ReasonCodes; empty for none
	Undoes       string // the decision that this one takes back; empty for none
	BulkID       string // shared by the decisions of one action on many comments; empty for a single one
	CreatedAt    time.Time
	// Force overrides the claim of another moderator. It is not kept.
	Force bool
	// ClaimsUntil is until when the moderator goes on holding other comments, after deciding on one that they
	// held; zero: no longer than before. It is not kept.
	ClaimsUntil time.Time
}

// PublicReasonAfter returns the reason that the author sees after the decision on the same text; before is
// the one they saw until then. To the author, spam looks like a comment held without a reason, and neither
// its beginning nor its end may show.
func (d Decision) PublicReasonAfter(before string) string {
	switch {
	case d.To == StatusSpam && d.From == StatusPending,
		d.To == StatusPending && d.From == StatusSpam && d.Reason == "":
		return before
	case d.To == StatusSpam:
		return ""
	}
	return d.Reason
}

// EffectiveDecisions returns a comment's log, oldest first, without the decisions that were undone and
// without what undid them: as if neither had been.
func EffectiveDecisions(log []Decision) []Decision {
	gone := map[string]bool{}
	// An undo can itself be undone; the newest entry is what counts.
	for _, d := range slices.Backward(log) {
		if d.Undoes != "" && !gone[d.ID] {
			gone[d.ID], gone[d.Undoes] = true, true
		}
	}
	return slices.DeleteFunc(slices.Clone(log), func(d Decision) bool { return gone[d.ID] })
}
