package keyconsole

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
)

// keyResponse is a key as admins see it. Secret is known only when it is made.
type keyResponse struct {
	ID            string            `json:"id"`
	Name          string            `json:"name"`
	Scopes        []auth.Permission `json:"scopes"`
	Sites         []string          `json:"sites"` // slugs; empty: all sites
	PerMinute     int               `json:"per_minute"`
	Hint          string            `json:"hint"`
	Status        string            `json:"status"`
	CreatedAt     time.Time         `json:"created_at"`
	ExpiresAt     *time.Time        `json:"expires_at"`
	LastUsedAt    *time.Time        `json:"last_used_at"`
	RotatedAt     *time.Time        `json:"rotated_at"`
	OldValidUntil *time.Time        `json:"old_valid_until"`
	RevokedAt     *time.Time        `json:"revoked_at"`
	Secret        string            `json:"secret,omitempty"`
}

func (h *Pages) newKeyResponse(k auth.ServerKey, slugs map[string]string) keyResponse {
	now := h.Now()
	r := keyResponse{
		ID: k.ID, Name: k.Name, Scopes: k.Scopes, Sites: []string{}, PerMinute: k.PerMinute, Hint: k.Hint,
		Status: k.Status(now), CreatedAt: k.CreatedAt.UTC(), ExpiresAt: optionalTime(k.ExpiresAt),
		LastUsedAt: optionalTime(k.LastUsedAt), RotatedAt: optionalTime(k.RotatedAt), RevokedAt: optionalTime(k.RevokedAt),
	}
	if until := oldValidUntil(k, now); !until.IsZero() {
		r.OldValidUntil = optionalTime(until)
	}
	for _, id := range k.SiteIDs {
		r.Sites = append(r.Sites, slugs[id])
	}
	return r
}

// oldValidUntil returns until when the secret before the last rotation is valid; zero if it is not.
func oldValidUntil(k auth.ServerKey, now time.Time) time.Time {
	if len(k.PreviousHash) == 0 || !now.Before(k.PreviousUntil) || k.Status(now) != "active" {
		return time.Time{}
	}
	return k.PreviousUntil
}

func optionalTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return new(t.UTC())
}

// siteSlugs maps the ids of the admin's sites to slugs.
func (h *Pages) siteSlugs(c *gin.Context) (map[string]string, error) {
	sites, err := h.Sites.List(c.Request.Context(), session.ViewerOf(c))
	if err != nil {
		return nil, err
	}
	return moderation.Slugs(sites), nil
}

// List lists the keys that the admin may administer, the newest first.
func (h *Pages) List(c *gin.Context) error {
	keys, err := h.Keys.List(c.Request.Context(), session.IdentityOf(c))
	if err != nil {
		return err
	}
	slugs, err := h.siteSlugs(c)
	if err != nil {
		return err
	}
	httpio.List(c, keys, func(k auth.ServerKey) keyResponse {
		return h.newKeyResponse(k, slugs)
	})
	return nil
}

// Add adds a key and returns its secret.
func (h *Pages) Add(c *gin.Context) error {
	var req struct {
		Name      string            `json:"name"`
		Scopes    []auth.Permission `json:"scopes"`
		Sites     []string          `json:"sites"`
		PerMinute int               `json:"per_minute"`
		ExpiresAt time.Time         `json:"expires_at"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	ids, err := h.API.SiteIDs(c, req.Sites)
	if err != nil {
		return err
	}
	key, secret, err := h.Keys.Add(c.Request.Context(), session.IdentityOf(c), auth.NewServerKey{
		Name: req.Name, Scopes: req.Scopes, SiteIDs: ids, PerMinute: req.PerMinute, ExpiresAt: req.ExpiresAt,
	})
	if err != nil {
		return err
	}
	return h.respond(c, http.StatusCreated, key, secret)
}

// Rotate gives a key a new secret and returns it.
func (h *Pages) Rotate(c *gin.Context) error {
	id, err := httpio.PathID(c)
	if err != nil {
		return err
	}
	var req struct {
		OverlapMinutes int `json:"overlap_minutes"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	key, secret, err := h.Keys.Rotate(c.Request.Context(), session.IdentityOf(c), id, minutes(req.OverlapMinutes))
	if err != nil {
		return overlapFault(err, "overlap_minutes")
	}
	return h.respond(c, http.StatusOK, key, secret)
}

// minutes converts a number of minutes, and one that no duration can hold to one that is out of range.
func minutes(n int) time.Duration {
	const limit = int(auth.MaxKeyOverlap/time.Minute) + 1
	return time.Duration(max(-1, min(n, limit))) * time.Minute
}

// Revoke ends a key.
func (h *Pages) Revoke(c *gin.Context) error {
	id, err := httpio.PathID(c)
	if err != nil {
		return err
	}
	key, err := h.Keys.Revoke(c.Request.Context(), session.IdentityOf(c), id)
	if err != nil {
		return err
	}
	return h.respond(c, http.StatusOK, key, "")
}

func (h *Pages) respond(c *gin.Context, status int, key auth.ServerKey, secret string) error {
	slugs, err := h.siteSlugs(c)
	if err != nil {
		return err
	}
	r := h.newKeyResponse(key, slugs)
	r.Secret = secret
	c.Header("Cache-Control", "no-store")
	httpio.JSON(c, status, r)
	return nil
}

// find returns the key of the path.
func (h *Pages) find(ctx context.Context, c *gin.Context) (auth.ServerKey, error) {
	id, err := httpio.PathID(c)
	if err != nil {
		return auth.ServerKey{}, err
	}
	return h.Keys.Find(ctx, session.IdentityOf(c), id)
}
