package console

import (
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// queueParams are the parameters of the queue's list, in URLs and in hidden fields of forms that return to
// it.
type queueParams struct {
	tab    queueTab
	sort   queue.Sort
	site   string // slug; empty: all sites
	cursor string
	pane   bool              // a comment is shown in the pane beside the list, and its forms return to the list
	facets map[string]string // filters, by the names of queueFacets
	asOf   string            // see asOfField; empty: now
	words  *locale.Language  // of the page
}

// queueFacets are the filters besides the site.
var queueFacets = []struct {
	name    string // in URLs
	label   string
	noMatch string // names it in a sentence; empty: never
}{
	{"article", "Article", "article “%s”"}, {"rule", "Rule", "rule “%s”"}, {"host", "Links to", "links to “%s”"},
	{"language", "Language", "language “%s”"}, {"commenter", "Commenter", ""}, {"cluster", "Similar to", ""},
	{waitingFacet, "Waiting", "waiting “%s”"}, {unclaimedFacet, "Not claimed by", ""}, {"q", "Words", ""},
}

// Parameters of the list that say whether a comment is shown in the pane, and which.
const (
	paneField = "beside"
	openField = "open"
)

// Limits for the parameters that a link repeats, in bytes. No valid ones are longer.
const (
	maxLinkSlug   = 63
	maxLinkCursor = 2 << 10
)

func parseQueueParams(words *locale.Language, values url.Values) queueParams {
	p := queueParams{words: words, tab: queueTabs[0], sort: queue.SortOldest, site: values.Get("site"), cursor: values.Get("cursor"),
		pane: values.Has(paneField), facets: map[string]string{}, asOf: values.Get(asOfField)}
	for _, tab := range queueTabs {
		if values.Get("status") == tab.id {
			p.tab = tab
		}
	}
	for _, order := range queueOrders {
		if values.Get("sort") == string(order.sort) && p.tab.has(order.sort) {
			p.sort = order.sort
		}
	}
	for _, facet := range queueFacets {
		if value := httpio.Printable(strings.TrimSpace(values.Get(facet.name))); value != "" {
			p.facets[facet.name] = value
		}
	}
	if p.waitingSince(time.Time{}).IsZero() {
		delete(p.facets, waitingFacet) // an unknown duration
	}
	return p
}

// returnParams are the parameters of the list that a page or form returns to. They leave out a site that the
// moderator may not see.
func (h *Queue) returnParams(c *gin.Context, values url.Values) queueParams {
	params := parseQueueParams(session.Words(c), values)
	if params.site == "" {
		return params
	}
	who, signedIn := session.LookupIdentity(c)
	if !signedIn {
		params.site = ""
		return params
	}
	_, err := h.Sites.Find(c.Request.Context(), session.NewViewer(who), params.site)
	if errors.Is(err, moderation.ErrSiteUnknown) {
		params.site = ""
	}
	return params
}

// query translates the parameters for the use-case.
func (p queueParams) query(now time.Time) queue.Query {
	return queue.Query{SiteSlug: p.site, Status: p.tab.status, Sort: p.sort, Limit: queuePageSize, Cursor: p.cursor,
		Filter: queue.Filter{
			ArticleKey: p.facets["article"], Rule: p.facets["rule"], Host: p.facets["host"],
			Language: p.facets["language"], CommenterID: p.facets["commenter"], Cluster: p.facets["cluster"],
			Search: p.facets["q"], Reported: p.tab.issue == "reported", Appealed: p.tab.issue == "appealed",
			Free: p.facets[unclaimedFacet] != "", To: p.waitingSince(now),
		}}
}

// fields are the parameters that differ from the defaults. Values that are too long to be valid are left out.
func (p queueParams) fields() []page.HiddenField {
	var fields []page.HiddenField
	if p.tab.id != queueTabs[0].id {
		fields = append(fields, page.Hidden("status", p.tab.id))
	}
	if p.sort != queue.SortOldest {
		fields = append(fields, page.Hidden("sort", string(p.sort)))
	}
	if p.site != "" && len(p.site) <= maxLinkSlug {
		fields = append(fields, page.Hidden("site", httpio.Printable(p.site)))
	}
	for _, facet := range slices.Sorted(maps.Keys(p.facets)) {
		if len(p.facets[facet]) <= queue.MaxFilterBytes {
			fields = append(fields, page.Hidden(facet, p.facets[facet]))
		}
	}
	if p.cursor != "" && len(p.cursor) <= maxLinkCursor {
		fields = append(fields, page.Hidden("cursor", httpio.Printable(p.cursor)))
		if _, err := time.Parse(time.RFC3339, p.asOf); err == nil && p.facets[waitingFacet] != "" {
			fields = append(fields, page.Hidden(asOfField, p.asOf))
		}
	}
	return fields
}

// caseFields are hidden fields of a comment's forms, which return to where the comment is shown.
func (p queueParams) caseFields() []page.HiddenField {
	if !p.pane {
		return p.fields()
	}
	return append(p.fields(), page.Hidden(paneField, "1"))
}

// URL is the URL of the list.
func (p queueParams) URL() string { return pathWithFields(RootPath, p.fields()) }

// caseURL is the URL of a comment's page, which links back to the list.
func (p queueParams) caseURL(commentID string) string {
	return pathWithFields(RootPath+"/comments/"+commentID, p.fields())
}

// paneURL is the URL of a comment's page for modules, which show it in the pane.
func (p queueParams) paneURL(commentID string) string {
	return pathWithFields(RootPath+"/comments/"+commentID, p.withPane().caseFields())
}

// returnURL is where a form goes that does not decide on its comment: to the list with the comment in the
// pane, or to the comment's page.
func (p queueParams) returnURL(commentID string) string {
	if !p.pane {
		return p.caseURL(commentID)
	}
	return pathWithFields(RootPath, append(p.fields(), page.Hidden(openField, commentID)))
}

func pathWithFields(path string, fields []page.HiddenField) string {
	query := url.Values{}
	for _, field := range fields {
		query.Set(field.Name, field.Value)
	}
	to := url.URL{Path: path, RawQuery: query.Encode()}
	return to.String()
}

func (p queueParams) withPane() queueParams {
	p.pane = true
	return p
}

func (p queueParams) firstPage() queueParams {
	p.cursor, p.asOf = "", ""
	return p
}

// nextPage returns the page of the list at that cursor.
func (p queueParams) nextPage(cursor string, now time.Time) queueParams {
	if p.cursor = cursor; p.asOf == "" {
		p.asOf = now.UTC().Format(time.RFC3339)
	}
	return p
}

// onTab returns the first page of another tab, without filters that match only pending comments.
func (p queueParams) onTab(tab queueTab) queueParams {
	to := queueParams{words: p.words, tab: tab, sort: p.sort, site: p.site, facets: maps.Clone(p.facets)}
	if !tab.has(to.sort) {
		to.sort = queue.SortOldest
	}
	if tab.status != moderation.StatusPending {
		delete(to.facets, "rule")
		delete(to.facets, "host")
	}
	return to
}

// waitingWith returns the first page of the waiting comments with that facet, without any other filter.
func (p queueParams) waitingWith(facet, value string) queueParams {
	p.facets = map[string]string{}
	return p.onTab(queueTabs[0]).withFacet(facet, value)
}

// withFacet returns the first page with one more filter.
func (p queueParams) withFacet(facet, value string) queueParams {
	p = p.firstPage()
	p.facets = maps.Clone(p.facets)
	p.facets[facet] = value
	return p
}

// withoutFacet returns the first page with one filter less.
func (p queueParams) withoutFacet(facet string) queueParams {
	p = p.firstPage()
	p.facets = maps.Clone(p.facets)
	delete(p.facets, facet)
	return p
}
