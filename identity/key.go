package identity

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// Limits of keys.
const (
	MinSecretBytes = 32 // as long as the hash (RFC 7518, section 3.2)
	MaxKeysText    = 64 << 10
	maxKeys        = 20 // in one set
	minRSABits     = 2048
	maxRSABits     = 8192
)

// Key verifies signatures of one algorithm. The token never chooses the algorithm: a key has exactly one.
type Key struct {
	ID       string // "kid"; empty for none
	method   jwt.SigningMethod
	material any
}

// Algorithm returns HS256, RS256, ES256 or EdDSA.
func (k Key) Algorithm() string { return k.method.Alg() }

// Secret returns the key of a secret that the publication's server shares with this one: HS256.
func Secret(secret []byte) (Key, error) {
	if len(secret) < MinSecretBytes {
		return Key{}, fmt.Errorf("a secret has at least %d bytes", MinSecretBytes)
	}
	return Key{method: jwt.SigningMethodHS256, material: secret}, nil
}

// ParsePublicKeys reads public keys: PEM blocks, or a JWK or JWK set as JSON. Errors are sentences for
// people.
func ParsePublicKeys(text string) ([]Key, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return nil, errors.New("there is no key")
	case len(text) > MaxKeysText:
		return nil, fmt.Errorf("keys have at most %d bytes", MaxKeysText)
	case strings.HasPrefix(text, "{"):
		return ParseJWKS([]byte(text))
	}
	return parsePEM([]byte(text))
}

func parsePEM(text []byte) ([]Key, error) {
	var keys []Key
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			break
		}
		key, err := parseBlock(block)
		if err != nil {
			return nil, err
		}
		keys, text = append(keys, key), rest
	}
	switch {
	case len(keys) == 0:
		return nil, errors.New("this is neither PEM nor a JWK set")
	case len(keys) > maxKeys:
		return nil, fmt.Errorf("at most %d keys", maxKeys)
	case strings.TrimSpace(string(text)) != "":
		return nil, errors.New("there is text after the last key, or a key is cut short")
	}
	return keys, nil
}

func parseBlock(block *pem.Block) (Key, error) {
	switch {
	case strings.Contains(block.Type, "PRIVATE"):
		return Key{}, errPrivate
	case block.Type == "PUBLIC KEY":
		public, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return Key{}, errors.New("a PUBLIC KEY block cannot be read")
		}
		return publicKey("", public)
	case block.Type == "RSA PUBLIC KEY":
		public, err := x509.ParsePKCS1PublicKey(block.Bytes)
		if err != nil {
			return Key{}, errors.New("an RSA PUBLIC KEY block cannot be read")
		}
		return publicKey("", public)
	}
	return Key{}, fmt.Errorf("a PEM block of type %q is not a public key", block.Type)
}

var errPrivate = errors.New("this is a private key, which must stay on your server; paste the public one. Replace it if others " +
	"may have seen it")

// publicKey returns the key for a public key of crypto/….
func publicKey(id string, public any) (Key, error) {
	switch public := public.(type) {
	case *rsa.PublicKey:
		if bits := public.N.BitLen(); bits < minRSABits || bits > maxRSABits {
			return Key{}, fmt.Errorf("an RSA key has %d to %d bits; this one has %d", minRSABits, maxRSABits, bits)
		}
		if public.E < 3 || public.E%2 == 0 {
			return Key{}, errors.New("the exponent of an RSA key is an odd number from 3")
		}
		return Key{id, jwt.SigningMethodRS256, public}, nil
	case *ecdsa.PublicKey:
		if public.Curve.Params().Name != "P-256" {
			return Key{}, fmt.Errorf("an EC key is on the curve P-256; this one is on %s", public.Curve.Params().Name)
		}
		return Key{id, jwt.SigningMethodES256, public}, nil
	case ed25519.PublicKey:
		return Key{id, jwt.SigningMethodEdDSA, public}, nil
	}
	return Key{}, errors.New("a public key is RSA, EC (P-256) or Ed25519")
}
