package db

import (
	"context"
	"errors"
	"fmt"

	"rejoinder/moderation"
)

var threadArticle = `
	SELECT ` + prefixed("s", "site", siteColumns) + `, r.ruleset_id AS "site.active_ruleset",
	       ` + prefixed("a", "article", articleColumns) + `
	FROM sites s
		JOIN articles a ON a.site_id = s.id
		LEFT JOIN active_rulesets r ON r.site_id = s.id
	WHERE s.slug = $1 AND a.article_key = $2`

type threadArticleRow struct {
	Site    siteRow    `db:"site"`
	Article articleRow `db:"article"`
}

func (r threadArticleRow) read() (moderation.Site, moderation.Article, error) {
	site, err := r.Site.site()
	if err != nil {
		return site, moderation.Article{}, err
	}
	article, err := r.Article.article()
	return site, article, err
}

// ThreadArticle finds a site and its article at once, by the article's own key or an alias. ErrSiteUnknown;
// the article has no ID when the key is unknown.
func (s *ThreadStore) ThreadArticle(
	ctx context.Context, slug, key string,
) (moderation.Site, moderation.Article, error) {
	var row threadArticleRow
	err := s.prepared.get(ctx, &row, threadArticle, slug, key)
	if err == nil {
		return row.read()
	}
	if !errors.Is(err, moderation.ErrNotFound) {
		return moderation.Site{}, moderation.Article{}, fmt.Errorf("find article: %w", err)
	}
	site, err := s.sites.SiteBySlug(ctx, slug)
	if err != nil {
		return moderation.Site{}, moderation.Article{}, err
	}
	article, err := s.articles.Article(ctx, site.ID, key)
	if errors.Is(err, moderation.ErrNotFound) {
		err = nil
	}
	return site, article, err
}

const articleVersion = `
	SELECT a.id, a.version, a.approved_count FROM sites s JOIN articles a ON a.site_id = s.id
	WHERE s.slug = $1 AND a.article_key = $2`

// ArticleVersion returns the version of an article's thread, by the article's own key or an alias.
// ErrSiteUnknown, and ErrNotFound when the key is not known.
func (s *ThreadStore) ArticleVersion(ctx context.Context, slug, key string) (moderation.ArticleVersion, error) {
	var row articleRow
	err := s.prepared.get(ctx, &row, articleVersion, slug, key)
	if err == nil {
		return moderation.ArticleVersion{ArticleID: string(row.ID), Version: row.Version, Count: row.ApprovedCount}, nil
	}
	if !errors.Is(err, moderation.ErrNotFound) {
		return moderation.ArticleVersion{}, fmt.Errorf("find article: %w", err)
	}
	_, article, err := s.ThreadArticle(ctx, slug, key)
	if err == nil && article.ID == "" {
		err = moderation.ErrNotFound
	}
	return moderation.ArticleVersion{
		ArticleID: article.ID,
		Version:   article.Version,
		Count:     article.ApprovedCount,
	}, wrap("find article", err)
}
