package handlers

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/moderation"
)

// queueLimit is how many comments one console page shows.
const queueLimit = 20

// desk is what part of the queue a moderator looks at: a tab, an order, a site, and what else narrows it down.
type desk struct {
	tab    queueTab
	sort   moderation.QueueSort
	site   string // slug; empty for every site
	cursor string
	facets map[string]string // of queueFacets, by their names
}

func deskOf(values url.Values) desk {
	d := desk{tab: queueTabs[0], sort: moderation.QueueOldest, site: values.Get("site"), cursor: values.Get("cursor"),
		facets: map[string]string{}}
	for _, tab := range queueTabs {
		if values.Get("status") == tab.id {
			d.tab = tab
		}
	}
	for _, order := range queueOrders {
		if values.Get("sort") == string(order.sort) {
			d.sort = order.sort
		}
	}
	for _, facet := range queueFacets {
		if value := printable(strings.TrimSpace(values.Get(facet.name))); value != "" {
			d.facets[facet.name] = value
		}
	}
	return d
}

// address is the desk as a link.
func (d desk) address() string { return d.at(consolePath) }

// at is the address of a page that leads back to the desk.
func (d desk) at(path string) string {
	query := url.Values{}
	for _, field := range d.fields() {
		query.Set(field.Name, field.Value)
	}
	to := url.URL{Path: path, RawQuery: query.Encode()}
	return to.String()
}

// caseAddress is where a comment is shown in full.
func (d desk) caseAddress(commentID string) string {
	return d.at(consolePath + "/comments/" + commentID)
}

// onTab is the first page of another tab.
func (d desk) onTab(tab queueTab) desk {
	return desk{tab: tab, sort: d.sort, site: d.site, facets: d.facets}
}

// from is another page of the desk.
func (d desk) from(cursor string) desk {
	d.cursor = cursor
	return d
}

// only is the first page of what waits, narrowed down by one thing.
func (d desk) only(facet, value string) desk {
	return desk{tab: queueTabs[0], sort: d.sort, site: d.site, facets: map[string]string{facet: value}}
}

// with is the desk's first page, narrowed down by one thing more.
func (d desk) with(facet, value string) desk {
	d.facets, d.cursor = maps.Clone(d.facets), ""
	d.facets[facet] = value
	return d
}

// without is the desk's first page, less narrow.
func (d desk) without(facet string) desk {
	d.facets, d.cursor = maps.Clone(d.facets), ""
	delete(d.facets, facet)
	return d
}

// fields are what differs from the plain queue.
func (d desk) fields() []hiddenField {
	var fields []hiddenField
	if d.tab.id != queueTabs[0].id {
		fields = append(fields, hiddenField{"status", d.tab.id})
	}
	if d.sort != moderation.QueueOldest {
		fields = append(fields, hiddenField{"sort", string(d.sort)})
	}
	if d.site != "" {
		fields = append(fields, hiddenField{"site", printable(d.site)})
	}
	for _, facet := range slices.Sorted(maps.Keys(d.facets)) {
		fields = append(fields, hiddenField{facet, d.facets[facet]})
	}
	if d.cursor != "" {
		fields = append(fields, hiddenField{"cursor", printable(d.cursor)})
	}
	return fields
}

// query is the desk as the use-case knows it.
func (d desk) query() moderation.QueueQuery {
	return moderation.QueueQuery{SiteSlug: d.site, Status: d.tab.status, Sort: d.sort, Limit: queueLimit, Cursor: d.cursor,
		QueueFilter: moderation.QueueFilter{
			ArticleKey: d.facets["article"], Rule: d.facets["rule"], Host: d.facets["host"], Language: d.facets["language"],
			CommenterID: d.facets["commenter"], Cluster: d.facets["cluster"], Search: d.facets["q"],
			Reported: d.tab.concern == "reported", Appealed: d.tab.concern == "appealed",
			Free: d.facets[freeFacet] != "",
		}}
}

// queuePage shows a part of the queue, with its first comment in full.
func (s *Server) queuePage(c *gin.Context) error {
	at, ctx := deskOf(c.Request.URL.Query()), c.Request.Context()
	page, err := s.Queue.List(ctx, viewerOf(c), at.query())
	if err != nil {
		return err
	}
	records, err := s.Queue.Records(ctx, page.Items)
	if err != nil {
		return err
	}
	view := s.newQueueView(at, page, viewerOf(c), records)
	if view.consoleFrame, err = s.consoleFrame(c, "queue", view.Heading); err != nil {
		return err
	}
	view.showCounts(at)
	view.Styles, view.Scripts = []string{"queue.css"}, []string{"queue.js"}
	if err := s.showHeld(c, at, &view); err != nil {
		return err
	}
	if len(page.Items) > 0 {
		if view.Case, err = s.openCase(c, at, view.first(), nil); err != nil {
			return err
		}
	}
	return s.renderConsole(c, http.StatusOK, "queue", view)
}
