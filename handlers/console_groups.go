package handlers

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"rejoinder/moderation"
)

const groupsPath = consolePath + "/groups"

// groupKinds are what comments can have in common, with the facet of the queue that finds a group again.
var groupKinds = []struct {
	by    moderation.GroupBy
	label string
	facet string
}{
	{moderation.GroupByText, "Text", "cluster"},
	{moderation.GroupByCommenter, "Commenter", "commenter"},
	{moderation.GroupByHost, "Link", "host"},
	{moderation.GroupByRule, "Rule", "rule"},
}

// groupsView lists what pending comments have in common, the largest groups first.
type groupsView struct {
	consoleFrame
	Kinds    []navEntry
	SiteName string
	Groups   []groupView
}

// groupView is one group, with what decides on all of it.
type groupView struct {
	Label   string // what they have in common; empty where only the sample can say it
	Count   int
	Name    string // of the sample's writer
	Text    string // of the sample, cut short
	Address string // of the queue, narrowed down to the group
	Actions []choice
	Back    []hiddenField
}

// groupsPage shows the groups among what waits on one site: the one asked for, or the first.
func (s *Server) groupsPage(c *gin.Context) error {
	kind := groupKinds[0]
	for _, known := range groupKinds {
		if c.Query("by") == string(known.by) {
			kind = known
		}
	}
	view := groupsView{}
	var err error
	if view.consoleFrame, err = s.consoleFrame(c, "groups", "Groups"); err != nil {
		return err
	}
	sites, err := s.Sites.List(c.Request.Context(), viewerOf(c))
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
		return s.renderConsole(c, http.StatusOK, "groups", view)
	}
	groups, err := s.Queue.Groups(c.Request.Context(), viewerOf(c), slug, kind.by)
	if err != nil {
		return err
	}
	for _, g := range groups {
		view.Groups = append(view.Groups, newGroupView(g, slug, kind.facet))
	}
	view.Styles = []string{"queue.css"}
	return s.renderConsole(c, http.StatusOK, "groups", view)
}

func groupTabs(slug string, present moderation.GroupBy) []navEntry {
	var tabs []navEntry
	for _, known := range groupKinds {
		query := url.Values{"by": {string(known.by)}}
		if slug != "" {
			query.Set("site", slug)
		}
		tabs = append(tabs, navEntry{Label: known.label, Href: groupsPath + "?" + query.Encode(), Present: known.by == present})
	}
	return tabs
}

func newGroupView(g moderation.QueueGroup, slug, facet string) groupView {
	at := desk{tab: queueTabs[0], sort: moderation.QueueOldest, site: slug}.only(facet, g.Key)
	view := groupView{Count: g.Count, Name: g.Sample.Comment.AuthorName, Text: shortened(g.Sample.Submission.Body),
		Address: at.address(), Actions: actionsFor(g.Sample.Comment), Back: at.fields()}
	switch facet {
	case "host", "rule":
		view.Label = g.Key
	case "commenter":
		view.Label = g.Sample.Comment.AuthorName
	}
	return view
}
