package httpio

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/weburl"
)

// PublicURL is the URL under which browsers reach the server, as "https://comments.example.org".
type PublicURL string

// isHTTPS reports whether browsers reach the server only over TLS.
func (u PublicURL) isHTTPS() bool { return strings.HasPrefix(string(u), "https://") }

// IsOrigin reports whether the value of an Origin header is this server's origin.
func (u PublicURL) IsOrigin(origin string) bool { return origin == weburl.Origin(string(u)) }

// IsSameOrigin reports whether a request came from a page of this server, or not from a browser.
func (u PublicURL) IsSameOrigin(c *gin.Context) bool {
	if origin := c.GetHeader("Origin"); origin != "" && u.IsOrigin(origin) {
		return true
	}
	return http.NewCrossOriginProtection().Check(c.Request) == nil
}
