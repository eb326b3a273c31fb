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

// articleView is one article, for those who administer it.
type articleView struct {
	adminFrame
	Key     string
	Site    string // its name
	Count   string
	URL     string
	Closed  string
	Form    consoleForm
	Alias   consoleForm
	Aliases []aliasView
	BackURL string
}

type aliasView struct {
	Key    string
	Remove string // where the form goes that removes it
}

func (h *Sites) ArticlePage(c *gin.Context) error { return h.showArticle(c, nil) }

func (h *Sites) showArticle(c *gin.Context, refused *refusal) error {
	ref := articleRefOf(c)
	open, err := h.Sites.Article(c.Request.Context(), session.ViewerOf(c), ref)
	if err != nil {
		return err
	}
	site, err := h.Sites.Find(c.Request.Context(), session.ViewerOf(c), ref.SiteSlug)
	if err != nil {
		return err
	}
	row := h.newArticleRow(site, open.Article)
	view := articleView{Key: open.Key, Site: site.Name, Count: row.Count, URL: row.URL, Closed: row.Closed,
		BackURL: ArticlesPath + "?" + url.Values{"site": {site.Slug}}.Encode()}
	if view.adminFrame, err = h.adminFrame(c, ArticlesPath, row.Title); err != nil {
		return err
	}
	here := "?" + url.Values{"site": {site.Slug}, "article": {open.Key}}.Encode()
	view.Form = articleForm(ArticlePath+here, open.Article, refused)
	view.Alias = newConsoleForm(
		consoleForm{ID: aliasFormID, Action: ArticlePath + "/aliases" + here, Button: "Add the key",
			Fields: []consoleField{{Name: "alias", Label: "A further key", Kind: "text", Required: true,
				Hint: "A page that moved keeps its thread, when its new key is one of these."}}},
		refused,
	)
	for _, alias := range open.Aliases {
		view.Aliases = append(
			view.Aliases,
			aliasView{alias.Key, ArticlePath + "/aliases/remove" + here + "&" + url.Values{"alias": {alias.Key}}.Encode()},
		)
	}
	view.Refused = refused.unsaid()
	return h.renderConsole(c, refused.status(), "article", view)
}

func articleForm(action string, a moderation.Article, refused *refusal) consoleForm {
	closed, days := "", ""
	if a.Closed {
		closed = "yes"
	}
	if a.CloseAfterDays != nil {
		days = strconv.Itoa(*a.CloseAfterDays)
	}
	return newConsoleForm(consoleForm{ID: articleFormID, Action: action, Button: "Save", Fields: []consoleField{
		{Name: "title", Label: "Title", Kind: "text", Value: a.Title},
		{Name: "url", Label: "Address of its page", Kind: "url", Value: a.URL},
		{Name: "closed", Label: "Closed: takes no more comments", Kind: "check", Value: closed},
		{
			Name:  "close_after_days",
			Label: "Days after publication when it closes",
			Kind:  "number",
			Value: days,
			Hint:  "Empty: as the site’s settings say. 0: never.",
		},
		{
			Name:     "published_at",
			Label:    "Published (UTC)",
			Kind:     "datetime-local",
			Value:    a.PublishedAt.UTC().Format(publicationForm),
			Required: true,
		},
		{
			Name:  "tags",
			Label: "Tags",
			Kind:  "textarea",
			Value: strings.Join(a.Tags, "\n"),
			Hint:  "One a line. Rules know articles by them.",
		},
	}}, refused)
}

// AddAliasForm lets the article be found under a further key.
func (h *Sites) AddAliasForm(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	ref := articleRefOf(c)
	_, err = h.Sites.AddAlias(
		c.Request.Context(),
		session.ViewerOf(c),
		ref.SiteSlug,
		moderation.NewAlias{Key: values.Get("alias"), ArticleKey: ref.Key},
	)
	return h.afterArticle(c, aliasFormID, values, err)
}

// RemoveAliasForm makes a key name nothing again.
func (h *Sites) RemoveAliasForm(c *gin.Context) error {
	err := h.Sites.RemoveAlias(
		c.Request.Context(),
		session.ViewerOf(c),
		moderation.SiteArticle{SiteSlug: c.Query("site"), Key: c.Query("alias")},
	)
	return h.afterArticle(c, "remove", nil, err)
}
