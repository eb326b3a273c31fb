package moderation

import (
	"fmt"
	"math"
	"time"
)

// Status is the state of a comment. Only StatusApproved is public.
type Status string

// Statuses of a comment.
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

// Actions. Rulesets may use all but ActionDelete.
const (
	ActionApprove Action = "approve"
	ActionHold    Action = "hold"
	ActionReject  Action = "reject"
	ActionSpam    Action = "spam"
	ActionDelete  Action = "delete"
)

// Target returns the resulting status, and false for an unknown action.
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
	Version     int    // increases with every change; a decision names the version it is based on
	Revision    int    // increases with every edit of the text; identifies the Submission
	Status      Status
	AuthorName  string
	AuthorURL   string // empty if not given
	BodyHTML    string // rendered by moderation/text only
	// PublicReason is the reason for the last decision as shown to the commenter, for spam that of a held
	// comment; often empty.
	PublicReason   string
	Score          float64 // of the last verdict
	Risk           float64 // see Risk
	Language       string  // guessed from the current text; empty if undetected
	Cluster        string  // first of a series of near-identical comments, each within a day of another or of one import
	BrowserID      string  // the remembered browser or signed-in reader that sent it; empty if none
	VisibleReplies int     // approved comments at any level below
	UpVotes        int
	DownVotes      int
	Rank           float64 // see BestKey
	OpenReports    int     // not resolved by a moderator's decision yet
	Staff          bool    // posted by a signed-in moderator as staff
	Featured       bool    // recommended by a moderator
	Badges         []string
	AvatarURL      string // of a signed-in reader, like Badges; empty for none
	CreatedAt      time.Time
	EditedAt       time.Time // zero if never edited
}

// Public reports whether readers may see the comment's text and name.
func (c Comment) Public() bool { return c.Status == StatusApproved }

// BestKey returns the comment's key in the order ThreadBest: its Rank by votes, with featured comments before all
// others.
func (c Comment) BestKey() float64 {
	if c.Featured {
		return 1 + Rank(c.UpVotes, c.DownVotes)
	}
	return Rank(c.UpVotes, c.DownVotes)
}

// Apply returns the status that results from applying action to the comment. It returns ErrTransition for a
// deleted comment, whose text is gone, and for an action without effect, so that the log of decisions
// contains only changes. Approving an approved comment is allowed if it has open reports: it resolves them.
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

// reportRisk is the risk that each open report adds to a comment, as much as a rule with high confidence.
const reportRisk = 10

// Risk returns the sort key of the queue, from the ruleset's score, open reports and the article's
// readership. A thread with a thousand comments adds ten points.
func Risk(score float64, openReports, articleComments int) float64 {
	return score + float64(ReportsRisk(openReports)) + math.Log2(float64(1+articleComments))
}

// ReportsRisk is the share of open reports in the risk.
func ReportsRisk(openReports int) int { return reportRisk * openReports }
