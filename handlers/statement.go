package handlers

import (
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/locale"
	"rejoinder/moderation"
)

// statementAnswer is the statement of reasons for the writer of a refused comment.
type statementAnswer struct {
	Code      string    `json:"reason_code,omitempty"`
	Words     string    `json:"words,omitempty"`
	Automated bool      `json:"automated"`
	DecidedAt time.Time `json:"decided_at"`
}

func newStatementAnswer(c *gin.Context, s *moderation.Statement) *statementAnswer {
	if s == nil {
		return nil
	}
	return &statementAnswer{
		Code: s.Code, Automated: s.Automated, DecidedAt: s.DecidedAt.UTC(),
		Words: statementWords(locale.Match(c.Query("lang"), c.GetHeader("Accept-Language"), s.Locale), s),
	}
}

// statementWords are the moderator's or the rule's own, else what the site says for the reason code in that
// language or in its own, else our words for the code.
func statementWords(l *locale.Language, s *moderation.Statement) string {
	if s.Words != "" || s.Code == "" {
		return s.Words
	}
	return reasonWords(l, s.Locale, moderation.Reason{Code: s.Code, Text: s.Texts})
}

func reasonWords(l *locale.Language, siteLocale string, r moderation.Reason) string {
	for _, tag := range []string{l.Tag, siteLocale, locale.Match("", "", siteLocale).Tag} {
		if words := r.Text[tag]; words != "" {
			return words
		}
	}
	if key := "ruling." + r.Code; len(r.Text) == 0 && l.Has(key) {
		return l.Text(key)
	}
	for _, known := range locale.Languages() {
		if words := r.Text[known.Tag]; words != "" {
			return words
		}
	}
	return l.Text("ruling.other")
}

// refusalWords tell the writer why, on a page.
func refusalWords(o moderation.OwnComment, l *locale.Language) string {
	if o.PublicReason != "" || o.Statement == nil {
		return o.PublicReason
	}
	return statementWords(l, o.Statement)
}

func decidedBy(o moderation.OwnComment, l *locale.Language) string {
	switch {
	case o.Statement == nil:
		return ""
	case o.Statement.Automated:
		return l.Text("status.automated")
	}
	return l.Text("status.person")
}

// reasonAnswer is a reason code with what it tells writers, in the site's language.
type reasonAnswer struct {
	Code  string `json:"code"`
	Words string `json:"words"`
}

func newReasonAnswers(site moderation.Site) []reasonAnswer {
	list := site.Settings.ReasonList()
	answers := make([]reasonAnswer, len(list))
	for i, r := range list {
		answers[i] = reasonAnswer{r.Code, reasonWords(locale.Match("", "", site.Locale), site.Locale, r)}
	}
	return answers
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

func newTakenDecision(s moderation.Stale) *takenDecision {
	d := s.Decision
	return &takenDecision{ID: d.ID, Version: d.Version, Action: d.Action, To: d.To, Actor: d.Actor, Moderator: s.Moderator,
		Reason: d.Reason, ReasonCode: d.ReasonCode, CreatedAt: d.CreatedAt.UTC()}
}
