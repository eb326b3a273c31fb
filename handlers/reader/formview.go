package reader

import (
	"errors"
	"net/url"
	"strings"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/moderation"
)

// formView is the form as the template shows it.
type formView struct {
	Heading       string
	CancelURL     string
	Guidelines    []string // paragraphs
	GuidelinesURL string   // of the site's whole guidelines; empty: none
	Action        string
	Outcome       *formOutcome // nil: the form was not refused
	Hidden        []page.HiddenField
	Nudged        bool   // a nudge was shown for this comment
	EmailAsked    string // the email about which the reader is asked
	Suggestion    string // the one that was probably meant
	Body          fieldView
	Name          fieldView
	Email         fieldView
	AskWebsite    bool
	URL           fieldView
	Subject       string
	Remember      bool
	OfferMail     bool
	Notify        bool
	MaxBody       int         // characters
	MaxName       int         // characters
	SignIn        *signInView // nil: the reader can use the form
}

type fieldView struct {
	Value string
	Fault string
}

// formOutcome is why a form was refused.
type formOutcome struct {
	Status int
	Title  string
	Detail string
	Wait   string // how long to wait, in words
	Faults []page.FieldLink
	// Identity is why a signed-in reader's token was refused; empty: it was not.
	Identity string
	Asks     bool // it was not refused: the author is asked whether to send it as it is
	// Suggestion is the email that the author probably meant, if that is what they are asked.
	Suggestion string

	problem  httpio.Problem
	pointers map[string]string // faults by field
}

// formFields are the visible fields, in the order of the page.
var formFields = []struct{ name, href string }{
	{"body", "#respond-body"},
	{"author_name", "#respond-name"},
	{"author_email", "#respond-email"},
	{"author_url", "#respond-url"},
}

// problemTexts are texts for readers that replace the details of problems, which are for programs.
var problemTexts = map[error]string{
	httpio.ErrFormType: "form.format", httpio.ErrCrossOrigin: "form.cross_origin", httpio.ErrTooLarge: "form.too_large",
	httpio.ErrTooManyFields: "form.too_large", httpio.ErrMalformed: "form.malformed",
}

func newFormOutcome(err error, p httpio.Problem, words *locale.Language) formOutcome {
	_, detail := page.ProblemWords(p, words)
	o := formOutcome{Status: p.Status, Title: words.Text("form.not_sent"), Detail: detail, Wait: words.Wait(p.RetryAfter),
		problem: p, pointers: map[string]string{}}
	if len(p.Errors) > 0 {
		o.Detail = words.Text("form.check")
	}
	if o.Identity, _ = refusalOf(err); o.Identity != "" {
		p.Errors, o.Detail = nil, detail // the faults are for developers
	}
	if p.Nudge != "" {
		o.Asks, o.Title = true, words.Text("nudge.title")
		o.Detail = words.Text("nudge."+string(p.Nudge)) + " " + words.Text("nudge.choice")
	}
	for known, key := range problemTexts {
		if errors.Is(err, known) {
			o.Detail = words.Text(key)
		}
	}
	var hidden []page.FieldLink // faults of fields that are not visible
	for _, fault := range p.Errors {
		field := strings.TrimPrefix(fault.Pointer, "/")
		text := page.FaultWords(field, fault, words)
		if !o.faults(field) {
			o.pointers[field] = text
		}
		if !isFormField(field) {
			hidden = append(hidden, page.FieldLink{Text: text})
		}
	}
	for _, field := range formFields {
		if o.faults(field.name) {
			o.Faults = append(o.Faults, page.FieldLink{Text: o.pointers[field.name], Href: field.href})
		}
	}
	o.Faults = append(o.Faults, hidden...)
	if o.faults("parent_id") {
		o.Detail = words.Text("form.own_comment")
	}
	return o
}

// askAboutEmail makes the outcome of a *moderation.MistypedEmailError the question whether another email was meant.
func (o *formOutcome) askAboutEmail(err error, typed string, words *locale.Language) {
	var mistyped *moderation.MistypedEmailError
	if !errors.As(err, &mistyped) {
		return
	}
	o.Asks, o.Suggestion = true, mistyped.Suggestion
	o.Title = words.Text("email.title")
	o.Detail = words.Text("email.ask", "typed", httpio.Printable(typed), "address", o.Suggestion)
}

func isFormField(name string) bool {
	for _, field := range formFields {
		if field.name == name {
			return true
		}
	}
	return false
}

// faults reports whether something is wrong with the field.
func (o formOutcome) faults(field string) bool { return o.pointers[field] != "" }

// view returns the form for a page. A reply names the author it replies to if that comment is on the page.
func (f commentForm) view(at page.ThreadURL, on *threadView, outcome *formOutcome) *formView {
	words := on.Locale
	v := &formView{
		Heading:    words.Text("form.title"),
		Action:     submitURL(at),
		Outcome:    outcome,
		Subject:    httpio.Printable(f.Subject),
		Remember:   f.Remember,
		Nudged:     f.Nudged || outcome != nil && outcome.problem.Nudge != "",
		EmailAsked: httpio.Printable(f.EmailAsked),
		Notify:     f.Notify,
		MaxBody:    moderation.MaxBodyCharacters,
		MaxName:    moderation.MaxNameCharacters,

		Guidelines:    paragraphs(on.guidelines),
		GuidelinesURL: on.guidelinesURL,
		AskWebsite:    on.askWebsite,
		OfferMail:     on.offerMail,
		SignIn:        newSignIn(at, on, f),
	}
	var faults map[string]string
	if outcome != nil {
		faults = outcome.pointers
		if v.Suggestion = outcome.Suggestion; v.Suggestion != "" {
			v.EmailAsked = httpio.Printable(f.Email)
		}
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
	v.addHidden(at, f)
	return v
}

// submitURL returns the form's target. It names the thread for those who open it as a page: see ShowSubmitted.
func submitURL(at page.ThreadURL) string {
	query := url.Values{"article": {at.Article}}
	if at.Lang != "" {
		query.Set("lang", at.Lang)
	}
	target := url.URL{Path: "/sites/" + at.Site + "/comments", RawQuery: query.Encode(), Fragment: "respond"}
	return target.String()
}

// paragraphs splits a text at its line breaks.
func paragraphs(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == '\n' })
}

// addHidden adds the hidden fields. Those of the thread come first, so that it is known even if the form is
// truncated.
func (v *formView) addHidden(at page.ThreadURL, f commentForm) {
	from := "" // the page that the form is on
	if at.Path == page.DemoPath {
		from = "demo"
	}
	for _, field := range []page.HiddenField{
		page.Hidden("article", at.Article),
		page.Hidden("parent_id", at.ReplyTo),
		page.Hidden("page", from),
		page.Hidden("root", httpio.Printable(at.Root)),
		page.Hidden("cursor", httpio.Printable(at.Cursor)),
		page.Hidden("sort", at.SortParam()),
		page.Hidden("lang", at.Lang),
		page.Hidden("form_token", httpio.Printable(f.Token)),
		page.Hidden("idempotency_key", httpio.Printable(f.Key)),
		page.Hidden("article_url", httpio.Printable(f.ArticleURL)),
		page.Hidden("article_title", httpio.Printable(f.ArticleTitle)),
		page.Hidden("identity", httpio.Printable(f.Identity)),
	} {
		if field.Value != "" {
			v.Hidden = append(v.Hidden, field)
		}
	}
}
