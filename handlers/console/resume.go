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

// The fields in which the sign-in page carries a form of the console that came after its session was over:
// where it went, and what was typed, each name with a prefix.
const (
	againField = "again"
	keptPrefix = "kept."
)

// againBytes is room for the form's URL beside the form.
const againBytes = 4 << 10

// secretFields are typed again rather than carried through pages.
var secretFields = []string{"password", "current_password", "new_password", "code", "token"}

// resumeView offers to send a form after signing in.
type resumeView struct {
	page.Frame
	Action string
	Fields []page.HiddenField
	Typed  []page.HiddenField // those that hold something, to be read
}

// keySignedOut marks a form without a session in gin's context.
const keySignedOut = "rejoinder.signed_out"

// SignedOut reports whether the request is a form without a session.
func SignedOut(c *gin.Context) bool { return c.GetBool(keySignedOut) }

// OrSignIn answers a form without a session with the sign-in page.
func (h *SignIn) OrSignIn(handle func(*gin.Context) error) func(*gin.Context) error {
	return func(c *gin.Context) error {
		if SignedOut(c) {
			return h.signInKeeping(c)
		}
		return handle(c)
	}
}

// Messages of the sign-in page after a form without a session, or with more fields than the page carries.
const (
	sessionOver  = "Your session is over. Sign in; what you typed is kept."
	tooMuchTyped = "Your session is over, and this is too long for us to keep. Your browser still has it: sign in in another tab, " +
		"then go back to the page where you typed it and send it again."
)

// signInKeeping answers a form whose session is over with the sign-in page, which keeps what was typed.
func (h *SignIn) signInKeeping(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if errors.Is(err, httpio.ErrTooLarge) {
		return h.showSignIn(c, http.StatusUnauthorized, signInView{Problem: tooMuchTyped})
	}
	if err != nil {
		return err
	}
	for _, secret := range secretFields {
		if values.Has(secret) {
			httpio.SeeOther(c, signInPath)
			return nil
		}
	}
	view := signInView{Problem: sessionOver, Kept: []page.HiddenField{page.Hidden(againField, c.Request.URL.RequestURI())}}
	for _, field := range hiddenFields(values) {
		view.Kept = append(view.Kept, page.Hidden(keptPrefix+field.Name, field.Value))
	}
	return h.showSignIn(c, http.StatusUnauthorized, view)
}

// hiddenFields are all values, by name.
func hiddenFields(values url.Values) []page.HiddenField {
	var fields []page.HiddenField
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[name] {
			fields = append(fields, page.Hidden(httpio.Printable(name), httpio.Printable(value)))
		}
	}
	return fields
}

// keptFields returns the fields that the sign-in page carries; errTooLarge if they are larger than the page
// accepts.
func (h *SignIn) keptFields(values url.Values) ([]page.HiddenField, error) {
	var fields []page.HiddenField
	var size int64
	for _, f := range hiddenFields(values) {
		if f.Name != againField && !strings.HasPrefix(f.Name, keptPrefix) {
			continue
		}
		fields = append(fields, f)
		size += int64(len(strings.TrimPrefix(f.Name, keptPrefix)) + len(f.Value))
	}
	if size > h.FormLimit+againBytes {
		return nil, httpio.ErrTooLarge
	}
	return fields, nil
}

// resume goes on after signing in: to the form that came too late, or to a page.
func (h *SignIn) resume(c *gin.Context, values url.Values) error {
	again := localNext(values.Get(againField))
	if again == RootPath {
		httpio.SeeOther(c, localNext(values.Get("next")))
		return nil
	}
	view := resumeView{
		Action: again,
		Frame:  page.Frame{Lang: "en", Title: "Signed in – Rejoinder", Style: "console.css", Private: true},
	}
	kept, err := h.keptFields(values)
	if err != nil {
		return err
	}
	for _, field := range kept {
		name, kept := strings.CutPrefix(field.Name, keptPrefix)
		if !kept {
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
