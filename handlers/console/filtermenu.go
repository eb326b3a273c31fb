package console

import (
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
)

// Facets of the menu that are no filters of the use-case by themselves.
const (
	ruleFacet     = "rule"
	languageFacet = "language"
	waitingFacet  = "waiting" // how long a comment has waited at least
)

// asOfField is the time from which waitingFacet counts on further pages of a list, so that they continue the first.
const asOfField = "asof"

var waitingTimes = []struct {
	value, label string
	d            time.Duration
}{
	{"1h", "Over an hour", time.Hour}, {"6h", "Over 6 hours", 6 * time.Hour}, {"1d", "Over a day", 24 * time.Hour},
	{"3d", "Over 3 days", 72 * time.Hour}, {"7d", "Over a week", 7 * 24 * time.Hour},
}

// filterMenu is the menu with the filters and the order of a list.
type filterMenu struct {
	Kept      []page.HiddenField // hidden fields of the form
	Sites     []choice           // empty if the moderator works on one site
	Rules     []choice           // empty if none of the comments was hit
	Languages []choice
	Waiting   []choice
	Orders    []choice
	Others    bool // hide comments that others have claimed
	Active    int  // how many filters of the menu apply
}

// newFilterMenu returns the menu. sites are those of the viewer.
func newFilterMenu(params queueParams) filterMenu {
	menu := filterMenu{Others: params.facets[unclaimedFacet] != ""}
	own := []string{"sort", "q", "site", ruleFacet, languageFacet, waitingFacet, unclaimedFacet}
	for _, field := range params.firstPage().fields() {
		if !slices.Contains(own, field.Name) {
			menu.Kept = append(menu.Kept, field)
		}
	}
	for _, order := range queueOrders {
		if params.tab.has(order.sort) {
			menu.Orders = append(menu.Orders, choice{Value: string(order.sort), Label: order.label, Selected: order.sort == params.sort})
		}
	}
	menu.Waiting = []choice{{Label: "Any time"}}
	for _, each := range waitingTimes {
		menu.Waiting = append(menu.Waiting, choice{Value: each.value, Label: each.label, Selected: each.value == params.facets[waitingFacet]})
	}
	for _, facet := range []string{ruleFacet, languageFacet, waitingFacet, unclaimedFacet} {
		if params.facets[facet] != "" {
			menu.Active++
		}
	}
	return menu
}

// addFilterValues adds the sites, rules and languages to choose from.
func (h *Queue) addFilterValues(c *gin.Context, params queueParams, view *queueView) error {
	ctx, viewer := c.Request.Context(), session.ViewerOf(c)
	sites, err := h.Sites.List(ctx, viewer)
	if err != nil {
		return err
	}
	view.Filter.Sites = view.Sites
	if params.site != "" {
		sites = slices.DeleteFunc(sites, func(site moderation.Site) bool { return site.Slug != params.site })
	}
	values, err := h.Queue.FilterValues(ctx, viewer, sites, params.tab.status)
	if err != nil {
		return err
	}
	view.Filter.Rules = facetChoices("Any rule", values.Rules, params.facets[ruleFacet], func(rule string) string { return rule })
	view.Filter.Languages = facetChoices("Any language", values.Languages, params.facets[languageFacet],
		func(tag string) string { return languageName(params.words, tag) })
	return nil
}

// facetChoices are the values of a facet after the one for any. The chosen value is among them even if no comment
// has it.
func facetChoices(anyValue string, values []string, chosen string, label func(string) string) []choice {
	if chosen != "" && !slices.Contains(values, chosen) {
		values = append(values, chosen)
	}
	if len(values) == 0 {
		return nil
	}
	choices := []choice{{Label: anyValue}}
	for _, value := range values {
		choices = append(choices, choice{Value: value, Label: label(value), Selected: value == chosen, Verbatim: true})
	}
	return choices
}

// facetText is a facet's value as moderators call it.
func facetText(words *locale.Language, facet, value string) string {
	switch facet {
	case languageFacet:
		return languageName(words, value)
	case unclaimedFacet:
		return words.T("others")
	case waitingFacet:
		for _, each := range waitingTimes {
			if each.value == value {
				return words.T(strings.ToLower(each.label))
			}
		}
	}
	return value
}

// waitingSince returns the time before which comments of the list were sent; zero without that filter.
func (p queueParams) waitingSince(now time.Time) time.Time {
	if at, err := time.Parse(time.RFC3339, p.asOf); err == nil && !at.After(now) {
		now = at
	}
	for _, each := range waitingTimes {
		if each.value == p.facets[waitingFacet] {
			return now.UTC().Truncate(time.Second).Add(-each.d)
		}
	}
	return time.Time{}
}
