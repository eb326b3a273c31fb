package auth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"
)

// ChallengeLife is the time allowed between the password and the second-factor code.
const ChallengeLife = 5 * time.Minute

// challengeContext separates sealed challenges from all other sealed values.
const challengeContext = "second-factor-challenge"

// challenge proves the first step of a sign-in. It is sealed, so nothing needs to be stored until the second
// step.
type challenge struct {
	ModeratorID string    `json:"m"`
	Password    []byte    `json:"p"` // hash of the stored hash: a new password invalidates challenges
	ExpiresAt   time.Time `json:"e"`
}

// SecondFactors sets up second factors and asks for their codes.
type SecondFactors struct{ *core }

func (s *Service) challenge(m Moderator) error {
	plain, err := json.Marshal(
		challenge{ModeratorID: m.ID, Password: passwordMark(m), ExpiresAt: s.now().Add(ChallengeLife)},
	)
	if err != nil {
		return fmt.Errorf("make a challenge: %w", err)
	}
	sealed, err := s.emails.Seal(string(plain), challengeContext)
	if err != nil {
		return fmt.Errorf("make a challenge: %w", err)
	}
	return &SecondFactorNeeded{Token: base64.RawURLEncoding.EncodeToString(sealed), ExpiresIn: ChallengeLife}
}

func passwordMark(m Moderator) []byte {
	sum := sha256.Sum256([]byte(m.PasswordHash))
	return sum[:16]
}

// openChallenge returns the moderator of a challenge. Errors: ErrTokenInvalid if it is not ours or has
// expired, or if the account has changed since.
func (s *SecondFactors) openChallenge(ctx context.Context, token string) (Moderator, error) {
	var c challenge
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(token) > maxAccessTokenBytes {
		return Moderator{}, ErrTokenInvalid
	}
	plain, err := s.emails.Open(sealed, challengeContext)
	if err != nil || json.Unmarshal([]byte(plain), &c) != nil {
		return Moderator{}, ErrTokenInvalid
	}
	if !s.now().Before(c.ExpiresAt) {
		return Moderator{}, ErrTokenExpired
	}
	m, err := s.store.Moderator(ctx, c.ModeratorID)
	if errors.Is(err, ErrUnknownModerator) {
		err = ErrTokenInvalid
	}
	if err == nil && (!m.Active() || !m.SecondFactor || !s.mayUsePassword(m) ||
		string(passwordMark(m)) != string(c.Password)) {
		err = ErrTokenInvalid
	}
	return m, err
}

// CodeRequest is the second step of a sign-in.
type CodeRequest struct {
	Token string       // from SecondFactorNeeded
	Code  string       // six digits from the app, or a recovery code
	From  LoginRequest // origin of the attempt; email and password are ignored
}

// Login is the second step of a sign-in. Errors: ErrTokenInvalid if the first step must be repeated,
// ErrWrongCode if the code is wrong, expired or already used, *TooManyAttempts after too many wrong codes.
func (s *SecondFactors) Login(ctx context.Context, req CodeRequest) (Session, error) {
	m, err := s.openChallenge(ctx, req.Token)
	if err != nil {
		return Session{}, fmt.Errorf("login with code: %w", err)
	}
	from, err := s.devices.originOf(ctx, m.ID, req.From)
	if err == nil {
		err = s.checkCode(ctx, m, codeAttempt{req.Code, newAttempt(codeKey(m.ID), from), req.From})
	}
	if err != nil {
		return Session{}, fmt.Errorf("login with code: %w", err)
	}
	session, err := s.begin(ctx, m, req.From, from)
	return session, wrap("login with code", err)
}

// codeAttempt is a code with its counters and origin.
type codeAttempt struct {
	code    string
	attempt attempt
	from    LoginRequest
}

// checkCode consumes a code from the app or a recovery code.
func (c *core) checkCode(ctx context.Context, m Moderator, try codeAttempt) error {
	locks, err := c.throttle.reserve(ctx, try.attempt)
	if err != nil {
		return err
	}
	err = c.useCode(ctx, m, try.code)
	if errors.Is(err, ErrWrongCode) {
		outcome := SignInCodeFailed
		if locks {
			outcome = SignInLocked
		}
		c.note(ctx, outcome, m.ID, try.from)
	}
	if err != nil {
		return err
	}
	return c.throttle.release(ctx, try.attempt)
}

func (c *core) useCode(ctx context.Context, m Moderator, code string) error {
	f, err := c.store.SecondFactor(ctx, m.ID)
	if err != nil {
		return err
	}
	secret, err := c.emails.Open(f.SecretSealed, f.secretContext())
	if err != nil {
		return err
	}
	step, ok, err := codeStep(secret, code, c.now())
	if err != nil {
		return err
	}
	if ok {
		return c.store.UseStep(ctx, m.ID, step)
	}
	entry, err := c.entry(Identity{ModeratorID: m.ID}, ActionUsedRecoveryCode, m.ID)
	if err != nil {
		return err
	}
	return c.store.UseRecoveryCode(ctx, m.ID, recoveryHash(code), entry)
}

// State returns the state of the moderator's own second factor. One that is off is not an error.
func (s *SecondFactors) State(ctx context.Context, who Identity) (SecondFactor, error) {
	f, err := s.store.SecondFactor(ctx, who.ModeratorID)
	if errors.Is(err, ErrSecondFactorOff) {
		return SecondFactor{ModeratorID: who.ModeratorID}, nil
	}
	return f, wrap("find second factor", err)
}

// Required reports whether the operator requires a second factor for all moderators.
func (s *SecondFactors) Required() bool { return s.requireSecondFactor }

// Enrol starts the set-up of a second factor with a new secret, which has no effect until Confirm. It
// requires the password, so that someone with a borrowed session can't lock out its owner. Errors:
// ErrWrongPassword, *TooManyAttempts, ErrSecondFactorOn.
func (s *SecondFactors) Enrol(ctx context.Context, who Identity, p PasswordChange) (Enrolment, error) {
	m, err := s.confirmPassword(ctx, who, p.Current)
	if err != nil {
		return Enrolment{}, fmt.Errorf("enrol second factor: %w", err)
	}
	enrolment, err := newEnrolment(s.random, s.tokens.installation(), m.Name)
	if err != nil {
		return Enrolment{}, fmt.Errorf("enrol second factor: %w", err)
	}
	f := SecondFactor{ModeratorID: m.ID, CreatedAt: s.now()}
	if f.SecretSealed, err = s.emails.Seal(enrolment.Secret, f.secretContext()); err == nil {
		err = s.store.PutSecondFactor(ctx, f)
	}
	if err != nil {
		return Enrolment{}, fmt.Errorf("enrol second factor: %w", err)
	}
	return enrolment, nil
}

// installation returns the name of this installation that authenticator apps show beside the account: the
// host of the tokens' issuer.
func (t *Tokens) installation() string {
	if u, err := url.Parse(t.cfg.Issuer); err == nil && u.Host != "" {
		return "Rejoinder " + u.Hostname()
	}
	return "Rejoinder"
}

// Confirm turns the second factor on after a code proves that the app has its secret. It returns ten recovery
// codes, each valid for one sign-in without the app, which can't be shown again. All other sessions end,
// because they started without it. Errors: ErrWrongCode, *TooManyAttempts, ErrSecondFactorOff before Enrol,
// ErrSecondFactorOn.
func (s *SecondFactors) Confirm(ctx context.Context, who Identity, code string) ([]string, error) {
	f, err := s.store.SecondFactor(ctx, who.ModeratorID)
	if err == nil && f.Confirmed() {
		err = ErrSecondFactorOn
	}
	if err != nil {
		return nil, fmt.Errorf("confirm second factor: %w", err)
	}
	attempt := newAttempt(sessionKey(who, "code"), origin{})
	if _, err := s.throttle.reserve(ctx, attempt); err != nil {
		return nil, fmt.Errorf("confirm second factor: %w", err)
	}
	codes, err := s.turnOn(ctx, who, f, code)
	if err != nil {
		return nil, fmt.Errorf("confirm second factor: %w", err)
	}
	return codes, wrap("confirm second factor", s.throttle.release(ctx, attempt))
}

func (s *SecondFactors) turnOn(ctx context.Context, who Identity, f SecondFactor, code string) ([]string, error) {
	secret, err := s.emails.Open(f.SecretSealed, f.secretContext())
	if err != nil {
		return nil, err
	}
	step, ok, err := codeStep(secret, code, s.now())
	if err == nil && !ok {
		err = ErrWrongCode
	}
	if err != nil {
		return nil, err
	}
	codes, hashes, err := newRecoveryCodes(s.random)
	if err != nil {
		return nil, err
	}
	entry, err := s.entry(who, ActionSecondFactorOn, who.ModeratorID)
	if err != nil {
		return nil, err
	}
	f.LastStep, f.ConfirmedAt = step, entry.CreatedAt
	if err := s.store.ConfirmSecondFactor(ctx, f, hashes, entry); err != nil {
		return nil, err
	}
	s.principals.invalidate()
	_, err = s.endOtherSessions(ctx, who)
	return codes, err
}

// FactorRemoval is a request to turn off one's own second factor.
type FactorRemoval struct {
	Password string
	Code     string       // from the app, or a recovery code
	From     LoginRequest // origin of the attempt; email and password are ignored
}

// Disable turns off the moderator's own second factor. Errors: ErrWrongPassword, ErrWrongCode,
// *TooManyAttempts, ErrSecondFactorOff.
func (s *SecondFactors) Disable(ctx context.Context, who Identity, r FactorRemoval) error {
	m, err := s.confirmPassword(ctx, who, r.Password)
	if err == nil && !m.SecondFactor {
		err = ErrSecondFactorOff
	}
	if err == nil {
		err = s.checkCode(ctx, m, codeAttempt{r.Code, newAttempt(sessionKey(who, "code"), origin{}), r.From})
	}
	if err != nil {
		return fmt.Errorf("disable second factor: %w", err)
	}
	return wrap("disable second factor", s.removeFactor(ctx, who, m.ID, ActionSecondFactorOff))
}

// Reset turns off another moderator's second factor if they lost the app and the recovery codes.
// Their sessions end. Errors: ErrUnknownModerator, ErrSecondFactorOff.
func (s *SecondFactors) Reset(ctx context.Context, actor Identity, moderatorID string) error {
	m, err := s.administered(ctx, actor, moderatorID)
	if err == nil {
		err = s.removeFactor(ctx, actor, m.ID, ActionResetSecondFactor)
	}
	if err == nil {
		_, err = s.store.EndSessions(ctx, m.ID, SessionEnd{Except: actor.SessionID, At: s.now()})
	}
	s.principals.invalidate()
	return wrap("reset second factor", err)
}

func (s *SecondFactors) removeFactor(ctx context.Context, actor Identity, moderatorID, action string) error {
	entry, err := s.entry(actor, action, moderatorID)
	if err == nil {
		err = s.store.RemoveSecondFactor(ctx, moderatorID, entry)
	}
	s.principals.invalidate()
	return err
}
