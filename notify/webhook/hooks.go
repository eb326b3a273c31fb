package webhook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"rejoinder/moderation"
	"rejoinder/notify"
	"rejoinder/outbound"
)

// Store is the storage of Hooks. Every write stores its audit entry in the same transaction; it is nil for
// the command line.
type Store interface {
	SiteBySlug(ctx context.Context, slug string) (moderation.Site, error)
	// Webhooks returns a site's webhooks, the oldest first.
	Webhooks(ctx context.Context, siteID string) ([]Webhook, error)
	// Webhook returns moderation.ErrNotFound.
	Webhook(ctx context.Context, id string) (Webhook, error)
	// CreateWebhook returns *moderation.Invalid if the site has MaxPerSite already.
	CreateWebhook(ctx context.Context, w Webhook, audit *moderation.AuditEntry) error
	// UpdateWebhook returns moderation.ErrVersion unless the stored version is w's. The waiting deliveries of
	// a paused webhook fail.
	UpdateWebhook(ctx context.Context, w Webhook, audit *moderation.AuditEntry) error
	// RemoveWebhook also removes its deliveries.
	RemoveWebhook(ctx context.Context, id string, audit *moderation.AuditEntry) error
	DeliveryStore
}

// Hooks administers webhooks. All fields are required.
type Hooks struct {
	Store  Store
	Keys   Keys
	Client *outbound.Client
	Sender *Sender
	Now    func() time.Time
	NewID  func() string
	Random io.Reader // for secrets
}

// RotationTime is how long the old secret signs, too, after a new one was made.
const RotationTime = 24 * time.Hour

// changeTries is how often a change is tried while others change the same webhook.
const changeTries = 3

// List returns a site's webhooks. Errors: moderation.ErrSiteUnknown.
func (h *Hooks) List(ctx context.Context, v moderation.Viewer, slug string) (moderation.Site, []Webhook, error) {
	site, err := moderation.VisibleSite(ctx, h.Store, v, slug)
	if err != nil {
		return site, nil, fmt.Errorf("list webhooks: %w", err)
	}
	list, err := h.Store.Webhooks(ctx, site.ID)
	if err != nil {
		return site, nil, fmt.Errorf("list webhooks: %w", err)
	}
	return site, list, nil
}

// Find returns a webhook of a site. Errors: moderation.ErrSiteUnknown, moderation.ErrNotFound.
func (h *Hooks) Find(ctx context.Context, v moderation.Viewer, of Ref) (Webhook, error) {
	site, err := moderation.VisibleSite(ctx, h.Store, v, of.Site)
	if err != nil {
		return Webhook{}, fmt.Errorf("find webhook: %w", err)
	}
	w, err := h.Store.Webhook(ctx, of.ID)
	if err == nil && w.SiteID != site.ID {
		err = moderation.ErrNotFound
	}
	if err != nil {
		return Webhook{}, fmt.Errorf("find webhook: %w", err)
	}
	return w, nil
}

// Ref names a webhook.
type Ref struct {
	Site string // slug
	ID   string
}

// URL returns where a webhook sends to, for its admins. The URLs of chats are secrets: only the host is
// returned.
func (h *Hooks) URL(w Webhook) (string, error) {
	if w.Type != Standard {
		return "https://" + w.Host + "/…", nil
	}
	url, err := h.Keys.Open(w.URLSealed, urlContext(w.ID))
	if err != nil {
		return "", fmt.Errorf("open URL of webhook %s: %w", w.ID, err)
	}
	return url, nil
}

// Add adds a webhook, and returns its secret, which cannot be read again; empty for chats. Errors:
// *moderation.Invalid, moderation.ErrSiteUnknown.
func (h *Hooks) Add(ctx context.Context, v moderation.Viewer, slug string, n NewWebhook) (Webhook, string, error) {
	site, err := moderation.VisibleSite(ctx, h.Store, v, slug)
	if err != nil {
		return Webhook{}, "", fmt.Errorf("add webhook: %w", err)
	}
	w := Webhook{ID: h.NewID(), SiteID: site.ID, Name: n.Name, Type: n.Type, Chat: n.Chat,
		Events: n.Events, Email: n.Email,
		Depth: n.Depth, State: Active, Version: 1, CreatedAt: h.Now().UTC()}
	var faults moderation.Invalid
	w.prepare(&faults)
	if err := h.sealURL(&w, n.URL, &faults); err != nil {
		return Webhook{}, "", fmt.Errorf("add webhook: %w", err)
	}
	if err := faults.Err(); err != nil {
		return Webhook{}, "", err
	}
	var secret string
	if w.Type == Standard {
		if secret, w.SecretSealed, err = h.makeSecret(w.ID); err != nil {
			return Webhook{}, "", fmt.Errorf("add webhook: %w", err)
		}
	}
	if err := h.Store.CreateWebhook(ctx, w, h.audit(v, moderation.AuditAddWebhook, w)); err != nil {
		return Webhook{}, "", fmt.Errorf("add webhook: %w", err)
	}
	return w, secret, nil
}

func (h *Hooks) makeSecret(id string) (secret string, sealed []byte, err error) {
	if secret, err = newSecret(h.Random); err != nil {
		return "", nil, err
	}
	sealed, err = h.Keys.Seal(secret, secretContext(id))
	return secret, sealed, err
}

// Change changes a webhook. Errors: *moderation.Invalid, moderation.ErrSiteUnknown, moderation.ErrNotFound.
func (h *Hooks) Change(ctx context.Context, v moderation.Viewer, of Ref, c Change) (Webhook, error) {
	return h.change(ctx, v, of, edit{moderation.AuditChangeWebhook, func(w *Webhook) error {
		var faults moderation.Invalid
		c.apply(w)
		w.prepare(&faults)
		if c.URL != nil {
			if err := h.sealURL(w, *c.URL, &faults); err != nil {
				return err
			}
		}
		return faults.Err()
	}})
}

// edit is a change with its action for the audit log.
type edit struct {
	action string
	apply  func(*Webhook) error
}

// change applies an edit, and repeats it if somebody changed the webhook at the same time.
func (h *Hooks) change(ctx context.Context, v moderation.Viewer, of Ref, e edit) (Webhook, error) {
	for range changeTries {
		w, err := h.Find(ctx, v, of)
		if err != nil {
			return Webhook{}, err
		}
		if err := e.apply(&w); err != nil {
			return Webhook{}, err
		}
		err = h.Store.UpdateWebhook(ctx, w, h.audit(v, e.action, w))
		if errors.Is(err, moderation.ErrVersion) {
			continue
		}
		w.Version++
		if err != nil {
			return Webhook{}, fmt.Errorf("change webhook: %w", err)
		}
		return w, nil
	}
	return Webhook{}, fmt.Errorf("change webhook: %w", moderation.ErrBusy)
}

// Pause stops deliveries; those that wait fail.
func (h *Hooks) Pause(ctx context.Context, v moderation.Viewer, of Ref) (Webhook, error) {
	return h.change(ctx, v, of, edit{moderation.AuditChangeWebhook, func(w *Webhook) error {
		if w.State == Active {
			w.State, w.PauseReason = Paused, PausedByAdmin
		}
		return nil
	}})
}

// Resume starts deliveries again. Events of the meantime are not sent.
func (h *Hooks) Resume(ctx context.Context, v moderation.Viewer, of Ref) (Webhook, error) {
	return h.change(ctx, v, of, edit{moderation.AuditChangeWebhook, func(w *Webhook) error {
		w.State, w.PauseReason, w.Failures, w.FailingSince = Active, "", 0, time.Time{}
		return nil
	}})
}

// Rotate makes a new secret and returns it. For RotationTime, requests are also signed with the previous one,
// but with none before that. Errors: *moderation.Invalid for chats, which have no secret.
func (h *Hooks) Rotate(ctx context.Context, v moderation.Viewer, of Ref) (w Webhook, secret string, err error) {
	w, err = h.change(ctx, v, of, edit{moderation.AuditRotateWebhook, func(w *Webhook) error {
		if w.Type != Standard {
			var faults moderation.Invalid
			faults.Add("/type", "unexpected", "Only webhooks of the type standard have a secret.")
			return faults.Err()
		}
		w.OldSecretSealed, w.OldSecretUntil = w.SecretSealed, h.Now().UTC().Add(RotationTime)
		var err error
		secret, w.SecretSealed, err = h.makeSecret(w.ID)
		return err
	}})
	if err != nil {
		secret = ""
	}
	return w, secret, err
}

// Remove removes a webhook with its deliveries.
func (h *Hooks) Remove(ctx context.Context, v moderation.Viewer, of Ref) error {
	w, err := h.Find(ctx, v, of)
	if err != nil {
		return err
	}
	if err := h.Store.RemoveWebhook(ctx, w.ID, h.audit(v, moderation.AuditRemoveWebhook, w)); err != nil {
		return fmt.Errorf("remove webhook: %w", err)
	}
	return nil
}

func (h *Hooks) audit(v moderation.Viewer, action string, w Webhook) *moderation.AuditEntry {
	if v.ModeratorID == "" {
		return nil
	}
	return &moderation.AuditEntry{ID: h.NewID(), ModeratorID: v.ModeratorID, Action: action, SiteID: w.SiteID,
		SubjectID: w.ID, Reason: w.Name, CreatedAt: h.Now().UTC()}
}

// newTest is a delivery that an admin asked for.
func (h *Hooks) newTest(w Webhook) notify.Message {
	now := h.Now().UTC()
	return notify.Message{ID: h.NewID(), Channel: notify.ChannelWebhook, Kind: notify.Kind(WebhookTest), SiteID: w.SiteID,
		WebhookID: w.ID, Payload: notify.Payload{At: now}, State: notify.StateWaiting, Tries: 1, DueAt: now.Add(claimLife),
		CreatedAt: now}
}
