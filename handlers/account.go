package handlers

import (
	"encoding/base64"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/moderation"
)

// changePassword changes the moderator's own password and ends their other sessions.
func (s *Server) changePassword(c *gin.Context) error {
	var req struct {
		Current string `json:"current_password"`
		New     string `json:"new_password"`
	}
	if err := bindJSON(c, &req, maxBody); err != nil {
		return err
	}
	device, err := s.Auth.ChangePassword(
		c.Request.Context(),
		identityOf(c),
		auth.PasswordChange{Current: req.Current, New: req.New},
	)
	if err != nil {
		return err
	}
	s.setDevice(c, device)
	noContent(c)
	return nil
}

type sessionAnswer struct {
	ID         string    `json:"id"`
	Client     string    `json:"client"`
	CreatedAt  time.Time `json:"created_at"`
	LastUsedAt time.Time `json:"last_used_at"`
	Current    bool      `json:"current"`
}

// listSessions lists the moderator's own sessions.
func (s *Server) listSessions(c *gin.Context) error {
	who := identityOf(c)
	sessions, err := s.Auth.Sessions(c.Request.Context(), who)
	if err != nil {
		return err
	}
	items := make([]sessionAnswer, 0, len(sessions))
	for _, one := range sessions {
		items = append(
			items,
			sessionAnswer{one.ID, one.Client, one.CreatedAt.UTC(), one.LastUsedAt.UTC(), one.ID == who.SessionID},
		)
	}
	answer(c, http.StatusOK, struct {
		Items []sessionAnswer `json:"items"`
	}{items})
	return nil
}

// endSession ends one of the moderator's own sessions.
func (s *Server) endSession(c *gin.Context) error {
	id, err := commentID(c)
	if err != nil {
		return err
	}
	if err := s.Auth.EndSession(c.Request.Context(), identityOf(c), id); err != nil {
		return err
	}
	noContent(c)
	return nil
}

// endOtherSessions ends all of the moderator's sessions but the one that asks.
func (s *Server) endOtherSessions(c *gin.Context) error {
	n, err := s.Auth.EndOtherSessions(c.Request.Context(), identityOf(c))
	if err != nil {
		return err
	}
	answer(c, http.StatusOK, struct {
		Ended int `json:"ended"`
	}{n})
	return nil
}

type signInAnswer struct {
	Outcome   auth.SignInOutcome `json:"outcome"`
	Client    string             `json:"client"`
	CreatedAt time.Time          `json:"created_at"`
}

// listSignIns lists the latest attempts to sign in as this moderator.
func (s *Server) listSignIns(c *gin.Context) error {
	events, err := s.Auth.RecentSignIns(c.Request.Context(), identityOf(c))
	if err != nil {
		return err
	}
	items := make([]signInAnswer, 0, len(events))
	for _, e := range events {
		items = append(items, signInAnswer{e.Outcome, e.Client, e.CreatedAt.UTC()})
	}
	answer(c, http.StatusOK, struct {
		Items []signInAnswer `json:"items"`
	}{items})
	return nil
}

// enrolSecondFactor begins a second factor: a secret for the moderator's app, which counts once it is
// confirmed.
func (s *Server) enrolSecondFactor(c *gin.Context) error {
	var req struct {
		Password string `json:"password"`
	}
	if err := bindJSON(c, &req, maxBody); err != nil {
		return err
	}
	enrolment, err := s.Auth.Enrol(c.Request.Context(), identityOf(c), auth.PasswordChange{Current: req.Password})
	if err != nil {
		return err
	}
	answer(c, http.StatusCreated, struct {
		Secret string `json:"secret"`
		URL    string `json:"otpauth_url"`
		QR     string `json:"qr_png"`
	}{enrolment.Secret, enrolment.URL, base64.StdEncoding.EncodeToString(enrolment.QR)})
	return nil
}

// confirmSecondFactor turns the second factor on and shows the recovery codes.
func (s *Server) confirmSecondFactor(c *gin.Context) error {
	var req struct {
		Code string `json:"code"`
	}
	if err := bindJSON(c, &req, maxBody); err != nil {
		return err
	}
	codes, err := s.Auth.Confirm(c.Request.Context(), identityOf(c), req.Code)
	if err != nil {
		return err
	}
	answer(c, http.StatusOK, struct {
		RecoveryCodes []string `json:"recovery_codes"`
	}{codes})
	return nil
}

// disableSecondFactor turns the moderator's own second factor off.
func (s *Server) disableSecondFactor(c *gin.Context) error {
	var req struct {
		Password string `json:"password"`
		Code     string `json:"code"`
	}
	if err := bindJSON(c, &req, maxBody); err != nil {
		return err
	}
	err := s.Auth.Disable(c.Request.Context(), identityOf(c), auth.FactorRemoval{
		Password: req.Password, Code: req.Code, From: s.loginRequest(c),
	})
	if err != nil {
		return err
	}
	noContent(c)
	return nil
}

// lookUpLink says whom an invitation, or a link to reset a password, is for.
func (s *Server) lookUpLink(c *gin.Context) error {
	var req struct {
		Secret string `json:"secret"`
	}
	if err := bindJSON(c, &req, maxBody); err != nil {
		return err
	}
	info, err := s.Auth.LookUpLink(c.Request.Context(), req.Secret)
	if err != nil {
		return err
	}
	answer(c, http.StatusOK, struct {
		Kind      auth.LinkKind `json:"kind"`
		Name      string        `json:"name"`
		ExpiresAt time.Time     `json:"expires_at"`
	}{info.Kind, info.Name, info.ExpiresAt.UTC()})
	return nil
}

// acceptLink sets a password by a link, and signs in.
func (s *Server) acceptLink(c *gin.Context) error {
	if !s.ownSource(c) {
		return errCrossOrigin
	}
	var req struct {
		Secret   string `json:"secret"`
		Name     string `json:"name"`
		Password string `json:"password"`
	}
	if err := bindJSON(c, &req, maxBody); err != nil {
		return err
	}
	session, err := s.Auth.Accept(c.Request.Context(),
		auth.Acceptance{Secret: req.Secret, Name: req.Name, Password: req.Password}, s.loginRequest(c))
	return s.answerSignIn(c, session, err)
}

// loginRequest is where a sign-in comes from.
func (s *Server) loginRequest(c *gin.Context) auth.LoginRequest {
	return auth.LoginRequest{AddressKey: s.signInKey(c), NetworkKey: s.Keys.NetworkIndex(clientAddress(c)),
		Device: cookieValue(c, s.hostCookie(cookieDevice)), Client: clientWords(c.GetHeader("User-Agent"))}
}

// loginCode is the second step of a sign-in.
func (s *Server) loginCode(c *gin.Context) error {
	if !s.ownSource(c) {
		return errCrossOrigin
	}
	var req struct {
		Token string `json:"token"`
		Code  string `json:"code"`
	}
	if err := bindJSON(c, &req, maxBody); err != nil {
		return err
	}
	session, err := s.Auth.LoginCode(c.Request.Context(), auth.CodeRequest{
		Token: req.Token, Code: req.Code, From: s.loginRequest(c),
	})
	return s.answerSignIn(c, session, err)
}

// auditLog lists what was done besides decisions.
func (s *Server) auditLog(c *gin.Context) error {
	limit, err := limitParam(c)
	if err != nil {
		return err
	}
	since, err := timeParam(c, "since")
	if err != nil {
		return err
	}
	until, err := timeParam(c, "until")
	if err != nil {
		return err
	}
	page, err := s.AuditLog.List(c.Request.Context(), viewerOf(c), moderation.AuditQuery{
		ModeratorID: c.Query(
			"moderator",
		),
		Action:   c.Query("action"),
		SiteSlug: c.Query("site"),
		Since:    since,
		Until:    until,
		Limit:    limit,
		Cursor:   c.Query("cursor"),
	})
	if err != nil {
		return err
	}
	items := make([]auditAnswer, 0, len(page.Items))
	for _, row := range page.Items {
		items = append(
			items,
			auditAnswer{row.ID, orNull(row.ModeratorID), row.ModeratorName, row.Action, orNull(row.SiteSlug),
				row.SubjectID, row.Reason, row.CreatedAt.UTC()},
		)
	}
	answer(c, http.StatusOK, struct {
		Items      []auditAnswer `json:"items"`
		NextCursor string        `json:"next_cursor,omitempty"`
	}{items, page.NextCursor})
	return nil
}

type auditAnswer struct {
	ID            string    `json:"id"`
	ModeratorID   *string   `json:"moderator_id"`
	ModeratorName string    `json:"moderator_name"`
	Action        string    `json:"action"`
	Site          *string   `json:"site"`
	SubjectID     string    `json:"subject_id"`
	Reason        string    `json:"reason"`
	CreatedAt     time.Time `json:"created_at"`
}

// timeParam reads a query parameter that is a time; zero when it is missing.
func timeParam(c *gin.Context, name string) (time.Time, error) {
	raw := c.Query(name)
	if raw == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, raw)
	if err != nil || t.Year() < 1 {
		return time.Time{}, oneFault("/"+name, "malformed", "This is a time as in 2026-03-02T09:00:00Z.")
	}
	return t, nil
}
