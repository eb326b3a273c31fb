package db

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"rejoinder/db/batch"
	"rejoinder/moderation"
	"rejoinder/notify"
	"rejoinder/notify/webhook"
)

// OutboxStore stores events and messages until they are sent. Concurrent results are batched.
type OutboxStore struct {
	*core
	results *batch.Batcher[notify.Result, struct{}]
}

func newOutboxStore(c *core, o Options) *OutboxStore {
	s := &OutboxStore{core: c}
	s.results = newBatcher(BatchMessages, 1, s.finishBatch, o.Batched)
	return s
}

type messageRow struct {
	ID          ID         `db:"id"`
	Channel     string     `db:"channel"`
	Kind        string     `db:"kind"`
	SiteID      nullID     `db:"site_id"`
	CommenterID nullID     `db:"commenter_id"`
	ModeratorID nullString `db:"moderator_id"`
	CommentID   nullID     `db:"comment_id"`
	WebhookID   nullID     `db:"webhook_id"`
	Payload     jsonText   `db:"payload"`
	Dedupe      nullString `db:"dedupe"`
	State       string     `db:"state"`
	Tries       int        `db:"tries"`
	DueAt       Time       `db:"due_at"`
	Error       string     `db:"error"`
	CreatedAt   Time       `db:"created_at"`
	DoneAt      NullTime   `db:"done_at"`
}

const messageColumns = `id, channel, kind, site_id, commenter_id, moderator_id, comment_id, webhook_id, payload, dedupe,
	state, tries, due_at, error, created_at, done_at`

func (r messageRow) message() (notify.Message, error) {
	m := notify.Message{ID: string(r.ID), Channel: notify.Channel(r.Channel), Kind: notify.Kind(r.Kind),
		SiteID: string(r.SiteID), CommenterID: string(r.CommenterID), ModeratorID: string(r.ModeratorID),
		CommentID: string(r.CommentID), WebhookID: string(r.WebhookID), Dedupe: string(r.Dedupe),
		State: notify.State(r.State), Tries: r.Tries,
		DueAt: r.DueAt.time(), Error: r.Error, CreatedAt: r.CreatedAt.time(), DoneAt: r.DoneAt.time()}
	if err := json.Unmarshal(r.Payload, &m.Payload); err != nil {
		return m, fmt.Errorf("read payload of message %s: %w", m.ID, err)
	}
	return m, nil
}

func messages(rows []messageRow) ([]notify.Message, error) {
	list := make([]notify.Message, len(rows))
	for i, row := range rows {
		var err error
		if list[i], err = row.message(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// enqueue stores a message, unless one with its Dedupe exists.
func enqueue(ctx context.Context, x executor, m notify.Message) error {
	payload, err := json.Marshal(m.Payload)
	if err != nil {
		return fmt.Errorf("write payload: %w", err)
	}
	_, err = x.execNamed(ctx, insertNamed("outbox", messageColumns)+` ON CONFLICT (dedupe) DO NOTHING`, messageRow{
		ID: ID(m.ID), Channel: string(m.Channel), Kind: string(m.Kind), SiteID: nullID(m.SiteID),
		CommenterID: nullID(m.CommenterID), ModeratorID: nullString(m.ModeratorID), CommentID: nullID(m.CommentID),
		WebhookID: nullID(m.WebhookID), Payload: payload, Dedupe: nullString(m.Dedupe),
		State: string(m.State), Tries: m.Tries, DueAt: Time(m.DueAt),
		Error: m.Error, CreatedAt: Time(m.CreatedAt), DoneAt: NullTime(m.DoneAt)})
	return err
}

// Enqueue stores a message, unless one with its Dedupe exists.
func (s *OutboxStore) Enqueue(ctx context.Context, m notify.Message) error {
	return s.write(ctx, "enqueue message", func(tx executor) error { return enqueue(ctx, tx, m) })
}

// Plan deletes events and stores their messages. It leaves out messages of events that are gone, since another
// node has planned these, and confirmations that a reader may not get yet.
func (s *OutboxStore) Plan(ctx context.Context, eventIDs []string, messages []notify.Message, now time.Time) error {
	return s.write(ctx, "plan messages", func(tx executor) error {
		deleted, err := tx.selectIDs(ctx, `DELETE FROM outbox_events WHERE id IN (?) RETURNING id`, padded(toIDs(eventIDs)))
		if err != nil {
			return err
		}
		ours := map[string]bool{}
		for _, id := range deleted {
			ours[id] = true
		}
		for _, m := range messages {
			if !ours[m.EventID] {
				continue
			}
			if m.Kind == notify.KindConfirm {
				allowed, err := countConfirmation(ctx, tx, m, now)
				if err != nil {
					return err
				}
				if !allowed {
					continue
				}
			}
			if m.Kind == notify.Kind(webhook.QueueDepth) {
				if first, err := noteDepth(ctx, tx, m.WebhookID); err != nil || !first {
					if err != nil {
						return err
					}
					continue
				}
			}
			if err := enqueue(ctx, tx, m); err != nil {
				return err
			}
		}
		return nil
	})
}

// Claim returns messages that are due and makes them due again when the claim ends, with one more try.
func (s *OutboxStore) Claim(ctx context.Context, c notify.Claim) ([]notify.Message, error) {
	whose, args := `c.channel = 'mail'`, []any{Time(c.At), c.Limit, Time(c.Until)}
	if c.WebhookID != "" {
		whose, args = `c.channel = 'webhook' AND c.webhook_id = $4`, append(args, ID(c.WebhookID))
	}
	var rows []messageRow
	err := s.write(ctx, "claim messages", func(tx executor) error {
		return tx.selectAll(ctx, &rows, `
			UPDATE outbox SET tries = tries + 1, due_at = $3
			WHERE id IN (SELECT c.id FROM outbox c WHERE `+whose+` AND c.state = 'waiting' AND c.due_at <= $1
			             ORDER BY c.due_at, c.id LIMIT $2`+tx.skipLocked+`)
			RETURNING `+messageColumns, args...)
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b messageRow) int { return cmp.Compare(a.ID, b.ID) })
	return messages(rows)
}

// Extend extends the claim on a message.
func (s *OutboxStore) Extend(ctx context.Context, id string, until time.Time) error {
	return s.write(ctx, "extend claim", func(tx executor) error {
		_, err := tx.exec(ctx, `UPDATE outbox SET due_at = $2 WHERE id = $1 AND state = 'waiting'`, ID(id), Time(until))
		return err
	})
}

// Finish records the result of a try, unless the message is done.
func (s *OutboxStore) Finish(ctx context.Context, r notify.Result) error {
	_, err := batched(ctx, s.results, r)
	return wrap("finish message", err)
}

func (s *OutboxStore) finishBatch(ctx context.Context, results []notify.Result) ([]batch.Result[struct{}], error) {
	err := s.write(ctx, "finish messages", func(tx executor) error {
		for _, r := range results {
			done, due := NullTime(r.At), r.DueAt
			if r.State == notify.StateWaiting {
				done = NullTime{}
			} else {
				due = r.At
			}
			_, err := tx.exec(ctx, `
				UPDATE outbox SET state = $2, tries = $3, due_at = $4, error = $5, done_at = $6,
					payload = CASE WHEN kind IN ('follow', 'person') AND $2 IN ('sent', 'dropped') THEN '{}' ELSE payload END
				WHERE id = $1 AND state = 'waiting'`, ID(r.ID), string(r.State), r.Tries, Time(due), r.Error, done)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return make([]batch.Result[struct{}], len(results)), err
}

// SentSince counts the mails that were sent to a reader since then.
func (s *OutboxStore) SentSince(ctx context.Context, commenterID string, since time.Time) (int, error) {
	var n int
	err := s.get(ctx, &n, `SELECT COUNT(*) FROM outbox WHERE commenter_id = $1 AND done_at >= $2 AND state = 'sent'`,
		ID(commenterID), Time(since))
	return n, wrap("count mails to a reader", err)
}

// Subscribers returns the subscriptions to a comment, to its parent and to its article that are in force.
func (s *OutboxStore) Subscribers(ctx context.Context, c moderation.Comment) ([]notify.Subscriber, error) {
	var rows []struct {
		ID          ID       `db:"id"`
		CommenterID ID       `db:"commenter_id"`
		CommentID   nullID   `db:"comment_id"`
		ArticleID   ID       `db:"article_id"`
		ConfirmedAt NullTime `db:"confirmed_at"`
		Replies     string   `db:"replies"`
		Outcomes    bool     `db:"outcomes"`
		StoppedAt   NullTime `db:"stopped_at"`
	}
	err := s.prepared.selectAll(ctx, &rows, `
		SELECT s.id, s.commenter_id, s.comment_id, s.article_id, k.confirmed_at, COALESCE(r.replies, 'at_once') AS replies,
			COALESCE(r.outcomes, TRUE) AS outcomes, r.stopped_at
		FROM subscriptions s JOIN commenters k ON k.id = s.commenter_id LEFT JOIN reader_mail r ON r.commenter_id = k.id
		WHERE s.stopped_at IS NULL
			AND (s.comment_id = $1 OR s.comment_id = $2 OR s.article_id = $3 AND s.comment_id IS NULL)
		ORDER BY s.comment_id IS NULL, s.id`, ID(c.ID), ID(c.ParentID), ID(c.ArticleID))
	if err != nil {
		return nil, fmt.Errorf("find subscribers: %w", err)
	}
	list := make([]notify.Subscriber, len(rows))
	for i, row := range rows {
		list[i] = notify.Subscriber{ID: string(row.ID), CommenterID: string(row.CommenterID),
			CommentID: string(row.CommentID),
			ArticleID: string(row.ArticleID), ConfirmedAt: row.ConfirmedAt.time(), Replies: notify.Frequency(row.Replies),
			Outcomes: row.Outcomes, Stopped: !row.StoppedAt.time().IsZero()}
	}
	return list, nil
}
