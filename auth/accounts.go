package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Account is a moderator as shown to admins.
type Account struct {
	Moderator
	Link *Link // the open invitation or password reset; nil if there is none
}

// AccountChange is a partial update. Nil fields stay unchanged.
type AccountChange struct {
	Email    *string // ends all sessions and revokes the open link
	Name     *string
	Role     *Role
	SiteIDs  *[]string // empty: all sites
	Disabled *bool
}

// administers reports whether i may administer m. An admin restricted to some sites may administer only
// moderators who have no sites beyond these.
func (i Identity) administers(m Moderator) bool {
	if len(i.SiteIDs) == 0 {
		return true
	}
	return len(m.SiteIDs) > 0 &&
		!slices.ContainsFunc(m.SiteIDs, func(id string) bool { return !slices.Contains(i.SiteIDs, id) })
}

// Accounts returns the moderators that the actor may administer, ordered by name.
func (s *Service) Accounts(ctx context.Context, actor Identity) ([]Account, error) {
	all, err := s.store.Moderators(ctx)
	if err != nil {
		return nil, fmt.Errorf("list moderators: %w", err)
	}
	links, err := s.store.Links(ctx, s.now())
	if err != nil {
		return nil, fmt.Errorf("list moderators: %w", err)
	}
	var accounts []Account
	for _, m := range all {
		if !actor.administers(m) {
			continue
		}
		account := Account{Moderator: m}
		if link, ok := links[m.ID]; ok {
			account.Link = &link
		}
		accounts = append(accounts, account)
	}
	return accounts, nil
}

// administered returns a moderator that the actor may administer, otherwise ErrUnknownModerator.
func (c *core) administered(ctx context.Context, actor Identity, id string) (Moderator, error) {
	m, err := c.store.Moderator(ctx, id)
	if err == nil && !actor.administers(m) {
		err = ErrUnknownModerator
	}
	return m, err
}

// ModeratorWithEmail returns a moderator by email, including disabled ones. Errors: ErrUnknownModerator.
func (s *Service) ModeratorWithEmail(ctx context.Context, email string) (Moderator, error) {
	return s.store.ModeratorByEmail(ctx, s.emails.Indexes(strings.TrimSpace(email)))
}

// Email decrypts a moderator's email. For the operator only.
func (s *Service) Email(m Moderator) (string, error) {
	return s.emails.Open(m.EmailSealed, m.EmailContext())
}

// ChangeAccount changes a moderator's email, name, role and sites, and disables or enables the account. A new
// email or disabling it ends all its sessions immediately. The caller checks that the sites exist. Errors:
// ErrUnknownModerator, Invalid, ErrModeratorExists, ErrSiteScope if the actor does not administer all of the new
// sites, or all sites for a new email; ErrLastAdmin if the moderator is the last admin (see keepsAnAdmin).
func (s *Service) ChangeAccount(ctx context.Context, actor Identity, id string, c AccountChange) (Moderator, error) {
	was, err := s.administered(ctx, actor, id)
	if err != nil {
		return Moderator{}, fmt.Errorf("change moderator: %w", err)
	}
	now := s.now()
	update := ModeratorUpdate{ID: id, At: now}
	var email newEmail
	if c.Email != nil {
		if email, err = s.emailForAnother(ctx, actor, was, *c.Email); err != nil {
			return Moderator{}, fmt.Errorf("change moderator: %w", err)
		}
	}
	if update.EmailEntry, err = s.emailEntry(actor, was, email); err != nil {
		return Moderator{}, fmt.Errorf("change moderator: %w", err)
	}
	if c.beyondEmail() || update.EmailEntry == nil {
		entry, err := s.entry(actor, c.action(), id)
		if err != nil {
			return Moderator{}, fmt.Errorf("change moderator: %w", err)
		}
		update.Entry = &entry
	}
	update.Change = func(m *Moderator, admins []Moderator) error {
		email.apply(m)
		return c.apply(m, actor, admins, now)
	}
	if c.Disabled != nil && *c.Disabled || update.EmailEntry != nil {
		update.End = &SessionEnd{At: now}
	}
	m, err := s.store.UpdateModerator(ctx, update)
	s.principals.invalidate()
	return m, wrap("change moderator", err)
}

// beyondEmail reports whether the change is about more than the email.
func (c AccountChange) beyondEmail() bool {
	return c.Name != nil || c.Role != nil || c.SiteIDs != nil || c.Disabled != nil
}

// action returns the audit action of the change besides a new email. Changes of access take precedence.
func (c AccountChange) action() string {
	switch {
	case c.Disabled != nil && *c.Disabled:
		return ActionDisable
	case c.Disabled != nil:
		return ActionEnable
	}
	return ActionChangeModerator
}

func (c AccountChange) apply(m *Moderator, actor Identity, admins []Moderator, now time.Time) error {
	if !actor.administers(*m) { // changed since the check
		return ErrUnknownModerator
	}
	before := *m
	if c.Name != nil {
		m.Name = strings.TrimSpace(*c.Name)
	}
	if c.Role != nil {
		m.Role = *c.Role
	}
	if c.SiteIDs != nil {
		m.SiteIDs = slices.Clone(*c.SiteIDs)
	}
	if c.Disabled != nil {
		switch {
		case !*c.Disabled:
			m.DisabledAt = time.Time{}
		case m.Active():
			m.DisabledAt = now
		}
	}
	if faults := m.faults(); len(faults) > 0 {
		return faults
	}
	if !actor.administers(*m) {
		return ErrSiteScope
	}
	return keepsAnAdmin(before, *m, admins)
}

func (m Moderator) faults() Invalid {
	// Use a placeholder: the email was validated earlier.
	n := NewModerator{Email: "checked@example.org", Name: m.Name, Role: m.Role, SiteIDs: m.SiteIDs}
	return n.profileFaults()
}

// keepsAnAdmin returns ErrLastAdmin when the change would remove the last admin. An admin of all sites can
// only be replaced by another admin of all sites. others are all other admins who can sign in.
func keepsAnAdmin(before, after Moderator, others []Moderator) error {
	isAdmin := func(m Moderator) bool { return m.Role == RoleAdmin && m.Active() && !m.Invited() }
	everywhere := func(m Moderator) bool { return len(m.SiteIDs) == 0 }
	if !isAdmin(before) {
		return nil
	}
	wide := everywhere(before)
	if isAdmin(after) && (!wide || everywhere(after)) {
		return nil
	}
	if slices.ContainsFunc(others, func(m Moderator) bool { return !wide || everywhere(m) }) {
		return nil
	}
	return ErrLastAdmin
}

// PasswordChange is a moderator's request to change their own password.
type PasswordChange struct {
	Current, New string
}

// ChangePassword changes the moderator's own password, ends all other sessions and forgets all devices. It
// returns a new device token for this browser. Errors: ErrWrongPassword, *TooManyAttempts after too many
// wrong passwords, Invalid.
func (s *Service) ChangePassword(ctx context.Context, who Identity, c PasswordChange) (device string, err error) {
	m, err := s.confirmPassword(ctx, who, c.Current)
	if err != nil {
		return "", fmt.Errorf("change password: %w", err)
	}
	if c.New == c.Current {
		return "", fmt.Errorf("change password: %w", Invalid{{"new_password", FaultInvalid, "must not be the current one"}})
	}
	hash, err := s.newPassword(ctx, m, Acceptance{Name: m.Name, Password: c.New})
	var faults Invalid
	if errors.As(err, &faults) {
		for i := range faults {
			faults[i].Field = "new_password"
		}
	}
	if err != nil {
		return "", fmt.Errorf("change password: %w", err)
	}
	deviceID, device, err := s.devices.create(m.ID)
	if err == nil {
		err = s.replacePassword(ctx, who, m,
			replacement{hash: hash, action: ActionChangePassword, except: who.SessionID, device: deviceID})
	}
	return device, wrap("change password", err)
}

// replacement is a new password hash with its effects.
type replacement struct {
	hash       string
	mustChange bool
	action     string
	except     string // the session to keep
	device     string // the new device
}

// replacePassword stores a new hash. ErrWrongPassword if the password has changed since it was checked.
func (s *Service) replacePassword(ctx context.Context, actor Identity, was Moderator, r replacement) error {
	entry, err := s.entry(actor, r.action, was.ID)
	if err != nil {
		return err
	}
	now := s.now()
	_, err = s.store.UpdateModerator(ctx, ModeratorUpdate{
		ID: was.ID, At: now, Entry: &entry, End: &SessionEnd{Except: r.except, Device: r.device, At: now},
		Change: func(m *Moderator, _ []Moderator) error {
			if m.PasswordHash != was.PasswordHash {
				return ErrWrongPassword
			}
			m.PasswordHash, m.MustChangePassword = r.hash, r.mustChange
			return nil
		},
	})
	s.principals.invalidate()
	return err
}

// ResetPassword sets a generated password and returns it. The moderator must change it at the next sign-in,
// and all sessions end. For the operator only. Errors: ErrWrongPassword if the password changed concurrently.
func (s *Service) ResetPassword(ctx context.Context, m Moderator) (string, error) {
	password, err := GeneratePassword(s.random)
	if err != nil {
		return "", fmt.Errorf("reset password: %w", err)
	}
	hash, err := s.hasher.Hash(ctx, password)
	if err == nil {
		err = s.replacePassword(ctx, Identity{}, m, replacement{hash: hash, mustChange: true, action: ActionResetPassword})
	}
	return password, wrap("reset password", err)
}

// confirmPassword checks the moderator's own password again, with the rate limits of a sign-in. Errors:
// ErrWrongPassword, *TooManyAttempts.
func (c *core) confirmPassword(ctx context.Context, who Identity, password string) (Moderator, error) {
	m, err := c.store.Moderator(ctx, who.ModeratorID)
	if err != nil {
		return Moderator{}, err
	}
	attempt := newAttempt(sessionKey(who, "password"), origin{})
	if _, err := c.throttle.reserve(ctx, attempt); err != nil {
		return Moderator{}, err
	}
	if len(password) > maxPasswordBytes || m.PasswordHash == "" {
		return Moderator{}, ErrWrongPassword
	}
	ok, err := c.hasher.Verify(ctx, m.PasswordHash, password)
	if err == nil && !ok {
		err = ErrWrongPassword
	}
	if err != nil {
		return Moderator{}, err
	}
	return m, c.throttle.release(ctx, attempt)
}
