package auth

import (
	"context"
	"errors"
	"fmt"
)

// begin starts a session, which is a family of refresh tokens, for a moderator who just signed in. The device
// is known afterwards.
func (c *core) begin(ctx context.Context, m Moderator, req LoginRequest, from origin) (Session, error) {
	return c.beginSession(ctx, m, sessionStart{req: req, from: from, store: func(t RefreshToken, event SignIn) error {
		return c.store.BeginSession(ctx, t, event)
	}})
}

// sessionStart is a sign-in with the function that stores its session.
type sessionStart struct {
	req   LoginRequest
	from  origin
	store func(RefreshToken, SignIn) error
}

func (c *core) beginSession(ctx context.Context, m Moderator, start sessionStart) (Session, error) {
	token, next, err := c.newRefreshToken()
	if err != nil {
		return Session{}, err
	}
	event, err := c.event(SignInDone, m.ID, start.req)
	if err != nil {
		return Session{}, err
	}
	if event.DeviceID = start.from.deviceID; event.DeviceID == "" {
		if event.DeviceID, err = newUUID(c.now(), c.random); err != nil {
			return Session{}, err
		}
	}
	device, err := c.devices.seal(m.ID, event.DeviceID)
	if err != nil {
		return Session{}, err
	}
	next.ModeratorID = m.ID
	// The id of the first token, a UUIDv7 of the current time, names the family, which is the session.
	next.FamilyID = next.ID
	if err := start.store(next, event); err != nil {
		return Session{}, err
	}
	c.log.InfoContext(ctx, "moderator signed in", "moderator", m.ID)
	session, err := c.session(m, token, next)
	session.Device = device
	return session, err
}

func (c *core) newRefreshToken() (string, RefreshToken, error) {
	now := c.now()
	id, err := newUUID(now, c.random)
	if err != nil {
		return "", RefreshToken{}, err
	}
	token, hash, err := newRefreshSecret(c.random)
	if err != nil {
		return "", RefreshToken{}, err
	}
	return token, RefreshToken{ID: id, SecretHash: hash, CreatedAt: now, ExpiresAt: now.Add(RefreshTokenLife)}, nil
}

func (c *core) session(m Moderator, refreshToken string, t RefreshToken) (Session, error) {
	access, err := c.tokens.Issue(m, t.FamilyID)
	if err != nil {
		return Session{}, err
	}
	return Session{AccessToken: access, ExpiresIn: AccessTokenLife, RefreshToken: refreshToken,
		RefreshExpiresAt: t.ExpiresAt, Moderator: m, RequiredStep: c.duty(m)}, nil
}

// Refresh exchanges a refresh token for a new session. It reads the moderator again, so changes of role or
// sites take effect. A session that was started at an identity provider asks it again if that is due.
//
// Errors: ErrTokenInvalid if the token is unknown, expired or malformed, or its moderator is disabled.
// ErrTokenReused (which wraps ErrTokenInvalid) if the token was used more than RefreshGrace ago: someone
// copied it. A thief can't be told from the moderator, so the whole family is revoked and both must sign in
// again.
//
// Within RefreshGrace, it returns the same successor again, on every node: a browser that opens two pages at
// once sends the same token twice.
func (s *Service) Refresh(ctx context.Context, refreshToken string) (Session, error) {
	hash, err := refreshHash(refreshToken)
	if err != nil {
		return Session{}, fmt.Errorf("refresh: %w", err)
	}
	token, next, err := s.newRefreshToken()
	if err != nil {
		return Session{}, fmt.Errorf("refresh: %w", err)
	}
	if next.Sealed, err = sealSuccessor(s.random, refreshToken, token); err != nil {
		return Session{}, fmt.Errorf("refresh: %w", err)
	}
	stored, err := s.store.RotateRefreshToken(ctx, hash, next)
	if errors.Is(err, ErrTokenReused) {
		s.principals.invalidate()
		s.log.WarnContext(ctx, "refresh token reused, its family is revoked", "moderator", stored.ModeratorID,
			"family", stored.FamilyID)
	}
	if err == nil && stored.ID != next.ID {
		token, err = openSuccessor(refreshToken, stored.Sealed)
	}
	if err != nil {
		return Session{}, fmt.Errorf("refresh: %w", err)
	}
	m, err := s.activeModerator(ctx, stored)
	if err == nil {
		m, err = s.Federation.checkRefreshed(ctx, m, stored)
	}
	if err != nil {
		return Session{}, fmt.Errorf("refresh: %w", err)
	}
	session, err := s.session(m, token, stored)
	if err != nil {
		return Session{}, fmt.Errorf("refresh: %w", err)
	}
	return session, nil
}

// activeModerator loads the moderator of a rotated token. If they may no longer sign in, the family is
// revoked.
func (s *Service) activeModerator(ctx context.Context, t RefreshToken) (Moderator, error) {
	m, err := s.store.Moderator(ctx, t.ModeratorID)
	if err != nil && !errors.Is(err, ErrUnknownModerator) {
		return Moderator{}, err
	}
	if err == nil && m.Active() {
		return m, nil
	}
	s.log.InfoContext(ctx, "refresh refused: moderator is disabled or gone", "moderator", t.ModeratorID)
	if err := s.store.RevokeRefreshFamily(ctx, t.SecretHash, s.now()); err != nil && !errors.Is(err, ErrUnknownToken) {
		return Moderator{}, err
	}
	return Moderator{}, fmt.Errorf("%w: its moderator is disabled or gone", ErrTokenInvalid)
}

// Logout ends the session of a refresh token: all refresh tokens of its family and all access tokens of the
// session become invalid. Unknown and malformed tokens are not an error: there is nothing to end.
func (s *Service) Logout(ctx context.Context, refreshToken string) error {
	hash, err := refreshHash(refreshToken)
	if err != nil {
		return nil
	}
	if err := s.store.RevokeRefreshFamily(ctx, hash, s.now()); err != nil && !errors.Is(err, ErrUnknownToken) {
		return fmt.Errorf("logout: %w", err)
	}
	s.principals.invalidate()
	return nil
}
