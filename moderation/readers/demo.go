package readers

import (
	"context"
	"fmt"
	"slices"

	"rejoinder/identity"
	"rejoinder/moderation"
)

// DemoKeyName names the identity key of the demo site, with which its page signs who its reader is.
const DemoKeyName = "Demo page"

// DemoReader is the subscriber whom the demo's page signs in.
var DemoReader = identity.Claims{Subject: "ben", Name: "Ben Aldous", Email: "ben@aldous.example",
	Badges: []string{"subscriber"}}

// AddDemoKey lets the readers of the demo site be signed in.
func (r *Readers) AddDemoKey(ctx context.Context, slug string) error {
	_, _, err := r.AddKey(ctx, moderation.Viewer{}, slug, NewKey{Name: DemoKeyName, Kind: KindSecret})
	return err
}

// DemoToken signs a token of DemoReader, valid for a day, as the server of a publication does. Errors:
// ErrSiteUnknown, ErrNotFound for a site that is no demo or has lost the key.
func (r *Readers) DemoToken(ctx context.Context, slug string) (string, error) {
	site, err := r.Store.SiteBySlug(ctx, slug)
	if err != nil {
		return "", fmt.Errorf("sign in the demo's reader: %w", err)
	}
	keys, err := r.Store.IdentityKeys(ctx, site.ID)
	if err != nil {
		return "", fmt.Errorf("sign in the demo's reader: %w", err)
	}
	i := slices.IndexFunc(keys, func(k Key) bool { return k.Name == DemoKeyName && k.Kind == KindSecret })
	if i < 0 || site.Settings.Demo == "" {
		return "", fmt.Errorf("sign in the demo's reader: %w", moderation.ErrNotFound)
	}
	secret, err := r.Keys.Open(keys[i].Sealed, keys[i].ID)
	if err != nil {
		return "", fmt.Errorf("sign in the demo's reader: %w", err)
	}
	claims, now := DemoReader, r.Now()
	claims.ExpiresAt = now.Add(identity.MaxLifetime)
	return identity.Sign(secret, site.Slug, claims, now)
}
