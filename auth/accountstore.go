package auth

import (
	"context"
	"time"
)

// AccountStore is the storage for account administration.
type AccountStore interface {
	// Moderators returns all moderators, ordered by name and id.
	Moderators(ctx context.Context) ([]Moderator, error)
	// SiteNames returns the slugs and names of all sites, and the names in their origins' hosts.
	SiteNames(ctx context.Context) ([]string, error)
	// EndedSessions returns the ids of sessions ended at or after since.
	EndedSessions(ctx context.Context, since time.Time) ([]string, error)
	// InviteModerator stores a new moderator with a link. Errors: ErrModeratorExists if the email index is
	// taken.
	InviteModerator(ctx context.Context, m Moderator, link Link) error
	// UpdateModerator updates one moderator as described by u and returns the new state. Errors:
	// ErrUnknownModerator; ErrModeratorExists if a new email index is taken; ErrLink if u.Link is set and no link
	// with that hash is valid at u.At; errors of u.Change, unchanged.
	UpdateModerator(ctx context.Context, u ModeratorUpdate) (Moderator, error)
	// PutLink stores a link and replaces the moderator's earlier one. DeleteLink deletes the link, or returns
	// ErrLink if there is none.
	PutLink(ctx context.Context, link Link) error
	DeleteLink(ctx context.Context, moderatorID string, entry AuditEntry) error
	// LinkByHash returns the link with this hash, or ErrLink unless it is valid at the given time.
	LinkByHash(ctx context.Context, hash []byte, at time.Time) (Link, error)
	// Links returns all links valid at the given time, by moderator id.
	Links(ctx context.Context, at time.Time) (map[string]Link, error)
	// Sessions returns a moderator's sessions active at the given time, most recently used first.
	Sessions(ctx context.Context, moderatorID string, at time.Time) ([]SessionInfo, error)
	// EndSessions ends the moderator's sessions selected by end, revokes their refresh tokens, and forgets
	// devices without another session. It returns the number of ended sessions.
	EndSessions(ctx context.Context, moderatorID string, end SessionEnd) (int64, error)
	// RecordSignIn stores the outcome of a sign-in attempt.
	RecordSignIn(ctx context.Context, event SignIn) error
	// SignIns returns a moderator's latest sign-in attempts, newest first.
	SignIns(ctx context.Context, moderatorID string, limit int) ([]SignIn, error)
}

// ModeratorUpdate is an update of one moderator.
type ModeratorUpdate struct {
	ID string
	At time.Time
	// Link is the hash of the link that authorizes the update and is consumed by it. Empty: no link required.
	Link []byte
	// Change edits email, name, role, sites, language, time zone, password hash, MustChangePassword and
	// DisabledAt. admins are all other moderators with that role who have a password and are not disabled; they
	// can't change until the update is stored. Change may be called more than once.
	Change func(m *Moderator, admins []Moderator) error
	// End selects the sessions to end; nil ends none.
	End *SessionEnd
	// Entry is the audit entry; nil writes none.
	Entry *AuditEntry
	// EmailEntry is the audit entry of a new email; nil: the email stays. A new email revokes the moderator's
	// link, and a mail to the old one says that it changed.
	EmailEntry *AuditEntry
}

// SessionEnd selects a moderator's sessions to end: one, all but one, or all.
type SessionEnd struct {
	Only   string // if set, the only session to end
	Except string // if set, the session to keep
	// Device is the id of a new device for the remaining session. If it is set, all earlier devices are
	// forgotten.
	Device string
	At     time.Time
}

// LinkKind is the purpose of a link.
type LinkKind string

// Link kinds.
const (
	LinkInvitation    LinkKind = "invitation"
	LinkPasswordReset LinkKind = "password_reset"
)

// Link allows setting a moderator's password once, with its secret. A moderator has at most one link.
type Link struct {
	ModeratorID string
	Kind        LinkKind
	SecretHash  []byte // SHA-256 of the 32-byte secret
	CreatedAt   time.Time
	ExpiresAt   time.Time
	Entry       AuditEntry // for its creation
	// Sealed is the secret, sealed with the context "link:" and Entry.ID, for the mail that brings the link; empty: no
	// mail.
	Sealed []byte
	// NotSooner refuses the link if the moderator's earlier one was created after that time; zero: never.
	NotSooner time.Time
}

// AuditEntry is an audit entry for an account.
type AuditEntry struct {
	ID        string
	ActorID   string // moderator id; empty for the command line
	Action    string
	SubjectID string // id of the affected moderator
	CreatedAt time.Time
}

// Actions of audit entries.
const (
	ActionInvite            = "invite_moderator"
	ActionRevokeLink        = "revoke_link"
	ActionSetUp             = "set_up"
	ActionLinkPasswordReset = "offer_password_reset"
	ActionAcceptInvitation  = "accept_invitation"
	ActionResetPassword     = "reset_password"
	ActionChangePassword    = "change_password"
	ActionChangeEmail       = "change_email"
	ActionChangeModerator   = "change_moderator"
	ActionDisable           = "disable_moderator"
	ActionEnable            = "enable_moderator"
	ActionSecondFactorOn    = "second_factor_on"
	ActionSecondFactorOff   = "second_factor_off"
	ActionResetSecondFactor = "reset_second_factor"
	ActionUsedRecoveryCode  = "use_recovery_code"
	ActionUnlock            = "unlock_moderator"
	ActionAddKey            = "add_key"
	ActionRotateKey         = "rotate_key"
	ActionRevokeKey         = "revoke_key"
	ActionLinkIdentity      = "link_identity"
	ActionUnlinkIdentity    = "unlink_identity"
	ActionCreateByProvider  = "create_by_provider"
	ActionChangeByProvider  = "change_by_provider"
	ActionEndByProvider     = "end_by_provider"
)

// SessionInfo is an active session as shown to its owner.
type SessionInfo struct {
	ID         string
	Client     string // browser and operating system, such as "Firefox on Linux"; may be empty
	CreatedAt  time.Time
	LastUsedAt time.Time // last renewal of the access token, to a quarter of an hour
}

// SignInOutcome is the outcome of a sign-in attempt.
type SignInOutcome string

// Sign-in outcomes. SignInLocked is a failure that blocks the account or the address for a while.
const (
	SignInDone       SignInOutcome = "sign_in"
	SignInFailed     SignInOutcome = "sign_in_failed"
	SignInCodeFailed SignInOutcome = "second_factor_failed"
	SignInLocked     SignInOutcome = "locked_out"
)

// SignIn is a sign-in attempt that was checked.
type SignIn struct {
	ID          string
	ModeratorID string // empty if no moderator has the email
	Outcome     SignInOutcome
	Client      string
	AddressKey  []byte // keyed index of the client's IP address
	DeviceID    string // set on success only
	CreatedAt   time.Time
}
