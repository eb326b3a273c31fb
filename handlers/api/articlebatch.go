package api

import (
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/rules"
)

// putArticle is one article of a batch. Omitted fields stay unchanged.
type putArticle struct {
	Key            string                `json:"key"`
	URL            *string               `json:"url"`
	Title          *string               `json:"title"`
	Tags           *[]string             `json:"tags"`
	Authors        *[]string             `json:"authors"`
	PublishedAt    *time.Time            `json:"published_at"`
	Closed         *bool                 `json:"closed"`
	CloseAfterDays *int                  `json:"close_after_days"`
	Mode           *rules.ModerationMode `json:"mode"`
}

// putResponse says what was done with each article, in the order of the request.
type putResponse struct {
	Created   int             `json:"created"`
	Changed   int             `json:"changed"`
	Unchanged int             `json:"unchanged"`
	Refused   int             `json:"refused"`
	Articles  []putResultItem `json:"articles"`
}

type putResultItem struct {
	Key    string                `json:"key"`
	Result moderation.PutOutcome `json:"result"`
	Errors []httpio.FieldFault   `json:"errors,omitempty"`
}

// PutArticles registers and changes up to moderation.MaxArticleBatch articles in one transaction.
func (h *Sites) PutArticles(c *gin.Context) error {
	var req struct {
		Articles []putArticle `json:"articles"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxRulesetBody); err != nil {
		return err
	}
	puts := make([]moderation.ArticlePut, len(req.Articles))
	for i, a := range req.Articles {
		if err := checkPublication(a.PublishedAt); err != nil {
			return httpio.InvalidField(fmt.Sprintf("/articles/%d/published_at", i), "out_of_range",
				"Must be a time from year 1 to year 9998.")
		}
		puts[i] = moderation.ArticlePut{Key: a.Key, ArticleChange: moderation.ArticleChange{URL: a.URL, Title: a.Title,
			Tags: a.Tags, Authors: a.Authors, PublishedAt: a.PublishedAt, Closed: a.Closed,
			CloseAfterDays: a.CloseAfterDays, Mode: a.Mode}}
	}
	results, err := h.Sites.PutArticles(c.Request.Context(), session.ViewerOf(c), c.Param("site"), puts)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, newPutResponse(results))
	return nil
}

func newPutResponse(results []moderation.PutResult) putResponse {
	r := putResponse{Articles: make([]putResultItem, len(results))}
	for i, result := range results {
		item := putResultItem{Key: httpio.Printable(result.Key), Result: result.Outcome}
		for _, f := range result.Faults {
			item.Errors = append(item.Errors, httpio.FieldFault{
				Pointer: fmt.Sprintf("/articles/%d%s", i, f.Pointer), Code: f.Code, Detail: f.Detail})
		}
		r.Articles[i] = item
		switch result.Outcome {
		case moderation.PutCreated:
			r.Created++
		case moderation.PutChanged:
			r.Changed++
		case moderation.PutUnchanged:
			r.Unchanged++
		case moderation.PutRefused:
			r.Refused++
		}
	}
	return r
}
