package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/rules"
)

// editPath is where rulesets are written.
const editPath = rulesPath + "/edit"

// maxRulesetForm is how many bytes the editor's form may have: a form writes one byte of a document as up to
// three.
const maxRulesetForm = 4 << 20

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
	Faults   []FieldFault
	Warnings []FieldFault
}

// Summary says how many faults there are.
func (v checkView) Summary() string {
	if len(v.Faults) == 0 {
		return "No faults, and every test passes."
	}
	return plural(len(v.Faults), "fault") + ". It cannot be saved like this."
}

// newCheckView shows what a check found. An error that is none of the document comes back.
func newCheckView(compiled *rules.Ruleset, err error) (checkView, error) {
	var faults *rules.Faults
	switch {
	case errors.As(err, &faults):
		return checkView{Checked: true, Faults: rulesetFaults(faults.List, "ruleset")}, nil
	case err != nil:
		return checkView{}, err
	}
	return checkView{Checked: true, Warnings: rulesetFaults(compiled.Warnings(), "warning")}, nil
}

// editRulesPage opens the editor with a version, or with the active one. A rule and a mode in the query are a
// change to begin with.
func (s *Server) editRulesPage(c *gin.Context) error {
	number := c.Query("version")
	if number == "" {
		active, err := s.activeVersion(c)
		if err != nil {
			return err
		}
		number = strconv.Itoa(active)
	}
	ref, err := versionOf(c, number)
	if err != nil {
		return err
	}
	r, err := s.Rulebook.Version(c.Request.Context(), viewerOf(c), ref)
	if err != nil {
		return err
	}
	view := editorView{From: number, Source: r.Source, Days: defaultBacktestDays}
	if rule := c.Query("rule"); rule != "" {
		if switched, ok := rules.SwitchMode(c.Request.Context(), []byte(r.Source), rule, rules.Mode(c.Query("mode"))); ok {
			view.Source, view.Typed, view.Note = string(switched), true, printable(rule)+": "+printable(c.Query("mode"))+"."
		}
	}
	return s.showEditor(c, http.StatusOK, view)
}

func (s *Server) showEditor(c *gin.Context, status int, view editorView) error {
	var err error
	if view.rulesFrame, err = s.rulesFrame(c, "edit", "Edit the rules"); err != nil {
		return err
	}
	return s.renderConsole(c, status, "rules-edit", view)
}

// editRulesForm does with the draft what its button says: check, try, backtest or save it. What was typed
// comes back with the answer, whatever the answer is.
func (s *Server) editRulesForm(c *gin.Context) error {
	values, err := formValuesWithin(c, maxRulesetForm)
	if err != nil {
		return err
	}
	view := editorView{From: printable(values.Get("from")), Typed: true, Source: plainLines(values.Get("source")),
		Note: printable(values.Get("note")), Days: printable(values.Get("days")), Trial: trialOf(values)}
	switch values.Get("do") {
	case "save":
		return s.saveDraft(c, view)
	case "try":
		return s.answerEditor(c, s.tryDraft(c, &view), "rules-trial", view)
	case "backtest":
		return s.backtestDraft(c, view)
	}
	return s.checkDraft(c, view)
}

// plainLines gives a document the line ends that it had before a browser sent it (HTML, "constructing the
// entry list").
func plainLines(typed string) string { return strings.ReplaceAll(printable(typed), "\r\n", "\n") }

// checkDraft says what is wrong with the draft.
func (s *Server) checkDraft(c *gin.Context, view editorView) error {
	var err error
	view.Check, err = newCheckView(
		s.Rulebook.Check(c.Request.Context(), viewerOf(c), c.Query("site"), []byte(view.Source)),
	)
	switch {
	case err == nil:
		return s.answerEditor(c, http.StatusOK, "rules-check", view)
	case moduleAsks(c):
		return err
	}
	p := s.explained(c, err)
	view.Explanation = p.Detail
	return s.showEditor(c, p.Status, view)
}

// answerEditor shows the editor with the answer in it. A module gets the part that is new.
func (s *Server) answerEditor(c *gin.Context, status int, part string, view editorView) error {
	if !moduleAsks(c) {
		return s.showEditor(c, status, view)
	}
	content, err := execute(part, view)
	if err != nil {
		return err
	}
	answer(c, http.StatusOK, struct {
		Part   string `json:"part"`
		Faults int    `json:"faults"`
	}{string(content), len(view.Check.Faults)})
	return nil
}

// saveDraft makes the draft the next version.
func (s *Server) saveDraft(c *gin.Context, view editorView) error {
	saved, err := s.Rulebook.Save(
		c.Request.Context(),
		viewerOf(c),
		c.Query("site"),
		rulebook.Draft{Source: view.Source, Note: view.Note},
	)
	if err == nil {
		s.leaveNotice(c, "ruleset-saved")
		seeOther(c, rulesAt(versionPath(saved.Version), c.Query("site")))
		return nil
	}
	p := s.explained(c, err)
	if view.Check, err = newCheckView(nil, err); err != nil {
		view.Check, view.Explanation = checkView{}, p.Detail
		for _, fault := range p.Errors {
			view.Faults = append(view.Faults, fault.Detail)
		}
	}
	return s.showEditor(c, p.Status, view)
}

// explained is the problem of an error that a page explains, logged as fail logs it.
func (s *Server) explained(c *gin.Context, err error) Problem {
	p := problemOf(err, requestID(c))
	s.noteProblem(c, p)
	if p.Status >= http.StatusInternalServerError {
		s.Log.ErrorContext(
			c.Request.Context(),
			"request failed",
			"request_id",
			requestID(c),
			"route",
			c.FullPath(),
			"err",
			err,
		)
	}
	return p
}

// tryDraft shows what the draft says about the pasted comment, and returns the status that goes with it.
func (s *Server) tryDraft(c *gin.Context, view *editorView) int {
	err := s.runTrial(c, &view.Trial, rulebook.DraftRef{Source: view.Source})
	if err == nil {
		return http.StatusOK
	}
	p := s.explained(c, err)
	view.Check, _ = newCheckView(nil, err)
	view.Trial.refuse(p)
	return p.Status
}

// backtestDraft judges the past under the draft. A module is told of the progress.
func (s *Server) backtestDraft(c *gin.Context, view editorView) error {
	days, _ := wholeNumber(view.Days) // a non-number is rejected as out of range
	q := rulebook.BacktestQuery{SiteSlug: c.Query("site"), Ruleset: rulebook.DraftRef{Source: view.Source}, Days: days}
	takeTime(c)
	if c.GetHeader("Accept") == linesType {
		return s.streamBacktest(c, view, q)
	}
	report, err := s.Backtests.Run(c.Request.Context(), viewerOf(c), q, func(int, int) {})
	if err == nil {
		view.Backtest = newBacktestView(report)
		return s.showEditor(c, http.StatusOK, view)
	}
	p := s.explained(c, err)
	view.Check, _ = newCheckView(nil, err)
	view.Refusal = strings.Join(append([]string{p.Detail}, details(p.Errors)...), " ")
	return s.showEditor(c, p.Status, view)
}

// streamBacktest sends the progress line by line, then the report as a part of the page.
func (s *Server) streamBacktest(c *gin.Context, view editorView, q rulebook.BacktestQuery) error {
	report, err := s.runBacktest(c, q)
	if err != nil || report == nil {
		return err
	}
	view.Backtest = newBacktestView(*report)
	part, err := execute("rules-backtest", view)
	if err != nil {
		return err
	}
	sendEvent(c, event{Event: "report", Part: string(part)})
	return nil
}

func details(faults []FieldFault) []string {
	var list []string
	for _, fault := range faults {
		list = append(list, fault.Detail)
	}
	return list
}

// trialOf reads a pasted comment from a form.
func trialOf(values url.Values) trialView {
	return trialView{
		Body:  printable(values.Get("body")),
		Name:  printable(values.Get("author_name")),
		Email: printable(values.Get("author_email")),
		URL: printable(
			values.Get("author_url"),
		),
		Address:  printable(values.Get("address")),
		Newcomer: values.Get("newcomer") != "",
	}
}
