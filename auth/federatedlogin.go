package auth

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// pendingLinkContext separates sealed pending links from all other sealed values.
const pendingLinkContext = "federated-link"

// maxPendingLinkBytes bounds the pending links to open. Some providers' refresh tokens have several thousand
// bytes.
const maxPendingLinkBytes = 32 << 10

// Login signs in a person whom a provider has identified. The provider decides role and sites. It
// creates an account if the provider may.
//
// Errors: *LinkNeeded if there is an account with the same email, and the errors of the account in
// federation.go.
func (f *Federation) Login(ctx context.Context, login FederatedLogin, req LoginRequest) (Session, error) {
	identity, err := f.store.FederatedIdentity(ctx, login.Issuer, login.Subject)
	switch {
	case errors.Is(err, ErrNotLinked):
		session, err := f.firstLogin(ctx, login, req)
		return session, wrap("sign in with provider", err)
	case err != nil:
		return Session{}, fmt.Errorf("sign in with provider: %w", err)
	}
	m, err := f.store.Moderator(ctx, identity.ModeratorID)
	if err == nil && !m.Active() {
		err = ErrAccountDisabled
	}
	if err == nil {
		m, err = f.applyAccess(ctx, m, login.Access)
	}
	if err != nil {
		return Session{}, fmt.Errorf("sign in with provider: %w", err)
	}
	session, err := f.beginFederated(ctx, m, login, federatedStart{identity.ID, req})
	return session, wrap("sign in with provider", err)
}

// firstLogin signs in a person without a linked account.
func (f *Federation) firstLogin(ctx context.Context, login FederatedLogin, req LoginRequest) (Session, error) {
	if login.Email == "" {
		return Session{}, ErrNoEmail
	}
	m, err := f.store.ModeratorByEmail(ctx, f.emails.Indexes(login.Email))
	switch {
	case err == nil:
		return Session{}, f.linkNeeded(m, login)
	case !errors.Is(err, ErrUnknownModerator):
		return Session{}, err
	case !login.MayCreate:
		return Session{}, ErrNoAccount
	}
	return f.createFederated(ctx, login, req)
}

// createFederated creates the account of a person with their first sign-in.
func (f *Federation) createFederated(ctx context.Context, login FederatedLogin, req LoginRequest) (Session, error) {
	sites, err := f.mappedSites(ctx, login.Access)
	if err != nil {
		return Session{}, err
	}
	n := NewModerator{Email: login.Email, Name: accountName(login), Role: login.Access.Role, SiteIDs: sites}
	if faults := n.profileFaults(); len(faults) > 0 {
		return Session{}, fmt.Errorf("%w: %w", ErrProviderResponse, faults)
	}
	index, err := f.freeIndex(ctx, n.Email)
	if err != nil {
		return Session{}, err
	}
	m, err := f.newModerator(ctx, n, index)
	if err != nil {
		return Session{}, err
	}
	identity, entry, err := f.newIdentity(m.ID, login, ActionCreateByProvider)
	if err != nil {
		return Session{}, err
	}
	if err := f.store.CreateFederated(ctx, m, identity, entry); err != nil {
		return Session{}, err
	}
	f.principals.invalidate()
	m.Federated = true
	return f.beginFederated(ctx, m, login, federatedStart{identity.ID, req})
}

// accountName returns the name for a new account: the provider's if it is acceptable, otherwise the part of
// the email before the @.
func accountName(login FederatedLogin) string {
	if name := strings.TrimSpace(login.Name); name != "" && nameFault(name) == "" {
		return name
	}
	name, _, _ := strings.Cut(login.Email, "@")
	return name
}

func (f *Federation) newIdentity(
	moderatorID string, login FederatedLogin, action string,
) (FederatedIdentity, AuditEntry, error) {
	entry, err := f.entry(Identity{ModeratorID: moderatorID}, action, moderatorID)
	if err != nil {
		return FederatedIdentity{}, AuditEntry{}, err
	}
	id, err := newUUID(entry.CreatedAt, f.random)
	return FederatedIdentity{ID: id, ModeratorID: moderatorID, Provider: login.Provider, Issuer: login.Issuer,
		Subject: login.Subject, CreatedAt: entry.CreatedAt, LastUsedAt: entry.CreatedAt}, entry, err
}

// mappedSites returns the IDs of the sites; none means all of them. Sites that do not exist are left out; if
// none is left, ErrNoMappedGroup.
func (f *Federation) mappedSites(ctx context.Context, access MappedAccess) ([]string, error) {
	if access.AllSites {
		return nil, nil
	}
	if len(access.Sites) == 0 {
		return nil, ErrNoMappedGroup
	}
	ids, err := f.store.SiteIDs(ctx, access.Sites)
	if err == nil && len(ids) == 0 {
		err = fmt.Errorf("%w: no site of the mapping exists", ErrNoMappedGroup)
	}
	slices.Sort(ids)
	return ids, err
}

// applyAccess gives a moderator the role and the sites that the provider's groups give. The provider is right
// even about the last admin.
func (f *Federation) applyAccess(ctx context.Context, m Moderator, access MappedAccess) (Moderator, error) {
	sites, err := f.mappedSites(ctx, access)
	if err != nil {
		return m, err
	}
	now := slices.Sorted(slices.Values(m.SiteIDs))
	if m.Role == access.Role && slices.Equal(now, sites) {
		return m, nil
	}
	entry, err := f.entry(Identity{ModeratorID: m.ID}, ActionChangeByProvider, m.ID)
	if err != nil {
		return m, err
	}
	m, err = f.store.UpdateModerator(ctx, ModeratorUpdate{ID: m.ID, At: f.now(), Entry: &entry,
		Change: func(m *Moderator, _ []Moderator) error {
			m.Role, m.SiteIDs = access.Role, sites
			return nil
		}})
	f.principals.invalidate()
	return m, err
}

// federatedStart is a sign-in with an identity.
type federatedStart struct {
	identityID string
	req        LoginRequest
}

// beginFederated starts a session. The provider has checked all factors that it requires.
func (f *Federation) beginFederated(
	ctx context.Context, m Moderator, login FederatedLogin, start federatedStart,
) (Session, error) {
	from, err := f.devices.originOf(ctx, m.ID, start.req)
	if err != nil {
		return Session{}, err
	}
	return f.beginSession(ctx, m, sessionStart{req: start.req, from: from,
		store: func(t RefreshToken, event SignIn) error {
			session := FederatedSession{SessionID: t.FamilyID, IdentityID: start.identityID, ModeratorID: m.ID,
				Provider: login.Provider, ProviderSession: login.ProviderSession, CheckedAt: t.CreatedAt,
				NextCheckAt: t.CreatedAt.Add(FederatedCheckEvery)}
			sealed, err := f.emails.Seal(login.Credential, session.sealContext())
			if err != nil {
				return err
			}
			session.Sealed = sealed
			return f.store.BeginFederatedSession(ctx, t, event, session)
		}})
}

// pendingLink is a person at a provider whose account waits for its password. It is sealed, so nothing needs
// to be stored until then.
type pendingLink struct {
	ModeratorID string         `json:"m"`
	Login       FederatedLogin `json:"l"`
	ExpiresAt   time.Time      `json:"e"`
}

// linkNeeded returns *LinkNeeded for an account that can be linked, otherwise why it can't.
func (f *Federation) linkNeeded(m Moderator, login FederatedLogin) error {
	if err := f.linkable(m); err != nil {
		return err
	}
	plain, err := json.Marshal(pendingLink{ModeratorID: m.ID, Login: login, ExpiresAt: f.now().Add(PendingLinkLife)})
	if err != nil {
		return fmt.Errorf("make a pending link: %w", err)
	}
	sealed, err := f.emails.Seal(string(plain), pendingLinkContext)
	if err != nil {
		return fmt.Errorf("make a pending link: %w", err)
	}
	return &LinkNeeded{Token: base64.RawURLEncoding.EncodeToString(sealed)}
}

// linkable returns why an account can't be linked: ErrAccountDisabled, ErrBreakGlass, ErrAlreadyLinked,
// ErrNoPassword.
func (f *Federation) linkable(m Moderator) error {
	switch {
	case !m.Active():
		return ErrAccountDisabled
	case f.isBreakGlass(m):
		return ErrBreakGlass
	case m.Federated:
		return ErrAlreadyLinked
	case m.PasswordHash == "":
		return ErrNoPassword
	}
	return nil
}

// RequestLink returns *LinkNeeded, which links a signed-in moderator's account to a person at a provider,
// whatever their email is there. Errors: ErrAlreadyLinked, also if another account is linked to the person,
// and those of linkable.
func (f *Federation) RequestLink(ctx context.Context, moderatorID string, login FederatedLogin) error {
	_, err := f.store.FederatedIdentity(ctx, login.Issuer, login.Subject)
	if err == nil {
		err = ErrAlreadyLinked
	}
	if !errors.Is(err, ErrNotLinked) {
		return fmt.Errorf("request link: %w", err)
	}
	m, err := f.store.Moderator(ctx, moderatorID)
	if err != nil {
		return fmt.Errorf("request link: %w", err)
	}
	return fmt.Errorf("request link: %w", f.linkNeeded(m, login))
}

// LinkRequest is the password that links an account.
type LinkRequest struct {
	Token    string // from LinkNeeded
	Password string
	Code     string       // of the second factor, if the account has one
	From     LoginRequest // origin of the attempt; email and password are ignored
}

// LogValue keeps the credentials out of logs.
func (LinkRequest) LogValue() slog.Value { return LoginRequest{}.LogValue() }

// Link links an account to a person at a provider after its password was entered, and signs in. Its
// other sessions end: from now on it signs in with the provider only. Errors: ErrTokenInvalid if the token is
// not ours or has expired; ErrBadCredentials, ErrWrongCode, *TooManyAttempts; ErrAlreadyLinked; those of
// Federation.Login.
func (f *Federation) Link(ctx context.Context, req LinkRequest) (Session, error) {
	p, err := f.openPendingLink(req.Token)
	if err != nil {
		return Session{}, fmt.Errorf("link account: %w", err)
	}
	m, err := f.store.Moderator(ctx, p.ModeratorID)
	if err == nil {
		err = f.linkable(m)
	}
	if err == nil {
		err = f.checkForLink(ctx, m, req)
	}
	if err == nil {
		m, err = f.applyAccess(ctx, m, p.Login.Access)
	}
	if err != nil {
		return Session{}, fmt.Errorf("link account: %w", err)
	}
	identity, entry, err := f.newIdentity(m.ID, p.Login, ActionLinkIdentity)
	if err == nil {
		err = f.store.LinkIdentity(ctx, identity, entry)
	}
	f.principals.invalidate()
	if err != nil {
		return Session{}, fmt.Errorf("link account: %w", err)
	}
	m.Federated = true
	session, err := f.beginFederated(ctx, m, p.Login, federatedStart{identity.ID, req.From})
	return session, wrap("link account", err)
}

func (f *Federation) openPendingLink(token string) (pendingLink, error) {
	var p pendingLink
	if len(token) > maxPendingLinkBytes {
		return p, ErrTokenInvalid
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(sealed) == 0 {
		return p, ErrTokenInvalid
	}
	plain, err := f.emails.Open(sealed, pendingLinkContext)
	if err != nil || json.Unmarshal([]byte(plain), &p) != nil {
		return p, ErrTokenInvalid
	}
	if !f.now().Before(p.ExpiresAt) {
		return p, ErrTokenExpired
	}
	return p, nil
}

// checkForLink checks password and second factor, with the rate limits of a sign-in.
func (f *Federation) checkForLink(ctx context.Context, m Moderator, req LinkRequest) error {
	req.From.Password = req.Password
	from, err := f.checkLogin(ctx, m, m.EmailIndex, req.From)
	if err != nil || !m.SecondFactor {
		return err
	}
	return f.checkCode(ctx, m, codeAttempt{req.Code, newAttempt(codeKey(m.ID), from), req.From})
}
