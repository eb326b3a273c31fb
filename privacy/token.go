package privacy

import (
	"crypto/subtle"
	"encoding/base64"
)

// Token returns the secret of a subject for a purpose, 43 characters of
// base64url, under the primary key. It is the same every time, so nothing needs
// to be stored to verify it later. Purposes in use: "receipt" (subject: comment
// id), and whatever browser and form tokens name themselves.
func (k *Keyring) Token(purpose, subject string) string {
	return base64.RawURLEncoding.EncodeToString(compute(k.current.Load().tokens[0], purpose, subject))
}

// VerifyToken reports whether token is what Token returned for the same purpose
// and subject under any key of the ring. How long it takes depends on the number
// of keys, not on the token.
func (k *Keyring) VerifyToken(purpose, subject, token string) bool {
	valid := 0
	for _, function := range k.current.Load().tokens {
		// The texts are compared, not the bytes: base64 has several spellings of
		// the same bytes, and only one of them was handed out.
		want := base64.RawURLEncoding.EncodeToString(compute(function, purpose, subject))
		valid |= subtle.ConstantTimeCompare([]byte(want), []byte(token))
	}
	return valid == 1
}
