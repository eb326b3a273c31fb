package handlers

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
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
	frame
	Action string
	Fields []hiddenField
	Typed  []hiddenField // those that hold something, to be read
}

// signedOut reports whether the request is a form without a session.
func signedOut(c *gin.Context) bool { return c.GetBool(keySignedOut) }

// orSignIn answers a form without a session with the sign-in page.
func (s *Server) orSignIn(handle func(*gin.Context) error) func(*gin.Context) error {
	return func(c *gin.Context) error {
		if signedOut(c) {
			return s.signInKeeping(c)
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
func (s *Server) signInKeeping(c *gin.Context) error {
	values, err := formValues(c)
	if errors.Is(err, errTooLarge) {
		return s.showSignIn(c, http.StatusUnauthorized, signInView{Problem: tooMuchTyped})
	}
	if err != nil {
		return err
	}
	for _, secret := range secretFields {
		if values.Has(secret) {
			seeOther(c, signInPath)
			return nil
		}
	}
	view := signInView{Problem: sessionOver, Kept: []hiddenField{{againField, c.Request.URL.RequestURI()}}}
	for _, field := range hiddenFields(values) {
		view.Kept = append(view.Kept, hiddenField{keptPrefix + field.Name, field.Value})
	}
	return s.showSignIn(c, http.StatusUnauthorized, view)
}

// hiddenFields are all values, by name.
func hiddenFields(values url.Values) []hiddenField {
	var fields []hiddenField
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[name] {
			fields = append(fields, hiddenField{printable(name), printable(value)})
		}
	}
	return fields
}

// keptFields returns the fields that the sign-in page carries; errTooLarge if they are larger than the page
// accepts.
func (s *Server) keptFields(values url.Values) ([]hiddenField, error) {
	var fields []hiddenField
	var size int64
	for _, f := range hiddenFields(values) {
		if f.Name != againField && !strings.HasPrefix(f.Name, keptPrefix) {
			continue
		}
		fields = append(fields, f)
		size += int64(len(strings.TrimPrefix(f.Name, keptPrefix)) + len(f.Value))
	}
	if size > s.keptLimit()+againBytes {
		return nil, errTooLarge
	}
	return fields, nil
}

// resume goes on after signing in: to the form that came too late, or to a page.
func (s *Server) resume(c *gin.Context, values url.Values) error {
	again := localNext(values.Get(againField))
	if again == consolePath {
		seeOther(c, localNext(values.Get("next")))
		return nil
	}
	view := resumeView{
		Action: again,
		frame:  frame{Lang: "en", Title: "Signed in – Rejoinder", Style: "console.css", Private: true},
	}
	kept, err := s.keptFields(values)
	if err != nil {
		return err
	}
	for _, field := range kept {
		name, kept := strings.CutPrefix(field.Name, keptPrefix)
		if !kept {
			continue
		}
		view.Fields = append(view.Fields, hiddenField{name, field.Value})
		if strings.TrimSpace(field.Value) != "" {
			view.Typed = append(view.Typed, hiddenField{name, field.Value})
		}
	}
	c.Header("Cache-Control", "private, no-store")
	return s.render(c, http.StatusOK, "resume", view)
}
