package privacy

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tink-crypto/tink-go/v2/prf"
	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// The purposes of indexes. Each is part of the PRF's input, so an email and an address never share an index.
const (
	purposeEmail   = "email"
	purposeAddress = "address"
	purposeNetwork = "network"
	purposeKind    = "kind:" // followed by the kind of the value
)

// How many bytes of HMAC-SHA256 an index and a token have. An index is in several columns and database indexes,
// and 128 bits keep people apart. Addresses are counted for some weeks, and 56 bits tell millions apart: with its
// length, such an index takes 8 bytes on PostgreSQL. A token must not be guessed.
const (
	indexBytes        = 16
	addressIndexBytes = 7
	tokenBytes        = 32
)

// Index returns the 16-byte keyed index of an email under the primary key. All spellings of one email have
// the same index (see CanonicalEmail); without the key file it reveals nothing.
func (k *Keyring) Index(email string) []byte {
	return compute(k.current.Load().index[0], indexBytes, purposeEmail, CanonicalEmail(email))
}

// Indexes returns the index of an email under every key: the primary one first, then from newer to older
// keys. Look commenters up by all of them and store the first.
func (k *Keyring) Indexes(email string) [][]byte {
	return computeAll(k.current.Load().index, indexBytes, purposeEmail, CanonicalEmail(email))
}

// AddressIndex returns the 7-byte keyed index of a network address under the primary key, or nil for the
// zero address. An IPv6 address is reduced to its /64, because one subscriber has at least that many and
// could otherwise appear as a new reader with every comment. An IPv4 address mapped into IPv6 is treated as
// IPv4, and a zone is ignored.
func (k *Keyring) AddressIndex(address netip.Addr) []byte {
	line := Subscriber(address)
	if !line.IsValid() {
		return nil
	}
	return compute(k.current.Load().index[0], addressIndexBytes, purposeAddress, line.String())
}

// AddressIndexes returns the index of an address under every key, in the order of Indexes.
func (k *Keyring) AddressIndexes(address netip.Addr) [][]byte {
	line := Subscriber(address)
	if !line.IsValid() {
		return nil
	}
	return computeAll(k.current.Load().index, addressIndexBytes, purposeAddress, line.String())
}

// NetworkIndex returns the 16-byte keyed index, under the primary key, of the /48 that an IPv6 address
// belongs to: the largest network usually given to one customer (RFC 6177). It is nil for IPv4 addresses and
// the zero address.
func (k *Keyring) NetworkIndex(address netip.Addr) []byte {
	network := Network(address)
	if !network.IsValid() {
		return nil
	}
	return compute(k.current.Load().index[0], indexBytes, purposeNetwork, network.String())
}

// Network returns the /48 of an IPv6 address, and the zero prefix for any other.
func Network(address netip.Addr) netip.Prefix {
	if !address.Unmap().Is6() {
		return netip.Prefix{}
	}
	return shorten(address, 0, 48)
}

// KindIndexes returns the 16-byte keyed indexes of a value of some kind, the primary key's first. Values of
// different kinds never share an index. The caller must normalize the value.
func (k *Keyring) KindIndexes(kind, value string) [][]byte {
	return computeAll(k.current.Load().index, indexBytes, purposeKind+kind, value)
}

// Prefix shortens an address to what may be stored with a comment: the /24 of an IPv4 address (also mapped),
// the /48 of an IPv6 address. The zero address gives the zero prefix.
func Prefix(address netip.Addr) netip.Prefix {
	return shorten(address, 24, 48)
}

// CanonicalEmail returns the canonical spelling of an email: without surrounding white space, in lower case,
// in Unicode NFC, and with the domain in ASCII (IDNA). Dots and "+" in the local part are kept, because their
// meaning depends on the provider and a wrong guess would merge different people. It does not check the
// syntax.
func CanonicalEmail(email string) string {
	// Lower-casing can produce characters that compose or fold further ("H" with a macron below has no
	// composed form, "h" has one), so repeat until nothing changes: canonicalisation must be idempotent.
	for range maxCanonicalSteps {
		next := canonicalStep(email)
		if next == email {
			break
		}
		email = next
	}
	return email
}

// maxCanonicalSteps bounds the repetition. All inputs known so far settle after two steps.
const maxCanonicalSteps = 8

func canonicalStep(email string) string {
	email = strings.TrimSpace(email)
	at := strings.LastIndexByte(email, '@')
	if at < 0 {
		return canonicalLocal(email)
	}
	domain := strings.TrimRightFunc(email[at+1:], func(r rune) bool { return r == '.' || unicode.IsSpace(r) })
	if ascii, err := idna.Lookup.ToASCII(domain); err == nil {
		domain = ascii
	}
	return canonicalLocal(email[:at]) + "@" + strings.ToLower(domain)
}

// canonicalLocal lower-cases and composes, but never turns a non-ASCII character into an ASCII one: the
// Kelvin sign lower-cases to "k", and the two mailboxes may belong to different people.
func canonicalLocal(local string) string {
	var out strings.Builder
	for len(local) > 0 {
		size := norm.NFC.NextBoundaryInString(local, true)
		segment := local[:size]
		local = local[size:]
		first, _ := utf8.DecodeRuneInString(segment)
		if composed := norm.NFC.String(segment); first < utf8.RuneSelf || composed[0] >= utf8.RuneSelf {
			segment = composed
		}
		out.WriteString(strings.Map(lower, segment))
	}
	return out.String()
}

func lower(r rune) rune {
	l := unicode.ToLower(r)
	if r >= utf8.RuneSelf && l < utf8.RuneSelf {
		return r
	}
	return l
}

// Subscriber returns the network that counts as one client: an IPv4 address itself, or the /64 of an IPv6
// address. The zero address gives the zero prefix.
func Subscriber(address netip.Addr) netip.Prefix {
	return shorten(address, 32, 64)
}

func shorten(address netip.Addr, bits4, bits6 int) netip.Prefix {
	address = address.Unmap().WithZone("")
	bits := bits6
	if address.Is4() {
		bits = bits4
	}
	prefix, err := address.Prefix(bits)
	if err != nil { // only for the zero address
		return netip.Prefix{}
	}
	return prefix
}

// scoped joins a purpose and a subject unambiguously: no two pairs give the same bytes.
func scoped(purpose, subject string) []byte {
	joined := binary.AppendUvarint(nil, uint64(len(purpose)))
	joined = append(joined, purpose...)
	return append(joined, subject...)
}

func compute(function prf.PRF, size uint32, purpose, subject string) []byte {
	out, err := function.ComputePRF(scoped(purpose, subject), size)
	if err != nil {
		// HMAC-SHA256 fails only for more than 32 bytes of output. Continuing without an index would let one
		// person pass for many.
		panic(fmt.Sprintf("privacy: compute PRF: %v", err))
	}
	return out
}

func computeAll(functions []prf.PRF, size uint32, purpose, subject string) [][]byte {
	out := make([][]byte, len(functions))
	for i, function := range functions {
		out[i] = compute(function, size, purpose, subject)
	}
	return out
}
