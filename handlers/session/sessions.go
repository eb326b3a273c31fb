package session

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/httpio"
	"rejoinder/moderation"
)

// LoginRequest is where a sign-in comes from.
func (s *Sessions) LoginRequest(c *gin.Context) auth.LoginRequest {
	return auth.LoginRequest{AddressKey: s.ClientKey(c), NetworkKey: s.Keys.NetworkIndex(httpio.ClientAddress(c)),
		Device: httpio.CookieValue(c, s.Cookies.HostName(httpio.CookieDevice)), Client: clientWords(c.GetHeader("User-Agent"))}
}

const cookieAccess = "rejoinder_access" // a moderator's access token, for the console

// Set hands a browser its session for the console.
func (s *Sessions) Set(c *gin.Context, session auth.Session) {
	s.SetRefresh(c, session)
	s.Cookies.Set(c, SessionCookie(s.Cookies.HostName(cookieAccess), "/", session.AccessToken), session.ExpiresIn)
}

// SetRefresh sets a browser's refresh token, for both the console and the API, and its device token if there
// is a new one. The access token is for the console only, since the API expects it in a header.
func (s *Sessions) SetRefresh(c *gin.Context, session auth.Session) {
	life := session.RefreshExpiresAt.Sub(s.Now())
	s.Cookies.Set(c, SessionCookie(s.Cookies.HostName(httpio.CookieRefresh), "/", session.RefreshToken), life)
	if session.Device != "" {
		s.SetDevice(c, session.Device)
	}
}

// SetDevice sets the token that identifies a browser at its next sign-in. Signing out keeps it.
func (s *Sessions) SetDevice(c *gin.Context, token string) {
	s.Cookies.Set(c, SessionCookie(s.Cookies.HostName(httpio.CookieDevice), "/", token), auth.DeviceLife)
}

// RefreshToken returns the browser's refresh token, empty when there is none.
func (s *Sessions) RefreshToken(c *gin.Context) string {
	return httpio.CookieValue(c, s.Cookies.HostName(httpio.CookieRefresh))
}

// Clear takes the session away from the browser.
func (s *Sessions) Clear(c *gin.Context) {
	s.Cookies.Set(c, SessionCookie(s.Cookies.HostName(httpio.CookieRefresh), "/", ""), -1)
	s.Cookies.Set(c, SessionCookie(s.Cookies.HostName(cookieAccess), "/", ""), -1)
}

func SessionCookie(name, path, value string) http.Cookie {
	return http.Cookie{Name: name, Path: path, Value: value, SameSite: http.SameSiteStrictMode}
}

// RequireToken lets requests pass that carry the access token of a moderator with that role, who owes nothing
// but what may be owed there.
func (s *Sessions) RequireToken(need auth.Role, allowed ...auth.RequiredStep) func(*gin.Context) error {
	return func(c *gin.Context) error {
		token, ok := Bearer(c)
		if !ok {
			return httpio.ErrSignIn
		}
		who, err := s.Auth.Authenticate(c.Request.Context(), token)
		if err != nil {
			return err
		}
		if !slices.Contains(allowed, who.RequiredStep) {
			if err := who.RequiredStep.Err(); err != nil {
				return err
			}
		}
		if !who.Role.Allows(need) {
			return httpio.ErrRole
		}
		c.Set(httpio.KeyIdentity, who)
		return nil
	}
}

// Bearer returns the token of the Authorization header (RFC 6750, section 2.1), and false when there is none.
func Bearer(c *gin.Context) (string, bool) {
	scheme, token, found := strings.Cut(c.GetHeader("Authorization"), " ")
	token = strings.TrimSpace(token)
	return token, found && token != "" && strings.EqualFold(scheme, "Bearer")
}

// Identity says who the browser's cookies belong to. ErrTokenInvalid when nobody.
func (s *Sessions) Identity(c *gin.Context) (auth.Identity, error) {
	identity, err := s.Auth.Authenticate(c.Request.Context(), s.AccessToken(c))
	if !errors.Is(err, auth.ErrTokenInvalid) {
		return identity, err
	}
	session, err := s.Auth.Refresh(c.Request.Context(), s.RefreshToken(c))
	if err != nil {
		return auth.Identity{}, err
	}
	s.Set(c, session)
	return s.Auth.Authenticate(c.Request.Context(), session.AccessToken)
}

// ClientKey is what failed sign-ins of a client are counted on. Clients without a known address share one
// key.
func (s *Sessions) ClientKey(c *gin.Context) []byte {
	if key := s.Keys.AddressIndex(httpio.ClientAddress(c)); key != nil {
		return key
	}
	return []byte("unknown address")
}

// End ends the session that the cookie belongs to, if there is one.
func (s *Sessions) End(c *gin.Context) error {
	if !s.PublicURL.SentFromHere(c) {
		return httpio.ErrCrossOrigin
	}
	err := s.Auth.Logout(c.Request.Context(), s.RefreshToken(c))
	s.Clear(c)
	return err
}

// ViewerOf is the signed-in moderator, as use-cases know them.
func ViewerOf(c *gin.Context) moderation.Viewer {
	identity := IdentityOf(c)
	return moderation.Viewer{ModeratorID: identity.ModeratorID, SiteIDs: identity.SiteIDs}
}

func IdentityOf(c *gin.Context) auth.Identity {
	identity, _ := c.MustGet(httpio.KeyIdentity).(auth.Identity)
	return identity
}

// AccessToken returns the access token of the browser's session, empty when there is none.
func (s *Sessions) AccessToken(c *gin.Context) string {
	return httpio.CookieValue(c, s.Cookies.HostName(cookieAccess))
}

// Sessions are those of signed-in moderators: who a request's token or cookie belongs to.
type Sessions struct {
	Cookies   *httpio.Cookies
	PublicURL httpio.PublicURL
	Keys      httpio.Keys
	Auth      *auth.Service
	Now       func() time.Time
}
