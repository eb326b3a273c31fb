package api

import (
	"cmp"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/moderation"
	"rejoinder/moderation/readers"
)

// Comments serves what readers do with comments: submit, edit, vote, report, appeal.
type Comments struct {
	Intake  *moderation.Intake
	Editor  *moderation.Editor
	Author  *moderation.AuthorService
	Votes   *moderation.Votes
	Reports *moderation.Reports
	Sites   *moderation.Sites
	Readers *readers.Readers
}

// commentRequest is a comment as a reader submits it.
type commentRequest struct {
	Article struct {
		Key   string `json:"key"`
		URL   string `json:"url"`
		Title string `json:"title"`
	} `json:"article"`
	ParentID       string `json:"parent_id"`
	AuthorName     string `json:"author_name"`
	AuthorEmail    string `json:"author_email"`
	AuthorURL      string `json:"author_url"`
	Body           string `json:"body"`
	Remember       bool   `json:"remember"`
	Notify         bool   `json:"notify"`
	Nudge          bool   `json:"nudge"`
	CommenterToken string `json:"commenter_token"`
	Identity       string `json:"identity"`
	Form           struct {
		Token    string `json:"token"`
		Honeypot string `json:"honeypot"`
		Pasted   *int   `json:"pasted_characters"`
	} `json:"form"`
}

// acceptedResponse is for the author of a comment that was stored.
type acceptedResponse struct {
	Comment        authorCommentResponse `json:"comment"`
	Receipt        string                `json:"receipt"`
	CommenterToken string                `json:"commenter_token,omitempty"`
	// EmailSuggestion is the address that the author probably meant.
	EmailSuggestion string `json:"email_suggestion,omitempty"`
}

// authorCommentResponse is a comment as its author sees it.
type authorCommentResponse struct {
	ID           string             `json:"id"`
	ParentID     *string            `json:"parent_id"`
	Status       moderation.Status  `json:"status"`
	PublicReason string             `json:"public_reason,omitempty"`
	AuthorName   string             `json:"author_name"`
	AuthorURL    string             `json:"author_url,omitempty"`
	Badges       []string           `json:"badges,omitempty"`
	Body         string             `json:"body"`
	HTML         string             `json:"html"`
	Version      int                `json:"version"`
	CreatedAt    time.Time          `json:"created_at"`
	EditedAt     time.Time          `json:"edited_at,omitzero"`
	EditUntil    time.Time          `json:"edit_until,omitzero"`
	MayAppeal    bool               `json:"may_appeal,omitempty"`
	AppealedAt   time.Time          `json:"appealed_at,omitzero"`
	Statement    *statementResponse `json:"statement,omitempty"`
}

func newAuthorCommentResponse(c *gin.Context, o moderation.AuthorView) authorCommentResponse {
	words := locale.Match(c.Query("lang"), c.GetHeader("Accept-Language"), o.Locale)
	return authorCommentResponse{
		ID: o.ID, ParentID: httpio.OrNull(o.ParentID), Status: o.Status,
		PublicReason: page.RuleWords(words, o.ReasonCode, o.PublicReason),
		AuthorName:   o.AuthorName, AuthorURL: o.AuthorURL, Badges: o.Badges, Body: o.Body,
		HTML: o.BodyHTML, Version: o.Version,
		CreatedAt: o.CreatedAt.UTC(), EditedAt: o.EditedAt.UTC(), EditUntil: o.EditUntil.UTC(),
		MayAppeal: o.MayAppeal, AppealedAt: o.AppealedAt.UTC(), Statement: newStatementResponse(c, o.Statement),
	}
}

// Create submits a comment or a reply.
func (h *Comments) Create(c *gin.Context) error {
	var req commentRequest
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	accepted, err := h.Intake.Submit(c.Request.Context(), req.submission(c))
	if err != nil {
		return err
	}
	c.Header("Location", "/api/v1/comments/"+accepted.Comment.ID)
	httpio.JSON(c, http.StatusCreated, acceptedResponse{
		Comment: newAuthorCommentResponse(c, accepted.Comment), Receipt: accepted.Receipt,
		CommenterToken: accepted.CommenterToken, EmailSuggestion: accepted.EmailSuggestion,
	})
	return nil
}

func (r commentRequest) submission(c *gin.Context) moderation.Submission {
	return moderation.Submission{
		SiteSlug:       c.Param("site"),
		Article:        moderation.ArticleRef{Key: r.Article.Key, URL: r.Article.URL, Title: r.Article.Title},
		ParentID:       r.ParentID,
		AuthorName:     r.AuthorName,
		AuthorEmail:    r.AuthorEmail,
		AuthorURL:      r.AuthorURL,
		Body:           r.Body,
		Remember:       r.Remember,
		MayNudge:       r.Nudge,
		Notify:         r.Notify,
		Language:       page.KnownLanguage(c.Query("lang")),
		CommenterToken: r.CommenterToken,
		Identity:       cmp.Or(r.Identity, c.GetHeader(httpio.HeaderIdentity)),
		Form: moderation.FormEvidence{
			Kind:     moderation.FormJSON,
			Token:    r.Form.Token,
			Honeypot: r.Form.Honeypot,
			Pasted:   r.Form.Pasted,
		},
		IdempotencyKey: c.GetHeader("Idempotency-Key"),
		Origin:         c.GetHeader("Origin"),
		Address:        httpio.ClientAddress(c),
	}
}

// Preview renders the text of a comment.
func (h *Comments) Preview(c *gin.Context) error {
	var req struct {
		Body string `json:"body"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	if _, err := h.Sites.Find(c.Request.Context(), moderation.Viewer{}, c.Param("site")); err != nil {
		return err
	}
	html, err := moderation.Preview(req.Body)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, struct {
		HTML string `json:"html"`
	}{html})
	return nil
}
