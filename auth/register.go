package auth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxNameChars   = 100
	maxEmailBytes  = 254 // RFC 5321, section 4.5.3.1.3: a path of 256 bytes including angle brackets
	maxLocalBytes  = 64  // RFC 5321, section 4.5.3.1.1
	maxSiteIDs     = 100 // access tokens contain this list
	maxSiteIDBytes = 64
)

// NewModerator is a moderator to register.
type NewModerator struct {
	Email    string
	Name     string
	Role     Role
	SiteIDs  []string // empty: all sites
	Language string   // as in Moderator
	Password string
	// MustChangePassword requires a password change at the first sign-in, because someone else knows the
	// password.
	MustChangePassword bool
}

// LogValue keeps email and password out of logs.
func (NewModerator) LogValue() slog.Value { return slog.StringValue("new moderator") }

// Register adds a moderator. The caller or the store checks that the sites exist. Errors: Invalid with every
// invalid field; ErrModeratorExists if the email is taken; errors of the context or the store.
func (s *Service) Register(ctx context.Context, n NewModerator) (Moderator, error) {
	n.Email, n.Name = strings.TrimSpace(n.Email), strings.TrimSpace(n.Name)
	m, err := s.prepareModerator(ctx, n)
	if err != nil {
		return Moderator{}, fmt.Errorf("register moderator: %w", err)
	}
	if err := s.store.CreateModerator(ctx, m); err != nil {
		return Moderator{}, fmt.Errorf("register moderator: %w", err)
	}
	s.principals.invalidate()
	return m, nil
}

// freeIndex returns the index of an unused email. Errors: ErrModeratorExists.
func (c *core) freeIndex(ctx context.Context, email string) ([]byte, error) {
	indexes := c.emails.Indexes(email)
	if len(indexes) == 0 {
		return nil, errors.New("an email index is required")
	}
	// The store checks one index only, but a moderator may be stored under an older index key.
	_, err := c.store.ModeratorByEmail(ctx, indexes)
	switch {
	case err == nil:
		return nil, ErrModeratorExists
	case errors.Is(err, ErrUnknownModerator):
		return indexes[0], nil
	}
	return nil, err
}

// indexBeside is freeIndex for an admin restricted to some sites, who must not learn which moderators work on
// others. If the email belongs to a moderator the admin does not administer, it returns a random index that
// no sign-in matches. The invitation then looks like any other, but accepting it fails (ErrEmailTaken).
func (s *Service) indexBeside(ctx context.Context, actor Identity, email string) ([]byte, error) {
	indexes := s.emails.Indexes(email)
	if len(indexes) == 0 {
		return nil, errors.New("an email index is required")
	}
	all, err := s.store.Moderators(ctx)
	if err != nil {
		return nil, err
	}
	has := func(index []byte) bool {
		return slices.ContainsFunc(indexes, func(known []byte) bool { return bytes.Equal(known, index) })
	}
	taken := false
	for _, m := range all {
		same := has(m.EmailIndex)
		taken = taken || same
		if !actor.administers(m) {
			continue
		}
		opened, err := s.emails.Open(m.EmailSealed, m.EmailContext())
		if err != nil {
			return nil, err
		}
		if same || has(s.emails.Indexes(opened)[0]) {
			return nil, ErrModeratorExists
		}
	}
	if !taken {
		return indexes[0], nil
	}
	index := make([]byte, len(indexes[0]))
	_, err = io.ReadFull(s.random, index)
	return index, err
}

func (c *core) newModerator(ctx context.Context, n NewModerator, index []byte) (Moderator, error) {
	now := c.now()
	id, err := newUUID(now, c.random)
	if err != nil {
		return Moderator{}, err
	}
	m := Moderator{ID: id, Name: n.Name, EmailIndex: index, Role: n.Role, SiteIDs: slices.Clone(n.SiteIDs),
		Language:  n.Language,
		CreatedAt: now, MustChangePassword: n.MustChangePassword}
	if m.EmailSealed, err = c.emails.Seal(n.Email, m.EmailContext()); err != nil {
		return Moderator{}, err
	}
	if n.Password == "" { // an invitation
		return m, nil
	}
	if m.PasswordHash, err = c.hasher.Hash(ctx, n.Password); err != nil {
		return Moderator{}, err
	}
	return m, nil
}

// SetPassword sets the password of the moderator with this email, and does nothing if it is unchanged.
// Sessions stay active. Errors: ErrUnknownModerator; Invalid if the password is not acceptable; errors of the
// context or the store.
func (s *Service) SetPassword(ctx context.Context, email, password string) error {
	m, err := s.store.ModeratorByEmail(ctx, s.emails.Indexes(strings.TrimSpace(email)))
	if err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	reason, err := s.passwordFault(ctx, password, PasswordContext{Email: email, Name: m.Name})
	if err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	if reason != "" {
		return fmt.Errorf("set password: %w", Invalid{{"password", FaultInvalid, reason}})
	}
	same, err := s.hasher.Verify(ctx, m.PasswordHash, password)
	if err != nil || same {
		return wrap("set password", err)
	}
	hash, err := s.hasher.Hash(ctx, password)
	if err == nil {
		err = s.store.ReplacePasswordHash(ctx, PasswordHashChange{ModeratorID: m.ID, Old: m.PasswordHash, New: hash})
	}
	return wrap("set password", err)
}

func wrap(purpose string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", purpose, err)
}

// passwordFault returns the reason to reject a new password, or empty.
func (s *Service) passwordFault(ctx context.Context, password string, p PasswordContext) (string, error) {
	var err error
	if p.Sites, err = s.store.SiteNames(ctx); err != nil {
		return "", fmt.Errorf("judge a password: %w", err)
	}
	if err := CheckPassword(password, p); err != nil {
		return err.Error(), nil
	}
	return "", nil
}

// profileFaults validates all fields of n except the password.
func (n NewModerator) profileFaults() Invalid {
	var faults Invalid
	faults.check("email", n.Email, emailFault)
	faults.check("name", n.Name, nameFault)
	if !n.Role.Valid() {
		faults.add("role", "must be "+Alternatives(Roles()))
	}
	faults.add("sites", siteIDsFault(n.SiteIDs))
	return faults
}

// emailFault rejects emails that can't be deliverable. It catches typing errors of an admin who enters a
// colleague's email; it does not check that the mailbox exists.
func emailFault(email string) string {
	at := strings.LastIndexByte(email, '@')
	switch {
	case !utf8.ValidString(email) || strings.ContainsFunc(email, isBlankOrControl):
		return "must not contain spaces or control characters"
	case len(email) > maxEmailBytes:
		return fmt.Sprintf("must be at most %d bytes long", maxEmailBytes)
	case at < 1 || strings.ContainsRune(email[:at], '@'):
		return "must be one email address, such as eve@example.org"
	case at > maxLocalBytes:
		return fmt.Sprintf("must have at most %d bytes before the @", maxLocalBytes)
	case !isDomain(email[at+1:]):
		return "must have a domain name after the @"
	}
	return ""
}

func isBlankOrControl(r rune) bool { return !unicode.IsGraphic(r) || unicode.IsSpace(r) }

func isDomain(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.ContainsFunc(label, func(r rune) bool {
				return r != '-' && !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r)
			}) {
			return false
		}
	}
	return true
}

func nameFault(name string) string {
	switch {
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return "must be text without control characters"
	case !strings.ContainsFunc(name, hasShape):
		return "must have at least one visible character"
	case utf8.RuneCountInString(name) > maxNameChars:
		return fmt.Sprintf("must be at most %d characters long", maxNameChars)
	}
	return ""
}

// hasShape reports whether a character is visible by itself: not a space, nor a combining mark.
func hasShape(r rune) bool {
	const brailleBlank, objectReplacement = '\u2800', '\uFFFC'
	return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) &&
		r != brailleBlank && r != objectReplacement &&
		!unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) // such as the Hangul fillers
}

func siteIDsFault(ids []string) string {
	if len(ids) > maxSiteIDs {
		return fmt.Sprintf("must be at most %d; none means all sites", maxSiteIDs)
	}
	seen := map[string]bool{}
	for _, id := range ids {
		if id == "" || len(id) > maxSiteIDBytes ||
			strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return "must be the id of a site"
		}
		if seen[id] {
			return "must not name a site twice"
		}
		seen[id] = true
	}
	return ""
}
