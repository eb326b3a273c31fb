package console

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/rules"
)

// previewTimeout bounds the preview on the activation page. A queue that takes longer is previewed in part.
const previewTimeout = 8 * time.Second

// activateView asks to confirm the activation of a version.
type activateView struct {
	rulesFrame
	versionView
	From     int // the active version
	Changes  rules.Changes
	Warnings []httpio.FieldFault
	Preview  rerunView
	Question string
	Button   string
}

// rerunView previews what judging the queue again would do.
type rerunView struct {
	Partial bool // the preview timed out
	Waiting string
	Lines   []string
	Samples *changedView // nil: no verdict changes
}

// ShowActivation shows what activating a version would change, in the rules and in the queue.
func (h *Rules) ShowActivation(c *gin.Context) error {
	r, err := h.requestedRuleset(c)
	if err != nil {
		return err
	}
	var view activateView
	if view.rulesFrame, err = h.newRulesFrame(c, "versions", session.Words(c).T("Activate version %s", strconv.Itoa(r.Version))); err != nil {
		return err
	}
	if view.From, err = h.activeVersion(c); err != nil {
		return err
	}
	view.versionView = newVersionView(view.rulesFrame, r, view.From)
	ref := rulebook.Ref{SiteSlug: c.Query("site"), Version: r.Version}
	view.Question, view.Button = activateQuestion(session.Words(c), r, view.From)
	if view.Changes, err = h.Rulebook.Diff(c.Request.Context(), session.ViewerOf(c),
		rulebook.Ref{SiteSlug: ref.SiteSlug, Version: view.From}, ref); err != nil {
		return err
	}
	missing, err := h.Rulebook.Missing(c.Request.Context(), session.ViewerOf(c), ref)
	if err != nil {
		return err
	}
	view.Warnings = httpio.RulesetFaults(missing, "warning")
	if view.Preview, err = h.previewRerun(c, ref); err != nil {
		return err
	}
	return h.render(c, http.StatusOK, "rules-activate", view)
}

func activateQuestion(words *locale.Language, r moderation.Ruleset, active int) (question, button string) {
	number := strconv.Itoa(r.Version)
	switch {
	case r.Active:
		return words.T("Re-run version %s on the queue?", number), "Re-run"
	case r.Version < active:
		return words.T("Roll back to version %s?", number), "Roll back"
	}
	return words.T("Activate version %s?", number), "Activate"
}

// previewRerun judges the queue without deciding anything, for as long as previewTimeout.
func (h *Rules) previewRerun(c *gin.Context, ref rulebook.Ref) (rerunView, error) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), previewTimeout)
	defer cancel()
	result, err := h.Rerun.Preview(ctx, session.ViewerOf(c), ref)
	partial := errors.Is(err, context.DeadlineExceeded)
	if err != nil && !partial {
		return rerunView{}, err
	}
	return newRerunView(session.Words(c), result, partial), nil
}

func newRerunView(words *locale.Language, r rulebook.RerunResult, partial bool) rerunView {
	v := rerunView{Partial: partial, Waiting: words.N("%d comment", "%d comments", r.Examined+r.ByPerson)}
	for _, line := range []struct {
		action moderation.Action
		text   string
	}{
		{moderation.ActionApprove, "%d would be approved"},
		{moderation.ActionReject, "%d would be rejected"},
		{moderation.ActionSpam, "%d would be marked as spam"},
		{moderation.ActionHold, "%d would stay in the queue"},
	} {
		if n := r.Actions[line.action]; n > 0 {
			v.Lines = append(v.Lines, words.T(line.text, n))
		}
	}
	if r.ByPerson > 0 {
		v.Lines = append(v.Lines, words.T("%d would stay as a moderator decided", r.ByPerson))
	}
	if len(r.Sample) == 0 {
		return v
	}
	v.Samples = &changedView{Summary: "Show comments"}
	for _, change := range r.Sample {
		v.Samples.Sample = append(v.Samples.Sample, changedSampleView{
			Href: RootPath + "/comments/" + change.CommentID, Action: change.Action, Cause: change.Cause})
	}
	if more := r.Examined - r.Actions[moderation.ActionHold] - len(r.Sample); more > 0 {
		v.Samples.More = words.Number(more)
	}
	return v
}

// Activate makes a version the active one and, if requested, judges the queue again.
func (h *Rules) Activate(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	r, err := h.requestedRuleset(c)
	if err != nil {
		return err
	}
	ref, ctx := rulebook.Ref{SiteSlug: c.Query("site"), Version: r.Version}, c.Request.Context()
	if !r.Active {
		if _, err := h.Rulebook.Activate(ctx, session.ViewerOf(c), ref); err != nil {
			return err
		}
	}
	words := session.Words(c)
	text := words.T("Version %s is active.", strconv.Itoa(r.Version))
	if values.Get("rerun") != "" {
		httpio.LiftDeadlines(c)
		result, err := h.Rerun.Run(ctx, session.ViewerOf(c), ref)
		text += " " + words.N("Judged again: %d comment. Decided: %d.", "Judged again: %d comments. Decided: %d.",
			result.Examined, result.Changed)
		if err != nil {
			httpio.ReportProblem(c, h.Log, err)
			text += " " + words.T("The re-run stopped early; run it again to finish.")
		}
	}
	return h.redirect(c, rulesURL(RulesPath, c.Query("site")), notice{Text: text})
}
