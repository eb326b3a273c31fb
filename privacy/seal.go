package privacy

import (
	"errors"
	"fmt"
)

// sealPurpose separates the associated data of emails from that of values that later versions may seal.
const sealPurpose = "email"

var errNoContext = errors.New("context is empty")

// Seal encrypts an email, or another personal secret, unchanged, with AES-256-GCM under the primary key. The
// result is bound to context, so a sealed email copied to another commenter's row does not open there.
// context must not be empty; use the commenter's id.
func (k *Keyring) Seal(email, context string) ([]byte, error) {
	if context == "" {
		return nil, fmt.Errorf("seal email: %w", errNoContext)
	}
	sealed, err := k.current.Load().sealing.Encrypt([]byte(email), scoped(sealPurpose, context))
	if err != nil {
		return nil, fmt.Errorf("seal email: %w", err)
	}
	return sealed, nil
}

// Open decrypts what Seal returned for the same context under any key of the ring. Any failure is ErrSealed.
func (k *Keyring) Open(sealed []byte, context string) (string, error) {
	email, err := k.current.Load().sealing.Decrypt(sealed, scoped(sealPurpose, context))
	if err != nil {
		return "", ErrSealed
	}
	return string(email), nil
}
