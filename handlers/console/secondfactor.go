package console

import (
	"bytes"
	"slices"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
)

// loadFactor returns the state of the moderator's second factor, with the form for the next step.
func (h *Account) loadFactor(c *gin.Context, secret secretFlash, refused *refusal) (*factorView, error) {
	factor, err := h.Auth.SecondFactors.State(c.Request.Context(), session.IdentityOf(c))
	if err != nil {
		return nil, err
	}
	view := &factorView{On: factor.Confirmed(), Required: h.Auth.SecondFactors.Required()}
	password := fieldView{Name: "password", Label: "Your password", Kind: "password", Complete: "current-password",
		Required: true}
	code := fieldView{Name: "code", Label: "Code from your authenticator app", Kind: "one-time-code", Required: true}
	switch {
	case view.On:
		view.Left = session.Words(c).N("%d recovery code", "%d recovery codes", factor.CodesLeft)
		code.Label = "Code from your authenticator app, or a recovery code"
		view.Form = formView{ID: disableFormID, Action: AccountPath + "/second-factor/disable",
			Button: "Turn off second factor", Grave: true, Fields: []fieldView{password, code}}
	case secret.Secret != "":
		view.Secret = inGroups(secret.Secret)
		if view.QR, err = page.NewQR(secret.URL); err != nil {
			return nil, err
		}
		view.Form = formView{ID: confirmFormID, Action: AccountPath + "/second-factor/confirm", Button: "Turn on",
			Fields: []fieldView{code}}
	default:
		view.Form = formView{ID: enrolFormID, Action: AccountPath + "/second-factor", Button: "Set up a second factor",
			Fields: []fieldView{password}}
	}
	view.Form = newFormView(view.Form, refused)
	return view, nil
}

// inGroups separates a secret into groups of four, which are easy to type.
func inGroups(secret string) string {
	return string(bytes.Join(slices.Collect(slices.Chunk([]byte(secret), 4)), []byte(" ")))
}

// EnrolSecondFactor starts setting up a second factor. The page shows its secret until a code confirms it.
func (h *Account) EnrolSecondFactor(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	enrolment, err := h.Auth.SecondFactors.Enrol(c.Request.Context(), session.IdentityOf(c),
		auth.PasswordChange{Current: values.Get("password")})
	if err != nil {
		return h.refuse(c, &refusal{form: enrolFormID, typed: values}, err, h.renderAccount)
	}
	if err := h.setSecret(c, secretFlash{Secret: enrolment.Secret, URL: enrolment.URL}); err != nil {
		return err
	}
	httpio.SeeOther(c, AccountPath+"#second-factor")
	return nil
}

// ConfirmSecondFactor turns the second factor on. The next page shows the recovery codes.
func (h *Account) ConfirmSecondFactor(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	codes, err := h.Auth.SecondFactors.Confirm(c.Request.Context(), session.IdentityOf(c), values.Get("code"))
	if err != nil {
		return h.refuse(c, &refusal{form: confirmFormID, typed: values}, err, h.renderAccount)
	}
	if err := h.setSecret(c, secretFlash{Codes: codes}); err != nil {
		return err
	}
	return h.redirect(c, AccountPath, notice{Text: "The second factor is on. From now on, signing in takes a code."})
}

// DisableSecondFactor turns the moderator's own second factor off.
func (h *Account) DisableSecondFactor(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	err = h.Auth.SecondFactors.Disable(c.Request.Context(), session.IdentityOf(c), auth.FactorRemoval{
		Password: values.Get("password"), Code: values.Get("code"), From: h.Sessions.LoginRequest(c),
	})
	if err != nil {
		return h.refuse(c, &refusal{form: disableFormID, typed: values}, err, h.renderAccount)
	}
	return h.redirect(c, AccountPath, notice{Text: "The second factor is off."})
}
