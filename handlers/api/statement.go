package api

import (
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/moderation"
)

// statementResponse is the statement of reasons for the author of a rejected comment.
type statementResponse struct {
	Code      string    `json:"reason_code,omitempty"`
	Words     string    `json:"words,omitempty"`
	Automated bool      `json:"automated"`
	DecidedAt time.Time `json:"decided_at"`
}

func newStatementResponse(c *gin.Context, s *moderation.Statement) *statementResponse {
	if s == nil {
		return nil
	}
	return &statementResponse{
		Code: s.Code, Automated: s.Automated, DecidedAt: s.DecidedAt.UTC(),
		Words: page.StatementWords(locale.Match(c.Query("lang"), c.GetHeader("Accept-Language"), s.Locale), s),
	}
}

// ReasonResponse is a reason code with its text for authors, in the site's language.
type ReasonResponse struct {
	Code  string `json:"code"`
	Words string `json:"words"`
}

// NewReasonResponses returns the reasons of a site.
func NewReasonResponses(site moderation.Site) []ReasonResponse {
	list := site.Settings.ReasonList()
	responses := make([]ReasonResponse, len(list))
	for i, r := range list {
		responses[i] = ReasonResponse{r.Code, page.ReasonWords(locale.Match("", "", site.Locale), site.Locale, r)}
	}
	return responses
}
