package db

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"rejoinder/moderation"
)

// alikeCap is how many of the newest submissions are looked at in each band. During a flood that is more than
// enough.
const alikeCap = 100

// commentsAtOnce is of how many comments it is asked at once where they are.
const commentsAtOnce = 512

var sketchInsert = overRows(
	`INSERT INTO sketches (comment_id, revision, site_id, band_1, band_2, band_3, band_4, sketch, created_at) VALUES`,
	`(?, ?, ?, ?, ?, ?, ?, ?, ?)`,
	``,
)

// sketchRows is the row by which a submission is found that is nearly the same as another; none for a short
// text.
func sketchRows(r moderation.SubmissionRecord) [][]any {
	if len(r.MinHash.Sketch) == 0 {
		return nil
	}
	bands := r.MinHash.Bands
	return [][]any{
		{r.CommentID, r.Revision, r.SiteID, bands[0], bands[1], bands[2], bands[3], r.MinHash.Sketch, Time(r.CreatedAt)},
	}
}

// forgetSketches removes the sketches of comments whose text is erased.
func (s session) forgetSketches(ctx context.Context, commentIDs []string) error {
	_, err := s.execIn(ctx, `DELETE FROM sketches WHERE comment_id IN (?)`, commentIDs)
	return err
}

// ForgetSketches removes sketches of submissions made before then, in transactions of 1,000 rows, and returns
// how many.
func (d *DB) ForgetSketches(ctx context.Context, before time.Time) (int64, error) {
	return d.sweep(ctx, "forget sketches", `
		DELETE FROM sketches
		WHERE (comment_id, revision) IN (SELECT comment_id, revision FROM sketches
		                                 WHERE created_at < $1
		                                 ORDER BY created_at LIMIT $2)`, before)
}

// alikeQuestion asks, in a question whose k are submissions, which others have a band in common with one, in
// the last day: for each its comment's id and its sketch, which hex writes in digits, the newest first in
// each band.
func alikeQuestion(hex string) string {
	var having []string
	for band := range 4 {
		having = append(having, fmt.Sprintf(`COALESCE((
				SELECT string_agg(recent.comment_id || ':' || %[4]s, ' ')
				FROM (SELECT h.comment_id, h.sketch FROM sketches h
				      WHERE h.site_id = k.column2 AND h.band_%[1]d = k.column%[3]d AND h.created_at > k.column4
				        AND h.comment_id <> k.column5
				      ORDER BY h.created_at DESC LIMIT %[2]d) AS recent), '')`, band+1, alikeCap, band+8, hex))
	}
	return strings.Join(having, ` || ' ' || `)
}

// nearOf reads what alikeQuestion finds, and names the comments of those submissions that say nearly the
// same: one for each submission, the newest first in each band.
func nearOf(like moderation.MinHash, found string) ([]string, error) {
	var near []string
	seen := map[string]bool{}
	for submission := range strings.FieldsSeq(found) {
		if seen[submission] {
			continue
		}
		seen[submission] = true
		id, digits, _ := strings.Cut(submission, ":")
		sketch, err := hex.DecodeString(digits)
		if err != nil {
			return nil, fmt.Errorf("read sketch: %w", err)
		}
		if like.NearDuplicate(sketch) {
			near = append(near, id)
		}
	}
	return near, nil
}

// tellAlike tells of the comments that say nearly the same as each submission. It is asked apart from them,
// since most texts are like no other.
func (d *DB) tellAlike(ctx context.Context, all []*inquiry, near [][]string) error {
	every := slices.Concat(near...)
	slices.Sort(every)
	known := map[string]moderation.NearDuplicate{}
	for some := range slices.Chunk(slices.Compact(every), commentsAtOnce) {
		var rows []struct {
			ID        string `db:"id"`
			ArticleID string `db:"article_id"`
			Cluster   string `db:"cluster"`
		}
		if err := d.allInKept(
			ctx,
			&rows,
			`SELECT id, article_id, cluster FROM comments WHERE id IN (?)`,
			padded(some),
		); err != nil {
			return err
		}
		for _, row := range rows {
			known[row.ID] = moderation.NearDuplicate{ArticleID: row.ArticleID, Cluster: row.Cluster}
		}
	}
	for n, ids := range near {
		for _, id := range ids {
			all[n].NearDuplicates = append(all[n].NearDuplicates, known[id])
		}
	}
	return nil
}
