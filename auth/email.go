package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// EmailChange is a moderator's request to change the email that they sign in with.
type EmailChange struct {
	Password string // the current one
	Email    string
}

// newEmail is a validated email as it is stored. The zero value changes nothing.
type newEmail struct {
	index, sealed []byte
}

func (e newEmail) apply(m *Moderator) {
	if e.sealed != nil {
		m.EmailIndex, m.EmailSealed = e.index, e.sealed
	}
}

// OwnEmail decrypts the moderator's own email.
func (s *Service) OwnEmail(ctx context.Context, who Identity) (string, error) {
	m, err := s.store.Moderator(ctx, who.ModeratorID)
	if err != nil {
		return "", fmt.Errorf("find one's own email: %w", err)
	}
	return s.Email(m)
}

// ChangeEmail changes the moderator's own email, ends all other sessions and forgets all devices. It returns a new
// device token for this browser. The present email changes nothing and returns no token. Errors: ErrWrongPassword,
// *TooManyAttempts after too many wrong passwords or emails of others, Invalid, ErrModeratorExists.
func (s *Service) ChangeEmail(ctx context.Context, who Identity, c EmailChange) (device string, err error) {
	// Emails that are not accepted count like wrong passwords, so that nobody can try out who has an account.
	attempt := newAttempt(sessionKey(who, "email"), origin{})
	if _, err := s.throttle.reserve(ctx, attempt); err != nil {
		return "", fmt.Errorf("change email: %w", err)
	}
	device, err = s.changeEmail(ctx, who, c)
	if err == nil && device != "" {
		err = s.throttle.release(ctx, attempt)
	}
	return device, wrap("change email", err)
}

func (s *Service) changeEmail(ctx context.Context, who Identity, c EmailChange) (device string, err error) {
	m, err := s.confirmPassword(ctx, who, c.Password)
	if err != nil {
		return "", err
	}
	if s.isBreakGlass(m) {
		return "", Invalid{{"email", FaultInvalid, breakGlassFault}}
	}
	email, err := s.newEmailOf(ctx, m, c.Email)
	if err != nil {
		return "", err
	}
	entry, err := s.emailEntry(who, m, email)
	if err != nil || entry == nil {
		return "", err
	}
	deviceID, device, err := s.devices.create(m.ID)
	if err != nil {
		return "", err
	}
	_, err = s.store.UpdateModerator(ctx, ModeratorUpdate{
		ID: m.ID, At: entry.CreatedAt, EmailEntry: entry,
		End: &SessionEnd{Except: who.SessionID, Device: deviceID, At: entry.CreatedAt},
		Change: func(stored *Moderator, _ []Moderator) error {
			if stored.PasswordHash != m.PasswordHash {
				return ErrWrongPassword
			}
			email.apply(stored)
			return nil
		},
	})
	s.principals.invalidate()
	return device, err
}

const breakGlassFault = "is the break-glass account’s email in the server’s configuration: " +
	"change it there and on the command line"

// emailForAnother validates an email that an actor enters for somebody else. Admins of some sites must not learn who
// works on others, so they can't. Errors: Invalid, ErrModeratorExists, ErrSiteScope.
func (s *Service) emailForAnother(ctx context.Context, actor Identity, m Moderator, email string) (newEmail, error) {
	operator := actor.ModeratorID == ""
	switch {
	case actor.ModeratorID == m.ID:
		return newEmail{}, Invalid{{"email", FaultInvalid, "is your own: change it on your account page, with your password"}}
	case len(actor.SiteIDs) > 0:
		return newEmail{}, ErrSiteScope
	case !operator && s.isBreakGlass(m):
		return newEmail{}, Invalid{{"email", FaultInvalid, breakGlassFault}}
	}
	return s.newEmailOf(ctx, m, email)
}

// newEmailOf validates and seals an email for m. The email that m has already returns the zero value. Errors: Invalid,
// ErrModeratorExists.
func (s *Service) newEmailOf(ctx context.Context, m Moderator, email string) (newEmail, error) {
	email = strings.TrimSpace(email)
	var faults Invalid
	if faults.check("email", email, emailFault); len(faults) > 0 {
		return newEmail{}, faults
	}
	present, err := s.Email(m)
	if err != nil || present == email {
		return newEmail{}, err
	}
	indexes := s.emails.Indexes(email)
	if len(indexes) == 0 {
		return newEmail{}, errors.New("an email index is required")
	}
	other, err := s.store.ModeratorByEmail(ctx, indexes)
	switch {
	case err == nil && other.ID != m.ID:
		return newEmail{}, ErrModeratorExists
	case err != nil && !errors.Is(err, ErrUnknownModerator):
		return newEmail{}, err
	}
	sealed, err := s.emails.Seal(email, m.EmailContext())
	return newEmail{index: indexes[0], sealed: sealed}, err
}

// emailEntry returns the audit entry of a new email, or nil if it is the one that m has.
func (s *Service) emailEntry(actor Identity, m Moderator, email newEmail) (*AuditEntry, error) {
	if email.sealed == nil {
		return nil, nil
	}
	entry, err := s.entry(actor, ActionChangeEmail, m.ID)
	return &entry, err
}
