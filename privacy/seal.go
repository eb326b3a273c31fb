package privacy

import (
	"errors"
	"fmt"
)

// sealPurpose keeps the associated data of emails apart from that of anything
// sealed in a later version.
const sealPurpose = "email"

var errNoContext = errors.New("context is empty")

// Seal encrypts an email, or another secret of a person, exactly as it is given, with AES-256-GCM under the
// primary key. context is bound to the result: a sealed email copied to another
// commenter's row does not open there. It must not be empty; use the commenter's id.
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

// Open returns the email that Seal was given with the same context, under any
// key of the ring. Any failure is ErrSealed.
func (k *Keyring) Open(sealed []byte, context string) (string, error) {
	email, err := k.current.Load().sealing.Decrypt(sealed, scoped(sealPurpose, context))
	if err != nil {
		return "", ErrSealed
	}
	return string(email), nil
}
