package handlers

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
)

const invitationFormID = "accept"

// invitationView is where an invitation, or a link to reset a password, leads.
type invitationView struct {
	frame
	Name  string // of the moderator
	Reset bool   // it resets a password
	Form  consoleForm
}

func (s *Server) invitationPage(c *gin.Context) error { return s.showInvitation(c, nil) }

func (s *Server) showInvitation(c *gin.Context, refused *refusal) error {
	secret := c.Param("secret")
	info, err := s.Auth.LookUpLink(c.Request.Context(), secret)
	if err != nil {
		return err
	}
	view := invitationView{Name: info.Name, Reset: info.Kind == auth.LinkPasswordReset}
	password := consoleField{
		Name:     "password",
		Label:    "Password",
		Kind:     "password",
		Complete: "new-password",
		Required: true,
		Hint:     passwordRule,
	}
	title, form := "Welcome", consoleForm{
		ID:     invitationFormID,
		Action: invitationPath + secret,
		Button: "Accept and sign in",
		Fields: []consoleField{{Name: "name", Label: "Name", Kind: "text", Value: info.Name, Complete: "name", Required: true,
			Hint: "It stands beside your decisions, and above what you answer in public."}, password},
	}
	if view.Reset {
		password.Label = "New password"
		title, form.Button, form.Fields = "Choose a new password", "Set the password and sign in", []consoleField{password}
	}
	view.Form = newConsoleForm(form, refused)
	view.frame = frame{Lang: "en", Title: title + " – Rejoinder", Style: "console.css", Private: true}
	c.Header("Cache-Control", "private, no-store")
	return s.render(c, refused.status(), "invitation", view)
}

// invitationForm sets a password by a link, and signs in.
func (s *Server) invitationForm(c *gin.Context) error {
	if !s.ownSource(c) {
		return errCrossOrigin
	}
	values, err := formValues(c)
	if err != nil {
		return err
	}
	session, err := s.Auth.Accept(c.Request.Context(), auth.Acceptance{
		Secret: c.Param("secret"), Name: values.Get("name"), Password: values.Get("password"),
	}, s.loginRequest(c))
	var needed *auth.SecondFactorNeeded
	switch {
	case errors.As(err, &needed):
		return s.showSignIn(c, http.StatusOK, signInView{Token: needed.Token})
	case err != nil:
		refused, err := s.refuse(c, invitationFormID, values, err)
		if err != nil {
			return err
		}
		return s.showInvitation(c, refused)
	}
	s.setSession(c, session)
	seeOther(c, consolePath)
	return nil
}
