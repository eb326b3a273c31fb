package db

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"rejoinder/moderation"
	"rejoinder/moderation/imports"
	"rejoinder/moderation/queue"
)

// Import returns an import of a site. ErrNotFound.
func (s *ImportStore) Import(ctx context.Context, siteID, id string) (imports.Import, error) {
	var row importRow
	err := s.get(ctx, &row, `SELECT `+importColumns+` FROM imports WHERE id = $1 AND site_id = $2`, ID(id), ID(siteID))
	if err != nil {
		return imports.Import{}, fmt.Errorf("find import: %w", err)
	}
	return row.imported()
}

// Imports returns the newest imports of a site.
func (s *ImportStore) Imports(ctx context.Context, siteID string, limit int) ([]imports.Import, error) {
	var rows []importRow
	err := s.selectAll(ctx, &rows, `SELECT `+importColumns+` FROM imports WHERE site_id = $1
		ORDER BY started_at DESC, id DESC LIMIT $2`, ID(siteID), limit)
	if err != nil {
		return nil, fmt.Errorf("list imports: %w", err)
	}
	all := make([]imports.Import, len(rows))
	for i, row := range rows {
		if all[i], err = row.imported(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// RepliesToImport counts the comments of others that reply to comments of an import.
func (s *ImportStore) RepliesToImport(ctx context.Context, importID string) (int, error) {
	var n int
	err := s.get(ctx, &n, `
		SELECT COUNT(*) FROM imported_comments i JOIN comments c ON c.parent_id = i.comment_id
		WHERE i.import_id = $1
			AND NOT EXISTS (SELECT 1 FROM imported_comments o WHERE o.comment_id = c.id AND o.import_id = i.import_id)`,
		ID(importID))
	return n, wrap("count replies to import", err)
}

// UndoBatch removes comments of an import that nothing replies to, below an id, the highest first, with all that
// belongs to them. It returns how many, and the id to go on below; empty at the end.
func (s *ImportStore) UndoBatch(ctx context.Context, importID, below string, limit int) (int, string, error) {
	if below == "" {
		below = "ffffffff-ffff-ffff-ffff-ffffffffffff"
	}
	removed, next := 0, ""
	err := s.write(ctx, "undo import", func(tx executor) error {
		ids, err := tx.selectIDs(ctx, `
			SELECT i.comment_id FROM imported_comments i
			WHERE i.import_id = $1 AND i.comment_id < $2
				AND NOT EXISTS (SELECT 1 FROM comments k WHERE k.parent_id = i.comment_id)
			ORDER BY i.comment_id DESC LIMIT $3`, ID(importID), ID(below), limit)
		removed, next = len(ids), ""
		if err != nil || len(ids) == 0 {
			return err
		}
		if len(ids) == limit {
			next = ids[len(ids)-1]
		}
		if err := tx.lockThreadsOfComments(ctx, ids); err != nil {
			return err
		}
		if _, err := tx.lockComments(ctx, nil, ids, tx.forUpdate); err != nil {
			return err
		}
		return removeComments(ctx, tx, ids)
	})
	return removed, next, err
}

// ofComment are the tables with rows that belong to a comment, in an order that breaks no reference.
var ofComment = []string{
	"pending_rules", "pending_hosts", "claims", "imported_comments", "imported_votes", "votes", "reports", "appeals",
	"idempotency_keys", "notes", "sketches", "outbox_events", "webhook_attempts", "external_calls", "subscriptions", "decisions", "submissions",
}

// removeComments deletes comments that nothing replies to, and counts them out. They are locked.
func removeComments(ctx context.Context, x executor, ids []string) error {
	var rows []commentRow
	err := x.selectAll(ctx, &rows, `SELECT `+commentColumns+` FROM comments WHERE id IN (?)`, padded(toIDs(ids)))
	if err != nil {
		return err
	}
	if err := countOut(ctx, x, rows); err != nil {
		return err
	}
	for _, statement := range x.search.remove {
		if _, err := x.exec(ctx, statement, toIDs(ids)); err != nil {
			return err
		}
	}
	if _, err := x.exec(ctx, `UPDATE blocks SET comment_id = NULL WHERE comment_id IN (?)`, toIDs(ids)); err != nil {
		return err
	}
	for _, table := range ofComment {
		if _, err := x.exec(ctx, `DELETE FROM `+table+` WHERE comment_id IN (?)`, toIDs(ids)); err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
	}
	if _, err := x.exec(ctx, `DELETE FROM comments WHERE id IN (?)`, toIDs(ids)); err != nil {
		return err
	}
	return removeUnused(ctx, x, rows)
}

// countOut takes comments out of all counters. Their open appeals must still be there.
func countOut(ctx context.Context, x executor, rows []commentRow) error {
	articles, parents := map[string]int{}, map[string]int{}
	sites, writers := map[string]queue.Counts{}, map[string]queue.Counts{}
	var ids []ID
	for _, r := range rows {
		ids = append(ids, r.ID)
		if r.Status == string(moderation.StatusApproved) {
			articles[string(r.ArticleID)]--
			if r.ParentID != "" {
				parents[string(r.ParentID)]--
			}
		}
		by := countsDelta(transition{from: moderation.Status(r.Status)})
		writers[string(r.CommenterID)] = addCounts(writers[string(r.CommenterID)], by)
		if r.OpenReports > 0 {
			by.Reported--
		}
		sites[string(r.SiteID)] = addCounts(sites[string(r.SiteID)], by)
	}
	var shifts []threadShift
	for _, id := range slices.Sorted(maps.Keys(articles)) {
		shifts = append(shifts, threadShift{moderation.Change{Kind: moderation.ChangeRemoved, ArticleID: id}, articles[id]})
	}
	if err := bumpThreads(ctx, x, shifts...); err != nil {
		return err
	}
	if err := addReplies(ctx, x, parents); err != nil {
		return err
	}
	if err := addToCommenters(ctx, x, writers); err != nil {
		return err
	}
	var appealed int
	err := x.get(ctx, &appealed, `SELECT COUNT(*) FROM appeals WHERE resolved_at IS NULL AND comment_id IN (?)`, padded(ids))
	if err != nil {
		return err
	}
	first := string(rows[0].SiteID)
	sites[first] = addCounts(sites[first], queue.Counts{Appealed: -appealed})
	return x.insertAll(ctx, countRows(sites))
}

// removeUnused deletes commenters and articles that have no comments any more. Commenters with notes or choices
// about mail stay, and so do articles that an admin registered or that have other keys.
func removeUnused(ctx context.Context, x executor, rows []commentRow) error {
	var commenters, articles []ID
	for _, r := range rows {
		commenters, articles = append(commenters, r.CommenterID), append(articles, r.ArticleID)
	}
	_, err := x.exec(ctx, `
		DELETE FROM commenters WHERE id IN (?)
			AND NOT EXISTS (SELECT 1 FROM comments c WHERE c.commenter_id = commenters.id)
			AND NOT EXISTS (SELECT 1 FROM notes n WHERE n.commenter_id = commenters.id)
			AND NOT EXISTS (SELECT 1 FROM reader_mail m WHERE m.commenter_id = commenters.id)
			AND NOT EXISTS (SELECT 1 FROM confirmed_browsers b WHERE b.commenter_id = commenters.id)`, padded(commenters))
	if err != nil {
		return err
	}
	_, err = x.exec(ctx, `
		DELETE FROM articles WHERE id IN (?) AND NOT registered
			AND NOT EXISTS (SELECT 1 FROM comments c WHERE c.article_id = articles.id)
			AND NOT EXISTS (SELECT 1 FROM article_authors w WHERE w.article_id = articles.id)
			AND NOT EXISTS (SELECT 1 FROM article_aliases l WHERE l.article_id = articles.id)`, padded(articles))
	return err
}
