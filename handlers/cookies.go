package handlers

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
)

// The cookies. None is readable by scripts, none goes to other sites.
const (
	cookieAccess  = "rejoinder_access"  // a moderator's access token, for the console
	cookieRefresh = "rejoinder_refresh" // renews it, for the console and the API
	cookieDevice  = "rejoinder_device"  // marks a browser that a moderator signed in on before
	cookieNotice  = "rejoinder_notice"  // what the console says once after a decision
	cookieReader  = "rejoinder_reader"  // a reader's name, email and website, when they asked for it
	cookieOwn     = "rejoinder_own"     // receipts of comments that a reader just sent
)

const consolePath = "/console"

// maxCookieBytes keeps name and value below the 4,096 bytes that browsers promise to keep.
const maxCookieBytes = 4_000

// setCookie sets a cookie for as long as life; a negative life deletes it.
func (s *Server) setCookie(c *gin.Context, cookie http.Cookie, life time.Duration) {
	cookie.HttpOnly = true
	cookie.Secure = s.secure()
	cookie.MaxAge = int(life.Seconds())
	if life < 0 {
		cookie.MaxAge, cookie.Value = -1, ""
	}
	http.SetCookie(c.Writer, &cookie)
}

// secure reports whether browsers reach the server through TLS only.
func (s *Server) secure() bool { return strings.HasPrefix(s.Config.PublicURL, "https://") }

// setSession hands a browser its session for the console.
func (s *Server) setSession(c *gin.Context, session auth.Session) {
	s.setRefresh(c, session)
	s.setCookie(c, sessionCookie(s.hostCookie(cookieAccess), "/", session.AccessToken), session.ExpiresIn)
}

// setRefresh sets a browser's refresh token, for both the console and the API, and its device token if there
// is a new one. The access token is for the console only, since the API expects it in a header.
func (s *Server) setRefresh(c *gin.Context, session auth.Session) {
	life := session.RefreshExpiresAt.Sub(s.Now())
	s.setCookie(c, sessionCookie(s.hostCookie(cookieRefresh), "/", session.RefreshToken), life)
	if session.Device != "" {
		s.setDevice(c, session.Device)
	}
}

// setDevice sets the token that identifies a browser at its next sign-in. Signing out keeps it.
func (s *Server) setDevice(c *gin.Context, token string) {
	s.setCookie(c, sessionCookie(s.hostCookie(cookieDevice), "/", token), auth.DeviceLife)
}

// refreshCookie returns the browser's refresh token, empty when there is none.
func (s *Server) refreshCookie(c *gin.Context) string {
	return cookieValue(c, s.hostCookie(cookieRefresh))
}

// hostCookie returns the name of a moderator's cookie. Over TLS it has the prefix that makes browsers accept
// it only from this exact host; such a cookie is sent for every path (RFC 6265bis, section 4.1.3.2).
func (s *Server) hostCookie(name string) string {
	if s.secure() {
		return "__Host-" + name
	}
	return name
}

// clearSession takes the session away from the browser.
func (s *Server) clearSession(c *gin.Context) {
	s.setCookie(c, sessionCookie(s.hostCookie(cookieRefresh), "/", ""), -1)
	s.setCookie(c, sessionCookie(s.hostCookie(cookieAccess), "/", ""), -1)
}

func sessionCookie(name, path, value string) http.Cookie {
	return http.Cookie{Name: name, Path: path, Value: value, SameSite: http.SameSiteStrictMode}
}

// cookieValue returns a cookie's value, empty when there is none.
func cookieValue(c *gin.Context, name string) string {
	cookie, err := c.Request.Cookie(name)
	if err != nil {
		return ""
	}
	return cookie.Value
}

var errCookieTooLong = errors.New("cookie would be longer than browsers keep")

// sealCookie encrypts a value for the browser to keep. The context says what it is for; it does not open for
// another.
func (s *Server) sealCookie(value any, context string) (string, error) {
	plain, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("seal cookie: %w", err)
	}
	sealed, err := s.Keys.Seal(string(plain), context)
	if err != nil {
		return "", fmt.Errorf("seal cookie: %w", err)
	}
	encoded := base64.RawURLEncoding.EncodeToString(sealed)
	if len(encoded) > maxCookieBytes {
		return "", fmt.Errorf("seal cookie: %w", errCookieTooLong)
	}
	return encoded, nil
}

// openCookie reads what sealCookie made into value. A cookie that is missing, damaged, or sealed with keys
// that are gone is as good as none.
func (s *Server) openCookie(c *gin.Context, name, context string, value any) bool {
	sealed, err := base64.RawURLEncoding.DecodeString(cookieValue(c, name))
	if err != nil || len(sealed) == 0 {
		return false
	}
	plain, err := s.Keys.Open(sealed, context)
	if err != nil {
		return false
	}
	return json.Unmarshal([]byte(plain), value) == nil
}
