package handlers

import (
	"errors"
	"strings"
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
	{"body", "#respond-body"}, {"author_name", "#respond-name"}, {"author_email", "#respond-email"}, {"author_url", "#respond-url"},
}

// formWords replace what problems say to programs by what a reader of a form can do.
var formWords = map[error]string{
	errFormType:    "It came in a format that this page does not read. Please send it from here.",
	errCrossOrigin: "It was sent from another website. Please look at it, then send it from here.",
	errTooLarge:    "It is far too long. What did not fit is missing below.",
	errMalformed:   "Something went wrong on the way. Please check that everything is still there, then send it again.",
}

func outcomeOf(err error, p Problem) formOutcome {
	o := formOutcome{Status: p.Status, Title: "Your comment was not sent", Detail: p.Detail, Wait: waitWords(p.retryAfter),
		problem: p, pointers: map[string]string{}}
	for known, words := range formWords {
		if errors.Is(err, known) {
			o.Detail = words
		}
	}
	var elsewhere []fieldLink
	for _, fault := range p.Errors {
		field := strings.TrimPrefix(fault.Pointer, "/")
		if !o.faults(field) {
			o.pointers[field] = fault.Detail
		}
		if !isFormField(field) {
			elsewhere = append(elsewhere, fieldLink{Text: fault.Detail})
		}
	}
	for _, field := range formFields {
		if o.faults(field.name) {
			o.Faults = append(o.Faults, fieldLink{Text: o.pointers[field.name], Href: field.href})
		}
	}
	o.Faults = append(o.Faults, elsewhere...)
	if o.faults("parent_id") {
		o.Detail = "If you send it again, it becomes a comment of its own."
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
func (f commentForm) view(at place, comments []*commentView, outcome *formOutcome) *formView {
	v := &formView{
		Heading: "Leave a Reply", Action: "/sites/" + at.site + "/comments#respond", Outcome: outcome,
		Subject: printable(f.Subject), Remember: f.Remember,
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
		v.Heading = "Reply"
		if to := findComment(comments, at.replyTo); to != nil && !to.Tombstone {
			v.Heading = "Reply to " + to.AuthorName
		}
		v.CancelURL = at.replyingTo("").address("respond")
	}
	v.hide(at, f)
	return v
}

// hide adds the fields that nobody types. The place comes first: it must be known even when a form is cut short.
func (v *formView) hide(at place, f commentForm) {
	page := ""
	if at.path == demoPath {
		page = "demo"
	}
	for _, field := range []hiddenField{
		{"article", at.article}, {"parent_id", at.replyTo}, {"page", page}, {"root", printable(at.root)}, {"cursor", printable(at.cursor)},
		{"sort", at.sortWord()}, {"form_token", printable(f.Token)}, {"idempotency_key", printable(f.Key)},
		{"article_url", printable(f.ArticleURL)}, {"article_title", printable(f.ArticleTitle)},
	} {
		if field.Value != "" {
			v.Hidden = append(v.Hidden, field)
		}
	}
}

func findComment(comments []*commentView, id string) *commentView {
	for _, c := range comments {
		if c.ID == id {
			return c
		}
		if found := findComment(c.Replies, id); found != nil {
			return found
		}
	}
	return nil
}
