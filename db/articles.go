package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/rules"
)

// ArticleStore stores articles and article_aliases.
type ArticleStore struct{ *core }

type articleRow struct {
	ID             ID            `db:"id"`
	SiteID         ID            `db:"site_id"`
	Key            string        `db:"article_key"`
	URL            string        `db:"url"`
	Title          string        `db:"title"`
	Tags           jsonText      `db:"tags"`
	Closed         bool          `db:"closed"`
	CloseAfterDays sql.NullInt32 `db:"close_after_days"`
	Mode           string        `db:"mode"`
	Schedule       jsonText      `db:"schedule"`
	PinnedID       nullID        `db:"pinned_id"`
	Registered     bool          `db:"registered"`
	PublishedAt    Time          `db:"published_at"`
	ApprovedCount  int           `db:"approved_count"`
	Version        int64         `db:"version"`
	CreatedAt      Time          `db:"created_at"`
}

const articleColumns = `id, site_id, article_key, url, title, tags, closed, close_after_days, mode, schedule, pinned_id,
	registered, published_at, approved_count, version, created_at`

func newArticleRow(a moderation.Article) (articleRow, error) {
	tags := a.Tags
	if tags == nil {
		tags = []string{}
	}
	written, err := json.Marshal(tags)
	if err != nil {
		return articleRow{}, fmt.Errorf("write tags: %w", err)
	}
	hours, err := json.Marshal(a.Schedule)
	if err != nil {
		return articleRow{}, fmt.Errorf("write schedule: %w", err)
	}
	row := articleRow{ID: ID(a.ID), SiteID: ID(a.SiteID), Key: a.Key, URL: a.URL, Title: a.Title, Tags: written,
		Closed: a.Closed, Mode: string(a.Mode), Schedule: hours, PinnedID: nullID(a.PinnedID), Registered: a.Registered,
		PublishedAt: Time(a.PublishedAt), Version: a.Version, CreatedAt: Time(a.CreatedAt)}
	if a.CloseAfterDays != nil {
		row.CloseAfterDays = sql.NullInt32{Int32: int32(*a.CloseAfterDays), Valid: true}
	}
	return row, nil
}

func (r articleRow) article() (moderation.Article, error) {
	a := moderation.Article{
		ID:            string(r.ID),
		SiteID:        string(r.SiteID),
		Key:           r.Key,
		URL:           r.URL,
		Title:         r.Title,
		Closed:        r.Closed,
		Mode:          rules.ModerationMode(r.Mode),
		PinnedID:      string(r.PinnedID),
		Registered:    r.Registered,
		PublishedAt:   r.PublishedAt.time(),
		ApprovedCount: r.ApprovedCount,
		Version:       r.Version,
		CreatedAt:     r.CreatedAt.time(),
	}
	if r.CloseAfterDays.Valid {
		days := int(r.CloseAfterDays.Int32)
		a.CloseAfterDays = &days
	}
	if len(r.Schedule) > len("{}") {
		if err := json.Unmarshal(r.Schedule, &a.Schedule); err != nil {
			return a, fmt.Errorf("read schedule of article %s: %w", r.ID, err)
		}
	}
	if len(r.Tags) > 0 {
		if err := json.Unmarshal(r.Tags, &a.Tags); err != nil {
			return a, fmt.Errorf("read tags of article %s: %w", r.ID, err)
		}
		if len(a.Tags) == 0 {
			a.Tags = nil
		}
	}
	return a, nil
}

// Article finds an article by its site and key, which may be an alias. ErrNotFound.
func (s *ArticleStore) Article(ctx context.Context, siteID, key string) (moderation.Article, error) {
	var row articleRow
	err := s.prepared.get(ctx, &row,
		`SELECT `+articleColumns+` FROM articles WHERE site_id = $1 AND article_key = $2`, ID(siteID), key)
	if errors.Is(err, moderation.ErrNotFound) {
		// Aliases last: most requests name an article's own key, and then one query is enough.
		err = s.prepared.get(ctx, &row, `
			SELECT `+articleColumns+` FROM articles
			WHERE id = (SELECT article_id FROM article_aliases WHERE site_id = $1 AND alias_key = $2)`, ID(siteID), key)
	}
	if err != nil {
		return moderation.Article{}, fmt.Errorf("find article: %w", err)
	}
	return row.article()
}

// ArticleByID finds an article by its id. ErrNotFound.
func (s *ArticleStore) ArticleByID(ctx context.Context, id string) (moderation.Article, error) {
	var row articleRow
	err := s.get(ctx, &row, `SELECT `+articleColumns+` FROM articles WHERE id = $1`, ID(id))
	if err != nil {
		return moderation.Article{}, fmt.Errorf("find article: %w", err)
	}
	return row.article()
}

// maxTime is after every time in the database, and begin before.
var (
	minTime = Time(time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC))
	maxTime = Time(time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC))
)

// keysetStart returns the place after which a page begins: that of key, or start.
func keysetStart(key *moderation.ThreadKey, start Time) (Time, string) {
	if key == nil {
		return start, ""
	}
	return Time(key.CreatedAt), key.ID
}

// Articles returns a site's articles after the given place, newest first.
func (s *ArticleStore) Articles(ctx context.Context, q moderation.ArticleSelect) ([]moderation.Article, error) {
	var rows []articleRow
	at, id := keysetStart(q.After, maxTime)
	condition, args := ``, []any{ID(q.SiteID), at, ID(id), q.Limit}
	if q.Text != "" {
		condition = ` AND (LOWER(title || ' ' || article_key || ' ' || url) LIKE $5 ESCAPE '!'
			OR title || ' ' || article_key || ' ' || url LIKE $6 ESCAPE '!'
			OR id IN (SELECT article_id FROM article_aliases WHERE site_id = $1 AND alias_key = $7))`
		args = append(args, likePattern(strings.ToLower(q.Text)), likePattern(q.Text), q.Text)
	}
	if q.AuthorID != "" {
		args = append(args, q.AuthorID)
		condition += fmt.Sprintf(` AND id IN (SELECT article_id FROM article_authors WHERE moderator_id = $%d)`, len(args))
	}
	err := s.selectAll(ctx, &rows, `
		SELECT `+articleColumns+` FROM articles
		WHERE site_id = $1 AND (created_at, id) < ($2, $3)`+condition+`
		ORDER BY created_at DESC, id DESC
		LIMIT $4`, args...)
	if err != nil {
		return nil, fmt.Errorf("list articles: %w", err)
	}
	articles := make([]moderation.Article, len(rows))
	for i, row := range rows {
		if articles[i], err = row.article(); err != nil {
			return nil, fmt.Errorf("list articles: %w", err)
		}
	}
	return articles, wrap("list articles", addAuthors(ctx, s.executor, articles))
}

// likePattern is a LIKE pattern for texts that contain the given one, with ! as the escape character.
func likePattern(text string) string {
	return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(text) + "%"
}

// Counts returns the number of approved comments of each key that is registered, as an alias too.
func (s *ArticleStore) Counts(ctx context.Context, siteID string, keys []string) (map[string]int, error) {
	counts := make(map[string]int, len(keys))
	if len(keys) == 0 {
		return counts, nil
	}
	var rows []articleRow
	err := s.selectAll(ctx, &rows, `
		SELECT article_key, approved_count FROM articles WHERE site_id = ? AND article_key IN (?)
		UNION ALL
		SELECT l.alias_key, a.approved_count FROM article_aliases l JOIN articles a ON a.id = l.article_id
		WHERE l.site_id = ? AND l.alias_key IN (?)`, ID(siteID), keys, ID(siteID), keys)
	if err != nil {
		return nil, fmt.Errorf("count comments: %w", err)
	}
	for _, row := range rows {
		counts[row.Key] = row.ApprovedCount
	}
	return counts, nil
}

// CreateArticle registers an article. ErrExists when its key is registered, or is an alias.
func (s *ArticleStore) CreateArticle(ctx context.Context, a moderation.Article, audit *moderation.AuditEntry) error {
	return s.write(ctx, "create article", func(tx executor) error {
		aliased, err := aliasTarget(ctx, tx, a.SiteID, a.Key)
		if err != nil {
			return err
		}
		if aliased != "" {
			return moderation.ErrExists
		}
		inserted, err := insertArticle(ctx, tx, a)
		if err == nil && !inserted {
			err = moderation.ErrExists
		}
		if err == nil {
			err = insertAuthors(ctx, tx, a)
		}
		if err != nil {
			return err
		}
		return insertAudit(ctx, tx, audit)
	})
}

// insertArticle reports false when the site has an article with that key.
func insertArticle(ctx context.Context, x executor, a moderation.Article) (bool, error) {
	row, err := newArticleRow(a)
	if err != nil {
		return false, err
	}
	n, err := x.execNamed(ctx, insertNamed("articles", articleColumns)+` ON CONFLICT (site_id, article_key) DO NOTHING`,
		row)
	return n > 0, err
}

// UpdateArticle writes title, url, tags, authors, closing, mode and publication time, and bumps the version.
// ErrVersion when the stored version is not a's, or the article is not there.
func (s *ArticleStore) UpdateArticle(ctx context.Context, a moderation.Article, audit *moderation.AuditEntry) error {
	return s.write(ctx, "update article", func(tx executor) error {
		if err := updateArticle(ctx, tx, a); err != nil {
			return err
		}
		return insertAudit(ctx, tx, audit)
	})
}

// articleID returns the id and title of an article, registering it if it is new.
func articleID(ctx context.Context, x executor, a moderation.Article) (id, title string, err error) {
	var found []articleRow
	id, err = aliasTarget(ctx, x, a.SiteID, a.Key)
	if err == nil && id == "" {
		var inserted bool
		if inserted, err = insertArticle(ctx, x, a); inserted {
			return a.ID, a.Title, err
		}
	}
	if err == nil {
		err = x.selectAll(ctx, &found,
			`SELECT id, title FROM articles WHERE id = $1 OR site_id = $2 AND article_key = $3`, ID(id), ID(a.SiteID),
			a.Key)
	}
	if err == nil && len(found) == 0 {
		err = moderation.ErrNotFound
	}
	if err != nil {
		return "", "", err
	}
	return string(found[0].ID), found[0].Title, nil
}
