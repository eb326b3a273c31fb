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
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/rules"
)

// EditPath is the route of the editor.
const EditPath = RulesPath + "/edit"

// MaxRulesetForm is the maximum size of the editor's form in bytes. Form encoding takes up to three bytes for
// each byte of the source.
const MaxRulesetForm = 4 << 20

const defaultBacktestDays = "30"

// editorView is the page of the editor.
type editorView struct {
	rulesFrame
	From        string // the version that the draft was started from
	Typed       bool   // the draft differs from that version
	Source      string
	Note        string
	Days        string
	Explanation string // why nothing was saved
	Said        string // the result of the last form
	Faults      []string
	Check       checkView
	Trial       trialView
	Backtest    *backtestView
	Refusal     string // why the backtest was refused
}

// completion is a name that the editor completes.
type completion struct{ Name, What string }

// Vocabulary returns the facts and functions of conditions.
func (editorView) Vocabulary() []completion {
	var all []completion
	for _, fact := range rules.Registry() {
		all = append(all, completion{fact.Path, fact.What})
	}
	for _, function := range rules.Functions() {
		name, _, _ := strings.Cut(function.Call, "(")
		all = append(all, completion{name, function.What})
	}
	return all
}

// checkView is the result of a check.
type checkView struct {
	Checked  bool
	Faults   []httpio.FieldFault
	Warnings []httpio.FieldFault
}

// Summary says how many errors there are.
func (v checkView) Summary(words *locale.Language) string {
	if len(v.Faults) == 0 {
		return words.T("No errors, and all tests pass.")
	}
	return words.N("%d error. The draft can’t be saved yet.", "%d errors. The draft can’t be saved yet.", len(v.Faults))
}

// newCheckView shows what a check found. It returns errors that are not about the document.
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

// ShowEditor shows the editor with a version, or with the active one. A rule and a mode in the query change
// the draft.
func (h *Rules) ShowEditor(c *gin.Context) error {
	number := c.Query("version")
	if number == "" {
		return h.editDraft(c)
	}
	ref, err := parseVersionRef(c, number)
	if err != nil {
		return err
	}
	r, err := h.Rulebook.Version(c.Request.Context(), session.ViewerOf(c), ref)
	if err != nil {
		return err
	}
	view := editorView{From: number, Source: r.Source, Days: defaultBacktestDays}
	if rule := c.Query("rule"); rule != "" {
		mode := c.Query("mode")
		if switched, ok := rules.SwitchMode(c.Request.Context(), []byte(r.Source), rule, rules.Mode(mode)); ok {
			view.Source, view.Typed = string(switched), true
			view.Note = httpio.Printable(rule) + ": " + httpio.Printable(mode) + "."
		}
	}
	return h.renderEditor(c, http.StatusOK, view)
}

// editDraft shows the moderator's draft, or the active version if there is none.
func (h *Rules) editDraft(c *gin.Context) error {
	draft, err := h.Drafts.Open(c.Request.Context(), session.ViewerOf(c), c.Query("site"))
	if err != nil {
		return err
	}
	return h.renderEditor(c, http.StatusOK, editorView{From: strconv.Itoa(draft.From), Source: draft.Source,
		Typed: draft.Exists, Days: defaultBacktestDays})
}

// keepDraft stores the text as the moderator's draft, valid or not.
func (h *Rules) keepDraft(c *gin.Context, view editorView) error {
	err := h.Drafts.Keep(c.Request.Context(), session.ViewerOf(c), c.Query("site"), view.Source)
	if err == nil {
		return h.redirect(c, rulesURL(EditPath, c.Query("site")), notice{Text: "Saved in your draft."})
	}
	p := httpio.ReportProblem(c, h.Log, err)
	view.Explanation, view.Faults = p.Detail, faultDetails(session.Words(c), p.Errors)
	return h.renderEditor(c, p.Status, view)
}

func (h *Rules) renderEditor(c *gin.Context, status int, view editorView) error {
	var err error
	if view.rulesFrame, err = h.newRulesFrame(c, "edit", "Edit rules"); err != nil {
		return err
	}
	return h.render(c, status, "rules-edit", view)
}

// SubmitEditor checks, tries, backtests or saves the draft, as the button says. The response keeps what was
// typed.
func (h *Rules) SubmitEditor(c *gin.Context) error {
	values, err := httpio.FormValuesWithin(c, MaxRulesetForm)
	if err != nil {
		return err
	}
	view := editorView{
		From: httpio.Printable(values.Get("from")), Typed: true, Source: normalizeNewlines(values.Get("source")),
		Note: httpio.Printable(values.Get("note")), Days: httpio.Printable(values.Get("days")), Trial: parseTrial(values),
	}
	if button, ok := strings.CutPrefix(values.Get("do"), keepPrefix); ok {
		return h.keepOutcome(c, view, button)
	}
	switch values.Get("do") {
	case "save":
		return h.saveDraft(c, view)
	case "keep":
		return h.keepDraft(c, view)
	case "try":
		return h.respondEditor(c, h.tryDraft(c, &view), "rules-trial", view)
	case "backtest":
		return h.backtestDraft(c, view)
	}
	return h.checkDraft(c, view)
}

// normalizeNewlines undoes the CRLF newlines of form submission (HTML, "constructing the entry list").
func normalizeNewlines(typed string) string {
	return strings.ReplaceAll(httpio.Printable(typed), "\r\n", "\n")
}

// checkDraft shows what is wrong with the draft.
func (h *Rules) checkDraft(c *gin.Context, view editorView) error {
	compiled, err := h.Rulebook.Check(c.Request.Context(), session.ViewerOf(c), c.Query("site"), []byte(view.Source))
	view.Check, err = newCheckView(compiled, err)
	if err == nil && compiled != nil {
		var warnings []rules.Fault
		if warnings, err = h.Rulebook.Warnings(c.Request.Context(), session.ViewerOf(c), c.Query("site"), compiled); err == nil {
			view.Check.Warnings = httpio.RulesetFaults(warnings, "warning")
		}
	}
	switch {
	case err == nil:
		return h.respondEditor(c, http.StatusOK, "rules-check", view)
	case wantsJSON(c):
		return err
	}
	p := httpio.ReportProblem(c, h.Log, err)
	view.Explanation = p.Detail
	return h.renderEditor(c, p.Status, view)
}

// respondEditor shows the editor. A module gets only the part with the result.
func (h *Rules) respondEditor(c *gin.Context, status int, part string, view editorView) error {
	if !wantsJSON(c) {
		return h.renderEditor(c, status, view)
	}
	view.Locale = session.Words(c)
	content, err := page.Execute(part, view)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, struct {
		Part   string `json:"part"`
		Faults int    `json:"faults"`
		Said   string `json:"said,omitempty"`
		Source string `json:"source,omitempty"` // if the server changed it
	}{string(content), len(view.Check.Faults), view.Said, changedSource(view)})
	return nil
}

// changedSource returns the document if a test was added to it.
func changedSource(view editorView) string {
	if view.Said == "" {
		return ""
	}
	return view.Source
}

// saveDraft saves the draft as the next version.
func (h *Rules) saveDraft(c *gin.Context, view editorView) error {
	saved, err := h.Rulebook.Save(c.Request.Context(), session.ViewerOf(c), c.Query("site"),
		rulebook.Draft{Source: view.Source, Note: view.Note})
	if err == nil {
		err = h.Drafts.Discard(c.Request.Context(), session.ViewerOf(c), c.Query("site"))
	}
	if err == nil {
		return h.redirect(c, rulesURL(versionPath(saved.Version), c.Query("site")),
			notice{Text: "The version has been saved. It takes effect when you activate it."})
	}
	p := httpio.ReportProblem(c, h.Log, err)
	if view.Check, err = newCheckView(nil, err); err != nil {
		view.Check, view.Explanation, view.Faults = checkView{}, p.Detail, faultDetails(session.Words(c), p.Errors)
	}
	return h.renderEditor(c, p.Status, view)
}

// tryDraft adds the draft's verdict on the pasted comment to the view, and returns the status of the
// response.
func (h *Rules) tryDraft(c *gin.Context, view *editorView) int {
	err := h.runTrial(c, &view.Trial, rulebook.DraftRef{Source: view.Source})
	if err == nil {
		return http.StatusOK
	}
	p := httpio.ReportProblem(c, h.Log, err)
	view.Check, _ = newCheckView(nil, err)
	view.Trial.refuse(session.Words(c), p)
	return p.Status
}

// backtestDraft runs a backtest of the draft. A module gets its progress.
func (h *Rules) backtestDraft(c *gin.Context, view editorView) error {
	days, _ := httpio.WholeNumber(view.Days) // 0, for a non-number, is rejected as out of range
	q := rulebook.BacktestQuery{SiteSlug: c.Query("site"), Days: days,
		Ruleset: rulebook.DraftRef{Source: view.Source}}
	httpio.LiftDeadlines(c)
	if c.GetHeader("Accept") == api.NDJSONType {
		return h.streamBacktest(c, view, q)
	}
	report, err := h.Backtests.Run(c.Request.Context(), session.ViewerOf(c), q, func(int, int) {})
	if err == nil {
		view.Backtest = newBacktestView(session.Words(c), report)
		return h.renderEditor(c, http.StatusOK, view)
	}
	p := httpio.ReportProblem(c, h.Log, err)
	view.Check, _ = newCheckView(nil, err)
	view.Refusal = problemText(session.Words(c), p)
	return h.renderEditor(c, p.Status, view)
}

// streamBacktest sends the progress line by line, then the part of the page with the report.
func (h *Rules) streamBacktest(c *gin.Context, view editorView, q rulebook.BacktestQuery) error {
	report, err := h.API.RunBacktest(c, q)
	if err != nil || report == nil {
		return err
	}
	view.Backtest = newBacktestView(session.Words(c), *report)
	view.Locale = session.Words(c)
	part, err := page.Execute("rules-backtest", view)
	if err != nil {
		return err
	}
	api.SendEvent(c, api.Event{Event: "report", Part: string(part)})
	return nil
}

// parseTrial parses a pasted comment.
func parseTrial(values url.Values) trialView {
	return trialView{
		As:      httpio.Printable(values.Get("as")),
		Body:    httpio.Printable(values.Get("body")),
		Name:    httpio.Printable(values.Get("author_name")),
		Email:   httpio.Printable(values.Get("author_email")),
		URL:     httpio.Printable(values.Get("author_url")),
		Address: httpio.Printable(values.Get("address")),
	}
}
