package queue

import (
	"context"
	"fmt"
	"time"

	"rejoinder/moderation"
)

// Counts are comment counts of some sites.
type Counts struct {
	Pending  int
	Approved int
	Rejected int
	Spam     int
	Deleted  int
	Reported int // with open reports, in any status
	Appealed int // with an open appeal
	// OldestPendingAt is the creation time of the oldest pending comment. Zero if none is pending.
	OldestPendingAt time.Time
}

// SiteCounts are the counts of one site.
type SiteCounts struct {
	Slug string
	Counts
}

// Of returns the count of a status.
func (c Counts) Of(s moderation.Status) int {
	switch s {
	case moderation.StatusPending:
		return c.Pending
	case moderation.StatusApproved:
		return c.Approved
	case moderation.StatusRejected:
		return c.Rejected
	case moderation.StatusSpam:
		return c.Spam
	case moderation.StatusDeleted:
		return c.Deleted
	}
	return 0
}

// Counts counts the comments of a site, or of all the viewer's sites if the slug is empty, in constant time.
// Errors: ErrSiteUnknown; ErrNotFound for a site that the viewer may not see.
func (q *Queue) Counts(ctx context.Context, v moderation.Viewer, siteSlug string) (Counts, error) {
	sites, err := q.sites(ctx, v, siteSlug)
	if err != nil {
		return Counts{}, fmt.Errorf("count queue: %w", err)
	}
	var counts Counts
	if v.AuthorOnly {
		counts, err = q.Store.AuthorCounts(ctx, v.ModeratorID, sites)
	} else {
		counts, err = q.Store.QueueCounts(ctx, sites)
	}
	if err != nil {
		return Counts{}, fmt.Errorf("count queue: %w", err)
	}
	return counts, nil
}

// sites returns the id of the site with this slug, or the ids of all the viewer's sites if the slug is empty.
// Nil means every site.
func (q *Queue) sites(ctx context.Context, v moderation.Viewer, slug string) ([]string, error) {
	if slug == "" {
		return v.SiteIDs, nil
	}
	site, err := moderation.VisibleSite(ctx, q.Store, v, slug)
	if err != nil {
		return nil, err
	}
	return []string{site.ID}, nil
}

// counted returns a page and the number of matches. Without a filter, counters provide that number.
func (q *Queue) counted(ctx context.Context, sel Select) (CountedPage, error) {
	if sel.Filtered() {
		return q.Store.QueueCounted(ctx, sel, MaxFilteredTotal)
	}
	rows, err := q.Store.Queue(ctx, sel)
	if err != nil {
		return CountedPage{}, err
	}
	counts, err := q.Store.QueueCounts(ctx, sel.SiteIDs)
	return CountedPage{Rows: rows, Total: counts.Of(sel.Status)}, err
}
