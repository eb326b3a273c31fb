package api

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/schedule"
)

// tokenResponse contains the access token. The refresh token is in a cookie, which scripts can't read.
type tokenResponse struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int    `json:"expires_in"` // seconds
	// Duty is what the moderator must do first; everything else is forbidden until then.
	Duty auth.RequiredStep `json:"duty,omitempty"`
}

// challengeResponse asks for the second factor. Its token is for VerifySecondFactor.
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
	return h.respondSignIn(c, session, err)
}

// respondSignIn responds to a step of signing in: with the session, or with a challenge.
func (h *Account) respondSignIn(c *gin.Context, session auth.Session, err error) error {
	var needed *auth.SecondFactorNeeded
	switch {
	case errors.As(err, &needed):
		var challenge challengeResponse
		challenge.SecondFactor.Token = needed.Token
		challenge.SecondFactor.ExpiresIn = int(needed.ExpiresIn.Seconds())
		httpio.JSON(c, http.StatusOK, challenge)
		return nil
	case err != nil:
		return err
	}
	h.Sessions.ForgetProvider(c)
	h.respondSession(c, session)
	return nil
}

// Refresh exchanges the refresh token in the cookie for a new one and an access token.
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
	h.respondSession(c, session)
	return nil
}

// Logout ends the session of the cookie. It is not an error if there is none.
func (h *Account) Logout(c *gin.Context) error {
	if err := h.Sessions.End(c); err != nil {
		return err
	}
	httpio.NoContent(c)
	return nil
}

func (h *Account) respondSession(c *gin.Context, session auth.Session) {
	h.Sessions.SetRefresh(c, session)
	httpio.JSON(c, http.StatusOK, tokenResponse{
		AccessToken: session.AccessToken, TokenType: "Bearer", ExpiresIn: int(session.ExpiresIn.Seconds()),
		Duty: session.RequiredStep,
	})
}

// Me returns the moderator of the access token.
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
	factor, err := h.Auth.SecondFactors.State(c.Request.Context(), who)
	if err != nil {
		return err
	}
	zone := ""
	if who.ChosenZone {
		zone = who.TimeZone
	}
	httpio.JSON(c, http.StatusOK, meResponse{
		who.ModeratorID, who.Name, who.Role, slugs, who.Language, zone, who.RequiredStep,
		factorResponse{factor.Confirmed(), h.Auth.SecondFactors.Required(), factor.CodesLeft},
	})
	return nil
}

// ChooseLanguage sets the language and the time zone of the moderator's console and mail.
func (h *Account) ChooseLanguage(c *gin.Context) error {
	var req struct {
		Language string  `json:"language"`
		TimeZone *string `json:"time_zone"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	var faults moderation.Invalid
	if req.Language != "" && !locale.Has(req.Language) {
		faults.Add("/language", "unknown",
			"Must be one of "+strings.Join(locale.Tags(), ", ")+", or empty for the language of the browser.")
	}
	if req.TimeZone != nil && !schedule.ValidZone(*req.TimeZone) {
		faults.Add("/time_zone", "unknown", schedule.UnknownZone)
	}
	if err := faults.Err(); err != nil {
		return err
	}
	err := h.Auth.ChooseLocale(c.Request.Context(), session.IdentityOf(c).ModeratorID,
		auth.LocaleChoice{Language: &req.Language, TimeZone: req.TimeZone})
	if err != nil {
		return err
	}
	httpio.NoContent(c)
	return nil
}

// meResponse is the signed-in moderator.
type meResponse struct {
	ID           string            `json:"id"`
	Name         string            `json:"name"`
	Role         auth.Role         `json:"role"`
	Sites        []string          `json:"sites"`
	Language     string            `json:"language"`  // empty: as the browser asks
	TimeZone     string            `json:"time_zone"` // empty: that of the sites
	Duty         auth.RequiredStep `json:"duty,omitempty"`
	SecondFactor factorResponse    `json:"second_factor"`
}

type factorResponse struct {
	Enabled           bool `json:"enabled"`
	Required          bool `json:"required"`
	RecoveryCodesLeft int  `json:"recovery_codes_left"`
}
