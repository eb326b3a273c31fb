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

// The cookies. None is readable by scripts, none goes to other sites.
const (
	CookieRefresh = "rejoinder_refresh" // renews it, for the console and the API
	CookieDevice  = "rejoinder_device"  // marks a browser that a moderator signed in on before
	CookieNotice  = "rejoinder_notice"  // what the console says once after a decision
	CookieReader  = "rejoinder_reader"  // a reader's name, email and website, when they asked for it
	CookieOwn     = "rejoinder_own"     // receipts of comments that a reader just sent
)

const ConsolePath = "/console"

// maxCookieBytes keeps name and value below the 4,096 bytes that browsers promise to keep.
const maxCookieBytes = 4_000

// Set sets a cookie for as long as life; a negative life deletes it.
func (k *Cookies) Set(c *gin.Context, cookie http.Cookie, life time.Duration) {
	cookie.HttpOnly = true
	cookie.Secure = k.PublicURL.secure()
	cookie.MaxAge = int(life.Seconds())
	if life < 0 {
		cookie.MaxAge, cookie.Value = -1, ""
	}
	http.SetCookie(c.Writer, &cookie)
}

// HostName returns the name of a moderator's cookie. Over TLS it has the prefix that makes browsers accept
// it only from this exact host; such a cookie is sent for every path (RFC 6265bis, section 4.1.3.2).
func (k *Cookies) HostName(name string) string {
	if k.PublicURL.secure() {
		return "__Host-" + name
	}
	return name
}

// CookieValue returns a cookie's value, empty when there is none.
func CookieValue(c *gin.Context, name string) string {
	cookie, err := c.Request.Cookie(name)
	if err != nil {
		return ""
	}
	return cookie.Value
}

var ErrCookieTooLong = errors.New("cookie would be longer than browsers keep")

// Seal encrypts a value for the browser to keep. The context says what it is for; it does not open for
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

// Open reads what sealCookie made into value. A cookie that is missing, damaged, or sealed with keys
// that are gone is as good as none.
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

// Keys is the part of the privacy keys that handlers need: the indexes of an address and its network, to
// count sign-ins, and sealing for the cookie in which the plain form remembers a reader.
type Keys interface {
	AddressIndex(address netip.Addr) []byte
	NetworkIndex(address netip.Addr) []byte
	Seal(plain, context string) ([]byte, error)
	Open(sealed []byte, context string) (string, error)
}

// Cookies sets and reads the cookies of this server.
type Cookies struct {
	PublicURL PublicURL
	Keys      Keys
}
