package db

import (
	"context"
	"fmt"

	"rejoinder/auth"
)

// Sealed is a stored email, or another secret, with the context that it was sealed for.
type Sealed struct {
	Email   []byte
	Context string
}

// NewestSealed returns the sealed email of the newest commenter, that of the newest moderator, and the newest
// identity key, as far as they exist. If none exists, the database contains nothing sealed.
func (d *DB) NewestSealed(ctx context.Context) ([]Sealed, error) {
	// Ids are sorted by the time of making.
	var commenters []commenterRow
	err := d.selectAll(ctx, &commenters, `
		SELECT id, email_sealed FROM commenters WHERE length(email_sealed) > 0 ORDER BY id DESC LIMIT 1`)
	if err != nil {
		return nil, fmt.Errorf("look for sealed emails: %w", err)
	}
	var moderators []moderatorRow
	err = d.selectAll(ctx, &moderators, `SELECT id, email_sealed FROM moderators WHERE `+peopleOnly+` ORDER BY id DESC LIMIT 1`)
	if err != nil {
		return nil, fmt.Errorf("look for sealed emails: %w", err)
	}
	var keys []identityKeyRow
	err = d.selectAll(ctx, &keys, `SELECT id, sealed FROM identity_keys ORDER BY id DESC LIMIT 1`)
	if err != nil {
		return nil, fmt.Errorf("look for sealed emails: %w", err)
	}
	sealed := []Sealed{}
	for _, row := range keys {
		sealed = append(sealed, Sealed{Email: row.Sealed, Context: string(row.ID)})
	}
	for _, row := range commenters {
		sealed = append(sealed, Sealed{Email: row.EmailSealed, Context: string(row.ID)})
	}
	for _, row := range moderators {
		sealed = append(sealed, Sealed{Email: row.EmailSealed, Context: auth.Moderator{ID: row.ID}.EmailContext()})
	}
	return sealed, nil
}
