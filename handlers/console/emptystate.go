package console

import (
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/locale"
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
	n := params.tab.count(view.counts)
	site := ""
	for _, each := range view.Sites {
		if each.Selected && each.Value != "" {
			site = each.Label
		}
	}
	switch {
	case view.Total > 0:
		return emptyView{"No comments are left on this page.",
			[]page.Link{{Text: "First page", Href: params.firstPage().URL()}}}, nil
	case len(params.facets) > 0:
		return emptyView{params.noMatchText() + " " + params.tab.thereAreOn(params.words, n, site), params.clearLinks()}, nil
	case site != "" && n == 0:
		return h.emptySite(c, params, view, site)
	}
	return emptyTab(params, view.counts, session.IdentityOf(c)), nil
}

// emptySite says that the chosen site has no such comments, and how many the other sites have.
func (h *Queue) emptySite(c *gin.Context, params queueParams, view *queueView, site string) (emptyView, error) {
	all, err := h.Queue.Counts(c.Request.Context(), session.ViewerOf(c), "")
	if err != nil {
		return emptyView{}, err
	}
	n := params.tab.count(all)
	if n == 0 {
		return emptyTab(params, all, session.IdentityOf(c)), nil
	}
	everywhere := params.firstPage()
	everywhere.site = ""
	links := []page.Link{{Text: "All sites", Href: everywhere.URL()}}
	if isEmpty(view.counts) && session.IdentityOf(c).May(auth.PermissionAdminister) {
		links = append(links, page.Link{Text: "Get the embed code", Href: setup.SiteURL(params.site)})
	}
	text := params.words.T("%s on %s.", params.words.T(params.tab.none), site) + " " +
		params.words.N("There is %[2]s on your other sites.", "There are %[2]s on your other sites.", n,
			params.tab.heading(params.words, n, false))
	return emptyView{text, links}, nil
}

// isEmpty reports whether there has never been a comment.
func isEmpty(counts queue.Counts) bool {
	return counts.Pending+counts.Approved+counts.Rejected+counts.Spam+counts.Deleted == 0
}

// emptyTab explains why an unfiltered list of all sites is empty.
func emptyTab(params queueParams, counts queue.Counts, who auth.Identity) emptyView {
	tab := params.tab
	none := isEmpty(counts)
	switch {
	case none && who.May(auth.PermissionAdminister):
		return emptyView{"No comments yet. Comments on your sites will appear here.",
			[]page.Link{{Text: "Get the embed code", Href: setup.Path}}}
	case none && !who.May(auth.PermissionRead):
		return emptyView{Text: "There are no comments on articles that name you as an author. Admins name the authors."}
	case !who.May(auth.PermissionRead):
		return emptyView{Text: "No comments on your articles are in this list."}
	case none:
		return emptyView{Text: "No comments yet. Comments on your sites will appear here."}
	}
	return emptyView{Text: tab.empty}
}

// thereAreOn says how many comments the tab lists on a site; of all sites, if it is empty.
func (t queueTab) thereAreOn(words *locale.Language, n int, site string) string {
	these := t.heading(words, n, false)
	switch {
	case n == 0 && site == "":
		return words.T("%s.", these)
	case n == 0:
		return words.T("%s on %s.", these, site)
	case site == "":
		return words.N("There is %[2]s.", "There are %[2]s.", n, these)
	}
	return words.N("There is %[2]s on %[3]s.", "There are %[2]s on %[3]s.", n, these, site)
}

// noMatchText names the filters that nothing matches.
func (p queueParams) noMatchText() string {
	var by []string
	if q := p.facets["q"]; q != "" {
		by = append(by, p.words.T("“%s”", q))
	}
	for _, facet := range queueFacets {
		value := p.facets[facet.name]
		switch {
		case value == "" || facet.name == "q":
		case facet.name == "commenter": // the value is an id, as for cluster
			by = append(by, p.words.T("the commenter"))
		case facet.name == "cluster":
			by = append(by, p.words.T("the similarity filter"))
		case facet.name == unclaimedFacet:
			by = append(by, p.words.T("“not claimed by others”"))
		default:
			by = append(by, p.words.T(facet.noMatch, value))
		}
	}
	return p.words.T("No comment here matches %s.", strings.Join(by, " "+p.words.T("and")+" "))
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
