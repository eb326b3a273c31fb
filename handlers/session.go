package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/moderation"
)

const signInPath = consolePath + "/sign-in"

// signInView is the sign-in page.
type signInView struct {
	frame
	Email   string // what was typed
	Token   string // of the first step, when a code is to follow
	Next    string
	Problem string
	Wait    string
	Kept    []hiddenField // of a form that came when the session was over
}

// requireSession lets moderators pass who have a session and that role, and who owe nothing but what may be
// owed there. An access token that has run out is renewed on the way; without a session the browser goes to
// the sign-in page. Requests that change something must come from the console itself.
func (s *Server) requireSession(need auth.Role, allowed ...auth.Duty) gin.HandlerFunc {
	return s.wrap(func(c *gin.Context) error {
		who, err := s.openSession(c)
		if err != nil || c.IsAborted() || signedOut(c) {
			return err
		}
		if !slices.Contains(allowed, who.Duty) {
			if err := who.Duty.Err(); err != nil && !sendToDuty(c) {
				return err
			}
			if c.IsAborted() {
				return nil
			}
		}
		if !who.Role.Allows(need) {
			return errRole
		}
		c.Set(keyIdentity, who)
		return nil
	})
}

// openSession returns the caller's identity. Without a session it sends the caller to the sign-in page and
// aborts; for a form, only after the form has arrived: see signInKeeping.
func (s *Server) openSession(c *gin.Context) (auth.Identity, error) {
	if !s.ownSource(c) {
		return auth.Identity{}, errCrossOrigin
	}
	identity, err := s.sessionIdentity(c)
	if errors.Is(err, auth.ErrTokenInvalid) {
		s.clearSession(c)
		if c.Request.Method == http.MethodPost && wantsPage(c) {
			c.Set(keySignedOut, true)
			return auth.Identity{}, nil
		}
		c.Abort()
		seeOther(c, signInAddress(c))
		return auth.Identity{}, nil
	}
	return identity, err
}

// sessionIdentity says who the browser's cookies belong to. ErrTokenInvalid when nobody.
func (s *Server) sessionIdentity(c *gin.Context) (auth.Identity, error) {
	identity, err := s.Auth.Authenticate(c.Request.Context(), cookieValue(c, s.hostCookie(cookieAccess)))
	if !errors.Is(err, auth.ErrTokenInvalid) {
		return identity, err
	}
	session, err := s.Auth.Refresh(c.Request.Context(), s.refreshCookie(c))
	if err != nil {
		return auth.Identity{}, err
	}
	s.setSession(c, session)
	return s.Auth.Authenticate(c.Request.Context(), session.AccessToken)
}

// signInAddress leads to the sign-in page and, for pages, back again.
func signInAddress(c *gin.Context) string {
	if c.Request.Method != http.MethodGet || c.Request.URL.RequestURI() == consolePath {
		return signInPath
	}
	return signInPath + "?" + url.Values{"next": {c.Request.URL.RequestURI()}}.Encode()
}

// localNext is where to go after signing in: a page of the console, never another site.
func localNext(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !consoleScreen(u) {
		return consolePath
	}
	return (&url.URL{Path: u.Path, RawQuery: u.Query().Encode()}).String()
}

// consoleScreen reports whether an address is one of the console, spelled as the console spells it.
func consoleScreen(u *url.URL) bool {
	if u.Path == consolePath {
		return true
	}
	return strings.HasPrefix(u.Path, consolePath+"/") && path.Clean(u.Path) == u.Path && u.EscapedPath() == u.Path &&
		u.Path != signInPath
}

func (s *Server) signInPage(c *gin.Context) error {
	if _, err := s.sessionIdentity(c); err == nil {
		seeOther(c, localNext(c.Query("next")))
		return nil
	}
	return s.showSignIn(c, http.StatusOK, signInView{Next: c.Query("next")})
}

func (s *Server) showSignIn(c *gin.Context, status int, view signInView) error {
	view.frame = frame{Lang: "en", Title: "Sign in – Rejoinder", Style: "console.css", Private: true}
	view.Next = printable(view.Next)
	c.Header("Cache-Control", "private, no-store")
	return s.render(c, status, "sign-in", view)
}

func (s *Server) signIn(c *gin.Context) error {
	if !s.ownSource(c) {
		return errCrossOrigin
	}
	values, err := formValues(c)
	if err != nil {
		return err
	}
	kept, err := s.keptFields(values) // of a form sent without a session
	if err != nil {
		return err
	}
	email, next, token := values.Get("email"), values.Get("next"), values.Get("token")
	session, err := s.signInStep(c, values)
	var needed *auth.SecondFactorNeeded
	switch {
	case err == nil:
		s.setSession(c, session)
		return s.resume(c, values)
	case errors.As(err, &needed):
		return s.showSignIn(c, http.StatusOK, signInView{Token: needed.Token, Next: next, Kept: kept})
	case errors.Is(err, auth.ErrTokenInvalid):
		token = "" // the first step is to be done again
	}
	p := problemOf(err, requestID(c))
	if p.Status >= http.StatusInternalServerError {
		return err
	}
	s.noteProblem(c, p)
	return s.showSignIn(c, p.Status, signInView{
		Email: printable(
			email,
		),
		Token:   printable(token),
		Next:    next,
		Problem: p.Detail,
		Wait:    waitWords(p.retryAfter),
		Kept:    kept,
	})
}

// signInStep takes the first step of signing in, or the second when the form brings the first one's token.
func (s *Server) signInStep(c *gin.Context, values url.Values) (auth.Session, error) {
	from := s.loginRequest(c)
	if token := values.Get("token"); token != "" {
		return s.Auth.LoginCode(c.Request.Context(), auth.CodeRequest{Token: token, Code: values.Get("code"), From: from})
	}
	from.Email, from.Password = strings.TrimSpace(values.Get("email")), values.Get("password")
	return s.Auth.Login(c.Request.Context(), from)
}

// signInKey is what failed sign-ins of a client are counted on. Clients without a known address share one
// key.
func (s *Server) signInKey(c *gin.Context) []byte {
	if key := s.Keys.AddressIndex(clientAddress(c)); key != nil {
		return key
	}
	return []byte("unknown address")
}

// leave ends the session that the cookie belongs to, if there is one.
func (s *Server) leave(c *gin.Context) error {
	if !s.ownSource(c) {
		return errCrossOrigin
	}
	err := s.Auth.Logout(c.Request.Context(), s.refreshCookie(c))
	s.clearSession(c)
	return err
}

func (s *Server) signOut(c *gin.Context) error {
	if err := s.leave(c); err != nil {
		return err
	}
	seeOther(c, signInPath)
	return nil
}

// viewerOf is the signed-in moderator, as use-cases know them.
func viewerOf(c *gin.Context) moderation.Viewer {
	identity := identityOf(c)
	return moderation.Viewer{ModeratorID: identity.ModeratorID, SiteIDs: identity.SiteIDs}
}

func identityOf(c *gin.Context) auth.Identity {
	identity, _ := c.MustGet(keyIdentity).(auth.Identity)
	return identity
}
