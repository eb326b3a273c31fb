package queue

import (
	"context"
	"fmt"

	"rejoinder/moderation"
)

// GroupBy is the criterion of a grouping.
type GroupBy string

// GroupBy criteria.
const (
	GroupByText      GroupBy = "text" // identical or nearly identical
	GroupByCommenter GroupBy = "commenter"
	GroupByHost      GroupBy = "host" // that they link to
	GroupByRule      GroupBy = "rule" // that hit them
)

// Limits of groups.
const (
	// GroupedComments is the number of newest pending comments to group.
	GroupedComments = 10_000
	MaxGroups       = 100
)

// GroupSelect selects the groups of a site.
type GroupSelect struct {
	SiteID string
	By     GroupBy
	Scan   int // number of newest pending comments to scan
	Limit  int
}

// Group is a group of pending comments with a common property.
type Group struct {
	Key    string // a cluster, a commenter's id, a host, or a rule's id
	Count  int    // at least 2
	Sample Row
}

// Groups returns the largest groups among the newest pending comments of a site, largest first.
// Errors: *Invalid, ErrSiteUnknown.
func (q *Queue) Groups(ctx context.Context, v moderation.Viewer, siteSlug string, by GroupBy) ([]Group, error) {
	var faults moderation.Invalid
	if siteSlug == "" {
		faults.Add("/site", "required", "Name the site whose queue to group.")
	}
	switch by {
	case GroupByText, GroupByCommenter, GroupByHost, GroupByRule:
	default:
		faults.Add("/by", "unknown", "Groups are by text, commenter, host or rule.")
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	sites, err := q.sites(ctx, v, siteSlug)
	if err != nil {
		return nil, fmt.Errorf("group queue: %w", err)
	}
	groups, err := q.Store.QueueGroups(ctx, GroupSelect{SiteID: sites[0], By: by, Scan: GroupedComments, Limit: MaxGroups})
	if err != nil {
		return nil, fmt.Errorf("group queue: %w", err)
	}
	return groups, nil
}
