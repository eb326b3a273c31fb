package db

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"rejoinder/auth"
	"rejoinder/moderation"
)

// ServerKeyStore stores server_keys. Each key has an account in moderators with its ID and the role 'key', so that
// logs, notes and blocks name keys as they name people. Nobody can sign in to it, and the stores of moderators
// leave it out (peopleOnly).
type ServerKeyStore struct{ *core }

const (
	keyRole = "key"
	// peopleOnly is the condition on moderators that leaves the accounts of server keys out.
	peopleOnly = `role <> 'key'`
)

type serverKeyRow struct {
	ID            string   `db:"id"`
	Name          string   `db:"name"`
	Scopes        jsonText `db:"scopes"`
	PerMinute     int      `db:"per_minute"`
	Hint          string   `db:"hint"`
	SecretHash    []byte   `db:"secret_hash"`
	PreviousHash  []byte   `db:"previous_hash"`
	PreviousUntil NullTime `db:"previous_until"`
	CreatedBy     string   `db:"created_by"`
	CreatedAt     Time     `db:"created_at"`
	RotatedAt     NullTime `db:"rotated_at"`
	ExpiresAt     NullTime `db:"expires_at"`
	RevokedAt     NullTime `db:"revoked_at"`
	LastUsedAt    NullTime `db:"last_used_at"`
}

const serverKeyColumns = `id, name, scopes, per_minute, hint, secret_hash, previous_hash, previous_until, created_by,
	created_at, rotated_at, expires_at, revoked_at, last_used_at`

func newServerKeyRow(k auth.ServerKey) (serverKeyRow, error) {
	scopes, err := json.Marshal(k.Scopes)
	if err != nil {
		return serverKeyRow{}, fmt.Errorf("write scopes: %w", err)
	}
	return serverKeyRow{
		ID: k.ID, Name: k.Name, Scopes: scopes, PerMinute: k.PerMinute, Hint: k.Hint, SecretHash: k.SecretHash,
		PreviousHash: k.PreviousHash, PreviousUntil: NullTime(stored(k.PreviousUntil)), CreatedBy: k.CreatedBy,
		CreatedAt: Time(k.CreatedAt), RotatedAt: NullTime(stored(k.RotatedAt)), ExpiresAt: NullTime(stored(k.ExpiresAt)),
		RevokedAt: NullTime(stored(k.RevokedAt)), LastUsedAt: NullTime(stored(k.LastUsedAt)),
	}, nil
}

func (r serverKeyRow) key() (auth.ServerKey, error) {
	k := auth.ServerKey{
		ID: r.ID, Name: r.Name, PerMinute: r.PerMinute, Hint: r.Hint, SecretHash: r.SecretHash,
		PreviousHash: r.PreviousHash, PreviousUntil: r.PreviousUntil.time(), CreatedBy: r.CreatedBy,
		CreatedAt: r.CreatedAt.time(), RotatedAt: r.RotatedAt.time(), ExpiresAt: r.ExpiresAt.time(),
		RevokedAt: r.RevokedAt.time(), LastUsedAt: r.LastUsedAt.time(),
	}
	if err := json.Unmarshal(r.Scopes, &k.Scopes); err != nil {
		return k, fmt.Errorf("read scopes of key %s: %w", r.ID, err)
	}
	return k, nil
}

// ServerKeys returns all keys with their sites, the newest first.
func (s *ServerKeyStore) ServerKeys(ctx context.Context) ([]auth.ServerKey, error) {
	var rows []struct {
		serverKeyRow
		SiteID nullID `db:"site_id"`
	}
	err := s.selectAll(ctx, &rows, `
		SELECT `+columnsOf("k", serverKeyColumns)+`, s.site_id
		FROM server_keys k LEFT JOIN moderator_sites s ON s.moderator_id = k.id
		ORDER BY k.created_at DESC, k.id DESC, s.site_id`)
	if err != nil {
		return nil, fmt.Errorf("list server keys: %w", err)
	}
	var keys []auth.ServerKey
	for _, row := range rows {
		if last := len(keys) - 1; last < 0 || keys[last].ID != row.ID {
			key, err := row.key()
			if err != nil {
				return nil, fmt.Errorf("list server keys: %w", err)
			}
			keys = append(keys, key)
		}
		if k := &keys[len(keys)-1]; row.SiteID != "" {
			k.SiteIDs = append(k.SiteIDs, string(row.SiteID))
		}
	}
	return keys, nil
}

// AddServerKey stores a key with its account. ErrNotFound (of package moderation) when there is no such site.
func (s *ServerKeyStore) AddServerKey(ctx context.Context, key auth.ServerKey, entry auth.AuditEntry) error {
	row, err := newServerKeyRow(key)
	if err != nil {
		return fmt.Errorf("add server key: %w", err)
	}
	account := sha256.Sum256([]byte("server key " + key.ID)) // unique, and the index of no email
	return s.write(ctx, "add server key", func(tx executor) error {
		_, err := tx.execNamed(ctx, insertNamed("moderators", moderatorColumns), moderatorRow{
			ID: key.ID, EmailIndex: account[:16], EmailSealed: []byte{}, Name: key.AccountName(), Role: keyRole,
			CreatedAt: Time(key.CreatedAt)})
		if err != nil {
			return err
		}
		if err := insertModeratorSites(ctx, tx, auth.Moderator{ID: key.ID, SiteIDs: key.SiteIDs}); err != nil {
			return err
		}
		if _, err := tx.execNamed(ctx, insertNamed("server_keys", serverKeyColumns), row); err != nil {
			return err
		}
		if err := insertKeyEntry(ctx, tx, entry); err != nil {
			return err
		}
		return announceModerator(ctx, tx)
	})
}

// UpdateServerKey changes secrets, rotated_at and revoked_at of a key. ErrUnknownKey (of package auth).
func (s *ServerKeyStore) UpdateServerKey(
	ctx context.Context, id string, change func(*auth.ServerKey) error, entry auth.AuditEntry,
) (auth.ServerKey, error) {
	var key auth.ServerKey
	err := s.write(ctx, "update server key", func(tx executor) error {
		var row serverKeyRow
		err := tx.get(ctx, &row, `SELECT `+serverKeyColumns+` FROM server_keys WHERE id = $1`+tx.forUpdate, id)
		if errors.Is(err, moderation.ErrNotFound) {
			err = auth.ErrUnknownKey
		}
		if err != nil {
			return err
		}
		if key, err = row.key(); err != nil {
			return err
		}
		if err := change(&key); err != nil {
			return err
		}
		if row, err = newServerKeyRow(key); err != nil {
			return err
		}
		_, err = tx.execNamed(ctx, `
			UPDATE server_keys SET hint = :hint, secret_hash = :secret_hash, previous_hash = :previous_hash,
				previous_until = :previous_until, rotated_at = :rotated_at, revoked_at = :revoked_at
			WHERE id = :id`, row)
		if err != nil {
			return err
		}
		key.SiteIDs, err = tx.selectIDs(ctx,
			`SELECT site_id FROM moderator_sites WHERE moderator_id = $1 ORDER BY site_id`, id)
		if err != nil {
			return err
		}
		if err := insertKeyEntry(ctx, tx, entry); err != nil {
			return err
		}
		return announceModerator(ctx, tx)
	})
	return key, err
}

func insertKeyEntry(ctx context.Context, x executor, e auth.AuditEntry) error {
	return insertAudit(ctx, x, &moderation.AuditEntry{ID: e.ID, ModeratorID: e.ActorID, Action: e.Action,
		SubjectID: e.SubjectID, CreatedAt: e.CreatedAt})
}

// TouchServerKey sets the time of a key's last use, unless it is later.
func (s *ServerKeyStore) TouchServerKey(ctx context.Context, id string, at time.Time) error {
	return s.write(ctx, "write last use of server key", func(tx executor) error {
		_, err := tx.exec(ctx, `
			UPDATE server_keys SET last_used_at = $1 WHERE id = $2 AND (last_used_at IS NULL OR last_used_at < $1)`,
			Time(at), id)
		return err
	})
}
