package moderation

import (
	"context"
	"slices"
)

// Viewer is the moderator on whose behalf a use case runs.
type Viewer struct {
	ModeratorID string
	SiteIDs     []string // empty: every site
	// AuthorOnly limits the viewer to articles that name them as an author, and to pending and approved comments.
	AuthorOnly bool
}

// AuthorID returns the account whose articles the viewer is limited to; empty for all articles.
func (v Viewer) AuthorID() string {
	if v.AuthorOnly {
		return v.ModeratorID
	}
	return ""
}

// MaySee reports whether the viewer has access to the site.
func (v Viewer) MaySee(siteID string) bool {
	return len(v.SiteIDs) == 0 || slices.Contains(v.SiteIDs, siteID)
}

// siteFinder is the storage for finding a site.
type siteFinder interface {
	SiteBySlug(ctx context.Context, slug string) (Site, error)
}

// VisibleSite returns a site of the viewer. ErrSiteUnknown if it does not exist or the viewer has no access to
// it: they must not learn which other sites exist.
func VisibleSite(ctx context.Context, store siteFinder, v Viewer, slug string) (Site, error) {
	site, err := store.SiteBySlug(ctx, slug)
	if err == nil && !v.MaySee(site.ID) {
		err = ErrSiteUnknown
	}
	return site, err
}
