package console

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/rules"
)

// previewTime is how long the page of an activation may look at what waits. A longer queue is shown in part.
const previewTime = 8 * time.Second

// activateView asks whether a version is to judge from now on.
type activateView struct {
	rulesFrame
	versionView
	From     int // the version that judges now
	Changes  rules.Changes
	Preview  rerunView
	Question string
	Button   string
}

// rerunView is what a re-run would do.
type rerunView struct {
	Partial bool // there was no time to look at all that waits
	Waiting string
	Lines   []string
	Sample  []rerunSampleView
	More    string
}

type rerunSampleView struct {
	Href   string
	Action moderation.Action
	Cause  string
}

// ActivatePage says what activating a version changes, and what becomes of the queue if it is judged again.
func (h *Rules) ActivatePage(c *gin.Context) error {
	r, err := h.rulesetOfQuery(c)
	if err != nil {
		return err
	}
	var view activateView
	if view.rulesFrame, err = h.rulesFrame(c, "versions", "Activate version "+strconv.Itoa(r.Version)); err != nil {
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
	if view.Preview, err = h.previewRerun(c, ref); err != nil {
		return err
	}
	return h.renderConsole(c, http.StatusOK, "rules-activate", view)
}

func activateQuestion(r moderation.Ruleset, active int) (question, button string) {
	number := strconv.Itoa(r.Version)
	switch {
	case r.Active:
		return "Judge the queue again under version " + number + "?", "Re-run"
	case r.Version < active:
		return "Roll back to version " + number + "?", "Roll back"
	}
	return "Activate version " + number + "?", "Activate"
}

// previewRerun looks at what waits for as long as a page may take.
func (h *Rules) previewRerun(c *gin.Context, ref rulebook.Ref) (rerunView, error) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), previewTime)
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
	words := []struct {
		action moderation.Action
		text   string
	}{{moderation.ActionApprove, "would be approved"}, {moderation.ActionReject, "would be rejected"},
		{moderation.ActionSpam, "would be called spam"}, {moderation.ActionHold, "would go on waiting"}}
	for _, each := range words {
		if n := r.Actions[each.action]; n > 0 {
			v.Lines = append(v.Lines, page.Grouped(n)+" "+each.text)
		}
	}
	if r.ByPerson > 0 {
		v.Lines = append(v.Lines, page.Grouped(r.ByPerson)+" would be left alone after a moderator’s decision")
	}
	for _, change := range r.Sample {
		v.Sample = append(
			v.Sample,
			rerunSampleView{RootPath + "/comments/" + change.CommentID, change.Action, change.Cause},
		)
	}
	if more := r.Examined - r.Actions[moderation.ActionHold] - len(r.Sample); more > 0 {
		v.More = page.Grouped(more)
	}
	return v
}

// ActivateForm makes a version the one that judges and, if asked to, has it judge again what waits.
func (h *Rules) ActivateForm(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	r, err := h.rulesetOfQuery(c)
	if err != nil {
		return err
	}
	ref, ctx := rulebook.Ref{SiteSlug: c.Query("site"), Version: r.Version}, c.Request.Context()
	if !r.Active {
		if _, err := h.Rulebook.Activate(ctx, session.ViewerOf(c), ref); err != nil {
			return err
		}
	}
	said := []string{"rules", strconv.Itoa(r.Version), "", "", ""}
	if values.Get("rerun") != "" {
		httpio.LiftDeadlines(c)
		result, err := h.Rerun.Run(ctx, session.ViewerOf(c), ref)
		if err != nil {
			h.explained(c, err)
			said[4] = "stopped"
		}
		said[2], said[3] = strconv.Itoa(result.Examined), strconv.Itoa(result.Changed)
	}
	h.leaveNotice(c, strings.Join(said, ":"))
	httpio.SeeOther(c, rulesAt(RulesPath, c.Query("site")))
	return nil
}

// rulesNotice says what an activation did: the parts of what leaveNotice was told.
func rulesNotice(parts []string) notice {
	if len(parts) != 5 {
		return notice{}
	}
	said := notice{Text: "Version " + parts[1] + " judges now."}
	examined, err := strconv.Atoi(parts[2])
	changed, faulty := strconv.Atoi(parts[3])
	if err != nil || faulty != nil {
		return said
	}
	said.Text += " Judged again: " + page.Plural(examined, "comment") + ". Decided: " + page.Grouped(changed) + "."
	if parts[4] != "" {
		said.Text += " The re-run stopped before its end; run it again to go on."
	}
	return said
}
