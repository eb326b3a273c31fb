package httpio

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"time"

	"github.com/gin-gonic/gin"
)

// maxCookieBytes keeps name and value below the 4,096 bytes that browsers must accept (RFC 6265, section
// 6.1).
const maxCookieBytes = 4_000

// ErrCookieTooLong means that a sealed value exceeds what browsers accept.
var ErrCookieTooLong = errors.New("cookie exceeds the size that browsers accept")

// Keys are the operations of the privacy keys that handlers need: hashes of an address and its network, to
// count sign-ins by, and encryption for cookies.
type Keys interface {
	AddressIndex(address netip.Addr) []byte
	NetworkIndex(address netip.Addr) []byte
	Seal(plain, context string) ([]byte, error)
	Open(sealed []byte, context string) (string, error)
}

// Cookies sets and reads the cookies of this server. Scripts cannot read them.
type Cookies struct {
	PublicURL PublicURL
	Keys      Keys
}

// Set sets a cookie that expires after maxAge; a negative maxAge deletes it.
func (k *Cookies) Set(c *gin.Context, cookie http.Cookie, maxAge time.Duration) {
	cookie.HttpOnly = true
	cookie.Secure = k.PublicURL.isHTTPS()
	cookie.MaxAge = int(maxAge.Seconds())
	if maxAge < 0 {
		cookie.MaxAge, cookie.Value = -1, ""
	}
	http.SetCookie(c.Writer, &cookie)
}

// HostName returns the name under which to set a cookie of moderators. Over TLS it has the __Host- prefix:
// browsers then accept the cookie only from this exact host, with the path / (RFC 6265bis, section 4.1.3.2).
func (k *Cookies) HostName(name string) string {
	if k.PublicURL.isHTTPS() {
		return "__Host-" + name
	}
	return name
}

// Seal encrypts a value for a cookie. Open needs the same context, so one cookie's value is useless in
// another.
func (k *Cookies) Seal(value any, context string) (string, error) {
	plain, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("seal cookie: %w", err)
	}
	sealed, err := k.Keys.Seal(string(plain), context)
	if err != nil {
		return "", fmt.Errorf("seal cookie: %w", err)
	}
	encoded := base64.RawURLEncoding.EncodeToString(sealed)
	if len(encoded) > maxCookieBytes {
		return "", fmt.Errorf("seal cookie: %w", ErrCookieTooLong)
	}
	return encoded, nil
}

// Open decrypts a cookie that Seal made into value. It returns false if the cookie is missing, damaged, or
// encrypted with a key that no longer exists.
func (k *Cookies) Open(c *gin.Context, name, context string, value any) bool {
	sealed, err := base64.RawURLEncoding.DecodeString(CookieValue(c, name))
	if err != nil || len(sealed) == 0 {
		return false
	}
	plain, err := k.Keys.Open(sealed, context)
	if err != nil {
		return false
	}
	return json.Unmarshal([]byte(plain), value) == nil
}

// CookieValue returns the value of a cookie, or empty.
func CookieValue(c *gin.Context, name string) string {
	cookie, err := c.Request.Cookie(name)
	if err != nil {
		return ""
	}
	return cookie.Value
}
