package db

import (
	"context"
	"fmt"
	"time"

	"rejoinder/moderation"
	"rejoinder/notify"
)

// Messages returns a page of mails, the newest first.
func (s *OutboxStore) Messages(ctx context.Context, q notify.MessageQuery) ([]notify.Message, error) {
	query, args := `SELECT `+messageColumns+` FROM outbox WHERE channel = 'mail'`, []any{}
	if q.State != "" {
		query, args = query+` AND state = ?`, append(args, string(q.State))
	}
	if len(q.SiteIDs) > 0 {
		query, args = query+` AND site_id IN (?)`, append(args, padded(toIDs(q.SiteIDs)))
	}
	if q.Before != "" {
		query, args = query+` AND id < ?`, append(args, ID(q.Before))
	}
	var rows []messageRow
	err := s.selectAll(ctx, &rows, query+` ORDER BY id DESC LIMIT ?`, append(args, q.Limit)...)
	if err != nil {
		return nil, fmt.Errorf("list messages: %w", err)
	}
	return messages(rows)
}

// Resend makes a failed mail due at once, with all its tries. ErrNotFound.
func (s *OutboxStore) Resend(ctx context.Context, r notify.Resend) error {
	return s.write(ctx, "resend message", func(tx executor) error {
		query := `UPDATE outbox SET state = 'waiting', tries = 0, due_at = ?, done_at = NULL 
			WHERE id = ? AND state = 'failed' AND channel = 'mail'`
		args := []any{Time(r.At), ID(r.ID)}
		if len(r.SiteIDs) > 0 {
			query, args = query+` AND site_id IN (?)`, append(args, padded(toIDs(r.SiteIDs)))
		}
		n, err := tx.exec(ctx, query, args...)
		if err == nil && n == 0 {
			err = moderation.ErrNotFound
		}
		return err
	})
}

// OutboxCounts returns the state of mails in the outbox.
func (s *OutboxStore) OutboxCounts(ctx context.Context) (notify.OutboxCounts, error) {
	var row struct {
		Events  int      `db:"events"`
		Waiting int      `db:"waiting"`
		Overdue int      `db:"overdue"`
		Failed  int      `db:"failed"`
		Oldest  NullTime `db:"oldest"`
	}
	now := s.now()
	err := s.get(ctx, &row, `
		SELECT (SELECT COUNT(*) FROM outbox_events) AS events,
			(SELECT COUNT(*) FROM outbox WHERE state = 'waiting' AND channel = 'mail') AS waiting,
			(SELECT COUNT(*) FROM outbox WHERE state = 'waiting' AND channel = 'mail' AND due_at < $1) AS overdue,
			(SELECT COUNT(*) FROM outbox WHERE state = 'failed' AND channel = 'mail') AS failed,
			(SELECT MIN(due_at) FROM outbox WHERE state = 'waiting' AND channel = 'mail' AND due_at < $2) AS oldest`,
		Time(now.Add(-time.Minute)), Time(now))
	return notify.OutboxCounts{Events: row.Events, Waiting: row.Waiting, Overdue: row.Overdue, Failed: row.Failed,
		OldestDue: row.Oldest.time()}, wrap("count messages", err)
}
