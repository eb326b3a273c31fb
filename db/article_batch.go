package db

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"rejoinder/moderation"
)

var articleInsert = insertInto("articles", articleColumns, `ON CONFLICT (site_id, article_key) DO NOTHING`)

// values are the parameters of articleInsert.
func (r articleRow) values() []any {
	return []any{r.ID, r.SiteID, r.Key, r.URL, r.Title, r.Tags, r.Closed, r.CloseAfterDays, r.Mode, r.Schedule,
		r.PinnedID, r.Registered, r.PublishedAt, r.ApprovedCount, r.Version, r.CreatedAt}
}

// PutArticles stores a batch of articles in one transaction. Like submissions, it inserts articles in the
// order of their keys before it locks others in the order of their ids. ErrVersion if a new article was
// registered concurrently, or an existing one changed.
func (s *ArticleStore) PutArticles(ctx context.Context, b moderation.ArticleBatch) error {
	return s.write(ctx, "put articles", func(tx executor) error {
		found, err := articlesOfKeys(ctx, tx, b.SiteID, b.Keys)
		if err != nil {
			return err
		}
		writes, audit := b.Plan(found)
		var created, changed []moderation.Article
		for _, write := range writes {
			if write.New {
				created = append(created, write.Article)
			} else {
				changed = append(changed, write.Article)
			}
		}
		if err := insertArticles(ctx, tx, created); err != nil {
			return err
		}
		slices.SortFunc(changed, func(a, b moderation.Article) int { return cmp.Compare(a.ID, b.ID) })
		for _, a := range changed {
			if err := updateArticle(ctx, tx, a); err != nil {
				return err
			}
		}
		return insertAudit(ctx, tx, audit)
	})
}

// insertArticles inserts new articles. ErrVersion when the site has one of their keys.
func insertArticles(ctx context.Context, x executor, articles []moderation.Article) error {
	slices.SortFunc(articles, func(a, b moderation.Article) int { return cmp.Compare(a.Key, b.Key) })
	values := make([][]any, len(articles))
	for i, a := range articles {
		row, err := newArticleRow(a)
		if err != nil {
			return err
		}
		values[i] = row.values()
	}
	n, err := x.execRows(ctx, articleInsert.rowsStmt, values)
	if err == nil && n < int64(len(articles)) {
		err = moderation.ErrVersion
	}
	if err != nil {
		return err
	}
	for _, a := range articles {
		if err := insertAuthors(ctx, x, a); err != nil {
			return err
		}
	}
	return nil
}

// articlesOfKeys returns the articles with these keys or aliases, by the key that names them.
func articlesOfKeys(
	ctx context.Context, x executor, siteID string, keys []string,
) (map[string]moderation.Article, error) {
	found := map[string]moderation.Article{}
	if len(keys) == 0 {
		return found, nil
	}
	var named []struct {
		ID  ID     `db:"id"`
		Key string `db:"named"`
	}
	list := padded(keys)
	err := x.selectAll(ctx, &named, `
		SELECT id, article_key AS named FROM articles WHERE site_id = ? AND article_key IN (?)
		UNION ALL
		SELECT article_id, alias_key FROM article_aliases WHERE site_id = ? AND alias_key IN (?)`,
		ID(siteID), list, ID(siteID), list)
	if err != nil || len(named) == 0 {
		return found, err
	}
	ids := make([]ID, len(named))
	for i, each := range named {
		ids[i] = each.ID
	}
	var rows []articleRow
	err = x.selectAll(ctx, &rows,
		`SELECT `+articleColumns+` FROM articles WHERE id IN (?) ORDER BY id`, padded(ids))
	if err != nil {
		return nil, err
	}
	articles, at := make([]moderation.Article, len(rows)), map[ID]int{}
	for i, row := range rows {
		if articles[i], err = row.article(); err != nil {
			return nil, err
		}
		at[row.ID] = i
	}
	if err := addAuthors(ctx, x, articles); err != nil {
		return nil, err
	}
	for _, each := range named {
		if i, ok := at[each.ID]; ok {
			found[each.Key] = articles[i]
		}
	}
	return found, nil
}

// updateArticle writes what UpdateArticle changes, with the search index and the announcement.
func updateArticle(ctx context.Context, x executor, a moderation.Article) error {
	row, err := newArticleRow(a)
	if err != nil {
		return err
	}
	var before articleRow
	err = x.get(ctx, &before, `SELECT title, approved_count FROM articles WHERE id = $1`+x.forUpdate, row.ID)
	if errors.Is(err, moderation.ErrNotFound) {
		return moderation.ErrVersion
	}
	if err != nil {
		return err
	}
	n, err := x.execNamed(ctx, `
		UPDATE articles SET title = :title, url = :url, tags = :tags, closed = :closed, close_after_days = :close_after_days,
			mode = :mode, schedule = :schedule, registered = :registered, published_at = :published_at, version = version + 1
		WHERE id = :id AND version = :version`, row)
	if err == nil && n == 0 {
		err = moderation.ErrVersion
	}
	if err != nil {
		return err
	}
	if err := putAuthors(ctx, x, a); err != nil {
		return err
	}
	if before.Title != row.Title {
		if err := indexArticle(ctx, x, string(row.ID)); err != nil {
			return err
		}
	}
	return x.announce(ctx, moderation.Change{Kind: moderation.ChangeArticle, SiteID: string(row.SiteID),
		ArticleID: string(row.ID), Version: row.Version + 1, Count: before.ApprovedCount})
}
