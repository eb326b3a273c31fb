package db

import (
	"context"
	"maps"
	"slices"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/archive"
	"rejoinder/moderation/queue"
)

var (
	reportRestore = insertInto("reports", `id, comment_id, reason, note, created_at, resolved_at, decision_id`, "")
	appealRestore = insertInto("appeals", `comment_id, body, moderator_id, created_at, resolved_at, outcome`, "")
	noteRestore   = insertInto("notes", `id, comment_id, commenter_id, about, moderator_id, body, created_at`, "")
)

// RestoreComments writes a batch of comments with everything that belongs to them, in one transaction, and
// counts them.
func (s *ArchiveStore) RestoreComments(ctx context.Context, b archive.Batch) error {
	all := newCreations(len(b.Rows), func(i int) moderation.NewComment {
		row := b.Rows[i]
		return moderation.NewComment{Comment: row.Comment, Submission: row.Revisions[len(row.Revisions)-1]}
	})
	return s.writeUninterrupted(ctx, "restore comments", func(ctx context.Context, tx executor) error {
		if err := setTitles(ctx, tx, all); err != nil {
			return err
		}
		if err := lockImport(ctx, tx, all, b.Replies); err != nil {
			return err
		}
		if err := countInThreads(ctx, tx, all, b.Replies); err != nil {
			return err
		}
		if err := countForCommenters(ctx, tx, all); err != nil {
			return err
		}
		if err := tx.copyAll(ctx, restoredRows(tx, all, b)...); err != nil {
			return err
		}
		return countRestored(ctx, tx, all, b)
	})
}

// setTitles reads the titles of the articles, by which comments are found.
func setTitles(ctx context.Context, x executor, all []*creation) error {
	ids := map[string]bool{}
	for _, c := range all {
		ids[c.Comment.ArticleID] = true
	}
	var rows []articleRow
	err := x.selectAll(ctx, &rows, `SELECT id, title FROM articles WHERE id IN (?)`, padded(toIDs(slices.Sorted(maps.Keys(ids)))))
	titles := map[string]string{}
	for _, r := range rows {
		titles[string(r.ID)] = r.Title
	}
	for _, c := range all {
		c.title = titles[c.Comment.ArticleID]
	}
	return err
}

// countForCommenters adds the comments to the counts of their commenters.
func countForCommenters(ctx context.Context, x executor, all []*creation) error {
	sums := map[string]queue.Counts{}
	for _, c := range all {
		id := c.Comment.CommenterID
		sums[id] = addCounts(sums[id], countsDelta(transition{to: c.Comment.Status}))
	}
	return addToCommenters(ctx, x, sums)
}

// restoredRows are the rows of all tables. all and the rows of the batch are in the same order.
func restoredRows(x executor, all []*creation, b archive.Batch) []tableRows {
	submissions, decisions := tableRows{insert: submissionInsert}, tableRows{insert: decisionInsert}
	reports, appeals := tableRows{insert: reportRestore}, tableRows{insert: appealRestore}
	notes := tableRows{insert: noteRestore}
	origins := make([]importedRow, len(all))
	var indexed []*creation
	for i, row := range b.Rows {
		origins[i] = importedRow{all[i], []byte(row.Key)}
		if row.Comment.AuthorName != "" {
			indexed = append(indexed, all[i])
		}
		for _, r := range row.Revisions {
			html := ""
			if r.Revision == row.Comment.Revision {
				html = row.Comment.BodyHTML
			}
			submissions.rows = append(submissions.rows, newSubmissionRow(r).values(html))
		}
		for _, d := range row.Decisions {
			decisions.rows = append(decisions.rows, newDecisionRow(d, row.Comment.CommenterID).values())
		}
		id := ID(row.Comment.ID)
		for _, r := range row.Reports {
			reports.rows = append(reports.rows, []any{ID(r.ID), id, r.Reason, r.Note, Time(r.CreatedAt), resolved(r.ResolvedAt),
				ID(r.Decision)})
		}
		if a := row.Appeal; a != nil {
			appeals.rows = append(appeals.rows, []any{id, a.Body, a.Moderator, Time(a.CreatedAt), resolved(a.ResolvedAt), a.Outcome})
		}
		for _, n := range row.Notes {
			notes.rows = append(notes.rows, []any{ID(n.ID), id, ID(row.Comment.CommenterID), n.About, n.Moderator, n.Body,
				Time(n.CreatedAt)})
		}
	}
	from, votes := originRows(origins, b.Import)
	tables := append([]tableRows{importedCommentRows(all), submissions}, x.search.rows(tokensOf(indexed))...)
	return append(append(tables, pendingKeyRows(all)...), decisions, reports, appeals, notes, from, votes)
}

// countRestored adds the comments to the counts of their site, with open reports and appeals.
func countRestored(ctx context.Context, x executor, all []*creation, b archive.Batch) error {
	var sum queue.Counts
	for _, row := range b.Rows {
		if row.Comment.OpenReports > 0 {
			sum.Reported++
		}
		if row.Appeal != nil && row.Appeal.ResolvedAt == nil {
			sum.Appealed++
		}
	}
	if err := x.insertAll(ctx, newCommentCounts(all)); err != nil {
		return err
	}
	return addToCounts(ctx, x, b.Import.SiteID, sum)
}

// resolved is a time of the file as it is stored.
func resolved(at *time.Time) NullTime {
	if at == nil {
		return NullTime{}
	}
	return NullTime(*at)
}
