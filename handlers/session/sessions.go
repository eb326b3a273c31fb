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
)

// Names of cookies. Cookies.HostName adds a prefix to them.
const (
	cookieAccess  = "rejoinder_access"  // access token, for the console
	cookieRefresh = "rejoinder_refresh" // refresh token, for the console and the API
	cookieDevice  = "rejoinder_device"  // identifies a browser that a moderator has signed in on
)

// ProviderCookie tells the sign-out which session at an identity provider to end, too. Browsers send it with
// SignOutPath alone.
const (
	ProviderCookie = "rejoinder_provider_session"
	SignOutPath    = "/console/sign-out"
)

// Sessions finds the moderator that a request comes from, and sets the cookies of sessions.
type Sessions struct {
	Cookies   *httpio.Cookies
	PublicURL httpio.PublicURL
	Keys      httpio.Keys
	Auth      *auth.Service
	// ServerKeys authenticates programs.
	ServerKeys *auth.ServerKeys
	Now        func() time.Time
}

// RequireToken returns a guard that lets two kinds of principals pass: a moderator whose role has the permission, and
// a server key with one of the scopes; without scopes, it refuses all keys. Moderators with a required step pass only
// if it is one of the allowed.
func (s *Sessions) RequireToken(
	need auth.Permission, scopes []auth.Permission, allowed ...auth.RequiredStep,
) func(*gin.Context) error {
	return func(c *gin.Context) error {
		token, ok := BearerToken(c)
		if !ok {
			return httpio.ErrNotSignedIn
		}
		var identity auth.Identity
		var err error
		if auth.IsServerKey(token) {
			identity, err = s.authenticateKey(c, token, scopes)
		} else {
			identity, err = s.authenticateModerator(c, token, need, allowed)
		}
		if err != nil {
			return err
		}
		SetIdentity(c, identity)
		return nil
	}
}

func (s *Sessions) authenticateModerator(
	c *gin.Context, token string, need auth.Permission, allowed []auth.RequiredStep,
) (auth.Identity, error) {
	identity, err := s.Auth.Authenticate(c.Request.Context(), token)
	if err != nil {
		return auth.Identity{}, err
	}
	if !slices.Contains(allowed, identity.RequiredStep) {
		if err := identity.RequiredStep.Err(); err != nil {
			return auth.Identity{}, err
		}
	}
	if !identity.May(need) {
		return auth.Identity{}, httpio.ErrRole
	}
	return identity, nil
}

func (s *Sessions) authenticateKey(c *gin.Context, token string, scopes []auth.Permission) (auth.Identity, error) {
	identity, err := s.ServerKeys.Authenticate(c.Request.Context(), token)
	switch {
	case err != nil:
		return auth.Identity{}, err
	case len(scopes) == 0:
		return auth.Identity{}, httpio.ErrNoKeys
	case !slices.ContainsFunc(scopes, identity.May):
		return auth.Identity{}, &httpio.KeyScopeError{Needs: scopes}
	}
	return identity, nil
}

// BearerToken returns the token of the Authorization header (RFC 6750, section 2.1); false if there is none.
func BearerToken(c *gin.Context) (string, bool) {
	scheme, token, found := strings.Cut(c.GetHeader("Authorization"), " ")
	token = strings.TrimSpace(token)
	return token, found && token != "" && strings.EqualFold(scheme, "Bearer")
}

// Identity returns the moderator that the browser's cookies belong to. It refreshes an expired session, and
// returns auth.ErrTokenInvalid without a valid one.
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

// AccessToken returns the access token of the browser's session, or empty.
func (s *Sessions) AccessToken(c *gin.Context) string {
	return httpio.CookieValue(c, s.Cookies.HostName(cookieAccess))
}

// RefreshToken returns the browser's refresh token, or empty.
func (s *Sessions) RefreshToken(c *gin.Context) string {
	return httpio.CookieValue(c, s.Cookies.HostName(cookieRefresh))
}

// Begin sets all cookies of a session that was started with a password, for the console. Its sign-out must not end
// the session at a provider that an earlier moderator of this browser has left.
func (s *Sessions) Begin(c *gin.Context, session auth.Session) {
	s.ForgetProvider(c)
	s.Set(c, session)
}

// ForgetProvider deletes the cookie of a session at an identity provider.
func (s *Sessions) ForgetProvider(c *gin.Context) {
	s.Cookies.Set(c, Cookie(ProviderCookie, SignOutPath, ""), -time.Second)
}

// Set sets all cookies of a session, for the console.
func (s *Sessions) Set(c *gin.Context, session auth.Session) {
	s.SetRefresh(c, session)
	s.Cookies.Set(c, Cookie(s.Cookies.HostName(cookieAccess), "/", session.AccessToken), session.ExpiresIn)
}

// SetRefresh sets the cookies of a session of the API, which expects the access token in a header: the
// refresh token, and the device token if there is a new one.
func (s *Sessions) SetRefresh(c *gin.Context, session auth.Session) {
	maxAge := session.RefreshExpiresAt.Sub(s.Now())
	s.Cookies.Set(c, Cookie(s.Cookies.HostName(cookieRefresh), "/", session.RefreshToken), maxAge)
	if session.Device != "" {
		s.SetDevice(c, session.Device)
	}
}

// SetDevice sets the token that identifies a browser at its next sign-in. Clear keeps it.
func (s *Sessions) SetDevice(c *gin.Context, token string) {
	s.Cookies.Set(c, Cookie(s.Cookies.HostName(cookieDevice), "/", token), auth.DeviceLife)
}

// Clear deletes the cookies of a session.
func (s *Sessions) Clear(c *gin.Context) {
	s.Cookies.Set(c, Cookie(s.Cookies.HostName(cookieRefresh), "/", ""), -1)
	s.Cookies.Set(c, Cookie(s.Cookies.HostName(cookieAccess), "/", ""), -1)
}

// End ends the browser's session, if it has one.
func (s *Sessions) End(c *gin.Context) error {
	if !s.PublicURL.IsSameOrigin(c) {
		return httpio.ErrCrossOrigin
	}
	err := s.Auth.Logout(c.Request.Context(), s.RefreshToken(c))
	s.Clear(c)
	return err
}

// Cookie returns a cookie for moderators, which browsers send only with requests from our own pages.
func Cookie(name, path, value string) http.Cookie {
	return http.Cookie{Name: name, Path: path, Value: value, SameSite: http.SameSiteStrictMode}
}

// LoginRequest describes the client that signs in.
func (s *Sessions) LoginRequest(c *gin.Context) auth.LoginRequest {
	return auth.LoginRequest{
		AddressKey: s.ClientKey(c),
		NetworkKey: s.Keys.NetworkIndex(httpio.ClientAddress(c)),
		Device:     httpio.CookieValue(c, s.Cookies.HostName(cookieDevice)),
		Client:     describeUserAgent(c.GetHeader("User-Agent")),
	}
}

// ClientKey returns the key by which a client's failed sign-ins are counted. Clients without a known address
// share one key.
func (s *Sessions) ClientKey(c *gin.Context) []byte {
	if key := s.Keys.AddressIndex(httpio.ClientAddress(c)); key != nil {
		return key
	}
	return []byte("unknown address")
}
