package console

import (
	"errors"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
)

const signInPath = RootPath + "/sign-in"

// signInView is the sign-in page.
type signInView struct {
	page.Frame
	Email   string // what was typed
	Token   string // of the first step, when a code is to follow
	Next    string
	Problem string
	Wait    string
	Kept    []page.HiddenField // of a form that came when the session was over
}

// RequireSession lets moderators pass who have a session and that role, and who owe nothing but what may be
// owed there. An access token that has run out is renewed on the way; without a session the browser goes to
// the sign-in page. Requests that change something must come from the console itself.
func (h *SignIn) RequireSession(need auth.Role, allowed ...auth.RequiredStep) func(*gin.Context) error {
	return func(c *gin.Context) error {
		who, err := h.openSession(c)
		if err != nil || c.IsAborted() || SignedOut(c) {
			return err
		}
		if !slices.Contains(allowed, who.RequiredStep) {
			if err := who.RequiredStep.Err(); err != nil && !sendToDuty(c) {
				return err
			}
			if c.IsAborted() {
				return nil
			}
		}
		if !who.Role.Allows(need) {
			return httpio.ErrRole
		}
		session.SetIdentity(c, who)
		return nil
	}
}

// openSession returns the caller's identity. Without a session it sends the caller to the sign-in page and
// aborts; for a form, only after the form has arrived: see signInKeeping.
func (h *SignIn) openSession(c *gin.Context) (auth.Identity, error) {
	if !h.PublicURL.IsSameOrigin(c) {
		return auth.Identity{}, httpio.ErrCrossOrigin
	}
	identity, err := h.Sessions.Identity(c)
	if errors.Is(err, auth.ErrTokenInvalid) {
		h.Sessions.Clear(c)
		if c.Request.Method == http.MethodPost && httpio.WantsHTML(c) {
			c.Set(keySignedOut, true)
			return auth.Identity{}, nil
		}
		c.Abort()
		httpio.SeeOther(c, signInAddress(c))
		return auth.Identity{}, nil
	}
	return identity, err
}

// signInAddress leads to the sign-in page and, for pages, back again.
func signInAddress(c *gin.Context) string {
	if c.Request.Method != http.MethodGet || c.Request.URL.RequestURI() == RootPath {
		return signInPath
	}
	return signInPath + "?" + url.Values{"next": {c.Request.URL.RequestURI()}}.Encode()
}

// localNext is where to go after signing in: a page of the console, never another site.
func localNext(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !consoleScreen(u) {
		return RootPath
	}
	return (&url.URL{Path: u.Path, RawQuery: u.Query().Encode()}).String()
}

// consoleScreen reports whether an address is one of the console, spelled as the console spells it.
func consoleScreen(u *url.URL) bool {
	if u.Path == RootPath {
		return true
	}
	return strings.HasPrefix(u.Path, RootPath+"/") && path.Clean(u.Path) == u.Path && u.EscapedPath() == u.Path &&
		u.Path != signInPath
}

func (h *SignIn) SignInPage(c *gin.Context) error {
	if _, err := h.Sessions.Identity(c); err == nil {
		httpio.SeeOther(c, localNext(c.Query("next")))
		return nil
	}
	return h.showSignIn(c, http.StatusOK, signInView{Next: c.Query("next")})
}

func (h *SignIn) showSignIn(c *gin.Context, status int, view signInView) error {
	view.Frame = page.Frame{Lang: "en", Title: "Sign in – Rejoinder", Style: "console.css", Private: true}
	view.Next = httpio.Printable(view.Next)
	c.Header("Cache-Control", "private, no-store")
	return h.Renderer.Render(c, status, "sign-in", view)
}

func (h *SignIn) SignIn(c *gin.Context) error {
	if !h.PublicURL.IsSameOrigin(c) {
		return httpio.ErrCrossOrigin
	}
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	kept, err := h.keptFields(values) // of a form sent without a session
	if err != nil {
		return err
	}
	email, next, token := values.Get("email"), values.Get("next"), values.Get("token")
	session, err := h.signInStep(c, values)
	var needed *auth.SecondFactorNeeded
	switch {
	case err == nil:
		h.Sessions.Set(c, session)
		return h.resume(c, values)
	case errors.As(err, &needed):
		return h.showSignIn(c, http.StatusOK, signInView{Token: needed.Token, Next: next, Kept: kept})
	case errors.Is(err, auth.ErrTokenInvalid):
		token = "" // the first step is to be done again
	}
	p := httpio.ProblemOf(err, httpio.RequestID(c))
	if p.Status >= http.StatusInternalServerError {
		return err
	}
	httpio.RecordProblem(c, p)
	return h.showSignIn(c, p.Status, signInView{
		Email:   httpio.Printable(email),
		Token:   httpio.Printable(token),
		Next:    next,
		Problem: p.Detail,
		Wait:    page.WaitWords(p.RetryAfter),
		Kept:    kept,
	})
}

// signInStep takes the first step of signing in, or the second when the form brings the first one's token.
func (h *SignIn) signInStep(c *gin.Context, values url.Values) (auth.Session, error) {
	from := h.Sessions.LoginRequest(c)
	if token := values.Get("token"); token != "" {
		return h.Auth.LoginCode(c.Request.Context(), auth.CodeRequest{Token: token, Code: values.Get("code"), From: from})
	}
	from.Email, from.Password = strings.TrimSpace(values.Get("email")), values.Get("password")
	return h.Auth.Login(c.Request.Context(), from)
}

func (h *SignIn) SignOut(c *gin.Context) error {
	if err := h.Sessions.End(c); err != nil {
		return err
	}
	httpio.SeeOther(c, signInPath)
	return nil
}

type SignIn struct {
	*Pages
	Auth      *auth.Service
	FormLimit int64
}
