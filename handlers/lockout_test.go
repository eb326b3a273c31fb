package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"rejoinder/auth"
)

const (
	deviceCookie  = "__Host-rejoinder_device"
	guesserHome   = "198.51.100.1"
	newPlace      = "203.0.113.9"
	wrongPassword = "a loud harbour at dusk"
)

// device returns the device token that a response sets, and checks its cookie attributes.
func (r reply) device() string {
	r.t.Helper()
	answer := http.Response{Header: r.header}
	for _, c := range answer.Cookies() {
		if c.Name != deviceCookie {
			continue
		}
		if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" ||
			c.MaxAge != int(auth.DeviceLife.Seconds()) {
			r.t.Errorf("%s: the cookie is %s", r.what, c)
		}
		return c.Value
	}
	r.t.Fatalf("%s sets no device cookie: %q", r.what, r.header.Values("Set-Cookie"))
	return ""
}

// signInAt sends a password from an address, with the browser's device token.
func (h *testServer) signInAt(address, device, password string) reply {
	h.t.Helper()
	c := call{method: http.MethodPost, path: loginPath, address: address, body: fields{"email": adaEmail, "password": password}}
	if device != "" {
		c.header = map[string]string{"Cookie": deviceCookie + "=" + device}
	}
	return h.do(c)
}

// lockOut sends wrong passwords from an unknown client until they are refused.
func (h *testServer) lockOut() {
	h.t.Helper()
	for range 8 {
		if h.signInAt(guesserHome, "", wrongPassword).status == http.StatusTooManyRequests {
			return
		}
	}
	h.t.Fatal("eight wrong passwords were all looked at")
}

func TestAStrangerLocksNobodyOut(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		device := h.signInAt("", "", adaPassword).want(http.StatusOK, nil).device()
		h.lockOut()
		refused := h.signInAt(newPlace, "", adaPassword)
		if p := refused.wantProblem(http.StatusTooManyRequests, "too-many"); !strings.Contains(p.Detail, "signed in on before") {
			h.t.Errorf("the refusal offers no remedy: %s", p.Detail)
		}
		h.signInAt("", "", adaPassword).want(http.StatusOK, nil)
		again := h.signInAt(newPlace, device, adaPassword).want(http.StatusOK, nil)
		h.do(withRefresh(logoutPath, again.refreshCookie())).want(http.StatusNoContent, nil)
		h.signInAt("203.0.113.10", again.device(), adaPassword).want(http.StatusOK, nil)
	})
}

func TestADeviceIsUnknownOnceItsOwnerEndsItsSession(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		var session struct {
			AccessToken string `json:"access_token"`
		}
		lost := h.signInAt("203.0.113.20", "", adaPassword).want(http.StatusOK, nil).device()
		first := h.signInAt("", "", adaPassword).want(http.StatusOK, &session)
		ada, device := h.as(session.AccessToken), first.device()
		ada.request(http.MethodDelete, "/api/v1/me/sessions", nil).want(http.StatusOK, nil)
		h.lockOut()
		h.signInAt(newPlace, lost, adaPassword).wantProblem(http.StatusTooManyRequests, "too-many")
		h.signInAt(newPlace, device, adaPassword).want(http.StatusOK, nil)

		const changed = "lanterns over the weir"
		fresh := ada.request(http.MethodPost, "/api/v1/me/password", fields{"current_password": adaPassword, "new_password": changed}).
			want(http.StatusNoContent, nil).device()
		h.lockOut()
		h.signInAt("203.0.113.30", device, changed).wantProblem(http.StatusTooManyRequests, "too-many")
		h.signInAt("203.0.113.30", fresh, changed).want(http.StatusOK, nil)
	})
}

func TestAStrangerWithThePasswordLocksNobodyOutOfTheCode(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		var first struct {
			SecondFactor struct{ Token string } `json:"second_factor"`
		}
		var session struct {
			AccessToken string `json:"access_token"`
		}
		device := h.signInAt("", "", adaPassword).want(http.StatusOK, &session).device()
		phone, _ := h.as(session.AccessToken).setUpFactor(adaPassword)
		h.clock.advance(time.Minute)
		code := func(address, device, code string) reply {
			h.signInAt(address, device, adaPassword).want(http.StatusOK, &first)
			return h.do(call{method: http.MethodPost, path: "/api/v1/auth/second-factor", address: address,
				header: map[string]string{"Cookie": deviceCookie + "=" + device},
				body:   fields{"token": first.SecondFactor.Token, "code": code}})
		}
		for range 5 {
			code(guesserHome, "", "000000").wantProblem(http.StatusUnprocessableEntity, "wrong-code")
		}
		code(newPlace, "", phone.code()).wantProblem(http.StatusTooManyRequests, "too-many")
		code(newPlace, device, phone.code()).want(http.StatusOK, nil).device()
	})
}

func TestABorrowedSessionDoesNotKeepItsOwnerFromChangingThePassword(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		borrowed, own := h.as(h.ada()), h.as(h.ada())
		change := fields{"current_password": wrongPassword, "new_password": "lanterns over the weir"}
		for range 5 {
			borrowed.request(http.MethodPost, "/api/v1/me/password", change).wantProblem(http.StatusUnprocessableEntity, "wrong-password")
		}
		borrowed.request(http.MethodPost, "/api/v1/me/password", change).wantProblem(http.StatusTooManyRequests, "too-many")
		change["current_password"] = adaPassword
		own.request(http.MethodPost, "/api/v1/me/password", change).want(http.StatusNoContent, nil)
	})
}
