package db

import (
	"context"
	"fmt"
	"strings"
)

// Miscount is a counter that does not equal the rows that it counts.
type Miscount struct {
	Counter string `db:"counter"` // as articles.approved_count
	ID      string `db:"id"`      // of the row that holds the counter
	Kept    int    `db:"kept"`
	Rows    int    `db:"counted"`
}

// String names counter and row.
func (m Miscount) String() string {
	return fmt.Sprintf("%s of %s is %d, the rows say %d", m.Counter, m.ID, m.Kept, m.Rows)
}

// Miscounts compares every counter with its rows, and the search index with the comments, and looks for rows
// whose comment is missing. It finds nothing unless another program wrote to the database. It reads whole
// tables in one statement, so it sees all counters at the same moment.
func (d *DB) Miscounts(ctx context.Context) ([]Miscount, error) {
	var rows []struct {
		Counter string `db:"counter"`
		ID      ID     `db:"id"`
		Kept    int    `db:"kept"`
		Rows    int    `db:"counted"`
	}
	err := d.selectAll(ctx, &rows, `WITH RECURSIVE `+rowCounts+`, `+statusSums+threadMismatches+` UNION ALL `+
		siteMismatches+` UNION ALL `+searchMismatches+orphans())
	found := make([]Miscount, len(rows))
	for i, r := range rows {
		found[i] = Miscount{Counter: r.Counter, ID: string(r.ID), Kept: r.Kept, Rows: r.Rows}
	}
	return found, wrap("compare counters with rows", err)
}

// rowCounts counts the rows behind the counters of single rows.
const rowCounts = `
	above (id) AS (
		SELECT parent_id FROM comments WHERE status = 'approved' AND parent_id IS NOT NULL
		UNION ALL
		SELECT c.parent_id FROM comments c JOIN above a ON c.id = a.id WHERE c.parent_id IS NOT NULL
	), replies AS (
		SELECT id, COUNT(*) AS n FROM above GROUP BY id
	), threads AS (
		SELECT article_id, COUNT(*) AS n FROM comments WHERE status = 'approved' GROUP BY article_id
	), records AS (
		SELECT commenter_id, status, COUNT(*) AS n FROM comments GROUP BY commenter_id, status
	), kept AS (
		SELECT id, 'pending' AS status, pending_count AS n FROM commenters
		UNION ALL SELECT id, 'approved', approved_count FROM commenters
		UNION ALL SELECT id, 'rejected', rejected_count FROM commenters
		UNION ALL SELECT id, 'spam', spam_count FROM commenters
	), polls AS (
		SELECT comment_id, SUM(up) AS up, SUM(down) AS down FROM (
			SELECT comment_id, COUNT(*) FILTER (WHERE value > 0) AS up, COUNT(*) FILTER (WHERE value < 0) AS down
			FROM votes GROUP BY comment_id
			UNION ALL SELECT comment_id, up, down FROM imported_votes
		) AS both_kinds GROUP BY comment_id
	), complaints AS (
		SELECT comment_id, COUNT(*) AS n FROM reports WHERE resolved_at IS NULL GROUP BY comment_id
	)`

// statusSums counts the comments that status_counts counts, next to its rows.
const statusSums = `
	tallies (status, site_id, n) AS (
		SELECT status, site_id, COUNT(*) FROM comments GROUP BY site_id, status
		UNION ALL SELECT 'reported', site_id, COUNT(*) FROM comments WHERE open_reports > 0 GROUP BY site_id
		UNION ALL SELECT 'appealed', c.site_id, COUNT(*)
			FROM appeals a JOIN comments c ON c.id = a.comment_id WHERE a.resolved_at IS NULL GROUP BY c.site_id
	), sums (status, site_id, n) AS (
		SELECT 'pending', site_id, pending FROM status_counts
		UNION ALL SELECT 'approved', site_id, approved FROM status_counts
		UNION ALL SELECT 'rejected', site_id, rejected FROM status_counts
		UNION ALL SELECT 'spam', site_id, spam FROM status_counts
		UNION ALL SELECT 'deleted', site_id, deleted FROM status_counts
		UNION ALL SELECT 'reported', site_id, reported FROM status_counts
		UNION ALL SELECT 'appealed', site_id, appealed FROM status_counts
	), compared (status, site_id, kept, counted) AS (
		SELECT status, site_id, SUM(kept), SUM(counted) FROM (
			SELECT status, site_id, n AS kept, 0 AS counted FROM sums
			UNION ALL SELECT status, site_id, 0, n FROM tallies
		) AS both_sides GROUP BY status, site_id
	)`

const threadMismatches = `
	SELECT 'articles.approved_count' AS counter, a.id, a.approved_count AS kept, COALESCE(t.n, 0) AS counted
	FROM articles a LEFT JOIN threads t ON t.article_id = a.id
	WHERE a.approved_count <> COALESCE(t.n, 0)
	UNION ALL
	SELECT 'comments.visible_replies', c.id, c.visible_replies, COALESCE(r.n, 0)
	FROM comments c LEFT JOIN replies r ON r.id = c.id
	WHERE c.visible_replies <> COALESCE(r.n, 0)
	UNION ALL
	SELECT 'comments.up_votes', c.id, c.up_votes, COALESCE(p.up, 0)
	FROM comments c LEFT JOIN polls p ON p.comment_id = c.id
	WHERE c.up_votes <> COALESCE(p.up, 0)
	UNION ALL
	SELECT 'comments.down_votes', c.id, c.down_votes, COALESCE(p.down, 0)
	FROM comments c LEFT JOIN polls p ON p.comment_id = c.id
	WHERE c.down_votes <> COALESCE(p.down, 0)
	UNION ALL
	SELECT 'comments.open_reports', c.id, c.open_reports, COALESCE(r.n, 0)
	FROM comments c LEFT JOIN complaints r ON r.comment_id = c.id
	WHERE c.open_reports <> COALESCE(r.n, 0)`

const siteMismatches = `
	SELECT 'commenters.' || k.status || '_count', k.id, k.n, COALESCE(r.n, 0)
	FROM kept k LEFT JOIN records r ON r.commenter_id = k.id AND r.status = k.status
	WHERE k.n <> COALESCE(r.n, 0)
	UNION ALL
	SELECT 'status_counts.' || status, site_id, kept, counted FROM compared WHERE kept <> counted`

// orphans finds rows without a comment in the tables that have no foreign key.
func orphans() string {
	var b strings.Builder
	for _, table := range []string{"submissions", "decisions", "imported_comments", "comment_search"} {
		b.WriteString(` UNION ALL SELECT '` + table + `', o.comment_id, 1, 0 FROM ` + table + ` o
			WHERE NOT EXISTS (SELECT 1 FROM comments c WHERE c.id = o.comment_id)`)
	}
	return b.String()
}

// searchMismatches finds comments that the search index lacks, and erased ones that it still has.
const searchMismatches = `
	SELECT 'comment_search', c.id, 0, 1 FROM comments c
		JOIN submissions s ON s.comment_id = c.id AND s.revision = c.revision
	WHERE s.author_name <> '' AND NOT EXISTS (SELECT 1 FROM comment_search k WHERE k.comment_id = c.id)
	UNION ALL
	SELECT 'comment_search', c.id, 1, 0 FROM comments c JOIN comment_search k ON k.comment_id = c.id
		JOIN submissions s ON s.comment_id = c.id AND s.revision = c.revision
	WHERE s.author_name = ''`
