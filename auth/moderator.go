package auth

import (
	"log/slog"
	"slices"
	"time"
)

// Role is what a moderator may do.
type Role string

// The roles. An admin may do whatever a moderator may, and also change rulesets, sites and moderators.
const (
	RoleAdmin     Role = "admin"
	RoleModerator Role = "moderator"
)

// Valid reports whether r is one of the roles.
func (r Role) Valid() bool { return r == RoleAdmin || r == RoleModerator }

// Allows reports whether somebody with role r may do what needs role need. An unknown role, on either side,
// allows nothing.
func (r Role) Allows(need Role) bool {
	return r.Valid() && need.Valid() && (r == need || r == RoleAdmin)
}

// Moderator is a person with a login.
type Moderator struct {
	ID   string // UUIDv7
	Name string // 1 to 100 characters, shown beside decisions
	// EmailIndex is the keyed index of the email, under the primary index key when the moderator was registered.
	EmailIndex []byte
	// EmailSealed is the encrypted email, bound to EmailContext.
	EmailSealed  []byte
	Role         Role
	SiteIDs      []string // the sites the moderator works on; empty means every site
	PasswordHash string   // argon2id in PHC form; empty for somebody who was invited and has not accepted
	// MustChangePassword: the password was made by somebody else, and nothing else is allowed before it is
	// changed.
	MustChangePassword bool
	SecondFactor       bool      // signing in takes a code, too
	DisabledAt         time.Time // zero means: may sign in
	CreatedAt          time.Time
}

// Active reports whether the moderator is not disabled.
func (m Moderator) Active() bool { return m.DisabledAt.IsZero() }

// Invited reports whether the moderator has not accepted the invitation yet.
func (m Moderator) Invited() bool { return m.PasswordHash == "" }

// Status is "disabled", "invited" or "active".
func (m Moderator) Status() string {
	switch {
	case !m.Active():
		return "disabled"
	case m.Invited():
		return "invited"
	}
	return "active"
}

// MaySee reports whether the moderator works on the site with this id.
func (m Moderator) MaySee(siteID string) bool { return maySee(m.SiteIDs, siteID) }

// EmailContext is the context that EmailSealed is bound to: a sealed email copied to another row can't be
// opened.
func (m Moderator) EmailContext() string { return "moderator:" + m.ID }

// LogValue keeps hashes and sealed emails out of logs.
func (m Moderator) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", m.ID), slog.String("role", string(m.Role)))
}

// RequiredStep is a step that a moderator must complete before anything else is allowed.
type RequiredStep string

// The required steps. Replacing a password that somebody else chose comes before setting up the second factor
// that the operator requires.
const (
	StepNone              RequiredStep = ""
	StepChangePassword    RequiredStep = "change_password"
	StepSetUpSecondFactor RequiredStep = "set_up_second_factor"
)

// Err returns the error for requests made before the step is done: ErrPasswordChangeRequired,
// ErrSecondFactorRequired, or nil.
func (d RequiredStep) Err() error {
	switch d {
	case StepChangePassword:
		return ErrPasswordChangeRequired
	case StepSetUpSecondFactor:
		return ErrSecondFactorRequired
	}
	return nil
}

// Identity is the moderator and session that a request is authenticated for, with the current role and sites.
// The zero Identity is the operator at the command line, who may administer everybody.
type Identity struct {
	ModeratorID  string
	SessionID    string
	RequiredStep RequiredStep
	Name         string
	Role         Role
	SiteIDs      []string // empty means every site
}

// MaySee reports whether the moderator works on the site with this id.
func (i Identity) MaySee(siteID string) bool { return maySee(i.SiteIDs, siteID) }

func maySee(siteIDs []string, siteID string) bool {
	return len(siteIDs) == 0 || slices.Contains(siteIDs, siteID)
}
