package identity_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"rejoinder/identity"
)

// readerToken returns a token for a reader who is signed in, valid for an hour.
func readerToken(secret, site, id, name, email string, badges []string) (string, error) {
	now := time.Now()
	claims, err := json.Marshal(map[string]any{
		"aud": site, "sub": id, "name": name, "email": email, "email_verified": true,
		"badges": badges, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
	})
	if err != nil {
		return "", err
	}
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode(claims)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(signed))
	return signed + "." + encode(mac.Sum(nil)), nil
}

// The documentation has that function, and its token is accepted.
func TestTheExampleOfTheDocumentationWorks(t *testing.T) {
	ours, err := os.ReadFile("token_example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	document, err := os.ReadFile("../docs/reader-identity.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, found := strings.Cut(string(document), "```go\n")
	example, _, _ = strings.Cut(example, "```")
	if !found || !strings.Contains(string(ours), example) {
		t.Errorf("the document's Go example is not the function above:\n%s", example)
	}
	token, err := readerToken(string(ours[:43]), "gazette", "4711", "Mika Rantanen", "mika@mail.example", []string{"subscriber"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := identity.Verify(token, []identity.Key{secretKey(t, ours[:43])}, identity.Expectation{Audience: "gazette"}, time.Now())
	if err != nil || got.Subject != "4711" || got.Name != "Mika Rantanen" || len(got.Badges) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}
