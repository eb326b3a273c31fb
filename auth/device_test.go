package auth

import (
	"encoding/base64"
	"errors"
	"fmt"
	"testing"
	"time"
)

// loginFrom is a login of Ada's from the given address.
func loginFrom(address string) LoginRequest {
	return LoginRequest{Email: adaEmail, Password: adaPassword, AddressKey: []byte(address)}
}

// exhaustGuesses sends wrong passwords for Ada's account, each from a different address, until the account's
// budget is used up.
func (h *fixture) exhaustGuesses(t *testing.T) {
	t.Helper()
	for i := range 100 {
		req := loginFrom(fmt.Sprintf("guesser-%d", i))
		req.Password = "wrong wrong wrong"
		_, err := h.Login(t.Context(), req)
		var tooMany *TooManyAttempts
		if errors.As(err, &tooMany) {
			return
		}
		if !errors.Is(err, ErrBadCredentials) {
			t.Fatal(err)
		}
	}
	t.Fatal("a hundred addresses could each guess")
}

func TestStrangersWhoGuessDelayOnlyStrangers(t *testing.T) {
	h := newFixture(t)
	ada := h.registerAda(t)
	if _, err := h.Register(t.Context(), NewModerator{Email: "eve@paper.example", Name: "Eve", Role: RoleModerator,
		Password: "lanterns over the weir"}); err != nil {
		t.Fatal(err)
	}
	eve, err := h.Login(t.Context(), LoginRequest{Email: "eve@paper.example", Password: "lanterns over the weir", AddressKey: []byte("cafe")})
	if err != nil {
		t.Fatal(err)
	}
	session, err := h.Login(t.Context(), loginFrom("newsroom"))
	if err != nil {
		t.Fatal(err)
	}
	forged := base64.RawURLEncoding.EncodeToString([]byte(`{"m":"` + ada.ID + `","d":"` + ada.ID + `"}`))
	for _, tc := range []struct {
		name, address, device string
		admitted              bool
	}{
		{"a known device in a new place", "hotel", session.Device, true},
		{"an unknown device at a known address", "newsroom", "", true},
		{"an unknown device in a new place", "airport", "", false},
		{"the device of somebody else", "airport", eve.Device, false},
		{"a device that was made up", "airport", forged, false},
		{"the address of somebody else", "cafe", "", false},
	} {
		h.exhaustGuesses(t)
		req := loginFrom(tc.address)
		req.Device = tc.device
		_, err := h.Login(t.Context(), req)
		var tooMany *TooManyAttempts
		if tc.admitted && err != nil || !tc.admitted && !errors.As(err, &tooMany) {
			t.Errorf("%s: %v", tc.name, err)
		}
		h.clock.add(time.Hour)
	}
}

func TestAKnownDeviceAndAKnownAddressHaveFewAttemptsToo(t *testing.T) {
	for _, name := range []string{"a known device, wherever it is", "a known address"} {
		t.Run(name, func(t *testing.T) {
			h := newFixture(t)
			h.registerAda(t)
			session, err := h.Login(t.Context(), loginFrom("newsroom"))
			if err != nil {
				t.Fatal(err)
			}
			looked := 0
			for i := range 100 {
				req := loginFrom("newsroom")
				if name != "a known address" {
					req.Device, req.AddressKey = session.Device, fmt.Appendf(nil, "place-%d", i)
				}
				req.Password = "wrong wrong wrong"
				if _, err := h.Login(t.Context(), req); errors.Is(err, ErrBadCredentials) {
					looked++
				}
			}
			if looked != accountPolicy.free {
				t.Errorf("%d wrong passwords were looked at, want %d", looked, accountPolicy.free)
			}
			if _, err := h.Login(t.Context(), loginFrom("elsewhere")); err != nil {
				t.Errorf("a stranger has to wait for that: %v", err)
			}
		})
	}
}

func TestAKnownAddressIsForgottenInTheEnd(t *testing.T) {
	h := newFixture(t)
	h.registerAda(t)
	if _, err := h.Login(t.Context(), loginFrom("newsroom")); err != nil {
		t.Fatal(err)
	}
	h.clock.add(addressKnownFor + time.Hour)
	h.exhaustGuesses(t)
	var tooMany *TooManyAttempts
	if _, err := h.Login(t.Context(), loginFrom("newsroom")); !errors.As(err, &tooMany) {
		t.Errorf("an address of long ago: %v, want a delay", err)
	}
}

func TestRefusedAttemptsCountAgainstTheirAddress(t *testing.T) {
	h := newFixture(t)
	h.registerAda(t)
	h.exhaustGuesses(t)
	for range addressPolicy.free { // each is refused because of the account
		_, _ = h.Login(t.Context(), loginFrom("one guesser"))
	}
	req := loginFrom("one guesser")
	req.Email = "somebody-else@paper.example"
	if _, err := h.Login(t.Context(), req); outcome(err) != "wait 1s" {
		t.Errorf("an address with %d refused attempts: %v, want a delay", addressPolicy.free, err)
	}
}

func TestANetworkHasALargerAllowanceThanAnAddress(t *testing.T) {
	h := newFixture(t)
	h.registerAda(t)
	guess := func(network string, i int) error {
		_, err := h.Login(t.Context(), LoginRequest{Email: fmt.Sprintf("guess-%d@paper.example", i), Password: "wrong wrong wrong",
			AddressKey: fmt.Appendf(nil, "subnet-%d", i), NetworkKey: []byte(network)})
		return err
	}
	for i := range networkPolicy.free {
		if err := guess("customer", i); !errors.Is(err, ErrBadCredentials) {
			t.Fatalf("attempt %d: %v", i+1, err)
		}
	}
	if err := guess("customer", networkPolicy.free); outcome(err) != "wait 1s" {
		t.Errorf("one more subnet of the same customer: %v, want a delay", err)
	}
	if err := guess("another customer", networkPolicy.free+1); !errors.Is(err, ErrBadCredentials) {
		t.Errorf("another network: %v", err)
	}
}

func TestUnlockingForgetsFailuresOfThatAccountOnly(t *testing.T) {
	h := newFixture(t)
	ada := h.registerAda(t)
	h.exhaustGuesses(t)
	for range accountPolicy.free {
		_, _ = h.Login(t.Context(), loginRequest("other@paper.example", "wrong wrong wrong"))
	}
	if err := h.Unlock(t.Context(), Identity{}, ada); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Login(t.Context(), loginFrom("hotel")); err != nil {
		t.Errorf("after it was unlocked: %v", err)
	}
	var tooMany *TooManyAttempts
	if _, err := h.Login(t.Context(), loginRequest("other@paper.example", "wrong wrong wrong")); !errors.As(err, &tooMany) {
		t.Errorf("another account: %v, want a delay", err)
	}
}
