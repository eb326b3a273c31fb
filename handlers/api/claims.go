package api

import (
	"cmp"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// filterRequest selects a part of the queue, as the list's parameters do.
type filterRequest struct {
	Site      string            `json:"site"`
	Status    moderation.Status `json:"status"`
	Sort      queue.Sort        `json:"sort"`
	Article   string            `json:"article"`
	Rule      string            `json:"rule"`
	Host      string            `json:"host"`
	Language  string            `json:"language"`
	Commenter string            `json:"commenter"`
	Cluster   string            `json:"cluster"`
	Search    string            `json:"q"`
	Reported  bool              `json:"reported"`
	Appealed  bool              `json:"appealed"`
	From      time.Time         `json:"from"`
	To        time.Time         `json:"to"`
}

// query returns the part of the queue. The default is pending comments, the oldest first.
func (r filterRequest) query() (queue.Query, error) {
	query := queue.Query{
		SiteSlug: r.Site, Status: cmp.Or(r.Status, moderation.StatusPending), Sort: cmp.Or(r.Sort, queue.SortOldest),
		Filter: queue.Filter{
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
	if !query.Status.Valid() && query.Status != queue.AnyStatus {
		return query, httpio.InvalidField("/status", "unknown", "Must be one of pending, approved, rejected, spam, deleted, any.")
	}
	switch query.Sort {
	case queue.SortOldest, queue.SortNewest, queue.SortRisk, queue.SortReports:
		return query, nil
	}
	return query, httpio.InvalidField("/sort", "unknown", "Must be one of oldest, newest, risk, reports.")
}

// ClaimNext claims the next unclaimed comments.
func (h *Queue) ClaimNext(c *gin.Context) error {
	var req struct {
		filterRequest
		Count   int  `json:"count"`
		Minutes *int `json:"minutes"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	minutes, err := httpio.OptionalPositive("/minutes", req.Minutes)
	if err != nil {
		return err
	}
	query, err := req.query()
	if err != nil {
		return err
	}
	query.Limit = req.Count
	terms := queue.ClaimTerms{Minutes: minutes}
	claimed, err := h.Queue.Claim(c.Request.Context(), session.ViewerOf(c), query, terms)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, struct {
		Items     []queueItemResponse `json:"items"`
		ExpiresAt time.Time           `json:"expires_at"`
	}{httpio.Items(claimed.Items, newQueueItemResponse), claimed.ExpiresAt})
	return nil
}

// ClaimOne claims a comment, or extends its claim.
func (h *Queue) ClaimOne(c *gin.Context) error {
	id, err := httpio.PathID(c)
	if err != nil {
		return err
	}
	var req struct {
		Minutes *int `json:"minutes"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	minutes, err := httpio.OptionalPositive("/minutes", req.Minutes)
	if err != nil {
		return err
	}
	terms := queue.ClaimTerms{Minutes: minutes}
	claim, err := h.Queue.ClaimOne(c.Request.Context(), session.ViewerOf(c), id, terms)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, httpio.NewClaimResponse(&claim))
	return nil
}

// ReleaseClaims releases some of the moderator's claims, or all.
func (h *Queue) ReleaseClaims(c *gin.Context) error {
	ids := c.QueryArray("comment")
	if len(ids) > queue.MaxClaimed {
		return httpio.InvalidField("/comment", "too_many", "Name at most 50 comments, or none for all.")
	}
	n, err := h.Queue.Release(c.Request.Context(), session.ViewerOf(c), ids)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, struct {
		Released int `json:"released"`
	}{n})
	return nil
}

// RenewClaims extends all of the moderator's claims.
func (h *Queue) RenewClaims(c *gin.Context) error {
	var req struct {
		Minutes *int `json:"minutes"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	minutes, err := httpio.OptionalPositive("/minutes", req.Minutes)
	if err != nil {
		return err
	}
	n, until, err := h.Queue.Renew(c.Request.Context(), session.ViewerOf(c), minutes)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, struct {
		Renewed   int       `json:"renewed"`
		ExpiresAt time.Time `json:"expires_at"`
	}{n, until})
	return nil
}
