package api

import (
	"time"

	"rejoinder/handlers/httpio"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
	"rejoinder/moderation/rules"
)

// queueItemResponse is a comment in a list, with what a moderator needs to decide on it.
type queueItemResponse struct {
	Comment moderatedCommentResponse `json:"comment"`
	Article queueArticleResponse     `json:"article"`
	Site    queueSiteResponse        `json:"site"`
	Body    string                   `json:"body"`
	Verdict *verdictResponse         `json:"verdict,omitempty"`
	// Reasons counts the open reports by reason.
	Reasons map[moderation.ReportReason]int `json:"open_reports,omitempty"`
	Appeal  *appealResponse                 `json:"appeal,omitempty"`
	Claim   *httpio.ClaimResponse           `json:"claim,omitempty"`
}

// moderatedCommentResponse is a comment as moderators see it. It contains neither the email nor the IP
// address.
type moderatedCommentResponse struct {
	ID           string            `json:"id"`
	ParentID     *string           `json:"parent_id"`
	Depth        int               `json:"depth"`
	Status       moderation.Status `json:"status"`
	Version      int               `json:"version"`
	Score        float64           `json:"score"`
	Risk         float64           `json:"risk"`
	Language     string            `json:"language,omitempty"`
	Cluster      string            `json:"cluster"`
	CommenterID  string            `json:"commenter_id"`
	PublicReason string            `json:"public_reason,omitempty"`
	AuthorName   string            `json:"author_name"`
	AuthorURL    string            `json:"author_url,omitempty"`
	SignedIn     bool              `json:"signed_in,omitempty"`
	Badges       []string          `json:"badges,omitempty"`
	HTML         string            `json:"html"`
	CreatedAt    time.Time         `json:"created_at"`
	EditedAt     time.Time         `json:"edited_at,omitzero"`
}

type queueArticleResponse struct {
	Key   string `json:"key"`
	URL   string `json:"url"`
	Title string `json:"title"`
}

type queueSiteResponse struct {
	Slug string `json:"slug"`
	Name string `json:"name"`
}

// verdictResponse is the ruleset's verdict. Hits name rules by their ids in the ruleset.
type verdictResponse struct {
	Action rules.Action `json:"action"`
	Score  float64      `json:"score"`
	Cause  string       `json:"cause"`
	Hits   []rules.Hit  `json:"hits"`
}

func newQueueItemResponse(item queue.Item) queueItemResponse {
	return queueItemResponse{
		Comment: newModeratedCommentResponse(item.Comment),
		Article: queueArticleResponse{item.Article.Key, item.Article.URL, item.Article.Title},
		Site:    queueSiteResponse{item.Site.Slug, item.Site.Name},
		Body:    item.Body, Verdict: newVerdictResponse(item.Verdict),
		Reasons: item.Reasons, Appeal: newAppealResponse(item.Appeal), Claim: httpio.NewClaimResponse(item.Claim),
	}
}

func newModeratedCommentResponse(c moderation.Comment) moderatedCommentResponse {
	return moderatedCommentResponse{
		ID:           c.ID,
		ParentID:     httpio.OrNull(c.ParentID),
		Depth:        c.Depth,
		Status:       c.Status,
		Version:      c.Version,
		Score:        c.Score,
		Risk:         c.Risk,
		Language:     c.Language,
		Cluster:      c.Cluster,
		CommenterID:  c.CommenterID,
		PublicReason: c.PublicReason,
		AuthorName:   c.AuthorName,
		AuthorURL:    c.AuthorURL,
		SignedIn:     c.SignedIn(),
		Badges:       c.Badges,
		HTML:         c.BodyHTML,
		CreatedAt:    c.CreatedAt.UTC(),
		EditedAt:     c.EditedAt.UTC(),
	}
}

// newVerdictResponse returns nil for an erased comment, which has no verdict.
func newVerdictResponse(v rules.Verdict) *verdictResponse {
	if v.Action == "" {
		return nil
	}
	hits := v.Hits
	if hits == nil {
		hits = []rules.Hit{}
	}
	return &verdictResponse{Action: v.Action, Score: v.Score, Cause: v.Cause, Hits: hits}
}

// caseResponse is one comment with everything that helps to decide on it.
type caseResponse struct {
	queueItemResponse
	Commenter     commenterResponse  `json:"commenter"`
	AddressPrefix string             `json:"address_prefix,omitempty"`
	Decisions     []decisionResponse `json:"decisions"`
	Reports       []reportResponse   `json:"reports"`
	Notes         []noteResponse     `json:"notes"`
	Parent        *queueItemResponse `json:"parent,omitempty"`
}

// commenterResponse is a commenter's record. Only RevealEmail returns the email.
type commenterResponse struct {
	ID             string         `json:"id"`
	Name           string         `json:"name"`
	Counts         recordResponse `json:"counts"`
	Confirmed      bool           `json:"confirmed"`
	FirstSeenAt    time.Time      `json:"first_seen_at"`
	LastSeenAt     time.Time      `json:"last_seen_at"`
	LastNegativeAt time.Time      `json:"last_negative_at,omitzero"`
}

type recordResponse struct {
	Pending  int `json:"pending"`
	Approved int `json:"approved"`
	Rejected int `json:"rejected"`
	Spam     int `json:"spam"`
}

// decisionResponse is one decision on a comment.
type decisionResponse struct {
	ID          string            `json:"id"`
	Version     int               `json:"version"`
	Action      moderation.Action `json:"action"`
	From        moderation.Status `json:"from,omitempty"`
	To          moderation.Status `json:"to"`
	Actor       moderation.Actor  `json:"actor"`
	ModeratorID string            `json:"moderator_id,omitempty"`
	Moderator   string            `json:"moderator,omitempty"`
	RulesetID   string            `json:"ruleset_id,omitempty"`
	Reason      string            `json:"reason,omitempty"`
	Note        string            `json:"note,omitempty"`
	ReasonCode  string            `json:"reason_code,omitempty"`
	Undoes      string            `json:"undoes,omitempty"`
	BulkID      string            `json:"bulk_id,omitempty"`
	CreatedAt   time.Time         `json:"created_at"`
}

func newDecisionResponse(d moderation.Decision) decisionResponse {
	return decisionResponse{
		ID:          d.ID,
		Version:     d.Version,
		Action:      d.Action,
		From:        d.From,
		To:          d.To,
		Actor:       d.Actor,
		ModeratorID: d.ModeratorID,
		Moderator:   d.Moderator,
		RulesetID:   d.RulesetID,
		Reason:      d.Reason,
		Note:        d.Note,
		ReasonCode:  d.ReasonCode,
		Undoes:      d.Undoes,
		BulkID:      d.BulkID,
		CreatedAt:   d.CreatedAt.UTC(),
	}
}

func newCaseResponse(open queue.Case) caseResponse {
	record := open.Commenter.Record
	response := caseResponse{
		queueItemResponse: newQueueItemResponse(open.Item),
		AddressPrefix:     open.Prefix,
		Commenter: commenterResponse{
			ID: open.Commenter.ID, Name: open.Commenter.Name,
			Counts:      recordResponse{record.Pending, record.Approved, record.Rejected, record.Spam},
			Confirmed:   !open.Commenter.ConfirmedAt.IsZero(),
			FirstSeenAt: open.Commenter.FirstSeenAt.UTC(), LastSeenAt: open.Commenter.LastSeenAt.UTC(),
			LastNegativeAt: record.LastNegativeAt.UTC(),
		},
		Decisions: make([]decisionResponse, 0, len(open.Decisions)),
		Reports:   newReportResponses(open.Reports),
		Notes:     newNoteResponses(open.Notes),
	}
	for _, d := range open.Decisions {
		response.Decisions = append(response.Decisions, newDecisionResponse(d))
	}
	if open.Parent != nil {
		parent := newQueueItemResponse(*open.Parent)
		response.Parent = &parent
	}
	return response
}
