package auth

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
)

var ada = Moderator{ID: "m-1", Name: "Ada", Role: RoleModerator, SiteIDs: []string{"site-1", "site-2"}}

func TestAccessTokenRoundTrip(t *testing.T) {
	c := &clock{now: monday}
	tokens := newTestTokens(t, newTestKeyRing(t, t.TempDir(), c.Now), c.Now)
	for name, m := range map[string]Moderator{
		"a moderator of two sites": ada,
		"an admin of every site":   {ID: "m-2", Name: "Grace", Role: RoleAdmin},
	} {
		t.Run(name, func(t *testing.T) {
			token, err := tokens.Issue(m, "s-1")
			if err != nil {
				t.Fatal(err)
			}
			got, err := tokens.Verify(token)
			if err != nil {
				t.Fatal(err)
			}
			want := Identity{ModeratorID: m.ID, SessionID: "s-1", Name: m.Name, Role: m.Role, SiteIDs: m.SiteIDs}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAccessTokensContainOnlyRequiredClaims(t *testing.T) {
	c := &clock{now: monday}
	ring := newTestKeyRing(t, t.TempDir(), c.Now)
	token, err := newTestTokens(t, ring, c.Now).Issue(ada, "s-1")
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(token, ".")
	var header, payload map[string]any
	for i, into := range []*map[string]any{&header, &payload} {
		b, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, into); err != nil {
			t.Fatal(err)
		}
	}
	if jti, ok := payload["jti"].(string); !ok || len(jti) != 36 {
		t.Errorf("jti is %v", payload["jti"])
	}
	delete(payload, "jti")
	at := float64(monday.Unix())
	if diff := cmp.Diff(map[string]any{"alg": "EdDSA", "typ": "JWT", "kid": ring.current().signing.id}, header); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]any{"iss": "https://comments.example", "aud": []any{"rejoinder-api"}, "sub": "m-1", "sid": "s-1", "iat": at,
		"nbf": at, "exp": at + 900, "name": "Ada", "role": "moderator", "sites": []any{"site-1", "site-2"}}, payload); diff != "" {
		t.Error(diff)
	}
}

func TestAnAccessTokenLivesFifteenMinutes(t *testing.T) {
	c := &clock{now: monday}
	tokens := newTestTokens(t, newTestKeyRing(t, t.TempDir(), c.Now), c.Now)
	token, err := tokens.Issue(ada, "s-1")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		at   time.Duration
		want error
	}{
		{"long before it was made", -time.Minute, ErrTokenInvalid},
		{"on a node whose clock is a little behind", -clockLeeway, nil},
		{"shortly before it expires", AccessTokenLife - time.Second, nil},
		{"on a node whose clock is a little ahead", AccessTokenLife + clockLeeway - time.Second, nil},
		{"after it expired", AccessTokenLife + clockLeeway, ErrTokenExpired},
		{"a year later", 365 * 24 * time.Hour, ErrTokenExpired},
	} {
		t.Run(test.name, func(t *testing.T) {
			c.now = monday.Add(test.at)
			_, err := tokens.Verify(token)
			if !errors.Is(err, test.want) || (err == nil) != (test.want == nil) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if early := test.at < 0; early && errors.Is(err, ErrTokenExpired) {
				t.Error("a token not valid yet is called expired")
			}
		})
	}
}

// forge makes a token whose fields are all chosen by the attacker.
func forge(t *testing.T, method jwt.SigningMethod, header map[string]any, body jwt.MapClaims, key any) string {
	t.Helper()
	token := jwt.NewWithClaims(method, body)
	for name, value := range header {
		token.Header[name] = value
	}
	signed, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func goodClaims(now time.Time) jwt.MapClaims {
	return jwt.MapClaims{"iss": "https://comments.example", "aud": "rejoinder-api", "sub": "m-1", "jti": "1", "sid": "s-1", "role": "admin",
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(time.Minute).Unix()}
}

func goodClaimsWith(name string, value any) jwt.MapClaims {
	c := goodClaims(monday)
	c[name] = value
	if value == nil {
		delete(c, name)
	}
	return c
}

func TestVerifyRefusesForgedTokens(t *testing.T) {
	c := &clock{now: monday}
	ring := newTestKeyRing(t, t.TempDir(), c.Now)
	tokens := newTestTokens(t, ring, c.Now)
	key := ring.current().signing
	good := forge(t, jwt.SigningMethodEdDSA, map[string]any{"kid": key.id}, goodClaims(monday), key.private)
	if _, err := tokens.Verify(good); err != nil {
		t.Fatalf("the pattern for the cases is refused itself: %v", err)
	}
	for _, cases := range []map[string]string{badlySignedTokens(t, key), badClaimTokens(t, key), malformedTokens(t, key)} {
		for name, token := range cases {
			t.Run(name, func(t *testing.T) {
				got, err := tokens.Verify(token)
				if !errors.Is(err, ErrTokenInvalid) {
					t.Fatalf("Verify = %+v, %v, want ErrTokenInvalid", got, err)
				}
				if errors.Is(err, ErrTokenExpired) {
					t.Errorf("%v: a token that was never good is called expired", err)
				}
				if diff := cmp.Diff(Identity{}, got); diff != "" {
					t.Errorf("an identity comes with the error: %s", diff)
				}
			})
		}
	}
}

func badlySignedTokens(t *testing.T, key signingKey) map[string]string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key.public())
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	_, stranger, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	kid, good := map[string]any{"kid": key.id}, goodClaims(monday)
	signed := forge(t, jwt.SigningMethodEdDSA, kid, good, key.private)
	none := forge(t, jwt.SigningMethodNone, kid, good, jwt.UnsafeAllowNoneSignatureType)
	return map[string]string{
		"alg none":                               none,
		"alg none with a signature":              none + signed[strings.LastIndexByte(signed, '.')+1:],
		"alg None in another spelling":           strings.Replace(none, none[:strings.IndexByte(none, '.')], b64(`{"alg":"nOnE","kid":"`+key.id+`"}`), 1),
		"HS256 keyed with the public key":        forge(t, jwt.SigningMethodHS256, kid, good, []byte(key.public())),
		"HS256 keyed with the public key as DER": forge(t, jwt.SigningMethodHS256, kid, good, der),
		"HS256 keyed with the public key as PEM": forge(t, jwt.SigningMethodHS256, kid, good, public),
		"HS256 keyed with PEM without line end":  forge(t, jwt.SigningMethodHS256, kid, good, []byte(strings.TrimSpace(string(public)))),
		"HS512 keyed with the public key":        forge(t, jwt.SigningMethodHS512, kid, good, []byte(key.public())),
		"signed by a stranger under our kid":     forge(t, jwt.SigningMethodEdDSA, kid, good, stranger),
		"a stranger's kid":                       forge(t, jwt.SigningMethodEdDSA, map[string]any{"kid": "stranger"}, good, key.private),
		"an empty kid":                           forge(t, jwt.SigningMethodEdDSA, map[string]any{"kid": ""}, good, key.private),
		"a kid that is a number":                 forge(t, jwt.SigningMethodEdDSA, map[string]any{"kid": 1}, good, key.private),
		"no kid":                                 forge(t, jwt.SigningMethodEdDSA, nil, good, key.private),
		"a stranger's key in the header":         forge(t, jwt.SigningMethodEdDSA, map[string]any{"jwk": map[string]any{"kty": "OKP"}}, good, stranger),
	}
}

func badClaimTokens(t *testing.T, key signingKey) map[string]string {
	t.Helper()
	eddsa := func(body jwt.MapClaims) string {
		return forge(t, jwt.SigningMethodEdDSA, map[string]any{"kid": key.id}, body, key.private)
	}
	return map[string]string{
		"another issuer":               eddsa(goodClaimsWith("iss", "https://other.example")),
		"no issuer":                    eddsa(goodClaimsWith("iss", nil)),
		"another audience":             eddsa(goodClaimsWith("aud", "another-api")),
		"no audience":                  eddsa(goodClaimsWith("aud", nil)),
		"no expiry":                    eddsa(goodClaimsWith("exp", nil)),
		"an expiry that is text":       eddsa(goodClaimsWith("exp", "tomorrow")),
		"no start":                     eddsa(goodClaimsWith("nbf", nil)),
		"a start in an hour":           eddsa(goodClaimsWith("nbf", monday.Add(time.Hour).Unix())),
		"issued in an hour":            eddsa(goodClaimsWith("iat", monday.Add(time.Hour).Unix())),
		"no time of issue":             eddsa(goodClaimsWith("iat", nil)),
		"no subject":                   eddsa(goodClaimsWith("sub", nil)),
		"no id":                        eddsa(goodClaimsWith("jti", nil)),
		"no session":                   eddsa(goodClaimsWith("sid", nil)),
		"no role":                      eddsa(goodClaimsWith("role", nil)),
		"an unknown role":              eddsa(goodClaimsWith("role", "owner")),
		"sites that are no list":       eddsa(goodClaimsWith("sites", "site-1")),
		"expired, from another issuer": eddsa(jwt.MapClaims{"iss": "x", "aud": "rejoinder-api", "exp": 1, "nbf": 1}),
	}
}

func malformedTokens(t *testing.T, key signingKey) map[string]string {
	t.Helper()
	signed := forge(t, jwt.SigningMethodEdDSA, map[string]any{"kid": key.id}, goodClaims(monday), key.private)
	return map[string]string{
		"a signature in a second spelling": signed[:len(signed)-1] + string(signed[len(signed)-1]+1),
		"a changed payload":                strings.Replace(signed, ".", "."+b64(`{"role":"admin"}`)[:4], 1),
		"a part too many":                  signed + ".",
		"padding":                          signed + "=",
		"JSON serialization":               `{"payload":"e30","signatures":[]}`,
		"a payload that is null":           forgeRaw(t, key, `null`),
		"a payload that is a list":         forgeRaw(t, key, `[]`),
		"nothing":                          "",
		"dots":                             "..",
		"a megabyte":                       strings.Repeat("a", 1<<20),
		"a megabyte of dots":               strings.Repeat(".", 1<<20),
	}
}

// That no key fits an algorithm of another family is the second line of defence; this is the first.
func TestOtherAlgorithmsAreRefusedBeforeAKeyIsLookedFor(t *testing.T) {
	c := &clock{now: monday}
	tokens := newTestTokens(t, newTestKeyRing(t, t.TempDir(), c.Now), c.Now)
	secret := []byte("whatever the attacker has")
	for name, token := range map[string]string{
		"none":  forge(t, jwt.SigningMethodNone, nil, goodClaims(monday), jwt.UnsafeAllowNoneSignatureType),
		"HS256": forge(t, jwt.SigningMethodHS256, nil, goodClaims(monday), secret),
	} {
		_, err := tokens.parser.ParseWithClaims(token, &claims{}, func(*jwt.Token) (any, error) {
			t.Errorf("%s: a key was looked for", name)
			return secret, nil
		})
		if !errors.Is(err, jwt.ErrTokenSignatureInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func forgeRaw(t *testing.T, key signingKey, payload string) string {
	t.Helper()
	text := b64(`{"alg":"EdDSA","kid":"`+key.id+`"}`) + "." + b64(payload)
	return text + "." + b64(string(ed25519.Sign(key.private, []byte(text))))
}

func TestNewTokensRefusesMissingFields(t *testing.T) {
	c := &clock{now: monday}
	whole := TokensConfig{Issuer: "i", Audience: "a", Keys: newTestKeyRing(t, t.TempDir(), c.Now), Now: c.Now, Random: rand.Reader}
	if _, err := NewTokens(whole); err != nil {
		t.Fatal(err)
	}
	for name, remove := range map[string]func(*TokensConfig){
		"no issuer":     func(c *TokensConfig) { c.Issuer = "" },
		"no audience":   func(c *TokensConfig) { c.Audience = "" },
		"no keys":       func(c *TokensConfig) { c.Keys = nil },
		"no clock":      func(c *TokensConfig) { c.Now = nil },
		"no randomness": func(c *TokensConfig) { c.Random = nil },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := whole
			remove(&cfg)
			if _, err := NewTokens(cfg); err == nil {
				t.Error("accepted")
			}
		})
	}
}

// jwsVectors are JSON Web Signatures from other sources: the corpora, if they are installed, and always a few
// of our own.
func jwsVectors(t *testing.T) []string {
	t.Helper()
	mac := jwt.New(jwt.SigningMethodHS256)
	mac.Header["kid"] = "kid-seed"
	seed, err := mac.SignedString([]byte("a key that is thirty-two bytes l"))
	if err != nil {
		t.Fatal(err)
	}
	all := []string{seed, b64(`{"alg":"none","kid":"kid-seed"}`) + ".e30.", b64(`{"alg":"RS256","kid":"kid-seed"}`) + ".e30.AAAA"}
	dir := os.Getenv("REJOINDER_CORPORA")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "corpora")
	}
	if _, err := os.Stat(dir); os.IsNotExist(err) {
		return all
	}
	content, err := os.ReadFile(filepath.Join(dir, "jwt", "wycheproof_json_web_signature_test.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		TestGroups []struct {
			Tests []struct {
				JWS string `json:"jws"`
			} `json:"tests"`
		} `json:"testGroups"`
	}
	if err := json.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, group := range file.TestGroups {
		for _, test := range group.Tests {
			all = append(all, test.JWS)
			read++
		}
	}
	if read == 0 {
		t.Fatal("the corpus holds no vectors")
	}
	t.Logf("%d vectors read", read)
	return all
}

// Try each vector twice: as it is, and against a key ring that knows the vectors' key IDs, so that an unknown
// ID is not the only reason for a refusal.
func TestNoForeignSignatureIsAccepted(t *testing.T) {
	c := &clock{now: monday}
	ring := newTestKeyRing(t, t.TempDir(), c.Now)
	tokens := newTestTokens(t, ring, c.Now)
	ownID := ring.keys.signing.id
	for _, jws := range jwsVectors(t) {
		if got, err := tokens.Verify(jws); !errors.Is(err, ErrTokenInvalid) {
			t.Errorf("%.60s…: Verify = %+v, %v", jws, got, err)
		}
		ring.keys.signing.id = kidOf(jws)
		if got, err := tokens.Verify(jws); !errors.Is(err, ErrTokenInvalid) {
			t.Errorf("%.60s… with its kid known: Verify = %+v, %v", jws, got, err)
		}
	}
	ring.keys.signing.id = ownID
	own, err := tokens.Issue(ada, "s-1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tokens.Verify(own); err != nil {
		t.Errorf("the same key ring refuses its own token: %v", err)
	}
}

func kidOf(jws string) string {
	head, _, _ := strings.Cut(jws, ".")
	b, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil {
		return ""
	}
	var header struct {
		Kid string `json:"kid"`
	}
	if json.Unmarshal(b, &header) != nil {
		return ""
	}
	return header.Kid
}

func FuzzVerify(f *testing.F) {
	c := &clock{now: monday}
	ring := newTestKeyRing(f, f.TempDir(), c.Now)
	tokens := newTestTokens(f, ring, c.Now)
	good, err := tokens.Issue(ada, "s-1")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(b64(`{"alg":"none"}`) + ".e30.")
	f.Fuzz(func(t *testing.T, token string) {
		if _, err := tokens.Verify(token); err == nil && token != good {
			t.Errorf("accepted: %q", token)
		}
	})
}
