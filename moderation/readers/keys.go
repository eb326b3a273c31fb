package readers

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"rejoinder/identity"
	"rejoinder/moderation"
	"rejoinder/moderation/text"
)

// MaxKeys is the maximum number of identity keys of a site.
const MaxKeys = 10

// secretBytes is the size of new secrets.
const secretBytes = 32

// Kind is the kind of a key.
type Kind string

// Kinds of keys.
const (
	KindSecret Kind = "secret" // shared with the publication's server: HS256
	KindPublic Kind = "public" // public keys as PEM or JWK set
	KindURL    Kind = "url"    // a URL with a JWK set
)

// Key is an identity key of a site as stored.
type Key struct {
	ID        string
	SiteID    string
	Name      string
	Kind      Kind
	Sealed    []byte // the secret, the text with public keys, or the URL; bound to ID
	CreatedBy string // moderator ID; empty for the command line
	CreatedAt time.Time
	ExpiresAt time.Time // zero: valid until it is removed
}

// KeyView is a key as admins see it. It has no secret.
type KeyView struct {
	ID         string
	Name       string
	Kind       Kind
	Algorithms []string // of public keys, each once; empty if they are not known
	URL        string   // of KindURL
	CreatedAt  time.Time
	ExpiresAt  time.Time // zero: valid until it is removed
	Expired    bool
	// Trouble says why a key set could not be requested last; empty if it could, or was not requested yet.
	Trouble string
}

// NewKey is a request to add a key.
type NewKey struct {
	Name      string
	Kind      Kind
	Text      string // public keys, or the URL; empty for a secret, which is made here
	ExpiresAt time.Time
}

// AddKey adds an identity key. For KindSecret, it returns the new secret, which is not shown again. Errors:
// *moderation.Invalid, ErrSiteUnknown.
func (r *Readers) AddKey(
	ctx context.Context, v moderation.Viewer, slug string, n NewKey,
) (view KeyView, secret string, err error) {
	site, err := moderation.VisibleSite(ctx, r.Store, v, slug)
	if err != nil {
		return KeyView{}, "", fmt.Errorf("add identity key: %w", err)
	}
	if err := r.checkKey(ctx, site, &n); err != nil {
		return KeyView{}, "", err
	}
	if n.Kind == KindSecret {
		if n.Text, err = r.newSecret(); err != nil {
			return KeyView{}, "", fmt.Errorf("add identity key: %w", err)
		}
		secret = n.Text
	}
	key := Key{ID: r.NewID(), SiteID: site.ID, Name: n.Name, Kind: n.Kind, CreatedBy: v.ModeratorID,
		CreatedAt: r.Now().UTC(), ExpiresAt: n.ExpiresAt.UTC()}
	if n.ExpiresAt.IsZero() {
		key.ExpiresAt = time.Time{}
	}
	if key.Sealed, err = r.Keys.Seal(n.Text, key.ID); err != nil {
		return KeyView{}, "", fmt.Errorf("add identity key: %w", err)
	}
	if err := r.Store.CreateIdentityKey(ctx, key, r.audit(v, moderation.AuditAddIdentityKey, key)); err != nil {
		return KeyView{}, "", fmt.Errorf("add identity key: %w", err)
	}
	return r.view(key), secret, nil
}

// checkKey cleans the request and returns *moderation.Invalid with all faults, or nil.
func (r *Readers) checkKey(ctx context.Context, site moderation.Site, n *NewKey) error {
	var faults moderation.Invalid
	name, err := text.CleanLine(n.Name)
	switch {
	case err != nil:
		faults.Add("/name", "malformed", "The name must be one line of text.")
	case !text.Visible(name):
		faults.Add("/name", "required", "A key needs a name, to tell it from others.")
	case text.Characters(name) > moderation.MaxNameCharacters:
		faults.Add("/name", "too_long", fmt.Sprintf("A name has at most %d characters.", moderation.MaxNameCharacters))
	}
	n.Name, n.Text = name, strings.TrimSpace(n.Text)
	if !n.ExpiresAt.IsZero() && !n.ExpiresAt.After(r.Now()) {
		faults.Add("/expires_at", "past", "This time is in the past.")
	}
	switch n.Kind {
	case KindSecret:
		if n.Text != "" {
			faults.Add("/key", "unexpected", "Rejoinder makes the secret. Leave this empty.")
		}
	case KindPublic:
		if _, err := identity.ParsePublicKeys(n.Text); err != nil {
			faults.Add("/key", "malformed", sentence(err))
		}
	case KindURL:
		if err := r.checkURL(ctx, n.Text); err != nil {
			faults.Add("/key", "malformed", sentence(err))
		}
	default:
		faults.Add("/kind", "unknown", "A key is secret, public or url.")
	}
	keys, err := r.Store.IdentityKeys(ctx, site.ID)
	if err != nil {
		return fmt.Errorf("add identity key: %w", err)
	}
	if len(keys) >= MaxKeys {
		faults.Add("/name", "too_many", fmt.Sprintf("A site has at most %d keys. Remove one first.", MaxKeys))
	}
	return faults.Err()
}

// checkURL requests a key set, so that a mistake shows at once.
func (r *Readers) checkURL(ctx context.Context, address string) error {
	if r.Fetch == nil {
		return errors.New("this program does not request key sets")
	}
	if err := r.Fetch.CheckURL(address); err != nil {
		return err
	}
	_, err := r.sets.request(ctx, r.Fetch, address, r.Now())
	return err
}

// sentence returns an error's text as a sentence.
func sentence(err error) string {
	words := err.Error()
	return strings.ToUpper(words[:1]) + words[1:] + "."
}

func (r *Readers) newSecret() (string, error) {
	secret := make([]byte, secretBytes)
	if _, err := io.ReadFull(r.Random, secret); err != nil {
		return "", fmt.Errorf("make a secret: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(secret), nil
}

// ListKeys lists the keys of a site, oldest first.
func (r *Readers) ListKeys(ctx context.Context, v moderation.Viewer, slug string) ([]KeyView, error) {
	site, err := moderation.VisibleSite(ctx, r.Store, v, slug)
	if err != nil {
		return nil, fmt.Errorf("list identity keys: %w", err)
	}
	keys, err := r.Store.IdentityKeys(ctx, site.ID)
	if err != nil {
		return nil, fmt.Errorf("list identity keys: %w", err)
	}
	views := make([]KeyView, len(keys))
	for i, key := range keys {
		views[i] = r.view(key)
	}
	return views, nil
}

// RemoveKey removes a key: tokens made with it are refused at once. Errors: ErrNotFound, ErrSiteUnknown.
func (r *Readers) RemoveKey(ctx context.Context, v moderation.Viewer, slug, id string) error {
	site, err := moderation.VisibleSite(ctx, r.Store, v, slug)
	if err == nil && !moderation.ValidID(id) {
		err = moderation.ErrNotFound
	}
	if err == nil {
		audit := r.audit(v, moderation.AuditRemoveIdentityKey, Key{ID: id, SiteID: site.ID})
		err = r.Store.DeleteIdentityKey(ctx, site.ID, id, audit)
	}
	if err != nil {
		return fmt.Errorf("remove identity key: %w", err)
	}
	return nil
}

func (r *Readers) audit(v moderation.Viewer, action string, key Key) *moderation.AuditEntry {
	if v.ModeratorID == "" {
		return nil
	}
	return &moderation.AuditEntry{ID: r.NewID(), ModeratorID: v.ModeratorID, Action: action, SiteID: key.SiteID,
		SubjectID: key.ID, CreatedAt: r.Now().UTC()}
}

// view returns a key without its secret. A key that can't be decrypted has no algorithms and no URL.
func (r *Readers) view(k Key) KeyView {
	v := KeyView{ID: k.ID, Name: k.Name, Kind: k.Kind, CreatedAt: k.CreatedAt, ExpiresAt: k.ExpiresAt,
		Expired: k.expired(r.Now())}
	var keys []identity.Key
	switch opened, err := r.Keys.Open(k.Sealed, k.ID); {
	case err != nil:
		v.Trouble = "The key can't be opened: the server's privacy keys have changed. Remove it and add a new one."
	case k.Kind == KindSecret:
		v.Algorithms = []string{"HS256"}
	case k.Kind == KindPublic:
		keys, _ = identity.ParsePublicKeys(opened) // checked when it was added
	case k.Kind == KindURL:
		v.URL = opened
		keys, v.Trouble = r.sets.last(opened)
	}
	seen := map[string]bool{}
	for _, key := range keys {
		if algorithm := key.Algorithm(); !seen[algorithm] {
			v.Algorithms, seen[algorithm] = append(v.Algorithms, algorithm), true
		}
	}
	return v
}

func (k Key) expired(now time.Time) bool { return !k.ExpiresAt.IsZero() && !now.Before(k.ExpiresAt) }
