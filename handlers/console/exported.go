package console

import (
	"net/url"

	"github.com/gin-gonic/gin"
)

// Frame is what surrounds the content of a page of the console, for the packages with further screens.
type Frame = frame

// Form is a form of the console, Field one of its fields, Choice an option, and Refusal why a form was refused.
type (
	Form    = formView
	Field   = fieldView
	Choice  = choice
	Refusal = refusal
)

// AdminFrame is the frame of the administration's pages.
type AdminFrame = adminFrame

// NewAdminFrame makes the frame of a page of the administration.
func (h *Pages) NewAdminFrame(c *gin.Context, path, title string) (AdminFrame, error) {
	return h.newAdminFrame(c, path, title)
}

// NewFrame makes the frame of a screen's page.
func (h *Pages) NewFrame(c *gin.Context, screenID, title string) (Frame, error) {
	return h.newFrame(c, screenID, title)
}

// NewForm completes a form.
func NewForm(f Form, r *Refusal) Form { return newFormView(f, r) }

// NewRefusal starts the refusal of a form with what was typed.
func NewRefusal(form string, typed url.Values) *Refusal { return &refusal{form: form, typed: typed} }

// Status is the status of a page that shows a refusal; nil means that nothing was refused.
func (r *refusal) Status() int { return r.status() }

// Refuse renders a form's page again. It returns errors that are not about the form's values.
func (h *Pages) Refuse(c *gin.Context, r *Refusal, err error, render func(*gin.Context, *Refusal) error) error {
	return h.refuse(c, r, err, render)
}
