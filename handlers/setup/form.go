package setup

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/rules"
	"rejoinder/weburl"
)

// form is a form of the page, for the template of the console's forms.
type form struct {
	ID      string
	Action  string
	Class   string
	Hidden  []page.HiddenField
	Modes   []ModeChoice
	Fields  []field
	Button  string
	Grave   bool
	Problem string
	Wait    string
	Links   []page.FieldLink

	aliases map[string]string // fields of the API that this form has under another name
}

// field is one field of a form.
type field struct {
	ID, Name, Label, Kind, Value, Hint, Fault, Complete string

	Required bool
	Choices  []choice
}

type choice struct {
	Value, Label string
	Selected     bool
	Verbatim     bool // the label is a name, and not translated
}

// Described lists the elements that describe the field: its hint and its fault.
func (f field) Described() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.ID+"-hint")
	}
	if f.Fault != "" {
		ids = append(ids, f.ID+"-fault")
	}
	return strings.Join(ids, " ")
}

func newForm(id, action, button string, fields []field) *form {
	for i := range fields {
		fields[i].ID = id + "-" + fields[i].Name
	}
	return &form{ID: id, Action: action, Button: button, Fields: fields}
}

// isMistyped reports whether the email looks mistyped, and its owner has not been asked about it yet.
func isMistyped(typed url.Values) bool {
	email := typed.Get("email")
	return email != typed.Get("email_asked") && moderation.SuggestEmail(email) != ""
}

// askAboutEmail lets people choose between the email that they typed and the one that they probably meant.
func (f *form) askAboutEmail(typed string) {
	meant := moderation.SuggestEmail(typed)
	f.Problem = "Your email address looks mistyped. Choose one, and type the password again."
	f.Hidden = append(f.Hidden, page.Hidden("email_asked", typed))
	for i := range f.Fields {
		if field := &f.Fields[i]; field.Name == "email" {
			field.Kind = "radios"
			field.Choices = []choice{{Value: meant, Label: meant, Selected: true, Verbatim: true},
				{Value: typed, Label: typed, Verbatim: true}}
		}
	}
}

// refuse adds what was typed and what is wrong with it, and returns the status of the page. It returns errors
// that are not about the form's values.
func (f *form) refuse(c *gin.Context, typed url.Values, err error) (int, error) {
	if err == nil {
		if typed != nil {
			f.fill(session.Words(c), typed, nil)
		}
		return http.StatusOK, nil
	}
	p := httpio.ProblemOf(err, httpio.RequestID(c))
	switch p.Status {
	case http.StatusUnprocessableEntity, http.StatusConflict, http.StatusTooManyRequests:
	default:
		return 0, err
	}
	httpio.RecordProblem(c, p)
	words := session.Words(c)
	f.Problem, f.Wait = words.Detail(p.Detail), words.Wait(p.RetryAfter)
	f.fill(words, typed, p.Errors)
	return p.Status, nil
}

// fill adds what was typed, and the faults of each field.
func (f *form) fill(words *locale.Language, typed url.Values, faults []httpio.FieldFault) {
	for i := range f.Fields {
		field := &f.Fields[i]
		switch value := httpio.Printable(typed.Get(field.Name)); field.Kind {
		case "password":
		case "select":
			for n := range field.Choices {
				field.Choices[n].Selected = field.Choices[n].Value == value
			}
		default:
			field.Value = value
		}
		f.addFaults(words, field, faults)
	}
}

func (f *form) addFaults(words *locale.Language, field *field, faults []httpio.FieldFault) {
	for _, fault := range faults {
		name, _, _ := strings.Cut(strings.TrimPrefix(fault.Pointer, "/"), "/")
		if alias := f.aliases[name]; alias != "" {
			name = alias
		}
		if name == field.Name && !strings.Contains(field.Fault, words.Detail(fault.Detail)) {
			field.Fault = strings.TrimSpace(field.Fault + " " + words.Detail(fault.Detail))
		}
	}
	if field.Fault != "" {
		f.Links = append(f.Links, page.FieldLink{Text: words.T(field.Label) + ": " + field.Fault, Href: "#" + field.ID})
	}
}

// languageChoices are the languages in which readers' pages are translated.
func languageChoices(chosen string) []choice {
	var choices []choice
	for _, l := range locale.Languages() {
		choices = append(choices, choice{Value: l.Tag, Label: l.Name, Selected: l.Tag == chosen, Verbatim: true})
	}
	return choices
}

func languageName(tag string) string {
	for _, l := range locale.Languages() {
		if l.Tag == tag {
			return l.Name
		}
	}
	return tag
}

// ModeChoice is a moderation mode to choose.
type ModeChoice struct {
	Value    string
	Label    string
	About    string
	Selected bool
}

// ModeChoices returns the modes of a site.
func ModeChoices(chosen rules.ModerationMode) []ModeChoice {
	modes := []ModeChoice{
		{Value: string(rules.PublishAtOnce), Label: "At once", About: "you check them afterwards"},
		{Value: string(rules.HoldFirst), Label: "First ones wait", About: "regulars appear at once"},
		{Value: string(rules.HoldAll), Label: "All wait", About: "you approve each one"},
		{Value: string(rulebook.ModeClosed), Label: "Closed", About: "nobody can comment"},
	}
	for i := range modes {
		modes[i].Selected = modes[i].Value == string(chosen)
	}
	return modes
}

// ModeName returns the label of a mode.
func ModeName(mode rules.ModerationMode) string {
	for _, m := range ModeChoices(mode) {
		if m.Selected {
			return m.Label
		}
	}
	return string(mode)
}

// typedOrigin returns the origin of an address that people type: with a path, or without https://. Anything
// else is returned as it is, so that it is refused with a reason. A single word is probably a name and no
// host, unless it has a scheme.
func typedOrigin(typed string) string {
	typed = strings.TrimSpace(typed)
	address := typed
	if !strings.Contains(address, "://") {
		host, _, _ := strings.Cut(address, "/")
		name, _, _ := strings.Cut(host, ":")
		if !strings.Contains(name, ".") && name != "localhost" && !strings.HasPrefix(name, "[") {
			return typed
		}
		address = "https://" + address
	}
	if origin := weburl.Origin(address); origin != "" {
		return origin
	}
	return typed
}

// maxSlugBytes bounds a slug that is made from a name.
const maxSlugBytes = 40

// slugsOf returns slugs for a new site, the best one first: from its name, else from its host.
func slugsOf(name, origin string) []string {
	slug := slugFrom(name)
	if slug == "" {
		host := strings.TrimPrefix(origin[strings.LastIndex(origin, "/")+1:], "www.")
		label, _, _ := strings.Cut(host, ".")
		slug = slugFrom(label)
	}
	if slug == "" {
		slug = "site"
	}
	slugs := []string{slug}
	for n := 2; n < 10; n++ {
		slugs = append(slugs, slug+"-"+strconv.Itoa(n))
	}
	return slugs
}

// slugFrom returns the ASCII letters and digits of a text, with hyphens between its words.
func slugFrom(text string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	if len(words) > 1 && words[0] == "the" {
		words = words[1:]
	}
	slug := strings.Join(words, "-")
	if len(slug) > maxSlugBytes {
		slug = strings.Trim(slug[:maxSlugBytes], "-")
	}
	return slug
}
