package console

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/handlers/setup"
	"rejoinder/moderation/schedule"
)

// formView is a form of the console: its fields, the values typed into them, and the faults of these.
type formView struct {
	ID      string // prefix of the ids of its elements, unique on the page
	Action  string
	Class   string // "pairs": fields stand side by side in pairs
	Hidden  []page.HiddenField
	Modes   []setup.ModeChoice // moderation modes, before the fields
	Fields  []fieldView
	Button  string
	Grave   bool   // its action can't be undone
	Problem string // why it was refused; empty: it was not
	Wait    string // how long to wait, in words
	Links   []page.FieldLink
}

// fieldView is one field. Kind is an input's type, or one of "textarea", "select", "checks" (several of
// Choices), "radios" (one of them), "check" (a checkbox, checked if Value is not empty) and "spans" (times of day).
type fieldView struct {
	ID       string // set by newFormView
	Name     string
	Label    string
	Kind     string
	Value    string
	Hint     string
	Fault    string
	Complete string // autocomplete; empty: off
	Pointer  string // to the field in the API's faults, as "/settings/votes"; empty: "/" and the name
	Required bool
	Choices  []choice
	Spans    []ClockSpan
	Copies   bool // of spans: offers to copy them to the other weekdays
}

// Described lists the elements that describe the field to assistive technology: its hint and its fault.
func (f fieldView) Described() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.ID+"-hint")
	}
	if f.Fault != "" {
		ids = append(ids, f.ID+"-fault")
	}
	return strings.Join(ids, " ")
}

// refill sets the field to what was typed. Passwords and codes must be typed again.
func (f *fieldView) refill(typed url.Values) {
	switch f.Kind {
	case "password", "one-time-code":
		f.Value = ""
	case "spans":
		f.Spans = ReadSpans(typed, f.Name)
	case "select", "checks", "radios":
		f.Choices = withSelected(f.Choices, typed[f.Name]...)
	default:
		f.Value = httpio.Printable(typed.Get(f.Name))
	}
}

// withSelected returns the choices with exactly those values selected.
func withSelected(choices []choice, values ...string) []choice {
	choices = slices.Clone(choices)
	for i, each := range choices {
		choices[i].Selected = slices.Contains(values, each.Value)
	}
	return choices
}

// newFormView completes a form: it sets the ids of the fields and, if r is about this form, what was typed
// and what is wrong with it.
func newFormView(f formView, r *refusal) formView {
	refused := r != nil && r.form == f.ID
	var matched []bool // faults that belong to a field
	if refused {
		r.shown = true
		f.Problem, f.Wait = r.words.Detail(r.problem.Detail), r.words.Wait(r.problem.RetryAfter)
		matched = make([]bool, len(r.problem.Errors))
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
		field.refill(r.typed)
		for n, fault := range r.problem.Errors {
			if fault.Pointer == field.Pointer || strings.HasPrefix(fault.Pointer, field.Pointer+"/") {
				matched[n], field.Fault = true, strings.TrimSpace(field.Fault+" "+r.words.Detail(fault.Detail))
			}
		}
		if field.Fault != "" {
			f.Links = append(f.Links, page.FieldLink{Text: r.words.T(field.Label) + ": " + field.Fault, Href: "#" + field.ID})
		}
	}
	for n, ok := range matched {
		if !ok {
			f.Links = append(f.Links, page.FieldLink{Text: r.words.Detail(r.problem.Errors[n].Detail)})
		}
	}
	return f
}

// refusal is a form that was refused. A nil refusal means that the page was simply requested.
type refusal struct {
	form    string // id of the form
	typed   url.Values
	problem httpio.Problem
	words   *locale.Language // of the page
	shown   bool             // a form of the page shows it
}

// status is the status of a page that shows the refusal.
func (r *refusal) status() int {
	if r == nil {
		return http.StatusOK
	}
	return r.problem.Status
}

// unshown is the reason of a refusal whose form is no longer on the page; empty if a form shows it.
func (r *refusal) unshown() string {
	if r == nil || r.shown {
		return ""
	}
	return r.problem.Detail
}

// refuse renders a form's page again, with what was typed and why it was refused. It returns errors that are
// not about the form's values.
func (h *Pages) refuse(c *gin.Context, r *refusal, err error, render func(*gin.Context, *refusal) error) error {
	r.problem, r.words = httpio.ProblemOf(err, httpio.RequestID(c)), session.Words(c)
	switch r.problem.Status {
	case http.StatusUnprocessableEntity, http.StatusConflict, http.StatusTooManyRequests:
	default:
		return err
	}
	httpio.RecordProblem(c, r.problem)
	for wrong, pointer := range map[error]string{auth.ErrWrongPassword: "/password", auth.ErrWrongCode: "/code",
		auth.ErrModeratorExists: "/email"} {
		if errors.Is(err, wrong) {
			r.problem.Errors = []httpio.FieldFault{{Pointer: pointer, Detail: r.problem.Detail}}
		}
	}
	return render(c, r)
}

// faultDetails lists what is wrong with single fields.
func faultDetails(words *locale.Language, faults []httpio.FieldFault) []string {
	var list []string
	for _, fault := range faults {
		list = append(list, words.Detail(fault.Detail))
	}
	return list
}

// problemText is a problem with the faults of its fields, in one paragraph.
func problemText(words *locale.Language, p httpio.Problem) string {
	return strings.Join(append([]string{words.Detail(p.Detail)}, faultDetails(words, p.Errors)...), " ")
}

// Form is a form of the console.
type Form = formView

// Field is a field of a form.
type Field = fieldView

// Choice is an option of a field.
type Choice = choice

// Refusal is why a form was refused.
type Refusal = refusal

// NewForm completes a form.
func NewForm(f Form, r *Refusal) Form { return newFormView(f, r) }

// Retyped shows what was typed into a form again, without a fault.
func Retyped(form string, typed url.Values, words *locale.Language) *Refusal {
	return &refusal{form: form, typed: typed, problem: httpio.Problem{Status: http.StatusOK}, words: words}
}

// NewRefusal starts the refusal of a form with what was typed.
func NewRefusal(form string, typed url.Values) *Refusal { return &refusal{form: form, typed: typed} }

// Status is the status of a page that shows a refusal; nil means that nothing was refused.
func (r *refusal) Status() int { return r.status() }

// Unshown is the reason of a refusal whose form is no longer on the page.
func (r *refusal) Unshown() string { return r.unshown() }

// Refuse renders a form's page again. It returns errors that are not about the form's values.
func (h *Pages) Refuse(c *gin.Context, r *Refusal, err error, render func(*gin.Context, *Refusal) error) error {
	return h.refuse(c, r, err, render)
}

// MaxSpans is how many spans a field of kind "spans" has room for.
const MaxSpans = schedule.MaxSpans

// ClockSpan is two times of day, as an input of type time has them; empty for none.
type ClockSpan struct {
	From, To string
}

// ReadSpans returns the spans that were typed into a field: those with at least one time.
func ReadSpans(typed url.Values, name string) []ClockSpan {
	var spans []ClockSpan
	for i := range MaxSpans {
		at := name + "." + strconv.Itoa(i)
		span := ClockSpan{httpio.Printable(typed.Get(at + ".from")), httpio.Printable(typed.Get(at + ".to"))}
		if span != (ClockSpan{}) {
			spans = append(spans, span)
		}
	}
	return spans
}

// WriteSpans is the opposite of ReadSpans.
func WriteSpans(typed url.Values, name string, spans []ClockSpan) {
	for i := range MaxSpans {
		at, span := name+"."+strconv.Itoa(i), ClockSpan{}
		if i < len(spans) {
			span = spans[i]
		}
		typed.Set(at+".from", span.From)
		typed.Set(at+".to", span.To)
	}
}

// Slots returns the spans and room for another one. More than one has room in the field from the beginning.
func (f fieldView) Slots() []ClockSpan {
	return append(slices.Clone(f.Spans), make([]ClockSpan, min(MaxSpans, max(2, len(f.Spans)+1))-len(f.Spans))...)
}

// Hidden reports whether a slot is shown on demand only.
func (f fieldView) Hidden(slot int) bool { return slot > 0 && slot >= len(f.Spans) }

// ZoneChoices are the time zones to choose from, with the present one.
func ZoneChoices(present string) []Choice {
	var choices []Choice
	zones := schedule.Zones()
	if !slices.Contains(zones, present) {
		zones = append(zones, present)
	}
	for _, name := range zones {
		label := strings.ReplaceAll(name, "_", " ")
		choices = append(choices, Choice{Value: name, Label: label, Verbatim: true, Selected: name == present})
	}
	return choices
}
