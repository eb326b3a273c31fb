package auth

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestDelayDoublesUpToFifteenMinutes(t *testing.T) {
	var got []time.Duration
	for count := range 20 {
		got = append(got, accountPolicy.delay(count)/time.Second)
	}
	want := []time.Duration{0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900, 900}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestReserve(t *testing.T) {
	key := []byte("k")
	for _, test := range []struct {
		name   string
		before LoginFailures
		want   LoginFailures
	}{
		{"the first failure costs nothing",
			LoginFailures{Key: key},
			LoginFailures{Key: key, Count: 1, LastAt: monday}},
		{"the fifth blocks for a second",
			LoginFailures{Key: key, Count: 4, LastAt: monday},
			LoginFailures{Key: key, Count: 5, LastAt: monday, BlockedUntil: monday.Add(time.Second)}},
		{"when the wait is over, the next one blocks for twice as long",
			LoginFailures{Key: key, Count: 5, LastAt: monday, BlockedUntil: monday},
			LoginFailures{Key: key, Count: 6, LastAt: monday, BlockedUntil: monday.Add(2 * time.Second)}},
		{"the count stops where the delay stops growing",
			LoginFailures{Key: key, Count: 15, LastAt: monday},
			LoginFailures{Key: key, Count: 15, LastAt: monday, BlockedUntil: monday.Add(15 * time.Minute)}},
		{"an hour forgives one",
			LoginFailures{Key: key, Count: 4, LastAt: monday.Add(-90 * time.Minute)},
			LoginFailures{Key: key, Count: 4, LastAt: monday.Add(-30 * time.Minute)}},
		{"a day forgives all",
			LoginFailures{Key: key, Count: 15, LastAt: monday.Add(-LoginFailuresKept)},
			LoginFailures{Key: key, Count: 1, LastAt: monday}},
		{"a block years ahead, from a wrong clock, does not hold",
			LoginFailures{Key: key, Count: 5, LastAt: monday.AddDate(9, 0, 0), BlockedUntil: monday.AddDate(9, 0, 0)},
			LoginFailures{Key: key, Count: 6, LastAt: monday, BlockedUntil: monday.Add(2 * time.Second)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := accountPolicy.reserve(test.before, monday)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReserveWhileBlockedChangesNothing(t *testing.T) {
	before := LoginFailures{Key: []byte("k"), Count: 7, LastAt: monday, BlockedUntil: monday.Add(3 * time.Second)}
	got, err := accountPolicy.reserve(before, monday)
	var tooMany *TooManyAttempts
	if !errors.As(err, &tooMany) || tooMany.RetryAfter != 3*time.Second {
		t.Errorf("got %v, want a wait of 3 s", err)
	}
	if diff := cmp.Diff(before, got); diff != "" {
		t.Error(diff)
	}
}

func TestReleaseTakesBackOneAttemptOnly(t *testing.T) {
	for _, test := range []struct {
		name   string
		before LoginFailures
		want   LoginFailures
	}{
		{"a clean address stays clean",
			LoginFailures{Count: 1, LastAt: monday}, LoginFailures{LastAt: monday}},
		{"an address below the limit is not blocked",
			LoginFailures{Count: 30, LastAt: monday, BlockedUntil: monday.Add(time.Second)}, LoginFailures{Count: 29, LastAt: monday}},
		{"an address that guesses at others stays blocked, as after its last failure",
			LoginFailures{Count: 34, LastAt: monday, BlockedUntil: monday.Add(16 * time.Second)},
			LoginFailures{Count: 33, LastAt: monday, BlockedUntil: monday.Add(8 * time.Second)}},
		{"a shorter wait is not made longer",
			LoginFailures{Count: 34, LastAt: monday, BlockedUntil: monday.Add(time.Second)},
			LoginFailures{Count: 33, LastAt: monday, BlockedUntil: monday.Add(time.Second)}},
		{"a row that was cleaned up meanwhile stays empty",
			LoginFailures{}, LoginFailures{LastAt: monday}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, addressPolicy.release(test.before, monday)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEveryFailureIsForgivenWithinTheTimeThatRowsAreKept(t *testing.T) {
	for name, p := range map[string]delayPolicy{"account": accountPolicy, "address": addressPolicy, "network": networkPolicy} {
		f := p.forgiven(LoginFailures{Count: p.free + delaySteps, LastAt: monday}, monday.Add(LoginFailuresKept))
		if f.Count != 0 {
			t.Errorf("%s: %d failures are left", name, f.Count)
		}
	}
}

func TestAnAddressInConstantUseIsForgivenToo(t *testing.T) {
	f, now := LoginFailures{}, monday
	var err error
	for range 24 * 60 {
		// A newsroom: every minute somebody signs in, every hour somebody mistypes.
		if f, err = addressPolicy.reserve(f, now); err != nil {
			t.Fatalf("after %v: %v", now.Sub(monday), err)
		}
		if now.Minute() != 0 {
			f = addressPolicy.release(f, now)
		}
		now = now.Add(time.Minute)
	}
}

func TestAnAccountIsDelayedAfterFiveFailures(t *testing.T) {
	for name, email := range map[string]string{"a known account": adaEmail, "an unknown account": "nobody@paper.example"} {
		t.Run(name, func(t *testing.T) {
			h := newFixture(t)
			h.registerAda(t)
			var got []string
			for range 5 {
				_, err := h.Login(t.Context(), loginRequest(email, "wrong wrong wrong"))
				got = append(got, outcome(err))
			}
			for range 12 {
				_, err := h.Login(t.Context(), loginRequest(email, adaPassword))
				got = append(got, outcome(err))
				var tooMany *TooManyAttempts
				if !errors.As(err, &tooMany) {
					t.Fatalf("got %v, want a delay", err)
				}
				h.clock.add(tooMany.RetryAfter)
				if _, err := h.Login(t.Context(), loginRequest(email, "wrong wrong wrong")); !errors.Is(err, ErrBadCredentials) {
					t.Fatalf("after waiting %v: %v", tooMany.RetryAfter, err)
				}
			}
			want := []string{"bad", "bad", "bad", "bad", "bad", "wait 1s", "wait 2s", "wait 4s", "wait 8s", "wait 16s", "wait 32s",
				"wait 1m4s", "wait 2m8s", "wait 4m16s", "wait 8m32s", "wait 15m0s", "wait 15m0s"}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func outcome(err error) string {
	var tooMany *TooManyAttempts
	switch {
	case errors.As(err, &tooMany):
		return "wait " + tooMany.RetryAfter.String()
	case errors.Is(err, ErrBadCredentials):
		return "bad"
	}
	return fmt.Sprint(err)
}

func TestGuessingInParallelGainsNothing(t *testing.T) {
	h := newFixture(t)
	h.registerAda(t)
	nodes := []*Service{h.Service, h.newService(t, t.TempDir())}
	var looked, delayed atomic.Int64
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			_, err := nodes[i%2].Login(t.Context(), LoginRequest{Email: adaEmail, Password: "wrong wrong wrong",
				AddressKey: fmt.Appendf(nil, "address-%d", i)})
			var tooMany *TooManyAttempts
			switch {
			case errors.As(err, &tooMany):
				delayed.Add(1)
			case errors.Is(err, ErrBadCredentials):
				looked.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if looked.Load() != 5 || delayed.Load() != 195 {
		t.Errorf("%d passwords were looked at and %d refused, want 5 and 195", looked.Load(), delayed.Load())
	}
	hashed := nodes[0].hasher.Computations() + nodes[1].hasher.Computations() - 1 // one for registering
	if hashed != 5 {
		t.Errorf("%d passwords were hashed, want 5", hashed)
	}
}

func TestTheDelayOutlivesARestart(t *testing.T) {
	h := newFixture(t)
	h.registerAda(t)
	for range 5 {
		if _, err := h.Login(t.Context(), loginRequest(adaEmail, "wrong wrong wrong")); !errors.Is(err, ErrBadCredentials) {
			t.Fatal(err)
		}
	}
	if _, err := h.newService(t, t.TempDir()).Login(t.Context(), loginRequest(adaEmail, adaPassword)); outcome(err) != "wait 1s" {
		t.Errorf("after a restart: %v, want a delay", err)
	}
}

func TestASuccessfulLoginClearsTheAccount(t *testing.T) {
	h := newFixture(t)
	h.registerAda(t)
	for range 4 {
		for range 4 {
			if _, err := h.Login(t.Context(), loginRequest(adaEmail, "wrong wrong wrong")); !errors.Is(err, ErrBadCredentials) {
				t.Fatal(err)
			}
		}
		h.mustLogin(t)
	}
}

func TestAnAddressThatGuessesAtManyAccountsIsDelayed(t *testing.T) {
	h := newFixture(t)
	h.registerAda(t)
	for i := range addressPolicy.free {
		req := loginRequest(fmt.Sprintf("guess-%d@paper.example", i), "wrong wrong wrong")
		if _, err := h.Login(t.Context(), req); !errors.Is(err, ErrBadCredentials) {
			t.Fatalf("attempt %d: %v", i+1, err)
		}
	}
	if _, err := h.Login(t.Context(), loginRequest(adaEmail, adaPassword)); outcome(err) != "wait 1s" {
		t.Errorf("got %v, want a delay", err)
	}
	elsewhere := LoginRequest{Email: adaEmail, Password: adaPassword, AddressKey: []byte("address-2")}
	if _, err := h.Login(t.Context(), elsewhere); err != nil {
		t.Errorf("from another address: %v", err)
	}
}

func TestAnAttackersOwnAccountDoesNotFreeTheAddress(t *testing.T) {
	h := newFixture(t)
	h.registerAda(t)
	refused := 0
	for i := range 100 {
		h.clock.add(time.Second)
		_, err := h.Login(t.Context(), loginRequest(fmt.Sprintf("guess-%d@paper.example", i), "wrong wrong wrong"))
		var tooMany *TooManyAttempts
		if errors.As(err, &tooMany) {
			refused++
			continue
		}
		if _, err := h.Login(t.Context(), loginRequest(adaEmail, adaPassword)); err != nil && !errors.As(err, &tooMany) {
			t.Fatal(err)
		}
	}
	if refused < 60 {
		t.Errorf("only %d of 100 guesses were refused", refused)
	}
}
