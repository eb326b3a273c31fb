package api

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
)

// tokenResponse is what a client needs to call the API as a moderator. The refresh token is in a cookie,
// where no script can read it.
type tokenResponse struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int    `json:"expires_in"` // seconds
	// Duty is what the moderator must do before anything else is allowed.
	Duty auth.RequiredStep `json:"duty,omitempty"`
}

// challengeResponse is what follows the password of a moderator with a second factor: the token is for the
// second step.
type challengeResponse struct {
	SecondFactor struct {
		Token     string `json:"token"`
		ExpiresIn int    `json:"expires_in"` // seconds
	} `json:"second_factor"`
}

// Login signs a moderator in.
func (h *Account) Login(c *gin.Context) error {
	if !h.PublicURL.IsSameOrigin(c) {
		return httpio.ErrCrossOrigin
	}
	var req struct {
		Email    string `json:"email"`
		Password string `json:"password"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	var faults moderation.Invalid
	if req.Email == "" {
		faults.Add("/email", "required", "Please enter your email address.")
	}
	if req.Password == "" {
		faults.Add("/password", "required", "Please enter your password.")
	}
	if err := faults.Err(); err != nil {
		return err
	}
	from := h.Sessions.LoginRequest(c)
	from.Email, from.Password = req.Email, req.Password
	session, err := h.Auth.Login(c.Request.Context(), from)
	return h.answerSignIn(c, session, err)
}

// answerSignIn answers a step of signing in: with the session, or with what the next step takes.
func (h *Account) answerSignIn(c *gin.Context, session auth.Session, err error) error {
	var needed *auth.SecondFactorNeeded
	switch {
	case errors.As(err, &needed):
		var a challengeResponse
		a.SecondFactor.Token, a.SecondFactor.ExpiresIn = needed.Token, int(needed.ExpiresIn.Seconds())
		httpio.JSON(c, http.StatusOK, a)
		return nil
	case err != nil:
		return err
	}
	h.answerSession(c, session)
	return nil
}

// Refresh trades the refresh token in the cookie for a new one and a new access token.
func (h *Account) Refresh(c *gin.Context) error {
	if !h.PublicURL.IsSameOrigin(c) {
		return httpio.ErrCrossOrigin
	}
	token := h.Sessions.RefreshToken(c)
	if token == "" {
		return httpio.ErrNotSignedIn
	}
	session, err := h.Auth.Refresh(c.Request.Context(), token)
	if err != nil {
		if errors.Is(err, auth.ErrTokenInvalid) {
			h.Sessions.Clear(c)
		}
		return err
	}
	h.answerSession(c, session)
	return nil
}

// Logout ends the session that the cookie belongs to. Without one there is nothing left to end, and that is
// no error.
func (h *Account) Logout(c *gin.Context) error {
	if err := h.Sessions.End(c); err != nil {
		return err
	}
	httpio.NoContent(c)
	return nil
}

func (h *Account) answerSession(c *gin.Context, session auth.Session) {
	h.Sessions.SetRefresh(c, session)
	httpio.JSON(c, http.StatusOK, tokenResponse{
		AccessToken: session.AccessToken, TokenType: "Bearer", ExpiresIn: int(session.ExpiresIn.Seconds()),
		Duty: session.RequiredStep,
	})
}

// Me says who the access token belongs to, and which sites they work on.
func (h *Account) Me(c *gin.Context) error {
	sites, err := h.Sites.List(c.Request.Context(), session.ViewerOf(c))
	if err != nil {
		return err
	}
	slugs := make([]string, len(sites))
	for i, site := range sites {
		slugs[i] = site.Slug
	}
	who := session.IdentityOf(c)
	factor, err := h.Auth.SecondFactor(c.Request.Context(), who)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, meResponse{who.ModeratorID, who.Name, who.Role, slugs, who.RequiredStep,
		factorResponse{factor.Confirmed(), h.Auth.SecondFactorRequired(), factor.CodesLeft}})
	return nil
}

// meResponse is the signed-in moderator.
type meResponse struct {
	ID           string            `json:"id"`
	Name         string            `json:"name"`
	Role         auth.Role         `json:"role"`
	Sites        []string          `json:"sites"`
	Duty         auth.RequiredStep `json:"duty,omitempty"`
	SecondFactor factorResponse    `json:"second_factor"`
}

type factorResponse struct {
	Enabled           bool `json:"enabled"`
	Required          bool `json:"required"`
	RecoveryCodesLeft int  `json:"recovery_codes_left"`
}
