package auth

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLoginGivesASession(t *testing.T) {
	h := newFixture(t)
	m := h.registerAda(t)
	session, err := h.Login(t.Context(), loginRequest("Ada@Paper.example", adaPassword))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, session.Moderator); diff != "" {
		t.Error(diff)
	}
	if session.ExpiresIn != 15*time.Minute || !session.RefreshExpiresAt.Equal(monday.Add(30*24*time.Hour)) {
		t.Errorf("expires in %v and at %v", session.ExpiresIn, session.RefreshExpiresAt)
	}
	identity, err := h.Authenticate(t.Context(), session.AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Identity{ModeratorID: m.ID, SessionID: identity.SessionID, Name: "Ada", Role: RoleModerator,
		SiteIDs: []string{"site-1"}, TimeZone: "UTC"}, identity); diff != "" {
		t.Error(diff)
	}
}

func TestRefusedLoginsCostTheSameAndSayTheSame(t *testing.T) {
	for name, test := range map[string]struct {
		disabled        bool
		email, password string
	}{
		"a wrong password":                        {email: adaEmail, password: "wrong wrong wrong"},
		"no password":                             {email: adaEmail},
		"an unknown email":                        {email: "nobody@paper.example", password: adaPassword},
		"no email":                                {password: adaPassword},
		"a disabled moderator's password":         {disabled: true, email: adaEmail, password: adaPassword},
		"a disabled moderator and wrong password": {disabled: true, email: adaEmail, password: "wrong wrong wrong"},
		"a password longer than any":              {email: adaEmail, password: strings.Repeat("x", 1<<20)},
		"broken UTF-8 and a NUL":                  {email: "\xff\x00@", password: "\xff\x00"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newFixture(t)
			m := h.registerAda(t)
			if test.disabled {
				h.store.change(m.ID, func(m *Moderator) { m.DisabledAt = monday })
			}
			before := h.hasher.Computations()
			session, err := h.Login(t.Context(), loginRequest(test.email, test.password))
			if err == nil || err.Error() != "login: wrong email or password" || !errors.Is(err, ErrBadCredentials) {
				t.Errorf("got %v", err)
			}
			if diff := cmp.Diff(Session{}, session); diff != "" {
				t.Error(diff)
			}
			if got := h.hasher.Computations() - before; got != 1 {
				t.Errorf("%d hash computations, want 1", got)
			}
		})
	}
}

func TestTheDummyHashCostsAsMuchAsARealOne(t *testing.T) {
	h := newTestHasher(t, DefaultHashParams)
	if h.dummy.params != DefaultHashParams || len(h.dummy.key) != keyBytes || len(h.dummy.salt) != saltBytes {
		t.Errorf("dummy is %v", h.dummy)
	}
}

func TestLoginBringsAnOldHashUpToDate(t *testing.T) {
	h := newFixture(t)
	m := h.registerAda(t)
	old, err := newTestHasher(t, HashParams{MemoryKiB: 16, Passes: 1, Parallelism: 2}).Hash(t.Context(), adaPassword)
	if err != nil {
		t.Fatal(err)
	}
	h.store.change(m.ID, func(m *Moderator) { m.PasswordHash = old })
	if _, err := h.Login(t.Context(), loginRequest(adaEmail, "wrong wrong wrong")); !errors.Is(err, ErrBadCredentials) {
		t.Fatal(err)
	}
	if stored, err := h.store.Moderator(t.Context(), m.ID); err != nil || stored.PasswordHash != old {
		t.Error("a failed login changed the hash")
	}
	h.mustLogin(t)
	stored, err := h.store.Moderator(t.Context(), m.ID)
	if err != nil {
		t.Fatal(err)
	}
	if stored.PasswordHash == old || h.hasher.NeedsRehash(stored.PasswordHash) {
		t.Errorf("hash is %s still", stored.PasswordHash)
	}
	before := h.hasher.Computations()
	h.mustLogin(t)
	if got := h.hasher.Computations() - before; got != 1 {
		t.Errorf("the next login took %d computations, want 1", got)
	}
}

func TestLoginNeedsAnAddress(t *testing.T) {
	h := newFixture(t)
	h.registerAda(t)
	_, err := h.Login(t.Context(), LoginRequest{Email: adaEmail, Password: adaPassword})
	if err == nil || errors.Is(err, ErrBadCredentials) {
		t.Errorf("got %v: a caller that forgets the address must notice", err)
	}
}

func TestAnAbandonedLoginStillCounts(t *testing.T) {
	h := newFixture(t)
	h.registerAda(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 5 {
		if _, err := h.Login(ctx, loginRequest(adaEmail, "wrong wrong wrong")); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	if _, err := h.Login(t.Context(), loginRequest(adaEmail, adaPassword)); outcome(err) != "wait 1s" {
		t.Errorf("got %v, want a delay", err)
	}
}

func TestLogsHoldNoSecretAndNoEmail(t *testing.T) {
	h := newFixture(t)
	m := h.registerAda(t)
	session := h.mustLogin(t)
	if _, err := h.Login(t.Context(), loginRequest(adaEmail, "wrong wrong wrong")); !errors.Is(err, ErrBadCredentials) {
		t.Fatal(err)
	}
	again, err := h.Refresh(t.Context(), session.RefreshToken)
	if err != nil {
		t.Fatal(err)
	}
	h.clock.add(time.Minute)
	if _, err := h.Refresh(t.Context(), session.RefreshToken); !errors.Is(err, ErrTokenReused) {
		t.Fatal(err)
	}
	h.store.change(m.ID, func(m *Moderator) { m.DisabledAt = monday })
	if _, err := h.Login(t.Context(), loginRequest(adaEmail, adaPassword)); !errors.Is(err, ErrBadCredentials) {
		t.Fatal(err)
	}
	h.log.Info("values that a caller may log", "m", m, "s", session, "r", loginRequest(adaEmail, adaPassword),
		"n", NewModerator{Email: adaEmail, Password: adaPassword})
	logs := h.logs.String()
	if !strings.Contains(logs, "disabled") || !strings.Contains(logs, m.ID) {
		t.Errorf("the log lacks the failure: %s", logs)
	}
	for name, secret := range map[string]string{"email": adaEmail, "password": adaPassword, "wrong password": "wrong wrong",
		"hash": "argon2id", "address": "address-1", "access token": session.AccessToken, "refresh token": session.RefreshToken,
		"next refresh token": again.RefreshToken, "name": "Ada"} {
		if strings.Contains(logs, secret) {
			t.Errorf("the log holds the %s: %s", name, logs)
		}
	}
}

func TestNewServiceRefusesMissingFields(t *testing.T) {
	h := newFixture(t)
	whole := ServiceConfig{Store: h.store, Emails: testEmails{}, Hasher: h.hasher, Tokens: h.tokens,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: h.clock.Now, Random: brokenRandom{}}
	if _, err := NewService(whole); err != nil {
		t.Fatal(err)
	}
	for name, remove := range map[string]func(*ServiceConfig){
		"no store":      func(c *ServiceConfig) { c.Store = nil },
		"no emails":     func(c *ServiceConfig) { c.Emails = nil },
		"no hasher":     func(c *ServiceConfig) { c.Hasher = nil },
		"no tokens":     func(c *ServiceConfig) { c.Tokens = nil },
		"no log":        func(c *ServiceConfig) { c.Log = nil },
		"no clock":      func(c *ServiceConfig) { c.Now = nil },
		"no randomness": func(c *ServiceConfig) { c.Random = nil },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := whole
			remove(&cfg)
			if _, err := NewService(cfg); err == nil {
				t.Error("accepted")
			}
		})
	}
}
