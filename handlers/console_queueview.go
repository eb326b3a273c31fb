package handlers

import (
	"strconv"
	"strings"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/rules"
)

// queueTabs are the lists of the console.
var queueTabs = []struct {
	status  moderation.Status
	label   string
	one     string // heading for one comment
	many    string // what follows the number of comments
	nothing string
	empty   string
}{
	{moderation.StatusPending, "Waiting", "1 comment waiting", "comments waiting", "Nothing is waiting",
		"Every comment has been looked at. New ones that the rules hold will appear here."},
	{moderation.StatusApproved, "Approved", "1 approved comment", "approved comments", "No approved comments",
		"What you or the rules approve is public, and listed here."},
	{moderation.StatusRejected, "Rejected", "1 rejected comment", "rejected comments", "No rejected comments",
		"What you or the rules reject is listed here, and can be approved after all."},
	{moderation.StatusSpam, "Spam", "1 spam comment", "spam comments", "No spam",
		"What you or the rules call spam is listed here. Its writers are not told."},
}

var queueOrders = []struct {
	sort  moderation.QueueSort
	label string
}{
	{moderation.QueueOldest, "Oldest first"},
	{moderation.QueueNewest, "Newest first"},
	{moderation.QueueRisk, "Highest risk first"},
}

// consoleActions are what moderators do, in the order of the buttons.
var consoleActions = []struct {
	action moderation.Action
	label  string
	done   string // after "was"
}{
	{moderation.ActionApprove, "Approve", "approved"},
	{moderation.ActionHold, "Hold again", "held"},
	{moderation.ActionReject, "Reject", "rejected"},
	{moderation.ActionSpam, "Spam", "called spam"},
	{moderation.ActionDelete, "Delete for good", "deleted"},
}

// queueView is the console's list.
type queueView struct {
	consoleFrame
	Heading string
	Empty   string // said when there is nothing
	Tabs    []link
	Status  string // of the present tab, for the filter form
	Orders  []choice
	Items   []*caseView
	Pages   []link
}

// refusedView is a decision that was not taken.
type refusedView struct {
	consoleFrame
	Explanation string
	Faults      []string
	Item        *caseView
	BackURL     string
}

// caseView is one comment with everything that helps to judge it.
type caseView struct {
	ID         string
	Version    int
	Status     string // empty where it goes without saying
	SiteName   string
	Article    string
	PageURL    string // the reader's page
	AuthorName []segment
	AuthorURL  []segment // empty for none
	CreatedAt  time.Time
	Ago        string
	Edited     bool
	Body       []segment
	Outcome    string // what the rules concluded
	Score      string
	Hits       []hitView
	Record     string
	Since      time.Time // when the commenter was first seen
	Parent     *parentView
	Log        []logLine
	Actions    []choice
	MayDelete  bool
	Reason     string // typed before
	Back       []hiddenField
}

type hitView struct {
	Reason  string
	Rule    string
	Effect  string // what the hit asks for
	Decided bool   // it is the one that the verdict follows
	Shadow  bool
}

type parentView struct {
	AuthorName string
	Text       string
}

type logLine struct {
	Text   string
	At     time.Time
	Reason string
	Note   string
}

func newQueueView(at desk, page moderation.QueuePage) queueView {
	view := queueView{Status: string(at.status)}
	for _, tab := range queueTabs {
		to := desk{status: tab.status, sort: at.sort, site: at.site}
		if tab.status != at.status {
			view.Tabs = append(view.Tabs, link{Text: tab.label, Href: to.address()})
			continue
		}
		view.Tabs = append(view.Tabs, link{Text: tab.label})
		view.Empty = tab.empty
		switch page.Total {
		case 0:
			view.Heading = tab.nothing
		case 1:
			view.Heading = tab.one
		default:
			view.Heading = grouped(page.Total) + " " + tab.many
		}
	}
	for _, order := range queueOrders {
		view.Orders = append(view.Orders, choice{string(order.sort), order.label, order.sort == at.sort})
	}
	if at.cursor != "" {
		first := desk{status: at.status, sort: at.sort, site: at.site}
		view.Pages = append(view.Pages, link{Text: "← First page", Href: first.address()})
	}
	if page.NextCursor != "" {
		next := desk{status: at.status, sort: at.sort, site: at.site, cursor: page.NextCursor}
		view.Pages = append(view.Pages, link{Text: "Next page →", Href: next.address()})
	}
	return view
}

func (s *Server) caseView(at desk, viewer moderation.Viewer, open moderation.Case) *caseView {
	c, hits := open.Comment, open.Verdict.Hits
	view := &caseView{
		ID: c.ID, Version: c.Version, Status: string(c.Status),
		SiteName: open.Site.Name, Article: articleHeading(open.Article),
		PageURL:    placeOf(open.Site.Slug, map[string][]string{"article": {open.Article.Key}}).address(commentAnchor(c.ID)),
		AuthorName: highlight(c.AuthorName, "author_name", hits), AuthorURL: highlight(c.AuthorURL, "author_url", hits),
		CreatedAt: c.CreatedAt, Ago: agoWords(s.Now().Sub(c.CreatedAt)), Edited: !c.EditedAt.IsZero(),
		Body:    highlight(open.Body, "body", hits),
		Outcome: outcomeWords(open.Verdict), Score: scoreWords(open.Verdict.Score), Hits: hitViews(open.Verdict),
		Record: recordWords(open.Commenter.Record), Since: open.Commenter.FirstSeenAt, MayDelete: c.Status != moderation.StatusDeleted, Back: at.fields(),
	}
	if c.Status == at.status {
		view.Status = ""
	}
	if open.Parent != nil {
		view.Parent = &parentView{AuthorName: open.Parent.Comment.AuthorName, Text: open.Parent.Body}
	}
	for _, d := range open.Decisions {
		view.Log = append(view.Log, logView(d, viewer))
	}
	for _, known := range consoleActions {
		_, err := c.Apply(known.action)
		if err == nil && known.action != moderation.ActionDelete {
			view.Actions = append(view.Actions, choice{Value: string(known.action), Label: known.label})
		}
	}
	return view
}

func logView(d moderation.Decision, viewer moderation.Viewer) logLine {
	done := "changed"
	for _, known := range consoleActions {
		if known.action == d.Action {
			done = known.done
		}
	}
	return logLine{Text: capitalised(done) + " by " + whoDecided(d, viewer), At: d.CreatedAt, Reason: d.Reason, Note: d.Note}
}

// outcomeWords say what the rules concluded, and from what.
func outcomeWords(v rules.Verdict) string {
	concluded := map[rules.Action]string{
		rules.Approve: "The rules approved this", rules.Hold: "The rules held this",
		rules.Reject: "The rules rejected this", rules.Spam: "The rules called this spam",
	}[v.Action]
	switch {
	case concluded == "":
		return ""
	case v.Cause == rules.CauseDefault:
		return concluded + ", because no rule said otherwise."
	case v.Cause == rules.CauseError:
		return concluded + ", because not every rule could be evaluated."
	case strings.HasPrefix(v.Cause, rules.CauseThreshold):
		return concluded + ", because the scores add up to " + scoreWords(v.Score) + "."
	}
	return concluded + "."
}

func scoreWords(score float64) string { return strconv.FormatFloat(score, 'f', -1, 64) }

func hitViews(v rules.Verdict) []hitView {
	var views []hitView
	for _, hit := range v.Hits {
		var effects []string
		if hit.Action != "" {
			effects = append(effects, string(hit.Action))
		}
		if hit.Score != 0 {
			effects = append(effects, "score "+scoreWords(hit.Score))
		}
		views = append(views, hitView{
			Reason: hit.Reason, Rule: hit.Rule, Effect: strings.Join(effects, ", "),
			Decided: hit.Rule == v.Cause, Shadow: hit.Mode == rules.Shadow,
		})
	}
	return views
}

// recordWords sum up what a commenter sent, the present comment included.
func recordWords(r moderation.Record) string {
	var parts []string
	for _, count := range []struct {
		n    int
		word string
	}{{r.Approved, "approved"}, {r.Pending, "waiting"}, {r.Rejected, "rejected"}, {r.Spam, "spam"}} {
		if count.n > 0 {
			parts = append(parts, grouped(count.n)+" "+count.word)
		}
	}
	if len(parts) == 0 {
		return "no comments left"
	}
	return strings.Join(parts, ", ")
}

// agoWords say how long ago something was.
func agoWords(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return plural(int(d/time.Minute), "minute") + " ago"
	case d < 48*time.Hour:
		return plural(int(d/time.Hour), "hour") + " ago"
	}
	return plural(int(d/(24*time.Hour)), "day") + " ago"
}
