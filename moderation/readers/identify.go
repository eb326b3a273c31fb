package readers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rejoinder/identity"
	"rejoinder/moderation"
)

// kindSubject is the kind of the keyed index of subjects.
const kindSubject = "subject"

var _ moderation.Readers = (*Readers)(nil)

// renewAfter is after what time a reader without comments counts as new. The janitor forgets such readers later, so
// none disappears while a comment of theirs is being stored.
const renewAfter = 12 * time.Hour

// Identify implements moderation.Readers. Comments that were imported with the reader's email become theirs.
func (r *Readers) Identify(ctx context.Context, site moderation.Site, token string) (moderation.SignedReader, error) {
	claims, err := r.verify(ctx, site, token)
	if err != nil {
		return moderation.SignedReader{}, err
	}
	signed, err := newSignedReader(site, claims)
	if err != nil {
		return moderation.SignedReader{}, err
	}
	indexes := r.subjectIndexes(site, claims)
	now := r.Now().UTC()
	reader, err := r.Store.SignedReader(ctx, site.ID, indexes)
	if err == nil && now.Sub(reader.FirstSeenAt) > renewAfter {
		reader, err = r.Store.RenewReader(ctx, reader.ID, now)
	}
	if errors.Is(err, moderation.ErrNotFound) {
		reader, err = r.Store.CreateSignedReader(ctx, Reader{ID: r.NewID(), SiteID: site.ID, SubjectIndex: indexes[0],
			FirstSeenAt: now})
	}
	if err != nil {
		return moderation.SignedReader{}, fmt.Errorf("identify reader: %w", err)
	}
	adoption := Adoption{SiteID: site.ID, ReaderID: reader.ID, EmailIndexes: r.Keys.Indexes(signed.Email)}
	adopted, err := r.Store.AdoptImported(ctx, adoption)
	if err != nil {
		return moderation.SignedReader{}, fmt.Errorf("identify reader: %w", err)
	}
	if adopted > 0 {
		r.Log.InfoContext(ctx, "a signed-in reader got the imported comments with their email", "site", site.Slug,
			"reader", reader.ID, "comments", adopted)
	}
	signed.ID, signed.FirstSeenAt = reader.ID, reader.FirstSeenAt
	return signed, nil
}

// Check verifies a token and returns what it says of its reader, without storing anything. Errors:
// *moderation.IdentityError, ErrIdentityOff.
func (r *Readers) Check(ctx context.Context, site moderation.Site, token string) (moderation.SignedReader, error) {
	if site.Settings.Identity == moderation.IdentityOff {
		return moderation.SignedReader{}, fmt.Errorf("check identity: %w", moderation.ErrIdentityOff)
	}
	claims, err := r.verify(ctx, site, token)
	if err != nil {
		return moderation.SignedReader{}, err
	}
	return newSignedReader(site, claims)
}

// known returns the reader of a token. ErrNotFound if the reader is not stored, because they never commented.
func (r *Readers) known(ctx context.Context, site moderation.Site, token string) (Reader, error) {
	if site.Settings.Identity == moderation.IdentityOff {
		return Reader{}, moderation.ErrIdentityOff
	}
	claims, err := r.verify(ctx, site, token)
	if err != nil {
		return Reader{}, err
	}
	return r.Store.SignedReader(ctx, site.ID, r.subjectIndexes(site, claims))
}

// subjectIndexes returns the keyed indexes of a reader's ID at the publication. Sites do not share readers.
func (r *Readers) subjectIndexes(site moderation.Site, claims identity.Claims) [][]byte {
	return r.Keys.KindIndexes(kindSubject, site.ID+"/"+claims.Subject)
}

// FirstSeen implements moderation.Readers.
func (r *Readers) FirstSeen(ctx context.Context, readerID string) (time.Time, error) {
	seen, err := r.Store.FirstSeen(ctx, readerID)
	if errors.Is(err, moderation.ErrNotFound) {
		return time.Time{}, nil
	}
	return seen, err
}

// newSignedReader cleans the claims like input. A website or picture that can't be shown is left out, since a
// reader must not be locked out because of it.
func newSignedReader(site moderation.Site, claims identity.Claims) (moderation.SignedReader, error) {
	var faults moderation.Invalid
	signed := moderation.SignedReader{
		Name:  moderation.CleanName(&faults, claims.Name),
		Email: moderation.CleanEmail(&faults, claims.Email), Badges: claims.Badges, ExpiresAt: claims.ExpiresAt,
	}
	for _, fault := range faults.Fields {
		claim := map[string]string{"/author_name": "name", "/author_email": "email"}[fault.Pointer]
		return signed, &moderation.IdentityError{Code: string(identity.BadClaim), Claim: claim, Detail: fault.Detail}
	}
	var unusable moderation.Invalid
	signed.ProfileURL = moderation.CleanURL(&unusable, "", claims.ProfileURL)
	if unusable.Err() != nil || len(signed.ProfileURL) > moderation.MaxURLCharacters {
		signed.ProfileURL = ""
	}
	if len(claims.AvatarURL) <= moderation.MaxURLCharacters && site.Settings.AllowsAvatar(claims.AvatarURL) {
		signed.AvatarURL = claims.AvatarURL
	}
	return signed, nil
}

// verify verifies a token with the site's keys. If no key fits, key sets are requested again: the publication
// may have begun to use a new key. Errors: *moderation.IdentityError.
func (r *Readers) verify(ctx context.Context, site moderation.Site, token string) (identity.Claims, error) {
	want := identity.Expectation{Issuer: site.Settings.IdentityIssuer, Audience: site.Settings.IdentityAudience}
	if want.Audience == "" {
		want.Audience = site.Slug
	}
	var err error
	for _, maxAge := range []time.Duration{freshFor, 0} {
		var loaded loadedKeys
		if loaded, err = r.load(ctx, site, maxAge); err != nil {
			return identity.Claims{}, fmt.Errorf("identify reader: %w", err)
		}
		var claims identity.Claims
		if claims, err = identity.Verify(token, loaded.keys, want, r.Now()); err == nil {
			return claims, nil
		}
		var refusal *identity.Refusal
		if !errors.As(err, &refusal) {
			return identity.Claims{}, fmt.Errorf("identify reader: %w", err)
		}
		err = &moderation.IdentityError{Code: string(refusal.Code), Claim: refusal.Claim, Detail: refusal.Detail,
			Expired: refusal.Code == identity.Expired}
		if !loaded.requested || !unknownKey(refusal.Code) {
			break
		}
	}
	return identity.Claims{}, err
}

// unknownKey reports whether another key may accept the token.
func unknownKey(code identity.Code) bool {
	return code == identity.NoKey || code == identity.Signature || code == identity.Algorithm
}

// loadedKeys are the keys of a site that are valid now.
type loadedKeys struct {
	keys      []identity.Key
	requested bool // some come from a URL
}

// load opens the keys of a site. A key that can't be used is left out, and why is logged: others may do.
func (r *Readers) load(ctx context.Context, site moderation.Site, maxAge time.Duration) (loadedKeys, error) {
	var loaded loadedKeys
	stored, err := r.Store.IdentityKeys(ctx, site.ID)
	if err != nil {
		return loaded, err
	}
	for _, key := range stored {
		if key.expired(r.Now()) {
			continue
		}
		loaded.requested = loaded.requested || key.Kind == KindURL && r.Fetch != nil
		keys, err := r.open(ctx, key, maxAge)
		if err != nil {
			r.Log.WarnContext(ctx, "identity key can't be used", "site", site.Slug, "key", key.ID, "err", err)
			continue
		}
		loaded.keys = append(loaded.keys, keys...)
	}
	return loaded, nil
}

func (r *Readers) open(ctx context.Context, key Key, maxAge time.Duration) ([]identity.Key, error) {
	opened, err := r.Keys.Open(key.Sealed, key.ID)
	switch {
	case err != nil:
		return nil, err
	case key.Kind == KindSecret:
		secret, err := identity.Secret([]byte(opened))
		return []identity.Key{secret}, err
	case key.Kind == KindPublic:
		return identity.ParsePublicKeys(opened)
	case r.Fetch == nil:
		return nil, errors.New("this program does not request key sets")
	}
	return r.sets.get(ctx, r.Fetch, opened, r.Now(), maxAge)
}
