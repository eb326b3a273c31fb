package console

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/api"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/handlers/setup"
	"rejoinder/moderation"
	"rejoinder/moderation/rules"
)

// ArticlePath is the page of one article, which is named in its query.
const ArticlePath = ArticlesPath + "/one"

const articlesPageSize = 50

// articlesView is a page of a site's articles.
type articlesView struct {
	adminFrame
	Choices  []choice // of sites
	Text     string   // search text
	Slug     string
	SiteName string
	List     []articleRow
	Empty    emptyView          // shown when there are none
	Back     []page.HiddenField // fields of the forms, so that they return to this page
	Next     string
}

type articleRow struct {
	Title  string
	Key    string
	Href   string
	URL    string
	Count  string
	Tags   string
	At     time.Time // publication
	Closed string    // why it is closed; empty: it is open
	ByHand bool      // it is closed by hand
	Modes  []choice
}

func articleURL(site, key string) string {
	return ArticlePath + "?" + url.Values{"site": {site}, "article": {key}}.Encode()
}

func (h *Sites) newArticleRow(words *locale.Language, site moderation.Site, a moderation.Article) articleRow {
	row := articleRow{Title: a.Title, Key: a.Key, Href: articleURL(site.Slug, a.Key), URL: a.URL, ByHand: a.Closed,
		Count: words.N("%d comment", "%d comments", a.ApprovedCount), Tags: strings.Join(a.Tags, ", "), At: a.PublishedAt}
	if row.Title == "" {
		row.Title = a.Key
	}
	row.Modes = articleModes(a.Mode)
	switch {
	case a.Closed:
		row.Closed = "closed by hand"
	case !a.OpensAt(site.Settings, h.Now()).IsZero() && a.IsClosed(site.Settings, h.Now()):
		row.Closed = "closed for now"
	case site.Settings.Closed && a.IsClosed(site.Settings, h.Now()):
		row.Closed = "closed with the site"
	case a.Schedule.ClosesAt != nil && a.IsClosed(site.Settings, h.Now()):
		row.Closed = "closed at its time"
	case a.IsClosed(site.Settings, h.Now()):
		row.Closed = "closed by age"
	}
	return row
}

// articleModes are the modes of an article.
func articleModes(chosen rules.ModerationMode) []choice {
	modes := []choice{{Label: "As the site", Selected: chosen == ""}}
	for _, mode := range rules.ModerationModes() {
		modes = append(modes, choice{Value: string(mode), Label: setup.ModeName(mode), Selected: chosen == mode})
	}
	return modes
}

// articlesQuery holds the parameters of the list of articles.
type articlesQuery struct{ site, text, cursor string }

func (q articlesQuery) values() url.Values {
	values := url.Values{}
	for name, value := range map[string]string{"site": q.site, "q": q.text, "cursor": q.cursor} {
		if value != "" {
			values.Set(name, value)
		}
	}
	return values
}

func parseArticlesQuery(values url.Values) articlesQuery {
	return articlesQuery{values.Get("site"), strings.TrimSpace(values.Get("q")), values.Get("cursor")}
}

// empty explains why a page shows no articles.
func (q articlesQuery) empty(words *locale.Language) emptyView {
	all := ArticlesPath + "?" + articlesQuery{site: q.site}.values().Encode()
	switch {
	case q.cursor != "":
		first := articlesQuery{site: q.site, text: q.text}
		return emptyView{"No more articles.",
			[]page.Link{{Text: "First page", Href: ArticlesPath + "?" + first.values().Encode()}}}
	case q.text != "":
		return emptyView{words.T("No article of this site has “%s” in its title, URL or key.", httpio.Printable(q.text)),
			[]page.Link{{Text: "Clear search", Href: all}}}
	}
	return emptyView{Text: "No articles yet. The first comment on a page adds one."}
}

// ShowArticles lists the articles of the requested site, or of the first that the admin works on.
func (h *Sites) ShowArticles(c *gin.Context) error {
	query := parseArticlesQuery(c.Request.URL.Query())
	sites, err := h.Sites.List(c.Request.Context(), session.ViewerOf(c))
	if err != nil {
		return err
	}
	if query.site == "" && len(sites) > 0 {
		query.site = sites[0].Slug
	}
	site, err := h.Sites.Find(c.Request.Context(), session.ViewerOf(c), query.site)
	if err != nil {
		return err
	}
	found, err := h.Sites.Articles(c.Request.Context(), session.ViewerOf(c), moderation.ArticleQuery{
		SiteSlug: query.site, Text: query.text, Limit: articlesPageSize, Cursor: query.cursor})
	if err != nil {
		return err
	}
	view := articlesView{Text: query.text, Slug: site.Slug, SiteName: site.Name, Empty: query.empty(session.Words(c))}
	if view.adminFrame, err = h.newAdminFrame(c, ArticlesPath, session.Words(c).T("Articles of %s", site.Name)); err != nil {
		return err
	}
	for _, each := range sites {
		view.Choices = append(view.Choices, choice{Value: each.Slug, Label: each.Name, Selected: each.Slug == site.Slug, Verbatim: true})
	}
	isAdmin := session.IdentityOf(c).May(auth.PermissionAdminister)
	for _, article := range found.Articles {
		row := h.newArticleRow(session.Words(c), site, article)
		if !isAdmin {
			row.Href = ""
		}
		view.List = append(view.List, row)
	}
	back := query.values()
	for _, name := range slices.Sorted(maps.Keys(back)) {
		view.Back = append(view.Back, page.Hidden(name, back.Get(name)))
	}
	if found.NextCursor != "" {
		query.cursor = found.NextCursor
		view.Next = ArticlesPath + "?" + query.values().Encode()
	}
	return h.render(c, http.StatusOK, "articles", view)
}

// CloseArticle closes an article from the list, or opens it again.
func (h *Sites) CloseArticle(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	query, closed := parseArticlesQuery(values), values.Get("closed") != ""
	_, err = h.Sites.ChangeArticle(c.Request.Context(), session.ViewerOf(c),
		moderation.SiteArticle{SiteSlug: query.site, Key: values.Get("article")}, moderation.ArticleChange{Closed: &closed})
	if err != nil {
		return err
	}
	text := "The article is open for comments again."
	if closed {
		text = "The article is closed to new comments."
	}
	return h.redirect(c, ArticlesPath+"?"+query.values().Encode(), notice{Text: text})
}

// ChangeArticleMode gives an article of the list a moderation mode of its own, or the site's.
func (h *Sites) ChangeArticleMode(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	query, mode := parseArticlesQuery(values), rules.ModerationMode(values.Get("mode"))
	_, err = h.Sites.ChangeArticle(c.Request.Context(), session.ViewerOf(c),
		moderation.SiteArticle{SiteSlug: query.site, Key: values.Get("article")}, moderation.ArticleChange{Mode: &mode})
	if err != nil {
		return err
	}
	text := "Comments of the article appear as the site’s settings say."
	if mode != "" {
		words := session.Words(c)
		text = words.T("The article has a mode of its own: %s.", words.T(setup.ModeName(mode)))
	}
	return h.redirect(c, ArticlesPath+"?"+query.values().Encode(), notice{Text: text})
}

// dateTimeLayout is the format of an input of type datetime-local.
const dateTimeLayout = "2006-01-02T15:04"

// articleChange parses the form of an article. *moderation.Invalid names the invalid fields.
func articleChange(values url.Values, before moderation.Article) (moderation.ArticleChange, error) {
	var faults moderation.Invalid
	title, address, closed := values.Get("title"), values.Get("url"), values.Get("closed") != ""
	tags, days := nonEmptyLines(values.Get("tags")), moderation.SiteSetting
	change := moderation.ArticleChange{Title: &title, URL: &address, Tags: &tags, Closed: &closed, CloseAfterDays: &days}
	if typed := nonEmptyLines(values.Get("authors")); !slices.Equal(typed, authorNames(before)) {
		change.Authors = &typed
	}
	if typed := strings.TrimSpace(values.Get("close_after_days")); typed != "" {
		n, ok := httpio.WholeNumber(typed)
		if !ok || n < 0 {
			faults.Add("/close_after_days", "wrong_type",
				"Must be a whole number (0 for never), or empty to use the site’s setting.")
		}
		days = n
	}
	if typed := values.Get("published_at"); typed != before.PublishedAt.UTC().Format(dateTimeLayout) {
		at, err := time.Parse(dateTimeLayout, typed)
		if err != nil || at.Year() > api.LastYear {
			faults.Add("/published_at", "malformed", "Must be a time such as 2026-03-02T09:00.")
		}
		change.PublishedAt = &at
	}
	return change, faults.Err()
}

// ChangeArticle changes an article.
func (h *Sites) ChangeArticle(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	ref := articleRef(c)
	article, err := h.Sites.Article(c.Request.Context(), session.ViewerOf(c), ref)
	if err != nil {
		return err
	}
	change, err := articleChange(values, article.Article)
	if err == nil {
		_, err = h.Sites.ChangeArticle(c.Request.Context(), session.ViewerOf(c), ref, change)
	}
	return h.finishArticleForm(c, articleFormID, values, err)
}

// finishArticleForm responds to a form of the article's page: with a redirect to it, or with what was
// refused.
func (h *Sites) finishArticleForm(c *gin.Context, form string, values url.Values, err error) error {
	if err != nil {
		return h.refuse(c, &refusal{form: form, typed: values}, err, h.renderArticle)
	}
	ref := articleRef(c)
	return h.redirect(c, articleURL(ref.SiteSlug, ref.Key), notice{Text: "Saved."})
}

func articleRef(c *gin.Context) moderation.SiteArticle {
	return moderation.SiteArticle{SiteSlug: c.Query("site"), Key: c.Query("article")}
}
