package db

import (
	"context"

	"rejoinder/moderation"
)

type commenterRow struct {
	ID            string   `db:"id"`
	SiteID        string   `db:"site_id"`
	EmailIndex    []byte   `db:"email_index"`
	EmailSealed   []byte   `db:"email_sealed"`
	Name          string   `db:"name"`
	PendingCount  int      `db:"pending_count"`
	ApprovedCount int      `db:"approved_count"`
	RejectedCount int      `db:"rejected_count"`
	SpamCount     int      `db:"spam_count"`
	ConfirmedAt   NullTime `db:"confirmed_at"`
	FirstSeenAt   Time     `db:"first_seen_at"`
	LastSeenAt    Time     `db:"last_seen_at"`
	LastNegative  NullTime `db:"last_negative_at"`
	LastDecided   string   `db:"last_decided"`
}

// negative is a decision d on a comment k that counts against whoever wrote it: a person's refusal, or spam, as long as it
// stands. A rule that rejects does so for the moment, as a comment sent twice or after closing, and says nothing of the
// person.
const negative = `d.to_status IN ('rejected', 'spam') AND k.status = d.to_status AND d.undoes = ''
	AND (d.actor = 'moderator' OR d.to_status = 'spam')`

// commenterColumns reads a commenter named c with the time of the last decision that went against them, and with what
// became of the newest of their last 20 submissions that is decided.
const commenterColumns = `c.id, c.site_id, c.email_index, c.email_sealed, c.name, c.pending_count, c.approved_count,
	c.rejected_count, c.spam_count, c.confirmed_at, c.first_seen_at, c.last_seen_at,
	(SELECT MAX(d.created_at) FROM decisions d JOIN comments k ON k.id = d.comment_id
	 WHERE d.commenter_id = c.id AND ` + negative + `) AS last_negative_at,
	COALESCE((SELECT recent.status
	          FROM (SELECT k.status, s.created_at, s.id FROM submissions s JOIN comments k ON k.id = s.comment_id
	                WHERE s.commenter_id = c.id ORDER BY s.created_at DESC LIMIT 20) AS recent
	          WHERE recent.status IN ('approved', 'rejected', 'spam')
	          ORDER BY recent.created_at DESC, recent.id DESC LIMIT 1), '') AS last_decided`

func newCommenterRow(c moderation.Commenter) commenterRow {
	return commenterRow{ID: c.ID, SiteID: c.SiteID, EmailIndex: c.EmailIndex, EmailSealed: c.EmailSealed, Name: c.Name,
		ConfirmedAt: NullTime(c.ConfirmedAt), FirstSeenAt: Time(c.FirstSeenAt), LastSeenAt: Time(c.LastSeenAt)}
}

func (r commenterRow) commenter() moderation.Commenter {
	return moderation.Commenter{
		ID: r.ID, SiteID: r.SiteID, EmailIndex: r.EmailIndex, EmailSealed: r.EmailSealed, Name: r.Name,
		Record: moderation.Record{Pending: r.PendingCount, Approved: r.ApprovedCount, Rejected: r.RejectedCount,
			Spam: r.SpamCount, LastNegativeAt: r.LastNegative.time(), LastDecided: moderation.Status(r.LastDecided)},
		ConfirmedAt: r.ConfirmedAt.time(), FirstSeenAt: r.FirstSeenAt.time(), LastSeenAt: r.LastSeenAt.time(),
	}
}

// Commenter finds a commenter by id. ErrNotFound.
func (d *DB) Commenter(ctx context.Context, id string) (moderation.Commenter, error) {
	var row commenterRow
	err := d.get(ctx, &row, `SELECT `+commenterColumns+` FROM commenters c WHERE c.id = $1`, id)
	return row.commenter(), wrap("find commenter", err)
}

// BrowserRecord counts the comments of one commenter that one remembered browser sent. An unknown pair has none.
func (d *DB) BrowserRecord(ctx context.Context, commenterID, browserID string) (moderation.Record, error) {
	var row commenterRow
	err := d.get(ctx, &row, `
		SELECT COUNT(*) FILTER (WHERE status = 'pending') AS pending_count,
		       COUNT(*) FILTER (WHERE status = 'approved') AS approved_count,
		       COUNT(*) FILTER (WHERE status = 'rejected') AS rejected_count,
		       COUNT(*) FILTER (WHERE status = 'spam') AS spam_count,
		       (SELECT MAX(d.created_at)
		        FROM decisions d JOIN comments k ON k.id = d.comment_id
		        WHERE d.commenter_id = $1 AND k.browser_id = $2 AND `+negative+`) AS last_negative_at,
		       COALESCE((SELECT recent.status
		                 FROM (SELECT k.status, s.created_at, s.id FROM submissions s JOIN comments k ON k.id = s.comment_id
		                       WHERE s.commenter_id = $1 AND k.browser_id = $2
		                       ORDER BY s.created_at DESC LIMIT 20) AS recent
		                 WHERE recent.status IN ('approved', 'rejected', 'spam')
		                 ORDER BY recent.created_at DESC, recent.id DESC LIMIT 1), '') AS last_decided
		FROM comments WHERE commenter_id = $1 AND browser_id = $2`, commenterID, browserID)
	return row.commenter().Record, wrap("count a browser's comments", err)
}

// saveCommenter updates the commenter with c's id, or inserts it, and returns the id under which the email is known:
// another one if somebody else wrote under the same email for the first time at the same time. The row is locked
// from here on. An email that was erased is sealed anew: its writer is back.
func (s session) saveCommenter(ctx context.Context, c moderation.Commenter) (string, error) {
	row := newCommenterRow(c)
	// The index moves on to the primary key, unless a row of its own is under that one already.
	n, err := s.execRow(ctx, `
		UPDATE commenters SET name = :name, last_seen_at = :last_seen_at,
			email_sealed = CASE WHEN length(email_sealed) = 0 THEN :email_sealed ELSE email_sealed END,
			email_index = CASE
				WHEN EXISTS (SELECT 1 FROM commenters o
				             WHERE o.site_id = :site_id AND o.email_index = :email_index AND o.id <> :id)
				THEN email_index ELSE :email_index END
		WHERE id = :id`, row)
	if err != nil || n > 0 {
		return c.ID, err
	}
	var id string
	err = s.get(ctx, &id, `
		INSERT INTO commenters (id, site_id, email_index, email_sealed, name, pending_count, approved_count,
			rejected_count, spam_count, confirmed_at, first_seen_at, last_seen_at)
		VALUES ($1, $2, $3, $4, $5, 0, 0, 0, 0, $6, $7, $8)
		ON CONFLICT (site_id, email_index) DO UPDATE SET name = excluded.name, last_seen_at = excluded.last_seen_at
		RETURNING id`,
		row.ID, row.SiteID, row.EmailIndex, row.EmailSealed, row.Name, row.ConfirmedAt, row.FirstSeenAt, row.LastSeenAt)
	return id, err
}
