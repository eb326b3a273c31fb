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

// ChangePassword changes the moderator's own password and ends their other sessions.
func (h *Account) ChangePassword(c *gin.Context) error {
	var req struct {
		Current string `json:"current_password"`
		New     string `json:"new_password"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	device, err := h.Auth.ChangePassword(
		c.Request.Context(),
		session.IdentityOf(c),
		auth.PasswordChange{Current: req.Current, New: req.New},
	)
	if err != nil {
		return err
	}
	h.Sessions.SetDevice(c, device)
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
	items := make([]sessionResponse, 0, len(sessions))
	for _, one := range sessions {
		items = append(
			items,
			sessionResponse{one.ID, one.Client, one.CreatedAt.UTC(), one.LastUsedAt.UTC(), one.ID == who.SessionID},
		)
	}
	httpio.JSON(c, http.StatusOK, struct {
		Items []sessionResponse `json:"items"`
	}{items})
	return nil
}

// EndSession ends one of the moderator's own sessions.
func (h *Account) EndSession(c *gin.Context) error {
	id, err := httpio.CommentID(c)
	if err != nil {
		return err
	}
	if err := h.Auth.EndSession(c.Request.Context(), session.IdentityOf(c), id); err != nil {
		return err
	}
	httpio.NoContent(c)
	return nil
}

// EndOtherSessions ends all of the moderator's sessions but the one that asks.
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

// ListSignIns lists the latest attempts to sign in as this moderator.
func (h *Account) ListSignIns(c *gin.Context) error {
	events, err := h.Auth.RecentSignIns(c.Request.Context(), session.IdentityOf(c))
	if err != nil {
		return err
	}
	items := make([]signInResponse, 0, len(events))
	for _, e := range events {
		items = append(items, signInResponse{e.Outcome, e.Client, e.CreatedAt.UTC()})
	}
	httpio.JSON(c, http.StatusOK, struct {
		Items []signInResponse `json:"items"`
	}{items})
	return nil
}

// EnrolSecondFactor begins a second factor: a secret for the moderator's app, which counts once it is
// confirmed.
func (h *Account) EnrolSecondFactor(c *gin.Context) error {
	var req struct {
		Password string `json:"password"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	enrolment, err := h.Auth.Enrol(c.Request.Context(), session.IdentityOf(c), auth.PasswordChange{Current: req.Password})
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

// ConfirmSecondFactor turns the second factor on and shows the recovery codes.
func (h *Account) ConfirmSecondFactor(c *gin.Context) error {
	var req struct {
		Code string `json:"code"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	codes, err := h.Auth.Confirm(c.Request.Context(), session.IdentityOf(c), req.Code)
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
	err := h.Auth.Disable(c.Request.Context(), session.IdentityOf(c), auth.FactorRemoval{
		Password: req.Password, Code: req.Code, From: h.Sessions.LoginRequest(c),
	})
	if err != nil {
		return err
	}
	httpio.NoContent(c)
	return nil
}

// LookUpLink says whom an invitation, or a link to reset a password, is for.
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

// AcceptLink sets a password by a link, and signs in.
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
	return h.answerSignIn(c, session, err)
}

// LoginCode is the second step of a sign-in.
func (h *Account) LoginCode(c *gin.Context) error {
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
	session, err := h.Auth.LoginCode(c.Request.Context(), auth.CodeRequest{
		Token: req.Token, Code: req.Code, From: h.Sessions.LoginRequest(c),
	})
	return h.answerSignIn(c, session, err)
}

// ListAudit lists what was done besides decisions.
func (h *Account) ListAudit(c *gin.Context) error {
	limit, err := httpio.LimitParam(c)
	if err != nil {
		return err
	}
	since, err := TimeParam(c, "since")
	if err != nil {
		return err
	}
	until, err := TimeParam(c, "until")
	if err != nil {
		return err
	}
	page, err := h.AuditLog.List(c.Request.Context(), session.ViewerOf(c), moderation.AuditQuery{
		ModeratorID: c.Query("moderator"),
		Action:      c.Query("action"),
		SiteSlug:    c.Query("site"),
		Since:       since,
		Until:       until,
		Limit:       limit,
		Cursor:      c.Query("cursor"),
	})
	if err != nil {
		return err
	}
	items := make([]auditResponse, 0, len(page.Items))
	for _, row := range page.Items {
		items = append(
			items,
			auditResponse{row.ID, httpio.OrNull(row.ModeratorID), row.ModeratorName, row.Action, httpio.OrNull(row.SiteSlug),
				row.SubjectID, row.Reason, row.CreatedAt.UTC()},
		)
	}
	httpio.JSON(c, http.StatusOK, struct {
		Items      []auditResponse `json:"items"`
		NextCursor string          `json:"next_cursor,omitempty"`
	}{items, page.NextCursor})
	return nil
}

type auditResponse struct {
	ID            string    `json:"id"`
	ModeratorID   *string   `json:"moderator_id"`
	ModeratorName string    `json:"moderator_name"`
	Action        string    `json:"action"`
	Site          *string   `json:"site"`
	SubjectID     string    `json:"subject_id"`
	Reason        string    `json:"reason"`
	CreatedAt     time.Time `json:"created_at"`
}

// TimeParam reads a query parameter that is a time; zero when it is missing.
func TimeParam(c *gin.Context, name string) (time.Time, error) {
	raw := c.Query(name)
	if raw == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, raw)
	if err != nil || t.Year() < 1 {
		return time.Time{}, httpio.InvalidField("/"+name, "malformed", "This is a time as in 2026-03-02T09:00:00Z.")
	}
	return t, nil
}

type Account struct {
	Sessions  *session.Sessions
	PublicURL httpio.PublicURL
	Auth      *auth.Service
	Sites     *moderation.Sites
	AuditLog  *moderation.AuditLog
}
