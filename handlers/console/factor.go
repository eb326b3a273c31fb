package console

import (
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
)

// factorOf says how the moderator's second factor stands, with the form for the next step.
func (h *Account) factorOf(c *gin.Context, shown shownOnce, refused *refusal) (*factorView, error) {
	factor, err := h.Auth.SecondFactor(c.Request.Context(), session.IdentityOf(c))
	if err != nil {
		return nil, err
	}
	view := &factorView{On: factor.Confirmed(), Required: h.Auth.SecondFactorRequired()}
	password := consoleField{
		Name:     "password",
		Label:    "Your password",
		Kind:     "password",
		Complete: "current-password",
		Required: true,
	}
	code := consoleField{Name: "code", Label: "Code of your authenticator app", Kind: "one-time-code", Required: true}
	switch {
	case view.On:
		view.Left = page.Plural(factor.CodesLeft, "recovery code")
		code.Label += ", or a recovery code"
		view.Form = consoleForm{
			ID:     disableFormID,
			Action: AccountPath + "/second-factor/disable",
			Button: "Turn the second factor off",
			Grave:  true,
			Fields: []consoleField{password, code},
		}
	case shown.Secret != "":
		view.Secret = strings.Join(slices.Collect(grouping(shown.Secret)), " ")
		if view.QR, err = page.NewQR(shown.URL); err != nil {
			return nil, err
		}
		view.Form = consoleForm{ID: confirmFormID, Action: AccountPath + "/second-factor/confirm", Button: "Turn it on",
			Fields: []consoleField{code}}
	default:
		view.Form = consoleForm{ID: enrolFormID, Action: AccountPath + "/second-factor", Button: "Set up a second factor",
			Fields: []consoleField{password}}
	}
	view.Form = newConsoleForm(view.Form, refused)
	return view, nil
}

// grouping yields a secret in groups of four, as people read it out.
func grouping(secret string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for group := range slices.Chunk([]byte(secret), 4) {
			if !yield(string(group)) {
				return
			}
		}
	}
}

// EnrolForm begins a second factor. Its secret is on the next page, until a code confirms it.
func (h *Account) EnrolForm(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	enrolment, err := h.Auth.Enrol(
		c.Request.Context(),
		session.IdentityOf(c),
		auth.PasswordChange{Current: values.Get("password")},
	)
	if err != nil {
		refused, err := h.refuse(c, enrolFormID, values, err)
		if err != nil {
			return err
		}
		return h.showAccount(c, refused)
	}
	if err := h.showOnce(c, shownOnce{Secret: enrolment.Secret, URL: enrolment.URL}); err != nil {
		return err
	}
	httpio.SeeOther(c, AccountPath+"#second-factor")
	return nil
}

// ConfirmForm turns the second factor on. The recovery codes are on the next page.
func (h *Account) ConfirmForm(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	codes, err := h.Auth.Confirm(c.Request.Context(), session.IdentityOf(c), values.Get("code"))
	if err != nil {
		refused, err := h.refuse(c, confirmFormID, values, err)
		if err != nil {
			return err
		}
		return h.showAccount(c, refused)
	}
	if err := h.showOnce(c, shownOnce{Codes: codes}); err != nil {
		return err
	}
	h.leaveNotice(c, "factor-on")
	httpio.SeeOther(c, AccountPath)
	return nil
}

// DisableForm turns the moderator's own second factor off.
func (h *Account) DisableForm(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	err = h.Auth.Disable(c.Request.Context(), session.IdentityOf(c), auth.FactorRemoval{
		Password: values.Get("password"), Code: values.Get("code"), From: h.Sessions.LoginRequest(c),
	})
	if err != nil {
		refused, err := h.refuse(c, disableFormID, values, err)
		if err != nil {
			return err
		}
		return h.showAccount(c, refused)
	}
	h.leaveNotice(c, "factor-off")
	httpio.SeeOther(c, AccountPath)
	return nil
}
