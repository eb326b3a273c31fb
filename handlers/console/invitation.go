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

// invitationView is the page that an invitation, or a password reset link, leads to.
type invitationView struct {
	page.Frame
	Name  string // the moderator's
	Reset bool   // the link resets a password
	Form  formView
}

// ShowInvitation shows the page that a link leads to.
func (h *SignIn) ShowInvitation(c *gin.Context) error { return h.renderInvitation(c, nil) }

func (h *SignIn) renderInvitation(c *gin.Context, refused *refusal) error {
	secret := c.Param("secret")
	info, err := h.Auth.LookUpLink(c.Request.Context(), secret)
	if err != nil {
		return err
	}
	view := invitationView{Name: info.Name, Reset: info.Kind == auth.LinkPasswordReset}
	name := fieldView{Name: "name", Label: "Name", Kind: "text", Value: info.Name, Complete: "name", Required: true,
		Hint: "Shown next to your decisions, and with your public replies."}
	password := fieldView{Name: "password", Label: "Password", Kind: "password", Complete: "new-password",
		Required: true, Hint: passwordRule}
	title, form := "Welcome", formView{ID: invitationFormID, Action: api.InvitationPath + secret,
		Button: "Accept and sign in", Fields: []fieldView{name, password}}
	if view.Reset {
		password.Label = "New password"
		title, form.Button, form.Fields = "Choose a new password", "Set password and sign in", []fieldView{password}
	}
	view.Form = newFormView(form, refused)
	view.Frame = pageFrame(title)
	c.Header("Cache-Control", "private, no-store")
	return h.Renderer.Render(c, refused.status(), "invitation", view)
}

// AcceptInvitation sets the password, and signs the moderator in.
func (h *SignIn) AcceptInvitation(c *gin.Context) error {
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
		return h.renderSignIn(c, http.StatusOK, signInView{Token: needed.Token})
	case err != nil:
		return h.refuse(c, &refusal{form: invitationFormID, typed: values}, err, h.renderInvitation)
	}
	h.Sessions.Set(c, session)
	httpio.SeeOther(c, RootPath)
	return nil
}
