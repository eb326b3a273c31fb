package handlers

import (
	"errors"
	"strings"

	"rejoinder/handlers/locale"
	"rejoinder/moderation"
)

// formView is the form as a template shows it.
type formView struct {
	Heading   string
	CancelURL string
	Action    string
	Outcome   *formOutcome // nil before the first try
	Hidden    []hiddenField
	Body      fieldView
	Name      fieldView
	Email     fieldView
	URL       fieldView
	Subject   string
	Remember  bool
	MaxBody   int // characters
	MaxName   int // characters
}

type hiddenField struct {
	Name  string
	Value string
}

type fieldView struct {
	Value string
	Fault string
}

// formOutcome is why a form was not taken.
type formOutcome struct {
	Status int
	Title  string
	Detail string
	Wait   string // how long to wait, in words
	Faults []fieldLink

	problem  Problem
	pointers map[string]string // field to what is wrong with it
}

// fieldLink leads from the summary to a field.
type fieldLink struct {
	Text string
	Href string // empty for faults of what has no field of its own
}

// formFields are the fields that readers see, in their order on the page.
var formFields = []struct{ name, href string }{
	{
		"body",
		"#respond-body",
	},
	{"author_name", "#respond-name"},
	{"author_email", "#respond-email"},
	{"author_url", "#respond-url"},
}

// formWords replace what problems say to programs by what a reader of a form can do.
var formWords = map[error]string{
	errFormType: "form.format", errCrossOrigin: "form.cross_origin", errTooLarge: "form.too_large",
	errManyFields: "form.too_large", errMalformed: "form.malformed",
}

// formLimits are how many characters the fields take, for what is said about them.
var formLimits = map[string]int{"author_name": moderation.MaxNameCharacters, "body": moderation.MaxBodyCharacters}

func outcomeOf(err error, p Problem, words *locale.Language) formOutcome {
	_, detail := problemWords(p, words)
	o := formOutcome{Status: p.Status, Title: words.Text("form.not_sent"), Detail: detail, Wait: words.Wait(p.retryAfter),
		problem: p, pointers: map[string]string{}}
	if len(p.Errors) > 0 {
		o.Detail = words.Text("form.check")
	}
	for known, key := range formWords {
		if errors.Is(err, known) {
			o.Detail = words.Text(key)
		}
	}
	var elsewhere []fieldLink
	for _, fault := range p.Errors {
		field := strings.TrimPrefix(fault.Pointer, "/")
		text := faultWords(field, fault, words)
		if !o.faults(field) {
			o.pointers[field] = text
		}
		if !isFormField(field) {
			elsewhere = append(elsewhere, fieldLink{Text: text})
		}
	}
	for _, field := range formFields {
		if o.faults(field.name) {
			o.Faults = append(o.Faults, fieldLink{Text: o.pointers[field.name], Href: field.href})
		}
	}
	o.Faults = append(o.Faults, elsewhere...)
	if o.faults("parent_id") {
		o.Detail = words.Text("form.own_comment")
	}
	return o
}

// faultWords says what is wrong with a field in a reader's language, as exactly as it has words for it.
// English is what the API says.
func faultWords(field string, fault FieldFault, words *locale.Language) string {
	if words.Tag == "en" {
		return fault.Detail
	}
	for _, key := range []string{"fault." + field + "." + fault.Code, "fault." + fault.Code} {
		if words.Has(key) {
			return words.Text(key, "max", words.Number(formLimits[field]))
		}
	}
	return fault.Detail
}

func isFormField(name string) bool {
	for _, field := range formFields {
		if field.name == name {
			return true
		}
	}
	return false
}

// faults reports whether something is wrong with that field.
func (o formOutcome) faults(field string) bool { return o.pointers[field] != "" }

// view lays the form out for a place. Replies name whom they answer, when that comment is on the page.
func (f commentForm) view(at place, on *threadView, outcome *formOutcome) *formView {
	words := on.words
	v := &formView{
		Heading: words.Text("form.title"),
		Action:  "/sites/" + at.site + "/comments#respond",
		Outcome: outcome,
		Subject: printable(
			f.Subject,
		),
		Remember: f.Remember,
		MaxBody:  moderation.MaxBodyCharacters,
		MaxName:  moderation.MaxNameCharacters,
	}
	var faults map[string]string
	if outcome != nil {
		faults = outcome.pointers
	}
	v.Body = fieldView{Value: printable(f.Body), Fault: faults["body"]}
	v.Name = fieldView{Value: printable(f.Name), Fault: faults["author_name"]}
	v.Email = fieldView{Value: printable(f.Email), Fault: faults["author_email"]}
	v.URL = fieldView{Value: printable(f.URL), Fault: faults["author_url"]}
	if at.replyTo != "" {
		v.Heading = words.Text("form.title_reply")
		if to := on.byID[at.replyTo]; to != nil && !to.Tombstone {
			v.Heading = words.Text("comment.reply_to", "name", to.AuthorName)
		}
		v.CancelURL = at.replyingTo("").address("respond")
	}
	v.hide(at, f)
	return v
}

// hide adds the fields that nobody types. The place comes first: it must be known even when a form is cut
// short.
func (v *formView) hide(at place, f commentForm) {
	page := ""
	if at.path == demoPath {
		page = "demo"
	}
	for _, field := range []hiddenField{
		{"article", at.article}, {"parent_id", at.replyTo}, {"page", page}, {"root", printable(at.root)}, {"cursor", printable(at.cursor)},
		{"sort", at.sortWord()}, {"lang", at.lang}, {"form_token", printable(f.Token)}, {"idempotency_key", printable(f.Key)},
		{"article_url", printable(f.ArticleURL)}, {"article_title", printable(f.ArticleTitle)},
	} {
		if field.Value != "" {
			v.Hidden = append(v.Hidden, field)
		}
	}
}
