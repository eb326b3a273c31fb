package identity

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
)

// maxKeyID bounds key IDs, in bytes.
const maxKeyID = 255

// ParseJWKS reads the public keys of a JWK or a JWK set (RFC 7517). Keys for encryption, and of algorithms
// that are not used here, are left out, since sets have them too. It is an error if none is left, if one is
// malformed or private, or if two have the same ID.
func ParseJWKS(data []byte) ([]Key, error) {
	set, err := parseObject(data)
	if err != nil {
		return nil, fmt.Errorf("the JWK set cannot be read: %w", err)
	}
	members := []json.RawMessage{data}
	if set.has("keys") {
		if err := json.Unmarshal(set["keys"], &members); err != nil {
			return nil, errors.New("the JWK set cannot be read: keys must be a list")
		}
	}
	if len(members) > maxKeys {
		return nil, fmt.Errorf("a JWK set has at most %d keys", maxKeys)
	}
	var keys []Key
	for _, member := range members {
		key, used, err := parseJWK(member)
		if err != nil {
			return nil, err
		}
		if !used {
			continue
		}
		if key.ID != "" && slices.ContainsFunc(keys, func(k Key) bool { return k.ID == key.ID }) {
			return nil, errors.New("two keys of the JWK set have the same kid")
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, errors.New("the JWK set has no key that verifies RS256, ES256 or EdDSA")
	}
	return keys, nil
}

// parseJWK reads one key. used is false for a key with another purpose or algorithm.
func parseJWK(data []byte) (key Key, used bool, err error) {
	jwk, err := parseObject(data)
	if err != nil {
		return Key{}, false, fmt.Errorf("a JWK cannot be read: %w", err)
	}
	var fields struct{ kty, alg, use, kid string }
	for _, member := range []struct {
		name string
		to   *string
	}{{"kty", &fields.kty}, {"alg", &fields.alg}, {"use", &fields.use}, {"kid", &fields.kid}} {
		if *member.to, err = jwk.text(member.name); err != nil {
			return Key{}, false, fmt.Errorf("a JWK cannot be read: %w", err)
		}
	}
	operations, err := jwk.texts("key_ops")
	switch {
	case err != nil:
		return Key{}, false, fmt.Errorf("a JWK cannot be read: %w", err)
	case len(fields.kid) > maxKeyID:
		return Key{}, false, fmt.Errorf("a kid has at most %d bytes", maxKeyID)
	case jwk.has("d"):
		return Key{}, false, errPrivate
	case fields.kty == "oct":
		return Key{}, false, errors.New("a JWK set is public, so it cannot hold a secret (kty oct); add the secret by itself")
	case fields.use != "" && fields.use != "sig", operations != nil && !slices.Contains(operations, "verify"):
		return Key{}, false, nil
	}
	public, err := jwk.public(fields.kty)
	if public == nil || err != nil {
		return Key{}, false, err
	}
	key, err = publicKey(fields.kid, public)
	if err != nil {
		return Key{}, false, err
	}
	return key, fields.alg == "" || fields.alg == key.Algorithm(), nil
}

// public returns the key of crypto/…; nil if its type or curve is not used here.
func (o object) public(kty string) (any, error) {
	curve, err := o.text("crv")
	if err != nil {
		return nil, fmt.Errorf("a JWK cannot be read: %w", err)
	}
	switch {
	case kty == "":
		return nil, errors.New("a JWK has no kty")
	case kty == "RSA":
		return o.rsaKey()
	case kty == "EC" && curve == "P-256":
		return o.ecKey()
	case kty == "OKP" && curve == "Ed25519":
		x, err := o.bytes("x", ed25519.PublicKeySize)
		return ed25519.PublicKey(x), err
	}
	return nil, nil
}

func (o object) rsaKey() (any, error) {
	n, err := o.bytes("n", 0)
	if err != nil {
		return nil, err
	}
	e, err := o.bytes("e", 0)
	if err != nil {
		return nil, err
	}
	if len(n) > maxRSABits/8 || len(e) > 4 {
		return nil, errors.New("the RSA key of a JWK is too large")
	}
	exponent := new(big.Int).SetBytes(e).Uint64()
	if exponent > 1<<31-1 {
		return nil, errors.New("the RSA key of a JWK is too large")
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(exponent)}, nil
}

func (o object) ecKey() (any, error) {
	const size = 32
	x, err := o.bytes("x", size)
	if err != nil {
		return nil, err
	}
	y, err := o.bytes("y", size)
	if err != nil {
		return nil, err
	}
	point := append(append([]byte{4}, x...), y...) // uncompressed (SEC 1, section 2.3.3)
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return nil, errors.New("the EC key of a JWK is not a point of its curve")
	}
	return public, nil
}

// bytes returns a base64url member; of that size unless it is 0.
func (o object) bytes(name string, size int) ([]byte, error) {
	text, err := o.text(name)
	if err != nil {
		return nil, fmt.Errorf("a JWK cannot be read: %w", err)
	}
	value, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(value) == 0 || size > 0 && len(value) != size {
		return nil, fmt.Errorf("a JWK cannot be read: %s is not base64url of the right length", name)
	}
	return value, nil
}
