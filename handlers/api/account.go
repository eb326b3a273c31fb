package api

import (
	"encoding/base64"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
)

// Account serves signing in, and a moderator's own account.
type Account struct {
	Sessions  *session.Sessions
	PublicURL httpio.PublicURL
	Auth      *auth.Service
	Sites     *moderation.Sites
}

// ChangePassword changes the moderator's own password and ends their other sessions.
func (h *Account) ChangePassword(c *gin.Context) error {
	var req struct {
		Current string `json:"current_password"`
		New     string `json:"new_password"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	device, err := h.Auth.ChangePassword(c.Request.Context(), session.IdentityOf(c),
		auth.PasswordChange{Current: req.Current, New: req.New})
	if err != nil {
		return err
	}
	h.Sessions.SetDevice(c, device)
	httpio.NoContent(c)
	return nil
}

// ChangeEmail changes the email that the moderator signs in with, and ends their other sessions.
func (h *Account) ChangeEmail(c *gin.Context) error {
	var req struct {
		Password string `json:"password"`
		Email    string `json:"email"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	device, err := h.Auth.ChangeEmail(c.Request.Context(), session.IdentityOf(c),
		auth.EmailChange{Password: req.Password, Email: req.Email})
	if err != nil {
		return err
	}
	if device != "" {
		h.Sessions.SetDevice(c, device)
	}
	httpio.NoContent(c)
	return nil
}

type sessionResponse struct {
	ID         string    `json:"id"`
	Client     string    `json:"client"`
	CreatedAt  time.Time `json:"created_at"`
	LastUsedAt time.Time `json:"last_used_at"`
	Current    bool      `json:"current"`
}

// ListSessions lists the moderator's own sessions.
func (h *Account) ListSessions(c *gin.Context) error {
	who := session.IdentityOf(c)
	sessions, err := h.Auth.Sessions(c.Request.Context(), who)
	if err != nil {
		return err
	}
	httpio.List(c, sessions, func(s auth.SessionInfo) sessionResponse {
		return sessionResponse{s.ID, s.Client, s.CreatedAt.UTC(), s.LastUsedAt.UTC(), s.ID == who.SessionID}
	})
	return nil
}

// EndSession ends one of the moderator's own sessions.
func (h *Account) EndSession(c *gin.Context) error {
	id, err := httpio.PathID(c)
	if err != nil {
		return err
	}
	if err := h.Auth.EndSession(c.Request.Context(), session.IdentityOf(c), id); err != nil {
		return err
	}
	httpio.NoContent(c)
	return nil
}

// EndOtherSessions ends all of the moderator's sessions except this one.
func (h *Account) EndOtherSessions(c *gin.Context) error {
	n, err := h.Auth.EndOtherSessions(c.Request.Context(), session.IdentityOf(c))
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, struct {
		Ended int `json:"ended"`
	}{n})
	return nil
}

type signInResponse struct {
	Outcome   auth.SignInOutcome `json:"outcome"`
	Client    string             `json:"client"`
	CreatedAt time.Time          `json:"created_at"`
}

// ListSignIns lists the moderator's recent sign-in attempts.
func (h *Account) ListSignIns(c *gin.Context) error {
	events, err := h.Auth.RecentSignIns(c.Request.Context(), session.IdentityOf(c))
	if err != nil {
		return err
	}
	httpio.List(c, events, func(e auth.SignIn) signInResponse {
		return signInResponse{e.Outcome, e.Client, e.CreatedAt.UTC()}
	})
	return nil
}

// EnrolSecondFactor returns a secret for the moderator's app. The second factor is off until it is confirmed.
func (h *Account) EnrolSecondFactor(c *gin.Context) error {
	var req struct {
		Password string `json:"password"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	enrolment, err := h.Auth.SecondFactors.Enrol(c.Request.Context(), session.IdentityOf(c), auth.PasswordChange{Current: req.Password})
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusCreated, struct {
		Secret string `json:"secret"`
		URL    string `json:"otpauth_url"`
		QR     string `json:"qr_png"`
	}{enrolment.Secret, enrolment.URL, base64.StdEncoding.EncodeToString(enrolment.QR)})
	return nil
}

// ConfirmSecondFactor turns the second factor on and returns the recovery codes.
func (h *Account) ConfirmSecondFactor(c *gin.Context) error {
	var req struct {
		Code string `json:"code"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	codes, err := h.Auth.SecondFactors.Confirm(c.Request.Context(), session.IdentityOf(c), req.Code)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, struct {
		RecoveryCodes []string `json:"recovery_codes"`
	}{codes})
	return nil
}

// DisableSecondFactor turns the moderator's own second factor off.
func (h *Account) DisableSecondFactor(c *gin.Context) error {
	var req struct {
		Password string `json:"password"`
		Code     string `json:"code"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	err := h.Auth.SecondFactors.Disable(c.Request.Context(), session.IdentityOf(c), auth.FactorRemoval{
		Password: req.Password, Code: req.Code, From: h.Sessions.LoginRequest(c),
	})
	if err != nil {
		return err
	}
	httpio.NoContent(c)
	return nil
}

// LookUpLink returns the kind of a link, and whom it is for.
func (h *Account) LookUpLink(c *gin.Context) error {
	var req struct {
		Secret string `json:"secret"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	info, err := h.Auth.LookUpLink(c.Request.Context(), req.Secret)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, struct {
		Kind      auth.LinkKind `json:"kind"`
		Name      string        `json:"name"`
		ExpiresAt time.Time     `json:"expires_at"`
	}{info.Kind, info.Name, info.ExpiresAt.UTC()})
	return nil
}

// AcceptLink sets the password that a link is for, and signs the moderator in.
func (h *Account) AcceptLink(c *gin.Context) error {
	if !h.PublicURL.IsSameOrigin(c) {
		return httpio.ErrCrossOrigin
	}
	var req struct {
		Secret   string `json:"secret"`
		Name     string `json:"name"`
		Password string `json:"password"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	session, err := h.Auth.Accept(c.Request.Context(),
		auth.Acceptance{Secret: req.Secret, Name: req.Name, Password: req.Password}, h.Sessions.LoginRequest(c))
	return h.respondSignIn(c, session, err)
}

// VerifySecondFactor takes the second step of signing in.
func (h *Account) VerifySecondFactor(c *gin.Context) error {
	if !h.PublicURL.IsSameOrigin(c) {
		return httpio.ErrCrossOrigin
	}
	var req struct {
		Token string `json:"token"`
		Code  string `json:"code"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	session, err := h.Auth.SecondFactors.Login(c.Request.Context(), auth.CodeRequest{
		Token: req.Token, Code: req.Code, From: h.Sessions.LoginRequest(c),
	})
	return h.respondSignIn(c, session, err)
}
