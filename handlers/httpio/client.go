package httpio

import (
	"net/netip"

	"github.com/gin-gonic/gin"
)

// ClientAddress returns the client's IP address, which a trusted proxy may have forwarded; invalid if
// unknown.
func ClientAddress(c *gin.Context) netip.Addr {
	address, err := netip.ParseAddr(c.ClientIP())
	if err != nil {
		return netip.Addr{}
	}
	return address.Unmap()
}

// ClientPrefix returns the AddressPrefix of the client.
func ClientPrefix(c *gin.Context) netip.Prefix { return AddressPrefix(ClientAddress(c)) }

// AddressPrefix returns the network that concurrency limits treat as one client: a single IPv4 address, or an
// IPv6 /64. All unknown addresses share the zero prefix.
func AddressPrefix(address netip.Addr) netip.Prefix {
	bits := address.BitLen()
	if address.Is6() {
		bits = 64
	}
	prefix, err := address.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return prefix
}

// ClientShare returns the part of a server-wide limit that a single client may use.
func ClientShare(limit int64) int64 { return limit / 4 }
