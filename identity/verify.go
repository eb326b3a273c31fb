package identity

import (
	"encoding/base64"
	"errors"
	"strings"
	"time"
)

// MaxTokenBytes bounds the tokens that are read.
const MaxTokenBytes = 8 << 10

// ClockSkew is the maximum difference between the clocks of the publication's server and this one.
const ClockSkew = time.Minute

// MaxLifetime is the longest time that a token may be valid for.
const MaxLifetime = 24 * time.Hour

// Expectation is what a site expects of tokens besides their signature.
type Expectation struct {
	Issuer   string // empty: any
	Audience string // required
}

// Verify verifies a token and returns its claims. Errors: *Refusal. Only a token whose sole fault is its age
// is refused as Expired.
func Verify(token string, keys []Key, want Expectation, now time.Time) (Claims, error) {
	payload, err := verifySignature(token, keys)
	if err != nil {
		return Claims{}, err
	}
	body, err := parseObject(payload)
	switch {
	case errors.Is(err, errDuplicate):
		return Claims{}, refuse(Duplicate, "", "A claim occurs twice.")
	case err != nil:
		return Claims{}, refuse(Malformed, "", "The claims are not a JSON object.")
	}
	return readClaims(body, want, now)
}

// verifySignature returns the payload of a token in compact form (RFC 7515, section 7.1) that one of the keys
// signed.
func verifySignature(token string, keys []Key) ([]byte, error) {
	if len(token) > MaxTokenBytes {
		return nil, refuse(TooLarge, "", "A token has at most 8,192 bytes.")
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, refuse(Malformed, "", "A token has three parts, separated by dots.")
	}
	var decoded [3][]byte
	for i, part := range parts {
		value, err := decodePart(part)
		if err != nil {
			return nil, refuse(Malformed, "", "A part of the token is not base64url.")
		}
		decoded[i] = value
	}
	header, err := readHeader(decoded[0])
	if err != nil {
		return nil, err
	}
	candidates, err := header.candidates(keys)
	if err != nil {
		return nil, err
	}
	signed := parts[0] + "." + parts[1]
	for _, key := range candidates {
		if key.method.Verify(signed, decoded[2], key.material) == nil {
			return decoded[1], nil
		}
	}
	return nil, refuse(Signature, "", "No key of this site made the signature.")
}

// decodePart decodes base64url without padding. encoding/base64 ignores line breaks, so they are refused
// first.
func decodePart(part string) ([]byte, error) {
	if strings.ContainsAny(part, "\r\n") {
		return nil, base64.CorruptInputError(0)
	}
	return base64.RawURLEncoding.Strict().DecodeString(part)
}

// header is the part of a token that says how it is signed.
type header struct{ algorithm, keyID string }

func readHeader(data []byte) (header, error) {
	fields, err := parseObject(data)
	switch {
	case errors.Is(err, errDuplicate):
		return header{}, refuse(Duplicate, "", "A field of the header occurs twice.")
	case err != nil:
		return header{}, refuse(Malformed, "", "The header is not a JSON object.")
	case fields.has("crit"), fields.has("b64"): // extensions that change what is signed (RFC 7515, RFC 7797)
		return header{}, refuse(Malformed, "crit", "Extensions of the header are not supported.")
	}
	var h header
	if h.algorithm, err = fields.text("alg"); err != nil {
		return header{}, refuse(Algorithm, "alg", "The algorithm must be a string.")
	}
	if h.keyID, err = fields.text("kid"); err != nil || len(h.keyID) > maxKeyID {
		return header{}, refuse(Malformed, "kid", "The key ID must be a string of at most 255 bytes.")
	}
	return h, nil
}

// candidates returns the keys that may have signed the token: those of its algorithm, and of its key ID if it
// names one. A key without ID fits every ID.
func (h header) candidates(keys []Key) ([]Key, error) {
	var fitting []Key
	known := h.keyID == "" && len(keys) > 0
	for _, key := range keys {
		if h.keyID != "" && key.ID != "" && key.ID != h.keyID {
			continue
		}
		known = known || key.ID == h.keyID
		if key.Algorithm() == h.algorithm {
			fitting = append(fitting, key)
		}
	}
	switch {
	case len(fitting) > 0:
		return fitting, nil
	case known:
		return nil, refuse(Algorithm, "alg", "No key of this site is for the token's algorithm.")
	case len(keys) == 0:
		return nil, refuse(NoKey, "", "The site has no key that is valid now.")
	}
	return nil, refuse(NoKey, "kid", "No key of this site has the token's key ID.")
}
