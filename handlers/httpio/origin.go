package httpio

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/weburl"
)

// PublicURL is where readers and moderators reach the server, as "https://comments.example.org".
type PublicURL string

// secure reports whether browsers reach the server through TLS only.
func (u PublicURL) secure() bool { return strings.HasPrefix(string(u), "https://") }

// Owns reports whether an Origin header names this server.
func (u PublicURL) Owns(origin string) bool { return origin == weburl.Origin(string(u)) }

// SentFromHere reports whether a request came from our own pages, or from no browser at all.
func (u PublicURL) SentFromHere(c *gin.Context) bool {
	if origin := c.GetHeader("Origin"); origin != "" && u.Owns(origin) {
		return true
	}
	return http.NewCrossOriginProtection().Check(c.Request) == nil
}
