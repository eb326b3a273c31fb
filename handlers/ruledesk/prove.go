package ruledesk

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/console"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/ruleform"
	"rejoinder/moderation/rules"
)

// trialView is a comment to try the rule on, with the draft's verdict.
type trialView struct {
	Body    string
	As      string
	People  []option
	Outcome string // empty: not tried
	action  rules.Action
	Hit     bool // the rule fired
	Others  []string
	Refusal string
	Expect  []option // outcomes of the test that the comment can be kept as
}

// People of a trial.
const (
	asFirst    = "first"
	asRegular  = "regular"
	asRejected = "rejected"
)

func parseTrial(values url.Values) trialView {
	return trialView{Body: httpio.Printable(values.Get("try-body")), As: values.Get("try-as")}
}

// fill adds the choices of the form.
func (v *trialView) fill() {
	v.People = []option{{asFirst, "a first-time commenter", v.As == asFirst}, {asRegular, "a regular (25 approved)", v.As == asRegular},
		{asRejected, "somebody rejected last week", v.As == asRejected}}
}

// trial returns the trial of a document.
func (v trialView) trial(source string) rulebook.Trial {
	t := rulebook.Trial{Ruleset: rulebook.DraftRef{Source: source}, Body: v.Body, As: rulebook.AsKnown, AuthorName: "Sample"}
	switch v.As {
	case asRegular:
		t.Facts = map[string]any{"author.approved": 25.0}
	case asRejected:
		t.Facts = map[string]any{"author.approved": 3.0, "author.rejected": 1.0, "author.hours_since_negative": 7 * 24.0,
			"author.last_decided": "rejected"}
	default:
		t.As = rulebook.AsNewcomer
	}
	return t
}

// effectView is the effect that the rule would have had.
type effectView struct {
	Approved, ApprovedHits string
	Refused, RefusedHits   string
	Only                   string
	Share                  string
	Verb                   string // the rule's effect, such as "held"
	Caught                 string // its effect on refused ones
	ApprovedBar            int    // of 300
	RefusedBar             int
	Examples               []exampleView
	Few                    bool // there are no comments to look at
	Problem                string
	Faults                 []httpio.FieldFault

	terms []rulebook.TermHits
}

type exampleView struct {
	ID     string
	Body   string
	Author string
	Parts  []page.Segment
	Date   string
	Href   string
}

var verbs = map[rules.Action]string{rules.Approve: "published", rules.Hold: "held", rules.Reject: "rejected", rules.Spam: "marked as spam",
	"": "given a higher risk"}

func newEffectView(words *locale.Language, e rulebook.Effect, action rules.Action) *effectView {
	v := &effectView{Approved: words.Number(e.Approved), ApprovedHits: words.Number(e.ApprovedHits),
		Refused:     words.Number(e.Refused),
		RefusedHits: words.Number(e.RefusedHits), Verb: words.T(verbs[action]), Caught: words.T("caught"), Few: e.Approved+e.Refused == 0, terms: e.Terms}
	if action == rules.Approve {
		v.Caught = words.T("published")
	}
	if e.Approved > 0 {
		v.ApprovedBar = 300 * e.ApprovedHits / e.Approved
		v.Share = words.Percent(float64(e.ApprovedHits)/float64(e.Approved), 1)
	}
	if e.Refused > 0 {
		v.RefusedBar = 300 * e.RefusedHits / e.Refused
	}
	if e.RefusedHits > 0 {
		v.Only = words.Number(e.RefusedOnly)
	}
	for _, one := range e.Examples {
		v.Examples = append(v.Examples, exampleView{ID: one.CommentID, Body: one.Body, Author: one.Author, Date: words.FormatTime("2 Jan", one.At),
			Parts: excerptOf(one), Href: console.RootPath + "/comments/" + one.CommentID})
	}
	return v
}

// excerptOf returns the beginning of an example, or the part of it that the rule matched, with marks.
func excerptOf(e rulebook.EffectExample) []page.Segment {
	parts := page.MarkComment(e.Body, []rules.Hit{e.Hit}).Shown
	left := excerptLength
	var shown []page.Segment
	for _, part := range parts {
		runes := []rune(part.Text)
		if len(runes) > left {
			part.Text = string(runes[:left]) + "…"
		}
		shown = append(shown, part)
		if left -= len(runes); left <= 0 {
			break
		}
	}
	return shown
}

// enforced returns the rule as it is when it is on, so that trials show what it will do.
func (b build) enforced() build {
	b.rule.Mode = string(rules.Enforce)
	return b
}

// prove measures the effect of the rule, or tries it on a comment, and shows the form with the result.
func (h *Pages) prove(c *gin.Context, what string, b build, draft workspace, view builderView) error {
	tested := b.enforced()
	if problem := b.incomplete(draft); problem != "" {
		if what == "try" {
			view.Trial.Refusal = problem
		} else {
			view.Effect = &effectView{Problem: problem}
		}
		return h.renderBuilder(c, http.StatusOK, b, draft, view)
	}
	changed, rule, err := tested.written(draft)
	if errors.Is(err, ruleform.ErrUnwritable) {
		view.Problem = asText
		return h.renderBuilder(c, http.StatusUnprocessableEntity, b, draft, view)
	}
	if err != nil {
		return err
	}
	if what == "try" {
		err = h.try(c, &view.Trial, changed, rule.ID)
	} else {
		err = h.effect(c, &view, changed, rule)
	}
	if err != nil {
		return err
	}
	return h.renderBuilder(c, http.StatusOK, b, draft, view)
}

// effect adds the effect of the rule to the view. Faults of the rule are shown in its place.
func (h *Pages) effect(c *gin.Context, view *builderView, doc *ruleform.Document, rule ruleform.Rule) error {
	effect, err := h.measure(c, doc, rule)
	if err != nil {
		p := httpio.ProblemOf(err, httpio.RequestID(c))
		if p.Status >= http.StatusInternalServerError {
			return err
		}
		view.Effect = &effectView{Problem: p.Detail, Faults: p.Errors}
		return nil
	}
	view.Effect = newEffectView(session.Words(c), effect, rules.Action(rule.Then))
	return nil
}

// try adds the draft's verdict on the comment.
func (h *Pages) try(c *gin.Context, view *trialView, doc *ruleform.Document, rule string) error {
	result, err := h.Trials.Try(c.Request.Context(), session.ViewerOf(c), c.Query("site"), view.trial(string(doc.Source())))
	if err != nil {
		p := httpio.ProblemOf(err, httpio.RequestID(c))
		if p.Status >= http.StatusInternalServerError {
			return err
		}
		words := session.Words(c)
		view.Refusal = words.Detail(p.Detail)
		for _, fault := range p.Errors {
			view.Refusal += " " + words.Detail(fault.Detail)
		}
		return nil
	}
	view.action = result.Verdict.Action
	view.Outcome = session.Words(c).T(outcomes[view.action])
	view.Expect = expected(string(result.Verdict.Action))
	for _, hit := range result.Verdict.Hits {
		if hit.Rule == rule {
			view.Hit = true
		} else {
			view.Others = append(view.Others, hit.Rule)
		}
	}
	return nil
}
