package queue

import (
	"context"
	"fmt"
	"time"

	"rejoinder/moderation"
)

// QueueCounts says how many comments there are on some sites, at one moment.
type QueueCounts struct {
	Pending  int
	Approved int
	Rejected int
	Spam     int
	Deleted  int
	Reported int // with open reports, whatever their status
	Appealed int // with an appeal that nobody has decided on
	// OldestPendingAt is when the comment was sent that waits longest; zero when none waits.
	OldestPendingAt time.Time
}

// SiteCounts are the counts of one site.
type SiteCounts struct {
	Slug string
	QueueCounts
}

// Of returns the count of one status.
func (c QueueCounts) Of(s moderation.Status) int {
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

// Counts says what there is on a site, or on all sites of the viewer when the slug is empty. It costs the
// same however much there is. ErrSiteUnknown; ErrNotFound for a site the viewer may not see.
func (q *Queue) Counts(ctx context.Context, v moderation.Viewer, siteSlug string) (QueueCounts, error) {
	sites, err := q.sites(ctx, v, siteSlug)
	if err != nil {
		return QueueCounts{}, fmt.Errorf("count queue: %w", err)
	}
	counts, err := q.Store.QueueCounts(ctx, sites)
	if err != nil {
		return QueueCounts{}, fmt.Errorf("count queue: %w", err)
	}
	return counts, nil
}

// sites returns the sites that a moderator asks for by a slug, or all of theirs without one. nil stands for
// every site.
func (q *Queue) sites(ctx context.Context, v moderation.Viewer, slug string) ([]string, error) {
	if slug == "" {
		return v.SiteIDs, nil
	}
	site, err := q.Store.SiteBySlug(ctx, slug)
	if err != nil {
		return nil, err
	}
	if !v.MaySee(site.ID) {
		return nil, moderation.ErrNotFound
	}
	return []string{site.ID}, nil
}

// counted reads a page and how many comments match. Without a filter the counters know that.
func (q *Queue) counted(ctx context.Context, sel QueueSelect) (QueueCounted, error) {
	if sel.Filtered() {
		return q.Store.QueueCounted(ctx, sel, MaxFilteredTotal)
	}
	rows, err := q.Store.Queue(ctx, sel)
	if err != nil {
		return QueueCounted{}, err
	}
	counts, err := q.Store.QueueCounts(ctx, sel.SiteIDs)
	return QueueCounted{Rows: rows, Total: counts.Of(sel.Status)}, err
}
