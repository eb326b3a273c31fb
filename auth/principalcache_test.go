package auth

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestPrincipalsAreReadOnceInFiveSeconds(t *testing.T) {
	h := newFixture(t)
	h.registerAda(t)
	session := h.mustLogin(t)
	authenticate := func() {
		t.Helper()
		if _, err := h.Authenticate(t.Context(), session.AccessToken); err != nil {
			t.Fatal(err)
		}
	}
	for range 100 {
		authenticate()
	}
	if h.store.readings != 1 {
		t.Errorf("a hundred requests read all moderators %d times, want once", h.store.readings)
	}
	h.clock.add(PrincipalCacheAge - 1)
	authenticate()
	if h.store.readings != 1 {
		t.Error("they were read again too soon")
	}
	h.clock.add(1)
	authenticate()
	h.clock.add(-PrincipalCacheAge) // set back by an operator
	authenticate()
	if h.store.readings != 3 {
		t.Errorf("they were read %d times, want 3", h.store.readings)
	}
}

// changingStore announces a change while it is being read.
type changingStore struct {
	*memoryStore
	onRead func()
}

func (s changingStore) Moderators(ctx context.Context) ([]Moderator, error) {
	all, err := s.memoryStore.Moderators(ctx)
	s.onRead()
	return all, err
}

func TestAChangeDuringAReadingIsNotMissed(t *testing.T) {
	h := newFixture(t)
	m := h.registerAda(t)
	session := h.mustLogin(t)
	once := true
	h.Service.principals.store = changingStore{h.store, func() {
		if once {
			once = false
			h.store.change(m.ID, func(m *Moderator) { m.DisabledAt = monday })
			h.InvalidatePrincipals()
		}
	}}
	if _, err := h.Authenticate(t.Context(), session.AccessToken); err != nil {
		t.Fatalf("the cache is from before the change: %v", err)
	}
	if _, err := h.Authenticate(t.Context(), session.AccessToken); !errors.Is(err, ErrTokenInvalid) {
		t.Errorf("the next request: %v, want ErrTokenInvalid", err)
	}
}

func TestWithoutTheStoreNobodyIsLetIn(t *testing.T) {
	h := newFixture(t)
	h.registerAda(t)
	session := h.mustLogin(t)
	broken := errors.New("no database")
	h.Service.principals.store = brokenStore{h.store, broken}
	if who, err := h.Authenticate(t.Context(), session.AccessToken); !errors.Is(err, broken) || who.ModeratorID != "" {
		t.Errorf("got %+v, %v", who, err)
	}
}

type brokenStore struct {
	*memoryStore
	err error
}

func (s brokenStore) Moderators(context.Context) ([]Moderator, error) { return nil, s.err }

func TestCodesAreThoseOfTheStandard(t *testing.T) {
	// RFC 6238, appendix B, for SHA-1: the last six of the eight digits. The secret is "12345678901234567890" in
	// base32.
	const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	for unix, code := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"} {
		at := time.Unix(unix, 0)
		if step, ok, err := codeStep(secret, " "+code[:3]+" "+code[3:], at); !ok || step != unix/30 || err != nil {
			t.Errorf("at %d: step %d, %t, %v", unix, step, ok, err)
		}
		if step, ok, _ := codeStep(secret, code, at.Add(codePeriod)); !ok || step != unix/30 {
			t.Errorf("at %d: half a minute late: step %d, %t", unix, step, ok)
		}
		if _, ok, _ := codeStep(secret, code, at.Add(2*codePeriod)); ok {
			t.Errorf("at %d: a minute late, and still accepted", unix)
		}
	}
}
