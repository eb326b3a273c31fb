package sso

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/httpio"
)

// logoutRefusal is the response to a logout token that is not accepted (OpenID Connect Back-Channel Logout
// 1.0, section 2.8).
type logoutRefusal struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

// Logout ends the sessions that the provider's logout token names. The provider sends it itself, without a
// browser.
func (h *Pages) Logout(c *gin.Context) error {
	c.Header("Cache-Control", "no-store")
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	ctx, provider := c.Request.Context(), c.Param("provider")
	logout, err := h.Providers.VerifyLogout(ctx, provider, values.Get("logout_token"))
	switch {
	case errors.Is(err, auth.ErrLogoutToken), errors.Is(err, auth.ErrProviderDown):
		httpio.JSON(c, http.StatusBadRequest, logoutRefusal{"invalid_request", "The logout token is not accepted."})
		return nil
	case errors.Is(err, auth.ErrUnknownProvider):
		return httpio.ErrNoRoute
	case err != nil:
		return err
	}
	ended, err := h.Auth.Federation.Logout(ctx, logout)
	if err != nil {
		return err
	}
	h.Log.InfoContext(ctx, "identity provider ended sessions", "provider", provider, "sessions", ended)
	c.Status(http.StatusOK)
	return nil
}
