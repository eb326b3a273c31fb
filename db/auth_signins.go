package db

import (
	"context"
	"fmt"
	"time"

	"rejoinder/auth"
)

// SessionStore stores sessions, refresh_tokens, sign_ins and devices.
type SessionStore struct{ *core }

type signInRow struct {
	ID          string     `db:"id"`
	ModeratorID nullString `db:"moderator_id"`
	Outcome     string     `db:"outcome"`
	Client      string     `db:"client"`
	AddressKey  nullBytes  `db:"address_index"`
	CreatedAt   Time       `db:"created_at"`
}

// RecordSignIn stores the outcome of an attempt to sign in.
func (s *SessionStore) RecordSignIn(ctx context.Context, event auth.SignIn) error {
	return s.write(ctx, "record sign-in", func(tx executor) error { return insertSignIn(ctx, tx, event) })
}

func insertSignIn(ctx context.Context, x executor, e auth.SignIn) error {
	_, err := x.execNamed(ctx, insertNamed("sign_ins", `id, moderator_id, outcome, client, address_index, created_at`),
		signInRow{e.ID, nullString(e.ModeratorID), string(e.Outcome), e.Client, e.AddressKey, Time(e.CreatedAt)})
	return err
}

// SignIns returns a moderator's latest attempts to sign in, the newest first, without addresses.
func (s *SessionStore) SignIns(ctx context.Context, moderatorID string, limit int) ([]auth.SignIn, error) {
	var rows []signInRow
	err := s.selectAll(ctx, &rows, `
		SELECT id, moderator_id, outcome, client, created_at FROM sign_ins
		WHERE moderator_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2`, moderatorID, limit)
	if err != nil {
		return nil, fmt.Errorf("list sign-ins: %w", err)
	}
	events := make([]auth.SignIn, len(rows))
	for i, r := range rows {
		events[i] = auth.SignIn{ID: r.ID, ModeratorID: string(r.ModeratorID), Outcome: auth.SignInOutcome(r.Outcome),
			Client: r.Client, CreatedAt: r.CreatedAt.time()}
	}
	return events, nil
}

// EndedSessions returns the ids of sessions that were ended at or after since.
func (s *SessionStore) EndedSessions(ctx context.Context, since time.Time) ([]string, error) {
	var ids []string
	err := s.selectAll(ctx, &ids, `SELECT id FROM sessions WHERE ended_at IS NOT NULL AND ended_at >= $1`, Time(since))
	return ids, wrap("list ended sessions", err)
}

// Sessions returns a moderator's sessions active at the given time, most recently used first.
func (s *SessionStore) Sessions(ctx context.Context, moderatorID string, at time.Time) ([]auth.SessionInfo, error) {
	var rows []struct {
		ID         string `db:"id"`
		Client     string `db:"client"`
		CreatedAt  Time   `db:"created_at"`
		LastUsedAt Time   `db:"last_used_at"`
	}
	err := s.selectAll(ctx, &rows, `
		SELECT id, client, created_at, last_used_at FROM sessions
		WHERE moderator_id = $1 AND ended_at IS NULL AND expires_at > $2
		ORDER BY last_used_at DESC, id DESC`, moderatorID, Time(at))
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	sessions := make([]auth.SessionInfo, len(rows))
	for i, r := range rows {
		sessions[i] = auth.SessionInfo{
			ID:         r.ID,
			Client:     r.Client,
			CreatedAt:  r.CreatedAt.time(),
			LastUsedAt: r.LastUsedAt.time(),
		}
	}
	return sessions, nil
}

// EndSessions ends a moderator's sessions, revokes their refresh tokens, forgets their devices, and returns
// the number of sessions.
func (s *SessionStore) EndSessions(ctx context.Context, moderatorID string, end auth.SessionEnd) (int64, error) {
	var n int64
	err := s.write(ctx, "end sessions", func(tx executor) error {
		// A renewal of one of them holds this lock while it stores the next token.
		var locked []string
		err := tx.selectAll(ctx, &locked, `SELECT id FROM moderators WHERE id = $1`+tx.forUpdate, moderatorID)
		if err == nil {
			n, err = endSessions(ctx, tx, moderatorID, end)
		}
		return err
	})
	return n, err
}

func endSessions(ctx context.Context, x executor, moderatorID string, end auth.SessionEnd) (int64, error) {
	if err := forgetDevices(ctx, x, moderatorID, end); err != nil {
		return 0, err
	}
	n, err := x.exec(ctx, `
		UPDATE sessions SET ended_at = $1
		WHERE moderator_id = $2 AND ended_at IS NULL AND ($3 = '' OR id = $3) AND id <> $4`,
		Time(end.At), moderatorID, end.Only, end.Except)
	if err != nil || n == 0 {
		return 0, err
	}
	_, err = x.exec(ctx, `
		UPDATE refresh_tokens SET revoked_at = $1
		WHERE revoked_at IS NULL AND family_id IN (SELECT id FROM sessions WHERE moderator_id = $2 AND ended_at IS NOT NULL)`,
		Time(end.At), moderatorID)
	if err != nil {
		return 0, err
	}
	if err := endFederated(ctx, x, moderatorID); err != nil {
		return 0, err
	}
	return n, announceModerator(ctx, x)
}
