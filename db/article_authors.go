package db

import (
	"context"
	"fmt"

	"rejoinder/moderation"
)

// Staff returns the accounts of people who work on a site, by name and id.
func (s *ArticleStore) Staff(ctx context.Context, siteID string) ([]moderation.StaffAccount, error) {
	var rows []moderatorRow
	err := s.selectAll(ctx, &rows, `
		SELECT id, name, email_index, disabled_at FROM moderators
		WHERE `+peopleOnly+` AND (id IN (SELECT moderator_id FROM moderator_sites WHERE site_id = $1)
			OR NOT EXISTS (SELECT 1 FROM moderator_sites s WHERE s.moderator_id = moderators.id))
		ORDER BY name, id`, ID(siteID))
	if err != nil {
		return nil, fmt.Errorf("list staff: %w", err)
	}
	accounts := make([]moderation.StaffAccount, len(rows))
	for i, row := range rows {
		accounts[i] = moderation.StaffAccount{ArticleAuthor: moderation.ArticleAuthor{ID: row.ID, Name: row.Name},
			EmailIndex: row.EmailIndex, Disabled: !row.DisabledAt.time().IsZero()}
	}
	return accounts, nil
}

// IsAuthor reports whether an article names the account as an author.
func (s *ArticleStore) IsAuthor(ctx context.Context, articleID, moderatorID string) (bool, error) {
	var n int
	err := s.prepared.get(ctx, &n, `SELECT COUNT(*) FROM article_authors WHERE moderator_id = $1 AND article_id = $2`,
		moderatorID, ID(articleID))
	return n > 0, wrap("find author", err)
}

// ArticleAuthors returns the authors of an article, by name and id.
func (s *ArticleStore) ArticleAuthors(ctx context.Context, articleID string) ([]moderation.ArticleAuthor, error) {
	articles := []moderation.Article{{ID: articleID}}
	err := addAuthors(ctx, s.executor, articles)
	return articles[0].Authors, err
}

// addAuthors sets the authors of articles, by name and id.
func addAuthors(ctx context.Context, x executor, articles []moderation.Article) error {
	if len(articles) == 0 {
		return nil
	}
	ids, at := make([]ID, len(articles)), map[ID]*moderation.Article{}
	for i := range articles {
		ids[i] = ID(articles[i].ID)
		at[ids[i]] = &articles[i]
		articles[i].Authors = []moderation.ArticleAuthor{}
	}
	var rows []struct {
		ArticleID ID     `db:"article_id"`
		ID        string `db:"id"`
		Name      string `db:"name"`
	}
	err := x.selectAll(ctx, &rows, `
		SELECT a.article_id, m.id, m.name FROM article_authors a JOIN moderators m ON m.id = a.moderator_id
		WHERE a.article_id IN (?) ORDER BY m.name, m.id`, padded(ids))
	if err != nil {
		return fmt.Errorf("read authors: %w", err)
	}
	for _, row := range rows {
		a := at[row.ArticleID]
		a.Authors = append(a.Authors, moderation.ArticleAuthor{ID: row.ID, Name: row.Name})
	}
	return nil
}

// putAuthors replaces the authors of an article. It leaves those alone that were not loaded.
func putAuthors(ctx context.Context, x executor, a moderation.Article) error {
	if a.Authors == nil {
		return nil
	}
	if _, err := x.exec(ctx, `DELETE FROM article_authors WHERE article_id = $1`, ID(a.ID)); err != nil {
		return err
	}
	return insertAuthors(ctx, x, a)
}

func insertAuthors(ctx context.Context, x executor, a moderation.Article) error {
	for _, author := range a.Authors {
		_, err := x.exec(ctx, `INSERT INTO article_authors (article_id, moderator_id) VALUES ($1, $2)
			ON CONFLICT (moderator_id, article_id) DO NOTHING`, ID(a.ID), author.ID)
		if err != nil {
			return err
		}
	}
	return nil
}
