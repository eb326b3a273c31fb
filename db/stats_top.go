package db

import (
	"context"
	"fmt"

	"rejoinder/moderation/stats"
)

// TopOfSite counts a site's newest comments by article and language.
func (s *RollupStore) TopOfSite(ctx context.Context, q stats.TopQuery) (stats.Top, error) {
	var rows []struct {
		Title    string `db:"title"`
		Key      string `db:"article_key"`
		Language string `db:"language"`
		N        int    `db:"n"`
	}
	err := s.selectAll(ctx, &rows, `
		SELECT a.title, a.article_key, newest.language, newest.n
		FROM (SELECT article_id, language, COUNT(*) AS n
		      FROM (SELECT s.article_id, c.language
		            FROM submissions s JOIN comments c ON c.id = s.comment_id
		            WHERE s.site_id = $1 AND s.created_at >= $2 AND s.created_at < $3 AND s.revision = 1 AND NOT c.staff
		            ORDER BY s.created_at DESC, s.id DESC
		            LIMIT $4) latest
		      GROUP BY article_id, language) newest
			JOIN articles a ON a.id = newest.article_id`, ID(q.SiteID), Time(q.From), Time(q.To), q.Limit)
	if err != nil {
		return stats.Top{}, fmt.Errorf("count comments by article: %w", err)
	}
	var top stats.Top
	total := 0
	for _, row := range rows {
		name := row.Title
		if name == "" {
			name = row.Key
		}
		top.Articles = append(top.Articles, stats.Counted{Name: name, N: row.N})
		top.Languages = append(top.Languages, stats.Counted{Name: row.Language, N: row.N})
		total += row.N
	}
	top.More = total >= q.Limit
	return top, nil
}
