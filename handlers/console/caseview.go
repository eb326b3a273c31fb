package console

import (
	"net/url"
	"time"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/handlers/rulewords"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
	"rejoinder/moderation/rules"
)

// casePageView is the page of one comment, also after a form of it was refused.
type casePageView struct {
	frame
	Explanation string // why the form was refused; empty: none was
	Faults      []string
	Case        *caseView
	BackURL     string
	Renew       int // as in queueView
}

// caseView is one comment with everything that helps to decide on it.
type caseView struct {
	itemView
	Caption   string // above the text: when readers see it
	AuthorURL []page.Segment
	Hits      []hitView
	Score     string
	Since     time.Time // when the commenter was first seen
	Pending   int       // number of their pending comments
	Parent    *itemView
	Around    []aroundView
	Log       []logLine
	Reports   []logLine
	Appeal    *logLine
	MayAnswer bool
	// MayModerate offers to reveal the email.
	MayModerate bool
	// MayRead shows the verdict and the commenter's record.
	MayRead   bool
	Highlight *highlightView // nil: readers don't see the comment
	Like      []page.Link    // lists of similar comments
	Codes     []choice       // the site's reason codes, for a deletion
	Reject    *reasonMenu    // nil if the comment can't be rejected
	Reason    string         // typed earlier, like Note and Answer
	Note      string
	Answer    string
	Anyway    choice // the refused decision, to repeat it although someone else has claimed the comment
	Email     string // empty unless it was revealed
	Happened  string // the last change, to explain a conflict
	Notes     []logLine
	NoteForm  *formView
	Block     *formView // nil: nothing can be blocked
	BlocksURL string    // the site's blocks

	ProfileURL string // the commenter's page
	NextURL    string // the next comment of the list; empty in the pane
}

// highlightView offers to pin and to feature a comment.
type highlightView struct {
	queue.Highlighted
	MayPin bool
}

// aroundView is a list of related comments.
type aroundView struct {
	Heading string
	Items   []itemView
}

type hitView struct {
	Chip    reasonChip
	Reason  string
	Rule    string
	Href    string // list of the comments that it hit
	Effect  string // the hit's action and score
	Decided bool   // it caused the verdict
	Shadow  bool
}

// logLine is an entry of a comment's history: a decision, report, appeal or note.
type logLine struct {
	Text   string
	At     time.Time
	Reason string
	Note   string
}

func (h *Queue) newCaseView(params queueParams, open queue.Case, related caseContext) *caseView {
	c, hits := open.Comment, open.Verdict.Hits
	view := &caseView{
		itemView:  h.newItemView(params, open.Item),
		Caption:   shownCaption(c.Status),
		AuthorURL: page.Highlight(c.AuthorURL, "author_url", hits),
		Hits:      newHitViews(params, open.Item),
		Score:     formatScore(params.words, open.Verdict.Score),
		Since:     open.Commenter.FirstSeenAt,
		Pending:   open.Commenter.Record.Pending,
		Around:    h.newAroundViews(params, related.RelatedComments),
		MayAnswer: c.Public(),
		Happened:  related.lastChangeText(open),
	}
	if c.Public() {
		view.Highlight = &highlightView{Highlighted: open.Highlighted(), MayPin: c.ParentID == ""}
	}
	view.Back, view.ProfileURL = params.caseFields(), profileURL(c.CommenterID)
	view.Record = recordText(params.words, open.Commenter.Record)
	view.Claim = newClaimLabel(params.words, open.Claim, related.viewer)
	view.Like = []page.Link{
		{Text: "All waiting comments by this commenter", Href: params.waitingWith("commenter", c.CommenterID).URL()},
	}
	if c.Cluster != "" {
		view.Like = append(view.Like,
			page.Link{Text: "All waiting comments with a similar text", Href: params.waitingWith("cluster", c.Cluster).URL()})
	}
	if open.Parent != nil {
		parent := h.newItemView(params, *open.Parent)
		view.Parent = &parent
	}
	for _, d := range open.Decisions {
		view.Log = append(view.Log, logLine{Text: related.decisionText(d), At: d.CreatedAt, Reason: d.Reason, Note: d.Note})
	}
	view.addReports(params.words, open.Reports)
	view.addAppeal(params.words, open.Appeal)
	return view
}

// restrict removes the forms that the moderator's role does not allow.
func (v *caseView) restrict(may permissions) {
	v.MayAnswer, v.MayModerate, v.MayRead = v.MayAnswer && may.Reply, may.Moderate, may.Read
	if !may.Moderate {
		v.Actions, v.Reject, v.Block, v.NoteForm, v.Highlight = nil, nil, nil, nil, nil
	}
}

// shownCaption says when readers see a comment as it is shown.
func shownCaption(status moderation.Status) string {
	switch status {
	case moderation.StatusPending:
		return "As readers will see it"
	case moderation.StatusApproved:
		return "As readers see it now"
	}
	return "As readers would see it"
}

func newHitViews(params queueParams, item queue.Item) []hitView {
	var views []hitView
	for _, hit := range item.Verdict.Hits {
		views = append(views, hitView{
			Chip:   newReasonChip(params.words, item.Body, hit),
			Reason: rulewords.Reason(params.words, hit.Reason), Rule: hit.Rule,
			Effect: effectText(params.words, hit.Action, hit.Score),
			Href:   params.waitingWith("rule", hit.Rule).URL(), Decided: hit.Rule == item.Verdict.Cause, Shadow: hit.Mode == rules.Shadow,
		})
	}
	return views
}

func (h *Queue) newAroundViews(params queueParams, related queue.RelatedComments) []aroundView {
	var views []aroundView
	for _, list := range []struct {
		heading string
		items   []queue.Item
	}{
		{"Other comments by this commenter", related.Others},
		{"Other replies to the same comment", related.Siblings},
		{"Replies to this comment", related.Replies},
	} {
		if len(list.items) == 0 {
			continue
		}
		view := aroundView{Heading: list.heading}
		for _, item := range list.items {
			each := h.newItemView(params, item)
			each.Status = string(item.Comment.Status)
			view.Items = append(view.Items, each)
		}
		views = append(views, view)
	}
	return views
}

func (v *caseView) addReports(words *locale.Language, reports []moderation.Report) {
	for _, r := range reports {
		text := words.T(reportLabels[r.Reason])
		if !r.ResolvedAt.IsZero() {
			text = words.T("%s (resolved)", text)
		}
		v.Reports = append(v.Reports, logLine{Text: text, At: r.CreatedAt, Note: r.Note})
	}
}

func (v *caseView) addAppeal(words *locale.Language, appeal *moderation.Appeal) {
	if appeal == nil {
		return
	}
	text := words.T("The commenter appeals against the rejection")
	if !appeal.Open() {
		text = words.T("The commenter appealed; the outcome was %s", words.T(string(appeal.Outcome)))
	}
	v.Appeal = &logLine{Text: text, At: appeal.CreatedAt, Note: appeal.Body}
}

// addReasons adds the reasons for rejections and deletions.
func (v *caseView) addReasons(words *locale.Language, site moderation.Site, item queue.Item) {
	menu := newReasonMenu(words, site, item)
	for _, reason := range menu.Reasons {
		v.Codes = append(v.Codes, choice{Value: reason.Code, Label: reason.Label, Verbatim: true})
	}
	if _, err := item.Comment.Apply(moderation.ActionReject); err == nil {
		v.Reject = &menu
	}
}

// typedReason restores what was typed in a decision's form.
func (v *caseView) typedReason(typed url.Values) {
	v.Codes = withSelected(v.Codes, parseDecision("", typed).Code)
	v.Reason, v.Note = httpio.Printable(typed.Get("reason")), httpio.Printable(typed.Get("note"))
	if v.Reject == nil {
		return
	}
	for i, reply := range v.Reject.Replies {
		if reply.Name != typed.Get("reply") {
			continue
		}
		v.Reject.Replies[i].Selected = true
		if v.Reason == "" {
			v.Reason = reply.Text
		}
	}
	v.Reject.Open = v.Reason != "" || v.Note != ""
}

// offerAnyway offers to repeat a decision that was refused because someone else has claimed the comment.
func (v *caseView) offerAnyway(action moderation.Action) {
	for _, a := range actions {
		if a.action == action {
			v.Anyway = choice{Value: string(action), Label: a.anyway}
		}
	}
}
