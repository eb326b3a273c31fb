package db

import (
	"context"
	"fmt"
)

// HoldsSealed reports whether the database has emails that only the keys they were sealed with can open.
func (d *DB) HoldsSealed(ctx context.Context) (bool, error) {
	var rows int
	err := d.get(ctx, &rows, `
		SELECT count(*) FROM (
			SELECT id FROM (SELECT id FROM commenters LIMIT 1) c
			UNION ALL
			SELECT id FROM (SELECT id FROM moderators LIMIT 1) m
		) sealed`)
	if err != nil {
		return false, fmt.Errorf("look for sealed emails: %w", err)
	}
	return rows > 0, nil
}
