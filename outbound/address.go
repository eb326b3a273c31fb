package outbound

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// The special addresses of the IANA registries that are not globally reachable, besides those that netip knows.
// Source: RFC 6890 and the registries that it began, "IPv4 Special-Purpose Address Space" and the one of IPv6.
var (
	special4 = prefixes("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
		"198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4")
	special6 = prefixes("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
	global6  = netip.MustParsePrefix("2000::/3")
	// nat64 addresses have an IPv4 address in their last four bytes (RFC 6052).
	nat64 = netip.MustParsePrefix("64:ff9b::/96")
)

func prefixes(all ...string) []netip.Prefix {
	parsed := make([]netip.Prefix, len(all))
	for i, one := range all {
		parsed[i] = netip.MustParsePrefix(one)
	}
	return parsed
}

// public reports whether an address is reachable from everywhere.
func public(address netip.Addr) bool {
	if nat64.Contains(address) {
		bytes := address.As16()
		address = netip.AddrFrom4([4]byte(bytes[12:]))
	}
	if !address.IsGlobalUnicast() || address.IsPrivate() {
		return false
	}
	within := func(network netip.Prefix) bool { return network.Contains(address) }
	if address.Is4() {
		return !slices.ContainsFunc(special4, within)
	}
	return global6.Contains(address) && !slices.ContainsFunc(special6, within)
}

// maxURL is the maximum length of a URL in bytes.
const maxURL = 2000

// ParseURL reads the URL of a server that requests will be sent to, as an admin types it. The error is a
// sentence that begins in lower case. A host name is looked up only when a request is sent.
func (c *Client) ParseURL(typed string) (*url.URL, error) {
	if len(typed) > maxURL {
		return nil, fmt.Errorf("the URL is longer than %d bytes", maxURL)
	}
	u, err := url.Parse(strings.TrimSpace(typed))
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		return nil, fmt.Errorf("this is not a URL such as https://example.org/hook")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("the URL must begin with https:// or http://")
	case u.User != nil:
		return nil, fmt.Errorf("the URL must not contain a user name or password")
	case u.Fragment != "":
		return nil, fmt.Errorf("the URL must not contain a fragment (#%s)", u.Fragment)
	}
	if address, err := netip.ParseAddr(u.Hostname()); err == nil {
		if err := c.checkAddress(address); err != nil {
			return nil, err
		}
	}
	return u, nil
}
