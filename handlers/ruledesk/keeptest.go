package ruledesk

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/console"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/ruleform"
	"rejoinder/moderation/rules"
)

// expectations are the outcomes of a kept test, as they stand in its sentence.
var expectations = []option{
	{Value: string(rules.Approve), Label: "published"}, {Value: string(rules.Hold), Label: "held"},
	{Value: string(rules.Reject), Label: "rejected"}, {Value: string(rules.Spam), Label: "marked as spam"},
}

// expected are the outcomes to choose from.
func expected(chosen string) []option {
	all := make([]option, len(expectations))
	for i, one := range expectations {
		all[i] = option{one.Value, one.Label, one.Value == chosen}
	}
	return all
}

// keptTest is a test with the comment that it was made of.
type keptTest struct {
	ruleform.TestCase
	trial trialView
}

// testCase returns the test that the form describes; false if it has no comment or no outcome. exampleID names one
// of the comments that the rule would hit; empty: the comment that was tried.
func testCase(words *locale.Language, values url.Values, exampleID string) (keptTest, bool) {
	trial := parseTrial(values)
	action := values.Get("try-expect")
	if exampleID != "" {
		trial.Body, trial.As = httpio.Printable(values.Get("example-"+exampleID)), asRegular
		action = string(rules.Approve) // as people decided
	}
	var faults moderation.Invalid
	body := moderation.CleanBody(&faults, trial.Body).Markdown
	label := ""
	for _, one := range expectations {
		if one.Value == action {
			label = one.Label
		}
	}
	if faults.Err() != nil || label == "" {
		return keptTest{}, false
	}
	t := ruleform.TestCase{Body: body, Action: action,
		Name: words.T("“%s” by %s is %s", ruleform.TestTitle(body), words.T(trial.person()), words.T(label))}
	switch trial.As {
	case asRegular:
	case asRejected:
		t.Facts = []ruleform.TestFact{{Path: "author.approved", Value: "3"}, {Path: "author.rejected", Value: "1"},
			{Path: "author.hours_since_negative", Value: "168"}, {Path: "author.last_decided", Value: "rejected"}}
	default:
		t.Facts = []ruleform.TestFact{{Path: "author.approved", Value: "0"}, {Path: "author.recognised", Value: "false"},
			{Path: "author.confirmed", Value: "false"}, {Path: "author.first_seen_hours", Value: "0"}}
	}
	return keptTest{t, trial}, true
}

// expectFiring makes a test expect that the rule fires, or that it does not, in place of an outcome: a rule that is not
// on decides nothing. It returns why the comment can't be tried; empty if it can.
func (h *Pages) expectFiring(c *gin.Context, t *keptTest, b build, draft workspace) (string, error) {
	doc, rule, err := b.enforced().written(draft)
	if err != nil {
		return "", err
	}
	if err := h.try(c, &t.trial, doc, rule.ID); err != nil || t.trial.Refusal != "" {
		return t.trial.Refusal, err
	}
	asExpected := string(t.trial.action) == t.Action
	title, person := ruleform.TestTitle(t.Body), b.words.T(t.trial.person())
	t.Action = ""
	if t.trial.Hit == asExpected {
		t.Fires, t.Name = rule.ID, b.words.T("“%s” by %s: %s fires", title, person, rule.ID)
	} else {
		t.Silent, t.Name = rule.ID, b.words.T("“%s” by %s: %s does not fire", title, person, rule.ID)
	}
	return "", nil
}

// person is the assumed commenter as the form names them.
func (v trialView) person() string {
	v.fill()
	for _, one := range v.People {
		if one.Selected {
			return one.Label
		}
	}
	return v.People[0].Label
}

// keepTest writes the rule of the form into the draft, with a comment as a test of it.
func (h *Pages) keepTest(c *gin.Context, values url.Values, b build, draft workspace) error {
	_, exampleID, _ := strings.Cut(values.Get("do"), ":")
	test, ok := testCase(b.words, values, exampleID)
	problem := b.incomplete(draft)
	if !ok {
		problem = cmp.Or(problem, "Try a comment first, and say what should happen to it.")
	}
	if mode := rules.Mode(b.rule.Mode); problem == "" && (mode == rules.Shadow || mode == rules.Off) {
		var err error
		if problem, err = h.expectFiring(c, &test, b, draft); err != nil && !errors.Is(err, ruleform.ErrUnwritable) {
			return err
		}
	}
	if problem != "" {
		view := builderView{Trial: parseTrial(values), Problem: problem}
		return h.renderBuilder(c, http.StatusUnprocessableEntity, b, draft, view)
	}
	changed, rule, err := b.written(draft)
	if err == nil {
		changed, err = changed.AddTest(test.TestCase)
	}
	if errors.Is(err, ruleform.ErrUnwritable) {
		view := builderView{Trial: parseTrial(values), Problem: asText}
		return h.renderBuilder(c, http.StatusUnprocessableEntity, b, draft, view)
	}
	if err != nil {
		return err
	}
	said := b.words.T("Kept in your draft as a test: %s.", test.Name)
	_, err = h.Rulebook.Check(c.Request.Context(), session.ViewerOf(c), c.Query("site"), changed.Source())
	switch {
	case onlyTestsFail(err):
		said += " " + b.words.T("It fails with the rules as they are: change them before you activate the draft.")
	case err != nil:
		return h.renderFaults(c, b, draft, err)
	}
	if err := h.keep(c, changed); err != nil {
		return err
	}
	return h.Redirect(c, console.RulesURL(BuilderPath, c.Query("site"), "rule", rule.ID), said)
}

// onlyTestsFail reports whether an error of a check is about tests, and not about the rules.
func onlyTestsFail(err error) bool {
	var faults *rules.Faults
	return errors.As(err, &faults) && !slices.ContainsFunc(faults.List, func(f rules.Fault) bool {
		return f.Path != "/tests" && !strings.HasPrefix(f.Path, "/tests/")
	})
}
