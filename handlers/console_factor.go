package handlers

import (
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
)

// factorOf says how the moderator's second factor stands, with the form for the next step.
func (s *Server) factorOf(c *gin.Context, shown shownOnce, refused *refusal) (*factorView, error) {
	factor, err := s.Auth.SecondFactor(c.Request.Context(), identityOf(c))
	if err != nil {
		return nil, err
	}
	view := &factorView{On: factor.Confirmed(), Required: s.Auth.SecondFactorRequired()}
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
		view.Left = plural(factor.CodesLeft, "recovery code")
		code.Label += ", or a recovery code"
		view.Form = consoleForm{
			ID:     disableFormID,
			Action: accountPath + "/second-factor/disable",
			Button: "Turn the second factor off",
			Grave:  true,
			Fields: []consoleField{password, code},
		}
	case shown.Secret != "":
		view.Secret = strings.Join(slices.Collect(grouping(shown.Secret)), " ")
		if view.QR, err = newQR(shown.URL); err != nil {
			return nil, err
		}
		view.Form = consoleForm{ID: confirmFormID, Action: accountPath + "/second-factor/confirm", Button: "Turn it on",
			Fields: []consoleField{code}}
	default:
		view.Form = consoleForm{ID: enrolFormID, Action: accountPath + "/second-factor", Button: "Set up a second factor",
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

// enrolForm begins a second factor. Its secret is on the next page, until a code confirms it.
func (s *Server) enrolForm(c *gin.Context) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	enrolment, err := s.Auth.Enrol(
		c.Request.Context(),
		identityOf(c),
		auth.PasswordChange{Current: values.Get("password")},
	)
	if err != nil {
		refused, err := s.refuse(c, enrolFormID, values, err)
		if err != nil {
			return err
		}
		return s.showAccount(c, refused)
	}
	if err := s.showOnce(c, shownOnce{Secret: enrolment.Secret, URL: enrolment.URL}); err != nil {
		return err
	}
	seeOther(c, accountPath+"#second-factor")
	return nil
}

// confirmForm turns the second factor on. The recovery codes are on the next page.
func (s *Server) confirmForm(c *gin.Context) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	codes, err := s.Auth.Confirm(c.Request.Context(), identityOf(c), values.Get("code"))
	if err != nil {
		refused, err := s.refuse(c, confirmFormID, values, err)
		if err != nil {
			return err
		}
		return s.showAccount(c, refused)
	}
	if err := s.showOnce(c, shownOnce{Codes: codes}); err != nil {
		return err
	}
	s.leaveNotice(c, "factor-on")
	seeOther(c, accountPath)
	return nil
}

// disableForm turns the moderator's own second factor off.
func (s *Server) disableForm(c *gin.Context) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	err = s.Auth.Disable(c.Request.Context(), identityOf(c), auth.FactorRemoval{
		Password: values.Get("password"), Code: values.Get("code"), From: s.loginRequest(c),
	})
	if err != nil {
		refused, err := s.refuse(c, disableFormID, values, err)
		if err != nil {
			return err
		}
		return s.showAccount(c, refused)
	}
	s.leaveNotice(c, "factor-off")
	seeOther(c, accountPath)
	return nil
}
