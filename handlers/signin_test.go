package handlers_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/handlers/session"
)

const (
	loginPath   = "/api/v1/auth/login"
	refreshPath = "/api/v1/auth/refresh"
	logoutPath  = "/api/v1/auth/logout"
)

// refreshCookie returns the refresh token that a response sets, and requires its protective attributes.
func (r reply) refreshCookie() string {
	r.t.Helper()
	answer := http.Response{Header: r.header}
	for _, c := range answer.Cookies() {
		if c.Name != "__Host-rejoinder_refresh" {
			continue
		}
		if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" {
			r.t.Errorf("%s: the cookie is %s", r.what, c)
		}
		if c.MaxAge < 0 {
			return ""
		}
		return c.Value
	}
	r.t.Fatalf("%s sets no refresh cookie: %q", r.what, r.header.Values("Set-Cookie"))
	return ""
}

func withRefresh(path, token string) call {
	return call{method: http.MethodPost, path: path, wrong: true, header: map[string]string{"Cookie": "__Host-rejoinder_refresh=" + token}}
}

func TestSigningInRefreshingAndSigningOut(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		var session struct {
			AccessToken string `json:"access_token"`
			TokenType   string `json:"token_type"`
			ExpiresIn   int    `json:"expires_in"`
		}
		first := h.post(loginPath, fields{"email": adaEmail, "password": adaPassword})
		first.want(http.StatusOK, &session)
		if session.TokenType != "Bearer" || session.ExpiresIn != 900 {
			h.t.Errorf("signed in with %+v", session)
		}
		var me struct {
			ID, Name, Role string
			Sites          []string
		}
		h.do(call{method: http.MethodGet, path: "/api/v1/me", token: session.AccessToken}).want(http.StatusOK, &me)
		if me.Name != "Ada" || me.Role != "moderator" || strings.Join(me.Sites, " ") != "demo paper" {
			h.t.Errorf("signed in as %+v", me)
		}

		h.clock.advance(16 * time.Minute)
		h.do(call{method: http.MethodGet, path: "/api/v1/me", token: session.AccessToken}).wantProblem(http.StatusUnauthorized, "sign-in")
		second := h.do(withRefresh(refreshPath, first.refreshCookie())).want(http.StatusOK, &session)
		h.do(call{method: http.MethodGet, path: "/api/v1/me", token: session.AccessToken}).want(http.StatusOK, nil)
		h.do(withRefresh(logoutPath, second.refreshCookie())).want(http.StatusNoContent, nil)
		h.do(withRefresh(refreshPath, second.refreshCookie())).wantProblem(http.StatusUnauthorized, "session-over")
		h.do(call{method: http.MethodPost, path: logoutPath}).want(http.StatusNoContent, nil)
	})
}

func TestARefreshTokenUsedAgainEndsTheSession(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		stolen := h.post(loginPath, fields{"email": adaEmail, "password": adaPassword}).refreshCookie()
		current := h.do(withRefresh(refreshPath, stolen)).want(http.StatusOK, nil).refreshCookie()
		h.clock.advance(time.Minute)
		thief := h.do(withRefresh(refreshPath, stolen))
		thief.wantProblem(http.StatusUnauthorized, "session-over")
		if thief.refreshCookie() != "" {
			h.t.Error("the cookie of a session that is over stays")
		}
		h.do(withRefresh(refreshPath, current)).wantProblem(http.StatusUnauthorized, "session-over")
	})
}

func TestSignInRefusals(t *testing.T) {
	h := newTestServer(t)
	for _, tc := range []struct {
		name string
		call call
		code string
	}{
		{"a wrong password", call{path: loginPath, body: fields{"email": adaEmail, "password": "a loud harbour at dusk"}}, "bad-credentials"},
		{"an unknown email", call{path: loginPath, body: fields{"email": "nobody@paper.example", "password": adaPassword}}, "bad-credentials"},
		{"a refresh without a cookie", call{path: refreshPath, wrong: true}, "sign-in"},
		{"a refresh with a token of nobody", withRefresh(refreshPath, strings.Repeat("a", 43)), "sign-in"},
		{"a refresh with no token at all", withRefresh(refreshPath, "x"), "sign-in"},
	} {
		tc.call.method = http.MethodPost
		r := h.do(tc.call)
		r.wantProblem(http.StatusUnauthorized, tc.code)
		if !strings.HasPrefix(r.header.Get("WWW-Authenticate"), "Bearer ") {
			t.Errorf("%s: WWW-Authenticate is %q", tc.name, r.header.Get("WWW-Authenticate"))
		}
	}
}

func TestGuessingPasswordsIsSlowedDown(t *testing.T) {
	h := newTestServer(t)
	for range 100 {
		r := h.post(loginPath, fields{"email": adaEmail, "password": "a loud harbour at dusk"})
		if r.status != http.StatusTooManyRequests {
			r.wantProblem(http.StatusUnauthorized, "bad-credentials")
			continue
		}
		r.wantProblem(http.StatusTooManyRequests, "too-many")
		if r.header.Get("Retry-After") == "" {
			t.Error("nobody says when to try again")
		}
		return
	}
	t.Error("a hundred wrong passwords were all looked at")
}

func TestOtherWebsitesCanNeitherSignInNorRefreshNorSignOut(t *testing.T) {
	h := newTestServer(t)
	token := h.post(loginPath, fields{"email": adaEmail, "password": adaPassword}).refreshCookie()
	for _, from := range []map[string]string{
		{"Origin": harbour}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
		{"Sec-Fetch-Site": "same-site", "Origin": "https://blog.comments.example"},
	} {
		for _, path := range []string{loginPath, refreshPath, logoutPath} {
			c := withRefresh(path, token)
			c.body = fields{"email": adaEmail, "password": adaPassword}
			for name, value := range from {
				c.header[name] = value
			}
			r := h.do(c)
			r.wantProblem(http.StatusForbidden, "cross-origin")
			if r.header.Get("Set-Cookie") != "" {
				t.Errorf("%s from %v sets a cookie", r.what, from)
			}
		}
	}
	h.do(withRefresh(refreshPath, token)).want(http.StatusOK, nil)
}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// forgeries are tokens that must be rejected: unsigned ones, ones signed with the public key as if it were a
// secret, and ones signed by others.
func forgeries(t *testing.T, good, dataDir string) map[string]string {
	t.Helper()
	var keys struct {
		Keys []struct{ Kid, Public string }
	}
	if err := json.Unmarshal(must(os.ReadFile(filepath.Join(dataDir, auth.KeyFileName)))(t), &keys); err != nil || len(keys.Keys) == 0 {
		t.Fatalf("read the token keys: %v", err)
	}
	key := keys.Keys[0]
	parts := strings.Split(good, ".")
	forged := map[string]string{
		"no signature":    parts[0] + "." + parts[1] + ".",
		"another payload": parts[0] + "." + b64(`{"role":"admin"}`) + "." + parts[2],
	}
	for _, alg := range []string{"none", "None", "NONE", ""} {
		forged["algorithm "+alg] = b64(`{"alg":"`+alg+`","typ":"JWT","kid":"`+key.Kid+`"}`) + "." + parts[1] + "."
	}
	raw := must(base64.RawURLEncoding.DecodeString(key.Public))(t)
	for name, secret := range map[string][]byte{"bytes": raw, "text": []byte(key.Public)} {
		signed := b64(`{"alg":"HS256","typ":"JWT","kid":"`+key.Kid+`"}`) + "." + parts[1]
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(signed))
		forged["HS256 keyed with the public key's "+name] = signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	}
	return forged
}

func TestForgedTokensAreRefused(t *testing.T) {
	h := newTestServer(t)
	good := h.ada()
	h.do(call{method: http.MethodGet, path: "/api/v1/me", token: good}).want(http.StatusOK, nil)
	for name, token := range forgeries(t, good, h.dataDir) {
		r := h.do(call{method: http.MethodGet, path: "/api/v1/me", token: token})
		if r.status != http.StatusUnauthorized {
			t.Errorf("%s: status %d", name, r.status)
			continue
		}
		r.wantProblem(http.StatusUnauthorized, "sign-in")
		if !strings.Contains(r.header.Get("WWW-Authenticate"), `error="invalid_token"`) {
			t.Errorf("%s: WWW-Authenticate is %q", name, r.header.Get("WWW-Authenticate"))
		}
	}
	for _, authorization := range []string{"", "Bearer", "Bearer ", "Basic " + good, good, "bearer\t" + good, "Bearer " + good + "x"} {
		h.do(call{method: http.MethodGet, path: "/api/v1/me", header: map[string]string{"Authorization": authorization}, wrong: true}).
			wantProblem(http.StatusUnauthorized, "sign-in")
	}
}

func TestNoSignatureMadeByOthersIsAccepted(t *testing.T) {
	h := newTestServer(t)
	var file struct {
		TestGroups []struct{ Tests []struct{ JWS string } }
	}
	raw := corpus(t, "jwt/wycheproof_json_web_signature_test.json", `{"testGroups":[{"tests":[{"jws":"`+b64(`{"alg":"RS256"}`)+`.e30.AAAA"}]}]}`)
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, group := range file.TestGroups {
		for _, test := range group.Tests {
			read++
			for _, path := range []string{"/api/v1/me", "/api/v1/queue"} {
				if r := h.send(call{method: http.MethodGet, path: path, token: strings.ReplaceAll(test.JWS, "\n", " ")}); r.status != http.StatusUnauthorized {
					t.Errorf("%s with %.80s: status %d", path, test.JWS, r.status)
				}
			}
		}
	}
	if read == 0 {
		t.Error("no signatures were read")
	}
}

// setCookies returns the cookies that a response sets. A sign-in with a password also deletes the cookie of a
// session at a provider.
func setCookies(header http.Header) []*http.Cookie {
	cookies := (&http.Response{Header: header}).Cookies()
	return slices.DeleteFunc(cookies, func(c *http.Cookie) bool { return c.Name == session.ProviderCookie && c.MaxAge < 0 })
}

func TestTheConsolesCookiesAreBoundToTheHost(t *testing.T) {
	h := newTestServer(t)
	form := url.Values{"email": {adaEmail}, "password": {adaPassword}}.Encode()
	r := h.send(call{method: http.MethodPost, path: "/console/sign-in", body: form,
		header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}}).want(http.StatusSeeOther, nil)
	var names []string
	for _, c := range setCookies(r.header) {
		names = append(names, c.Name)
		if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" ||
			c.SameSite != http.SameSiteStrictMode {
			t.Errorf("the cookie is %s", c)
		}
	}
	slices.Sort(names)
	want := "__Host-rejoinder_access __Host-rejoinder_device __Host-rejoinder_refresh"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("the cookies are %s, want %s", got, want)
	}
}
