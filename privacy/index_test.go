package privacy

import (
	"bytes"
	"errors"
	"net/netip"
	"strings"
	"testing"
)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

func TestASealedEmailOpensOnlyWhereItBelongs(t *testing.T) {
	ring := openRing(t, t.TempDir())
	const email = "Ada.Lovelace+blog@Example.org"
	sealed, err := ring.Seal(email, "commenter 1")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("Lovelace")) {
		t.Error("the sealed form contains the email")
	}
	again, err := ring.Seal(email, "commenter 1")
	if err != nil || bytes.Equal(sealed, again) {
		t.Errorf("sealing twice gave the same bytes (%v)", err)
	}
	altered := bytes.Clone(sealed)
	altered[len(altered)-1] ^= 1
	stranger := openRing(t, t.TempDir())
	cases := []struct {
		name    string
		ring    *Keyring
		sealed  []byte
		context string
		want    string
	}{
		{"with its own context", ring, sealed, "commenter 1", email},
		{"with another context", ring, sealed, "commenter 2", ""},
		{"without a context", ring, sealed, "", ""},
		{"altered by one bit", ring, altered, "commenter 1", ""},
		{"truncated", ring, sealed[:len(sealed)/2], "commenter 1", ""},
		{"empty", ring, nil, "commenter 1", ""},
		{"with another installation's keys", stranger, sealed, "commenter 1", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.ring.Open(c.sealed, c.context)
			if got != c.want || (err == nil) != (c.want != "") {
				t.Errorf("Open = %q, %v; want %q", got, err, c.want)
			}
			if err != nil && !errors.Is(err, ErrSealed) {
				t.Errorf("error %v is not ErrSealed", err)
			}
		})
	}
	if _, err := ring.Seal(email, ""); err == nil {
		t.Error("Seal accepted an empty context")
	}
}

func TestSpellingsOfOneEmailShareAnIndexAndDifferentEmailsNever(t *testing.T) {
	ring := openRing(t, t.TempDir())
	groups := [][]string{
		{"ada@example.org", " ada@example.org\t", "ADA@Example.ORG", "ada@example.org."},
		{"a.da@example.org"},
		{"ada+news@example.org", "Ada+News@example.org"},
		{"ada@bücher.example", "ada@BÜCHER.example", "ada@xn--bcher-kva.example", "ada@bu\u0308cher.example"},
		{"josé@example.org", "JOSÉ@example.org", "jose\u0301@example.org"},
		{"jose@example.org"},
		{"kim@example.org", "KIM@example.org"},
		{"\u212Aim@example.org"}, // Kelvin sign: another mailbox than kim's
		{"\u0130da@example.org"}, // I with a dot: another mailbox than ida's
		{"ida@example.org"},
		{"H\u0331@example.org", "h\u0331@example.org", "\u1E96@example.org"}, // only the small letter composes
		{"no at sign"},
		{""},
	}
	seen := map[string]int{}
	for group, spellings := range groups {
		for _, email := range spellings {
			index := string(ring.Index(email))
			if len(index) != 16 {
				t.Errorf("the index of %q has %d bytes", email, len(index))
			}
			if other, known := seen[index]; known && other != group {
				t.Errorf("%q has the index of %q", email, groups[other][0])
			}
			seen[index] = group
			if canonical := CanonicalEmail(email); CanonicalEmail(canonical) != canonical {
				t.Errorf("CanonicalEmail(%q) = %q is not stable", email, canonical)
			}
		}
	}
	if len(seen) != len(groups) {
		t.Errorf("%d indexes for %d different emails", len(seen), len(groups))
	}
}

func TestOneSubscriberHasOneAddressIndex(t *testing.T) {
	ring := openRing(t, t.TempDir())
	same := func(a, b string) bool { return bytes.Equal(ring.AddressIndex(addr(a)), ring.AddressIndex(addr(b))) }
	cases := []struct {
		name, a, b string
		want       bool
	}{
		{"the same IPv4 address", "192.0.2.1", "192.0.2.1", true},
		{"IPv4 neighbours differ", "192.0.2.1", "192.0.2.2", false},
		{"an IPv4 address mapped into IPv6 is the IPv4 address", "192.0.2.1", "::ffff:192.0.2.1", true},
		{"mapped neighbours differ", "::ffff:192.0.2.1", "::ffff:192.0.2.2", false},
		{"addresses of one /64 are one subscriber", "2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true},
		{"the next /64 is another subscriber", "2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"a zone does not matter", "fe80::1%eth0", "fe80::2", true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := same(c.a, c.b); got != c.want {
				t.Errorf("same index for %s and %s: %v, want %v", c.a, c.b, got, c.want)
			}
		})
	}
	if ring.AddressIndex(netip.Addr{}) != nil || ring.AddressIndexes(netip.Addr{}) != nil {
		t.Error("the zero address has an index")
	}
}

func TestPrefixKeepsOnlyTheNetwork(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.77":               "192.0.2.0/24",
		"::ffff:192.0.2.77":        "192.0.2.0/24",
		"2001:db8:aaaa:bbbb::1":    "2001:db8:aaaa::/48",
		"fe80::1%eth0":             "fe80::/48",
		"255.255.255.255":          "255.255.255.0/24",
		"2001:db8:aaaa:ffff:1::23": "2001:db8:aaaa::/48",
	} {
		if got := Prefix(addr(address)); got.String() != want {
			t.Errorf("Prefix(%s) = %s, want %s", address, got, want)
		}
	}
	if Prefix(netip.Addr{}).IsValid() {
		t.Error("the zero address has a prefix")
	}
}

func TestPurposesNeverShareValues(t *testing.T) {
	ring := openRing(t, t.TempDir())
	const subject = "192.0.2.1/32" // what AddressIndex feeds the PRF for 192.0.2.1
	values := map[string]string{
		"an email index":               string(ring.Index(subject)),
		"an address index":             string(ring.AddressIndex(addr("192.0.2.1"))),
		"a token for the same subject": ring.Token("address", subject),
		"a token of another purpose":   ring.Token("addres", "s"+subject),
		"a token of an empty purpose":  ring.Token("", "address"+subject),
	}
	seen := map[string]string{}
	for name, value := range values {
		if other, taken := seen[value]; taken {
			t.Errorf("%s equals %s", name, other)
		}
		seen[value] = name
	}
	if string(compute(ring.current.Load().index[0], tokenBytes, "x", "y")) == string(compute(ring.current.Load().tokens[0], tokenBytes, "x", "y")) {
		t.Error("indexes and tokens share a key")
	}
}

func TestATokenVerifiesForExactlyItsPurposeAndSubject(t *testing.T) {
	ring := openRing(t, t.TempDir())
	token := ring.Token("receipt", "comment 1")
	if len(token) != 43 || strings.Trim(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		t.Errorf("token %q is not 43 characters of base64url", token)
	}
	cases := []struct {
		name, purpose, subject, token string
		want                          bool
	}{
		{"the token itself", "receipt", "comment 1", token, true},
		{"another subject", "receipt", "comment 2", token, false},
		{"another purpose", "browser", "comment 1", token, false},
		{"purpose and subject cut elsewhere", "receiptc", "omment 1", token, false},
		{"an empty token", "receipt", "comment 1", "", false},
		{"a shorter token", "receipt", "comment 1", token[:42], false},
		{"a padded token", "receipt", "comment 1", token + "=", false},
		{"a token with a line break inside", "receipt", "comment 1", token[:20] + "\n" + token[20:], false},
		{"a token in other case", "receipt", "comment 1", strings.ToLower(token), strings.ToLower(token) == token},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := ring.VerifyToken(c.purpose, c.subject, c.token); got != c.want {
				t.Errorf("VerifyToken = %v, want %v", got, c.want)
			}
		})
	}
	for last := range 64 {
		const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
		variant := token[:42] + alphabet[last:last+1]
		if variant != token && ring.VerifyToken("receipt", "comment 1", variant) {
			t.Errorf("a second spelling of the token verifies: last character %q", alphabet[last])
		}
	}
}

func FuzzCanonicalEmailIsStable(f *testing.F) {
	for _, seed := range []string{"Ada@Example.org", "\u212A@\u212A.example", "o\u0301\u0323@x.y", "a@b@c", "@", "\xff@\xff", "H\u0331", "H\u0331@H\u0331.example"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, email string) {
		once := CanonicalEmail(email)
		if twice := CanonicalEmail(once); twice != once {
			t.Errorf("CanonicalEmail(%q) = %q, then %q", email, once, twice)
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	openRing(b, dir)
	b.ReportAllocs()
	for b.Loop() {
		openRing(b, dir)
	}
}

func BenchmarkIndex(b *testing.B) {
	ring := openRing(b, b.TempDir())
	b.ReportAllocs()
	for b.Loop() {
		ring.Index("ada@example.org")
	}
}
