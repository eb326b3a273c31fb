package console

import (
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/handlers/setup"
	"rejoinder/moderation/queue"
)

// emptyView explains why a list is empty, with links to continue.
type emptyView struct {
	Text  string
	Links []page.Link
}

// emptyQueue explains why a page of the queue is empty: its comments were decided on, nothing matches, or
// there are none.
func (h *Queue) emptyQueue(c *gin.Context, params queueParams, view *queueView) (emptyView, error) {
	there := params.tab.thereAre(params.tab.count(view.counts))
	site := ""
	for _, each := range view.Sites {
		if each.Selected && each.Value != "" {
			site = " on " + each.Label
		}
	}
	switch {
	case view.Total > 0:
		return emptyView{"No comments are left on this page.",
			[]page.Link{{Text: "First page", Href: params.firstPage().URL()}}}, nil
	case len(params.facets) > 0:
		return emptyView{params.noMatchText() + " " + there + site + ".", params.clearLinks()}, nil
	case site != "" && params.tab.count(view.counts) == 0:
		return h.emptySite(c, params, site)
	}
	return emptyTab(params.tab, view.counts, session.IdentityOf(c)), nil
}

// emptySite says that the chosen site has no such comments, and how many the other sites have.
func (h *Queue) emptySite(c *gin.Context, params queueParams, site string) (emptyView, error) {
	all, err := h.Queue.Counts(c.Request.Context(), session.ViewerOf(c), "")
	if err != nil {
		return emptyView{}, err
	}
	if params.tab.count(all) == 0 {
		return emptyTab(params.tab, all, session.IdentityOf(c)), nil
	}
	everywhere := params.firstPage()
	everywhere.site = ""
	return emptyView{params.tab.none + site + ". " + params.tab.thereAre(params.tab.count(all)) + " on your other sites.",
		[]page.Link{{Text: "All sites", Href: everywhere.URL()}}}, nil
}

// emptyTab explains why an unfiltered list of all sites is empty.
func emptyTab(tab queueTab, counts queue.Counts, who auth.Identity) emptyView {
	ever := counts.Pending + counts.Approved + counts.Rejected + counts.Spam + counts.Deleted
	switch {
	case ever == 0 && who.May(auth.PermissionAdminister):
		return emptyView{"No comments yet. Comments on your sites will appear here.",
			[]page.Link{{Text: "Get the embed code", Href: setup.Path}}}
	case ever == 0 && !who.May(auth.PermissionRead):
		return emptyView{Text: "There are no comments on articles that name you as an author. Admins name the authors."}
	case !who.May(auth.PermissionRead):
		return emptyView{Text: tab.none + " on your articles."}
	case ever == 0:
		return emptyView{Text: "No comments yet. Comments on your sites will appear here."}
	case tab.issue == "reported" && counts.Reported > 0:
		return emptyView{
			"No public comment is reported. " + tab.thereAre(counts.Reported) + " among the waiting and rejected ones.",
			[]page.Link{{Text: "Waiting comments", Href: RootPath}},
		}
	}
	return emptyView{Text: tab.empty}
}

// thereAre says how many comments the tab lists, without a full stop.
func (t queueTab) thereAre(n int) string {
	switch n {
	case 0:
		return t.none
	case 1:
		return "There is " + t.heading(1, false)
	}
	return "There are " + t.heading(n, false)
}

// noMatchText names the filters that nothing matches.
func (p queueParams) noMatchText() string {
	var by []string
	if q := p.facets["q"]; q != "" {
		by = append(by, "“"+q+"”")
	}
	for _, facet := range queueFacets {
		value := p.facets[facet.name]
		switch {
		case value == "" || facet.name == "q":
		case facet.name == "commenter": // the value is an id, as for cluster
			by = append(by, "the commenter")
		case facet.name == "cluster":
			by = append(by, "the similarity filter")
		case facet.name == unclaimedFacet:
			by = append(by, "“not claimed by others”")
		default:
			by = append(by, strings.ToLower(facet.label)+" “"+value+"”")
		}
	}
	return "No comment here matches " + strings.Join(by, " and ") + "."
}

// clearLinks returns links that remove the search, the filters, or both.
func (p queueParams) clearLinks() []page.Link {
	unfiltered := queueParams{tab: p.tab, sort: p.sort, site: p.site}.URL()
	switch {
	case p.facets["q"] == "":
		return []page.Link{{Text: "Clear filters", Href: unfiltered}}
	case len(p.facets) == 1:
		return []page.Link{{Text: "Clear search", Href: unfiltered}}
	}
	return []page.Link{
		{Text: "Clear search", Href: p.withoutFacet("q").URL()},
		{Text: "Clear search and filters", Href: unfiltered},
	}
}
