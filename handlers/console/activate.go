package console

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/page"
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
	if view.rulesFrame, err = h.newRulesFrame(c, "versions", "Activate version "+strconv.Itoa(r.Version)); err != nil {
		return err
	}
	if view.From, err = h.activeVersion(c); err != nil {
		return err
	}
	view.versionView = newVersionView(view.rulesFrame, r, view.From)
	ref := rulebook.Ref{SiteSlug: c.Query("site"), Version: r.Version}
	view.Question, view.Button = activateQuestion(r, view.From)
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

func activateQuestion(r moderation.Ruleset, active int) (question, button string) {
	number := strconv.Itoa(r.Version)
	switch {
	case r.Active:
		return "Re-run version " + number + " on the queue?", "Re-run"
	case r.Version < active:
		return "Roll back to version " + number + "?", "Roll back"
	}
	return "Activate version " + number + "?", "Activate"
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
	return newRerunView(result, partial), nil
}

func newRerunView(r rulebook.RerunResult, partial bool) rerunView {
	v := rerunView{Partial: partial, Waiting: page.Plural(r.Examined+r.ByPerson, "comment")}
	for _, line := range []struct {
		action moderation.Action
		text   string
	}{
		{moderation.ActionApprove, "would be approved"},
		{moderation.ActionReject, "would be rejected"},
		{moderation.ActionSpam, "would be marked as spam"},
		{moderation.ActionHold, "would stay in the queue"},
	} {
		if n := r.Actions[line.action]; n > 0 {
			v.Lines = append(v.Lines, page.Grouped(n)+" "+line.text)
		}
	}
	if r.ByPerson > 0 {
		v.Lines = append(v.Lines, page.Grouped(r.ByPerson)+" would stay as a moderator decided")
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
		v.Samples.More = page.Grouped(more)
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
	text := "Version " + strconv.Itoa(r.Version) + " is active."
	if values.Get("rerun") != "" {
		httpio.LiftDeadlines(c)
		result, err := h.Rerun.Run(ctx, session.ViewerOf(c), ref)
		text += " Judged again: " + page.Plural(result.Examined, "comment") + ". Decided: " +
			page.Grouped(result.Changed) + "."
		if err != nil {
			httpio.ReportProblem(c, h.Log, err)
			text += " The re-run stopped early; run it again to finish."
		}
	}
	return h.redirect(c, rulesURL(RulesPath, c.Query("site")), notice{Text: text})
}
