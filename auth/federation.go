package auth

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Times of federated sign-in.
const (
	// FederatedCheckEvery is how long a session is used before its provider is asked again. With the period
	// of Federation.RunChecks, access that the provider takes away ends within 5 minutes.
	FederatedCheckEvery = 2 * time.Minute
	// federatedRetry is the time between two attempts while the provider does not respond.
	federatedRetry = time.Minute
	// federatedLease is how long a node has for asking a provider before another node may.
	federatedLease = time.Minute
	// PendingLinkLife is the time for entering the password that links an account.
	PendingLinkLife = 10 * time.Minute
)

// Errors of federated sign-in: of what a provider returns, and of the account.
var (
	// ErrUnknownProvider means that no provider with that name is configured.
	ErrUnknownProvider = errors.New("no such identity provider")
	// ErrProviderDown means that the provider does not respond, or that its response is invalid.
	ErrProviderDown = errors.New("identity provider does not respond")
	// ErrProviderResponse rejects a response that is incomplete or contradicts itself.
	ErrProviderResponse = errors.New("unusable response of the identity provider")
	// ErrSignInState rejects a redirect that belongs to no sign-in of this browser.
	ErrSignInState = errors.New("sign-in was not started in this browser")
	// ErrSignInExpired rejects a redirect that comes too late.
	ErrSignInExpired = errors.New("sign-in took too long")
	// ErrMixUp rejects a redirect from another provider than the one that the sign-in was started with.
	ErrMixUp = errors.New("response of another identity provider")
	// ErrTokenSignature rejects an ID token that the provider has not signed.
	ErrTokenSignature = errors.New("signature of the ID token is not the provider's")
	// ErrTokenIssuer rejects an ID token of another issuer.
	ErrTokenIssuer = errors.New("ID token of another issuer")
	// ErrTokenAudience rejects an ID token for another client.
	ErrTokenAudience = errors.New("ID token for another client")
	// ErrTokenNonce rejects an ID token of another sign-in.
	ErrTokenNonce = errors.New("ID token of another sign-in")
	// ErrIDTokenExpired rejects an ID token that is not valid at this time.
	ErrIDTokenExpired = errors.New("ID token is expired or not valid yet")
	// ErrLogoutToken rejects a logout token.
	ErrLogoutToken = errors.New("logout token not accepted")
	// ErrUncheckable rejects a sign-in after which the provider could not be asked again.
	ErrUncheckable = errors.New("provider gives neither a refresh token nor userinfo")
	// ErrGrantRevoked means that the provider has ended the session.
	ErrGrantRevoked = errors.New("provider has ended the session")
	// ErrRefreshRefused is an ErrGrantRevoked about a refresh token, as of a person whom the provider removed.
	ErrRefreshRefused = fmt.Errorf("%w: refresh token refused", ErrGrantRevoked)
	// ErrNoMappedGroup rejects a person without a group that gives access.
	ErrNoMappedGroup = errors.New("no group gives access")

	// ErrNoAccount rejects a person without an account where sign-ins create none.
	ErrNoAccount = errors.New("there is no account, and signing in does not create one")
	// ErrNoEmail rejects creating an account for a person whose email the provider has not verified.
	ErrNoEmail = errors.New("no verified email")
	// ErrAccountDisabled rejects a sign-in to a disabled account.
	ErrAccountDisabled = errors.New("account is disabled")
	// ErrAlreadyLinked rejects linking an account or an identity that is linked to another one.
	ErrAlreadyLinked = errors.New("linked to another one already")
	// ErrNotLinked means that the account is not linked to a provider.
	ErrNotLinked = errors.New("account is not linked")
	// ErrBreakGlass rejects linking the account that signs in when no provider works.
	ErrBreakGlass = errors.New("the break-glass account is not linked")
	// ErrNoPassword rejects linking or unlinking an account that has no password.
	ErrNoPassword = errors.New("account has no password")
	// ErrPasswordsOff rejects a correct password of an account that must sign in with a provider.
	ErrPasswordsOff = errors.New("this account signs in with an identity provider")
	// ErrProviderRemoved is ErrPasswordsOff for an account whose provider is no longer configured.
	ErrProviderRemoved = errors.New("this account is linked to an identity provider that is no longer configured")
)

// ProviderRefusal is an error that the provider returned instead of a code or token.
type ProviderRefusal struct {
	Code string // as "access_denied": printable ASCII
}

func (e *ProviderRefusal) Error() string { return "identity provider refuses: " + e.Code }

// LinkNeeded is returned by Federation.Login for an account with the same email: its password must be entered
// once.
type LinkNeeded struct {
	Token string // for Federation.Link; opaque
}

func (*LinkNeeded) Error() string { return "the account's password is needed to link it" }

// MappedAccess is the access that a provider's groups give.
type MappedAccess struct {
	Role     Role
	Sites    []string // slugs; none with AllSites
	AllSites bool
}

// FederatedLogin is what a provider says about a person.
type FederatedLogin struct {
	Provider        string // its name
	Issuer, Subject string // identify the person
	ProviderSession string // the provider's session ID ("sid"); may be empty
	Email           string // verified by the provider; may be empty
	Name            string // may be empty
	Access          MappedAccess
	MayCreate       bool   // the sign-in may create an account
	Credential      string // for asking the provider again; a secret
	IDToken         string `json:"-"` // of this sign-in; a hint for signing out at the provider
}

// FederatedLogout is a provider's request to end sessions: those with the session ID or, without one, all of
// the subject.
type FederatedLogout struct {
	Issuer, Subject, ProviderSession string
}

// ProviderState is a provider as the sign-in page shows it.
type ProviderState struct {
	Name  string // part of URLs
	Label string
	Down  bool // it does not respond
}

// IdentityProviders are the configured providers. Package oidc implements it.
type IdentityProviders interface {
	// Issuers returns the issuers of the configured providers.
	Issuers() []string
	// List returns the providers in the operator's order.
	List(ctx context.Context) []ProviderState
	// Recheck asks a provider again about the person of a session. Errors: ErrProviderDown; all others are
	// final. With an error, the login has a Credential only if the session must use it from now on.
	Recheck(ctx context.Context, provider, credential string) (FederatedLogin, error)
	// Outage returns how long sessions go on while their provider does not respond.
	Outage() time.Duration
}

// FederatedIdentity links a moderator to a person at a provider.
type FederatedIdentity struct {
	ID              string // UUIDv7
	ModeratorID     string
	Provider        string // its name at the last sign-in
	Issuer, Subject string
	CreatedAt       time.Time
	LastUsedAt      time.Time // the last sign-in
	// Orphaned says that no configured provider has the issuer, so nobody can sign in with it. Storage does not know it.
	Orphaned bool
}

// FederatedSession is a session that was started at a provider.
type FederatedSession struct {
	SessionID       string
	IdentityID      string
	ModeratorID     string
	Provider        string
	ProviderSession string
	Sealed          []byte    // the credential, bound to the session
	CheckedAt       time.Time // when the provider last confirmed the access
	NextCheckAt     time.Time
}

func (f FederatedSession) sealContext() string { return "federated-session:" + f.SessionID }

// FederationStore is the storage for federated sign-in. It is part of Store.
type FederationStore interface {
	// FederatedIdentity returns the identity of a person at a provider, or ErrNotLinked.
	FederatedIdentity(ctx context.Context, issuer, subject string) (FederatedIdentity, error)
	// FederatedIdentities returns all identities by moderator ID.
	FederatedIdentities(ctx context.Context) (map[string]FederatedIdentity, error)
	// CreateFederated stores a new moderator with an identity. Errors: ErrModeratorExists, ErrAlreadyLinked.
	CreateFederated(ctx context.Context, m Moderator, identity FederatedIdentity, entry AuditEntry) error
	// LinkIdentity stores an identity of an existing moderator and ends all their sessions. Errors:
	// ErrAlreadyLinked.
	LinkIdentity(ctx context.Context, identity FederatedIdentity, entry AuditEntry) error
	// UnlinkIdentity deletes a moderator's identity and ends all their sessions. Errors: ErrNotLinked.
	UnlinkIdentity(ctx context.Context, moderatorID string, entry AuditEntry) error
	// BeginFederatedSession is BeginSession for a session that was started at a provider.
	BeginFederatedSession(ctx context.Context, t RefreshToken, event SignIn, f FederatedSession) error
	// FederatedSession returns a session that has not ended, or ErrNotLinked if it was not started at a
	// provider.
	FederatedSession(ctx context.Context, sessionID string) (FederatedSession, error)
	// ClaimFederatedCheck postpones the next check of a session until then, if it is due now. It reports
	// whether it was.
	ClaimFederatedCheck(ctx context.Context, sessionID string, now, until time.Time) (bool, error)
	// DueFederatedSessions returns up to limit sessions that were used since then and whose check is due, the
	// longest overdue first.
	DueFederatedSessions(ctx context.Context, now, usedSince time.Time, limit int) ([]FederatedSession, error)
	// StoreFederatedCheck stores Sealed, CheckedAt and NextCheckAt of a session that has not ended.
	StoreFederatedCheck(ctx context.Context, f FederatedSession) error
	// RefuseIdentity notes that the provider refuses a moderator. Nothing about comments is mailed to them until
	// it confirms them again.
	RefuseIdentity(ctx context.Context, moderatorID string) error
	// FederatedSessions returns the sessions that a provider's request ends.
	FederatedSessions(ctx context.Context, logout FederatedLogout) ([]FederatedSession, error)
	// SiteIDs returns the IDs of those sites with these slugs that exist.
	SiteIDs(ctx context.Context, slugs []string) ([]string, error)
}
