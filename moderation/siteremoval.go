package moderation

import (
	"context"
	"fmt"
)

// DemoState says whether a site is the demo.
type DemoState string

// States of the demo.
const (
	NoDemo         DemoState = ""
	DemoIncomplete DemoState = "incomplete" // its content is being written, or that was interrupted
	DemoComplete   DemoState = "complete"
)

// SiteRemoval is what was removed with a site.
type SiteRemoval struct {
	Articles  int
	Comments  int
	Decisions int
	Accounts  int // of moderators of this site only
}

// DemoStore is the storage for removing the demo.
type DemoStore interface {
	// RemoveSite deletes a site and all that belongs to it, with the accounts of moderators who work on no
	// other site. *Invalid if such a moderator wrote notes or blocks on another site.
	RemoveSite(ctx context.Context, siteID string, audit *AuditEntry) (SiteRemoval, error)
}

// RemoveDemo deletes the demo site and all that belongs to it. Errors: ErrSiteUnknown, *Invalid, ErrForbidden
// for a site that is no demo and for a viewer limited to some sites.
func (s *Sites) RemoveDemo(ctx context.Context, v Viewer, slug string) (SiteRemoval, error) {
	site, err := s.Find(ctx, v, slug)
	if err != nil {
		return SiteRemoval{}, err
	}
	if site.Settings.Demo == NoDemo || len(v.SiteIDs) > 0 {
		return SiteRemoval{}, fmt.Errorf("remove demo: %w", ErrForbidden)
	}
	// The entry names no site, since there is none any more.
	removed, err := s.Store.RemoveSite(ctx, site.ID, s.audit(v, AuditRemoveDemo, "", site.ID))
	if err != nil {
		return SiteRemoval{}, fmt.Errorf("remove demo: %w", err)
	}
	return removed, nil
}

// Remove deletes a site and all that belongs to it, if typed is its slug. Errors: ErrSiteUnknown, *Invalid,
// ErrForbidden for a viewer limited to some sites.
func (s *Sites) Remove(ctx context.Context, v Viewer, slug, typed string) (SiteRemoval, error) {
	site, err := s.Find(ctx, v, slug)
	if err != nil {
		return SiteRemoval{}, err
	}
	if len(v.SiteIDs) > 0 {
		return SiteRemoval{}, fmt.Errorf("remove site: %w", ErrForbidden)
	}
	if typed != site.Slug {
		var faults Invalid
		faults.Add("/confirm", "mismatch", fmt.Sprintf("Type the short name of the site, %s, to confirm.", site.Slug))
		return SiteRemoval{}, faults.Err()
	}
	removed, err := s.Store.RemoveSite(ctx, site.ID, s.audit(v, AuditRemoveSite, "", site.ID))
	if err != nil {
		return SiteRemoval{}, fmt.Errorf("remove site: %w", err)
	}
	return removed, nil
}
