package moderation

import (
	"context"
	"fmt"
	"time"
)

// ArticleAlias is an additional key for an article.
type ArticleAlias struct {
	Key        string // the alias
	ArticleKey string // the article's own key
	ArticleID  string
	CreatedAt  time.Time
}

// NewAlias is a request to add an alias.
type NewAlias struct {
	Key        string
	ArticleKey string // the article's own key, or one of its aliases
}

// AliasPage is one page of a site's aliases, newest first.
type AliasPage struct {
	Aliases    []ArticleAlias
	NextCursor string
}

// aliasesCursor identifies cursors of this list.
const aliasesCursor = "aliases"

// AliasStore is the storage of aliases.
type AliasStore interface {
	// CreateAlias stores an alias. If the key belongs to an article that was never commented on, it deletes
	// that article and moves its aliases to a's article. Errors: ErrExists if the key is already an alias,
	// ErrAliasTaken if it belongs to an article with comments.
	CreateAlias(ctx context.Context, siteID string, a ArticleAlias, audit *AuditEntry) error
	// DeleteAlias returns ErrNotFound if the alias does not exist.
	DeleteAlias(ctx context.Context, siteID, key string, audit *AuditEntry) error
	// Aliases returns a site's aliases after the given position, newest first.
	Aliases(ctx context.Context, siteID string, after *ThreadKey, limit int) ([]ArticleAlias, error)
	// ArticleAliases returns an article's newest aliases.
	ArticleAliases(ctx context.Context, articleID string, limit int) ([]ArticleAlias, error)
}

// AddAlias adds an alias to an existing article, so that a page keeps its thread when its key changes.
// n.ArticleKey may itself be an alias; the new alias then points to the article. Errors: *Invalid,
// ErrSiteUnknown, ErrArticleUnknown, ErrExists, ErrAliasTaken.
func (s *Sites) AddAlias(ctx context.Context, v Viewer, siteSlug string, n NewAlias) (ArticleAlias, error) {
	site, err := s.Find(ctx, v, siteSlug)
	if err != nil {
		return ArticleAlias{}, err
	}
	var faults Invalid
	n.Key, n.ArticleKey = parseKey(&faults, "/alias", n.Key), parseKey(&faults, "/article", n.ArticleKey)
	if err := faults.Err(); err != nil {
		return ArticleAlias{}, err
	}
	article, err := s.Store.Article(ctx, site.ID, n.ArticleKey)
	if isNotFound(err) {
		return ArticleAlias{}, fmt.Errorf("add alias: %w", ErrArticleUnknown)
	}
	if err != nil {
		return ArticleAlias{}, fmt.Errorf("add alias: %w", err)
	}
	if article.Key == n.Key {
		faults.Add("/alias", "same", "This is the article's own key.")
		return ArticleAlias{}, faults.Err()
	}
	alias := ArticleAlias{Key: n.Key, ArticleKey: article.Key, ArticleID: article.ID, CreatedAt: s.Now().UTC()}
	if err := s.Store.CreateAlias(ctx, site.ID, alias, s.audit(v, AuditAddAlias, site.ID, article.ID)); err != nil {
		return ArticleAlias{}, fmt.Errorf("add alias: %w", err)
	}
	return alias, nil
}

// RemoveAlias removes an alias. Errors: *Invalid, ErrSiteUnknown, ErrNotFound.
func (s *Sites) RemoveAlias(ctx context.Context, v Viewer, ref SiteArticle) error {
	site, err := s.Find(ctx, v, ref.SiteSlug)
	if err != nil {
		return err
	}
	key, err := ParseKey("/alias", ref.Key)
	if err != nil {
		return err
	}
	article, err := s.Store.Article(ctx, site.ID, key)
	if err == nil {
		err = s.Store.DeleteAlias(ctx, site.ID, key, s.audit(v, AuditRemoveAlias, site.ID, article.ID))
	}
	if err != nil {
		return fmt.Errorf("remove alias: %w", err)
	}
	return nil
}

// Aliases lists a site's aliases, newest first. Errors: ErrSiteUnknown, ErrCursor.
func (s *Sites) Aliases(ctx context.Context, v Viewer, siteSlug string, p Paging) (AliasPage, error) {
	site, err := s.Find(ctx, v, siteSlug)
	if err != nil {
		return AliasPage{}, err
	}
	var after *ThreadKey
	if p.Cursor != "" {
		after = new(ThreadKey)
		if err := DecodeCursor(p.Cursor, aliasesCursor, after); err != nil {
			return AliasPage{}, fmt.Errorf("list aliases: %w", err)
		}
	}
	aliases, err := s.Store.Aliases(ctx, site.ID, after, p.Limit+1)
	if err != nil {
		return AliasPage{}, fmt.Errorf("list aliases: %w", err)
	}
	page := AliasPage{Aliases: aliases}
	if len(aliases) > p.Limit {
		page.Aliases = aliases[:p.Limit]
		last := page.Aliases[p.Limit-1]
		page.NextCursor = EncodeCursor(aliasesCursor, ThreadKey{CreatedAt: last.CreatedAt, ID: last.Key})
	}
	return page, nil
}
