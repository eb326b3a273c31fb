package console

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/handlers/rulewords"
	"rejoinder/handlers/session"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/rules"
)

// trialView is a pasted comment with a ruleset's verdict on it.
type trialView struct {
	As      string // whose comment to assume; empty for the default
	Body    string
	Name    string
	Email   string
	URL     string
	Address string
	Refusal string // why there is no verdict
	Result  *verdictView
}

func (v *trialView) refuse(words *locale.Language, p httpio.Problem) {
	v.Refusal = problemText(words, p)
	if p.Type == httpio.ProblemPrefix+httpio.KindRuleset.Code {
		v.Refusal = "The rules have errors, which are listed next to them."
	}
}

// verdictView is a verdict with the hits and the trace that led to it.
type verdictView struct {
	Action  rules.Action
	Outcome string
	Score   string
	Name    []page.Segment
	Body    page.MarkedComment
	Caption string
	Hits    []trialHitView
	Trace   []rulebook.TraceStep
}

// trialHitView is one rule that fired, with the words that it fired on.
type trialHitView struct {
	Rule    string
	Reason  string
	Effect  string
	Decided bool
	Shadow  bool
	Field   string   // where the words are
	Words   []string // without duplicates
}

// maxHitWords bounds the words that are shown beside a hit. All are highlighted in the text.
const maxHitWords = 8

// runTrial judges the pasted comment.
func (h *Rules) runTrial(c *gin.Context, v *trialView, ruleset rulebook.DraftRef) error {
	trial := rulebook.Trial{
		Ruleset:     ruleset,
		As:          v.As,
		Body:        v.Body,
		AuthorName:  v.Name,
		AuthorEmail: v.Email,
		AuthorURL:   v.URL,
		Address:     v.Address,
	}
	result, err := h.Trials.Try(c.Request.Context(), session.ViewerOf(c), c.Query("site"), trial)
	if err != nil {
		return err
	}
	verdict := result.Verdict
	v.Result = &verdictView{
		Action:  verdict.Action,
		Outcome: verdictText(session.Words(c), verdict),
		Score:   formatScore(session.Words(c), verdict.Score),
		Name:    page.Highlight(v.Name, "author_name", verdict.Hits),
		Body:    page.MarkComment(result.Body, verdict.Hits),
		Caption: "As readers would see it",
		Trace:   result.Trace,
	}
	texts := map[string]string{"body": result.Body, "author_name": v.Name, "author_url": v.URL}
	for _, hit := range verdict.Hits {
		v.Result.Hits = append(v.Result.Hits, newTrialHitView(session.Words(c), hit, verdict.Cause, texts))
	}
	return nil
}

func newTrialHitView(words *locale.Language, hit rules.Hit, cause string, texts map[string]string) trialHitView {
	v := trialHitView{
		Rule:    hit.Rule,
		Reason:  rulewords.Reason(words, hit.Reason),
		Effect:  effectText(words, hit.Action, hit.Score),
		Decided: hit.Rule == cause,
		Shadow:  hit.Mode == rules.Shadow,
		Field:   hit.Field,
	}
	for _, part := range matchedParts(hit, texts) {
		if part.Marked && len(v.Words) < maxHitWords && !slices.Contains(v.Words, part.Text) {
			v.Words = append(v.Words, part.Text)
		}
	}
	return v
}

// matchedParts returns the texts of all fields as readers see them, with what a rule matched marked.
func matchedParts(hit rules.Hit, texts map[string]string) []page.Segment {
	hits := []rules.Hit{hit}
	parts := page.MarkComment(texts["body"], hits).Shown
	for _, field := range []string{"author_name", "author_url"} {
		parts = append(parts, page.Highlight(texts[field], field, hits)...)
	}
	return parts
}

// effectText is the action and score of a hit.
func effectText(words *locale.Language, action rules.Action, score float64) string {
	var effects []string
	if action != "" {
		effects = append(effects, words.T(string(action)))
	}
	if score != 0 {
		effects = append(effects, words.T("score %s", formatScore(words, score)))
	}
	return strings.Join(effects, ", ")
}

// tryView is the page on which a saved version is tried.
type tryView struct {
	rulesFrame
	Version string // empty for the active one
	Trial   trialView
}

// ShowTrial shows the form for a comment to try the rules on.
func (h *Rules) ShowTrial(c *gin.Context) error {
	return h.renderTrial(c, http.StatusOK, tryView{Version: httpio.Printable(c.Query("version"))})
}

func (h *Rules) renderTrial(c *gin.Context, status int, view tryView) error {
	var err error
	if view.rulesFrame, err = h.newRulesFrame(c, "try", "Try rules"); err != nil {
		return err
	}
	return h.render(c, status, "rules-try", view)
}

// Try shows a version's verdict on the pasted comment. Nothing is saved.
func (h *Rules) Try(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	view := tryView{Version: httpio.Printable(values.Get("version")), Trial: parseTrial(values)}
	var ruleset rulebook.DraftRef // zero: the active version
	if view.Version != "" {
		if ruleset.Version, _ = httpio.WholeNumber(view.Version); ruleset.Version < 1 {
			return httpio.InvalidField("/version", "out_of_range", "Must be a whole number from 1 on.")
		}
	}
	status := http.StatusOK
	if err := h.runTrial(c, &view.Trial, ruleset); err != nil {
		p := httpio.ReportProblem(c, h.Log, err)
		view.Trial.refuse(session.Words(c), p)
		status = p.Status
	}
	return h.renderTrial(c, status, view)
}
