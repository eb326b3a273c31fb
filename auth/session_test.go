package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRefreshGivesAFreshSession(t *testing.T) {
	h := newFixture(t)
	m := h.registerAda(t)
	first := h.mustLogin(t)
	h.clock.add(time.Hour)
	h.store.change(m.ID, func(m *Moderator) { m.Role, m.SiteIDs = RoleAdmin, nil })
	second, err := h.Refresh(t.Context(), first.RefreshToken)
	if err != nil {
		t.Fatal(err)
	}
	if second.RefreshToken == first.RefreshToken || second.AccessToken == first.AccessToken {
		t.Error("a token came back unchanged")
	}
	if want := h.clock.Now().Add(RefreshTokenLife); !second.RefreshExpiresAt.Equal(want) {
		t.Errorf("expires at %v, want %v", second.RefreshExpiresAt, want)
	}
	identity, err := h.Authenticate(t.Context(), second.AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Identity{ModeratorID: m.ID, SessionID: identity.SessionID, Name: "Ada", Role: RoleAdmin, TimeZone: "UTC"}, identity); diff != "" {
		t.Error(diff)
	}
}

func TestARefreshTokenUsedTwiceRevokesItsFamily(t *testing.T) {
	h := newFixture(t)
	m := h.registerAda(t)
	other := h.mustLogin(t)
	first := h.mustLogin(t)
	second, err := h.Refresh(t.Context(), first.RefreshToken)
	if err != nil {
		t.Fatal(err)
	}
	h.clock.add(RefreshGrace + time.Millisecond)
	if _, err := h.Refresh(t.Context(), first.RefreshToken); !errors.Is(err, ErrTokenReused) || !errors.Is(err, ErrTokenInvalid) {
		t.Errorf("second use: %v, want ErrTokenReused", err)
	}
	if _, err := h.Refresh(t.Context(), second.RefreshToken); !errors.Is(err, ErrTokenReused) {
		t.Errorf("its successor: %v, want ErrTokenReused", err)
	}
	if _, err := h.Refresh(t.Context(), other.RefreshToken); err != nil {
		t.Errorf("another login of the same moderator: %v", err)
	}
	if !strings.Contains(h.logs.String(), "family is revoked\" moderator="+m.ID) {
		t.Errorf("the log does not tell: %s", h.logs)
	}
}

func TestManyRefreshesAtOnceGiveOneSuccessor(t *testing.T) {
	h := newFixture(t)
	h.registerAda(t)
	first := h.mustLogin(t)
	other := h.newService(t, t.TempDir())
	var mu sync.Mutex
	successors := map[string]int{}
	var wg sync.WaitGroup
	for i := range 20 {
		node := h.Service
		if i%2 == 1 {
			node = other
		}
		wg.Go(func() {
			session, err := node.Refresh(t.Context(), first.RefreshToken)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			successors[session.RefreshToken]++
		})
	}
	wg.Wait()
	if len(successors) != 1 {
		t.Errorf("20 refreshes with one token gave %d successors, want 1", len(successors))
	}
	for token := range successors {
		if _, err := other.Refresh(t.Context(), token); err != nil {
			t.Errorf("the successor is not accepted: %v", err)
		}
	}
}

func TestASuccessorOpensOnlyWithTheTokenBefore(t *testing.T) {
	sealed, err := sealSuccessor(rand.Reader, "old", "new")
	if err != nil {
		t.Fatal(err)
	}
	if next, err := openSuccessor("old", sealed); next != "new" || err != nil {
		t.Errorf("with the right token: %q, %v", next, err)
	}
	for name, tc := range map[string]struct {
		old    string
		sealed []byte
	}{
		"another token":    {"other", sealed},
		"nothing is there": {"old", nil},
		"it was cut short": {"old", sealed[:11]},
	} {
		if _, err := openSuccessor(tc.old, tc.sealed); !errors.Is(err, ErrTokenInvalid) {
			t.Errorf("%s: %v, want ErrTokenInvalid", name, err)
		}
	}
}

func TestRefreshTokensExpire(t *testing.T) {
	h := newFixture(t)
	h.registerAda(t)
	idle := h.mustLogin(t)
	h.clock.add(RefreshTokenLife)
	if _, err := h.Refresh(t.Context(), idle.RefreshToken); !errors.Is(err, ErrTokenExpired) {
		t.Errorf("after 30 idle days: %v, want ErrTokenExpired", err)
	}
	session := h.mustLogin(t)
	end := h.clock.Now().Add(RefreshFamilyLife)
	for h.clock.add(29 * 24 * time.Hour); h.clock.Now().Before(end); h.clock.add(29 * 24 * time.Hour) {
		next, err := h.Refresh(t.Context(), session.RefreshToken)
		if err != nil {
			t.Fatalf("at %v: %v", h.clock.Now(), err)
		}
		session = next
	}
	if !session.RefreshExpiresAt.Equal(end) {
		t.Errorf("a family in use ends at %v, want %v", session.RefreshExpiresAt, end)
	}
	h.clock.mu.Lock()
	h.clock.now = end
	h.clock.mu.Unlock()
	if _, err := h.Refresh(t.Context(), session.RefreshToken); !errors.Is(err, ErrTokenExpired) {
		t.Errorf("after 90 days: %v, want ErrTokenExpired", err)
	}
}

func TestSuccessorOfATokenWithAStrangeFamilyLivesNoLonger(t *testing.T) {
	for _, family := range []string{"", "family", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"} {
		old := RefreshToken{ModeratorID: "m-1", FamilyID: family, ExpiresAt: monday.Add(time.Hour)}
		got := old.Successor(RefreshToken{ID: "new", ExpiresAt: monday.Add(RefreshTokenLife)})
		if diff := cmp.Diff(RefreshToken{ID: "new", ModeratorID: "m-1", FamilyID: family, ExpiresAt: old.ExpiresAt}, got); diff != "" {
			t.Errorf("family %q: %s", family, diff)
		}
	}
}

func TestADisabledModeratorCanNotRefresh(t *testing.T) {
	for name, lock := range map[string]func(*memoryStore, Moderator){
		"disabled": func(s *memoryStore, m Moderator) {
			s.change(m.ID, func(m *Moderator) { m.DisabledAt = monday })
		},
		"gone": func(s *memoryStore, m Moderator) {
			s.mu.Lock()
			defer s.mu.Unlock()
			delete(s.moderators, m.ID)
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newFixture(t)
			m := h.registerAda(t)
			session := h.mustLogin(t)
			lock(h.store, m)
			if got, err := h.Refresh(t.Context(), session.RefreshToken); !errors.Is(err, ErrTokenInvalid) || got.AccessToken != "" {
				t.Errorf("got %v, %v, want ErrTokenInvalid", got.AccessToken, err)
			}
			for _, token := range h.store.tokens {
				if token.RevokedAt.IsZero() {
					t.Error("a token of the family is not revoked")
				}
			}
		})
	}
}

func TestRefreshRefusesMalformedTokens(t *testing.T) {
	h := newFixture(t)
	h.registerAda(t)
	session := h.mustLogin(t)
	for name, token := range map[string]string{
		"nothing":                 "",
		"one that was never made": strings.Repeat("A", 43),
		"an access token":         session.AccessToken,
		"one with padding":        session.RefreshToken + "=",
		"one cut short":           session.RefreshToken[:42],
		"another spelling":        session.RefreshToken[:42] + string(session.RefreshToken[42]+1),
		"its stored hash":         refreshEncoding.EncodeToString(onlyToken(t, h.store).SecretHash),
		"a line break in it":      session.RefreshToken[:42] + "\n",
		"a megabyte":              strings.Repeat("A", 1<<20),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := h.Refresh(t.Context(), token); !errors.Is(err, ErrTokenInvalid) || errors.Is(err, ErrTokenReused) {
				t.Errorf("Refresh = %v, want ErrTokenInvalid", err)
			}
			if err := h.Logout(t.Context(), token); err != nil {
				t.Errorf("Logout = %v", err)
			}
		})
	}
	if _, err := h.Refresh(t.Context(), session.RefreshToken); err != nil {
		t.Errorf("after all that, the real one: %v", err)
	}
}

func onlyToken(t *testing.T, s *memoryStore) RefreshToken {
	t.Helper()
	if len(s.tokens) != 1 {
		t.Fatalf("%d tokens are stored, want 1", len(s.tokens))
	}
	for _, token := range s.tokens {
		return token
	}
	return RefreshToken{}
}

func TestOnlyTheHashOfARefreshTokenIsStored(t *testing.T) {
	h := newFixture(t)
	h.registerAda(t)
	session := h.mustLogin(t)
	secret, err := refreshEncoding.DecodeString(session.RefreshToken)
	if err != nil || len(secret) != 32 {
		t.Fatalf("token is %d bytes, %v", len(secret), err)
	}
	stored := onlyToken(t, h.store)
	sum := sha256.Sum256(secret)
	if diff := cmp.Diff(sum[:], stored.SecretHash); diff != "" {
		t.Error(diff)
	}
	if text := fmt.Sprintf("%q", stored); strings.Contains(text, session.RefreshToken) || strings.Contains(text, string(secret)) {
		t.Error("the stored row contains the token")
	}
}

func TestLogoutEndsTheFamily(t *testing.T) {
	h := newFixture(t)
	h.registerAda(t)
	other := h.mustLogin(t)
	first := h.mustLogin(t)
	second, err := h.Refresh(t.Context(), first.RefreshToken)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := h.Logout(t.Context(), first.RefreshToken); err != nil {
			t.Errorf("Logout = %v", err)
		}
	}
	if _, err := h.Refresh(t.Context(), second.RefreshToken); !errors.Is(err, ErrTokenInvalid) {
		t.Errorf("after logout: %v, want ErrTokenInvalid", err)
	}
	if _, err := h.Refresh(t.Context(), other.RefreshToken); err != nil {
		t.Errorf("the moderator's other browser: %v", err)
	}
}
