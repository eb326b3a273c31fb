package console

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// queueTab is one list of comments.
type queueTab struct {
	id     string            // in URLs
	status moderation.Status // or queue.AnyStatus
	issue  string            // "reported" or "appealed": only comments with an open report or appeal
	label  string
	one    string // heading of a list of one
	many   string // heading of any other list
	none   string // heading of an empty list
	empty  string // explains why the list is empty
}

var queueTabs = []queueTab{
	{id: "pending", status: moderation.StatusPending, label: "Waiting",
		one: "%d comment waiting", many: "%d comments waiting", none: "Nothing is waiting",
		empty: "All comments have been reviewed. New ones that the rules hold will appear here."},
	{id: "appealed", status: moderation.StatusPending, issue: "appealed", label: "Appeals",
		one: "%d appeal", many: "%d appeals", none: "No appeals",
		empty: "When a commenter appeals against a rejection, the comment appears here until a moderator decides again."},
	{id: "reported", status: queue.AnyStatus, issue: "reported", label: "Reported",
		one: "%d reported comment", many: "%d reported comments", none: "No reported comments",
		empty: "Comments that readers have reported appear here until a moderator decides on them."},
	{id: "approved", status: moderation.StatusApproved, label: "Approved",
		one: "%d approved comment", many: "%d approved comments", none: "No approved comments",
		empty: "Comments that you or the rules approve are public, and appear here."},
	{id: "rejected", status: moderation.StatusRejected, label: "Rejected",
		one: "%d rejected comment", many: "%d rejected comments", none: "No rejected comments",
		empty: "Comments that you or the rules reject appear here. You can still approve them."},
	{id: "spam", status: moderation.StatusSpam, label: "Spam",
		one: "%d spam comment", many: "%d spam comments", none: "No spam",
		empty: "Comments that you or the rules mark as spam appear here. Their authors are not told."},
}

var queueOrders = []struct {
	sort  queue.Sort
	label string
}{
	{queue.SortOldest, "Oldest first"},
	{queue.SortNewest, "Newest first"},
	{queue.SortRisk, "Highest risk first"},
	{queue.SortReports, "Most reports first"}, // on the tab of reported comments only
}

// has reports whether the tab's comments may be listed in that order.
func (t queueTab) has(order queue.Sort) bool {
	return order != queue.SortReports || t.issue == "reported"
}

// queueView is a page of the queue.
type queueView struct {
	frame
	Address string // URL of this page
	Events  string // URL of its event stream
	Heading string
	Live    liveHeading
	Empty   emptyView // shown when the list is empty
	Tabs    []navEntry
	Filter  filterMenu
	Facets  []facetView
	Search  string
	Clear   string // URL of the list without the search; empty: there is none
	Items   []itemView
	Case    *caseView // the comment in the pane
	Pages   []page.Link

	Held        heldView
	Renew       int // how often a module renews claims, in seconds
	Total       int // comments that match
	More        bool
	BulkActions []choice
	Back        []page.HiddenField // hidden fields of the bulk's form
}

// liveHeading is the data with which a module keeps the heading up to date.
type liveHeading struct {
	Tab   string
	Total string // empty: unknown
	Whole bool   // the list is not filtered, so its total is the tab's count
	Forms string // of a number of comments, as JSON by plural category
	None  string
}

// facetView is a filter that applies to the list.
type facetView struct {
	Name    string
	Label   string
	Value   string
	Without string // URL of the list without it
}

// itemView is one comment in a list.
type itemView struct {
	ID         string
	Version    int
	Status     string // empty if it is the tab's
	SiteName   string
	Article    string
	PageURL    string // the public page
	CaseURL    string
	PaneURL    string
	AuthorName []page.Segment
	Name       string // author name as plain text
	Badges     []string
	SignedIn   bool // by the publication
	CreatedAt  time.Time
	Ago        string
	Edited     bool
	Reply      bool
	Body       page.MarkedComment
	Excerpt    []page.Segment // of the body
	Row        []page.Segment // of the body, for the list
	Age        string         // short for Ago
	Risk       int            // from 0 to 5
	Chips      rowChips
	Outcome    string   // the rules' verdict
	Concerns   []string // open reports and appeal
	Claim      claimLabel
	Record     string // the commenter's
	Actions    []choice
	Back       []page.HiddenField
}

func (h *Queue) newQueueView(params queueParams, list queue.Page, viewer moderation.Viewer,
	records map[string]moderation.Record) queueView {
	view := queueView{
		Address: params.URL(), Events: params.eventsURL(h.Now()), Search: params.facets["q"],
		Heading: params.tab.heading(params.words, list.Total, list.TotalMore), Live: params.liveHeading(list),
		Total: list.Total, More: list.TotalMore, Back: params.fields(),
		BulkActions: buttonsFor(moderation.Comment{Status: params.tab.status}), Filter: newFilterMenu(params),
	}
	for _, facet := range queueFacets {
		if value := params.facets[facet.name]; value != "" && facet.name != "q" {
			view.Facets = append(view.Facets,
				facetView{facet.name, facet.label, facetText(params.words, facet.name, value),
					params.withoutFacet(facet.name).URL()})
		}
	}
	if view.Search != "" {
		view.Clear = params.withoutFacet("q").URL()
	}
	for _, item := range list.Items {
		each := h.newItemView(params, item)
		each.Claim = newClaimLabel(params.words, item.Claim, viewer)
		each.Record = recordText(params.words, records[item.Comment.CommenterID])
		view.Items = append(view.Items, each)
	}
	if params.cursor != "" {
		view.Pages = append(view.Pages, page.Link{Text: "← First page", Href: params.firstPage().URL()})
	}
	if list.NextCursor != "" {
		view.Pages = append(view.Pages, page.Link{Text: "Next page →", Href: params.nextPage(list.NextCursor, h.Now()).URL()})
	}
	return view
}

func (p queueParams) liveHeading(list queue.Page) liveHeading {
	heading := liveHeading{Tab: p.tab.id, Whole: len(p.facets) == 0, Forms: p.words.Forms(p.tab.one, p.tab.many),
		None: p.words.T(p.tab.none)}
	if !list.TotalMore {
		heading.Total = strconv.Itoa(list.Total)
	}
	if !heading.Whole {
		heading.None = p.words.T(nothingMatches)
	}
	return heading
}

// nothingMatches is the heading of a filtered list without matches.
const nothingMatches = "Nothing matches"

// firstUnclaimed returns the first comment that no other moderator has claimed; if there is none, the first.
func (v *queueView) firstUnclaimed() string {
	for _, item := range v.Items {
		if item.Claim.Held != "other" {
			return item.ID
		}
	}
	return v.Items[0].ID
}

// addTabs adds the tabs with their counts, which the frame has.
func (v *queueView) addTabs(params queueParams) {
	for _, tab := range queueTabs {
		if !v.May.Read && !tab.forAuthors() {
			continue
		}
		entry := navEntry{Label: tab.label, Href: params.onTab(tab).URL(), Present: tab.id == params.tab.id}
		entry.setCount(params.words, tab.id, tab.count(v.counts))
		v.Tabs = append(v.Tabs, entry)
	}
}

// forAuthors reports whether the tab is shown to moderators who see only comments on their own articles.
func (t queueTab) forAuthors() bool {
	return t.issue == "" && (t.status == moderation.StatusPending || t.status == moderation.StatusApproved)
}

// count returns how many comments the tab lists.
func (t queueTab) count(counts queue.Counts) int {
	switch t.issue {
	case "reported":
		return counts.Reported
	case "appealed":
		return counts.Appealed
	}
	return counts.Of(t.status)
}

// heading says how many comments the tab lists; more means that counting stopped early.
func (t queueTab) heading(words *locale.Language, total int, more bool) string {
	switch {
	case more:
		return strings.Replace(words.N(t.one, t.many, total), words.Number(total), words.Number(total)+"+", 1)
	case total == 0:
		return words.T(t.none)
	}
	return words.N(t.one, t.many, total)
}

func (h *Queue) newItemView(params queueParams, item queue.Item) itemView {
	c, hits := item.Comment, item.Verdict.Hits
	body := page.MarkComment(item.Body, hits)
	view := itemView{
		ID:         c.ID,
		Version:    c.Version,
		Status:     string(c.Status),
		SiteName:   item.Site.Name,
		Article:    page.ArticleHeading(item.Article),
		PageURL:    publicURL(item),
		CaseURL:    params.caseURL(c.ID),
		PaneURL:    params.paneURL(c.ID),
		AuthorName: page.Highlight(c.AuthorName, "author_name", hits),
		Name:       c.AuthorName,
		Badges:     c.Badges,
		SignedIn:   c.SignedIn(),
		CreatedAt:  c.CreatedAt,
		Ago:        agoText(params.words, h.Now().Sub(c.CreatedAt)),
		Edited:     !c.EditedAt.IsZero(),
		Reply:      c.ParentID != "",
		Body:       body,
		Excerpt:    body.Excerpt(excerptCharacters),
		Row:        body.Row(rowCharacters, excerptCharacters),
		Age:        ageText(params.words, h.Now(), c.CreatedAt),
		Risk:       riskLevel(item.Verdict.Score),
		Chips:      newRowChips(params.words, item),
		Outcome:    verdictText(params.words, item.Verdict),
		Concerns:   issueTexts(params.words, item.OpenIssues),
		Actions:    buttonsFor(c),
		Back:       params.fields(),
	}
	if c.Status == params.tab.status {
		view.Status = ""
	}
	return view
}

// publicURL is the comment on the server's page of its thread.
func publicURL(item queue.Item) string {
	thread := page.ParseThreadURL(item.Site.Slug, url.Values{"article": {item.Article.Key}})
	return thread.Link(page.CommentAnchor(item.Comment.ID))
}

// buttonsFor returns the actions that apply to a comment and take one click: all but deletion.
func buttonsFor(c moderation.Comment) []choice {
	var buttons []choice
	for _, a := range actions {
		if _, err := c.Apply(a.action); err == nil && a.action != moderation.ActionDelete {
			buttons = append(buttons, choice{Value: string(a.action), Label: a.label})
		}
	}
	return buttons
}
