package auth

import (
	"context"
	"time"
)

// AccountStore keeps what belongs to the administration of accounts.
type AccountStore interface {
	// Moderators returns all moderators, by name and id.
	Moderators(ctx context.Context) ([]Moderator, error)
	// SiteNames returns the sites' slugs, names, and the names in the hosts of their origins.
	SiteNames(ctx context.Context) ([]string, error)
	// EndedSessions returns the ids of sessions that were ended at or after since.
	EndedSessions(ctx context.Context, since time.Time) ([]string, error)
	// InviteModerator stores a new moderator with a link. ErrModeratorExists when the email index is taken.
	InviteModerator(ctx context.Context, m Moderator, link Link) error
	// UpdateModerator changes one moderator, see ModeratorUpdate, and returns them as they are then.
	// ErrUnknownModerator; ErrLink when u.Link is given and no link that is good at u.At has that hash; errors
	// of u.Change as they are.
	UpdateModerator(ctx context.Context, u ModeratorUpdate) (Moderator, error)
	// PutLink stores a link in place of the moderator's earlier one, DeleteLink removes it; ErrLink when there
	// is none.
	PutLink(ctx context.Context, link Link) error
	DeleteLink(ctx context.Context, moderatorID string, entry AuditEntry) error
	// LinkByHash finds a link that is good at that time; ErrLink otherwise.
	LinkByHash(ctx context.Context, hash []byte, at time.Time) (Link, error)
	// Links returns all links that are good at that time, by moderator.
	Links(ctx context.Context, at time.Time) (map[string]Link, error)
	// Sessions returns a moderator's sessions that go on at that time, the one used last first.
	Sessions(ctx context.Context, moderatorID string, at time.Time) ([]SessionInfo, error)
	// EndSessions ends the moderator's sessions selected by end, revokes their refresh tokens, forgets
	// devices that have no other session, and returns the number of ended sessions.
	EndSessions(ctx context.Context, moderatorID string, end SessionEnd) (int64, error)
	// RecordSignIn keeps what became of an attempt to sign in.
	RecordSignIn(ctx context.Context, event SignIn) error
	// SignIns returns a moderator's latest attempts to sign in, the newest first.
	SignIns(ctx context.Context, moderatorID string, limit int) ([]SignIn, error)
}

// ModeratorUpdate is one change of a moderator.
type ModeratorUpdate struct {
	ID string
	At time.Time
	// Link, unless it is empty, is the hash of the link that allows this and is used up by it.
	Link []byte
	// Change edits name, role, sites, password hash, MustChangePassword and DisabledAt. Admins are all others
	// who have that role, a password, and are not disabled; they stay so until the change is stored. It may be
	// called again.
	Change func(m *Moderator, admins []Moderator) error
	// End ends sessions, unless it is nil.
	End *SessionEnd
	// Entry is the audit entry, unless it is nil.
	Entry *AuditEntry
}

// SessionEnd says which sessions of a moderator end: one of them, or all but one, or all.
type SessionEnd struct {
	Only   string // unless empty, the only session that ends
	Except string // unless empty, the session that goes on
	// Device, unless empty, is the id of a new device for the remaining session. All earlier ones are
	// forgotten then.
	Device string
	At     time.Time
}

// LinkKind says what a link is for.
type LinkKind string

// The kinds of links.
const (
	LinkInvitation    LinkKind = "invitation"
	LinkPasswordReset LinkKind = "password_reset"
)

// Link lets whoever has its secret set a moderator's password, once. A moderator has one at most.
type Link struct {
	ModeratorID string
	Kind        LinkKind
	SecretHash  []byte // SHA-256 of the secret's 32 bytes
	CreatedAt   time.Time
	ExpiresAt   time.Time
	Entry       AuditEntry // of its making
}

// AuditEntry is an audit entry about an account.
type AuditEntry struct {
	ID        string
	ActorID   string // the moderator who did it; empty for the command line
	Action    string
	SubjectID string // the moderator that it was done to
	CreatedAt time.Time
}

// The actions of entries.
const (
	ActionInvite            = "invite_moderator"
	ActionRevokeLink        = "revoke_link"
	ActionLinkPasswordReset = "offer_password_reset"
	ActionAcceptInvitation  = "accept_invitation"
	ActionResetPassword     = "reset_password"
	ActionChangePassword    = "change_password"
	ActionChangeModerator   = "change_moderator"
	ActionDisable           = "disable_moderator"
	ActionEnable            = "enable_moderator"
	ActionSecondFactorOn    = "second_factor_on"
	ActionSecondFactorOff   = "second_factor_off"
	ActionResetSecondFactor = "reset_second_factor"
	ActionUsedRecoveryCode  = "use_recovery_code"
	ActionUnlock            = "unlock_moderator"
)

// SessionInfo is a sign-in that goes on, as its owner sees it.
type SessionInfo struct {
	ID         string
	Client     string // browser and system in words; may be empty
	CreatedAt  time.Time
	LastUsedAt time.Time // to a quarter of an hour: when its access token was renewed last
}

// SignInOutcome is what became of an attempt to sign in.
type SignInOutcome string

// The outcomes. SignInLocked is a failure after which the account or the address has to wait.
const (
	SignInDone       SignInOutcome = "sign_in"
	SignInFailed     SignInOutcome = "sign_in_failed"
	SignInCodeFailed SignInOutcome = "second_factor_failed"
	SignInLocked     SignInOutcome = "locked_out"
)

// SignIn is one attempt to sign in that was looked at.
type SignIn struct {
	ID          string
	ModeratorID string // empty when no moderator has that email
	Outcome     SignInOutcome
	Client      string
	AddressKey  []byte // keyed index of the client's address
	DeviceID    string // of a successful sign-in
	CreatedAt   time.Time
}
