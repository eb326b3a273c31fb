package handlers

import (
	"cmp"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/moderation"
)

// claimAnswer is who holds a comment.
type claimAnswer struct {
	ModeratorID string    `json:"moderator_id"`
	Moderator   string    `json:"moderator"`
	ExpiresAt   time.Time `json:"expires_at"`
}

func newClaimAnswer(c *moderation.Claim) *claimAnswer {
	if c == nil {
		return nil
	}
	return &claimAnswer{c.ModeratorID, c.Moderator, c.ExpiresAt.UTC()}
}

// filterRequest names a part of the queue in a body, as the list's parameters do.
type filterRequest struct {
	Site      string               `json:"site"`
	Status    moderation.Status    `json:"status"`
	Sort      moderation.QueueSort `json:"sort"`
	Article   string               `json:"article"`
	Rule      string               `json:"rule"`
	Host      string               `json:"host"`
	Language  string               `json:"language"`
	Commenter string               `json:"commenter"`
	Cluster   string               `json:"cluster"`
	Search    string               `json:"q"`
	Reported  bool                 `json:"reported"`
	Appealed  bool                 `json:"appealed"`
	From      time.Time            `json:"from"`
	To        time.Time            `json:"to"`
}

// query is the part of the queue: without a status what is pending, without an order the oldest first.
func (r filterRequest) query() (moderation.QueueQuery, error) {
	query := moderation.QueueQuery{
		SiteSlug: r.Site, Status: cmp.Or(r.Status, moderation.StatusPending), Sort: cmp.Or(r.Sort, moderation.QueueOldest),
		QueueFilter: moderation.QueueFilter{
			ArticleKey:  r.Article,
			Rule:        r.Rule,
			Host:        r.Host,
			Language:    r.Language,
			CommenterID: r.Commenter,
			Cluster:     r.Cluster,
			Search:      strings.TrimSpace(r.Search),
			Reported:    r.Reported,
			Appealed:    r.Appealed,
			From:        r.From,
			To:          r.To,
		},
	}
	if !query.Status.Valid() {
		return query, oneFault("/status", "unknown", "This is one of pending, approved, rejected, spam, deleted.")
	}
	switch query.Sort {
	case moderation.QueueOldest, moderation.QueueNewest, moderation.QueueRisk:
		return query, nil
	}
	return query, oneFault("/sort", "unknown", "This is one of oldest, newest, risk.")
}

// claimComments takes the next comments for the moderator alone.
func (s *Server) claimComments(c *gin.Context) error {
	var req struct {
		filterRequest
		Count   int  `json:"count"`
		Minutes *int `json:"minutes"`
	}
	if err := bindJSON(c, &req, maxBody); err != nil {
		return err
	}
	minutes, err := numberFromOne("/minutes", req.Minutes)
	if err != nil {
		return err
	}
	query, err := req.query()
	if err != nil {
		return err
	}
	query.Limit = req.Count
	terms := moderation.ClaimTerms{Minutes: minutes}
	holding, err := s.Queue.Claim(c.Request.Context(), viewerOf(c), query, terms)
	if err != nil {
		return err
	}
	items := make([]queueItem, 0, len(holding.Items))
	for _, item := range holding.Items {
		items = append(items, newQueueItem(item))
	}
	answer(c, http.StatusOK, struct {
		Items     []queueItem `json:"items"`
		ExpiresAt time.Time   `json:"expires_at"`
	}{items, holding.ExpiresAt})
	return nil
}

// claimComment takes one comment for the moderator alone, or keeps it for longer.
func (s *Server) claimComment(c *gin.Context) error {
	id, err := commentID(c)
	if err != nil {
		return err
	}
	var req struct {
		Minutes *int `json:"minutes"`
	}
	if err := bindJSON(c, &req, maxBody); err != nil {
		return err
	}
	minutes, err := numberFromOne("/minutes", req.Minutes)
	if err != nil {
		return err
	}
	terms := moderation.ClaimTerms{Minutes: minutes}
	claim, err := s.Queue.ClaimOne(c.Request.Context(), viewerOf(c), id, terms)
	if err != nil {
		return err
	}
	answer(c, http.StatusOK, newClaimAnswer(&claim))
	return nil
}

// releaseClaims gives back some of what the moderator holds, or all.
func (s *Server) releaseClaims(c *gin.Context) error {
	ids := c.QueryArray("comment")
	if len(ids) > moderation.MaxClaimed {
		return oneFault("/comment", "too_many", "Name at most 50 comments, or none for all.")
	}
	n, err := s.Queue.Release(c.Request.Context(), viewerOf(c), ids)
	if err != nil {
		return err
	}
	answer(c, http.StatusOK, struct {
		Released int `json:"released"`
	}{n})
	return nil
}

// renewClaims keeps what the moderator still holds.
func (s *Server) renewClaims(c *gin.Context) error {
	var req struct {
		Minutes *int `json:"minutes"`
	}
	if err := bindJSON(c, &req, maxBody); err != nil {
		return err
	}
	minutes, err := numberFromOne("/minutes", req.Minutes)
	if err != nil {
		return err
	}
	n, until, err := s.Queue.Renew(c.Request.Context(), viewerOf(c), minutes)
	if err != nil {
		return err
	}
	answer(c, http.StatusOK, struct {
		Renewed   int       `json:"renewed"`
		ExpiresAt time.Time `json:"expires_at"`
	}{n, until})
	return nil
}
