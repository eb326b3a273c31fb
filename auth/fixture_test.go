package auth

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// logBuffer collects log lines written from several goroutines.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// lightParams keep the tests quick; the cost does not affect their results.
var lightParams = HashParams{MemoryKiB: 8, Passes: 1, Parallelism: 1}

func newTestHasher(t testing.TB, params HashParams) *Hasher {
	t.Helper()
	h, err := NewHasher(HasherConfig{Params: params, AtOnce: DefaultHashesAtOnce, Random: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func newTestKeyRing(t testing.TB, dir string, now func() time.Time) *KeyRing {
	t.Helper()
	r, err := OpenKeyRing(KeyRingConfig{Dir: dir, Now: now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func newTestTokens(t testing.TB, keys *KeyRing, now func() time.Time) *Tokens {
	t.Helper()
	tokens, err := NewTokens(TokensConfig{Issuer: "https://comments.example", Audience: "rejoinder-api", Keys: keys,
		Now: now, Random: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

// fixture is a Service with the dependencies that its tests inspect.
type fixture struct {
	*Service
	clock *clock
	store *memoryStore
	logs  *logBuffer
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	h := &fixture{clock: &clock{now: monday}, store: newMemoryStore(), logs: &logBuffer{}}
	h.Service = h.newService(t, t.TempDir())
	return h
}

// newService returns another Service on the same store and clock.
func (h *fixture) newService(t *testing.T, dir string) *Service {
	t.Helper()
	s, err := NewService(ServiceConfig{
		Store:  h.store,
		Emails: testEmails{},
		Hasher: newTestHasher(t, lightParams),
		Tokens: newTestTokens(t, newTestKeyRing(t, dir, h.clock.Now), h.clock.Now),
		Log:    slog.New(slog.NewTextHandler(h.logs, nil)),
		Now:    h.clock.Now,
		Random: rand.Reader,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const (
	adaEmail    = "ada@paper.example"
	adaPassword = "a quiet harbour at dawn"
)

func (h *fixture) registerAda(t *testing.T) Moderator {
	t.Helper()
	m, err := h.Register(t.Context(), NewModerator{Email: adaEmail, Name: "Ada", Role: RoleModerator,
		SiteIDs: []string{"site-1"}, Password: adaPassword})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func loginRequest(email, password string) LoginRequest {
	return LoginRequest{Email: email, Password: password, AddressKey: []byte("address-1")}
}

func (h *fixture) mustLogin(t *testing.T) Session {
	t.Helper()
	session, err := h.Login(t.Context(), loginRequest(adaEmail, adaPassword))
	if err != nil {
		t.Fatal(err)
	}
	return session
}

// testEmails indexes emails without package privacy, with two keys, the newer one first.
type testEmails struct{}

func (testEmails) Indexes(email string) [][]byte {
	return [][]byte{testIndex("new", email), testIndex("old", email)}
}

func (testEmails) Seal(plain, bound string) ([]byte, error) {
	return []byte(hex.EncodeToString([]byte(bound + "|" + plain))), nil
}

func (testEmails) Open(sealed []byte, bound string) (string, error) {
	raw, err := hex.DecodeString(string(sealed))
	plain, ok := strings.CutPrefix(string(raw), bound+"|")
	if err != nil || !ok {
		return "", errors.New("sealed for something else")
	}
	return plain, nil
}

func testIndex(key, email string) []byte {
	sum := sha256.Sum256([]byte(key + " " + strings.ToLower(email)))
	return sum[:]
}

// memoryStore implements the part of Store that sign-ins need, in memory. One lock makes every method a
// transaction. The administration of accounts is tested on real databases, in packages db and handlers.
type memoryStore struct {
	Store
	mu         sync.Mutex
	moderators map[string]Moderator
	tokens     map[string]RefreshToken // by hash
	failures   map[string]LoginFailures
	successors map[string]string // hash by the id of the token before
	signIns    []SignIn
	devices    map[string]string // moderator by device
	readings   int
}

func newMemoryStore() *memoryStore {
	return &memoryStore{moderators: map[string]Moderator{}, tokens: map[string]RefreshToken{}, failures: map[string]LoginFailures{},
		successors: map[string]string{}, devices: map[string]string{}}
}

func (s *memoryStore) CreateModerator(_ context.Context, m Moderator) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, other := range s.moderators {
		if bytes.Equal(other.EmailIndex, m.EmailIndex) {
			return ErrModeratorExists
		}
	}
	s.moderators[m.ID] = m
	return nil
}

func (s *memoryStore) ModeratorByEmail(_ context.Context, indexes [][]byte) (Moderator, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.moderators {
		if slices.ContainsFunc(indexes, func(index []byte) bool { return bytes.Equal(index, m.EmailIndex) }) {
			return m, nil
		}
	}
	return Moderator{}, ErrUnknownModerator
}

func (s *memoryStore) Moderator(_ context.Context, id string) (Moderator, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, ok := s.moderators[id]
	if !ok {
		return Moderator{}, ErrUnknownModerator
	}
	return m, nil
}

// change edits a stored moderator, as an admin would.
func (s *memoryStore) change(id string, edit func(*Moderator)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.moderators[id]
	edit(&m)
	s.moderators[id] = m
}

func (s *memoryStore) ReplacePasswordHash(_ context.Context, c PasswordHashChange) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m, ok := s.moderators[c.ModeratorID]; ok && m.PasswordHash == c.Old {
		m.PasswordHash = c.New
		s.moderators[c.ModeratorID] = m
	}
	return nil
}

func (s *memoryStore) UpdateLoginFailures(_ context.Context, keys [][]byte, update func([]LoginFailures) ([]LoginFailures, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var before []LoginFailures
	for _, key := range keys {
		f := s.failures[string(key)]
		f.Key = key
		before = append(before, f)
	}
	after, err := update(before)
	if err != nil {
		return err
	}
	for i, key := range keys {
		s.failures[string(key)] = after[i]
		if after[i].Count == 0 {
			delete(s.failures, string(key))
		}
	}
	return nil
}

func (s *memoryStore) BeginSession(_ context.Context, t RefreshToken, event SignIn) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[string(t.SecretHash)] = t
	s.signIns = append(s.signIns, event)
	s.devices[event.DeviceID] = t.ModeratorID
	return nil
}

func (s *memoryStore) SiteNames(context.Context) ([]string, error) {
	return []string{"Morning Courier"}, nil
}

func (s *memoryStore) KnownOrigin(_ context.Context, q OriginQuery) (KnownOrigin, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return KnownOrigin{
		Device: q.DeviceID != "" && s.devices[q.DeviceID] == q.ModeratorID,
		Address: slices.ContainsFunc(s.signIns, func(e SignIn) bool {
			return e.ModeratorID == q.ModeratorID && e.Outcome == SignInDone && bytes.Equal(e.AddressKey, q.AddressKey) &&
				!e.CreatedAt.Before(q.AddressSince)
		}),
	}, nil
}

func (s *memoryStore) ForgetLoginFailures(_ context.Context, prefixes [][]byte, _ AuditEntry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.failures, func(key string, _ LoginFailures) bool {
		return slices.ContainsFunc(prefixes, func(prefix []byte) bool { return strings.HasPrefix(key, string(prefix)) })
	})
	return nil
}

func (s *memoryStore) RecordSignIn(_ context.Context, event SignIn) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.signIns = append(s.signIns, event)
	return nil
}

func (s *memoryStore) Moderators(context.Context) ([]Moderator, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readings++
	return slices.Collect(maps.Values(s.moderators)), nil
}

func (s *memoryStore) EndedSessions(_ context.Context, since time.Time) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ended []string
	for _, t := range s.tokens {
		if !t.RevokedAt.Before(since) {
			ended = append(ended, t.FamilyID)
		}
	}
	return ended, nil
}

func (s *memoryStore) RotateRefreshToken(_ context.Context, oldHash []byte, next RefreshToken) (RefreshToken, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, ok := s.tokens[string(oldHash)]
	switch {
	case !ok:
		return RefreshToken{}, ErrUnknownToken
	case !old.UsedAt.IsZero() && old.RevokedAt.IsZero() && next.CreatedAt.Sub(old.UsedAt) <= RefreshGrace:
		return s.tokens[s.successors[old.ID]], nil
	case !old.UsedAt.IsZero() || !old.RevokedAt.IsZero():
		s.revoke(old.FamilyID, next.CreatedAt)
		return old, ErrTokenReused
	case !old.ExpiresAt.After(next.CreatedAt):
		return RefreshToken{}, ErrTokenExpired
	}
	old.UsedAt = next.CreatedAt
	s.tokens[string(oldHash)] = old
	next = old.Successor(next)
	s.tokens[string(next.SecretHash)] = next
	s.successors[old.ID] = string(next.SecretHash)
	return next, nil
}

func (s *memoryStore) RevokeRefreshFamily(_ context.Context, hash []byte, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.tokens[string(hash)]
	if !ok {
		return ErrUnknownToken
	}
	s.revoke(t.FamilyID, at)
	return nil
}

func (s *memoryStore) revoke(family string, at time.Time) {
	for hash, t := range s.tokens {
		if t.FamilyID == family && t.RevokedAt.IsZero() {
			t.RevokedAt = at
			s.tokens[hash] = t
		}
	}
}

var errBrokenRandom = errors.New("no randomness left")

// brokenRandom fails at once.
type brokenRandom struct{}

func (brokenRandom) Read([]byte) (int, error) { return 0, errBrokenRandom }
