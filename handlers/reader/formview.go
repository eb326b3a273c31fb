package reader

import (
	"errors"
	"strings"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/moderation"
)

// formView is the form as a template shows it.
type formView struct {
	Heading   string
	CancelURL string
	Action    string
	Outcome   *formOutcome // nil before the first try
	Hidden    []page.HiddenField
	Body      fieldView
	Name      fieldView
	Email     fieldView
	URL       fieldView
	Subject   string
	Remember  bool
	MaxBody   int // characters
	MaxName   int // characters
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
	Faults []page.FieldLink

	problem  httpio.Problem
	pointers map[string]string // field to what is wrong with it
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
	httpio.ErrFormType: "form.format", httpio.ErrCrossOrigin: "form.cross_origin", httpio.ErrTooLarge: "form.too_large",
	httpio.ErrTooManyFields: "form.too_large", httpio.ErrMalformed: "form.malformed",
}

func outcomeOf(err error, p httpio.Problem, words *locale.Language) formOutcome {
	_, detail := page.ProblemWords(p, words)
	o := formOutcome{Status: p.Status, Title: words.Text("form.not_sent"), Detail: detail, Wait: words.Wait(p.RetryAfter),
		problem: p, pointers: map[string]string{}}
	if len(p.Errors) > 0 {
		o.Detail = words.Text("form.check")
	}
	for known, key := range formWords {
		if errors.Is(err, known) {
			o.Detail = words.Text(key)
		}
	}
	var elsewhere []page.FieldLink
	for _, fault := range p.Errors {
		field := strings.TrimPrefix(fault.Pointer, "/")
		text := page.FaultWords(field, fault, words)
		if !o.faults(field) {
			o.pointers[field] = text
		}
		if !isFormField(field) {
			elsewhere = append(elsewhere, page.FieldLink{Text: text})
		}
	}
	for _, field := range formFields {
		if o.faults(field.name) {
			o.Faults = append(o.Faults, page.FieldLink{Text: o.pointers[field.name], Href: field.href})
		}
	}
	o.Faults = append(o.Faults, elsewhere...)
	if o.faults("parent_id") {
		o.Detail = words.Text("form.own_comment")
	}
	return o
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
func (f commentForm) view(at page.ThreadURL, on *threadView, outcome *formOutcome) *formView {
	words := on.Locale
	v := &formView{
		Heading:  words.Text("form.title"),
		Action:   "/sites/" + at.Site + "/comments#respond",
		Outcome:  outcome,
		Subject:  httpio.Printable(f.Subject),
		Remember: f.Remember,
		MaxBody:  moderation.MaxBodyCharacters,
		MaxName:  moderation.MaxNameCharacters,
	}
	var faults map[string]string
	if outcome != nil {
		faults = outcome.pointers
	}
	v.Body = fieldView{Value: httpio.Printable(f.Body), Fault: faults["body"]}
	v.Name = fieldView{Value: httpio.Printable(f.Name), Fault: faults["author_name"]}
	v.Email = fieldView{Value: httpio.Printable(f.Email), Fault: faults["author_email"]}
	v.URL = fieldView{Value: httpio.Printable(f.URL), Fault: faults["author_url"]}
	if at.ReplyTo != "" {
		v.Heading = words.Text("form.title_reply")
		if to := on.byID[at.ReplyTo]; to != nil && !to.Tombstone {
			v.Heading = words.Text("comment.reply_to", "name", to.AuthorName)
		}
		v.CancelURL = at.WithReply("").Link("respond")
	}
	v.hide(at, f)
	return v
}

// hide adds the fields that nobody types. The place comes first: it must be known even when a form is cut
// short.
func (v *formView) hide(at page.ThreadURL, f commentForm) {
	from := "" // the page that the form is on
	if at.Path == page.DemoPath {
		from = "demo"
	}
	for _, field := range []page.HiddenField{
		page.Hidden("article", at.Article), page.Hidden("parent_id", at.ReplyTo), page.Hidden("page", from), page.Hidden("root", httpio.Printable(at.Root)), page.Hidden("cursor", httpio.Printable(at.Cursor)),
		page.Hidden("sort", at.SortParam()), page.Hidden("lang", at.Lang), page.Hidden("form_token", httpio.Printable(f.Token)), page.Hidden("idempotency_key", httpio.Printable(f.Key)),
		page.Hidden("article_url", httpio.Printable(f.ArticleURL)), page.Hidden("article_title", httpio.Printable(f.ArticleTitle)),
	} {
		if field.Value != "" {
			v.Hidden = append(v.Hidden, field)
		}
	}
}
