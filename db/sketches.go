package db

import (
	"context"
	"fmt"
	"time"

	"rejoinder/moderation"
)

// alikeCap is how many of the newest submissions are looked at in each band. During a flood that is more than enough.
const alikeCap = 100

// insertSketch stores by what a submission is found that is nearly the same as another.
func (s session) insertSketch(ctx context.Context, r moderation.SubmissionRecord) error {
	for _, band := range r.Likeness.Bands {
		_, err := s.exec(ctx, `
			INSERT INTO sketches (site_id, band, created_at, submission_id, sketch) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (site_id, band, created_at, submission_id) DO NOTHING`,
			r.SiteID, band, Time(r.CreatedAt), r.ID, r.Likeness.Sketch)
		if err != nil {
			return err
		}
	}
	return nil
}

// alike returns the submissions of the last 24 hours that share a band with a text, each once.
func (d *DB) alike(ctx context.Context, q moderation.BackgroundQuery) ([]moderation.Alike, error) {
	var found []moderation.Alike
	seen := map[string]bool{}
	for _, band := range q.Likeness.Bands {
		var rows []struct {
			ID        string    `db:"submission_id"`
			ArticleID string    `db:"article_id"`
			Cluster   string    `db:"cluster"`
			Sketch    nullBytes `db:"sketch"`
		}
		err := d.allKept(ctx, &rows, `
			SELECT k.submission_id, s.article_id, c.cluster, k.sketch
			FROM sketches k JOIN submissions s ON s.id = k.submission_id JOIN comments c ON c.id = s.comment_id
			WHERE k.site_id = $1 AND k.band = $2 AND k.created_at > $3 AND s.comment_id <> $4
			ORDER BY k.created_at DESC
			LIMIT $5`, q.SiteID, band, Time(q.Now.AddDate(0, 0, -1)), q.ExceptComment, alikeCap)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if !seen[r.ID] {
				seen[r.ID] = true
				found = append(found, moderation.Alike{ArticleID: r.ArticleID, Cluster: r.Cluster, Sketch: r.Sketch})
			}
		}
	}
	return found, nil
}

// copyCluster returns the cluster of the newest submission of the last 24 hours with the same fingerprint, or none.
func (d *DB) copyCluster(ctx context.Context, q moderation.BackgroundQuery) (string, error) {
	var found []string
	err := d.allKept(ctx, &found, `
		SELECT c.cluster FROM submissions s JOIN comments c ON c.id = s.comment_id
		WHERE s.site_id = $1 AND s.fingerprint = $2 AND s.created_at > $3 AND s.comment_id <> $4
		ORDER BY s.created_at DESC
		LIMIT 1`, q.SiteID, q.Fingerprint, Time(q.Now.AddDate(0, 0, -1)), q.ExceptComment)
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0], nil
}

// forgetSketches removes the sketches of comments whose text is erased.
func (s session) forgetSketches(ctx context.Context, commentIDs []string) error {
	_, err := s.execIn(ctx, `
		DELETE FROM sketches WHERE submission_id IN (SELECT id FROM submissions WHERE comment_id IN (?))`, commentIDs)
	return err
}

// ForgetSketches removes sketches of submissions made before then, in transactions of about 1,000 submissions, and
// returns how many rows it removed.
func (d *DB) ForgetSketches(ctx context.Context, before time.Time) (int64, error) {
	n, err := d.sweep(ctx, "forget sketches", `
		DELETE FROM sketches
		WHERE submission_id IN (SELECT submission_id FROM sketches WHERE created_at < $1 ORDER BY created_at LIMIT $2)`, before)
	if err != nil {
		return n, fmt.Errorf("forget sketches: %w", err)
	}
	return n, nil
}
