package console

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/page"
)

// consoleForm is a form of the console's administration: what it asks for, what was typed, and what is wrong
// with it.
type consoleForm struct {
	ID      string // begins the ids of its elements; no two forms of a page share it
	Action  string
	Class   string // "pairs": the fields stand two and two
	Hidden  []page.HiddenField
	Fields  []consoleField
	Button  string
	Grave   bool   // what it does is not taken back
	Problem string // why it was refused; empty: it was not
	Wait    string // how long to wait, in words
	Links   []page.FieldLink
}

// consoleField is one field. Kind is an input's type, or one of "textarea", "select", "checks" (many of
// Choices), "radios" (one of them) and "check" (yes or no, as Value).
type consoleField struct {
	ID       string // set by newConsoleForm
	Name     string
	Label    string
	Kind     string
	Value    string
	Hint     string
	Fault    string
	Complete string // autocomplete; empty: off
	Pointer  string // of the API's faults, as "/settings/votes"; empty: "/" and the name
	Required bool
	Choices  []choice
}

// Described is what describes the field to those who listen: its hint and its fault.
func (f consoleField) Described() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.ID+"-hint")
	}
	if f.Fault != "" {
		ids = append(ids, f.ID+"-fault")
	}
	return strings.Join(ids, " ")
}

// chooses returns the choices with those selected that are among the values.
func chooses(choices []choice, values ...string) []choice {
	choices = slices.Clone(choices)
	for i, each := range choices {
		choices[i].Selected = slices.Contains(values, each.Value)
	}
	return choices
}

// refusal is a form that was not taken: which one, what was typed, and why.
type refusal struct {
	form    string
	typed   url.Values
	problem httpio.Problem
	said    bool // one of the page's forms says so
}

// status is that of the page: the refusal's, or that of a page which was asked for.
func (r *refusal) status() int {
	if r == nil {
		return http.StatusOK
	}
	return r.problem.Status
}

// unsaid is why a form was refused that is not on the page any more.
func (r *refusal) unsaid() string {
	if r == nil || r.said {
		return ""
	}
	return r.problem.Detail
}

// refuse reports why a form was not taken, so that its page comes back with what was typed. Errors that are
// not about what was typed come back as they are.
func (h *Pages) refuse(c *gin.Context, form string, typed url.Values, err error) (*refusal, error) {
	p := httpio.ProblemOf(err, httpio.RequestID(c))
	switch p.Status {
	case http.StatusUnprocessableEntity, http.StatusConflict, http.StatusTooManyRequests:
	default:
		return nil, err
	}
	httpio.RecordProblem(c, p)
	for wrong, pointer := range map[error]string{auth.ErrWrongPassword: "/password", auth.ErrWrongCode: "/code",
		auth.ErrModeratorExists: "/email"} {
		if errors.Is(err, wrong) {
			p.Errors = []httpio.FieldFault{{Pointer: pointer, Detail: p.Detail}}
		}
	}
	return &refusal{form: form, typed: typed, problem: p}, nil
}

// newConsoleForm completes a form: it names its elements, and when it is the one that was refused, fills in
// what was typed and says beside each field what is wrong with it. Passwords and codes are typed again.
func newConsoleForm(f consoleForm, r *refusal) consoleForm {
	refused := r != nil && r.form == f.ID
	var pointed []bool
	if refused {
		r.said = true
		f.Problem, f.Wait = r.problem.Detail, page.WaitWords(r.problem.RetryAfter)
		pointed = make([]bool, len(r.problem.Errors))
	}
	for i := range f.Fields {
		field := &f.Fields[i]
		field.ID = f.ID + "-" + field.Name
		if field.Pointer == "" {
			field.Pointer = "/" + field.Name
		}
		if !refused {
			continue
		}
		field.retype(r.typed)
		for n, fault := range r.problem.Errors {
			if fault.Pointer == field.Pointer || strings.HasPrefix(fault.Pointer, field.Pointer+"/") {
				pointed[n], field.Fault = true, strings.TrimSpace(field.Fault+" "+fault.Detail)
			}
		}
		if field.Fault != "" {
			f.Links = append(f.Links, page.FieldLink{Text: field.Label + ": " + field.Fault, Href: "#" + field.ID})
		}
	}
	for n, fault := range pointed {
		if !fault {
			f.Links = append(f.Links, page.FieldLink{Text: r.problem.Errors[n].Detail})
		}
	}
	return f
}

// retype puts what was typed into the field again.
func (f *consoleField) retype(typed url.Values) {
	switch f.Kind {
	case "password", "one-time-code":
		f.Value = ""
	case "select", "checks", "radios":
		f.Choices = chooses(f.Choices, typed[f.Name]...)
	default:
		f.Value = httpio.Printable(typed.Get(f.Name))
	}
}
