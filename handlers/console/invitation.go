package console

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/api"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/page"
)

const invitationFormID = "accept"

// invitationView is where an invitation, or a link to reset a password, leads.
type invitationView struct {
	page.Frame
	Name  string // of the moderator
	Reset bool   // it resets a password
	Form  consoleForm
}

func (h *SignIn) InvitationPage(c *gin.Context) error { return h.showInvitation(c, nil) }

func (h *SignIn) showInvitation(c *gin.Context, refused *refusal) error {
	secret := c.Param("secret")
	info, err := h.Auth.LookUpLink(c.Request.Context(), secret)
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
		Action: api.InvitationPath + secret,
		Button: "Accept and sign in",
		Fields: []consoleField{{Name: "name", Label: "Name", Kind: "text", Value: info.Name, Complete: "name", Required: true,
			Hint: "It stands beside your decisions, and above what you answer in public."}, password},
	}
	if view.Reset {
		password.Label = "New password"
		title, form.Button, form.Fields = "Choose a new password", "Set the password and sign in", []consoleField{password}
	}
	view.Form = newConsoleForm(form, refused)
	view.Frame = page.Frame{Lang: "en", Title: title + " – Rejoinder", Style: "console.css", Private: true}
	c.Header("Cache-Control", "private, no-store")
	return h.Renderer.Render(c, refused.status(), "invitation", view)
}

// InvitationForm sets a password by a link, and signs in.
func (h *SignIn) InvitationForm(c *gin.Context) error {
	if !h.PublicURL.IsSameOrigin(c) {
		return httpio.ErrCrossOrigin
	}
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	session, err := h.Auth.Accept(c.Request.Context(), auth.Acceptance{
		Secret: c.Param("secret"), Name: values.Get("name"), Password: values.Get("password"),
	}, h.Sessions.LoginRequest(c))
	var needed *auth.SecondFactorNeeded
	switch {
	case errors.As(err, &needed):
		return h.showSignIn(c, http.StatusOK, signInView{Token: needed.Token})
	case err != nil:
		refused, err := h.refuse(c, invitationFormID, values, err)
		if err != nil {
			return err
		}
		return h.showInvitation(c, refused)
	}
	h.Sessions.Set(c, session)
	httpio.SeeOther(c, RootPath)
	return nil
}
