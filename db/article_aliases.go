package db

import (
	"context"
	"errors"
	"fmt"

	"rejoinder/moderation"
)

// aliasTarget returns the id of the article that the key is an alias of, or an empty string.
func aliasTarget(ctx context.Context, x executor, siteID, key string) (string, error) {
	ids, err := x.selectIDs(ctx, `SELECT article_id FROM article_aliases WHERE site_id = $1 AND alias_key = $2`,
		ID(siteID), key)
	if err != nil || len(ids) == 0 {
		return "", err
	}
	return ids[0], nil
}

// CreateAlias stores an alias. If the key belongs to an article that was never commented on, it deletes that
// article and moves its aliases. Errors: ErrExists if the key is already an alias, ErrAliasTaken if it
// belongs to an article with comments.
func (s *ArticleStore) CreateAlias(
	ctx context.Context,
	siteID string,
	a moderation.ArticleAlias,
	audit *moderation.AuditEntry,
) error {
	return s.write(ctx, "create alias", func(tx executor) error {
		if err := replaceEmptyArticle(ctx, tx, siteID, a); err != nil {
			return err
		}
		n, err := tx.exec(ctx, `
			INSERT INTO article_aliases (site_id, alias_key, article_id, created_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (site_id, alias_key) DO NOTHING`, ID(siteID), a.Key, ID(a.ArticleID), Time(a.CreatedAt))
		if err == nil && n == 0 {
			err = moderation.ErrExists
		}
		if err != nil {
			return err
		}
		return announceKeyChange(ctx, tx, siteID, audit)
	})
}

// announceKeyChange announces that a key of the site refers to another article. Subscribers must drop all
// pages of the site.
func announceKeyChange(ctx context.Context, x executor, siteID string, audit *moderation.AuditEntry) error {
	if err := x.announce(ctx, moderation.Change{Kind: moderation.ChangeSite, SiteID: siteID}); err != nil {
		return err
	}
	return insertAudit(ctx, x, audit)
}

// replaceEmptyArticle removes an article without comments whose key becomes an alias. The foreign key refuses
// the removal of an article that gets its first comment at this moment.
func replaceEmptyArticle(ctx context.Context, x executor, siteID string, a moderation.ArticleAlias) error {
	var id ID
	err := x.get(ctx, &id, `SELECT id FROM articles WHERE site_id = $1 AND article_key = $2`, ID(siteID), a.Key)
	if errors.Is(err, moderation.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	comments, err := x.selectIDs(ctx, `SELECT id FROM submissions WHERE article_id = $1 LIMIT 1`, id)
	if err != nil {
		return err
	}
	if len(comments) > 0 {
		return moderation.ErrAliasTaken
	}
	_, err = x.exec(ctx, `UPDATE article_aliases SET article_id = $2 WHERE article_id = $1`, id, ID(a.ArticleID))
	if err != nil {
		return err
	}
	if _, err = x.exec(ctx, `DELETE FROM article_authors WHERE article_id = $1`, id); err != nil {
		return err
	}
	_, err = x.exec(ctx, `DELETE FROM articles WHERE id = $1`, id)
	if errors.Is(err, moderation.ErrNotFound) {
		return moderation.ErrAliasTaken
	}
	return err
}

// DeleteAlias removes an alias. ErrNotFound when there is none with that key.
func (s *ArticleStore) DeleteAlias(ctx context.Context, siteID, key string, audit *moderation.AuditEntry) error {
	return s.write(ctx, "delete alias", func(tx executor) error {
		n, err := tx.exec(ctx, `DELETE FROM article_aliases WHERE site_id = $1 AND alias_key = $2`, ID(siteID), key)
		if err == nil && n == 0 {
			err = moderation.ErrNotFound
		}
		if err != nil {
			return err
		}
		return announceKeyChange(ctx, tx, siteID, audit)
	})
}

// aliasRow is an alias with its article's own key.
type aliasRow struct {
	Key        string `db:"alias_key"`
	ArticleKey string `db:"article_key"`
	ArticleID  ID     `db:"article_id"`
	CreatedAt  Time   `db:"created_at"`
}

func aliasesOf(rows []aliasRow) []moderation.ArticleAlias {
	aliases := make([]moderation.ArticleAlias, len(rows))
	for i, r := range rows {
		aliases[i] = moderation.ArticleAlias{
			Key:        r.Key,
			ArticleKey: r.ArticleKey,
			ArticleID:  string(r.ArticleID),
			CreatedAt:  r.CreatedAt.time(),
		}
	}
	return aliases
}

// Aliases returns a site's aliases after the given place, newest first. A place is named by time and key.
func (s *ArticleStore) Aliases(
	ctx context.Context,
	siteID string,
	after *moderation.ThreadKey,
	limit int,
) ([]moderation.ArticleAlias, error) {
	var rows []aliasRow
	at, key := keysetStart(after, maxTime)
	err := s.selectAll(ctx, &rows, `
		SELECT l.alias_key, a.article_key, l.article_id, l.created_at
		FROM article_aliases l JOIN articles a ON a.id = l.article_id
		WHERE l.site_id = $1 AND (l.created_at, l.alias_key) < ($2, $3)
		ORDER BY l.created_at DESC, l.alias_key DESC
		LIMIT $4`, ID(siteID), at, key, limit)
	if err != nil {
		return nil, fmt.Errorf("list aliases: %w", err)
	}
	return aliasesOf(rows), nil
}

// ArticleAliases returns an article's newest aliases.
func (s *ArticleStore) ArticleAliases(
	ctx context.Context, articleID string, limit int,
) ([]moderation.ArticleAlias, error) {
	var rows []aliasRow
	err := s.selectAll(ctx, &rows, `
		SELECT l.alias_key, a.article_key, l.article_id, l.created_at
		FROM article_aliases l JOIN articles a ON a.id = l.article_id
		WHERE l.article_id = $1
		ORDER BY l.created_at DESC, l.alias_key DESC
		LIMIT $2`, ID(articleID), limit)
	if err != nil {
		return nil, fmt.Errorf("list aliases of an article: %w", err)
	}
	return aliasesOf(rows), nil
}
