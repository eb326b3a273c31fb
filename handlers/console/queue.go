package console

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/api"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/live"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// queueLimit is how many comments one console page shows.
const queueLimit = 20

// desk is what part of the queue a moderator looks at: a tab, an order, a site, and what else narrows it
// down.
type desk struct {
	tab    queueTab
	sort   queue.Sort
	site   string // slug; empty for every site
	cursor string
	beside bool              // a comment is shown beside the list, and its forms return to the list
	facets map[string]string // of queueFacets, by their names
}

func deskOf(values url.Values) desk {
	d := desk{tab: queueTabs[0], sort: queue.SortOldest, site: values.Get("site"), cursor: values.Get("cursor"),
		beside: values.Has(besideField), facets: map[string]string{}}
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
		if value := httpio.Printable(strings.TrimSpace(values.Get(facet.name))); value != "" {
			d.facets[facet.name] = value
		}
	}
	return d
}

// WayBack is the desk that a page or a form leads back to. A site that the moderator does not work on is left
// out: nothing is there to go back to.
func (h *Queue) WayBack(c *gin.Context, values url.Values) desk {
	at := deskOf(values)
	if at.site == "" {
		return at
	}
	who, signedIn := session.LookupIdentity(c)
	viewer := moderation.Viewer{ModeratorID: who.ModeratorID, SiteIDs: who.SiteIDs}
	if _, err := h.Sites.Find(c.Request.Context(), viewer, at.site); !signedIn ||
		errors.Is(err, moderation.ErrSiteUnknown) {
		at.site = ""
	}
	return at
}

// Bounds of what a link to a desk repeats, in bytes: nothing longer leads anywhere.
const (
	maxLinkSlug   = 63
	maxLinkCursor = 2 << 10
)

// Address is the desk as a link.
func (d desk) Address() string { return pathWith(RootPath, d.fields()) }

// at is the address of a page that leads back to the desk.
func (d desk) at(path string) string { return pathWith(path, d.fields()) }

// pathWith returns a path with fields as its query.
func pathWith(path string, fields []page.HiddenField) string {
	query := url.Values{}
	for _, field := range fields {
		query.Set(field.Name, field.Value)
	}
	to := url.URL{Path: path, RawQuery: query.Encode()}
	return to.String()
}

// caseAddress returns the URL of a comment's page.
func (d desk) caseAddress(commentID string) string {
	return pathWith(RootPath+"/comments/"+commentID, d.fields())
}

// besideField and openField are URL parameters: whether a comment is shown beside the list, and which.
const (
	besideField = "beside"
	openField   = "open"
)

// paneAddress returns the URL of a comment's full view, to be shown beside the list.
func (d desk) paneAddress(commentID string) string {
	return pathWith(RootPath+"/comments/"+commentID, d.withBeside().caseFields())
}

func (d desk) withBeside() desk {
	d.beside = true
	return d
}

// caseFields are hidden fields of forms about one comment: the form returns to where the comment is shown.
func (d desk) caseFields() []page.HiddenField {
	if !d.beside {
		return d.fields()
	}
	return append(d.fields(), page.Hidden(besideField, "1"))
}

// afterForm returns where a form leads that leaves its comment in place: to the list with the comment open
// beside it, or to the comment's page.
func (d desk) afterForm(commentID string) string {
	if !d.beside {
		return d.caseAddress(commentID)
	}
	return pathWith(RootPath, append(d.fields(), page.Hidden(openField, commentID)))
}

// onTab returns the first page of another tab, without filters that apply to pending comments only.
func (d desk) onTab(tab queueTab) desk {
	to := desk{tab: tab, sort: d.sort, site: d.site, facets: maps.Clone(d.facets)}
	if tab.status != moderation.StatusPending {
		delete(to.facets, "rule")
		delete(to.facets, "host")
	}
	return to
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

// fields are what differs from the plain queue. What is too long to be right is left out.
func (d desk) fields() []page.HiddenField {
	var fields []page.HiddenField
	if d.tab.id != queueTabs[0].id {
		fields = append(fields, page.Hidden("status", d.tab.id))
	}
	if d.sort != queue.SortOldest {
		fields = append(fields, page.Hidden("sort", string(d.sort)))
	}
	if d.site != "" && len(d.site) <= maxLinkSlug {
		fields = append(fields, page.Hidden("site", httpio.Printable(d.site)))
	}
	for _, facet := range slices.Sorted(maps.Keys(d.facets)) {
		if len(d.facets[facet]) <= queue.MaxFilterBytes {
			fields = append(fields, page.Hidden(facet, d.facets[facet]))
		}
	}
	if d.cursor != "" && len(d.cursor) <= maxLinkCursor {
		fields = append(fields, page.Hidden("cursor", httpio.Printable(d.cursor)))
	}
	return fields
}

// query is the desk as the use-case knows it.
func (d desk) query() queue.Query {
	return queue.Query{SiteSlug: d.site, Status: d.tab.status, Sort: d.sort, Limit: queueLimit, Cursor: d.cursor,
		Filter: queue.Filter{
			ArticleKey: d.facets["article"], Rule: d.facets["rule"], Host: d.facets["host"], Language: d.facets["language"],
			CommenterID: d.facets["commenter"], Cluster: d.facets["cluster"], Search: d.facets["q"],
			Reported: d.tab.concern == "reported", Appealed: d.tab.concern == "appealed",
			Free: d.facets[freeFacet] != "",
		}}
}

// QueuePage shows a part of the queue, with its first comment in full.
func (h *Queue) QueuePage(c *gin.Context) error {
	at, ctx := deskOf(c.Request.URL.Query()), c.Request.Context()
	page, err := h.Queue.List(ctx, session.ViewerOf(c), at.query())
	if err != nil {
		return err
	}
	records, err := h.Queue.Records(ctx, page.Items)
	if err != nil {
		return err
	}
	view := h.newQueueView(at, page, session.ViewerOf(c), records)
	if len(page.Items) == 0 && page.Total == 0 {
		view.Heading = view.Live.None
	}
	if view.consoleFrame, err = h.consoleFrame(c, "queue", view.Heading); err != nil {
		return err
	}
	view.showCounts(at)
	view.Styles, view.Scripts = []string{"queue.css"}, []string{"queue.js"}
	if err := h.showHeld(c, at, &view); err != nil {
		return err
	}
	if len(page.Items) == 0 {
		if view.Empty, err = h.emptyQueue(c, at, &view); err != nil {
			return err
		}
	}
	if err := h.openBeside(c, at, &view); err != nil {
		return err
	}
	return h.renderConsole(c, http.StatusOK, "queue", view)
}

// openBeside shows a comment beside the list: the requested one, or the first.
func (h *Queue) openBeside(c *gin.Context, at desk, view *queueView) error {
	var err error
	if asked := c.Query(openField); asked != "" {
		view.Case, err = h.openCase(c, at.withBeside(), asked, nil)
		if !errors.Is(err, moderation.ErrNotFound) {
			return err
		}
	}
	if len(view.Items) == 0 {
		return nil
	}
	view.Case, err = h.openCase(c, at.withBeside(), view.first(), nil)
	return err
}

type Queue struct {
	*Pages
	Api  *api.Queue
	Auth *auth.Service
	Now  func() time.Time
	Hub  *live.Hub
}
