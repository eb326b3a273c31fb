package db

import (
	"context"
	"maps"
	"slices"
	"strings"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// CommenterStore reads commenters and what their browsers sent, and forgets commenters. SubmissionStore
// writes them.
type CommenterStore struct{ *core }

type commenterRow struct {
	ID            ID       `db:"id"`
	SiteID        ID       `db:"site_id"`
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

// negativeDecision is the SQL condition for a decision d on a comment k that counts against its author: a
// moderator's rejection or spam mark that is in force. Rules' decisions do not count, because the cause may
// be a duplicate, a closed article or a mistake.
const negativeDecision = `d.to_status IN ('rejected', 'spam') AND k.status = d.to_status AND d.undoes IS NULL
	AND d.actor = 'moderator'`

const commenterColumns = `id, site_id, email_index, email_sealed, name, pending_count, approved_count, rejected_count,
	spam_count, confirmed_at, first_seen_at, last_seen_at`

// commenterWithRecord reads a commenter named c with the time of the last decision against them, and the
// status of the newest decided one of their last 20 submissions.
var commenterWithRecord = columnsOf("c", commenterColumns) + `,
	(SELECT MAX(d.created_at) FROM decisions d JOIN comments k ON k.id = d.comment_id
	 WHERE d.commenter_id = c.id AND ` + negativeDecision + `) AS last_negative_at,
	COALESCE((SELECT recent.status
	          FROM (SELECT k.status, s.created_at, s.id FROM submissions s JOIN comments k ON k.id = s.comment_id
	                WHERE s.commenter_id = c.id ORDER BY s.created_at DESC LIMIT 20) AS recent
	          WHERE recent.status IN ('approved', 'rejected', 'spam')
	          ORDER BY recent.created_at DESC, recent.id DESC LIMIT 1), '') AS last_decided`

func newCommenterRow(c moderation.Commenter) commenterRow {
	return commenterRow{ID: ID(c.ID), SiteID: ID(c.SiteID), EmailIndex: c.EmailIndex, EmailSealed: c.EmailSealed,
		Name:        c.Name,
		ConfirmedAt: NullTime(c.ConfirmedAt), FirstSeenAt: Time(c.FirstSeenAt), LastSeenAt: Time(c.LastSeenAt)}
}

func (r commenterRow) commenter() moderation.Commenter {
	return moderation.Commenter{
		ID: string(r.ID), SiteID: string(r.SiteID), EmailIndex: r.EmailIndex, EmailSealed: r.EmailSealed, Name: r.Name,
		Record: moderation.Record{Pending: r.PendingCount, Approved: r.ApprovedCount, Rejected: r.RejectedCount,
			Spam: r.SpamCount, LastNegativeAt: r.LastNegative.time(), LastDecided: moderation.Status(r.LastDecided)},
		ConfirmedAt: r.ConfirmedAt.time(), FirstSeenAt: r.FirstSeenAt.time(), LastSeenAt: r.LastSeenAt.time(),
	}
}

// Commenter finds a commenter by id. ErrNotFound.
func (s *CommenterStore) Commenter(ctx context.Context, id string) (moderation.Commenter, error) {
	var row commenterRow
	err := s.get(ctx, &row, `SELECT `+commenterWithRecord+` FROM commenters c WHERE c.id = $1`, ID(id))
	return row.commenter(), wrap("find commenter", err)
}

// BrowserRecord counts the comments of one commenter that one remembered browser sent, and looks for the
// website among the approved ones. An unknown pair has none.
func (s *CommenterStore) BrowserRecord(ctx context.Context, q moderation.BrowserQuery) (moderation.Record, error) {
	var row struct {
		commenterRow
		WebsiteKnown bool `db:"website_known"`
		Confirmed    bool `db:"confirmed"`
	}
	err := s.get(ctx, &row, `
		SELECT COUNT(*) FILTER (WHERE status = 'pending') AS pending_count,
		       COUNT(*) FILTER (WHERE status = 'approved') AS approved_count,
		       COUNT(*) FILTER (WHERE status = 'rejected') AS rejected_count,
		       COUNT(*) FILTER (WHERE status = 'spam') AS spam_count,
		       (SELECT MAX(d.created_at)
		        FROM decisions d JOIN comments k ON k.id = d.comment_id
		        WHERE d.commenter_id = $1 AND k.browser_id = $2 AND `+negativeDecision+`) AS last_negative_at,
		       COALESCE((SELECT recent.status
		                 FROM (SELECT k.status, s.created_at, s.id FROM submissions s JOIN comments k ON k.id = s.comment_id
		                       WHERE s.commenter_id = $1 AND k.browser_id = $2
		                       ORDER BY s.created_at DESC LIMIT 20) AS recent
		                 WHERE recent.status IN ('approved', 'rejected', 'spam')
		                 ORDER BY recent.created_at DESC, recent.id DESC LIMIT 1), '') AS last_decided,
		       $3 <> '' AND EXISTS (SELECT 1 FROM comments
		                            WHERE commenter_id = $1 AND browser_id = $2 AND status = 'approved'
		                              AND `+sameWebsite+`) AS website_known,
		       EXISTS (SELECT 1 FROM confirmed_browsers WHERE commenter_id = $1 AND browser_id = $2) AS confirmed
		FROM comments WHERE commenter_id = $1 AND browser_id = $2`,
		ID(q.CommenterID), q.BrowserID, q.Website, likePrefix(q.Website+"/"))
	record := row.commenter().Record
	record.WebsiteKnown, record.Confirmed = row.WebsiteKnown, row.Confirmed
	return record, wrap("count a browser's comments", err)
}

// sameWebsite holds for a comment whose author's website has host and port $3. $4 is a pattern for that and a
// path. URLs are stored in their canonical spelling.
const sameWebsite = `replace(replace(author_url, 'https://', ''), 'http://', '') || '/' LIKE $4 ESCAPE '\'`

// likePrefix returns a pattern for texts that begin with s.
func likePrefix(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s) + "%"
}

// commenterGroup is a commenter with the comments of theirs in one batch.
type commenterGroup struct {
	row      commenterRow
	comments []*creation
}

// upsertCommenters stores the authors, adds the comments to their counts, and sets their final ids in the
// comments. Their rows are locked from here on.
func upsertCommenters(ctx context.Context, x executor, all []*creation) error {
	var moving []*creation
	writers := map[siteKey]*commenterGroup{}
	for _, c := range all {
		if c.oldIndex {
			moving = append(moving, c)
			continue
		}
		row := newCommenterRow(c.Commenter)
		key := siteKey{string(row.SiteID), string(row.EmailIndex)}
		if writers[key] == nil {
			writers[key] = &commenterGroup{row: row}
		}
		w := writers[key]
		w.row.Name, w.row.LastSeenAt = row.Name, row.LastSeenAt
		if w.row.ConfirmedAt.time().IsZero() {
			w.row.ConfirmedAt = row.ConfirmedAt
		}
		w.comments = append(w.comments, c)
	}
	if err := upsertCommenterGroups(ctx, x, writers); err != nil {
		return err
	}
	for _, c := range moving {
		if err := reindexCommenter(ctx, x, c); err != nil {
			return err
		}
	}
	return nil
}

func reindexCommenter(ctx context.Context, x executor, c *creation) error {
	if err := updateEmailIndex(ctx, x, c.Commenter); err != nil {
		return err
	}
	c.Comment.CommenterID, c.Submission.CommenterID = c.Commenter.ID, c.Commenter.ID
	return applyToCommenter(ctx, x, c.Commenter.ID, transition{to: c.Comment.Status})
}

// An email that was erased is sealed anew: its writer is back. The seal is bound to the id. A commenter without a
// name has only followed articles so far, so first_seen_at becomes the time of their first comment.
var commenterUpsert = insertInto("commenters", commenterColumns, `
	ON CONFLICT (site_id, email_index) DO UPDATE SET name = excluded.name, last_seen_at = excluded.last_seen_at,
		confirmed_at = COALESCE(commenters.confirmed_at, excluded.confirmed_at),
		first_seen_at = CASE WHEN commenters.pending_count + commenters.approved_count + commenters.rejected_count
				+ commenters.spam_count = 0 AND commenters.name = ''
			THEN excluded.first_seen_at ELSE commenters.first_seen_at END,
		email_sealed = CASE WHEN length(commenters.email_sealed) = 0 AND commenters.id = excluded.id
			THEN excluded.email_sealed ELSE commenters.email_sealed END,
		pending_count = commenters.pending_count + excluded.pending_count,
		approved_count = commenters.approved_count + excluded.approved_count,
		rejected_count = commenters.rejected_count + excluded.rejected_count,
		spam_count = commenters.spam_count + excluded.spam_count
	RETURNING id, site_id, email_index`)

func upsertCommenterGroups(ctx context.Context, x executor, writers map[siteKey]*commenterGroup) error {
	var rows [][]any
	for _, key := range slices.SortedFunc(maps.Keys(writers), siteKey.compare) {
		w := writers[key]
		var n queue.Counts
		for _, c := range w.comments {
			n = addCounts(n, countsDelta(transition{to: c.Comment.Status}))
		}
		r := w.row
		rows = append(rows, []any{r.ID, r.SiteID, r.EmailIndex, r.EmailSealed, r.Name, n.Pending, n.Approved, n.Rejected,
			n.Spam, r.ConfirmedAt, r.FirstSeenAt, r.LastSeenAt})
	}
	saved, err := selectRows[commenterRow](ctx, x, commenterUpsert.rowsStmt, rows)
	if err != nil {
		return err
	}
	for _, row := range saved {
		for _, c := range writers[siteKey{string(row.SiteID), string(row.EmailIndex)}].comments {
			c.Comment.CommenterID, c.Submission.CommenterID = string(row.ID), string(row.ID)
		}
	}
	return nil
}

// updateEmailIndex updates a commenter who is stored under the index of an older key, and stores the new
// index, unless another row has it. An erased email is sealed again: its owner is back.
func updateEmailIndex(ctx context.Context, x executor, c moderation.Commenter) error {
	_, err := x.execNamed(ctx, `
		UPDATE commenters SET name = :name, last_seen_at = :last_seen_at,
			email_sealed = CASE WHEN length(email_sealed) = 0 THEN :email_sealed ELSE email_sealed END,
			email_index = CASE
				WHEN EXISTS (SELECT 1 FROM commenters o
				             WHERE o.site_id = :site_id AND o.email_index = :email_index AND o.id <> :id)
				THEN email_index ELSE :email_index END
		WHERE id = :id`, newCommenterRow(c))
	return err
}
