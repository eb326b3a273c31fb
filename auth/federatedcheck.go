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

// RunChecks asks the providers again about sessions in use until ctx ends. Several nodes may do so.
func (f *Federation) RunChecks(ctx context.Context) {
	if f.providers == nil {
		return
	}
	ticker := time.NewTicker(federatedChecksPeriod)
	defer ticker.Stop()
	for {
		if err := f.CheckSessions(ctx); err != nil && ctx.Err() == nil {
			f.log.ErrorContext(ctx, "sessions of identity providers not checked", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// CheckSessions asks the providers again about the sessions whose check is due and which have an
// access token that may still be valid. All others are checked when they are refreshed.
func (f *Federation) CheckSessions(ctx context.Context) error {
	for {
		now := f.now()
		due, err := f.store.DueFederatedSessions(ctx, now, now.Add(-AccessTokenLife-2*clockLeeway), federatedChecksBatch)
		if err != nil {
			return fmt.Errorf("find sessions to check: %w", err)
		}
		f.checkAll(ctx, due)
		if len(due) < federatedChecksBatch || ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// checkAll checks sessions, some of them at once: a provider may take long.
func (f *Federation) checkAll(ctx context.Context, due []FederatedSession) {
	var running sync.WaitGroup
	slots := make(chan struct{}, federatedChecksAtOnce)
	for _, session := range due {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			if err := f.checkIfDue(ctx, session.SessionID); err != nil && !errors.Is(err, ErrTokenInvalid) && ctx.Err() == nil {
				f.log.ErrorContext(ctx, "session of an identity provider not checked", "moderator", session.ModeratorID, "err", err)
			}
		})
	}
	running.Wait()
}

// checkRefreshed checks a refreshed session: at its provider if that is due, and whether it may go on with a
// password. It returns the moderator with the current role and sites. Errors: ErrTokenInvalid if the session
// has ended.
func (f *Federation) checkRefreshed(ctx context.Context, m Moderator, t RefreshToken) (Moderator, error) {
	if f.mayUsePassword(m) {
		return m, nil
	}
	err := ErrNotLinked
	if f.usesProvider(m) {
		err = f.checkIfDue(ctx, t.FamilyID)
	}
	if errors.Is(err, ErrNotLinked) { // the session was started with a password
		err = f.endUnconfirmedSession(ctx, m.ID, t.FamilyID)
	}
	if err != nil {
		return m, err
	}
	return f.store.Moderator(ctx, m.ID)
}

// checkIfDue asks the provider of a session again, unless that is not due or another call does so. Errors:
// ErrNotLinked if the session was not started at a provider, ErrTokenInvalid if it has ended.
func (f *Federation) checkIfDue(ctx context.Context, sessionID string) error {
	// The answer must be stored even if the client does not wait for it: it may hold the next refresh token.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), federatedCheckTimeout)
	defer cancel()
	now := f.now()
	mine, err := f.store.ClaimFederatedCheck(ctx, sessionID, now, now.Add(federatedLease))
	if err != nil {
		return err
	}
	// Read after the claim: the call that had it before may have replaced the credential.
	session, err := f.store.FederatedSession(ctx, sessionID)
	if err != nil || !mine {
		return err
	}
	return f.recheck(ctx, session)
}

// recheck asks the provider of a session again. Errors: ErrTokenInvalid if the session has ended.
func (f *Federation) recheck(ctx context.Context, session FederatedSession) error {
	credential, err := f.emails.Open(session.Sealed, session.sealContext())
	if err != nil {
		return err
	}
	login, refused := f.askProvider(ctx, session.Provider, credential)
	if login.Credential != "" {
		if session.Sealed, err = f.emails.Seal(login.Credential, session.sealContext()); err != nil {
			return err
		}
	}
	now := f.now()
	switch {
	case refused == nil:
		session.CheckedAt, session.NextCheckAt = now, now.Add(FederatedCheckEvery)
	case errors.Is(refused, ErrProviderDown) && now.Sub(session.CheckedAt) < f.providers.Outage():
		session.NextCheckAt = now.Add(federatedRetry)
	default:
		return f.endUnconfirmed(ctx, session, refused)
	}
	if err := f.store.StoreFederatedCheck(ctx, session); err != nil || refused != nil {
		return err
	}
	m, err := f.store.Moderator(ctx, session.ModeratorID)
	if err == nil {
		_, err = f.applyAccess(ctx, m, login.Access)
	}
	if errors.Is(err, ErrNoMappedGroup) {
		return f.endUnconfirmed(ctx, session, err)
	}
	return err
}

func (f *Federation) askProvider(ctx context.Context, provider, credential string) (FederatedLogin, error) {
	if f.providers == nil {
		return FederatedLogin{}, ErrUnknownProvider
	}
	return f.providers.Recheck(ctx, provider, credential)
}

// endUnconfirmed ends a session that the provider does not confirm or, if the person has lost access, all
// sessions of the moderator. It returns ErrTokenInvalid.
func (f *Federation) endUnconfirmed(ctx context.Context, session FederatedSession, reason error) error {
	f.log.InfoContext(ctx, "session ended: its identity provider does not confirm it", "moderator", session.ModeratorID,
		"provider", session.Provider, "err", reason)
	if errors.Is(reason, ErrNoMappedGroup) || errors.Is(reason, ErrRefreshRefused) {
		if err := f.store.RefuseIdentity(ctx, session.ModeratorID); err != nil {
			return err
		}
	}
	if !errors.Is(reason, ErrNoMappedGroup) {
		return f.endUnconfirmedSession(ctx, session.ModeratorID, session.SessionID)
	}
	entry, err := f.entry(Identity{ModeratorID: session.ModeratorID}, ActionEndByProvider, session.ModeratorID)
	if err != nil {
		return err
	}
	_, err = f.store.UpdateModerator(ctx, ModeratorUpdate{ID: session.ModeratorID, At: entry.CreatedAt, Entry: &entry,
		End: &SessionEnd{At: entry.CreatedAt}, Change: func(*Moderator, []Moderator) error { return nil }})
	f.principals.invalidate()
	if err != nil {
		return err
	}
	return fmt.Errorf("%w: no access at the identity provider", ErrTokenInvalid)
}

// endUnconfirmedSession ends one session and returns ErrTokenInvalid.
func (f *Federation) endUnconfirmedSession(ctx context.Context, moderatorID, sessionID string) error {
	_, err := f.store.EndSessions(ctx, moderatorID, SessionEnd{Only: sessionID, At: f.now()})
	f.principals.invalidate()
	if err != nil {
		return err
	}
	return fmt.Errorf("%w: not confirmed by an identity provider", ErrTokenInvalid)
}
