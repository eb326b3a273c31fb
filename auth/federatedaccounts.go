package auth

import (
	"bytes"
	"context"
	"fmt"
	"slices"
)

// Federation signs moderators in with identity providers, links their accounts to them, and ends sessions that a
// provider no longer confirms.
type Federation struct{ *core }

// Providers returns the identity providers that moderators may sign in with.
func (f *Federation) Providers(ctx context.Context) []ProviderState {
	if f.providers == nil {
		return nil
	}
	return f.providers.List(ctx)
}

// PasswordsOff reports whether all accounts but one must sign in with an identity provider.
func (s *Service) PasswordsOff() bool { return s.breakGlass != nil }

// isBreakGlass reports whether m is the account that may sign in with a password while passwords are off.
func (c *core) isBreakGlass(m Moderator) bool {
	return slices.ContainsFunc(c.breakGlass, func(index []byte) bool { return bytes.Equal(index, m.EmailIndex) })
}

// usesProvider reports whether m signs in with a provider only. Without any provider, passwords work again; that of
// the break-glass account always does.
func (c *core) usesProvider(m Moderator) bool {
	return m.Federated && c.providers != nil && !c.isBreakGlass(m)
}

// mayUsePassword reports whether m may sign in with a password.
func (c *core) mayUsePassword(m Moderator) bool {
	return c.isBreakGlass(m) || c.breakGlass == nil && !c.usesProvider(m)
}

func (c *core) hasUsablePassword(m Moderator) bool {
	return m.PasswordHash != "" && c.mayUsePassword(m)
}

// HasUsablePassword reports whether m can sign in with a password.
func (s *Service) HasUsablePassword(m Moderator) bool { return s.hasUsablePassword(m) }

// passwordRefusal says why m may not use a password: ErrPasswordsOff or ErrProviderRemoved.
func (s *Service) passwordRefusal(ctx context.Context, m Moderator) error {
	identities, err := s.Federation.Identities(ctx)
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

// Identities returns the identities of all linked moderators, by moderator ID.
func (f *Federation) Identities(ctx context.Context) (map[string]FederatedIdentity, error) {
	identities, err := f.store.FederatedIdentities(ctx)
	if err != nil {
		return nil, fmt.Errorf("list identities: %w", err)
	}
	var issuers []string
	if f.providers != nil {
		issuers = f.providers.Issuers()
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
func (f *Federation) Orphans(ctx context.Context) (Orphans, error) {
	var orphans Orphans
	identities, err := f.Identities(ctx)
	if err != nil || len(identities) == 0 {
		return orphans, err
	}
	all, err := f.store.Moderators(ctx)
	if err != nil {
		return orphans, fmt.Errorf("look for orphaned accounts: %w", err)
	}
	for _, m := range all {
		identity := identities[m.ID]
		if !identity.Orphaned || !m.Active() {
			continue
		}
		orphans.Accounts++
		if !f.hasUsablePassword(m) {
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
func (f *Federation) SignInMethods(ctx context.Context, who Identity) (SignInMethods, error) {
	m, err := f.store.Moderator(ctx, who.ModeratorID)
	if err != nil {
		return SignInMethods{}, fmt.Errorf("find sign-in methods: %w", err)
	}
	methods := SignInMethods{HasPassword: m.PasswordHash != ""}
	methods.MayUnlink = m.Federated && methods.HasPassword && (f.breakGlass == nil || f.isBreakGlass(m))
	methods.MayLink = f.providers != nil && f.linkable(m) == nil
	if !m.Federated {
		return methods, nil
	}
	identities, err := f.Identities(ctx)
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
func (f *Federation) Unlink(ctx context.Context, who Identity) error {
	methods, err := f.SignInMethods(ctx, who)
	if err != nil {
		return fmt.Errorf("unlink account: %w", err)
	}
	if methods.Identity != nil && !methods.MayUnlink {
		return fmt.Errorf("unlink account: %w", ErrNoPassword)
	}
	return wrap("unlink account", f.unlink(ctx, who, who.ModeratorID))
}

// UnlinkModerator removes the link of another account to a provider, for example because the person has got a
// new identity there. All its sessions end. Errors: ErrUnknownModerator, ErrNotLinked.
func (f *Federation) UnlinkModerator(ctx context.Context, actor Identity, moderatorID string) error {
	m, err := f.administered(ctx, actor, moderatorID)
	if err != nil {
		return fmt.Errorf("unlink moderator: %w", err)
	}
	return wrap("unlink moderator", f.unlink(ctx, actor, m.ID))
}

func (f *Federation) unlink(ctx context.Context, actor Identity, moderatorID string) error {
	entry, err := f.entry(actor, ActionUnlinkIdentity, moderatorID)
	if err == nil {
		err = f.store.UnlinkIdentity(ctx, moderatorID, entry)
	}
	f.principals.invalidate()
	return err
}

// Logout ends the sessions that a provider's logout token names, and returns their number.
func (f *Federation) Logout(ctx context.Context, logout FederatedLogout) (int, error) {
	sessions, err := f.store.FederatedSessions(ctx, logout)
	if err != nil {
		return 0, fmt.Errorf("log out: %w", err)
	}
	for _, session := range sessions {
		end := SessionEnd{Only: session.SessionID, At: f.now()}
		if _, err := f.store.EndSessions(ctx, session.ModeratorID, end); err != nil {
			return 0, fmt.Errorf("log out: %w", err)
		}
	}
	f.principals.invalidate()
	return len(sessions), nil
}
