package sso

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/auth/oidc"
	"rejoinder/handlers/console"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
)

// Paths of the sign-in with a provider. CallbackPath and LogoutPath are registered at the provider.
const (
	StartPath    = console.ProviderPath + ":provider"
	CallbackPath = StartPath + "/callback"
	LogoutPath   = StartPath + "/logout"
	SignOutPath  = session.SignOutPath
	LinkPath     = "/console/sign-in/link"
	RequestPath  = console.AccountPath + "/link/:provider"
	UnlinkPath   = console.AccountPath + "/unlink"
)

// CallbackURL returns the URL to which the provider with that name redirects after a sign-in.
func CallbackURL(publicURL, provider string) string {
	return publicURL + console.ProviderPath + provider + "/callback"
}

// Providers are the identity providers. *oidc.Providers implements it.
type Providers interface {
	Start(ctx context.Context, provider string, flow oidc.Flow) (oidc.Flow, string, error)
	Finish(ctx context.Context, provider string, flow oidc.Flow, params url.Values) (auth.FederatedLogin, error)
	VerifyLogout(ctx context.Context, provider, token string) (auth.FederatedLogout, error)
	EndSessionURL(ctx context.Context, provider, idToken, returnTo string) string
}

// NoProviders are the providers of a server without single sign-on.
var NoProviders Providers = (*oidc.Providers)(nil)

// Pages serves the sign-in with identity providers.
type Pages struct {
	*console.Pages
	Auth      *auth.Service
	Providers Providers
	Log       *slog.Logger
}

// The cookie with a sign-in that has started. Its context separates it from all other sealed values.
const (
	flowCookie  = "rejoinder_provider_sign_in"
	flowContext = "provider-sign-in"
)

// Start redirects to the provider.
func (h *Pages) Start(c *gin.Context) error {
	return h.start(c, oidc.Flow{Next: console.SafeNext(c.Query("next"))})
}

// RequestLink redirects a signed-in moderator to the provider to link their account.
func (h *Pages) RequestLink(c *gin.Context) error {
	return h.start(c, oidc.Flow{Next: console.AccountPath, LinkTo: session.IdentityOf(c).ModeratorID})
}

func (h *Pages) start(c *gin.Context, flow oidc.Flow) error {
	flow, to, err := h.Providers.Start(c.Request.Context(), c.Param("provider"), flow)
	if err != nil {
		return h.refuse(c, err)
	}
	sealed, err := h.Cookies.Seal(flow, flowContext)
	if err != nil {
		return err
	}
	h.Cookies.Set(c, h.flowCookie(sealed), oidc.FlowLife)
	c.Header("Cache-Control", "private, no-store")
	httpio.SeeOther(c, to)
	return nil
}

// flowCookie returns the cookie of a sign-in. Browsers send it with the provider's redirect, since it is not
// strict.
func (h *Pages) flowCookie(value string) http.Cookie {
	return http.Cookie{Name: h.Cookies.HostName(flowCookie), Path: "/", Value: value, SameSite: http.SameSiteLaxMode}
}

// Callback finishes a sign-in after the provider's redirect.
func (h *Pages) Callback(c *gin.Context) error {
	var flow oidc.Flow
	if !h.Cookies.Open(c, h.Cookies.HostName(flowCookie), flowContext, &flow) {
		return h.refuse(c, auth.ErrSignInState)
	}
	login, err := h.Providers.Finish(c.Request.Context(), c.Param("provider"), flow, c.Request.URL.Query())
	if err == nil {
		h.Cookies.Set(c, h.flowCookie(""), -time.Second)
		err = h.enter(c, flow, login)
	}
	if err != nil {
		return h.refuseLogin(c, flow, err)
	}
	return nil
}

// enter signs the person in or, for a link that was requested, returns *auth.LinkNeeded.
func (h *Pages) enter(c *gin.Context, flow oidc.Flow, login auth.FederatedLogin) error {
	if flow.LinkTo != "" {
		err := h.Auth.Federation.RequestLink(c.Request.Context(), flow.LinkTo, login)
		return h.keepHint(c, login, err)
	}
	signedIn, err := h.Auth.Federation.Login(c.Request.Context(), login, h.Sessions.LoginRequest(c))
	if err = h.keepHint(c, login, err); err != nil {
		return err
	}
	h.Sessions.Set(c, signedIn)
	return h.renderSignedIn(c, flow.Next)
}

type signedInView struct {
	page.Frame
	Next string
}

// renderSignedIn shows a page that opens the next one. A redirect would be part of the navigation that the
// provider's page began, and browsers send no strict cookies with it.
func (h *Pages) renderSignedIn(c *gin.Context, next string) error {
	next = console.SafeNext(next)
	setPrivate(c)
	c.Header("Refresh", "0; url="+next)
	return h.Renderer.Render(c, http.StatusOK, "provider-signed-in", signedInView{Frame: frame(c, "Signed in"), Next: next})
}

// setPrivate keeps the page and its URL, which has a code, from others.
func setPrivate(c *gin.Context) {
	c.Header("Cache-Control", "private, no-store")
	c.Header("Referrer-Policy", "no-referrer")
}

func frame(c *gin.Context, title string) page.Frame {
	return page.ConsoleFrame(session.Words(c), title)
}
