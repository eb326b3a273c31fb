package rulebook

import (
	"context"
	"fmt"

	"rejoinder/moderation"
	"rejoinder/moderation/rules"
)

// ExternalNames returns the names of the outside classifiers that a site uses. Errors: ErrSiteUnknown.
func (b *Rulebook) ExternalNames(ctx context.Context, v moderation.Viewer, siteSlug string) ([]string, error) {
	site, err := b.site(ctx, v, siteSlug)
	if err != nil {
		return nil, fmt.Errorf("list classifiers: %w", err)
	}
	return b.externals(site.ID), nil
}

func (b *Rulebook) externals(siteID string) []string {
	if b.Externals == nil {
		return nil
	}
	return b.Externals(siteID)
}

// Warnings returns likely mistakes in a valid ruleset of a site, such as a classifier that the site does not
// use. Errors: ErrSiteUnknown.
func (b *Rulebook) Warnings(
	ctx context.Context, v moderation.Viewer, siteSlug string, compiled *rules.Ruleset,
) ([]rules.Fault, error) {
	site, err := b.site(ctx, v, siteSlug)
	if err != nil {
		return nil, fmt.Errorf("warn of ruleset: %w", err)
	}
	return append(compiled.Warnings(), compiled.MissingExternals(b.externals(site.ID))...), nil
}

// Missing returns the warnings about a saved version that depend on what its site has: of the classifiers
// that it names and the site does not use. Errors: ErrSiteUnknown, ErrNotFound.
func (b *Rulebook) Missing(ctx context.Context, v moderation.Viewer, ref Ref) ([]rules.Fault, error) {
	r, err := b.Version(ctx, v, ref)
	if err != nil {
		return nil, fmt.Errorf("warn of ruleset: %w", err)
	}
	compiled, err := b.Compiled(ctx, r.ID)
	if err != nil {
		return nil, fmt.Errorf("warn of ruleset: %w", err)
	}
	return compiled.MissingExternals(b.externals(r.SiteID)), nil
}
