package ruledesk

import (
	"errors"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/console"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/ruleform"
	"rejoinder/moderation/rules"
)

// Pages serves the pages. The query of each names its site.
type Pages struct {
	*console.Rules
	Effects *rulebook.Effects
}

// The routes.
const (
	OverviewPath = console.RulesPath
	ModePath     = console.RulesPath + "/mode"
	BuilderPath  = console.RulesPath + "/build"
	ListsPath    = console.RulesPath + "/lists"
	DraftPath    = console.RulesPath + "/draft"
)

// workspace is the ruleset that a moderator works on.
type workspace struct {
	rulebook.OpenDraft
	doc  *ruleform.Document // the draft as it is written; nil if forms can't read it
	base *ruleform.Document // the document that it extends; nil: none
}

// open returns the moderator's draft, or the active version if there is none.
func (h *Pages) open(c *gin.Context) (workspace, error) {
	draft, err := h.Drafts.Open(c.Request.Context(), session.ViewerOf(c), c.Query("site"))
	if err != nil {
		return workspace{}, err
	}
	w := workspace{OpenDraft: draft}
	if w.doc, err = ruleform.Read([]byte(draft.Source)); err != nil {
		w.doc = nil
	}
	if draft.Active.Base != "" && w.doc != nil && w.doc.Extends() {
		if w.base, err = ruleform.Read([]byte(draft.Active.Base)); err != nil {
			w.base = nil
		}
	}
	return w, nil
}

// rule returns all that is known of a rule: what the draft writes, and what it extends.
func (w workspace) rule(id string) (ruleform.Rule, bool) {
	rule, known := w.doc.Rule(id)
	if w.base == nil {
		return rule, known
	}
	below, inBase := w.base.Rule(id)
	return rule.Over(below), known || inBase
}

// ids returns the ids of all rules.
func (w workspace) ids() []string {
	ids := w.doc.Rules()
	if w.base != nil {
		ids = append(ids, w.base.Rules()...)
	}
	return ids
}

// lists returns all lists. Those that the draft does not write itself can't be changed here.
func (w workspace) lists() (own, below []ruleform.List) {
	own = w.doc.Lists()
	if w.base == nil {
		return own, nil
	}
	for _, l := range w.base.Lists() {
		if _, written := w.doc.List(l.ID); !written {
			below = append(below, l)
		}
	}
	return own, below
}

// hasList reports whether there is a list of that id.
func (w workspace) hasList(id string) bool {
	own, below := w.lists()
	return slices.ContainsFunc(append(own, below...), func(l ruleform.List) bool { return l.ID == id })
}

// keep stores a changed document as the moderator's draft.
func (h *Pages) keep(c *gin.Context, doc *ruleform.Document) error {
	return h.Drafts.Keep(c.Request.Context(), session.ViewerOf(c), c.Query("site"), string(doc.Source()))
}

// asText is the message for documents that forms can't edit.
const asText = "These rules are in a format that forms can’t edit. Edit them as text."

// SwitchMode sets one rule to on, watch or off in the moderator's draft.
func (h *Pages) SwitchMode(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	id, mode := values.Get("rule"), rules.Mode(values.Get("mode"))
	draft, err := h.Drafts.Open(c.Request.Context(), session.ViewerOf(c), c.Query("site"))
	if err != nil {
		return err
	}
	if compiled, err := h.Rulebook.Compiled(c.Request.Context(), draft.Active.ID); err != nil {
		return err
	} else if !names(compiled, draft, id) {
		return moderation.ErrNotFound
	}
	back := console.RulesURL(OverviewPath, c.Query("site")) + "#" + id
	switched, ok := rules.SwitchMode(c.Request.Context(), []byte(draft.Source), id, mode)
	if !ok {
		return h.Redirect(c, back, asText)
	}
	if err := h.Drafts.Keep(c.Request.Context(), session.ViewerOf(c), c.Query("site"), string(switched)); err != nil {
		return err
	}
	return h.Redirect(c, back, session.Words(c).T(modeNames[mode], id))
}

// names reports whether the active version or the draft has a rule.
func names(active *rules.Ruleset, draft rulebook.OpenDraft, id string) bool {
	for _, info := range active.Rules() {
		if info.ID == id {
			return true
		}
	}
	doc, err := ruleform.Read([]byte(draft.Source))
	if err != nil {
		return false
	}
	_, known := doc.Rule(id)
	return known
}

// modeNames say which mode a rule now has.
var modeNames = map[rules.Mode]string{rules.Enforce: "On in your draft: %s.",
	rules.Shadow: "Watching in your draft: %s.", rules.Off: "Off in your draft: %s."}

// draftView is the page of a draft.
type draftView struct {
	console.RulesFrame
	From    int
	Active  int
	Note    string
	Changes rules.Changes
	Faults  []httpio.FieldFault
	Problem string
	Failed  int // tests that fail, if nothing else is wrong
}

// ShowDraft shows what the moderator's draft changes.
func (h *Pages) ShowDraft(c *gin.Context) error {
	return h.renderDraft(c, http.StatusOK, draftView{})
}

func (h *Pages) renderDraft(c *gin.Context, status int, view draftView) error {
	draft, err := h.Drafts.Open(c.Request.Context(), session.ViewerOf(c), c.Query("site"))
	if err != nil {
		return err
	}
	if !draft.Exists {
		return h.Redirect(c, console.RulesURL(OverviewPath, c.Query("site")), "You have no draft.")
	}
	if view.RulesFrame, err = h.NewRulesFrame(c, "overview", "Your draft"); err != nil {
		return err
	}
	view.From, view.Active = draft.From, draft.Active.Version
	if view.Problem == "" {
		view.Changes, err = h.Drafts.Changes(c.Request.Context(), session.ViewerOf(c), draft)
		if err != nil {
			p := httpio.ReportProblem(c, h.Log, err)
			view.Problem, view.Faults, status = p.Detail, p.Errors, p.Status
			view.Failed = len(rulebook.FailedTests(err))
		}
	}
	return h.Render(c, status, "rules-draft", view)
}

// SubmitDraft saves the draft as a version, which is then to be activated, or discards it.
func (h *Pages) SubmitDraft(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	ctx, viewer, site := c.Request.Context(), session.ViewerOf(c), c.Query("site")
	switch values.Get("do") {
	case "drop-failed":
		return h.dropFailedTests(c)
	case "discard":
		if err := h.Drafts.Discard(ctx, viewer, site); err != nil {
			return err
		}
		return h.Redirect(c, console.RulesURL(OverviewPath, site), "Draft discarded.")
	}
	saved, err := h.Drafts.Save(ctx, viewer, site, values.Get("note"))
	if err != nil {
		p := httpio.ReportProblem(c, h.Log, err)
		if p.Status != http.StatusUnprocessableEntity {
			return err
		}
		return h.renderDraft(c, p.Status, draftView{Note: httpio.Printable(values.Get("note")), Problem: p.Detail,
			Faults: p.Errors, Failed: len(rulebook.FailedTests(err))})
	}
	httpio.SeeOther(c, console.RulesURL(console.VersionPath(saved.Version)+"/activate", site))
	return nil
}

// dropFailedTests removes the tests that fail from the moderator's draft.
func (h *Pages) dropFailedTests(c *gin.Context) error {
	ctx, viewer, site := c.Request.Context(), session.ViewerOf(c), c.Query("site")
	draft, err := h.open(c)
	if err != nil {
		return err
	}
	back := console.RulesURL(DraftPath, site)
	_, err = h.Rulebook.Check(ctx, viewer, site, []byte(draft.Source))
	lines := rulebook.FailedTests(err)
	switch {
	case draft.doc == nil:
		return h.Redirect(c, back, asText)
	case lines == nil && err != nil && !errors.As(err, new(*rules.Faults)):
		return err
	case lines == nil:
		return h.Redirect(c, back, "")
	}
	changed, err := draft.doc.DropTests(lines)
	if errors.Is(err, ruleform.ErrUnwritable) {
		return h.Redirect(c, back, asText)
	}
	if err == nil {
		err = h.keep(c, changed)
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, back,
		session.Words(c).N("Removed %d test from your draft.", "Removed %d tests from your draft.", len(lines)))
}
