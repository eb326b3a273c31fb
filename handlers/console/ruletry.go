package console

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/rules"
)

// trialView is a pasted comment, and what a ruleset says about it.
type trialView struct {
	Body     string
	Name     string
	Email    string
	URL      string
	Address  string
	Newcomer bool
	Refusal  string // why there is no verdict
	Result   *verdictView
}

func (v *trialView) refuse(p httpio.Problem) {
	v.Refusal = strings.Join(append([]string{p.Detail}, details(p.Errors)...), " ")
	if p.Type == httpio.ProblemPrefix+httpio.KindRuleset.Code {
		v.Refusal = "The rules have faults; they are listed beside them."
	}
}

// verdictView is a verdict with everything that led to it.
type verdictView struct {
	Action  rules.Action
	Outcome string
	Score   string
	Name    []page.Segment
	Body    []page.Segment
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
	Field   string   // where the words stand
	Words   []string // each once
}

// hitWords bounds how many of the words that a rule fired on are shown beside it; all are marked in the text.
const hitWords = 8

// newcomerFacts are those of somebody whom nobody knows.
var newcomerFacts = map[string]any{
	"author.approved": 0.0, "author.confirmed": false, "author.recognised": false, "author.first_seen_hours": 0.0,
}

// runTrial judges the pasted comment.
func (h *Rules) runTrial(c *gin.Context, v *trialView, ruleset rulebook.DraftRef) error {
	trial := rulebook.Trial{
		Ruleset:     ruleset,
		Body:        v.Body,
		AuthorName:  v.Name,
		AuthorEmail: v.Email,
		AuthorURL:   v.URL,
		Address:     v.Address,
	}
	if v.Newcomer {
		trial.Facts = newcomerFacts
	}
	result, err := h.Trials.Try(c.Request.Context(), session.ViewerOf(c), c.Query("site"), trial)
	if err != nil {
		return err
	}
	verdict := result.Verdict
	v.Result = &verdictView{
		Action:  verdict.Action,
		Outcome: outcomeWords(verdict),
		Score:   scoreWords(verdict.Score),
		Name:    page.Highlight(v.Name, "author_name", verdict.Hits),
		Body:    page.Highlight(result.Body, "body", verdict.Hits),
		Trace:   result.Trace,
	}
	texts := map[string]string{"body": result.Body, "author_name": v.Name, "author_url": v.URL}
	for _, hit := range verdict.Hits {
		v.Result.Hits = append(v.Result.Hits, newTrialHitView(hit, verdict.Cause, texts))
	}
	return nil
}

func newTrialHitView(hit rules.Hit, cause string, texts map[string]string) trialHitView {
	v := trialHitView{
		Rule:    hit.Rule,
		Reason:  hit.Reason,
		Effect:  effectWords(hit.Action, hit.Score),
		Decided: hit.Rule == cause,
		Shadow:  hit.Mode == rules.Shadow,
		Field:   hit.Field,
	}
	for _, span := range hit.Spans {
		for _, part := range page.Highlight(texts[span.Field], span.Field, []rules.Hit{{Spans: []rules.Span{span}}}) {
			if part.Marked && len(v.Words) < hitWords && !slices.Contains(v.Words, part.Text) {
				v.Words = append(v.Words, part.Text)
			}
		}
	}
	return v
}

// effectWords say what a hit asks for.
func effectWords(action rules.Action, score float64) string {
	var effects []string
	if action != "" {
		effects = append(effects, string(action))
	}
	if score != 0 {
		effects = append(effects, "score "+scoreWords(score))
	}
	return strings.Join(effects, ", ")
}

// tryView is the page on which a saved version is tried.
type tryView struct {
	rulesFrame
	Version string // empty for the active one
	Trial   trialView
}

// TryRulesPage asks for a comment to try the rules on.
func (h *Rules) TryRulesPage(c *gin.Context) error {
	return h.showTry(c, http.StatusOK, tryView{Version: httpio.Printable(c.Query("version"))})
}

func (h *Rules) showTry(c *gin.Context, status int, view tryView) error {
	var err error
	if view.rulesFrame, err = h.rulesFrame(c, "try", "Try the rules"); err != nil {
		return err
	}
	return h.renderConsole(c, status, "rules-try", view)
}

// TryRulesForm shows what a version says about the pasted comment. Nothing is saved.
func (h *Rules) TryRulesForm(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	view, which := tryView{Version: httpio.Printable(values.Get("version")), Trial: trialOf(values)}, rulebook.DraftRef{}
	if view.Version != "" {
		if which.Version, _ = httpio.WholeNumber(view.Version); which.Version < 1 {
			return httpio.InvalidField("/version", "out_of_range", "A version is a number from 1 on.")
		}
	}
	status := http.StatusOK
	if err := h.runTrial(c, &view.Trial, which); err != nil {
		p := h.explained(c, err)
		view.Trial.refuse(p)
		status = p.Status
	}
	return h.showTry(c, status, view)
}
