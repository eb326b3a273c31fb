package httpio

import (
	"net/netip"

	"github.com/gin-gonic/gin"
)

// StreamSource is what streams are counted on: an IPv4 address, or the /64 that one IPv6 client has.
func StreamSource(address netip.Addr) netip.Prefix {
	bits := address.BitLen()
	if address.Is6() {
		bits = 64
	}
	prefix, err := address.Prefix(bits)
	if err != nil {
		return netip.Prefix{} // of an unknown address: all of them together
	}
	return prefix
}

// ClientSource is the client that a request's pages count for.
func ClientSource(c *gin.Context) netip.Prefix { return StreamSource(ClientAddress(c)) }

// ClientAddress is the address that submissions and sign-ins are counted on; invalid when unknown.
func ClientAddress(c *gin.Context) netip.Addr {
	address, err := netip.ParseAddr(c.ClientIP())
	if err != nil {
		return netip.Addr{}
	}
	return address.Unmap()
}

// ClientShare is the divisor for the share of the room that one client may take, so that an aggressive client
// leaves room.
const ClientShare = 4
