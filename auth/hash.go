package auth

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

// HashParams is the cost of one argon2id computation.
type HashParams struct {
	MemoryKiB   uint32
	Passes      uint32
	Parallelism uint8
}

// DefaultHashParams is 19 MiB, 2 passes, 1 lane: the minimum of the OWASP Password Storage Cheat Sheet. The
// 64 MiB of RFC 9106 (section 4, second option) would use a small server's whole memory budget for one login.
var DefaultHashParams = HashParams{MemoryKiB: 19 * 1024, Passes: 2, Parallelism: 1}

const (
	saltBytes = 16 // RFC 9106, section 3.1: enough for password hashing
	keyBytes  = 32

	// Limits for stored hashes. A damaged or planted row must not make the server allocate gigabytes.
	maxMemoryKiB   = 256 * 1024
	maxPasses      = 16
	maxParallelism = 16
	minSaltBytes   = 8
	maxSaltBytes   = 64
	minKeyBytes    = 16
	maxKeyBytes    = 64
)

// hashEncoding is the base64 of the PHC string format: standard alphabet, no padding, no stray bits.
var hashEncoding = base64.RawStdEncoding.Strict()

var errHashFormat = errors.New("not an argon2id hash in PHC form")

func (p HashParams) validate() error {
	switch {
	case p.Parallelism < 1 || p.Parallelism > maxParallelism:
		return fmt.Errorf("argon2id parallelism must be 1 to %d", maxParallelism)
	case p.Passes < 1 || p.Passes > maxPasses:
		return fmt.Errorf("argon2id passes must be 1 to %d", maxPasses)
	case p.MemoryKiB < 8*uint32(p.Parallelism) || p.MemoryKiB > maxMemoryKiB:
		return fmt.Errorf("argon2id memory must be 8 KiB per lane to %d KiB", maxMemoryKiB)
	}
	return nil
}

// passwordHash is a parsed password hash.
type passwordHash struct {
	params HashParams
	salt   []byte
	key    []byte
}

func (h passwordHash) derive(password string) []byte {
	p := h.params
	return argon2.IDKey([]byte(password), h.salt, p.Passes, p.MemoryKiB, p.Parallelism, uint32(len(h.key)))
}

// String returns the PHC string: $argon2id$v=19$m=…,t=…,p=…$salt$key.
func (h passwordHash) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.params.MemoryKiB, h.params.Passes,
		h.params.Parallelism, hashEncoding.EncodeToString(h.salt), hashEncoding.EncodeToString(h.key))
}

// parseHash parses a PHC string. It accepts only the output of String, within limits, so each hash has one
// spelling.
func parseHash(encoded string) (passwordHash, error) {
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return passwordHash{}, errHashFormat
	}
	params, err := parseHashParams(parts[3])
	if err != nil {
		return passwordHash{}, err
	}
	h := passwordHash{params: params}
	if h.salt, err = decodeBounded(parts[4], minSaltBytes, maxSaltBytes); err != nil {
		return passwordHash{}, err
	}
	if h.key, err = decodeBounded(parts[5], minKeyBytes, maxKeyBytes); err != nil {
		return passwordHash{}, err
	}
	if h.String() != encoded {
		return passwordHash{}, errHashFormat
	}
	return h, nil
}

func parseHashParams(s string) (HashParams, error) {
	fields := strings.Split(s, ",")
	if len(fields) != 3 {
		return HashParams{}, errHashFormat
	}
	var values [3]uint64
	for i, name := range []string{"m=", "t=", "p="} {
		digits, ok := strings.CutPrefix(fields[i], name)
		if !ok {
			return HashParams{}, errHashFormat
		}
		bits := 32
		if name == "p=" {
			bits = 8
		}
		value, err := strconv.ParseUint(digits, 10, bits)
		if err != nil {
			return HashParams{}, errHashFormat
		}
		values[i] = value
	}
	params := HashParams{MemoryKiB: uint32(values[0]), Passes: uint32(values[1]), Parallelism: uint8(values[2])}
	return params, params.validate()
}

func decodeBounded(s string, least, most int) ([]byte, error) {
	if len(s) > hashEncoding.EncodedLen(most) {
		return nil, errHashFormat
	}
	b, err := hashEncoding.DecodeString(s)
	if err != nil || len(b) < least || len(b) > most {
		return nil, errHashFormat
	}
	return b, nil
}
