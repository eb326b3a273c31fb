package sso

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/console"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
)

// hintContext separates sealed hints from all other sealed values.
const hintContext = "provider-session"

// hint names the provider of a session, with the ID token of its sign-in.
type hint struct {
	Provider string `json:"provider"`
	IDToken  string `json:"id_token,omitempty"`
}

// keepHint keeps the hint in the browser, as long as a session can last unused, unless the sign-in failed. It returns
// failed. An ID token that is too long for a cookie is left out; the provider may then ask the person before it ends
// their session.
func (h *Pages) keepHint(c *gin.Context, login auth.FederatedLogin, failed error) error {
	var needed *auth.LinkNeeded
	if failed != nil && !errors.As(failed, &needed) {
		return failed
	}
	sealed, err := h.Cookies.Seal(hint{login.Provider, login.IDToken}, hintContext)
	if err != nil {
		sealed, err = h.Cookies.Seal(hint{Provider: login.Provider}, hintContext)
	}
	if err != nil {
		h.Log.WarnContext(c.Request.Context(), "session at the provider can't be ended from here", "err", err)
		h.Sessions.ForgetProvider(c)
		return failed
	}
	h.Cookies.Set(c, session.Cookie(session.ProviderCookie, SignOutPath, sealed), auth.RefreshTokenLife)
	return failed
}

// signedOutView is the page that leads to the provider, which ends its session, too.
type signedOutView struct {
	page.Frame
	Next string
}

// SignOut ends the session here and, if it was started with a provider that can end sessions, there. A page leads to
// the provider: the console's policy allows no redirect of a form to another host.
func (h *Pages) SignOut(c *gin.Context) error {
	if err := h.Sessions.End(c); err != nil {
		return err
	}
	var kept hint
	if !h.Cookies.Open(c, session.ProviderCookie, hintContext, &kept) {
		httpio.SeeOther(c, console.SignInPath)
		return nil
	}
	h.Sessions.ForgetProvider(c)
	to := h.Providers.EndSessionURL(c.Request.Context(), kept.Provider, kept.IDToken,
		string(h.PublicURL)+console.SignInPath)
	if to == "" {
		httpio.SeeOther(c, console.SignInPath)
		return nil
	}
	setPrivate(c)
	c.Header("Refresh", "0; url="+to)
	return h.Renderer.Render(c, http.StatusOK, "provider-signed-out", signedOutView{Frame: frame(c, "Signed out"), Next: to})
}
