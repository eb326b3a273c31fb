package moderation

import (
	"fmt"
	"time"
)

// Status says where a comment stands. Only StatusApproved is ever public.
type Status string

// The statuses of a comment.
const (
	StatusPending  Status = "pending"
	StatusApproved Status = "approved"
	StatusRejected Status = "rejected"
	StatusSpam     Status = "spam"
	StatusDeleted  Status = "deleted"
)

// Valid reports whether s is one of the five statuses.
func (s Status) Valid() bool {
	switch s {
	case StatusPending, StatusApproved, StatusRejected, StatusSpam, StatusDeleted:
		return true
	}
	return false
}

// Action is what a ruleset or a moderator does to a comment.
type Action string

// The actions. Rulesets know all but ActionDelete.
const (
	ActionApprove Action = "approve"
	ActionHold    Action = "hold"
	ActionReject  Action = "reject"
	ActionSpam    Action = "spam"
	ActionDelete  Action = "delete"
)

// Target returns the status that the action leads to, and false for an unknown action.
func (a Action) Target() (Status, bool) {
	switch a {
	case ActionApprove:
		return StatusApproved, true
	case ActionHold:
		return StatusPending, true
	case ActionReject:
		return StatusRejected, true
	case ActionSpam:
		return StatusSpam, true
	case ActionDelete:
		return StatusDeleted, true
	}
	return "", false
}

// Comment is one reader's contribution, whatever its status.
type Comment struct {
	ID          string
	SiteID      string
	ArticleID   string
	CommenterID string
	ParentID    string // the comment it replies to; empty for a root
	RootID      string // the root of its branch; its own ID for a root
	Depth       int    // 0 for a root
	Version     int    // grows with every change; a decision names the version it saw
	Revision    int    // grows with every edit of the text; names the Submission
	Status      Status
	AuthorName  string
	AuthorURL   string // empty when none was given
	BodyHTML    string // rendered by moderation/text and by nothing else
	// PublicReason is what the commenter is told about the last decision, for spam what a held comment would be
	// told; often empty.
	PublicReason   string
	Score          float64 // of the last verdict
	Risk           float64 // see Risk
	Language       string  // of the present text, as guessed; empty when it does not show
	Cluster        string  // the first comment of those that say nearly the same within a day of each other
	BrowserID      string  // the remembered browser it came from; empty for none
	VisibleReplies int     // approved comments anywhere below it
	UpVotes        int
	DownVotes      int
	Rank           float64 // of the votes, see Rank
	OpenReports    int     // that no moderator has answered by a decision
	Staff          bool    // a signed-in moderator wrote it as such
	CreatedAt      time.Time
	EditedAt       time.Time // zero when never edited
}

// Public reports whether readers may see the comment's text and name.
func (c Comment) Public() bool { return c.Status == StatusApproved }

// Apply returns the status that action leads to from the comment's present one. A deleted comment stays
// deleted, since its text is gone; and an action that would change nothing is refused, so that the log of
// decisions holds only changes. Both are ErrTransition. Approving what is approved does change something when
// readers reported it: their reports are answered.
func (c Comment) Apply(action Action) (Status, error) {
	to, ok := action.Target()
	if !ok {
		return "", fmt.Errorf("unknown action %q: %w", action, ErrTransition)
	}
	answered := to == StatusApproved && c.OpenReports > 0
	if c.Status == StatusDeleted || c.Status == to && !answered {
		return "", fmt.Errorf("%s a comment that is %s: %w", action, c.Status, ErrTransition)
	}
	return to, nil
}
