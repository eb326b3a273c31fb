package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// LinkLife is the lifetime of an invitation or a password reset link.
const LinkLife = 7 * 24 * time.Hour

// NewLink is a link just created. Its secret can't be retrieved later.
type NewLink struct {
	Kind      LinkKind
	Secret    string // 43 characters of base64url
	ExpiresAt time.Time
}

// LinkInfo is what a link reveals to the holder of its secret.
type LinkInfo struct {
	Kind      LinkKind
	Name      string // the moderator's name
	ExpiresAt time.Time
}

// Acceptance is the input of someone who uses a link.
type Acceptance struct {
	Secret   string
	Name     string // empty: unchanged; only invitations change it
	Password string
}

// Invite adds a moderator without a password, and a link to set one. It ignores n's password fields. Errors:
// Invalid, ErrModeratorExists, ErrSiteScope if n has sites beyond those of an actor restricted to some sites.
// Such an actor gets ErrModeratorExists only for moderators they administer, see indexBeside.
func (s *Service) Invite(ctx context.Context, actor Identity, n NewModerator) (Moderator, NewLink, error) {
	n.Email, n.Name, n.Password, n.MustChangePassword = strings.TrimSpace(n.Email), strings.TrimSpace(n.Name), "", false
	if faults := n.profileFaults(); len(faults) > 0 {
		return Moderator{}, NewLink{}, fmt.Errorf("invite moderator: %w", faults)
	}
	if !actor.administers(Moderator{SiteIDs: n.SiteIDs}) {
		return Moderator{}, NewLink{}, fmt.Errorf("invite moderator: %w", ErrSiteScope)
	}
	var index []byte
	var err error
	if len(actor.SiteIDs) == 0 {
		index, err = s.freeIndex(ctx, n.Email)
	} else {
		index, err = s.indexBeside(ctx, actor, n.Email)
	}
	if err != nil {
		return Moderator{}, NewLink{}, fmt.Errorf("invite moderator: %w", err)
	}
	m, err := s.newModerator(ctx, n, index)
	if err != nil {
		return Moderator{}, NewLink{}, fmt.Errorf("invite moderator: %w", err)
	}
	issued, link, err := s.newLink(actor, m.ID, LinkInvitation)
	if err != nil {
		return Moderator{}, NewLink{}, fmt.Errorf("invite moderator: %w", err)
	}
	if err := s.store.InviteModerator(ctx, m, link); err != nil {
		return Moderator{}, NewLink{}, fmt.Errorf("invite moderator: %w", err)
	}
	s.principals.invalidate()
	return m, issued, nil
}

// ReissueLink creates a new link for a moderator: an invitation if they have not accepted one yet, otherwise
// a password reset. The earlier link becomes invalid. Errors: ErrUnknownModerator; ErrDisabled for a disabled
// moderator.
func (s *Service) ReissueLink(ctx context.Context, actor Identity, moderatorID string) (NewLink, error) {
	m, err := s.administered(ctx, actor, moderatorID)
	if err != nil {
		return NewLink{}, fmt.Errorf("make link: %w", err)
	}
	if !m.Active() {
		return NewLink{}, fmt.Errorf("make link: %w", ErrDisabled)
	}
	kind := LinkPasswordReset
	if m.Invited() {
		kind = LinkInvitation
	}
	issued, link, err := s.newLink(actor, m.ID, kind)
	if err != nil {
		return NewLink{}, fmt.Errorf("make link: %w", err)
	}
	return issued, wrap("make link", s.store.PutLink(ctx, link))
}

// RevokeLink deletes a moderator's link. Errors: ErrUnknownModerator; ErrLink if there is none.
func (s *Service) RevokeLink(ctx context.Context, actor Identity, moderatorID string) error {
	m, err := s.administered(ctx, actor, moderatorID)
	if err != nil {
		return fmt.Errorf("revoke link: %w", err)
	}
	entry, err := s.entry(actor, ActionRevokeLink, m.ID)
	if err != nil {
		return fmt.Errorf("revoke link: %w", err)
	}
	return wrap("revoke link", s.store.DeleteLink(ctx, m.ID, entry))
}

// LookUpLink returns whom a link is for. Errors: ErrLink.
func (s *Service) LookUpLink(ctx context.Context, secret string) (LinkInfo, error) {
	link, m, err := s.openLink(ctx, secret)
	if err != nil {
		return LinkInfo{}, fmt.Errorf("look up link: %w", err)
	}
	return LinkInfo{Kind: link.Kind, Name: m.Name, ExpiresAt: link.ExpiresAt}, nil
}

// Accept consumes a link: it sets the password, ends all earlier sessions, and signs in. Errors: ErrLink,
// Invalid, ErrEmailTaken, *SecondFactorNeeded if a code is required: a link does not bypass the second
// factor.
func (s *Service) Accept(ctx context.Context, a Acceptance, req LoginRequest) (Session, error) {
	link, m, err := s.openLink(ctx, a.Secret)
	if err != nil {
		return Session{}, fmt.Errorf("accept link: %w", err)
	}
	if a.Name = strings.TrimSpace(a.Name); a.Name == "" || link.Kind != LinkInvitation {
		a.Name = m.Name
	}
	hash, err := s.newPassword(ctx, m, a)
	if err != nil {
		return Session{}, fmt.Errorf("accept link: %w", err)
	}
	if err := s.checkEmailFree(ctx, m); err != nil {
		return Session{}, fmt.Errorf("accept link: %w", err)
	}
	action := ActionAcceptInvitation
	if link.Kind == LinkPasswordReset {
		action = ActionResetPassword
	}
	entry, err := s.entry(Identity{ModeratorID: m.ID}, action, m.ID)
	if err != nil {
		return Session{}, fmt.Errorf("accept link: %w", err)
	}
	now := s.now()
	m, err = s.store.UpdateModerator(ctx, ModeratorUpdate{
		ID: m.ID, At: now, Link: link.SecretHash, End: &SessionEnd{At: now}, Entry: &entry,
		Change: func(m *Moderator, _ []Moderator) error {
			if !m.Active() {
				return ErrLink
			}
			m.Name, m.PasswordHash, m.MustChangePassword = a.Name, hash, false
			return nil
		},
	})
	s.principals.invalidate()
	if err != nil {
		return Session{}, fmt.Errorf("accept link: %w", err)
	}
	// The new password revoked all earlier devices.
	session, err := s.enter(ctx, m, req, origin{})
	return session, wrap("accept link", err)
}

// checkEmailFree returns ErrEmailTaken for an invitation whose email belongs to another moderator. It runs
// after password validation, so a link reveals nothing until it is used.
func (s *Service) checkEmailFree(ctx context.Context, m Moderator) error {
	email, err := s.emails.Open(m.EmailSealed, m.EmailContext())
	if err != nil {
		return err
	}
	other, err := s.store.ModeratorByEmail(ctx, s.emails.Indexes(email))
	switch {
	case errors.Is(err, ErrUnknownModerator):
		return nil
	case err == nil && other.ID != m.ID:
		return ErrEmailTaken
	}
	return err
}

// newPassword validates the input of someone who uses a link, and hashes the password.
func (s *Service) newPassword(ctx context.Context, m Moderator, a Acceptance) (string, error) {
	var faults Invalid
	faults.check("name", a.Name, nameFault)
	email, err := s.emails.Open(m.EmailSealed, m.EmailContext())
	if err != nil {
		return "", err
	}
	reason, err := s.passwordFault(ctx, a.Password, PasswordContext{Email: email, Name: a.Name})
	if err != nil {
		return "", err
	}
	faults.add("password", reason)
	if len(faults) > 0 {
		return "", faults
	}
	return s.hasher.Hash(ctx, a.Password)
}

func (s *Service) openLink(ctx context.Context, secret string) (Link, Moderator, error) {
	hash, err := refreshHash(secret)
	if err != nil {
		return Link{}, Moderator{}, ErrLink
	}
	link, err := s.store.LinkByHash(ctx, hash, s.now())
	if err != nil {
		return Link{}, Moderator{}, err
	}
	m, err := s.store.Moderator(ctx, link.ModeratorID)
	if err == nil && !m.Active() || errors.Is(err, ErrUnknownModerator) {
		err = ErrLink
	}
	return link, m, err
}

func (s *Service) newLink(actor Identity, moderatorID string, kind LinkKind) (NewLink, Link, error) {
	secret, hash, err := newRefreshSecret(s.random)
	if err != nil {
		return NewLink{}, Link{}, err
	}
	action := ActionInvite
	if kind == LinkPasswordReset {
		action = ActionLinkPasswordReset
	}
	entry, err := s.entry(actor, action, moderatorID)
	if err != nil {
		return NewLink{}, Link{}, err
	}
	link := Link{ModeratorID: moderatorID, Kind: kind, SecretHash: hash, CreatedAt: entry.CreatedAt,
		ExpiresAt: entry.CreatedAt.Add(LinkLife), Entry: entry}
	if link.Sealed, err = s.emails.Seal(secret, "link:"+entry.ID); err != nil {
		return NewLink{}, Link{}, err
	}
	return NewLink{Kind: kind, Secret: secret, ExpiresAt: link.ExpiresAt}, link, nil
}

// entry returns an audit entry for the actor's action on a moderator's account.
func (c *core) entry(actor Identity, action, moderatorID string) (AuditEntry, error) {
	now := c.now()
	id, err := newUUID(now, c.random)
	return AuditEntry{ID: id, ActorID: actor.ModeratorID, Action: action, SubjectID: moderatorID, CreatedAt: now}, err
}

// MailLinkLife is the lifetime of a link that a moderator asked for by mail, and MailLinkPause the time between two.
const (
	MailLinkLife  = time.Hour
	MailLinkPause = 5 * time.Minute
)

// MailPasswordLink leaves a mail with a link that sets a new password for the account with that email. It does
// nothing if there is no active account with a password, or if the account got a link in the last five minutes:
// the caller must not tell these cases apart.
func (s *Service) MailPasswordLink(ctx context.Context, email string) error {
	m, err := s.store.ModeratorByEmail(ctx, s.emails.Indexes(email))
	if errors.Is(err, ErrUnknownModerator) || err == nil && (!m.Active() || m.Invited() || !s.mayUsePassword(m)) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("mail password link: %w", err)
	}
	_, link, err := s.newLink(Identity{ModeratorID: m.ID}, m.ID, LinkPasswordReset)
	if err != nil {
		return fmt.Errorf("mail password link: %w", err)
	}
	link.ExpiresAt = link.CreatedAt.Add(MailLinkLife)
	link.NotSooner = link.CreatedAt.Add(-MailLinkPause)
	err = s.store.PutLink(ctx, link)
	if errors.Is(err, ErrLinkRecent) {
		return nil
	}
	return wrap("mail password link", err)
}
