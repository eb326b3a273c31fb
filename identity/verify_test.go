package identity_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"rejoinder/identity"
)

var (
	now  = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	want = identity.Expectation{Issuer: "https://gazette.example", Audience: "gazette"}
	ours = []byte("a secret of the gazette, 32 bytes")
)

// claims are those of a valid token, with changes; nil removes a claim.
func claims(changes jwt.MapClaims) jwt.MapClaims {
	c := jwt.MapClaims{
		"iss": "https://gazette.example", "aud": "gazette", "sub": "4711", "name": "Ada", "email": "ada@mail.example",
		"email_verified": true, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
	}
	maps.Copy(c, changes)
	maps.DeleteFunc(c, func(_ string, v any) bool { return v == nil })
	return c
}

func sign(t *testing.T, method jwt.SigningMethod, key any, header map[string]any, c jwt.MapClaims) string {
	t.Helper()
	token := jwt.NewWithClaims(method, c)
	maps.Copy(token.Header, header)
	signed, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func secretKey(t *testing.T, secret []byte) identity.Key {
	t.Helper()
	key, err := identity.Secret(secret)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// raw returns a token with exactly this header and these claims, signed with our secret.
func raw(t *testing.T, header, body string) string {
	t.Helper()
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(header)) + "." + encode([]byte(body))
	signature, err := jwt.SigningMethodHS256.Sign(signed, ours)
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + encode(signature)
}

func pemOf(t *testing.T, public any) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func codeOf(err error) identity.Code {
	var refusal *identity.Refusal
	if !errors.As(err, &refusal) {
		return ""
	}
	return refusal.Code
}

func TestTokenSaysWhoTheReaderIs(t *testing.T) {
	token := sign(t, jwt.SigningMethodHS256, ours, nil, claims(jwt.MapClaims{
		"profile": "https://gazette.example/ada", "picture": "https://img.gazette.example/ada.png",
		"badges": []string{"subscriber", "author", "subscriber"}, "aud": []string{"shop", "gazette"}, "role": "anything",
	}))
	got, err := identity.Verify(token, []identity.Key{secretKey(t, ours)}, want, now)
	if err != nil {
		t.Fatal(err)
	}
	wanted := identity.Claims{Subject: "4711", Name: "Ada", Email: "ada@mail.example", ProfileURL: "https://gazette.example/ada",
		AvatarURL: "https://img.gazette.example/ada.png", Badges: []string{"author", "subscriber"}, ExpiresAt: now.Add(time.Hour)}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Error(diff)
	}
}

func TestPublicKeysOfEachAlgorithmVerify(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	text := pemOf(t, &rsaKey.PublicKey) + pemOf(t, &ecKey.PublicKey) + pemOf(t, public)
	keys, err := identity.ParsePublicKeys(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct {
		method jwt.SigningMethod
		key    any
	}{{jwt.SigningMethodRS256, rsaKey}, {jwt.SigningMethodES256, ecKey}, {jwt.SigningMethodEdDSA, edKey}} {
		if _, err := identity.Verify(sign(t, one.method, one.key, nil, claims(nil)), keys, want, now); err != nil {
			t.Errorf("%s: %v", one.method.Alg(), err)
		}
	}
	// Algorithm confusion: the public key, which everybody knows, used as the secret of a MAC.
	forged := sign(t, jwt.SigningMethodHS256, []byte(pemOf(t, &rsaKey.PublicKey)), nil, claims(nil))
	if _, err := identity.Verify(forged, keys, want, now); codeOf(err) != identity.Algorithm {
		t.Errorf("HS256 with a public key: %v", err)
	}
	for _, method := range []jwt.SigningMethod{jwt.SigningMethodRS512, jwt.SigningMethodPS256} {
		if _, err := identity.Verify(sign(t, method, rsaKey, nil, claims(nil)), keys, want, now); codeOf(err) != identity.Algorithm {
			t.Errorf("%s: %v", method.Alg(), err)
		}
	}
	none := sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil, claims(nil))
	if _, err := identity.Verify(none, keys, want, now); codeOf(err) != identity.Algorithm {
		t.Errorf("none: %v", err)
	}
}

func TestTokensAreRefusedForTheirFirstFault(t *testing.T) {
	key := secretKey(t, ours)
	key.ID = "2026"
	keys := []identity.Key{key}
	hs := func(changes jwt.MapClaims) string { return sign(t, jwt.SigningMethodHS256, ours, nil, claims(changes)) }
	valid := hs(nil)
	body, err := json.Marshal(claims(nil))
	if err != nil {
		t.Fatal(err)
	}
	const header = `{"alg":"HS256"}`
	at := func(d time.Duration) int64 { return now.Add(d).Unix() }
	for name, c := range map[string]struct {
		token string
		want  identity.Code
	}{
		"valid":                          {valid, ""},
		"clock 60 s behind":              {hs(jwt.MapClaims{"iat": at(time.Minute), "nbf": at(time.Minute)}), ""},
		"clock 61 s behind":              {hs(jwt.MapClaims{"iat": at(61 * time.Second)}), identity.NotYet},
		"not before in 61 s":             {hs(jwt.MapClaims{"nbf": at(61 * time.Second)}), identity.NotYet},
		"ended 59 s ago":                 {hs(jwt.MapClaims{"iat": at(-time.Hour), "exp": at(-59 * time.Second)}), ""},
		"ended 60 s ago":                 {hs(jwt.MapClaims{"iat": at(-time.Hour), "exp": at(-time.Minute)}), identity.Expired},
		"ended, and for another site":    {hs(jwt.MapClaims{"exp": at(-time.Hour), "iat": at(-time.Hour), "aud": "other"}), identity.Audience},
		"valid for 24 h":                 {hs(jwt.MapClaims{"exp": at(24 * time.Hour)}), ""},
		"valid for longer":               {hs(jwt.MapClaims{"exp": at(24*time.Hour + time.Second)}), identity.TooLong},
		"ends before it begins":          {hs(jwt.MapClaims{"exp": at(-time.Second)}), identity.TooLong},
		"without end":                    {hs(jwt.MapClaims{"exp": nil}), identity.Missing},
		"with an end in words":           {hs(jwt.MapClaims{"exp": "4102444800"}), identity.Missing},
		"with an end out of range":       {hs(jwt.MapClaims{"exp": 1e300}), identity.Missing},
		"without time of signing":        {hs(jwt.MapClaims{"iat": nil}), identity.Missing},
		"without subject":                {hs(jwt.MapClaims{"sub": nil}), identity.Missing},
		"with a number as subject":       {hs(jwt.MapClaims{"sub": 4711}), identity.BadClaim},
		"with a long subject":            {hs(jwt.MapClaims{"sub": strings.Repeat("x", 256)}), identity.BadClaim},
		"with a control in the subject":  {hs(jwt.MapClaims{"sub": "a\x00b"}), identity.BadClaim},
		"without name":                   {hs(jwt.MapClaims{"name": ""}), identity.Missing},
		"without email":                  {hs(jwt.MapClaims{"email": nil}), identity.Missing},
		"without verified email":         {hs(jwt.MapClaims{"email_verified": nil}), identity.Unproved},
		"with an unverified email":       {hs(jwt.MapClaims{"email_verified": false}), identity.Unproved},
		"with the word true":             {hs(jwt.MapClaims{"email_verified": "true"}), identity.Unproved},
		"for another site":               {hs(jwt.MapClaims{"aud": "courier"}), identity.Audience},
		"for nobody":                     {hs(jwt.MapClaims{"aud": nil}), identity.Missing},
		"for an empty list":              {hs(jwt.MapClaims{"aud": []string{}}), identity.Missing},
		"for a number":                   {hs(jwt.MapClaims{"aud": 1}), identity.BadClaim},
		"by another issuer":              {hs(jwt.MapClaims{"iss": "https://courier.example"}), identity.Issuer},
		"by nobody":                      {hs(jwt.MapClaims{"iss": nil}), identity.Issuer},
		"with nine badges":               {hs(jwt.MapClaims{"badges": strings.Split("abcdefghi", "")}), identity.BadClaim},
		"with a badge in capitals":       {hs(jwt.MapClaims{"badges": []string{"Author"}}), identity.BadClaim},
		"with a badge that is no list":   {hs(jwt.MapClaims{"badges": "author"}), identity.BadClaim},
		"with another secret":            {sign(t, jwt.SigningMethodHS256, []byte("the secret of the courier, 32 byt"), nil, claims(nil)), identity.Signature},
		"with the key's ID":              {sign(t, jwt.SigningMethodHS256, ours, map[string]any{"kid": "2026"}, claims(nil)), ""},
		"with the ID of a vanished key":  {sign(t, jwt.SigningMethodHS256, ours, map[string]any{"kid": "2025"}, claims(nil)), identity.NoKey},
		"with a critical extension":      {sign(t, jwt.SigningMethodHS256, ours, map[string]any{"crit": []string{"b64"}}, claims(nil)), identity.Malformed},
		"with a key in the header":       {sign(t, jwt.SigningMethodHS256, []byte("the attacker's own secret, 32 byt"), map[string]any{"jwk": "…"}, claims(nil)), identity.Signature},
		"oversized":                      {hs(jwt.MapClaims{"x": strings.Repeat("x", identity.MaxTokenBytes)}), identity.TooLarge},
		"with a claim twice":             {raw(t, header, `{"sub":"1",`+string(body[1:])), identity.Duplicate},
		"with a claim twice, escaped":    {raw(t, header, `{"\u0073ub":"1",`+string(body[1:])), identity.Duplicate},
		"with a name twice, inside":      {raw(t, header, `{"x":{"a":1,"a":2},`+string(body[1:])), identity.Duplicate},
		"with an algorithm twice":        {raw(t, `{"alg":"none","alg":"HS256"}`, string(body)), identity.Duplicate},
		"with the algorithm in capitals": {raw(t, `{"ALG":"HS256"}`, string(body)), identity.Algorithm},
		"with a subject in capitals":     {raw(t, header, strings.Replace(string(body), `"sub"`, `"SUB"`, 1)), identity.Missing},
		"with a list of claims":          {raw(t, header, `[]`), identity.Malformed},
		"with text after the claims":     {raw(t, header, string(body)+"{}"), identity.Malformed},
		"with bytes that are no text":    {raw(t, header, `{"x":"`+"\xff"+`",`+string(body[1:])), identity.Malformed},
		"with deep nesting":              {raw(t, header, `{"x":`+strings.Repeat("[", 20)+strings.Repeat("]", 20)+`,`+string(body[1:])), identity.Malformed},
		"empty":                          {"", identity.Malformed},
		"cut short":                      {valid[:len(valid)-3], identity.Signature},
		"with padding":                   {valid + "=", identity.Malformed},
		"with a line break":              {valid[:40] + "\n" + valid[40:], identity.Malformed},
		"with four parts":                {valid + ".e30", identity.Malformed},
		"as JSON":                        {`{"payload":"e30","signatures":[]}`, identity.Malformed},
	} {
		if _, err := identity.Verify(c.token, keys, want, now); codeOf(err) != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if _, err := identity.Verify(valid, nil, want, now); codeOf(err) != identity.NoKey {
		t.Errorf("without keys: %v", err)
	}
}

func FuzzVerify(f *testing.F) {
	key, err := identity.Secret(ours)
	if err != nil {
		f.Fatal(err)
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims(nil)).SignedString(ours)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(token)
	f.Add("e30.e30.")
	f.Fuzz(func(t *testing.T, altered string) {
		_, err := identity.Verify(altered, []identity.Key{key}, want, now)
		if (err == nil) != (altered == token) {
			t.Errorf("%q: %v", altered, err)
		}
	})
}
