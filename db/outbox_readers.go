package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rejoinder/moderation"
	"rejoinder/notify"
)

// ReaderMailStore stores readers' choices about mail, and the addresses that get none.
type ReaderMailStore struct{ *core }

// Limits of the mails that ask a reader for a confirmation.
const (
	maxConfirmations  = 3
	confirmationPause = 24 * time.Hour
)

// countConfirmation counts a confirmation mail to a reader; false if the reader may not get one now.
func countConfirmation(ctx context.Context, x executor, m notify.Message, now time.Time) (bool, error) {
	n, err := x.exec(ctx, `
		INSERT INTO reader_mail (commenter_id, site_id, replies, outcomes, confirmations, asked_at)
		VALUES ($1, $2, 'at_once', TRUE, 1, $3)
		ON CONFLICT (commenter_id) DO UPDATE SET confirmations = reader_mail.confirmations + 1, asked_at = excluded.asked_at
		WHERE reader_mail.confirmations < $4 AND (reader_mail.asked_at IS NULL OR reader_mail.asked_at <= $5)`,
		ID(m.CommenterID), ID(m.SiteID), Time(now), maxConfirmations, Time(now.Add(-confirmationPause)))
	return n > 0, err
}

const subscriptionColumns = `id, site_id, article_id, commenter_id, comment_id, language, created_at, stopped_at`

var subscriptionInsert = insertInto("subscriptions", subscriptionColumns, "")

// subscriptionRows are the subscriptions of authors to their new comments.
func subscriptionRows(all []*creation) tableRows {
	rows := tableRows{insert: subscriptionInsert}
	for _, c := range all {
		if s := c.Subscription; s != nil {
			rows.rows = append(rows.rows, []any{ID(s.ID), ID(c.Comment.SiteID), ID(c.Comment.ArticleID),
				ID(c.Comment.CommenterID), nullID(c.Comment.ID), s.Language, Time(s.At), NullTime{}})
		}
	}
	return rows
}

// ReaderChoices returns a reader's choices, or the defaults.
func (s *ReaderMailStore) ReaderChoices(ctx context.Context, commenterID string) (notify.ReaderChoices, error) {
	var row struct {
		SiteID    ID       `db:"site_id"`
		Replies   string   `db:"replies"`
		Outcomes  bool     `db:"outcomes"`
		StoppedAt NullTime `db:"stopped_at"`
	}
	err := s.get(ctx, &row, `SELECT site_id, replies, outcomes, stopped_at FROM reader_mail WHERE commenter_id = $1`,
		ID(commenterID))
	if errors.Is(err, moderation.ErrNotFound) {
		return notify.ReaderChoices{CommenterID: commenterID, Replies: notify.AtOnce, Outcomes: true}, nil
	}
	return notify.ReaderChoices{CommenterID: commenterID, SiteID: string(row.SiteID),
		Replies:  notify.Frequency(row.Replies),
		Outcomes: row.Outcomes, StoppedAt: row.StoppedAt.time()}, wrap("read a reader's choices", err)
}

// SaveReaderChoices replaces a reader's choices.
func (s *ReaderMailStore) SaveReaderChoices(ctx context.Context, c notify.ReaderChoices) error {
	return s.write(ctx, "save a reader's choices", func(tx executor) error {
		_, err := tx.exec(ctx, `
			INSERT INTO reader_mail (commenter_id, site_id, replies, outcomes, confirmations, stopped_at)
			VALUES ($1, $2, $3, $4, 0, $5)
			ON CONFLICT (commenter_id) DO UPDATE SET replies = excluded.replies, outcomes = excluded.outcomes,
				stopped_at = excluded.stopped_at`,
			ID(c.CommenterID), ID(c.SiteID), string(c.Replies), c.Outcomes, NullTime(c.StoppedAt))
		return err
	})
}

// ConfirmAddress marks a commenter's address as confirmed, and the browser that sent the comment. Mail of the site
// resumes.
func (s *ReaderMailStore) ConfirmAddress(ctx context.Context, c notify.Confirmation) error {
	return s.write(ctx, "confirm address", func(tx executor) error {
		n, err := tx.exec(ctx, `UPDATE commenters SET confirmed_at = COALESCE(confirmed_at, $2) WHERE id = $1`,
			ID(c.CommenterID), Time(c.At))
		if err == nil && n == 0 {
			err = moderation.ErrNotFound
		}
		if err != nil {
			return err
		}
		_, err = tx.exec(ctx, `
			UPDATE reader_mail SET confirmations = 0, asked_at = NULL, stopped_at = NULL WHERE commenter_id = $1`,
			ID(c.CommenterID))
		if err != nil {
			return err
		}
		_, err = tx.exec(ctx, `
			INSERT INTO confirmed_browsers (commenter_id, browser_id, confirmed_at)
			SELECT commenter_id, browser_id, $3 FROM comments WHERE id = $1 AND commenter_id = $2 AND browser_id <> ''
			ON CONFLICT (commenter_id, browser_id) DO NOTHING`, ID(c.CommentID), ID(c.CommenterID), Time(c.At))
		return err
	})
}

// Subscriptions returns a reader's subscriptions in force, one for each article, the newest first.
func (s *ReaderMailStore) Subscriptions(ctx context.Context, commenterID string) ([]notify.Subscription, error) {
	var rows []struct {
		articleRow
		All bool `db:"all_comments"`
	}
	err := s.selectAll(ctx, &rows, `
		SELECT `+columnsOf("a", articleColumns)+`, s.all_comments
		FROM articles a JOIN (
			SELECT article_id, MAX(created_at) AS newest, SUM(CASE WHEN comment_id IS NULL THEN 1 ELSE 0 END) > 0 AS all_comments
			FROM subscriptions WHERE commenter_id = $1 AND stopped_at IS NULL GROUP BY article_id
		) s ON s.article_id = a.id
		ORDER BY s.newest DESC LIMIT 100`, ID(commenterID))
	if err != nil {
		return nil, fmt.Errorf("list a reader's subscriptions: %w", err)
	}
	list := make([]notify.Subscription, len(rows))
	for i, row := range rows {
		article, err := row.article()
		if err != nil {
			return nil, err
		}
		list[i] = notify.Subscription{Article: article, All: row.All}
	}
	return list, nil
}

// StopArticle stops a reader's subscriptions to an article, or resumes all of them.
func (s *ReaderMailStore) StopArticle(ctx context.Context, c notify.ArticleStop) error {
	stopped := NullTime(c.At)
	if c.Resume {
		stopped = NullTime{}
	}
	return s.write(ctx, "stop subscriptions", func(tx executor) error {
		_, err := tx.exec(ctx, `UPDATE subscriptions SET stopped_at = $3 WHERE commenter_id = $1 AND article_id = $2`,
			ID(c.CommenterID), ID(c.ArticleID), stopped)
		return err
	})
}

// FollowArticle adds or removes the subscription to all comments of an article.
func (s *ReaderMailStore) FollowArticle(ctx context.Context, f notify.Follow) error {
	return s.write(ctx, "follow article", func(tx executor) error { return followArticle(ctx, tx, f) })
}

func followArticle(ctx context.Context, x executor, f notify.Follow) error {
	_, err := x.exec(ctx, `
		DELETE FROM subscriptions WHERE article_id = $1 AND commenter_id = $2 AND comment_id IS NULL`,
		ID(f.ArticleID), ID(f.CommenterID))
	if err != nil || !f.All {
		return err
	}
	_, err = x.execRows(ctx, subscriptionInsert.rowsStmt, [][]any{{ID(f.ID), ID(f.SiteID), ID(f.ArticleID),
		ID(f.CommenterID), nullID(""), f.Language, Time(f.At), NullTime{}}})
	return err
}

// EnqueueToAddress stores a message, unless its Dedupe exists or the address got a.Max of its kind already.
func (s *ReaderMailStore) EnqueueToAddress(ctx context.Context, a notify.AddressMessage) error {
	return s.write(ctx, "enqueue message", func(tx executor) error {
		var same int
		if err := tx.get(ctx, &same, `SELECT COUNT(*) FROM outbox WHERE dedupe = $1`, a.Dedupe); err != nil || same > 0 {
			return err
		}
		n, err := tx.exec(ctx, `
			INSERT INTO mail_requests (email_index, kind, requests, asked_at) VALUES ($1, $2, 1, $3)
			ON CONFLICT (email_index, kind) DO UPDATE SET requests = mail_requests.requests + 1, asked_at = excluded.asked_at
			WHERE mail_requests.requests < $4`, a.Index, string(a.Kind), Time(a.CreatedAt), a.Max)
		if err != nil || n == 0 {
			return err
		}
		return enqueue(ctx, tx, a.Message)
	})
}

// ForgetRequests lets an address get messages of a kind again.
func (s *ReaderMailStore) ForgetRequests(ctx context.Context, indexes [][]byte, kind notify.Kind) error {
	return s.write(ctx, "forget requests for mail", func(tx executor) error {
		_, err := tx.exec(ctx, `DELETE FROM mail_requests WHERE email_index IN (?) AND kind = ?`, indexes, string(kind))
		return err
	})
}

// ConfirmFollow subscribes an address to an article and marks it as confirmed. It stores a new commenter if none
// has the address.
func (s *ReaderMailStore) ConfirmFollow(ctx context.Context, f notify.ConfirmedFollow) (string, error) {
	var id ID
	err := s.write(ctx, "follow article", func(tx executor) error {
		var err error
		if id, err = confirmCommenter(ctx, tx, f); err != nil {
			return err
		}
		_, err = tx.exec(ctx, `UPDATE reader_mail SET confirmations = 0, asked_at = NULL, stopped_at = NULL
			WHERE commenter_id = $1`, id)
		if err != nil {
			return err
		}
		follow := f.Follow
		follow.CommenterID = string(id)
		return followArticle(ctx, tx, follow)
	})
	return string(id), err
}

// confirmCommenter marks the commenter with an address as confirmed, or stores one.
func confirmCommenter(ctx context.Context, x executor, f notify.ConfirmedFollow) (ID, error) {
	var ids []ID
	err := x.selectAll(ctx, &ids, `SELECT id FROM commenters WHERE email_index IN (?) AND site_id = ?
		ORDER BY length(email_sealed) = 0, first_seen_at, id LIMIT 1`, f.Indexes, ID(f.SiteID))
	if err != nil {
		return "", err
	}
	id := ID(f.CommenterID)
	if len(ids) > 0 {
		id = ids[0]
	}
	sealed, err := f.Seal(string(id))
	if err != nil {
		return "", err
	}
	if len(ids) > 0 { // an erased email is sealed again: its owner is back
		_, err := x.exec(ctx, `UPDATE commenters SET confirmed_at = COALESCE(confirmed_at, $2),
			email_sealed = CASE WHEN length(email_sealed) = 0 THEN $3 ELSE email_sealed END WHERE id = $1`, id, Time(f.At), sealed)
		return id, err
	}
	row := commenterRow{ID: id, SiteID: ID(f.SiteID), EmailIndex: f.Indexes[0], EmailSealed: sealed,
		ConfirmedAt: NullTime(f.At), FirstSeenAt: Time(f.At), LastSeenAt: Time(f.At)}
	_, err = x.execNamed(ctx, insertNamed("commenters", commenterColumns), row)
	return id, err
}

// StopAddress stops all mail to an address.
func (s *ReaderMailStore) StopAddress(ctx context.Context, index []byte, reason notify.StopReason, at time.Time) error {
	return s.write(ctx, "stop mail to an address", func(tx executor) error {
		_, err := tx.exec(ctx, `
			INSERT INTO mail_stops (email_index, reason, created_at) VALUES ($1, $2, $3) ON CONFLICT (email_index) DO NOTHING`,
			index, string(reason), Time(at))
		return err
	})
}

// ResumeAddress allows mail to an address that its reader stopped.
func (s *ReaderMailStore) ResumeAddress(ctx context.Context, indexes [][]byte) error {
	return s.write(ctx, "resume mail to an address", func(tx executor) error {
		_, err := tx.exec(ctx, `DELETE FROM mail_stops WHERE reason = 'reader' AND email_index IN (?)`, indexes)
		return err
	})
}

// AddressStopped returns why an address gets no mail; empty if it does.
func (s *ReaderMailStore) AddressStopped(ctx context.Context, indexes [][]byte) (notify.StopReason, error) {
	var reason string
	err := s.get(ctx, &reason, `SELECT reason FROM mail_stops WHERE email_index IN (?) ORDER BY reason LIMIT 1`, indexes)
	if errors.Is(err, moderation.ErrNotFound) {
		return "", nil
	}
	return notify.StopReason(reason), wrap("look for a stop of mail", err)
}

// RemoveAddress erases a commenter's sealed email, subscriptions and messages that wait.
func (s *ReaderMailStore) RemoveAddress(ctx context.Context, commenterID string) error {
	return s.write(ctx, "remove address", func(tx executor) error {
		_, err := tx.exec(ctx, `UPDATE commenters SET email_sealed = $2, confirmed_at = NULL WHERE id = $1`,
			ID(commenterID), []byte{})
		if err != nil {
			return err
		}
		return forgetMail(ctx, tx, commenterID)
	})
}

// forgetMail removes everything about a commenter's mail.
func forgetMail(ctx context.Context, x executor, commenterID string) error {
	for _, statement := range []string{
		`DELETE FROM subscriptions WHERE commenter_id = $1`,
		`DELETE FROM reader_mail WHERE commenter_id = $1`,
		`DELETE FROM confirmed_browsers WHERE commenter_id = $1`,
		`DELETE FROM outbox WHERE commenter_id = $1`,
		`DELETE FROM webhook_attempts WHERE comment_id IN (SELECT id FROM comments WHERE commenter_id = $1)`,
	} {
		if _, err := x.exec(ctx, statement, ID(commenterID)); err != nil {
			return err
		}
	}
	return nil
}

// Language returns the language of a reader's subscription to a comment, or of their newest one; empty for none.
func (s *ReaderMailStore) Language(ctx context.Context, commenterID, commentID string) (string, error) {
	var language string
	err := s.get(ctx, &language, `
		SELECT language FROM subscriptions WHERE commenter_id = $1
		ORDER BY CASE WHEN comment_id = $2 THEN 0 ELSE 1 END, created_at DESC LIMIT 1`, ID(commenterID), ID(commentID))
	if errors.Is(err, moderation.ErrNotFound) {
		return "", nil
	}
	return language, wrap("find a reader's language", err)
}

// RepliesFor returns public comments of others that a reader subscribed to and that were last approved in a period.
func (s *ReaderMailStore) RepliesFor(ctx context.Context, q notify.RepliesQuery) ([]moderation.Comment, error) {
	var rows []commentRow
	err := s.selectAll(ctx, &rows, `
		SELECT `+columnsOf("c", commentColumns)+` FROM comments c
		WHERE c.status = 'approved' AND c.commenter_id <> $1
			AND EXISTS (SELECT 1 FROM subscriptions s WHERE s.commenter_id = $1 AND s.stopped_at IS NULL
				AND (s.comment_id = c.parent_id OR s.comment_id IS NULL AND s.article_id = c.article_id))
			AND c.article_id IN (SELECT article_id FROM subscriptions WHERE commenter_id = $1)
			AND EXISTS (SELECT 1 FROM decisions d WHERE d.comment_id = c.id AND d.to_status = 'approved'
				AND d.from_status <> 'approved' AND d.created_at >= $2 AND d.created_at < $3)
		ORDER BY c.article_id, c.created_at, c.id LIMIT $4`, ID(q.CommenterID), Time(q.Since), Time(q.Until), q.Limit)
	if err != nil {
		return nil, fmt.Errorf("list replies: %w", err)
	}
	list := make([]moderation.Comment, len(rows))
	for i, row := range rows {
		list[i] = row.comment()
	}
	return list, nil
}
