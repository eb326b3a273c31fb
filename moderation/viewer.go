package moderation

import (
	"context"
	"slices"
)

// Viewer is the moderator on whose behalf something is done.
type Viewer struct {
	ModeratorID string
	SiteIDs     []string // empty: every site
}

// MaySee reports whether the viewer works on that site.
func (v Viewer) MaySee(siteID string) bool {
	return len(v.SiteIDs) == 0 || slices.Contains(v.SiteIDs, siteID)
}

// siteFinder is the storage that finding a site needs.
type siteFinder interface {
	SiteBySlug(ctx context.Context, slug string) (Site, error)
}

// VisibleSite finds a site of the viewer. ErrSiteUnknown; ErrNotFound for one that the viewer may not see.
func VisibleSite(ctx context.Context, store siteFinder, v Viewer, slug string) (Site, error) {
	site, err := store.SiteBySlug(ctx, slug)
	if err == nil && !v.MaySee(site.ID) {
		err = ErrNotFound
	}
	return site, err
}
