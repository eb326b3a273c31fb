package console

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
)

// The ids of the forms about one article.
const (
	articleFormID = "article"
	aliasFormID   = "alias"
)

// articleView is the page of one article.
type articleView struct {
	adminFrame
	Key     string
	Site    string // its name
	Count   string
	URL     string
	Closed  string
	Form    formView
	Alias   formView
	Aliases []aliasView
	BackURL string
	Hours   string // URL of the page about its opening hours
}

type aliasView struct {
	Key    string
	Remove string // action of the form that removes it
}

// ShowArticle shows an article with its settings and aliases.
func (h *Sites) ShowArticle(c *gin.Context) error { return h.renderArticle(c, nil) }

func (h *Sites) renderArticle(c *gin.Context, refused *refusal) error {
	ref := articleRef(c)
	article, err := h.Sites.Article(c.Request.Context(), session.ViewerOf(c), ref)
	if err != nil {
		return err
	}
	site, err := h.Sites.Find(c.Request.Context(), session.ViewerOf(c), ref.SiteSlug)
	if err != nil {
		return err
	}
	row := h.newArticleRow(session.Words(c), site, article.Article)
	view := articleView{Key: article.Key, Site: site.Name, Count: row.Count, URL: row.URL, Closed: row.Closed,
		BackURL: ArticlesPath + "?" + url.Values{"site": {site.Slug}}.Encode()}
	if view.adminFrame, err = h.newAdminFrame(c, ArticlesPath, row.Title); err != nil {
		return err
	}
	query := "?" + url.Values{"site": {site.Slug}, "article": {article.Key}}.Encode()
	view.Hours = ArticlePath + "/hours" + query
	view.Form = articleForm(ArticlePath+query, article.Article, refused)
	view.Alias = newFormView(formView{ID: aliasFormID, Action: ArticlePath + "/aliases" + query, Button: "Add alias",
		Fields: []fieldView{{Name: "alias", Label: "New alias", Kind: "text", Required: true,
			Hint: "If a page has moved, add its new key here to keep its thread."}}}, refused)
	for _, alias := range article.Aliases {
		view.Aliases = append(view.Aliases, aliasView{alias.Key,
			ArticlePath + "/aliases/remove" + query + "&" + url.Values{"alias": {alias.Key}}.Encode()})
	}
	view.Refused = refused.unshown()
	return h.render(c, refused.status(), "article", view)
}

func articleForm(action string, a moderation.Article, refused *refusal) formView {
	closed, days := "", ""
	if a.Closed {
		closed = "yes"
	}
	if a.CloseAfterDays != nil {
		days = strconv.Itoa(*a.CloseAfterDays)
	}
	return newFormView(formView{ID: articleFormID, Action: action, Button: "Save", Fields: []fieldView{
		{Name: "title", Label: "Title", Kind: "text", Value: a.Title},
		{Name: "url", Label: "URL", Kind: "url", Value: a.URL},
		{Name: "closed", Label: "Closed to new comments", Kind: "check", Value: closed},
		{Name: "close_after_days", Label: "Close this many days after publication", Kind: "number", Value: days,
			Hint: "Leave empty to use the site’s setting. 0: never close."},
		{Name: "published_at", Label: "Published (UTC)", Kind: "datetime-local", Required: true,
			Value: a.PublishedAt.UTC().Format(dateTimeLayout)},
		{Name: "tags", Label: "Tags", Kind: "textarea", Value: strings.Join(a.Tags, "\n"),
			Hint: "One per line. Rules can refer to them."},
		{Name: "authors", Label: "Authors", Kind: "textarea", Value: strings.Join(authorNames(a), "\n"),
			Hint: "Names or emails of accounts, one per line. Writers see and answer the comments on their articles."},
	}}, refused)
}

// authorNames are the names of an article's authors, or the ID of those who share a name.
func authorNames(a moderation.Article) []string {
	named := map[string]int{}
	for _, author := range a.Authors {
		named[strings.ToLower(author.Name)]++
	}
	names := make([]string, len(a.Authors))
	for i, author := range a.Authors {
		if names[i] = author.Name; named[strings.ToLower(author.Name)] > 1 {
			names[i] = author.ID
		}
	}
	return names
}

// AddAlias adds a key under which the article is found.
func (h *Sites) AddAlias(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	ref := articleRef(c)
	_, err = h.Sites.AddAlias(c.Request.Context(), session.ViewerOf(c), ref.SiteSlug,
		moderation.NewAlias{Key: values.Get("alias"), ArticleKey: ref.Key})
	return h.finishArticleForm(c, aliasFormID, values, err)
}

// RemoveAlias removes an alias of the article.
func (h *Sites) RemoveAlias(c *gin.Context) error {
	err := h.Sites.RemoveAlias(c.Request.Context(), session.ViewerOf(c),
		moderation.SiteArticle{SiteSlug: c.Query("site"), Key: c.Query("alias")})
	return h.finishArticleForm(c, "remove", nil, err)
}
