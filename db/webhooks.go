package db

import (
	"context"
	"encoding/json"
	"fmt"

	"rejoinder/moderation"
	"rejoinder/notify"
	"rejoinder/notify/webhook"
)

// WebhookStore stores webhooks, and the requests to them. Their deliveries are messages of the outbox.
type WebhookStore struct{ *core }

type webhookRow struct {
	ID              ID        `db:"id"`
	SiteID          ID        `db:"site_id"`
	Name            string    `db:"name"`
	Type            string    `db:"type"`
	Host            string    `db:"host"`
	URLSealed       []byte    `db:"url_sealed"`
	Chat            string    `db:"chat"`
	Events          jsonText  `db:"events"`
	Email           bool      `db:"email"`
	Depth           int       `db:"depth"`
	Deep            bool      `db:"deep"`
	SecretSealed    nullBytes `db:"secret_sealed"`
	OldSecretSealed nullBytes `db:"old_secret_sealed"`
	OldSecretUntil  NullTime  `db:"old_secret_until"`
	State           string    `db:"state"`
	PauseReason     string    `db:"pause_reason"`
	Failures        int       `db:"failures"`
	FailingSince    NullTime  `db:"failing_since"`
	Version         int       `db:"version"`
	CreatedAt       Time      `db:"created_at"`
}

const webhookColumns = `id, site_id, name, type, host, url_sealed, chat, events, email, depth, deep, secret_sealed,
	old_secret_sealed, old_secret_until, state, pause_reason, failures, failing_since, version, created_at`

func newWebhookRow(w webhook.Webhook) (webhookRow, error) {
	events, err := json.Marshal(w.Events)
	return webhookRow{ID: ID(w.ID), SiteID: ID(w.SiteID), Name: w.Name, Type: string(w.Type), Host: w.Host,
		URLSealed: w.URLSealed, Chat: w.Chat, Events: events, Email: w.Email, Depth: w.Depth, SecretSealed: w.SecretSealed,
		OldSecretSealed: w.OldSecretSealed, OldSecretUntil: NullTime(w.OldSecretUntil), State: string(w.State),
		PauseReason: string(w.PauseReason), Failures: w.Failures, FailingSince: NullTime(w.FailingSince),
		Version: w.Version, CreatedAt: Time(w.CreatedAt)}, err
}

func (r webhookRow) webhook() (webhook.Webhook, error) {
	w := webhook.Webhook{ID: string(r.ID), SiteID: string(r.SiteID), Name: r.Name, Type: webhook.Type(r.Type),
		Host: r.Host,
		Chat: r.Chat, Email: r.Email, Depth: r.Depth, State: webhook.State(r.State),
		PauseReason: webhook.PauseReason(r.PauseReason), Failures: r.Failures, FailingSince: r.FailingSince.time(),
		URLSealed: r.URLSealed, SecretSealed: r.SecretSealed, OldSecretSealed: r.OldSecretSealed,
		OldSecretUntil: r.OldSecretUntil.time(), Version: r.Version, CreatedAt: r.CreatedAt.time()}
	if err := json.Unmarshal(r.Events, &w.Events); err != nil {
		return w, fmt.Errorf("read events of webhook %s: %w", w.ID, err)
	}
	return w, nil
}

func webhooks(rows []webhookRow) ([]webhook.Webhook, error) {
	list := make([]webhook.Webhook, len(rows))
	for i, row := range rows {
		var err error
		if list[i], err = row.webhook(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Webhooks returns a site's webhooks, the oldest first.
func (s *WebhookStore) Webhooks(ctx context.Context, siteID string) ([]webhook.Webhook, error) {
	var rows []webhookRow
	err := s.selectAll(ctx, &rows, `SELECT `+webhookColumns+` FROM webhooks WHERE site_id = $1 ORDER BY id`, ID(siteID))
	if err != nil {
		return nil, fmt.Errorf("list webhooks: %w", err)
	}
	return webhooks(rows)
}

// ActiveWebhooks returns the active webhooks of all sites.
func (s *WebhookStore) ActiveWebhooks(ctx context.Context) ([]webhook.Webhook, error) {
	var rows []webhookRow
	err := s.selectAll(ctx, &rows, `SELECT `+webhookColumns+` FROM webhooks WHERE state = 'active' ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("list active webhooks: %w", err)
	}
	return webhooks(rows)
}

// Webhook finds a webhook. ErrNotFound.
func (s *WebhookStore) Webhook(ctx context.Context, id string) (webhook.Webhook, error) {
	var row webhookRow
	if err := s.get(ctx, &row, `SELECT `+webhookColumns+` FROM webhooks WHERE id = $1`, ID(id)); err != nil {
		return webhook.Webhook{}, fmt.Errorf("find webhook: %w", err)
	}
	return row.webhook()
}

// WebhookStatus returns the data of a mail about a webhook. ErrNotFound.
func (s *WebhookStore) WebhookStatus(ctx context.Context, id string) (notify.WebhookStatus, error) {
	w, err := s.Webhook(ctx, id)
	return notify.WebhookStatus{Name: w.Name, SiteID: w.SiteID, Reason: w.PauseReason.Text()}, err
}

// change runs a transaction that changes a site's webhooks, and announces it.
func (s *WebhookStore) change(ctx context.Context, purpose, siteID string, f func(tx executor) error) error {
	err := s.write(ctx, purpose, func(tx executor) error {
		if err := f(tx); err != nil {
			return err
		}
		return tx.announce(ctx, moderation.Change{Kind: moderation.ChangeWebhooks, SiteID: siteID})
	})
	s.webhookSites.forget()
	return err
}

// CreateWebhook stores a webhook. *moderation.Invalid if the site has too many; ErrNotFound if there is no
// such site.
func (s *WebhookStore) CreateWebhook(ctx context.Context, w webhook.Webhook, audit *moderation.AuditEntry) error {
	row, err := newWebhookRow(w)
	if err != nil {
		return fmt.Errorf("create webhook: %w", err)
	}
	return s.change(ctx, "create webhook", w.SiteID, func(tx executor) error {
		var site ID
		if err := tx.get(ctx, &site, `SELECT id FROM sites WHERE id = $1`+tx.forUpdate, ID(w.SiteID)); err != nil {
			return err
		}
		var n int
		if err := tx.get(ctx, &n, `SELECT COUNT(*) FROM webhooks WHERE site_id = $1`, ID(w.SiteID)); err != nil {
			return err
		}
		if n >= webhook.MaxPerSite {
			var faults moderation.Invalid
			faults.Add("", "too_many", fmt.Sprintf("A site has at most %d webhooks.", webhook.MaxPerSite))
			return faults.Err()
		}
		if _, err := tx.execNamed(ctx, insertNamed("webhooks", webhookColumns), row); err != nil {
			return err
		}
		return insertAudit(ctx, tx, audit)
	})
}

// UpdateWebhook replaces the settings of a webhook. ErrVersion unless the stored version is w's. The waiting
// deliveries of a paused webhook fail.
func (s *WebhookStore) UpdateWebhook(ctx context.Context, w webhook.Webhook, audit *moderation.AuditEntry) error {
	row, err := newWebhookRow(w)
	if err != nil {
		return fmt.Errorf("update webhook: %w", err)
	}
	return s.change(ctx, "update webhook", w.SiteID, func(tx executor) error {
		n, err := tx.execNamed(ctx, `
			UPDATE webhooks SET name = :name, host = :host, url_sealed = :url_sealed, chat = :chat, events = :events,
				email = :email, deep = CASE WHEN depth = :depth THEN deep ELSE FALSE END, depth = :depth,
				secret_sealed = :secret_sealed, old_secret_sealed = :old_secret_sealed, old_secret_until = :old_secret_until,
				state = :state, pause_reason = :pause_reason, failures = :failures, failing_since = :failing_since,
				version = version + 1
			WHERE id = :id AND version = :version`, row)
		if err := versionErrorIfNone(n, err); err != nil {
			return err
		}
		if w.State == webhook.Paused {
			if err := failWaiting(ctx, tx, w.ID, Time(s.now())); err != nil {
				return err
			}
		}
		return insertAudit(ctx, tx, audit)
	})
}

// failWaiting fails the waiting deliveries of a webhook that is being paused.
func failWaiting(ctx context.Context, x executor, webhookID string, at Time) error {
	_, err := x.exec(ctx, `
		UPDATE outbox SET state = 'failed', error = $2, done_at = $3
		WHERE webhook_id = $1 AND channel = 'webhook' AND state = 'waiting'`, ID(webhookID), webhook.PausedError, at)
	return err
}

// PauseWebhook pauses an active webhook, fails its waiting deliveries, and leaves the mails to the admins.
func (s *WebhookStore) PauseWebhook(ctx context.Context, p webhook.Pause) error {
	return s.change(ctx, "pause webhook", "", func(tx executor) error {
		n, err := tx.exec(ctx, `
			UPDATE webhooks SET state = 'paused', pause_reason = $2, version = version + 1 WHERE id = $1 AND state = 'active'`,
			ID(p.WebhookID), string(p.Reason))
		if err != nil || n == 0 {
			return err
		}
		if err := failWaiting(ctx, tx, p.WebhookID, Time(p.At)); err != nil || !tx.notifies {
			return err
		}
		for _, m := range p.Mails {
			if err := enqueue(ctx, tx, m); err != nil {
				return err
			}
		}
		return nil
	})
}

// RemoveWebhook deletes a webhook with its deliveries.
func (s *WebhookStore) RemoveWebhook(ctx context.Context, id string, audit *moderation.AuditEntry) error {
	return s.change(ctx, "remove webhook", "", func(tx executor) error {
		for _, statement := range []string{
			`DELETE FROM webhook_attempts WHERE message_id IN (SELECT id FROM outbox WHERE webhook_id = $1)`,
			`DELETE FROM outbox WHERE webhook_id = $1`,
			`DELETE FROM webhooks WHERE id = $1`,
		} {
			if _, err := tx.exec(ctx, statement, ID(id)); err != nil {
				return err
			}
		}
		return insertAudit(ctx, tx, audit)
	})
}

// noteDepth records that a webhook is notified of a deep queue; false if that was recorded before.
func noteDepth(ctx context.Context, x executor, webhookID string) (bool, error) {
	n, err := x.exec(ctx, `UPDATE webhooks SET deep = TRUE WHERE id = $1 AND NOT deep`, ID(webhookID))
	return n > 0, err
}

// RearmDepth notes that a queue is short enough again.
func (s *WebhookStore) RearmDepth(ctx context.Context, webhookID string) error {
	var deep bool
	err := s.get(ctx, &deep, `SELECT deep FROM webhooks WHERE id = $1`, ID(webhookID))
	if err != nil || !deep {
		return wrap("rearm queue depth", err)
	}
	return s.write(ctx, "rearm queue depth", func(tx executor) error {
		_, err := tx.exec(ctx, `UPDATE webhooks SET deep = FALSE WHERE id = $1`, ID(webhookID))
		return err
	})
}

// PendingComments counts the comments of a site that wait for a decision.
func (s *WebhookStore) PendingComments(ctx context.Context, siteID string) (int, error) {
	var n int
	err := s.get(ctx, &n, `SELECT COALESCE(SUM(pending), 0) FROM status_counts WHERE site_id = $1`, ID(siteID))
	return n, wrap("count waiting comments", err)
}

// SiteAdmins returns the admins of a site who can sign in.
func (s *WebhookStore) SiteAdmins(ctx context.Context, siteID string) ([]string, error) {
	var ids []string
	err := s.selectAll(ctx, &ids, `
		SELECT m.id FROM moderators m
		WHERE m.role = 'admin' AND m.disabled_at IS NULL AND `+canSignIn+`
			AND (NOT EXISTS (SELECT 1 FROM moderator_sites x WHERE x.moderator_id = m.id)
			     OR EXISTS (SELECT 1 FROM moderator_sites x WHERE x.moderator_id = m.id AND x.site_id = $1))
		ORDER BY m.id`, ID(siteID))
	return ids, wrap("find admins of a site", err)
}

// ReportByID finds a report. ErrNotFound.
func (s *WebhookStore) ReportByID(ctx context.Context, id string) (moderation.Report, error) {
	var row struct {
		CommentID  ID       `db:"comment_id"`
		Reason     string   `db:"reason"`
		Note       string   `db:"note"`
		CreatedAt  Time     `db:"created_at"`
		ResolvedAt NullTime `db:"resolved_at"`
	}
	err := s.get(ctx, &row, `SELECT comment_id, reason, note, created_at, resolved_at FROM reports WHERE id = $1`, ID(id))
	return moderation.Report{ID: id, CommentID: string(row.CommentID), Reason: moderation.ReportReason(row.Reason),
		Note: row.Note, CreatedAt: row.CreatedAt.time(), ResolvedAt: row.ResolvedAt.time()}, wrap("find report", err)
}
