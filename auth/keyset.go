package auth

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

const (
	keyFileVersion = 1

	// keyFileInterval is the interval at which a node reads the key file again.
	keyFileInterval = time.Minute
	// keyKeptAfterRetirement is how long a retired key verifies. Another node may sign with it until it reads
	// the file again, and the last token it signs lives for AccessTokenLife.
	keyKeptAfterRetirement = keyFileInterval + AccessTokenLife + 2*clockLeeway
)

// keyFile is the JSON format of token-keys.json.
type keyFile struct {
	Version int       `json:"version"`
	Keys    []fileKey `json:"keys"`
}

// fileKey is one key. Only the signing key has its private half; retired keys no longer need it.
type fileKey struct {
	ID        string    `json:"kid"`
	Public    string    `json:"public"`            // base64url, 32 bytes
	Seed      string    `json:"private,omitempty"` // base64url, 32 bytes (RFC 8032's private key)
	CreatedAt time.Time `json:"created_at"`
	RetiredAt time.Time `json:"retired_at,omitzero"`
}

// keySet is the validated content of a key file: one signing key, and the keys that still verify.
type keySet struct {
	signing signingKey
	retired []retiredKey
}

type signingKey struct {
	id        string
	private   ed25519.PrivateKey
	createdAt time.Time
}

func (k signingKey) public() ed25519.PublicKey { return k.private.Public().(ed25519.PublicKey) }

type retiredKey struct {
	id        string
	public    ed25519.PublicKey
	createdAt time.Time
	retiredAt time.Time
}

func (k retiredKey) verifiesAt(now time.Time) bool {
	return now.Before(k.retiredAt.Add(keyKeptAfterRetirement))
}

func newSigningKey(now time.Time, random io.Reader) (signingKey, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return signingKey{}, fmt.Errorf("make a signing key: %w", err)
	}
	private := ed25519.NewKeyFromSeed(seed)
	id := thumbprint(private.Public().(ed25519.PublicKey))
	return signingKey{id: id, private: private, createdAt: now.UTC().Truncate(time.Second)}, nil
}

// thumbprint returns a kid derived from the key, so two keys never share one: the JWK thumbprint of RFC 7638,
// with the members that RFC 8037 (section 2) prescribes for Ed25519.
func thumbprint(public ed25519.PublicKey) string {
	jwk := fmt.Sprintf(`{"crv":"Ed25519","kty":"OKP","x":"%s"}`, base64.RawURLEncoding.EncodeToString(public))
	sum := sha256.Sum256([]byte(jwk))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// verifying returns the public key with this kid, or false if it is unknown or was retired too long ago.
func (s *keySet) verifying(kid string, now time.Time) (ed25519.PublicKey, bool) {
	if kid == s.signing.id {
		return s.signing.public(), true
	}
	for _, key := range s.retired {
		if key.id == kid && key.verifiesAt(now) {
			return key.public, true
		}
	}
	return nil, false
}

// pruned returns the set without retired keys that no longer verify.
func (s *keySet) pruned(now time.Time) *keySet {
	kept := &keySet{signing: s.signing}
	for _, key := range s.retired {
		if key.verifiesAt(now) {
			kept.retired = append(kept.retired, key)
		}
	}
	return kept
}

// rotated returns the set with next as its signing key. The previous signing key only verifies.
func (s *keySet) rotated(next signingKey) *keySet {
	old := retiredKey{
		id:        s.signing.id,
		public:    s.signing.public(),
		createdAt: s.signing.createdAt,
		retiredAt: next.createdAt,
	}
	return &keySet{signing: next, retired: append([]retiredKey{old}, s.retired...)}
}

func (s *keySet) encode() ([]byte, error) {
	b64 := base64.RawURLEncoding.EncodeToString
	file := keyFile{Version: keyFileVersion, Keys: []fileKey{{ID: s.signing.id, Public: b64(s.signing.public()),
		Seed: b64(s.signing.private.Seed()), CreatedAt: s.signing.createdAt}}}
	for _, key := range s.retired {
		file.Keys = append(file.Keys, fileKey{ID: key.id, Public: b64(key.public),
			CreatedAt: key.createdAt, RetiredAt: key.retiredAt})
	}
	content, err := json.MarshalIndent(file, "", "  ")
	return append(content, '\n'), err
}

// decodeKeySet parses and validates a key file. Its errors never quote a key.
func decodeKeySet(content []byte) (*keySet, error) {
	var file keyFile
	dec := json.NewDecoder(bytes.NewReader(content))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&file); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON document")
	}
	if file.Version != keyFileVersion {
		return nil, fmt.Errorf("version is %d, this program knows version %d", file.Version, keyFileVersion)
	}
	set := &keySet{}
	seen := map[string]bool{}
	for i, key := range file.Keys {
		if err := set.add(key); err != nil {
			return nil, fmt.Errorf("key %d: %w", i+1, err)
		}
		if seen[key.ID] {
			return nil, fmt.Errorf("key %d: its kid occurs twice", i+1)
		}
		seen[key.ID] = true
	}
	if set.signing.private == nil {
		return nil, errors.New("there is no signing key")
	}
	return set, nil
}

func (s *keySet) add(key fileKey) error {
	public, err := decodeKeyHalf(key.Public)
	if err != nil {
		return fmt.Errorf("public: %w", err)
	}
	if key.ID != thumbprint(public) {
		return errors.New("kid is not the thumbprint of the public key")
	}
	if key.CreatedAt.IsZero() {
		return errors.New("created_at is missing")
	}
	if !key.RetiredAt.IsZero() {
		if key.Seed != "" {
			return errors.New("a retired key must not have a private half")
		}
		s.retired = append(s.retired,
			retiredKey{id: key.ID, public: public, createdAt: key.CreatedAt, retiredAt: key.RetiredAt})
		return nil
	}
	if s.signing.private != nil {
		return errors.New("there are two signing keys")
	}
	seed, err := decodeKeyHalf(key.Seed)
	if err != nil {
		return fmt.Errorf("private: %w", err)
	}
	private := ed25519.NewKeyFromSeed(seed)
	if !private.Public().(ed25519.PublicKey).Equal(ed25519.PublicKey(public)) {
		return errors.New("private and public don't belong together")
	}
	s.signing = signingKey{id: key.ID, private: private, createdAt: key.CreatedAt}
	return nil
}

func decodeKeyHalf(s string) ([]byte, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != 32 {
		return nil, errors.New("is not 32 bytes in base64url")
	}
	return b, nil
}
