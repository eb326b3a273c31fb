package db

import (
	"context"
	"fmt"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// QueueRow returns one comment with its article and site. ErrNotFound.
func (s *QueueStore) QueueRow(ctx context.Context, commentID string) (queue.Row, error) {
	rows, err := queueRows(ctx, s.prepared, []string{commentID})
	if err == nil && len(rows) == 0 {
		err = moderation.ErrNotFound
	}
	if err != nil {
		return queue.Row{}, fmt.Errorf("read comment for moderation: %w", err)
	}
	return rows[0], nil
}

// QueueRows returns comments with article and site; those that do not exist are left out.
func (s *QueueStore) QueueRows(ctx context.Context, commentIDs []string) ([]queue.Row, error) {
	rows, err := queueRows(ctx, s.prepared, commentIDs)
	if err != nil {
		return nil, fmt.Errorf("read comments: %w", err)
	}
	return rows, nil
}

// queueRow is a comment as moderators see it, without the columns that a list does not show, since a page has
// many rows.
type queueRow struct {
	Comment    commentRow    `db:"comment"`
	Submission submissionRow `db:"submission"`
	ArticleKey string        `db:"article_key"`
	URL        string        `db:"url"`
	Title      string        `db:"title"`
	PinnedID   nullID        `db:"pinned_id"`
	SiteSlug   string        `db:"site_slug"`
	SiteName   string        `db:"site_name"`
	Appealed   bool          `db:"appealed"`
	Claimed    bool          `db:"claimed"`
}

var selectQueueRows = `
	SELECT ` + prefixed("c", "comment", commentColumns) + `,
		` + prefixed("s", "submission", `id, verdict, address_prefix`) + `,
		` + bodyExpr("s", "c") + ` AS "submission.body",
		a.article_key, a.url, a.title, a.pinned_id, t.slug AS site_slug, t.name AS site_name,
		EXISTS (SELECT 1 FROM appeals p WHERE p.comment_id = c.id) AS appealed,
		EXISTS (SELECT 1 FROM claims k WHERE k.comment_id = c.id) AS claimed
	FROM comments c
		JOIN submissions s ON s.comment_id = c.id AND s.revision = c.revision
		JOIN articles a ON a.id = c.article_id
		JOIN sites t ON t.id = c.site_id
	WHERE c.id IN (?)`

// queueRows reads comments with article and site, in the order of ids.
func queueRows(ctx context.Context, x executor, ids []string) ([]queue.Row, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	found := make([]queueRow, 0, len(ids))
	if err := x.selectAll(ctx, &found, selectQueueRows, padded(toIDs(ids))); err != nil {
		return nil, err
	}
	at := make(map[string]int, len(found))
	for i, f := range found {
		at[string(f.Comment.ID)] = i
	}
	rows := make([]queue.Row, 0, len(found))
	for _, id := range ids {
		if i, ok := at[id]; ok {
			rows = append(rows, found[i].row())
			delete(at, id)
		}
	}
	return rows, nil
}

func (r queueRow) row() queue.Row {
	return queue.Row{
		Comment: r.Comment.comment(),
		Article: moderation.Article{
			ID:       string(r.Comment.ArticleID),
			SiteID:   string(r.Comment.SiteID),
			Key:      r.ArticleKey,
			URL:      r.URL,
			Title:    r.Title,
			PinnedID: string(r.PinnedID),
		},
		Site:       moderation.Site{ID: string(r.Comment.SiteID), Slug: r.SiteSlug, Name: r.SiteName},
		Submission: r.Submission.submission(),
		Appealed:   r.Appealed,
		Claimed:    r.Claimed,
	}
}
