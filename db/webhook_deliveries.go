package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rejoinder/moderation"
	"rejoinder/notify"
	"rejoinder/notify/webhook"
)

// DueWebhooks returns the webhooks that have deliveries due, the longest overdue first.
func (s *WebhookStore) DueWebhooks(ctx context.Context, at time.Time, limit int) ([]string, error) {
	ids, err := s.selectIDs(ctx, `
		SELECT id FROM (
			SELECT w.id, (SELECT MIN(o.due_at) FROM outbox o
				WHERE o.webhook_id = w.id AND o.channel = 'webhook' AND o.state = 'waiting') AS due
			FROM webhooks w) AS all_webhooks
		WHERE due <= $1 ORDER BY due, id LIMIT $2`, Time(at), limit)
	return ids, wrap("find due webhooks", err)
}

type attemptRow struct {
	ID        ID     `db:"id"`
	MessageID ID     `db:"message_id"`
	WebhookID ID     `db:"webhook_id"`
	SiteID    ID     `db:"site_id"`
	CommentID nullID `db:"comment_id"`
	At        Time   `db:"at"`
	Took      int64  `db:"took"`
	Status    int    `db:"status"`
	Error     string `db:"error"`
	Exchange  []byte `db:"exchange"`
}

const attemptColumns = `id, message_id, webhook_id, site_id, comment_id, at, took, status, error, exchange`

// FinishDelivery records the result of a try, with the request if there was one, and returns the webhook's
// health. A finished delivery keeps its state, except one that failed because the webhook was paused while
// the request was under way and accepted.
func (s *WebhookStore) FinishDelivery(ctx context.Context, f webhook.Finished) (webhook.Health, error) {
	var health webhook.Health
	err := s.write(ctx, "finish delivery", func(tx executor) error {
		if err := finishMessage(ctx, tx, f.Result); err != nil || f.Attempt == nil {
			return err
		}
		if err := insertAttempt(ctx, tx, *f.Attempt); err != nil {
			return err
		}
		if f.Attempt.Error == "" {
			_, err := tx.exec(ctx, `UPDATE webhooks SET failures = 0, failing_since = NULL WHERE id = $1 AND failures > 0`,
				ID(f.WebhookID))
			return err
		}
		var row struct {
			Failures int      `db:"failures"`
			Since    NullTime `db:"failing_since"`
		}
		err := tx.get(ctx, &row, `
			UPDATE webhooks SET failures = failures + 1, failing_since = COALESCE(failing_since, $2) WHERE id = $1
			RETURNING failures, failing_since`, ID(f.WebhookID), Time(f.Attempt.At))
		if errors.Is(err, moderation.ErrNotFound) {
			return nil // removed meanwhile
		}
		health = webhook.Health{Failures: row.Failures, Since: row.Since.time()}
		return err
	})
	return health, err
}

func finishMessage(ctx context.Context, x executor, r notify.Result) error {
	done, due, from := NullTime(r.At), r.At, `state = 'waiting'`
	switch r.State {
	case notify.StateWaiting:
		done, due = NullTime{}, r.DueAt
	case notify.StateSent:
		from = `state IN ('waiting', 'failed')`
	case notify.StateDropped, notify.StateFailed:
	}
	_, err := x.exec(ctx, `
		UPDATE outbox SET state = $2, tries = $3, due_at = $4, error = $5, done_at = $6 WHERE id = $1 AND `+from,
		ID(r.ID), string(r.State), r.Tries, Time(due), r.Error, done)
	return err
}

// insertAttempt stores a request, unless its delivery or the text that it contains was removed meanwhile.
func insertAttempt(ctx context.Context, x executor, a webhook.Attempt) error {
	var kept []ID
	err := x.selectAll(ctx, &kept, `
		SELECT o.id FROM outbox o LEFT JOIN comments c ON c.id = o.comment_id
		WHERE o.id = $1 AND (o.comment_id IS NULL OR c.author_name <> '' OR c.status = 'deleted' AND o.kind = 'comment.deleted')`,
		ID(a.MessageID))
	if err != nil || len(kept) == 0 {
		return err
	}
	_, err = x.execNamed(ctx, insertNamed("webhook_attempts", attemptColumns), attemptRow{ID: ID(a.ID),
		MessageID: ID(a.MessageID), WebhookID: ID(a.WebhookID), SiteID: ID(a.SiteID), CommentID: nullID(a.CommentID),
		At: Time(a.At), Took: a.Took.Microseconds(), Status: a.Status, Error: a.Error, Exchange: a.Sealed})
	return err
}

// Attempts returns the requests of a delivery, the oldest first.
func (s *WebhookStore) Attempts(ctx context.Context, messageID string) ([]webhook.Attempt, error) {
	var rows []attemptRow
	err := s.selectAll(ctx, &rows, `SELECT `+attemptColumns+` FROM webhook_attempts WHERE message_id = $1 ORDER BY id`,
		ID(messageID))
	if err != nil {
		return nil, fmt.Errorf("list requests: %w", err)
	}
	list := make([]webhook.Attempt, len(rows))
	for i, r := range rows {
		list[i] = webhook.Attempt{ID: string(r.ID), MessageID: string(r.MessageID), WebhookID: string(r.WebhookID),
			SiteID: string(r.SiteID), CommentID: string(r.CommentID), At: r.At.time(),
			Took: time.Duration(r.Took) * time.Microsecond, Status: r.Status, Error: r.Error, Sealed: r.Exchange}
	}
	return list, nil
}

// Deliveries returns a page of a webhook's deliveries, the newest first.
func (s *WebhookStore) Deliveries(ctx context.Context, q webhook.DeliveryQuery) ([]notify.Message, error) {
	query := `SELECT ` + messageColumns + ` FROM outbox WHERE webhook_id = ? AND channel = 'webhook'`
	args := []any{ID(q.WebhookID)}
	if q.State != "" {
		query, args = query+` AND state = ?`, append(args, string(q.State))
	}
	if q.Before != "" {
		query, args = query+` AND id < ?`, append(args, ID(q.Before))
	}
	var rows []messageRow
	if err := s.selectAll(ctx, &rows, query+` ORDER BY id DESC LIMIT ?`, append(args, q.Limit)...); err != nil {
		return nil, fmt.Errorf("list deliveries: %w", err)
	}
	return messages(rows)
}

// Delivery finds a delivery of a webhook. ErrNotFound.
func (s *WebhookStore) Delivery(ctx context.Context, webhookID, id string) (notify.Message, error) {
	var row messageRow
	err := s.get(ctx, &row, `
		SELECT `+messageColumns+` FROM outbox WHERE id = $1 AND webhook_id = $2 AND channel = 'webhook'`,
		ID(id), ID(webhookID))
	if err != nil {
		return notify.Message{}, fmt.Errorf("find delivery: %w", err)
	}
	return row.message()
}

// ResendDeliveries makes deliveries that are done due at once, and returns how many: one, or all that failed but tests.
func (s *WebhookStore) ResendDeliveries(ctx context.Context, r webhook.Resend) (int, error) {
	query := `
		UPDATE outbox SET state = 'waiting', tries = 0, due_at = ?, done_at = NULL, error = ''
		WHERE webhook_id = ? AND channel = 'webhook'`
	args := []any{Time(r.At), ID(r.WebhookID)}
	if r.ID == "" {
		query, args = query+` AND state = 'failed' AND kind <> ?`, append(args, string(webhook.WebhookTest))
	} else {
		query, args = query+` AND state <> 'waiting' AND id = ?`, append(args, ID(r.ID))
	}
	var n int64
	err := s.write(ctx, "resend deliveries", func(tx executor) error {
		var err error
		n, err = tx.exec(ctx, query, args...)
		return err
	})
	return int(n), err
}

// WebhookCounts returns the state of webhooks and their deliveries.
func (s *WebhookStore) WebhookCounts(ctx context.Context) (webhook.Counts, error) {
	var row struct {
		Waiting int      `db:"waiting"`
		Failed  int      `db:"failed"`
		Oldest  NullTime `db:"oldest"`
		Active  int      `db:"active"`
		Paused  int      `db:"paused"`
	}
	err := s.get(ctx, &row, `
		SELECT (SELECT COUNT(*) FROM outbox WHERE state = 'waiting' AND channel = 'webhook') AS waiting,
			(SELECT COUNT(*) FROM outbox WHERE state = 'failed' AND channel = 'webhook') AS failed,
			(SELECT MIN(due_at) FROM outbox WHERE state = 'waiting' AND channel = 'webhook' AND due_at < $1) AS oldest,
			(SELECT COUNT(*) FROM webhooks WHERE state = 'active') AS active,
			(SELECT COUNT(*) FROM webhooks WHERE state = 'paused') AS paused`, Time(s.now()))
	return webhook.Counts{Waiting: row.Waiting, Failed: row.Failed, OldestDue: row.Oldest.time(), Active: row.Active,
		Paused: row.Paused}, wrap("count deliveries", err)
}
