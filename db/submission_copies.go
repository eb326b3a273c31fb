package db

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strings"
	"time"

	"rejoinder/moderation"
)

// maxNearPerBand is how many submissions of each band are compared, the newest: enough to notice a flood.
const maxNearPerBand = 100

// commentsPerQuery bounds the comments that one statement reads.
const commentsPerQuery = 512

var sketchInsert = insertInto("sketches",
	`band_1, band_2, band_3, band_4, revision, comment_id, sketch`, "")

// sketchRows is the sketch of a submission as a row; none for a text that is too short for one.
func sketchRows(r moderation.SubmissionRecord) [][]any {
	if len(r.MinHash.Sketch) == 0 {
		return nil
	}
	var row []any
	for _, band := range r.MinHash.Bands {
		row = append(row, bandKey(r.SiteID, band, r.CreatedAt))
	}
	return [][]any{append(row, r.Revision, ID(r.CommentID), r.MinHash.Sketch)}
}

// bandKey is a band as it is stored: a hash of site and band in the high 32 bits, the second of the submission in
// the low ones. So an index on one short column finds the newest submissions of a band. Hashes can collide; the
// query compares sketches and sites.
func bandKey(siteID string, band int64, at time.Time) int64 {
	hash := fnv.New32a()
	hash.Write(binary.BigEndian.AppendUint64([]byte(siteID), uint64(band))) //nolint:errcheck // it never fails
	return int64(hash.Sum32())<<32 | at.Unix()&bandSeconds
}

// bandSeconds masks the time in a bandKey.
const bandSeconds int64 = math.MaxUint32

// deleteSketches removes the sketches of comments whose text is erased.
func deleteSketches(ctx context.Context, x executor, commentIDs []string) error {
	_, err := x.exec(ctx, `DELETE FROM sketches WHERE comment_id IN (?)`, toIDs(commentIDs))
	return err
}

// selectCopies counts the submissions of the last day with a fingerprint: those to an article, and all. The
// cluster is that of the newest.
var selectCopies = newSelectStmt(
	`n INTEGER, article_id UUID, site_id UUID, fingerprint BYTEA, since TIMESTAMPTZ, comment_id UUID`, fmt.Sprintf(`
	SELECT CAST(:n AS INTEGER) AS n, COUNT(*) FILTER (WHERE article_id = :article_id) AS article, COUNT(*) AS site, (
		SELECT COALESCE(c.cluster, c.id) FROM submissions s JOIN comments c ON c.id = s.comment_id
		WHERE s.site_id = :site_id AND s.fingerprint = :fingerprint AND s.created_at > :since
		  AND s.comment_id <> :comment_id
		ORDER BY s.created_at DESC LIMIT 1) AS cluster
	FROM (SELECT article_id FROM submissions
	      WHERE site_id = :site_id AND fingerprint = :fingerprint AND created_at > :since AND comment_id <> :comment_id
	      ORDER BY created_at DESC LIMIT %d) AS recent`, maxCount))

// countCopies counts the submissions with the same fingerprint. countAuthors counts those of the same author.
func (s *SubmissionStore) countCopies(ctx context.Context, all []*submissionContext) error {
	var args [][]any
	for n, c := range all {
		if len(c.Fingerprint) == 0 {
			continue
		}
		args = append(args, []any{n, ID(c.articleID()), ID(c.SiteID), c.Fingerprint, Time(c.Now.AddDate(0, 0, -1)),
			ID(c.ExceptComment)})
	}
	rows, err := selectRows[struct {
		N       int    `db:"n"`
		Article int    `db:"article"`
		Site    int    `db:"site"`
		Cluster nullID `db:"cluster"`
	}](ctx, s.prepared, selectCopies, args)
	if err != nil {
		return err
	}
	for _, row := range rows {
		c := all[row.N]
		c.Copies.Article, c.Copies.Site, c.CopyCluster = row.Article, row.Site, string(row.Cluster)
	}
	return nil
}

// selectSketches finds the submissions of the last day that share a band with a text, the newest of each
// band.
var selectSketches = newSelectStmt(`n INTEGER, comment_id UUID, after_1 BIGINT, last_1 BIGINT, after_2 BIGINT,
	last_2 BIGINT, after_3 BIGINT, last_3 BIGINT, after_4 BIGINT, last_4 BIGINT`,
	strings.Join([]string{sketchesOfBand(1), sketchesOfBand(2), sketchesOfBand(3), sketchesOfBand(4)}, ` UNION ALL `))

func sketchesOfBand(band int) string {
	return fmt.Sprintf(`
		SELECT CAST(:n AS INTEGER) AS n, comment_id, sketch FROM (
			SELECT comment_id, sketch FROM sketches
			WHERE band_%[1]d > :after_%[1]d AND band_%[1]d <= :last_%[1]d AND comment_id <> :comment_id
			ORDER BY band_%[1]d DESC LIMIT %[2]d) AS recent`, band, maxNearPerBand)
}

// sketchRow is a submission that shares a band with the text of context n.
type sketchRow struct {
	N         int    `db:"n"`
	CommentID ID     `db:"comment_id"`
	Sketch    []byte `db:"sketch"`
}

// findNearCopies finds the submissions that say nearly the same.
func (s *SubmissionStore) findNearCopies(ctx context.Context, all []*submissionContext) error {
	var args [][]any
	for n, c := range all {
		if len(c.MinHash.Sketch) == 0 {
			continue
		}
		row := []any{n, ID(c.ExceptComment)}
		for _, band := range c.MinHash.Bands {
			since := bandKey(c.SiteID, band, c.Now.AddDate(0, 0, -1))
			row = append(row, since, since|bandSeconds)
		}
		args = append(args, row)
	}
	rows, err := selectRows[sketchRow](ctx, s.prepared, selectSketches, args)
	if err != nil {
		return err
	}
	type candidate struct {
		n                 int
		commentID, sketch string
	}
	seen := map[candidate]bool{} // the same may be found by several bands
	var near []sketchRow
	for _, row := range rows {
		c := candidate{row.N, string(row.CommentID), string(row.Sketch)}
		if !seen[c] && all[row.N].MinHash.NearDuplicate(row.Sketch) {
			near = append(near, row)
		}
		seen[c] = true
	}
	return s.loadNear(ctx, all, near)
}

// loadNear reads the comments of near copies. Most texts have none, so it is a query of its own.
func (s *SubmissionStore) loadNear(ctx context.Context, all []*submissionContext, near []sketchRow) error {
	var ids []string
	for _, row := range near {
		ids = append(ids, string(row.CommentID))
	}
	slices.Sort(ids)
	comments := map[siteKey]moderation.NearDuplicate{}
	for chunk := range slices.Chunk(slices.Compact(ids), commentsPerQuery) {
		var rows []struct {
			ID        ID `db:"id"`
			SiteID    ID `db:"site_id"`
			ArticleID ID `db:"article_id"`
			Cluster   ID `db:"cluster"`
		}
		err := s.prepared.selectAll(ctx, &rows, `
			SELECT id, site_id, article_id, COALESCE(cluster, id) AS cluster FROM comments WHERE id IN (?)`, padded(toIDs(chunk)))
		if err != nil {
			return err
		}
		for _, row := range rows {
			comments[siteKey{string(row.SiteID), string(row.ID)}] = moderation.NearDuplicate{
				ArticleID: string(row.ArticleID), Cluster: string(row.Cluster)}
		}
	}
	for _, row := range near {
		c := all[row.N]
		if near, ok := comments[siteKey{c.SiteID, string(row.CommentID)}]; ok {
			c.NearDuplicates = append(c.NearDuplicates, near)
		}
	}
	return nil
}
