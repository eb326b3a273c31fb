package db

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"rejoinder/moderation"
)

// alikeCap is how many of the newest submissions are looked at in each band. During a flood that is more than enough.
const alikeCap = 100

// sketchesAtOnce is of how many comments sketches are read at once.
const sketchesAtOnce = 512

var sketchInsert = overRows(`INSERT INTO sketches (comment_id, revision, site_id, band_1, band_2, band_3, band_4, sketch, created_at) VALUES`,
	`(?, ?, ?, ?, ?, ?, ?, ?, ?)`, ``)

// sketchRows is the row by which a submission is found that is nearly the same as another; none for a short text.
func sketchRows(r moderation.SubmissionRecord) [][]any {
	if len(r.Likeness.Sketch) == 0 {
		return nil
	}
	bands := r.Likeness.Bands
	return [][]any{{r.CommentID, r.Revision, r.SiteID, bands[0], bands[1], bands[2], bands[3], r.Likeness.Sketch, Time(r.CreatedAt)}}
}

// forgetSketches removes the sketches of comments whose text is erased.
func (s session) forgetSketches(ctx context.Context, commentIDs []string) error {
	_, err := s.execIn(ctx, `DELETE FROM sketches WHERE comment_id IN (?)`, commentIDs)
	return err
}

// ForgetSketches removes sketches of submissions made before then, in transactions of 1,000 rows, and returns how many.
func (d *DB) ForgetSketches(ctx context.Context, before time.Time) (int64, error) {
	return d.sweep(ctx, "forget sketches", `
		DELETE FROM sketches
		WHERE (comment_id, revision) IN (SELECT comment_id, revision FROM sketches
		                                 WHERE created_at < $1
		                                 ORDER BY created_at LIMIT $2)`, before)
}

// likeness asks who has a band in common with texts, in the last day: for each, the ids of comments, the newest first in
// each band. moment is the engine's name for one.
func likeness(moment string) rowsStatement {
	var having []string
	for band := range 4 {
		having = append(having, fmt.Sprintf(`COALESCE((
				SELECT string_agg(recent.comment_id, ' ')
				FROM (SELECT h.comment_id FROM sketches h
				      WHERE h.site_id = k.column2 AND h.band_%d = k.column%d AND h.created_at > k.column3
				      ORDER BY h.created_at DESC LIMIT %d) AS recent), '')`, band+1, band+4, alikeCap))
	}
	return overRows(`
			SELECT k.column1 AS n, `+strings.Join(having, ` || ' ' || `)+` AS ids
			FROM (VALUES`, `(CAST(? AS INTEGER), ?, CAST(? AS `+moment+`), CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS BIGINT))`, `) AS k`)
}

// findAlike finds the submissions of the last 24 hours that share a band with a text.
func (d *DB) findAlike(ctx context.Context, all []*inquiry) error {
	var asked [][]any
	for n, q := range all {
		if like := q.Likeness; len(like.Sketch) > 0 {
			asked = append(asked, []any{n, q.SiteID, Time(q.Now.AddDate(0, 0, -1)), like.Bands[0], like.Bands[1], like.Bands[2], like.Bands[3]})
		}
	}
	rows, err := askRows[struct {
		N   int    `db:"n"`
		IDs string `db:"ids"`
	}](ctx, d, d.velocity.alike, asked)
	if err != nil {
		return err
	}
	found, every := make([][]string, len(all)), []string{}
	for _, row := range rows {
		found[row.N] = strings.Fields(row.IDs)
		every = append(every, found[row.N]...)
	}
	sources, err := d.sketched(ctx, every)
	if err != nil {
		return err
	}
	for n, q := range all {
		seen := map[string]bool{q.ExceptComment: true}
		for _, id := range found[n] {
			if !seen[id] {
				q.Alike = append(q.Alike, sources[id]...)
			}
			seen[id] = true
		}
	}
	return nil
}

// sketched reads the sketches of comments. It is asked apart from the bands, since most texts are like no other.
func (d *DB) sketched(ctx context.Context, ids []string) (map[string][]moderation.Alike, error) {
	slices.Sort(ids)
	sources := map[string][]moderation.Alike{}
	for some := range slices.Chunk(slices.Compact(ids), sketchesAtOnce) {
		var rows []struct {
			ID        string `db:"id"`
			ArticleID string `db:"article_id"`
			Cluster   string `db:"cluster"`
			Sketch    []byte `db:"sketch"`
		}
		// Not joined: engines that know little of the tables would read one of them all.
		err := d.allInKept(ctx, &rows, `
			SELECT h.comment_id AS id, h.sketch, (SELECT c.article_id FROM comments c WHERE c.id = h.comment_id) AS article_id,
				(SELECT c.cluster FROM comments c WHERE c.id = h.comment_id) AS cluster
			FROM sketches h WHERE h.comment_id IN (?)
			ORDER BY h.comment_id, h.revision`, padded(some))
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			sources[row.ID] = append(sources[row.ID], moderation.Alike{ArticleID: row.ArticleID, Cluster: row.Cluster, Sketch: row.Sketch})
		}
	}
	return sources, nil
}
