package console

import (
	"cmp"
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/moderation/queue"
)

const groupsPath = RootPath + "/groups"

// groupKinds are what comments can have in common, with the facet of the queue that finds a group again.
var groupKinds = []struct {
	by    queue.GroupBy
	label string
	facet string
	none  string // shown when there are no groups
}{
	{queue.GroupByText, "Text", "cluster", "No two waiting comments say nearly the same."},
	{queue.GroupByCommenter, "Commenter", "commenter", "No two waiting comments are by the same commenter."},
	{queue.GroupByHost, "Link", "host", "No two waiting comments link to the same host."},
	{queue.GroupByRule, "Rule", "rule", "No two waiting comments were held by the same rule."},
}

// groupsView lists what pending comments have in common, the largest groups first.
type groupsView struct {
	consoleFrame
	Kinds    []navEntry
	SiteName string
	Groups   []groupView
	Empty    emptyView // shown when there are none
}

// groupView is one group, with what decides on all of it.
type groupView struct {
	Label   string // what they have in common; empty where only the sample can say it
	Count   int
	Name    string // of the sample's writer
	Text    string // of the sample, cut short
	Address string // of the queue, narrowed down to the group
	Actions []choice
	Back    []page.HiddenField
}

// GroupsPage shows the groups among what waits on one site: the one asked for, or the first.
func (h *Queue) GroupsPage(c *gin.Context) error {
	kind := groupKinds[0]
	for _, known := range groupKinds {
		if c.Query("by") == string(known.by) {
			kind = known
		}
	}
	view := groupsView{Empty: emptyView{Text: "You work on no site."}}
	var err error
	if view.consoleFrame, err = h.consoleFrame(c, "groups", "Groups"); err != nil {
		return err
	}
	sites, err := h.Sites.List(c.Request.Context(), session.ViewerOf(c))
	if err != nil {
		return err
	}
	slug := c.Query("site")
	for _, site := range sites {
		if slug == "" || site.Slug == slug {
			slug, view.SiteName = site.Slug, site.Name
		}
	}
	view.Kinds = groupTabs(slug, kind.by)
	if slug == "" {
		return h.renderConsole(c, http.StatusOK, "groups", view)
	}
	groups, err := h.Queue.Groups(c.Request.Context(), session.ViewerOf(c), slug, kind.by)
	if err != nil {
		return err
	}
	for _, g := range groups {
		view.Groups = append(view.Groups, newGroupView(g, slug, kind.by, kind.facet))
	}
	counts, err := h.Queue.Counts(c.Request.Context(), session.ViewerOf(c), slug)
	if err != nil {
		return err
	}
	view.Empty = emptyGroups(kind.none, slug, counts.Pending)
	view.Styles = []string{"queue.css"}
	return h.renderConsole(c, http.StatusOK, "groups", view)
}

// emptyGroups says that nothing is pending, or that pending comments have nothing in common.
func emptyGroups(none, slug string, waiting int) emptyView {
	if waiting == 0 {
		return emptyView{Text: "Nothing is waiting here, so there is nothing to group."}
	}
	return emptyView{none + " " + thereAre(queueTabs[0], waiting) + ".",
		[]page.Link{{Text: "Go to the queue", Href: withSite(RootPath, slug)}}}
}

func groupTabs(slug string, present queue.GroupBy) []navEntry {
	var tabs []navEntry
	for _, known := range groupKinds {
		tabs = append(
			tabs,
			navEntry{Label: known.label, Href: groupsAddress(slug, string(known.by)), Present: known.by == present},
		)
	}
	return tabs
}

// groupsAddress returns the URL of a site's groups of one kind.
func groupsAddress(slug, by string) string {
	fields := []page.HiddenField{page.Hidden("by", by)}
	if slug != "" {
		fields = append(fields, page.Hidden("site", slug))
	}
	return pathWith(groupsPath, fields)
}

// groupsBack makes a form return to a site's groups of one kind.
func groupsBack(slug, by string) []page.HiddenField {
	return []page.HiddenField{page.Hidden("site", httpio.Printable(slug)), page.Hidden(groupsField, httpio.Printable(cmp.Or(by, string(groupKinds[0].by))))}
}

func newGroupView(g queue.Group, slug string, by queue.GroupBy, facet string) groupView {
	at := desk{tab: queueTabs[0], sort: queue.SortOldest, site: slug}.only(facet, g.Key)
	view := groupView{
		Count:   g.Count,
		Name:    g.Sample.Comment.AuthorName,
		Text:    shortened(g.Sample.Submission.Body),
		Address: at.Address(),
		Actions: actionsFor(g.Sample.Comment),
		Back:    append(at.fields(), page.Hidden(groupsField, string(by))),
	}
	switch facet {
	case "host", "rule":
		view.Label = g.Key
	case "commenter":
		view.Label = g.Sample.Comment.AuthorName
	}
	return view
}
