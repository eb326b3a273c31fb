package db

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"rejoinder/moderation"
)

// rateCap is where counts of velocity and copies end. No rule needs to tell a thousand in a minute from more, and
// an article in the news must not make every submission to it dearer.
const rateCap = 1_000

// Background reads what is known when a submission arrives. Unknown things are nil in the answer, not errors.
// Counts of velocity and copies end at 1,000.
func (d *DB) Background(ctx context.Context, q moderation.BackgroundQuery) (moderation.Background, error) {
	var b moderation.Background
	article, err := d.Article(ctx, q.SiteID, q.ArticleKey)
	switch {
	case err == nil:
		b.Article = &article
	case !errors.Is(err, moderation.ErrNotFound):
		return b, fmt.Errorf("read background: %w", err)
	}
	if err = d.parent(ctx, q, &b); err != nil {
		return b, fmt.Errorf("read background: %w", err)
	}
	commenters, err := d.commentersByEmail(ctx, q.SiteID, q.EmailIndexes)
	if err != nil {
		return b, fmt.Errorf("read background: %w", err)
	}
	if len(commenters) > 0 {
		b.Commenter = &commenters[0]
	}
	if err := d.activity(ctx, q, article.ID, commenters, &b); err != nil {
		return b, fmt.Errorf("read background: %w", err)
	}
	if b.Alike, err = d.alike(ctx, q); err != nil {
		return b, fmt.Errorf("read background: %w", err)
	}
	if b.CopyCluster, err = d.copyCluster(ctx, q); err != nil {
		return b, fmt.Errorf("read background: %w", err)
	}
	if b.Blocks, err = d.fittingBlocks(ctx, q); err != nil {
		return b, fmt.Errorf("read background: %w", err)
	}
	return b, nil
}

// parent reads the comment that is replied to, and whether it was written under the email of a moderator.
func (d *DB) parent(ctx context.Context, q moderation.BackgroundQuery, b *moderation.Background) error {
	if q.ParentID == "" {
		return nil
	}
	var row struct {
		commentRow
		ByModerator bool `db:"by_moderator"`
	}
	err := d.getKept(ctx, &row, `
		SELECT `+commentColumns+`,
		       EXISTS (SELECT 1 FROM commenters w JOIN moderators m ON m.email_index = w.email_index
		               WHERE w.id = comments.commenter_id AND m.disabled_at IS NULL) AS by_moderator
		FROM comments WHERE id = $1 AND site_id = $2`, q.ParentID, q.SiteID)
	if errors.Is(err, moderation.ErrNotFound) {
		return nil
	}
	comment := row.comment()
	b.Parent, b.ParentByModerator = &comment, row.ByModerator
	return err
}

// commentersByEmail returns whoever is known by one of the indexes of an email, the one under the first index first.
// There is more than one only after two processes with different primary keys met the same email.
func (d *DB) commentersByEmail(ctx context.Context, siteID string, indexes [][]byte) ([]moderation.Commenter, error) {
	if len(indexes) == 0 {
		return nil, nil
	}
	var rows []commenterRow
	err := d.allInKept(ctx, &rows, `
		SELECT `+commenterColumns+` FROM commenters c WHERE c.site_id = ? AND c.email_index IN (?)`, siteID, indexes)
	if err != nil {
		return nil, err
	}
	var found []moderation.Commenter
	for _, index := range indexes {
		for _, row := range rows {
			if bytes.Equal(row.EmailIndex, index) {
				found = append(found, row.commenter())
			}
		}
	}
	return found, nil
}

// activity counts what was sent lately: by the commenter, from the address, to the article, and the same text.
func (d *DB) activity(ctx context.Context, q moderation.BackgroundQuery, articleID string, by []moderation.Commenter,
	b *moderation.Background) error {
	ids := []string{""} // a list must not be empty; nobody has this id
	for _, c := range by {
		ids = append(ids, c.ID)
	}
	minute, hour, day := Time(q.Now.Add(-time.Minute)), Time(q.Now.Add(-time.Hour)), Time(q.Now.AddDate(0, 0, -1))
	var rows []struct {
		Scope  string `db:"scope"`
		First  int    `db:"first"`
		Second int    `db:"second"`
		Third  int    `db:"third"`
	}
	err := d.allInKept(ctx, &rows, `
		SELECT 'author' AS scope, COUNT(*) FILTER (WHERE created_at > ?) AS first,
		       COUNT(*) FILTER (WHERE created_at > ?) AS second, COUNT(*) AS third
		FROM (SELECT created_at FROM submissions
		      WHERE commenter_id IN (?) AND created_at > ?
		      ORDER BY created_at DESC LIMIT ?) AS recent
		UNION ALL
		SELECT 'address', COUNT(*) FILTER (WHERE created_at > ?), COUNT(*) FILTER (WHERE created_at > ?), COUNT(*)
		FROM (SELECT created_at FROM submissions
		      WHERE site_id = ? AND address_index = ? AND created_at > ?
		      ORDER BY created_at DESC LIMIT ?) AS recent
		UNION ALL
		SELECT 'article', COUNT(*) FILTER (WHERE created_at > ?), COUNT(*) FILTER (WHERE created_at > ?), COUNT(*)
		FROM (SELECT created_at FROM submissions
		      WHERE article_id = ? AND created_at > ?
		      ORDER BY created_at DESC LIMIT ?) AS recent
		UNION ALL
		SELECT 'copies', COUNT(*) FILTER (WHERE commenter_id IN (?)), COUNT(*) FILTER (WHERE article_id = ?), COUNT(*)
		FROM (SELECT commenter_id, article_id FROM submissions
		      WHERE site_id = ? AND fingerprint = ? AND created_at > ? AND comment_id <> ?
		      ORDER BY created_at DESC LIMIT ?) AS recent`,
		minute, hour, ids, day, rateCap,
		minute, hour, q.SiteID, nullBytes(q.AddressIndex), day, rateCap,
		minute, hour, articleID, day, rateCap,
		ids, articleID, q.SiteID, q.Fingerprint, day, q.ExceptComment, rateCap)
	if err != nil {
		return err
	}
	for _, r := range rows {
		rate := moderation.Rate{Minute: r.First, Hour: r.Second, Day: r.Third}
		switch r.Scope {
		case "author":
			b.Velocity.Author = rate
		case "address":
			b.Velocity.Address = rate
		case "article":
			b.Velocity.Article = rate
		case "copies":
			b.Copies = moderation.Copies{Author: r.First, Article: r.Second, Site: r.Third}
		}
	}
	return nil
}
