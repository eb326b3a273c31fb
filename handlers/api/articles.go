package api

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/rules"
	"rejoinder/moderation/schedule"
)

// articleResponse is an article as moderators see it.
type articleResponse struct {
	Key            string               `json:"key"`
	URL            string               `json:"url"`
	Title          string               `json:"title"`
	Tags           []string             `json:"tags"`
	Authors        []authorResponse     `json:"authors"`
	Closed         bool                 `json:"closed"`
	CloseAfterDays *int                 `json:"close_after_days"`
	Mode           rules.ModerationMode `json:"mode"`
	Schedule       schedule.Schedule    `json:"schedule"`
	PublishedAt    time.Time            `json:"published_at"`
	Count          int                  `json:"count"`
	CreatedAt      time.Time            `json:"created_at"`
}

// authorResponse is an account that an article names as an author.
type authorResponse struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func newArticleResponse(a moderation.Article) articleResponse {
	tags := a.Tags
	if tags == nil {
		tags = []string{}
	}
	authors := make([]authorResponse, len(a.Authors))
	for i, author := range a.Authors {
		authors[i] = authorResponse(author)
	}
	return articleResponse{
		Key: a.Key, URL: a.URL, Title: a.Title, Tags: tags, Authors: authors, Closed: a.Closed,
		CloseAfterDays: a.CloseAfterDays, Mode: a.Mode, Schedule: a.Schedule, PublishedAt: a.PublishedAt.UTC(),
		Count: a.ApprovedCount, CreatedAt: a.CreatedAt.UTC(),
	}
}

// ListArticles lists a site's articles, newest first.
func (h *Sites) ListArticles(c *gin.Context) error {
	limit, err := httpio.LimitParam(c)
	if err != nil {
		return err
	}
	page, err := h.Sites.Articles(c.Request.Context(), session.ViewerOf(c), moderation.ArticleQuery{
		SiteSlug: c.Param("site"), Text: c.Query("q"), Limit: limit, Cursor: c.Query("cursor"),
	})
	if err != nil {
		return err
	}
	httpio.Page(c, page.Articles, page.NextCursor, newArticleResponse)
	return nil
}

// RegisterArticle adds an article before its first comment.
func (h *Sites) RegisterArticle(c *gin.Context) error {
	var req struct {
		Key            string               `json:"key"`
		URL            string               `json:"url"`
		Title          string               `json:"title"`
		Tags           []string             `json:"tags"`
		Authors        []string             `json:"authors"`
		PublishedAt    time.Time            `json:"published_at"`
		Closed         bool                 `json:"closed"`
		CloseAfterDays *int                 `json:"close_after_days"`
		Mode           rules.ModerationMode `json:"mode"`
		Schedule       schedule.Schedule    `json:"schedule"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	if err := checkPublication(&req.PublishedAt); err != nil {
		return err
	}
	article, err := h.Sites.Register(c.Request.Context(), session.ViewerOf(c), c.Param("site"), moderation.NewArticle{
		ArticleRef: moderation.ArticleRef{Key: req.Key, URL: req.URL, Title: req.Title},
		Tags:       req.Tags, Authors: req.Authors, PublishedAt: req.PublishedAt, Closed: req.Closed,
		CloseAfterDays: req.CloseAfterDays, Mode: req.Mode, Schedule: req.Schedule,
	})
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusCreated, newArticleResponse(article))
	return nil
}

// ChangeArticle changes the fields of an article that the request contains. Without the permission for articles,
// moderators and server keys may change only whether it is closed, and its mode.
func (h *Sites) ChangeArticle(c *gin.Context) error {
	var req struct {
		URL            *string               `json:"url"`
		Title          *string               `json:"title"`
		Tags           *[]string             `json:"tags"`
		Authors        *[]string             `json:"authors"`
		PublishedAt    *time.Time            `json:"published_at"`
		Closed         *bool                 `json:"closed"`
		CloseAfterDays *int                  `json:"close_after_days"`
		Mode           *rules.ModerationMode `json:"mode"`
		Schedule       *schedule.Schedule    `json:"schedule"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	forAdmins := req.URL != nil || req.Title != nil || req.Tags != nil || req.Authors != nil ||
		req.PublishedAt != nil || req.CloseAfterDays != nil
	if forAdmins && !session.IdentityOf(c).May(auth.PermissionArticles) {
		return refusedArticleFields(session.IdentityOf(c))
	}
	if err := checkPublication(req.PublishedAt); err != nil {
		return err
	}
	ref := moderation.SiteArticle{SiteSlug: c.Param("site"), Key: c.Query("article")}
	article, err := h.Sites.ChangeArticle(c.Request.Context(), session.ViewerOf(c), ref, moderation.ArticleChange{
		URL:            req.URL,
		Title:          req.Title,
		Tags:           req.Tags,
		Authors:        req.Authors,
		Closed:         req.Closed,
		PublishedAt:    req.PublishedAt,
		CloseAfterDays: req.CloseAfterDays,
		Mode:           req.Mode,
		Schedule:       req.Schedule,
	})
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, newArticleResponse(article))
	return nil
}

// refusedArticleFields returns the error for fields that the caller may not change.
func refusedArticleFields(who auth.Identity) error {
	if who.IsKey() {
		return &httpio.KeyScopeError{Needs: []auth.Permission{auth.PermissionArticles}}
	}
	return httpio.ErrRole
}

// The years in which an article may have been published, which both databases and all clients can represent.
const (
	firstYear = 1
	LastYear  = 9998
)

// checkPublication rejects times that can't be stored. The zero time and nil are unset.
func checkPublication(at *time.Time) error {
	if at == nil || at.IsZero() {
		return nil
	}
	if year := at.UTC().Year(); year < firstYear || year > LastYear {
		return httpio.InvalidField("/published_at", "out_of_range", "Must be a time from year 1 to year 9998.")
	}
	return nil
}
