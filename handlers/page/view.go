package page

import (
	"bytes"
	"cmp"
	"fmt"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/moderation"
	"rejoinder/weburl"
)

// HiddenField is a field of a form that nobody types.
type HiddenField struct {
	Name  string
	Value string
}

// Hidden returns a hidden field.
func Hidden(name, value string) HiddenField { return HiddenField{Name: name, Value: value} }

// FieldLink leads from the summary to a field.
type FieldLink struct {
	Text string
	Href string // empty for faults of what has no field of its own
}

// FaultWords says what is wrong with a field in a reader's language, as exactly as it has words for it.
// English is what the API says.
func FaultWords(field string, fault httpio.FieldFault, words *locale.Language) string {
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

// HTMLType is the Content-Type of pages.
const HTMLType = "text/html; charset=utf-8"

// PublicHeading names the article by its title or URL, or by its site if these come only from an unverified
// request.
func PublicHeading(article moderation.Article, site moderation.Site) string {
	switch {
	case article.Title != "":
		return article.Title
	case article.URL != "":
		return weburl.Display(article.URL)
	case article.TitleTrusted():
		return article.Key
	}
	return site.Name
}

// ArticleHeading names the article for moderators.
func ArticleHeading(a moderation.Article) string { return cmp.Or(a.Title, a.URL, a.Key) }

// Localized is a view that says in which language it is.
type Localized interface{ language() *locale.Language }

// Execute renders a template into memory.
func Execute(page string, view Localized) ([]byte, error) {
	var buf bytes.Buffer
	if err := templatesIn(view.language()).ExecuteTemplate(&buf, page, view); err != nil {
		return nil, fmt.Errorf("render page %s: %w", page, err)
	}
	return buf.Bytes(), nil
}

// Link is a place to go; without Href it is where the reader is.
type Link struct {
	Text string
	Href string
	Next bool // leads to what is added below
}

// CommentAnchor returns the id of a comment's element, for the fragment of a URL.
func CommentAnchor(id string) string { return "comment-" + id }

// formLimits are how many characters the fields take, for what is said about them.
var formLimits = map[string]int{"author_name": moderation.MaxNameCharacters, "body": moderation.MaxBodyCharacters}
