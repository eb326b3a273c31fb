package httpio

import (
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// ClaimResponse is who holds a comment.
type ClaimResponse struct {
	ModeratorID string    `json:"moderator_id"`
	Moderator   string    `json:"moderator"`
	ExpiresAt   time.Time `json:"expires_at"`
}

func NewClaimResponse(c *queue.Claim) *ClaimResponse {
	if c == nil {
		return nil
	}
	return &ClaimResponse{c.ModeratorID, c.Moderator, c.ExpiresAt.UTC()}
}

// takenDecision says who decided what on a comment, and when.
type takenDecision struct {
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

func newTakenDecision(s queue.ConflictError) *takenDecision {
	d := s.Decision
	return &takenDecision{ID: d.ID, Version: d.Version, Action: d.Action, To: d.To, Actor: d.Actor, Moderator: s.Moderator,
		Reason: d.Reason, ReasonCode: d.ReasonCode, CreatedAt: d.CreatedAt.UTC()}
}
