package console

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/page"
)

// The fields of the sign-in page that keep a form whose session had ended: its action, and its fields with a
// prefix.
const (
	resumeField = "again"
	keptPrefix  = "kept."
)

// maxResumeURL bounds the form's action, in bytes.
const maxResumeURL = 4 << 10

// secretFields are never kept: a form in which one of them is filled in is discarded.
var secretFields = []string{"password", "current_password", "new_password", "code", "token", "secret"}

// resumeView offers to send a form after signing in.
type resumeView struct {
	page.Frame
	Action string
	Fields []page.HiddenField
	Typed  []page.HiddenField // the fields that are not empty, to show them
}

// keySignedOut marks a form without a session in gin's context.
const keySignedOut = "rejoinder.signed_out"

// SignedOut reports whether the request is a form without a session.
func SignedOut(c *gin.Context) bool { return c.GetBool(keySignedOut) }

// ResumeAfterSignIn responds to a form without a session with the sign-in page, which keeps the form.
func (h *SignIn) ResumeAfterSignIn(handle func(*gin.Context) error) func(*gin.Context) error {
	return func(c *gin.Context) error {
		if SignedOut(c) {
			return h.renderSignInKeepingForm(c)
		}
		return handle(c)
	}
}

// Messages of the sign-in page after a form without a session.
const (
	sessionEnded = "Your session has ended. Sign in to continue; what you typed is kept."
	formTooLong  = "Your session has ended, and the form is too long to keep. Your browser still has it: sign in in another " +
		"tab, then go back to the form and send it again."
)

// renderSignInKeepingForm renders the sign-in page with the fields of the form.
func (h *SignIn) renderSignInKeepingForm(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if errors.Is(err, httpio.ErrTooLarge) {
		return h.renderSignIn(c, http.StatusUnauthorized, signInView{Problem: formTooLong})
	}
	if err != nil {
		return err
	}
	for _, secret := range secretFields {
		if strings.Join(values[secret], "") != "" {
			httpio.SeeOther(c, signInPath)
			return nil
		}
	}
	view := signInView{Problem: sessionEnded,
		Kept: []page.HiddenField{page.Hidden(resumeField, c.Request.URL.RequestURI())}}
	for _, field := range hiddenFields(values) {
		view.Kept = append(view.Kept, page.Hidden(keptPrefix+field.Name, field.Value))
	}
	return h.renderSignIn(c, http.StatusUnauthorized, view)
}

// hiddenFields returns all values, sorted by name.
func hiddenFields(values url.Values) []page.HiddenField {
	var fields []page.HiddenField
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[name] {
			fields = append(fields, page.Hidden(httpio.Printable(name), httpio.Printable(value)))
		}
	}
	return fields
}

// keptFields returns the fields of a form that the sign-in page keeps. httpio.ErrTooLarge if they are longer
// than any form.
func (h *SignIn) keptFields(values url.Values) ([]page.HiddenField, error) {
	var fields []page.HiddenField
	var size int64
	for _, f := range hiddenFields(values) {
		if f.Name != resumeField && !strings.HasPrefix(f.Name, keptPrefix) {
			continue
		}
		fields = append(fields, f)
		size += int64(len(strings.TrimPrefix(f.Name, keptPrefix)) + len(f.Value))
	}
	if size > h.FormLimit+maxResumeURL {
		return nil, httpio.ErrTooLarge
	}
	return fields, nil
}

// resume offers to send the form that the sign-in page has kept; without one, it redirects to the next page.
func (h *SignIn) resume(c *gin.Context, values url.Values) error {
	action := safeNext(values.Get(resumeField))
	if action == RootPath {
		httpio.SeeOther(c, safeNext(values.Get("next")))
		return nil
	}
	view := resumeView{
		Action: action,
		Frame:  pageFrame(c, "Signed in"),
	}
	kept, err := h.keptFields(values)
	if err != nil {
		return err
	}
	for _, field := range kept {
		name, found := strings.CutPrefix(field.Name, keptPrefix)
		if !found {
			continue
		}
		view.Fields = append(view.Fields, page.Hidden(name, field.Value))
		if strings.TrimSpace(field.Value) != "" {
			view.Typed = append(view.Typed, page.Hidden(name, field.Value))
		}
	}
	c.Header("Cache-Control", "private, no-store")
	return h.Renderer.Render(c, http.StatusOK, "resume", view)
}
