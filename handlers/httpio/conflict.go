package httpio

import (
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// ClaimResponse says which moderator has claimed a comment.
type ClaimResponse struct {
	ModeratorID string    `json:"moderator_id"`
	Moderator   string    `json:"moderator"`
	ExpiresAt   time.Time `json:"expires_at"`
}

// NewClaimResponse returns nil for nil.
func NewClaimResponse(c *queue.Claim) *ClaimResponse {
	if c == nil {
		return nil
	}
	return &ClaimResponse{c.ModeratorID, c.Moderator, c.ExpiresAt.UTC()}
}

// conflictDecision is the decision that was made since the moderator loaded the comment.
type conflictDecision struct {
	ID         string            `json:"id"`
	Version    int               `json:"version"`
	Action     moderation.Action `json:"action"`
	To         moderation.Status `json:"to"`
	Actor      moderation.Actor  `json:"actor"`
	Moderator  string            `json:"moderator,omitempty"` // name
	Reason     string            `json:"reason,omitempty"`
	ReasonCode string            `json:"reason_code,omitempty"`
	CreatedAt  time.Time         `json:"created_at"`
}

func newConflictDecision(e queue.ConflictError) *conflictDecision {
	d := e.Decision
	return &conflictDecision{ID: d.ID, Version: d.Version, Action: d.Action, To: d.To, Actor: d.Actor,
		Moderator: e.Moderator, Reason: d.Reason, ReasonCode: d.ReasonCode, CreatedAt: d.CreatedAt.UTC()}
}
