package auth

import (
	"bytes"
	"context"
	"fmt"
	"slices"
)

// Providers returns the identity providers that moderators may sign in with.
func (s *Service) Providers(ctx context.Context) []ProviderState {
	if s.providers == nil {
		return nil
	}
	return s.providers.List(ctx)
}

// PasswordsOff reports whether all accounts but one must sign in with an identity provider.
func (s *Service) PasswordsOff() bool { return s.breakGlass != nil }

// isBreakGlass reports whether m is the account that may sign in with a password while passwords are off.
func (s *Service) isBreakGlass(m Moderator) bool {
	return slices.ContainsFunc(s.breakGlass, func(index []byte) bool { return bytes.Equal(index, m.EmailIndex) })
}

// usesProvider reports whether m signs in with a provider only. Without any provider, passwords work again; that of
// the break-glass account always does.
func (s *Service) usesProvider(m Moderator) bool {
	return m.Federated && s.providers != nil && !s.isBreakGlass(m)
}

// mayUsePassword reports whether m may sign in with a password.
func (s *Service) mayUsePassword(m Moderator) bool {
	return s.isBreakGlass(m) || s.breakGlass == nil && !s.usesProvider(m)
}

// HasUsablePassword reports whether m can sign in with a password.
func (s *Service) HasUsablePassword(m Moderator) bool {
	return m.PasswordHash != "" && s.mayUsePassword(m)
}

// passwordRefusal says why m may not use a password: ErrPasswordsOff or ErrProviderRemoved.
func (s *Service) passwordRefusal(ctx context.Context, m Moderator) error {
	identities, err := s.FederatedIdentities(ctx)
	switch {
	case err != nil:
		return err
	case identities[m.ID].Orphaned:
		return ErrProviderRemoved
	}
	return ErrPasswordsOff
}

// BreakGlassReady reports whether the account that may sign in while passwords are off exists, is an active
// admin of all sites and has a password. It is true while passwords are on.
func (s *Service) BreakGlassReady(ctx context.Context) (bool, error) {
	if s.breakGlass == nil {
		return true, nil
	}
	all, err := s.store.Moderators(ctx)
	if err != nil {
		return false, fmt.Errorf("look for the break-glass account: %w", err)
	}
	return slices.ContainsFunc(all, func(m Moderator) bool {
		return s.isBreakGlass(m) && m.Active() && m.Role == RoleAdmin && len(m.SiteIDs) == 0 && m.PasswordHash != ""
	}), nil
}

// FederatedIdentities returns the identities of all linked moderators, by moderator ID.
func (s *Service) FederatedIdentities(ctx context.Context) (map[string]FederatedIdentity, error) {
	identities, err := s.store.FederatedIdentities(ctx)
	if err != nil {
		return nil, fmt.Errorf("list identities: %w", err)
	}
	var issuers []string
	if s.providers != nil {
		issuers = s.providers.Issuers()
	}
	for id, identity := range identities {
		identity.Orphaned = !slices.Contains(issuers, identity.Issuer)
		identities[id] = identity
	}
	return identities, nil
}

// Orphans are the active accounts that are linked to a provider that is no longer configured.
type Orphans struct {
	Accounts  int
	LockedOut int      // of these, cannot sign in with a password either
	Providers []string // names of the providers, sorted
}

// Orphans returns the orphaned accounts.
func (s *Service) Orphans(ctx context.Context) (Orphans, error) {
	var orphans Orphans
	identities, err := s.FederatedIdentities(ctx)
	if err != nil || len(identities) == 0 {
		return orphans, err
	}
	all, err := s.store.Moderators(ctx)
	if err != nil {
		return orphans, fmt.Errorf("look for orphaned accounts: %w", err)
	}
	for _, m := range all {
		identity := identities[m.ID]
		if !identity.Orphaned || !m.Active() {
			continue
		}
		orphans.Accounts++
		if !s.HasUsablePassword(m) {
			orphans.LockedOut++
		}
		orphans.Providers = append(orphans.Providers, identity.Provider)
	}
	slices.Sort(orphans.Providers)
	orphans.Providers = slices.Compact(orphans.Providers)
	return orphans, nil
}

// SignInMethods says how a moderator signs in.
type SignInMethods struct {
	Identity    *FederatedIdentity // nil: not linked
	HasPassword bool
	// MayUnlink: the account can sign in with its password afterwards.
	MayUnlink bool
	// MayLink: there is a provider, and the account can be linked.
	MayLink bool
}

// SignInMethods returns how the signed-in moderator signs in.
func (s *Service) SignInMethods(ctx context.Context, who Identity) (SignInMethods, error) {
	m, err := s.store.Moderator(ctx, who.ModeratorID)
	if err != nil {
		return SignInMethods{}, fmt.Errorf("find sign-in methods: %w", err)
	}
	methods := SignInMethods{HasPassword: m.PasswordHash != ""}
	methods.MayUnlink = m.Federated && methods.HasPassword && (s.breakGlass == nil || s.isBreakGlass(m))
	methods.MayLink = s.providers != nil && s.linkable(m) == nil
	if !m.Federated {
		return methods, nil
	}
	identities, err := s.FederatedIdentities(ctx)
	if err != nil {
		return SignInMethods{}, fmt.Errorf("find sign-in methods: %w", err)
	}
	if identity, ok := identities[m.ID]; ok {
		methods.Identity = &identity
	}
	return methods, nil
}

// Unlink removes the link of the moderator's own account to a provider. All its sessions end; it signs in
// with its password again. Errors: ErrNotLinked, ErrNoPassword if it could not.
func (s *Service) Unlink(ctx context.Context, who Identity) error {
	methods, err := s.SignInMethods(ctx, who)
	if err != nil {
		return fmt.Errorf("unlink account: %w", err)
	}
	if methods.Identity != nil && !methods.MayUnlink {
		return fmt.Errorf("unlink account: %w", ErrNoPassword)
	}
	return wrap("unlink account", s.unlink(ctx, who, who.ModeratorID))
}

// UnlinkModerator removes the link of another account to a provider, for example because the person has got a
// new identity there. All its sessions end. Errors: ErrUnknownModerator, ErrNotLinked.
func (s *Service) UnlinkModerator(ctx context.Context, actor Identity, moderatorID string) error {
	m, err := s.administered(ctx, actor, moderatorID)
	if err != nil {
		return fmt.Errorf("unlink moderator: %w", err)
	}
	return wrap("unlink moderator", s.unlink(ctx, actor, m.ID))
}

func (s *Service) unlink(ctx context.Context, actor Identity, moderatorID string) error {
	entry, err := s.entry(actor, ActionUnlinkIdentity, moderatorID)
	if err == nil {
		err = s.store.UnlinkIdentity(ctx, moderatorID, entry)
	}
	s.principals.invalidate()
	return err
}

// LogoutFederated ends the sessions that a provider's logout token names, and returns their number.
func (s *Service) LogoutFederated(ctx context.Context, logout FederatedLogout) (int, error) {
	sessions, err := s.store.FederatedSessions(ctx, logout)
	if err != nil {
		return 0, fmt.Errorf("log out: %w", err)
	}
	for _, f := range sessions {
		if _, err := s.store.EndSessions(ctx, f.ModeratorID, SessionEnd{Only: f.SessionID, At: s.now()}); err != nil {
			return 0, fmt.Errorf("log out: %w", err)
		}
	}
	s.principals.invalidate()
	return len(sessions), nil
}
