package handlers

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
)

// The fields in which the sign-in page carries a form of the console that came after its session was over: where it went,
// and what was typed, each name with a prefix.
const (
	againField = "again"
	keptPrefix = "kept."
)

// secretFields are typed again rather than carried through pages.
var secretFields = []string{"password", "current_password", "new_password", "code", "token"}

// resumeView offers to send a form after signing in.
type resumeView struct {
	frame
	Action string
	Fields []hiddenField
	Typed  []hiddenField // those that hold something, to be read
}

// signInKeeping answers a form whose session is over with the sign-in page, which keeps what was typed.
func (s *Server) signInKeeping(c *gin.Context) error {
	values, err := formValuesWithin(c, maxRulesetBody)
	if err != nil {
		return err
	}
	for _, secret := range secretFields {
		if values.Has(secret) {
			seeOther(c, signInPath)
			return nil
		}
	}
	view := signInView{Problem: "Your session is over. Sign in; what you typed is kept.",
		Kept: []hiddenField{{againField, c.Request.URL.RequestURI()}}}
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

// keptFields are what the sign-in page carries on.
func keptFields(values url.Values) []hiddenField {
	return slices.DeleteFunc(hiddenFields(values), func(f hiddenField) bool {
		return f.Name != againField && !strings.HasPrefix(f.Name, keptPrefix)
	})
}

// resume goes on after signing in: to the form that came too late, or to a page.
func (s *Server) resume(c *gin.Context, values url.Values) error {
	again := localNext(values.Get(againField))
	if again == consolePath {
		seeOther(c, localNext(values.Get("next")))
		return nil
	}
	view := resumeView{Action: again, frame: frame{Lang: "en", Title: "Signed in – Rejoinder", Style: "console.css", Private: true}}
	for _, field := range keptFields(values) {
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
