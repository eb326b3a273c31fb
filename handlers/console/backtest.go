package console

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/locale"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/ruleform"
	"rejoinder/moderation/rules/measure"
)

// backtestView is the report of a backtest.
type backtestView struct {
	Summary string
	People  []string // columns of Table: decisions of people
	Table   []confusionRow
	Flips   []changedView
	Active  *activeView // nil: the draft is the active version
	Rules   []resultView
	Silent  []string
	Pairs   []rulebook.Overlap // rules that fired together
	Notes   []string
}

// confusionRow counts the submissions with one verdict of the draft, by what people decided.
type confusionRow struct {
	Verdict moderation.Action
	Counts  []string // one per column
	Total   string
}

// changedView is some of the comments whose verdict changes.
type changedView struct {
	Summary string
	Sample  []changedSampleView
	More    string // how many more there are; empty: none
}

// changedSampleView is one of them, named by its new verdict or, if that is the same for all, by its time.
type changedSampleView struct {
	Href   string
	Action moderation.Action
	At     time.Time
	Cause  string // the rule that determined the new verdict
	People string // decision of people; empty: any
	Keep   string // value of the button that keeps it as a test; empty: there is none
	Expect string // the expected outcome
}

// activeView compares the draft with the active version.
type activeView struct {
	Version int
	Summary string
	Flips   []changedView
}

// resultView is the result of one rule of the draft.
type resultView struct {
	rulebook.RuleResult
	Right  string
	Wrong  string
	Recall string
}

// maxPairs bounds the pairs of rules on the page; the API returns more.
const maxPairs = 10

var verdictsInOrder = []moderation.Action{
	moderation.ActionApprove, moderation.ActionHold, moderation.ActionReject, moderation.ActionSpam,
}

func newBacktestView(words *locale.Language, r rulebook.BacktestReport) *backtestView {
	v := &backtestView{Silent: r.Silent, Notes: r.Notes, Pairs: r.Overlaps[:min(len(r.Overlaps), maxPairs)],
		People: slices.Sorted(maps.Keys(r.People))}
	v.Summary = words.N("%d submission since %s.", "%d submissions since %s.", r.Submissions, words.Date(r.From))
	if r.Erased > 0 {
		v.Summary += " " + words.T("Skipped because the text was erased: %d.", r.Erased)
	}
	for _, verdict := range verdictsInOrder {
		row := confusionRow{Verdict: verdict, Total: words.Number(r.Now[verdict])}
		for _, people := range v.People {
			n := 0
			for _, cell := range r.Confusion {
				if cell.Verdict == verdict && cell.People == people {
					n = cell.Count
				}
			}
			row.Counts = append(row.Counts, words.Number(n))
		}
		v.Table = append(v.Table, row)
	}
	for _, flip := range r.Flips {
		v.Flips = append(v.Flips, newFlipView(words, flip))
	}
	if r.Active != nil {
		v.Active = newActiveView(words, *r.Active)
	}
	for _, rule := range r.Rules {
		v.Rules = append(v.Rules, newResultView(words, rule))
	}
	return v
}

func newActiveView(words *locale.Language, a rulebook.ActiveComparison) *activeView {
	v := &activeView{Version: a.Version, Summary: words.T("The draft’s verdict is the same for all comments.")}
	if a.Changed > 0 {
		v.Summary = words.N("The draft’s verdict differs for %d comment.", "The draft’s verdict differs for %d comments.", a.Changed)
	}
	if opposite := a.Right + a.Wrong + a.Undecided; opposite > 0 {
		v.Summary += " " + words.T("Only one of the two versions publishes %d of them. People agreed with the draft on %d "+
			"and with the active version on %d. They did not decide on %d.", opposite, a.Right, a.Wrong, a.Undecided)
	}
	for _, flip := range a.Flips {
		v.Flips = append(v.Flips, newFlipView(words, flip))
	}
	return v
}

func newResultView(words *locale.Language, r rulebook.RuleResult) resultView {
	v := resultView{RuleResult: r, Right: "–", Wrong: "–", Recall: shareText(words, r.Recall, r.RecallCI)}
	if r.Judged > 0 {
		v.Right = words.T("%d of %d, %s", r.Right, r.Judged, shareText(words, r.Precision, r.PrecisionCI))
		v.Wrong = words.Number(r.Wrong)
	}
	if r.OnlyWrong > 0 {
		v.Wrong = words.T("%s, %d alone", v.Wrong, r.OnlyWrong)
	}
	return v
}

func newFlipView(words *locale.Language, flip rulebook.Flip) changedView {
	v := changedView{Summary: words.N("%d comment", "%d comments", flip.Count) + ": " +
		words.T(string(flip.From)) + " → " + words.T(string(flip.To))}
	for _, sample := range flip.Sample {
		expect := expectedAction(sample.People, flip.To)
		v.Sample = append(v.Sample, changedSampleView{Href: RootPath + "/comments/" + sample.CommentID,
			At: sample.CreatedAt, Cause: sample.Cause, People: sample.People, Expect: words.T(testOutcomes[expect]),
			Keep: keepPrefix + strings.Join([]string{sample.CommentID, strconv.FormatInt(sample.CreatedAt.UnixMicro(), 10),
				string(expect)}, ":")})
	}
	if more := flip.Count - len(flip.Sample); more > 0 {
		v.More = words.Number(more)
	}
	return v
}

// keepPrefix begins the values of buttons that keep a changed outcome as a test: comment, microseconds, action.
const keepPrefix = "keep:"

// testOutcomes name the outcomes of tests.
var testOutcomes = map[moderation.Action]string{moderation.ActionApprove: "published", moderation.ActionHold: "held",
	moderation.ActionReject: "rejected", moderation.ActionSpam: "marked as spam"}

// expectedAction is what should happen to a comment whose outcome changes: what people decided or, if they
// did not, what the draft does.
func expectedAction(people string, draft moderation.Action) moderation.Action {
	switch moderation.Status(people) {
	case moderation.StatusApproved:
		return moderation.ActionApprove
	case moderation.StatusPending:
		return moderation.ActionHold
	case moderation.StatusRejected:
		return moderation.ActionReject
	case moderation.StatusSpam:
		return moderation.ActionSpam
	}
	return draft
}

// keepOutcome adds a comment whose outcome changes to the draft, as a test.
func (h *Rules) keepOutcome(c *gin.Context, view editorView, button string) error {
	ctx, viewer, site := c.Request.Context(), session.ViewerOf(c), c.Query("site")
	id, rest, _ := strings.Cut(button, ":")
	at, action, _ := strings.Cut(rest, ":")
	micros, err := strconv.ParseInt(at, 10, 64)
	outcome, known := testOutcomes[moderation.Action(action)]
	if err != nil || !known {
		return moderation.ErrNotFound
	}
	past := rulebook.PastCase{SiteSlug: site, CommentID: id, At: time.UnixMicro(micros)}
	test, err := h.Backtests.TestOf(ctx, viewer, past)
	if err != nil {
		return err
	}
	words := session.Words(c)
	test.Action, test.Name = action, words.T("“%s” is %s", ruleform.TestTitle(test.Body), words.T(outcome))
	doc, err := ruleform.Read([]byte(view.Source))
	if err == nil {
		doc, err = doc.AddTest(test)
	}
	if errors.Is(err, ruleform.ErrUnwritable) {
		view.Explanation = "The tests are in a format that forms can’t edit. Edit them as text."
		return h.renderEditor(c, http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	view.Source = string(doc.Source())
	if err := h.Drafts.Keep(ctx, viewer, site, view.Source); err != nil {
		return err
	}
	view.Said = words.T("Kept in your draft as a test: %s.", test.Name)
	return h.checkDraft(c, view)
}

// shareText formats a share in percent. With few cases it is the 95% confidence interval, because the share
// alone would say more than is known. Without cases it is a dash.
func shareText(words *locale.Language, share *float64, ci *measure.Interval) string {
	switch {
	case share == nil || ci == nil:
		return "–"
	case ci.Wide():
		return words.Decimal(100*ci[0], 0) + "–" + words.Percent(ci[1], 0)
	}
	return percent(words, share)
}

// percent formats a share, nil as a dash.
func percent(words *locale.Language, share *float64) string {
	if share == nil {
		return "–"
	}
	return words.Percent(*share, 0)
}
