package sso

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/page"
)

// refusal is the message to a person whose sign-in failed.
type refusal struct {
	err    error
	status int
	title  string
	detail string
}

// Advice at the end of refusals.
const (
	tryAgain  = " Please try again."
	askAdmin  = " Please ask an admin of this server."
	notAsSent = " If this happens again, an admin should look at the server’s log and at the provider’s settings."
)

// refusals is the table of them. The first row whose error matches counts.
var refusals = []refusal{
	{auth.ErrUnknownProvider, http.StatusNotFound, "No such provider",
		"This server does not know an identity provider with that name."},
	{auth.ErrProviderDown, http.StatusServiceUnavailable, "The provider does not respond",
		"Your identity provider does not respond at the moment. Please try again in a few minutes."},
	{auth.ErrSignInState, http.StatusBadRequest, "This sign-in does not belong to this browser",
		"It was started in another browser, another one was started since, or the browser keeps no cookies." + tryAgain},
	{auth.ErrSignInExpired, http.StatusBadRequest, "This took too long",
		"A sign-in must be finished within ten minutes." + tryAgain},
	{auth.ErrMixUp, http.StatusBadRequest, "Response from another provider",
		"The response came from another identity provider than the one that was asked. Nothing was accepted." + tryAgain},
	{auth.ErrTokenSignature, http.StatusBadGateway, "The provider’s signature is not valid",
		"The token was not signed by your identity provider. Nothing was accepted." + notAsSent},
	{auth.ErrTokenIssuer, http.StatusBadGateway, "Token from another issuer",
		"The token was issued by another identity provider. Nothing was accepted." + notAsSent},
	{auth.ErrTokenAudience, http.StatusBadGateway, "Token for another application",
		"The token was issued for another application. Nothing was accepted." + notAsSent},
	{auth.ErrTokenNonce, http.StatusBadGateway, "Token from another sign-in",
		"The token belongs to another sign-in. Nothing was accepted." + tryAgain},
	{auth.ErrIDTokenExpired, http.StatusBadGateway, "The token is not valid now",
		"The token has expired, or is not valid yet. Perhaps the clock of this server or of the provider is wrong." + notAsSent},
	{auth.ErrProviderResponse, http.StatusBadGateway, "Unusable response",
		"The identity provider sent an incomplete response. Nothing was accepted." + notAsSent},
	{auth.ErrUncheckable, http.StatusBadGateway, "The provider could not be asked again",
		"The identity provider sent no refresh token and offers no userinfo, so this server could not tell when you lose " +
			"access. An admin should allow the scope offline_access at the provider."},
	{auth.ErrGrantRevoked, http.StatusBadGateway, "The provider has ended the session",
		"The identity provider did not confirm the sign-in." + tryAgain},
	{auth.ErrNoMappedGroup, http.StatusForbidden, "No access",
		"You are signed in at your identity provider, but none of your groups there gives access to this server." + askAdmin},
	{auth.ErrNoAccount, http.StatusForbidden, "No account",
		"You are signed in at your identity provider, but you have no account here." + askAdmin},
	{auth.ErrNoEmail, http.StatusForbidden, "No verified email",
		"The identity provider did not confirm an email address of yours, which an account here needs." + askAdmin},
	{auth.ErrAccountDisabled, http.StatusForbidden, "Account is disabled",
		"Your account here is disabled." + askAdmin},
	{auth.ErrAlreadyLinked, http.StatusConflict, "Already linked",
		"The account here is linked to another person at a provider, or that person to another account. An admin can " +
			"remove the link on the page of the moderator."},
	{auth.ErrBreakGlass, http.StatusConflict, "This account is not linked",
		"This account signs in with its password when no identity provider works, so it is never linked to one."},
	{auth.ErrNoPassword, http.StatusConflict, "A password is needed",
		"The account has no password that works here. Accept its invitation first, or ask an admin for a password link."},
	{auth.ErrTokenInvalid, http.StatusBadRequest, "This took too long",
		"The page is older than ten minutes." + tryAgain},
}

type refusedView struct {
	page.Frame
	Heading string
	Detail  string
	Code    string // the provider's error code; empty: none
}

// refuse shows why a sign-in failed. Errors without a row are internal.
func (h *Pages) refuse(c *gin.Context, err error) error {
	var refused *auth.ProviderRefusal
	if errors.As(err, &refused) {
		h.Log.WarnContext(c.Request.Context(), "identity provider refused a sign-in", "request_id", httpio.RequestID(c),
			"provider", httpio.Printable(c.Param("provider")), "code", refused.Code)
		return h.renderRefusal(c, providerRefusal(refused.Code), refused.Code)
	}
	for _, r := range refusals {
		if errors.Is(err, r.err) {
			h.Log.InfoContext(c.Request.Context(), "sign-in with identity provider refused", "request_id", httpio.RequestID(c),
				"provider", httpio.Printable(c.Param("provider")), "err", err)
			return h.renderRefusal(c, r, "")
		}
	}
	return err
}

// providerRefusal describes an error code of the provider (RFC 6749, section 4.1.2.1).
func providerRefusal(code string) refusal {
	if code == "access_denied" {
		return refusal{status: http.StatusForbidden, title: "The provider did not sign you in",
			detail: "You cancelled, or the identity provider does not let you use this application." + tryAgain}
	}
	return refusal{status: http.StatusBadGateway, title: "The provider reports an error",
		detail: "The identity provider did not sign you in." + notAsSent}
}

func (h *Pages) renderRefusal(c *gin.Context, r refusal, code string) error {
	setPrivate(c)
	return h.Renderer.Render(c, r.status, "provider-refused", refusedView{Frame: frame(c, r.title), Heading: r.title,
		Detail: r.detail, Code: code})
}
