package auth

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Limits of the background checks.
const (
	federatedChecksPeriod = 30 * time.Second
	federatedChecksBatch  = 100
	federatedChecksAtOnce = 4
	// federatedCheckTimeout is the maximum time for asking a provider. It is shorter than federatedLease.
	federatedCheckTimeout = 8 * time.Second
)

// RunFederationChecks asks the providers again about sessions in use until ctx ends. Several nodes may do so.
func (s *Service) RunFederationChecks(ctx context.Context) {
	if s.providers == nil {
		return
	}
	ticker := time.NewTicker(federatedChecksPeriod)
	defer ticker.Stop()
	for {
		if err := s.CheckFederatedSessions(ctx); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "sessions of identity providers not checked", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// CheckFederatedSessions asks the providers again about the sessions whose check is due and which have an
// access token that may still be valid. All others are checked when they are refreshed.
func (s *Service) CheckFederatedSessions(ctx context.Context) error {
	for {
		now := s.now()
		due, err := s.store.DueFederatedSessions(ctx, now, now.Add(-AccessTokenLife-2*clockLeeway), federatedChecksBatch)
		if err != nil {
			return fmt.Errorf("find sessions to check: %w", err)
		}
		s.checkAll(ctx, due)
		if len(due) < federatedChecksBatch || ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// checkAll checks sessions, some of them at once: a provider may take long.
func (s *Service) checkAll(ctx context.Context, due []FederatedSession) {
	var running sync.WaitGroup
	slots := make(chan struct{}, federatedChecksAtOnce)
	for _, f := range due {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			if err := s.checkIfDue(ctx, f.SessionID); err != nil && !errors.Is(err, ErrTokenInvalid) && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "session of an identity provider not checked", "moderator", f.ModeratorID, "err", err)
			}
		})
	}
	running.Wait()
}

// checkRefreshed checks a refreshed session: at its provider if that is due, and whether it may go on with a
// password. It returns the moderator with the current role and sites. Errors: ErrTokenInvalid if the session
// has ended.
func (s *Service) checkRefreshed(ctx context.Context, m Moderator, t RefreshToken) (Moderator, error) {
	if s.mayUsePassword(m) {
		return m, nil
	}
	err := ErrNotLinked
	if s.usesProvider(m) {
		err = s.checkIfDue(ctx, t.FamilyID)
	}
	if errors.Is(err, ErrNotLinked) { // the session was started with a password
		err = s.endUnconfirmedSession(ctx, m.ID, t.FamilyID)
	}
	if err != nil {
		return m, err
	}
	return s.store.Moderator(ctx, m.ID)
}

// checkIfDue asks the provider of a session again, unless that is not due or another call does so. Errors:
// ErrNotLinked if the session was not started at a provider, ErrTokenInvalid if it has ended.
func (s *Service) checkIfDue(ctx context.Context, sessionID string) error {
	// The answer must be stored even if the client does not wait for it: it may hold the next refresh token.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), federatedCheckTimeout)
	defer cancel()
	now := s.now()
	mine, err := s.store.ClaimFederatedCheck(ctx, sessionID, now, now.Add(federatedLease))
	if err != nil {
		return err
	}
	// Read after the claim: the call that had it before may have replaced the credential.
	f, err := s.store.FederatedSession(ctx, sessionID)
	if err != nil || !mine {
		return err
	}
	return s.recheck(ctx, f)
}

// recheck asks the provider of a session again. Errors: ErrTokenInvalid if the session has ended.
func (s *Service) recheck(ctx context.Context, f FederatedSession) error {
	credential, err := s.emails.Open(f.Sealed, f.sealContext())
	if err != nil {
		return err
	}
	login, refused := s.askProvider(ctx, f.Provider, credential)
	if login.Credential != "" {
		if f.Sealed, err = s.emails.Seal(login.Credential, f.sealContext()); err != nil {
			return err
		}
	}
	now := s.now()
	switch {
	case refused == nil:
		f.CheckedAt, f.NextCheckAt = now, now.Add(FederatedCheckEvery)
	case errors.Is(refused, ErrProviderDown) && now.Sub(f.CheckedAt) < s.providers.Outage():
		f.NextCheckAt = now.Add(federatedRetry)
	default:
		return s.endUnconfirmed(ctx, f, refused)
	}
	if err := s.store.StoreFederatedCheck(ctx, f); err != nil || refused != nil {
		return err
	}
	m, err := s.store.Moderator(ctx, f.ModeratorID)
	if err == nil {
		_, err = s.applyAccess(ctx, m, login.Access)
	}
	if errors.Is(err, ErrNoMappedGroup) {
		return s.endUnconfirmed(ctx, f, err)
	}
	return err
}

func (s *Service) askProvider(ctx context.Context, provider, credential string) (FederatedLogin, error) {
	if s.providers == nil {
		return FederatedLogin{}, ErrUnknownProvider
	}
	return s.providers.Recheck(ctx, provider, credential)
}

// endUnconfirmed ends a session that the provider does not confirm or, if the person has lost access, all
// sessions of the moderator. It returns ErrTokenInvalid.
func (s *Service) endUnconfirmed(ctx context.Context, f FederatedSession, reason error) error {
	s.log.InfoContext(ctx, "session ended: its identity provider does not confirm it", "moderator", f.ModeratorID,
		"provider", f.Provider, "err", reason)
	if errors.Is(reason, ErrNoMappedGroup) || errors.Is(reason, ErrRefreshRefused) {
		if err := s.store.RefuseIdentity(ctx, f.ModeratorID); err != nil {
			return err
		}
	}
	if !errors.Is(reason, ErrNoMappedGroup) {
		return s.endUnconfirmedSession(ctx, f.ModeratorID, f.SessionID)
	}
	entry, err := s.entry(Identity{ModeratorID: f.ModeratorID}, ActionEndByProvider, f.ModeratorID)
	if err != nil {
		return err
	}
	_, err = s.store.UpdateModerator(ctx, ModeratorUpdate{ID: f.ModeratorID, At: entry.CreatedAt, Entry: &entry,
		End: &SessionEnd{At: entry.CreatedAt}, Change: func(*Moderator, []Moderator) error { return nil }})
	s.principals.invalidate()
	if err != nil {
		return err
	}
	return fmt.Errorf("%w: no access at the identity provider", ErrTokenInvalid)
}

// endUnconfirmedSession ends one session and returns ErrTokenInvalid.
func (s *Service) endUnconfirmedSession(ctx context.Context, moderatorID, sessionID string) error {
	_, err := s.store.EndSessions(ctx, moderatorID, SessionEnd{Only: sessionID, At: s.now()})
	s.principals.invalidate()
	if err != nil {
		return err
	}
	return fmt.Errorf("%w: not confirmed by an identity provider", ErrTokenInvalid)
}
