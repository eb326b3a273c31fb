package console

import (
	"strconv"
	"time"

	"rejoinder/handlers/page"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
	"rejoinder/moderation/rules"
)

// queueTab is one list of the console.
type queueTab struct {
	id      string // in addresses
	status  moderation.Status
	concern string // "reported" or "appealed": only what is
	label   string
	one     string // heading for one comment
	many    string // what follows the number of comments
	nothing string
	empty   string
}

var queueTabs = []queueTab{
	{"pending", moderation.StatusPending, "", "Waiting", "1 comment waiting", "comments waiting", "Nothing is waiting",
		"Every comment has been looked at. New ones that the rules hold will appear here."},
	{"appealed", moderation.StatusPending, "appealed", "Appeals", "1 appeal", "appeals", "No appeals",
		"When a writer objects to a rejection, the comment is listed here until a moderator decides again."},
	{
		"reported",
		moderation.StatusApproved,
		"reported",
		"Reported",
		"1 reported comment",
		"reported comments",
		"No reported comments",
		"What readers complain about is listed here as long as it is public.",
	},
	{
		"approved",
		moderation.StatusApproved,
		"",
		"Approved",
		"1 approved comment",
		"approved comments",
		"No approved comments",
		"What you or the rules approve is public, and listed here.",
	},
	{
		"rejected",
		moderation.StatusRejected,
		"",
		"Rejected",
		"1 rejected comment",
		"rejected comments",
		"No rejected comments",
		"What you or the rules reject is listed here, and can be approved after all.",
	},
	{"spam", moderation.StatusSpam, "", "Spam", "1 spam comment", "spam comments", "No spam",
		"What you or the rules call spam is listed here. Its writers are not told."},
}

var queueOrders = []struct {
	sort  queue.Sort
	label string
}{
	{queue.SortOldest, "Oldest first"},
	{queue.SortNewest, "Newest first"},
	{queue.SortRisk, "Highest risk first"},
}

// queueFacets are what narrows a list down besides its site.
var queueFacets = []struct {
	name  string // in addresses
	label string
}{
	{"article", "Article"}, {"rule", "Rule"}, {"host", "Links to"}, {"language", "Language"}, {"commenter", "Commenter"},
	{"cluster", "Like comment"}, {freeFacet, "Not held by"}, {"q", "Words"},
}

// queueView is the console's list.
type queueView struct {
	consoleFrame
	Address string // of this page
	Events  string // address of the stream that tells it what is different
	Heading string
	Live    liveHeading
	Empty   emptyView // shown when the list is empty
	Tabs    []navEntry
	Kept    []page.HiddenField // what the filter form leaves as it is
	Orders  []choice
	Facets  []facetView
	Search  string // what is typed into the search
	Items   []itemView
	Case    *caseView // the first comment in full
	Pages   []page.Link

	Held        heldView
	Renew       int // seconds after which what is held is renewed, by who works in the page
	Total       int // comments that match
	More        bool
	BulkActions []choice
	Back        []page.HiddenField // of the bulk's form
}

// liveHeading is what a module needs to update the number in a heading.
type liveHeading struct {
	Tab             string
	Total           string // empty: unknown
	Whole           bool   // the list is not filtered, so its length is the tab's count
	One, Many, None string
}

// facetView is one thing that narrows the list down.
type facetView struct {
	Name    string
	Label   string
	Value   string
	Without string // address without it
}

// itemView is one comment in a list.
type itemView struct {
	ID         string
	Version    int
	Status     string // empty where it goes without saying
	SiteName   string
	Article    string
	PageURL    string // the reader's page
	CaseURL    string
	PaneURL    string // likewise for the pane beside the list, whose forms return to the list
	AuthorName []page.Segment
	Name       string // the same without marks
	CreatedAt  time.Time
	Ago        string
	Edited     bool
	Reply      bool
	Body       []page.Segment
	Text       string   // the same without marks, cut short
	Because    []string // reasons of the hits
	Outcome    string   // what the rules concluded
	Concerns   []string // open reports, an appeal
	Claim      claimSign
	Record     string
	Score      string // empty for none
	Actions    []choice
	Back       []page.HiddenField
}

func (h *Queue) newQueueView(
	at desk,
	list queue.Page,
	viewer moderation.Viewer,
	records map[string]moderation.Record,
) queueView {
	view := queueView{Address: at.Address(), Events: at.eventsAddress(h.Now()),
		Heading: headingOf(at.tab, list.Total, list.TotalMore), Live: at.live(list),
		Total: list.Total, Search: at.facets["q"],
		More: list.TotalMore, BulkActions: actionsFor(moderation.Comment{Status: at.tab.status}), Back: at.fields()}
	for _, field := range at.from("").fields() {
		if field.Name != "sort" && field.Name != "q" {
			view.Kept = append(view.Kept, field)
		}
	}
	for _, order := range queueOrders {
		view.Orders = append(view.Orders, choice{string(order.sort), order.label, order.sort == at.sort})
	}
	for _, facet := range queueFacets {
		if value := at.facets[facet.name]; value != "" && facet.name != "q" {
			view.Facets = append(view.Facets, facetView{facet.name, facet.label, value, at.without(facet.name).Address()})
		}
	}
	for _, item := range list.Items {
		each := h.newItemView(at, item)
		each.Claim = signOf(item.Claim, viewer)
		each.Record = recordWords(records[item.Comment.CommenterID])
		view.Items = append(view.Items, each)
	}
	if at.cursor != "" {
		view.Pages = append(view.Pages, page.Link{Text: "← First page", Href: at.from("").Address()})
	}
	if list.NextCursor != "" {
		view.Pages = append(view.Pages, page.Link{Text: "Next page →", Href: at.from(list.NextCursor).Address()})
	}
	return view
}

// live returns the heading of a queue page in a form that a module can keep up to date.
func (d desk) live(page queue.Page) liveHeading {
	live := liveHeading{Tab: d.tab.id, Whole: len(d.facets) == 0, One: d.tab.one, Many: d.tab.many, None: d.tab.nothing}
	if !page.TotalMore {
		live.Total = strconv.Itoa(page.Total)
	}
	if !live.Whole {
		live.None = nothingMatches
	}
	return live
}

// nothingMatches is the heading of a filtered list without matches.
const nothingMatches = "Nothing matches"

// first is the comment that is shown in full: the first that no other moderator holds, or the first.
func (v *queueView) first() string {
	for _, item := range v.Items {
		if item.Claim.Held != "other" {
			return item.ID
		}
	}
	return v.Items[0].ID
}

// showCounts makes the tabs, once the counts are known.
func (v *queueView) showCounts(at desk) {
	for _, tab := range queueTabs {
		entry := navEntry{Label: tab.label, Href: at.onTab(tab).Address(), Present: tab.id == at.tab.id}
		entry.count(tab.id, tab.of(v.counts))
		v.Tabs = append(v.Tabs, entry)
	}
}

// of is how many comments the tab lists.
func (t queueTab) of(counts queue.Counts) int {
	switch t.concern {
	case "reported":
		return counts.Reported
	case "appealed":
		return counts.Appealed
	}
	return counts.Of(t.status)
}

// headingOf says how many comments a tab lists; more means that counting stopped early.
func headingOf(tab queueTab, total int, more bool) string {
	switch {
	case more:
		return page.Grouped(total) + "+ " + tab.many
	case total == 0:
		return tab.nothing
	case total == 1:
		return tab.one
	}
	return page.Grouped(total) + " " + tab.many
}

func (h *Queue) newItemView(at desk, item queue.Item) itemView {
	c, hits := item.Comment, item.Verdict.Hits
	view := itemView{
		ID:         c.ID,
		Version:    c.Version,
		Status:     string(c.Status),
		SiteName:   item.Site.Name,
		Article:    page.ArticleHeading(item.Article),
		PageURL:    page.ParseThreadURL(item.Site.Slug, map[string][]string{"article": {item.Article.Key}}).Link(page.CommentAnchor(c.ID)),
		CaseURL:    at.caseAddress(c.ID),
		PaneURL:    at.paneAddress(c.ID),
		AuthorName: page.Highlight(c.AuthorName, "author_name", hits),
		Name:       c.AuthorName,
		CreatedAt:  c.CreatedAt,
		Ago:        agoWords(h.Now().Sub(c.CreatedAt)),
		Edited:     !c.EditedAt.IsZero(),
		Reply:      c.ParentID != "",
		Body:       page.Highlight(item.Body, "body", hits),
		Text:       shortened(item.Body),
		Outcome:    outcomeWords(item.Verdict),
		Concerns:   concernWords(item.OpenIssues),
		Actions:    actionsFor(c),
		Back:       at.fields(),
	}
	if c.Status == at.tab.status {
		view.Status = ""
	}
	if item.Verdict.Score != 0 {
		view.Score = scoreWords(item.Verdict.Score)
	}
	for _, hit := range hits {
		if hit.Mode != rules.Shadow {
			view.Because = append(view.Because, hit.Reason)
		}
	}
	return view
}

// actionsFor are what can be done with a comment by one button.
func actionsFor(c moderation.Comment) []choice {
	var actions []choice
	for _, known := range consoleActions {
		if _, err := c.Apply(known.action); err == nil && known.action != moderation.ActionDelete {
			actions = append(actions, choice{Value: string(known.action), Label: known.label})
		}
	}
	return actions
}
