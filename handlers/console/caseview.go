package console

import (
	"time"

	"rejoinder/handlers/page"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
	"rejoinder/moderation/rules"
)

// casePageView is a page with one comment: as it was asked for, or after something was refused.
type casePageView struct {
	consoleFrame
	Explanation string // why nothing was done
	Faults      []string
	Case        *caseView
	BackURL     string
	Renew       int // as in queueView
}

// caseView is one comment with everything that helps to judge it.
type caseView struct {
	itemView
	AuthorURL []page.Segment // empty for none
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
	Like      []page.Link // lists of what is like it in one way
	Codes     []choice    // reasons that the site offers
	Reason    string      // typed before, as are Note and Answer
	Note      string
	Answer    string
	Anyway    choice // what can be decided although somebody else holds the comment
	Email     string // only where it was asked for
	Happened  string // who changed it last
	Notes     []logLine
	NoteForm  *consoleForm
	Block     *consoleForm // nil: there is nothing to block
	BlocksURL string       // the site's blocks
}

// aroundView is a list of comments that stand around one.
type aroundView struct {
	Heading string
	Items   []itemView
}

type hitView struct {
	Reason  string
	Rule    string
	Href    string // what else it hit
	Effect  string // what the hit asks for
	Decided bool   // it is the one that the verdict follows
	Shadow  bool
}

type logLine struct {
	Text   string
	At     time.Time
	Reason string
	Note   string
}

func (h *Queue) newCaseView(at desk, open queue.Case, who people) *caseView {
	c, hits := open.Comment, open.Verdict.Hits
	view := &caseView{
		itemView:  h.newItemView(at, open.Item),
		AuthorURL: page.Highlight(c.AuthorURL, "author_url", hits),
		Hits:      hitViews(at, open.Verdict),
		Score:     scoreWords(open.Verdict.Score),
		Since:     open.Commenter.FirstSeenAt,
		Pending:   open.Commenter.Record.Pending,
		MayAnswer: c.Public(),
		Happened:  whatHappened(open, who),
	}
	view.Back = at.caseFields()
	view.Record = recordWords(open.Commenter.Record)
	view.Claim = signOf(open.Claim, who.viewer)
	view.Like = []page.Link{{Text: "All waiting by this commenter", Href: at.only("commenter", c.CommenterID).Address()}}
	if c.Cluster != "" {
		view.Like = append(
			view.Like,
			page.Link{Text: "All waiting that say nearly the same", Href: at.only("cluster", c.Cluster).Address()},
		)
	}
	if open.Parent != nil {
		parent := h.newItemView(at, *open.Parent)
		parent.Text = open.Parent.Body
		view.Parent = &parent
	}
	for _, list := range []struct {
		heading string
		items   []queue.Item
	}{
		{"Others by this commenter", who.around.Others}, {"Other replies to the same comment", who.around.Siblings},
		{"Replies to this comment", who.around.Replies},
	} {
		if len(list.items) == 0 {
			continue
		}
		around := aroundView{Heading: list.heading}
		for _, item := range list.items {
			each := h.newItemView(at, item)
			each.Status = string(item.Comment.Status)
			around.Items = append(around.Items, each)
		}
		view.Around = append(view.Around, around)
	}
	for _, d := range open.Decisions {
		view.Log = append(view.Log, logLine{Text: who.logged(d), At: d.CreatedAt, Reason: d.Reason, Note: d.Note})
	}
	view.addConcerns(open)
	return view
}

func (v *caseView) chooseCode(code string) {
	for i := range v.Codes {
		v.Codes[i].Selected = v.Codes[i].Value == code
	}
}

// offerAnyway offers to decide although somebody else holds the comment.
func (v *caseView) offerAnyway(action moderation.Action) {
	for _, known := range consoleActions {
		if known.action == action {
			v.Anyway = choice{Value: string(action), Label: known.label + " anyway"}
		}
	}
}

func (v *caseView) addConcerns(open queue.Case) {
	for _, r := range open.Reports {
		text := reportWords[r.Reason]
		if !r.ResolvedAt.IsZero() {
			text += " (answered)"
		}
		v.Reports = append(v.Reports, logLine{Text: text, At: r.CreatedAt, Note: r.Note})
	}
	if open.Appeal != nil {
		text := "The writer objects to the rejection"
		if !open.Appeal.Open() {
			text = "The writer objected, and the comment became " + string(open.Appeal.Outcome)
		}
		v.Appeal = &logLine{Text: text, At: open.Appeal.CreatedAt, Note: open.Appeal.Body}
	}
}

func hitViews(at desk, v rules.Verdict) []hitView {
	var views []hitView
	for _, hit := range v.Hits {
		views = append(views, hitView{
			Reason: hit.Reason, Rule: hit.Rule, Effect: effectWords(hit.Action, hit.Score),
			Href: at.only("rule", hit.Rule).Address(), Decided: hit.Rule == v.Cause, Shadow: hit.Mode == rules.Shadow,
		})
	}
	return views
}
