package db

import (
	"context"
	"fmt"

	"rejoinder/auth"
)

// Sealed is a stored email with the context that it was sealed for.
type Sealed struct {
	Email   []byte
	Context string
}

// NewestSealed returns the sealed email of the newest commenter and that of the newest moderator, of those
// that there are. With none, the database has no email that only the keys it was sealed with can open.
func (d *DB) NewestSealed(ctx context.Context) ([]Sealed, error) {
	var rows []struct {
		ID        string `db:"id"`
		Email     []byte `db:"email_sealed"`
		Moderator int    `db:"moderator"`
	}
	// Ids are sorted by the time of making.
	err := d.selectAll(ctx, &rows, `
		SELECT id, email_sealed, 0 AS moderator FROM (SELECT id, email_sealed FROM commenters
			WHERE length(email_sealed) > 0 ORDER BY id DESC LIMIT 1) c
		UNION ALL
		SELECT id, email_sealed, 1 AS moderator FROM (SELECT id, email_sealed FROM moderators ORDER BY id DESC LIMIT 1) m`)
	if err != nil {
		return nil, fmt.Errorf("look for sealed emails: %w", err)
	}
	sealed := make([]Sealed, len(rows))
	for i, row := range rows {
		sealed[i] = Sealed{Email: row.Email, Context: row.ID}
		if row.Moderator == 1 {
			sealed[i].Context = auth.Moderator{ID: row.ID}.EmailContext()
		}
	}
	return sealed, nil
}
