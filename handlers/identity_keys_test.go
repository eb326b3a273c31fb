package handlers_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"rejoinder/moderation"
)

func TestKeySetsAreRequestedAgainWhenKeysChange(t *testing.T) {
	h := newTestServer(t)
	p := newPublisher(h, "optional")
	keys := map[string]ed25519.PrivateKey{}
	var set atomic.Value // of the JWK set that is served
	serve := func(ids ...string) {
		var members []fields
		for _, id := range ids {
			if keys[id] == nil {
				keys[id] = ed25519.NewKeyFromSeed([]byte(strings.Repeat(id, 32)))
			}
			members = append(members, fields{"kty": "OKP", "crv": "Ed25519", "kid": id, "use": "sig",
				"x": base64.RawURLEncoding.EncodeToString(keys[id].Public().(ed25519.PublicKey))})
		}
		set.Store(must(json.Marshal(fields{"keys": members}))(t))
	}
	serve("a")
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		body := set.Load().([]byte)
		if len(body) == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		w.Write(body) //nolint:errcheck // the client may hang up
	}))
	t.Cleanup(server.Close)
	p.iris.post(identityKeys, fields{"name": "Keys", "kind": "url", "key": "http://10.1.2.3/keys"}).wantProblem(422, "invalid", "/key malformed")
	p.iris.post(identityKeys, fields{"name": "Keys", "kind": "url", "key": "http://keys.example/set"}).wantProblem(422, "invalid", "/key malformed")
	p.iris.post(identityKeys, fields{"name": "Keys", "kind": "url", "key": "http://8.8.8.8/set"}).wantProblem(422, "invalid", "/key malformed")
	p.iris.post(identityKeys, fields{"name": "Keys", "kind": "url", "key": server.URL}).want(http.StatusCreated, nil)
	signed := func(id string) string {
		token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, p.claims("7", nil))
		token.Header["kid"] = id
		return must(token.SignedString(keys[id]))(t)
	}
	p.send(signed("a"), "By the first key").want(http.StatusCreated, nil)
	serve("b")
	before := requests.Load()
	p.send(signed("b"), "Too soon to ask again").wantProblem(http.StatusUnauthorized, "identity", "/identity/kid no_key")
	if requests.Load() != before {
		t.Error("each unknown key makes a request")
	}
	h.clock.advance(time.Minute)
	p.send(signed("b"), "By the second key").want(http.StatusCreated, nil)
	p.send(signed("a"), "By the key that vanished").wantProblem(http.StatusUnauthorized, "identity", "/identity/kid no_key")
	set.Store([]byte{})
	h.clock.advance(30 * time.Minute)
	p.send(signed("b"), "While the set is out of reach").want(http.StatusCreated, nil)
	h.clock.advance(time.Hour)
	p.send(signed("b"), "Long after").wantProblem(http.StatusUnauthorized, "identity", "/identity/kid no_key")
	listed := must(h.Readers.ListKeys(t.Context(), moderation.Viewer{}, "paper"))(t)
	if len(listed) != 2 || !strings.Contains(listed[1].Trouble, "status 503") {
		t.Errorf("%+v", listed)
	}
}

func TestIdentityIsSetUpInTheConsole(t *testing.T) {
	s := newFixture(t)
	admin := s.newAdmin()
	const here = "/console/sites/paper/identity"
	page := admin.get(here)
	wrong := page.fill(admin, here, "identity", "required", "avatar_origins", "harbour.example/img", "sign_in_url", "nowhere")
	wrong.want(http.StatusUnprocessableEntity, "harbour.example/img", `href="#identity-avatar_origins"`, `href="#identity-sign_in_url"`)
	saved := admin.follow(wrong.fill(admin, here, "avatar_origins", "https://img.harbour.example", "sign_in_url", ""))
	saved.want(http.StatusOK, "Saved.", `<option value="required" selected>`)
	saved.fill(admin, here+"/keys", "name", "Old", "kind", "public", "key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----").
		want(http.StatusUnprocessableEntity, "private key")
	added := admin.follow(saved.fill(admin, here+"/keys", "name", "Website", "kind", "secret"))
	added.want(http.StatusOK, "The key has been added.", "Secret of Website")
	_, secret, _ := strings.Cut(added.body, `id="secret" type="text" readonly value="`)
	secret, _, _ = strings.Cut(secret, `"`)
	again := admin.get(here)
	if len(secret) != 43 || strings.Contains(again.body, secret) {
		t.Errorf("the secret %q is shown twice, or never", secret)
	}
	now := s.clock.Now()
	token := must(jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"aud": "paper", "sub": "7", "name": "Mika", "email": "m@mail.example",
		"email_verified": true, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "badges": []string{"author"}}).SignedString([]byte(secret)))(t)
	admin.post(here+"/check", url.Values{"token": {token}}).want(http.StatusOK, "Accepted.", "<bdi>Mika</bdi>", "author")
	admin.post(here+"/check", url.Values{"token": {token + "x"}}).want(http.StatusOK, "Refused.")
	_, remove, _ := strings.Cut(again.body, `action="`+here+`/keys/`)
	remove, _, _ = strings.Cut(remove, `"`)
	admin.follow(admin.post(here+"/keys/"+remove, url.Values{})).want(http.StatusOK, "The key has been removed.", "There are no keys yet")
	admin.get("/console/audit").want(http.StatusOK, "added an identity key", "removed an identity key")
}
