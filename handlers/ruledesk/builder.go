package ruledesk

import (
	"cmp"
	"errors"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/console"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/ruleform"
	"rejoinder/moderation/rules"
)

// builderView is the page on which one rule is built.
type builderView struct {
	console.RulesFrame
	Action    string // target of the form
	New       bool
	ID        string
	Sentence  []ruleform.Part
	Label     string
	Mode      rules.Mode
	Condition conditionView
	HandMade  string // why the whole condition is text; empty: it is not
	Actions   []actionView
	Score     string
	BadScore  string // why the score is not valid
	Reason    string
	Public    string
	TextURL   string
	BackURL   string
	Problem   string
	Faults    []httpio.FieldFault
	Said      string
	Trial     trialView
	Effect    *effectView
	NewList   string
	NewTerms  string
	Lists     []listView
}

// NewName is the name of a new list.
func (v builderView) NewName() string { return v.NewList }

// actionView is an action to choose.
type actionView struct {
	Value, Label, About string
	Selected            bool
}

func actionViews(chosen string) []actionView {
	views := []actionView{
		{Value: string(rules.Approve), Label: "Publish", About: "appears at once"},
		{Value: string(rules.Hold), Label: "Hold", About: "waits for a moderator"},
		{Value: string(rules.Reject), Label: "Reject", About: "the commenter is told why"},
		{Value: string(rules.Spam), Label: "Spam", About: "the commenter is not told"},
		{Value: "score", Label: "Add to the risk", About: "decides nothing on its own"},
	}
	for i := range views {
		views[i].Selected = views[i].Value == chosen
	}
	return views
}

// build is a rule as the form has it.
type build struct {
	words     *locale.Language
	id        string
	isNew     bool
	rule      ruleform.Rule
	condition ruleform.Condition
}

// ShowBuilder shows a rule, a copy of one, or an empty form.
func (h *Pages) ShowBuilder(c *gin.Context) error {
	b := build{words: session.Words(c), id: c.Query("rule"), isNew: c.Query("rule") == ""}
	draft, err := h.open(c)
	if err != nil {
		return err
	}
	if draft.doc == nil {
		return h.Redirect(c, console.RulesURL(console.EditPath, c.Query("site")), asText)
	}
	from := cmp.Or(b.id, c.Query("copy"))
	if from != "" {
		rule, known := draft.rule(from)
		if !known {
			return moderation.ErrNotFound
		}
		b.rule, b.condition = rule, ruleform.Parse(rule.When).Grouped()
	} else {
		b.rule = ruleform.Rule{Then: string(rules.Hold)}
		b.condition = ruleform.Condition{Join: ruleform.All, Items: []ruleform.Condition{firstCondition()}}
	}
	if b.isNew {
		b.rule.Mode = string(rules.Shadow)
	}
	return h.renderBuilder(c, http.StatusOK, b, draft, builderView{})
}

// SubmitBuilder changes the form, measures or tries the rule, or writes it into the draft, depending on the
// button.
func (h *Pages) SubmitBuilder(c *gin.Context) error {
	values, err := httpio.FormValuesWithin(c, console.MaxRulesetForm)
	if err != nil {
		return err
	}
	draft, err := h.open(c)
	if err != nil {
		return err
	}
	if draft.doc == nil {
		return h.Redirect(c, console.RulesURL(console.EditPath, c.Query("site")), asText)
	}
	b := readBuild(c.Query("rule"), values, draft)
	b.words = session.Words(c)
	what, at, _ := strings.Cut(values.Get("do"), ":")
	view := builderView{Trial: parseTrial(values), NewList: httpio.Printable(values.Get("new-list")),
		NewTerms: httpio.Printable(values.Get("new-terms"))}
	switch what {
	case "add", "group", "remove":
		b.condition = change(b.condition, what, at)
	case "terms", "drop", "list":
		if view.Said, view.Problem, err = h.changeLists(c, values); err != nil {
			return err
		}
		if view.Problem == "" && what == "list" {
			b.condition.Choose(view.NewList)
			view.NewList, view.NewTerms = "", ""
		}
		if draft, err = h.open(c); err != nil {
			return err
		}
	case "save", "watch", "activate":
		return h.write(c, what, b, draft)
	case "keep":
		return h.keepTest(c, values, b, draft)
	case "effect", "try":
		return h.prove(c, what, b, draft, view)
	}
	return h.renderBuilder(c, http.StatusOK, b, draft, view)
}

// readBuild reads the form.
func readBuild(id string, values url.Values, draft workspace) build {
	field := func(name string) string { return strings.TrimSpace(httpio.Printable(values.Get(name))) }
	b := build{id: id, isNew: id == "", condition: readCondition(values)}
	b.rule = ruleform.Rule{Label: field("label"), Mode: field("mode"), Then: field("then"), Score: field("score"),
		Reason: field("reason"), PublicReason: field("public_reason")}
	if b.rule.Then == "score" {
		b.rule.Then = ""
		b.rule.Score = cmp.Or(b.rule.Score, "1")
	}
	if _, err := strconv.ParseFloat(b.rule.Score, 64); err != nil { // a comma, as many languages write it
		b.rule.Score = strings.Replace(b.rule.Score, ",", ".", 1)
	}
	if b.isNew {
		b.rule.ID = freshID(b.rule.Label, draft)
	} else {
		b.rule.ID = id
	}
	return b
}

// freshID makes an id of a label that no rule has.
func freshID(label string, draft workspace) string {
	id := strings.Join(strings.FieldsFunc(strings.ToLower(label), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}), "-")
	if id == "" || id == rules.CauseDefault || id == rules.CauseError {
		id = "rule"
	}
	taken, fresh := draft.ids(), id
	for n := 2; slices.Contains(taken, fresh); n++ {
		fresh = id + "-" + strconv.Itoa(n)
	}
	return fresh
}

// written returns the draft with the rule of the form, and the rule.
func (b build) written(draft workspace) (*ruleform.Document, ruleform.Rule, error) {
	before, known := draft.rule(b.rule.ID)
	to := b.rule
	to.ID, to.Priority, to.Code, to.Nudge = b.rule.ID, before.Priority, before.Code, before.Nudge
	to.When = ruleform.Rewritten(ruleform.Parse(before.When), b.condition)
	if to.Reason == "" {
		to.Reason = defaultReason(b.words, b.condition)
	}
	to = to.Keeping(before)
	whole := to
	if own, inOwn := draft.doc.Rule(to.ID); draft.base != nil && known {
		to = to.Overriding(before, own, inOwn)
	}
	changed, err := draft.doc.WriteRule(to)
	return changed, whole, err
}

// defaultReason says to moderators when a rule fires, in the language of the one who wrote it.
func defaultReason(words *locale.Language, c ruleform.Condition) string {
	condition := ruleform.ConditionText(words, c)
	if condition == "" {
		return words.T("This rule applies to every comment.")
	}
	first, size := utf8.DecodeRuneInString(condition)
	return string(unicode.ToUpper(first)) + condition[size:] + "."
}

// write writes the rule into the draft. Watching and activating also save the draft as a version, which is
// then to be activated.
func (h *Pages) write(c *gin.Context, what string, b build, draft workspace) error {
	switch what {
	case "watch":
		b.rule.Mode = string(rules.Shadow)
	case "activate":
		b.rule.Mode = string(rules.Enforce)
	}
	if problem := b.incomplete(draft); problem != "" {
		return h.renderBuilder(c, http.StatusUnprocessableEntity, b, draft, builderView{Problem: problem})
	}
	changed, rule, err := b.written(draft)
	if errors.Is(err, ruleform.ErrUnwritable) {
		return h.renderBuilder(c, http.StatusUnprocessableEntity, b, draft, builderView{Problem: asText})
	}
	if err != nil {
		return err
	}
	ctx, viewer, site := c.Request.Context(), session.ViewerOf(c), c.Query("site")
	_, faulty := h.Rulebook.Check(ctx, viewer, site, changed.Source())
	if faulty != nil && rulebook.FailedTests(faulty) == nil {
		return h.renderFaults(c, b, draft, faulty)
	}
	if err := h.keep(c, changed); err != nil {
		return err
	}
	switch {
	case faulty != nil:
		return h.Redirect(c, console.RulesURL(DraftPath, site), "Saved in your draft, but tests fail with it.")
	case what == "save":
		return h.Redirect(c, console.RulesURL(BuilderPath, site, "rule", rule.ID), "Saved in your draft. Nothing has changed for readers yet.")
	}
	note := map[string]string{"watch": "Watch %s.", "activate": "Activate %s."}[what]
	saved, err := h.Drafts.Save(ctx, viewer, site, b.words.T(note, rule.ID))
	if err != nil {
		return h.renderFaults(c, b, draft, err)
	}
	httpio.SeeOther(c, console.RulesURL(console.VersionPath(saved.Version)+"/activate", site))
	return nil
}

// scoreFault says why the score is not valid; empty if it is.
func (b build) scoreFault() string {
	score, err := strconv.ParseFloat(cmp.Or(b.rule.Score, "0"), 64)
	if err != nil || math.IsNaN(score) || math.IsInf(score, 0) {
		return ruleform.BadNumber
	}
	return ""
}

// invalidNumber says that a number is not valid; empty if all are.
func (b build) invalidNumber() string {
	if b.scoreFault() != "" || b.condition.NumberFault() != "" {
		return "Correct the marked number first."
	}
	return ""
}

// incomplete says what the form lacks; empty if nothing.
func (b build) incomplete(draft workspace) string {
	if invalid := b.invalidNumber(); invalid != "" {
		return invalid
	}
	for _, list := range b.condition.Lists() {
		if !draft.hasList(list) {
			return "Choose a list, or add one, for each condition that needs one."
		}
	}
	return ""
}

// renderFaults shows the form with what is wrong with the rule.
func (h *Pages) renderFaults(c *gin.Context, b build, draft workspace, err error) error {
	p := httpio.ProblemOf(err, httpio.RequestID(c))
	switch p.Status {
	case http.StatusUnprocessableEntity, http.StatusConflict, http.StatusTooManyRequests:
	default:
		return err
	}
	httpio.RecordProblem(c, p)
	return h.renderBuilder(c, p.Status, b, draft, builderView{Problem: p.Detail, Faults: p.Errors})
}

func (h *Pages) renderBuilder(c *gin.Context, status int, b build, draft workspace, view builderView) error {
	title := "New rule"
	if !b.isNew {
		title = session.Words(c).T("Rule %s", b.id)
	}
	var err error
	if view.RulesFrame, err = h.NewRulesFrame(c, "overview", title); err != nil {
		return err
	}
	view.Scripts = append(view.Scripts, "builder.js")
	view.Styles = append(view.Styles, "builder.css")
	view.New, view.ID, view.Label, view.Mode = b.isNew, b.id, b.rule.Label, rules.Mode(b.rule.Mode)
	view.Action = console.RulesURL(BuilderPath, view.Site)
	if !b.isNew {
		view.Action = console.RulesURL(BuilderPath, view.Site, "rule", b.id)
	}
	view.BackURL, view.TextURL = console.RulesURL(OverviewPath, view.Site), console.RulesURL(console.EditPath, view.Site)
	view.Actions = actionViews(cmp.Or(b.rule.Then, "score"))
	view.Score, view.Reason, view.Public = b.rule.Score, b.rule.Reason, b.rule.PublicReason
	view.BadScore = b.scoreFault()
	if b.invalidNumber() == "" {
		score, _ := strconv.ParseFloat(b.rule.Score, 64)
		view.Sentence, _ = ruleform.SentenceIn(view.Locale, rules.Action(b.rule.Then), score, b.condition)
	}
	if why, whole := b.condition.WholeText(); whole {
		view.HandMade = why
	}
	var hits []rulebook.TermHits
	if view.Effect != nil {
		hits = view.Effect.terms
	}
	externals, err := h.Rulebook.ExternalNames(c.Request.Context(), session.ViewerOf(c), view.Site)
	if err != nil {
		return err
	}
	v := viewer{words: view.Locale, lists: newListViews(view.Locale, draft, true, hits), externals: externals,
		visible: map[string]bool{}}
	view.Condition = v.condition(b.condition, "c", 1)
	view.Trial.fill()
	if !console.WantsJSON(c) {
		return h.Render(c, status, "rules-builder", view)
	}
	part, err := page.Execute("rules-builder-parts", view)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, struct {
		Part string `json:"part"`
	}{string(part)})
	return nil
}
