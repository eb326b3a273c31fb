package auth

import (
	"log/slog"
	"slices"
	"time"
)

// Moderator is a person with a login.
type Moderator struct {
	ID   string // UUIDv7
	Name string // 1 to 100 characters, shown beside decisions
	// EmailIndex is the keyed index of the email, under the primary index key when it was set.
	EmailIndex []byte
	// EmailSealed is the encrypted email, bound to EmailContext.
	EmailSealed  []byte
	Role         Role
	SiteIDs      []string // empty: all sites
	Language     string   // of the console and of mail, as a BCP 47 tag; empty: as the browser asks
	TimeZone     string   // IANA name, for times in the console and in mail; empty: SiteZone
	SiteZone     string   // of the first site; empty: UTC. Read with all moderators only, and not stored
	PasswordHash string   // argon2id in PHC format; empty until an invitation is accepted
	// MustChangePassword is set if someone else chose the password. It must be changed before anything else
	// is allowed.
	MustChangePassword bool
	SecondFactor       bool      // sign-in requires a code
	Federated          bool      // linked to an identity provider: signs in with it only
	DisabledAt         time.Time // zero: enabled
	CreatedAt          time.Time
}

// Active reports whether the moderator is not disabled.
func (m Moderator) Active() bool { return m.DisabledAt.IsZero() }

// Invited reports whether the moderator has not accepted the invitation yet.
func (m Moderator) Invited() bool { return m.PasswordHash == "" && !m.Federated }

// Status returns "disabled", "invited" or "active".
func (m Moderator) Status() string {
	switch {
	case !m.Active():
		return "disabled"
	case m.Invited():
		return "invited"
	}
	return "active"
}

// MaySee reports whether the moderator has access to the site with this id.
func (m Moderator) MaySee(siteID string) bool { return maySee(m.SiteIDs, siteID) }

// EmailContext returns the context that EmailSealed is bound to: a sealed email copied to another row can't
// be decrypted.
func (m Moderator) EmailContext() string { return "moderator:" + m.ID }

// LogValue keeps hashes and sealed emails out of logs.
func (m Moderator) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", m.ID), slog.String("role", string(m.Role)))
}

// RequiredStep is a step that a moderator must complete before anything else is allowed.
type RequiredStep string

// Required steps. Replacing a password chosen by someone else comes before setting up the second factor
// required by the operator.
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

// Identity is the authenticated principal of a request: a moderator with a session, or a server key. The zero
// Identity is the operator at the command line, who may administer everyone.
type Identity struct {
	ModeratorID  string
	SessionID    string
	RequiredStep RequiredStep
	Name         string
	Role         Role
	SiteIDs      []string // empty: all sites
	Language     string   // as in Moderator
	TimeZone     string   // IANA name
	ChosenZone   bool     // TimeZone is the moderator's own choice, not that of a site
	// KeyID and Scopes are set instead of SessionID and Role if a server key authenticated the request.
	// ModeratorID is then the account under which the key's acts are recorded.
	KeyID  string
	Scopes []Permission
}

// IsKey reports whether a server key authenticated the request.
func (i Identity) IsKey() bool { return i.KeyID != "" }

// MaySee reports whether the moderator has access to the site with this id.
func (i Identity) MaySee(siteID string) bool { return maySee(i.SiteIDs, siteID) }

func maySee(siteIDs []string, siteID string) bool {
	return len(siteIDs) == 0 || slices.Contains(siteIDs, siteID)
}
