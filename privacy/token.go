package privacy

import (
	"crypto/subtle"
	"encoding/base64"
)

// Token returns the token of a subject for a purpose under the primary key: 43 characters of base64url. It is
// deterministic, so verifying it needs no storage. Purposes in use are "receipt" (subject: comment id) and
// those of browser and form tokens.
func (k *Keyring) Token(purpose, subject string) string {
	return base64.RawURLEncoding.EncodeToString(compute(k.current.Load().tokens[0], tokenBytes, purpose, subject))
}

// VerifyToken reports whether token is what Token returned for the same purpose and subject under any key of
// the ring. Its time depends on the number of keys, not on the token.
func (k *Keyring) VerifyToken(purpose, subject, token string) bool {
	valid := 0
	for _, function := range k.current.Load().tokens {
		// Compare the texts, not the bytes: base64 has several spellings of the same bytes, and only one of
		// them was issued.
		want := base64.RawURLEncoding.EncodeToString(compute(function, tokenBytes, purpose, subject))
		valid |= subtle.ConstantTimeCompare([]byte(want), []byte(token))
	}
	return valid == 1
}
