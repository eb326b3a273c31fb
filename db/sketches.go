package db

import (
	"context"
	"fmt"
	"time"

	"rejoinder/moderation"
)

// alikeCap is how many of the newest submissions are looked at in each band. During a flood that is more than enough.
const alikeCap = 100

// sketchesAtOnce is how many submissions are read at once.
const sketchesAtOnce = 512

var sketchInsert = overRows(`INSERT INTO sketches (site_id, band, created_at, submission_id, sketch) VALUES`,
	`(?, ?, ?, ?, ?)`, `ON CONFLICT (site_id, band, created_at, submission_id) DO NOTHING`)

// sketchRows are the rows by which a submission is found that is nearly the same as another.
func sketchRows(r moderation.SubmissionRecord) [][]any {
	rows := make([][]any, len(r.Likeness.Bands))
	for i, band := range r.Likeness.Bands {
		rows[i] = []any{r.SiteID, band, Time(r.CreatedAt), r.ID, r.Likeness.Sketch}
	}
	return rows
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
