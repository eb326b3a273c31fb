package page

import (
	"cmp"

	"rejoinder/moderation"
	"rejoinder/weburl"
)

// HiddenField is a hidden field of a form.
type HiddenField struct {
	Name  string
	Value string
}

// Hidden returns a hidden field.
func Hidden(name, value string) HiddenField { return HiddenField{Name: name, Value: value} }

// FieldLink links an error in a form's summary to its field.
type FieldLink struct {
	Text string
	Href string // empty for errors of the form as a whole
}

// Link is a link, or plain text for the current page.
type Link struct {
	Text string
	Href string // empty: the current page
	Next bool   // leads to more content, which scripts append to the page
}

// CommentAnchor returns the id of a comment's element, for the fragment of a URL.
func CommentAnchor(id string) string { return "comment-" + id }

// PublicHeading names an article for readers: by its title or URL, or by its site if these come from an
// unverified request.
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

// ArticleHeading names an article for moderators.
func ArticleHeading(a moderation.Article) string { return cmp.Or(a.Title, a.URL, a.Key) }
