package db

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/archive"
	"rejoinder/transfer"
)

// ArchiveStore reads sites for exports, and writes what was exported.
type ArchiveStore struct{ *core }

// ExportedRulesets returns a site's rulesets, the oldest first.
func (s *ArchiveStore) ExportedRulesets(ctx context.Context, siteID string) ([]transfer.Ruleset, error) {
	var rows []struct {
		rulesetRow
		ActivatedByID nullString `db:"activated_by_id"`
	}
	err := s.selectAll(ctx, &rows, `
		SELECT `+columnsOf("r", rulesetColumns)+`, a.activated_at, a.activated_by AS activated_by_id
		FROM rulesets r LEFT JOIN active_rulesets a ON a.ruleset_id = r.id AND a.site_id = r.site_id
		WHERE r.site_id = $1 ORDER BY r.version`, ID(siteID))
	if err != nil {
		return nil, fmt.Errorf("read rulesets: %w", err)
	}
	rulesets := make([]transfer.Ruleset, len(rows))
	for i, r := range rows {
		rulesets[i] = transfer.Ruleset{Type: transfer.TypeRuleset, ID: string(r.ID), Version: r.Version, Source: r.Source,
			Base: r.Base, Checksum: r.Checksum, Note: r.Note, CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt.time(),
			ActivatedAt: pointerTo(r.ActivatedAt), ActivatedBy: string(r.ActivatedByID)}
	}
	return rulesets, nil
}

// pointerTo returns nil for no time.
func pointerTo(t NullTime) *time.Time {
	at := t.time()
	if at.IsZero() {
		return nil
	}
	return &at
}

// ExportedModerators returns the moderators whom decisions, notes, blocks, appeals, rulesets and articles of a site
// name.
func (s *ArchiveStore) ExportedModerators(ctx context.Context, siteID string) ([]transfer.Moderator, error) {
	var rows []moderatorRow
	err := s.selectAll(ctx, &rows, `
		SELECT id, name FROM moderators WHERE id IN (
			SELECT moderator_id FROM decisions WHERE site_id = $1 AND actor = 'moderator'
			UNION SELECT created_by FROM blocks WHERE site_id = $1
			UNION SELECT created_by FROM rulesets WHERE site_id = $1
			UNION SELECT activated_by FROM active_rulesets WHERE site_id = $1
			UNION SELECT n.moderator_id FROM notes n JOIN comments c ON c.id = n.comment_id WHERE c.site_id = $1
			UNION SELECT a.moderator_id FROM appeals a JOIN comments c ON c.id = a.comment_id WHERE c.site_id = $1
			UNION SELECT w.moderator_id FROM article_authors w JOIN articles p ON p.id = w.article_id WHERE p.site_id = $1)
		ORDER BY id`, ID(siteID))
	if err != nil {
		return nil, fmt.Errorf("read moderators: %w", err)
	}
	moderators := make([]transfer.Moderator, len(rows))
	for i, r := range rows {
		moderators[i] = transfer.Moderator{Type: transfer.TypeModerator, ID: r.ID, Name: r.Name}
	}
	return moderators, nil
}

// selected is a condition on comments c, with ? for parameters.
func selected(sel archive.Selection) (string, []any) { return selectedBy(sel, "") }

func selectedBy(sel archive.Selection, unindexed string) (string, []any) {
	condition, args := unindexed+`c.site_id = ?`, []any{ID(sel.SiteID)}
	and := func(more string, arg ...any) { condition, args = condition+` AND `+more, append(args, arg...) }
	if sel.ArticleID != "" {
		and(`c.article_id = ?`, ID(sel.ArticleID))
	}
	if sel.CommenterID != "" {
		and(`c.commenter_id = ?`, ID(sel.CommenterID))
	}
	if !sel.Since.IsZero() {
		and(`c.created_at >= ?`, Time(sel.Since))
	}
	if !sel.Until.IsZero() {
		and(`c.created_at < ?`, Time(sel.Until))
	}
	if !sel.ChangedSince.IsZero() {
		and(`(EXISTS (SELECT 1 FROM decisions d WHERE d.comment_id = c.id AND d.created_at >= ?)
			OR EXISTS (SELECT 1 FROM submissions s WHERE s.comment_id = c.id AND s.created_at >= ?))`,
			Time(sel.ChangedSince), Time(sel.ChangedSince))
	}
	return condition, args
}

// ExportedArticles returns articles with their authors and aliases.
func (s *ArchiveStore) ExportedArticles(
	ctx context.Context, sel archive.Selection, after string, limit int,
) ([]transfer.Article, error) {
	query, args := `SELECT `+articleColumns+` FROM articles WHERE site_id = ? AND id > ?`, []any{ID(sel.SiteID), ID(after)}
	if sel.Partial() {
		condition, more := selected(sel)
		query += ` AND EXISTS (SELECT 1 FROM comments c WHERE c.article_id = articles.id AND ` + condition + `)`
		args = append(args, more...)
	}
	var rows []articleRow
	if err := s.selectAll(ctx, &rows, query+` ORDER BY id LIMIT ?`, append(args, limit)...); err != nil {
		return nil, fmt.Errorf("read articles: %w", err)
	}
	found := make([]moderation.Article, len(rows))
	for i, row := range rows {
		var err error
		if found[i], err = row.article(); err != nil {
			return nil, err
		}
	}
	if err := addAuthors(ctx, s.executor, found); err != nil {
		return nil, err
	}
	ids := make([]string, len(rows))
	articles := make([]transfer.Article, len(rows))
	for i, a := range found {
		ids[i] = a.ID
		articles[i] = transfer.Article{Type: transfer.TypeArticle, ID: a.ID, Key: a.Key, URL: a.URL, Title: a.Title,
			Tags: a.Tags, Closed: a.Closed, CloseAfterDays: a.CloseAfterDays, Mode: string(a.Mode), Pinned: a.PinnedID,
			Registered:  a.Registered,
			PublishedAt: a.PublishedAt, CreatedAt: a.CreatedAt}
		for _, author := range a.Authors {
			articles[i].Authors = append(articles[i].Authors, author.ID)
		}
		if !a.Schedule.Empty() {
			articles[i].Schedule = json.RawMessage(rows[i].Schedule)
		}
	}
	return articles, s.addAliases(ctx, ids, articles)
}

func (s *ArchiveStore) addAliases(ctx context.Context, ids []string, articles []transfer.Article) error {
	if len(ids) == 0 {
		return nil
	}
	var rows []struct {
		Key       string `db:"alias_key"`
		ArticleID ID     `db:"article_id"`
		CreatedAt Time   `db:"created_at"`
	}
	err := s.selectAll(ctx, &rows, `SELECT alias_key, article_id, created_at FROM article_aliases WHERE article_id IN (?)
		ORDER BY created_at, alias_key`, padded(toIDs(ids)))
	if err != nil {
		return fmt.Errorf("read aliases: %w", err)
	}
	at := map[string]int{}
	for i, id := range ids {
		at[id] = i
	}
	for _, r := range rows {
		a := &articles[at[string(r.ArticleID)]]
		a.Aliases = append(a.Aliases, transfer.Alias{Key: r.Key, CreatedAt: r.CreatedAt.time()})
	}
	return nil
}

// ExportedCommenters returns commenters with sealed emails.
func (s *ArchiveStore) ExportedCommenters(
	ctx context.Context, sel archive.Selection, after string, limit int,
) ([]transfer.Commenter, error) {
	query, args := `SELECT `+commenterColumns+` FROM commenters WHERE site_id = ? AND id > ?`, []any{ID(sel.SiteID), ID(after)}
	if sel.Partial() {
		condition, more := selected(sel)
		query += ` AND EXISTS (SELECT 1 FROM comments c WHERE c.commenter_id = commenters.id AND ` + condition + `)`
		args = append(args, more...)
	}
	var rows []commenterRow
	if err := s.selectAll(ctx, &rows, query+` ORDER BY id LIMIT ?`, append(args, limit)...); err != nil {
		return nil, fmt.Errorf("read commenters: %w", err)
	}
	commenters := make([]transfer.Commenter, len(rows))
	for i, r := range rows {
		commenters[i] = transfer.Commenter{Type: transfer.TypeCommenter, ID: string(r.ID), Name: r.Name,
			Sealed: r.EmailSealed,
			Index:  r.EmailIndex, ConfirmedAt: pointerTo(r.ConfirmedAt), FirstSeenAt: r.FirstSeenAt.time(),
			LastSeenAt: r.LastSeenAt.time()}
	}
	return commenters, nil
}

// ExportedBlocks returns the blocks of a site.
func (s *ArchiveStore) ExportedBlocks(ctx context.Context, siteID string) ([]transfer.Block, error) {
	var rows []blockRow
	if err := s.selectAll(ctx, &rows, selectBlocks+` WHERE b.site_id = $1 ORDER BY b.id`, ID(siteID)); err != nil {
		return nil, fmt.Errorf("read blocks: %w", err)
	}
	blocks := make([]transfer.Block, len(rows))
	for i, r := range rows {
		blocks[i] = transfer.Block{Type: transfer.TypeBlock, ID: string(r.ID), Kind: r.Kind, Index: r.Index, Shown: r.Shown,
			Action: r.Action, Note: r.Note, Comment: string(r.CommentID), CreatedBy: r.ModeratorID,
			CreatedAt: r.CreatedAt.time(), ExpiresAt: pointerTo(r.ExpiresAt)}
	}
	return blocks, nil
}

// exportedComment is a row of comments with where it came from. Its HTML is that of the present revision.
type exportedComment struct {
	commentRow
	SourceKey nullBytes `db:"source_key"`
}

// No counters: an import counts anew.
var exportedComments = `SELECT ` + columnsOf("c", `id, article_id, commenter_id, parent_id, status, version, revision,
		author_name, author_url, body_html, public_reason, score, risk, language, cluster, browser_id, up_votes,
		down_votes, staff, featured, badges, avatar_url, created_at, edited_at`) + `, i.source_key
	FROM comments c LEFT JOIN imported_comments i ON i.comment_id = c.id`

// ExportedComments returns comments with everything that belongs to them.
func (s *ArchiveStore) ExportedComments(
	ctx context.Context, sel archive.Selection, after string, limit int,
) ([]transfer.NativeComment, error) {
	// An index on the site would have all its comments sorted again for each page.
	condition, args := selectedBy(sel, s.unindexed)
	var rows []exportedComment
	err := s.selectAll(ctx, &rows, exportedComments+` WHERE `+condition+` AND c.id > ? ORDER BY c.id LIMIT ?`,
		append(args, ID(after), limit)...)
	if err != nil {
		return nil, fmt.Errorf("read comments: %w", err)
	}
	return s.completed(ctx, rows)
}

// CommentsWithIDs returns comments of a site, in no order.
func (s *ArchiveStore) CommentsWithIDs(
	ctx context.Context, siteID string, ids []string,
) ([]transfer.NativeComment, error) {
	var rows []exportedComment
	err := s.selectAll(ctx, &rows, exportedComments+` WHERE c.site_id = ? AND c.id IN (?)`, ID(siteID), padded(toIDs(ids)))
	if err != nil {
		return nil, fmt.Errorf("read comments: %w", err)
	}
	return s.completed(ctx, rows)
}

// CommentersByIndex returns the commenters of all sites with one of the indexes of an email.
func (s *ArchiveStore) CommentersByIndex(ctx context.Context, indexes [][]byte) ([]moderation.Commenter, error) {
	var rows []commenterRow
	err := s.selectAll(ctx, &rows, `SELECT `+commenterColumns+` FROM commenters WHERE email_index IN (?) ORDER BY site_id, id`,
		indexes)
	if err != nil {
		return nil, fmt.Errorf("find commenters: %w", err)
	}
	commenters := make([]moderation.Commenter, len(rows))
	for i, r := range rows {
		commenters[i] = r.commenter()
	}
	return commenters, nil
}
