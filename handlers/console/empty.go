package console

import (
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/moderation/queue"
)

// emptyView explains why a list is empty, with links to continue.
type emptyView struct {
	Text  string
	Links []page.Link
}

// emptyQueue explains why a page of the queue is empty: its comments were decided on, nothing matches, or
// there are none.
func (h *Queue) emptyQueue(c *gin.Context, at desk, view *queueView) (emptyView, error) {
	there := thereAre(at.tab, at.tab.of(view.counts))
	site := ""
	for _, each := range view.Sites {
		if each.Selected && each.Value != "" {
			site = " on " + each.Label
		}
	}
	switch {
	case view.Total > 0:
		return emptyView{"Nothing is left on this page.", []page.Link{{Text: "First page", Href: at.from("").Address()}}}, nil
	case len(at.facets) > 0:
		return emptyView{at.noMatch() + " " + there + site + ".", at.clearing()}, nil
	case site != "" && at.tab.of(view.counts) == 0:
		return h.emptySite(c, at, site)
	}
	return emptyTab(at.tab, view.counts, session.IdentityOf(c).Role), nil
}

// emptySite says that the chosen site has none, and how many all sites have.
func (h *Queue) emptySite(c *gin.Context, at desk, site string) (emptyView, error) {
	all, err := h.Queue.Counts(c.Request.Context(), session.ViewerOf(c), "")
	if err != nil {
		return emptyView{}, err
	}
	if at.tab.of(all) == 0 {
		return emptyTab(at.tab, all, session.IdentityOf(c).Role), nil
	}
	everywhere := at.from("")
	everywhere.site = ""
	return emptyView{at.tab.nothing + site + ". " + thereAre(at.tab, at.tab.of(all)) + " on your other sites.",
		[]page.Link{{Text: "All sites", Href: everywhere.Address()}}}, nil
}

// emptyTab says that a list is empty.
func emptyTab(tab queueTab, counts queue.Counts, role auth.Role) emptyView {
	ever := counts.Pending + counts.Approved + counts.Rejected + counts.Spam + counts.Deleted
	switch {
	case ever == 0 && role.Allows(auth.RoleAdmin):
		return emptyView{"No comments yet. What readers write on the pages of your sites appears here.",
			[]page.Link{{Text: "Your sites", Href: SitesPath}}}
	case ever == 0:
		return emptyView{Text: "No comments yet. What readers write on the pages of your sites appears here."}
	case tab.concern == "reported" && counts.Reported > 0:
		return emptyView{
			"No public comment is reported. " + thereAre(tab, counts.Reported) + " among those that wait or were refused.",
			[]page.Link{{Text: "Waiting comments", Href: RootPath}},
		}
	}
	return emptyView{Text: tab.empty}
}

// thereAre says how many comments a tab lists, without a full stop.
func thereAre(tab queueTab, n int) string {
	switch n {
	case 0:
		return tab.nothing
	case 1:
		return "There is " + headingOf(tab, 1, false)
	}
	return "There are " + headingOf(tab, n, false)
}

// noMatch names the filters that nothing matches.
func (d desk) noMatch() string {
	var by []string
	if q := d.facets["q"]; q != "" {
		by = append(by, "“"+q+"”")
	}
	for _, facet := range queueFacets {
		value := d.facets[facet.name]
		switch {
		case value == "" || facet.name == "q":
		case slices.Contains([]string{"commenter", "cluster"}, facet.name): // they are ids
			by = append(by, "the "+strings.ToLower(facet.label))
		case facet.name == freeFacet:
			by = append(by, "“not held by others”")
		default:
			by = append(by, strings.ToLower(facet.label)+" “"+value+"”")
		}
	}
	return "No comment here matches " + strings.Join(by, " and ") + "."
}

// clearing returns links that widen a list that is filtered too narrowly.
func (d desk) clearing() []page.Link {
	wide := desk{tab: d.tab, sort: d.sort, site: d.site}.Address()
	switch {
	case d.facets["q"] == "":
		return []page.Link{{Text: "Clear filters", Href: wide}}
	case len(d.facets) == 1:
		return []page.Link{{Text: "Clear search", Href: wide}}
	}
	return []page.Link{{Text: "Clear search", Href: d.without("q").Address()}, {Text: "Clear search and filters", Href: wide}}
}
