package moderation

import (
	"slices"
	"time"
)

// Actor is who made a decision.
type Actor string

// Actors.
const (
	ActorRuleset   Actor = "ruleset"
	ActorModerator Actor = "moderator"
	ActorCommenter Actor = "commenter"
	ActorReaders   Actor = "readers"   // the comment has reached the site's limit of reports
	ActorRetention Actor = "retention" // the site's retention
	ActorImport    Actor = "import"    // the comment came from another system, with the status it had there
)

// Decision is one entry of the append-only log: a status change of a comment and who made it.
type Decision struct {
	ID           string
	SiteID       string
	CommentID    string
	Version      int // of the comment after this decision
	Action       Action
	From         Status // empty for the first decision
	To           Status
	Actor        Actor
	ModeratorID  string // empty unless Actor is ActorModerator
	Moderator    string // current name; read-only
	RulesetID    string // empty unless Actor is ActorRuleset
	SubmissionID string // the submission that was judged
	Reason       string // may be shown to the commenter
	Note         string // for moderators only
	ReasonCode   string // one of the site's ReasonCodes, or the code of a rule; empty for none
	Undoes       string // the decision that this one undoes; empty if none
	BulkID       string // shared by all decisions of a bulk action; empty otherwise
	CreatedAt    time.Time
	// Force overrides another moderator's claim. Not stored.
	Force bool
	// ClaimsUntil extends the moderator's claims on other comments if they held this one; zero extends
	// nothing. Not stored.
	ClaimsUntil time.Time
}

// PublicReasonAfter returns the reason shown to the author after the decision on the same text; before is the
// reason shown until then. To the author, spam looks like a comment held without a reason, and neither its
// beginning nor its end may show.
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

// EffectiveDecisions returns a comment's log, oldest first, without undone decisions and their undos.
func EffectiveDecisions(log []Decision) []Decision {
	gone := map[string]bool{}
	// An undo can itself be undone, so the newest entry counts.
	for _, d := range slices.Backward(log) {
		if d.Undoes != "" && !gone[d.ID] {
			gone[d.ID], gone[d.Undoes] = true, true
		}
	}
	return slices.DeleteFunc(slices.Clone(log), func(d Decision) bool { return gone[d.ID] })
}
