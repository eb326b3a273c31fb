package console

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/api"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/rules"
)

// EditPath is where rulesets are written.
const EditPath = RulesPath + "/edit"

// MaxRulesetForm is how many bytes the editor's form may have: a form writes one byte of a document as up to
// three.
const MaxRulesetForm = 4 << 20

// defaultBacktestDays is how far back a backtest looks unless it is told.
const defaultBacktestDays = "30"

// editorView is a ruleset that is being written.
type editorView struct {
	rulesFrame
	From        string // the version that it was begun from
	Typed       bool   // it is not the source of a version: the moderator, or a switch of modes, changed it
	Source      string
	Note        string
	Days        string
	Explanation string // why nothing was saved
	Faults      []string
	Check       checkView
	Trial       trialView
	Backtest    *backtestView
	Refusal     string // why there is no backtest
}

// checkView is what is wrong with a document.
type checkView struct {
	Checked  bool
	Faults   []httpio.FieldFault
	Warnings []httpio.FieldFault
}

// Summary says how many faults there are.
func (v checkView) Summary() string {
	if len(v.Faults) == 0 {
		return "No faults, and every test passes."
	}
	return page.Plural(len(v.Faults), "fault") + ". It cannot be saved like this."
}

// newCheckView shows what a check found. An error that is none of the document comes back.
func newCheckView(compiled *rules.Ruleset, err error) (checkView, error) {
	var faults *rules.Faults
	switch {
	case errors.As(err, &faults):
		return checkView{Checked: true, Faults: httpio.RulesetFaults(faults.List, "ruleset")}, nil
	case err != nil:
		return checkView{}, err
	}
	return checkView{Checked: true, Warnings: httpio.RulesetFaults(compiled.Warnings(), "warning")}, nil
}

// EditRulesPage opens the editor with a version, or with the active one. A rule and a mode in the query are a
// change to begin with.
func (h *Rules) EditRulesPage(c *gin.Context) error {
	number := c.Query("version")
	if number == "" {
		active, err := h.activeVersion(c)
		if err != nil {
			return err
		}
		number = strconv.Itoa(active)
	}
	ref, err := versionOf(c, number)
	if err != nil {
		return err
	}
	r, err := h.Rulebook.Version(c.Request.Context(), session.ViewerOf(c), ref)
	if err != nil {
		return err
	}
	view := editorView{From: number, Source: r.Source, Days: defaultBacktestDays}
	if rule := c.Query("rule"); rule != "" {
		if switched, ok := rules.SwitchMode(c.Request.Context(), []byte(r.Source), rule, rules.Mode(c.Query("mode"))); ok {
			view.Source, view.Typed, view.Note = string(switched), true, httpio.Printable(rule)+": "+httpio.Printable(c.Query("mode"))+"."
		}
	}
	return h.showEditor(c, http.StatusOK, view)
}

func (h *Rules) showEditor(c *gin.Context, status int, view editorView) error {
	var err error
	if view.rulesFrame, err = h.rulesFrame(c, "edit", "Edit the rules"); err != nil {
		return err
	}
	return h.renderConsole(c, status, "rules-edit", view)
}

// EditRulesForm does with the draft what its button says: check, try, backtest or save it. What was typed
// comes back with the answer, whatever the answer is.
func (h *Rules) EditRulesForm(c *gin.Context) error {
	values, err := httpio.FormValuesWithin(c, MaxRulesetForm)
	if err != nil {
		return err
	}
	view := editorView{From: httpio.Printable(values.Get("from")), Typed: true, Source: plainLines(values.Get("source")),
		Note: httpio.Printable(values.Get("note")), Days: httpio.Printable(values.Get("days")), Trial: trialOf(values)}
	switch values.Get("do") {
	case "save":
		return h.saveDraft(c, view)
	case "try":
		return h.answerEditor(c, h.tryDraft(c, &view), "rules-trial", view)
	case "backtest":
		return h.backtestDraft(c, view)
	}
	return h.checkDraft(c, view)
}

// plainLines gives a document the line ends that it had before a browser sent it (HTML, "constructing the
// entry list").
func plainLines(typed string) string {
	return strings.ReplaceAll(httpio.Printable(typed), "\r\n", "\n")
}

// checkDraft says what is wrong with the draft.
func (h *Rules) checkDraft(c *gin.Context, view editorView) error {
	var err error
	view.Check, err = newCheckView(
		h.Rulebook.Check(c.Request.Context(), session.ViewerOf(c), c.Query("site"), []byte(view.Source)),
	)
	switch {
	case err == nil:
		return h.answerEditor(c, http.StatusOK, "rules-check", view)
	case moduleAsks(c):
		return err
	}
	p := h.explained(c, err)
	view.Explanation = p.Detail
	return h.showEditor(c, p.Status, view)
}

// answerEditor shows the editor with the answer in it. A module gets the part that is new.
func (h *Rules) answerEditor(c *gin.Context, status int, part string, view editorView) error {
	if !moduleAsks(c) {
		return h.showEditor(c, status, view)
	}
	content, err := page.Execute(part, view)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, struct {
		Part   string `json:"part"`
		Faults int    `json:"faults"`
	}{string(content), len(view.Check.Faults)})
	return nil
}

// saveDraft makes the draft the next version.
func (h *Rules) saveDraft(c *gin.Context, view editorView) error {
	saved, err := h.Rulebook.Save(
		c.Request.Context(),
		session.ViewerOf(c),
		c.Query("site"),
		rulebook.Draft{Source: view.Source, Note: view.Note},
	)
	if err == nil {
		h.leaveNotice(c, "ruleset-saved")
		httpio.SeeOther(c, rulesAt(versionPath(saved.Version), c.Query("site")))
		return nil
	}
	p := h.explained(c, err)
	if view.Check, err = newCheckView(nil, err); err != nil {
		view.Check, view.Explanation = checkView{}, p.Detail
		for _, fault := range p.Errors {
			view.Faults = append(view.Faults, fault.Detail)
		}
	}
	return h.showEditor(c, p.Status, view)
}

// explained is the problem of an error that a page explains, logged as fail logs it.
func (h *Rules) explained(c *gin.Context, err error) httpio.Problem {
	p := httpio.ProblemOf(err, httpio.RequestID(c))
	httpio.RecordProblem(c, p)
	if p.Status >= http.StatusInternalServerError {
		h.Log.ErrorContext(
			c.Request.Context(),
			"request failed",
			"request_id",
			httpio.RequestID(c),
			"route",
			c.FullPath(),
			"err",
			err,
		)
	}
	return p
}

// tryDraft shows what the draft says about the pasted comment, and returns the status that goes with it.
func (h *Rules) tryDraft(c *gin.Context, view *editorView) int {
	err := h.runTrial(c, &view.Trial, rulebook.DraftRef{Source: view.Source})
	if err == nil {
		return http.StatusOK
	}
	p := h.explained(c, err)
	view.Check, _ = newCheckView(nil, err)
	view.Trial.refuse(p)
	return p.Status
}

// backtestDraft judges the past under the draft. A module is told of the progress.
func (h *Rules) backtestDraft(c *gin.Context, view editorView) error {
	days, _ := httpio.WholeNumber(view.Days) // a non-number is rejected as out of range
	q := rulebook.BacktestQuery{SiteSlug: c.Query("site"), Ruleset: rulebook.DraftRef{Source: view.Source}, Days: days}
	httpio.LiftDeadlines(c)
	if c.GetHeader("Accept") == api.LinesType {
		return h.streamBacktest(c, view, q)
	}
	report, err := h.Backtests.Run(c.Request.Context(), session.ViewerOf(c), q, func(int, int) {})
	if err == nil {
		view.Backtest = newBacktestView(report)
		return h.showEditor(c, http.StatusOK, view)
	}
	p := h.explained(c, err)
	view.Check, _ = newCheckView(nil, err)
	view.Refusal = strings.Join(append([]string{p.Detail}, details(p.Errors)...), " ")
	return h.showEditor(c, p.Status, view)
}

// streamBacktest sends the progress line by line, then the report as a part of the page.
func (h *Rules) streamBacktest(c *gin.Context, view editorView, q rulebook.BacktestQuery) error {
	report, err := h.Api.RunBacktest(c, q)
	if err != nil || report == nil {
		return err
	}
	view.Backtest = newBacktestView(*report)
	part, err := page.Execute("rules-backtest", view)
	if err != nil {
		return err
	}
	api.SendEvent(c, api.Event{Event: "report", Part: string(part)})
	return nil
}

func details(faults []httpio.FieldFault) []string {
	var list []string
	for _, fault := range faults {
		list = append(list, fault.Detail)
	}
	return list
}

// trialOf reads a pasted comment from a form.
func trialOf(values url.Values) trialView {
	return trialView{
		Body:     httpio.Printable(values.Get("body")),
		Name:     httpio.Printable(values.Get("author_name")),
		Email:    httpio.Printable(values.Get("author_email")),
		URL:      httpio.Printable(values.Get("author_url")),
		Address:  httpio.Printable(values.Get("address")),
		Newcomer: values.Get("newcomer") != "",
	}
}
