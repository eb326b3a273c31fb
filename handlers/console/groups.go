package console

import (
	"cmp"
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

const groupsPath = RootPath + "/groups"

// groupKinds are what comments can have in common, with the facet of the queue that lists a group.
var groupKinds = []struct {
	by    queue.GroupBy
	label string
	facet string
	none  string // shown when there are no groups
}{
	{queue.GroupByText, "Text", "cluster", "No two waiting comments have a similar text."},
	{queue.GroupByCommenter, "Commenter", "commenter", "No two waiting comments are by the same commenter."},
	{queue.GroupByHost, "Link", "host", "No two waiting comments link to the same host."},
	{queue.GroupByRule, "Rule", "rule", "No two waiting comments were held by the same rule."},
}

// groupsView lists what pending comments have in common, the largest groups first.
type groupsView struct {
	frame
	Kinds    []navEntry
	SiteName string
	Groups   []groupView
	Empty    emptyView // shown when there are none
}

// groupView is one group, with the actions on all its comments.
type groupView struct {
	Label   string // what the comments have in common; empty: their text
	Count   int
	Name    string         // the sample's author
	Excerpt []page.Segment // of the sample
	Address string         // URL of the list of the group
	Actions []groupAction
	Back    []page.HiddenField
}

// ShowGroups groups the waiting comments of the requested site, or of the first.
func (h *Queue) ShowGroups(c *gin.Context) error {
	kind := groupKinds[0]
	for _, k := range groupKinds {
		if c.Query("by") == string(k.by) {
			kind = k
		}
	}
	view := groupsView{Empty: emptyView{Text: "You have no sites."}}
	var err error
	if view.frame, err = h.newFrame(c, "groups", "Groups"); err != nil {
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
		return h.render(c, http.StatusOK, "groups", view)
	}
	groups, err := h.Queue.Groups(c.Request.Context(), session.ViewerOf(c), slug, kind.by)
	if err != nil {
		return err
	}
	for _, g := range groups {
		group, err := newGroupView(g, slug, kind.by, kind.facet)
		if err != nil {
			return err
		}
		view.Groups = append(view.Groups, group)
	}
	counts, err := h.Queue.Counts(c.Request.Context(), session.ViewerOf(c), slug)
	if err != nil {
		return err
	}
	view.Empty = emptyGroups(session.Words(c), kind.none, slug, counts.Pending)
	view.Styles = []string{"queue.css"}
	return h.render(c, http.StatusOK, "groups", view)
}

// emptyGroups explains why there are no groups.
func emptyGroups(words *locale.Language, none, slug string, waiting int) emptyView {
	if waiting == 0 {
		return emptyView{Text: "Nothing is waiting."}
	}
	return emptyView{words.T(none) + " " + queueTabs[0].thereAreOn(words, waiting, ""),
		[]page.Link{{Text: "Go to the queue", Href: siteQuery(RootPath, slug)}}}
}

func groupTabs(slug string, present queue.GroupBy) []navEntry {
	var tabs []navEntry
	for _, k := range groupKinds {
		tabs = append(tabs, navEntry{Label: k.label, Href: groupsURL(slug, string(k.by)), Present: k.by == present})
	}
	return tabs
}

// groupsURL is the page of a site's groups of one kind.
func groupsURL(slug, by string) string {
	fields := []page.HiddenField{page.Hidden("by", by)}
	if slug != "" {
		fields = append(fields, page.Hidden("site", slug))
	}
	return pathWithFields(groupsPath, fields)
}

// groupsReturnFields are hidden fields of a form that returns to the page of groups.
func groupsReturnFields(slug, by string) []page.HiddenField {
	by = cmp.Or(by, string(groupKinds[0].by))
	return []page.HiddenField{
		page.Hidden("site", httpio.Printable(slug)), page.Hidden(groupsField, httpio.Printable(by)),
	}
}

// groupAction is the button of an action on a whole group. AllOf has a place for the number of comments.
type groupAction struct{ Value, Label, AllOf string }

func groupActions(sample moderation.Comment) []groupAction {
	var all []groupAction
	for _, button := range buttonsFor(sample) {
		texts := textsOf(moderation.Action(button.Value))
		all = append(all, groupAction{button.Value, texts.all, texts.allOf})
	}
	return all
}

func newGroupView(g queue.Group, slug string, by queue.GroupBy, facet string) (groupView, error) {
	sample, err := g.Sample.Item()
	if err != nil {
		return groupView{}, err
	}
	params := queueParams{sort: queue.SortOldest, site: slug}.waitingWith(facet, g.Key)
	view := groupView{
		Count:   g.Count,
		Name:    g.Sample.Comment.AuthorName,
		Excerpt: page.MarkComment(sample.Body, sample.Verdict.Hits).Excerpt(excerptCharacters),
		Address: params.URL(),
		Actions: groupActions(g.Sample.Comment),
		Back:    append(params.fields(), page.Hidden(groupsField, string(by))),
	}
	switch facet {
	case "host", "rule":
		view.Label = g.Key
	case "commenter":
		view.Label = g.Sample.Comment.AuthorName
	}
	return view, nil
}
