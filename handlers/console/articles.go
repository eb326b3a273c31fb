package console

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/api"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
)

const ArticlePath = ArticlesPath + "/one"

// articlesShown is how many articles stand on a page.
const articlesShown = 50

// articlesView is a page of a site's articles.
type articlesView struct {
	adminFrame
	Choices  []choice // of sites
	Text     string   // what is looked for
	Slug     string
	SiteName string
	List     []articleRow
	Empty    emptyView          // shown when there are none
	Back     []page.HiddenField // of the forms: where they lead back
	Next     string
}

type articleRow struct {
	Title  string
	Key    string
	Href   string
	URL    string
	Count  string
	Closed string // why it takes no more comments; empty: it does
	ByHand bool   // it is closed by hand
}

func articleAddress(site, key string) string {
	return ArticlePath + "?" + url.Values{"site": {site}, "article": {key}}.Encode()
}

func (h *Sites) newArticleRow(site moderation.Site, a moderation.Article) articleRow {
	row := articleRow{Title: a.Title, Key: a.Key, Href: articleAddress(site.Slug, a.Key), URL: a.URL, ByHand: a.Closed,
		Count: page.Plural(a.ApprovedCount, "comment")}
	if row.Title == "" {
		row.Title = a.Key
	}
	switch {
	case a.Closed:
		row.Closed = "closed by hand"
	case a.IsClosed(site.Settings, h.Now()):
		row.Closed = "closed by its age"
	}
	return row
}

// articlesQuery is what the list of articles shows.
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

func articlesQueryOf(values url.Values) articlesQuery {
	return articlesQuery{values.Get("site"), strings.TrimSpace(values.Get("q")), values.Get("cursor")}
}

// empty explains why a page shows no articles.
func (q articlesQuery) empty() emptyView {
	all := ArticlesPath + "?" + articlesQuery{site: q.site}.values().Encode()
	switch {
	case q.cursor != "":
		first := articlesQuery{site: q.site, text: q.text}
		return emptyView{
			"No more articles.",
			[]page.Link{{Text: "First page", Href: ArticlesPath + "?" + first.values().Encode()}},
		}
	case q.text != "":
		return emptyView{"No article of this site has “" + httpio.Printable(q.text) + "” in its title, address or key.",
			[]page.Link{{Text: "Clear search", Href: all}}}
	}
	return emptyView{Text: "No article yet. The first comment on a page makes one."}
}

// ArticlesPage lists a site's articles: the one that was asked for, or the first that the admin works on.
func (h *Sites) ArticlesPage(c *gin.Context) error {
	query := articlesQueryOf(c.Request.URL.Query())
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
		SiteSlug: query.site, Text: query.text, Limit: articlesShown, Cursor: query.cursor})
	if err != nil {
		return err
	}
	view := articlesView{Text: query.text, Slug: site.Slug, SiteName: site.Name, Empty: query.empty()}
	if view.adminFrame, err = h.adminFrame(c, ArticlesPath, "Articles of "+site.Name); err != nil {
		return err
	}
	for _, each := range sites {
		view.Choices = append(view.Choices, choice{each.Slug, each.Name, each.Slug == site.Slug})
	}
	for _, article := range found.Articles {
		view.List = append(view.List, h.newArticleRow(site, article))
	}
	back := query.values()
	for _, name := range slices.Sorted(maps.Keys(back)) {
		view.Back = append(view.Back, page.Hidden(name, back.Get(name)))
	}
	if found.NextCursor != "" {
		query.cursor = found.NextCursor
		view.Next = ArticlesPath + "?" + query.values().Encode()
	}
	return h.renderConsole(c, http.StatusOK, "articles", view)
}

// ClosingForm closes or opens an article from the list.
func (h *Sites) ClosingForm(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	query, closed := articlesQueryOf(values), values.Get("closed") != ""
	_, err = h.Sites.ChangeArticle(c.Request.Context(), session.ViewerOf(c),
		moderation.SiteArticle{SiteSlug: query.site, Key: values.Get("article")}, moderation.ArticleChange{Closed: &closed})
	if err != nil {
		return err
	}
	h.leaveNotice(c, map[bool]string{true: "article-closed", false: "article-opened"}[closed])
	httpio.SeeOther(c, ArticlesPath+"?"+query.values().Encode())
	return nil
}

// publicationForm is how browsers send the time of a field for one.
const publicationForm = "2006-01-02T15:04"

// articleChange reads the form about one article. *moderation.Invalid names what is no number and no time.
func articleChange(values url.Values, before moderation.Article) (moderation.ArticleChange, error) {
	var faults moderation.Invalid
	title, address, closed := values.Get("title"), values.Get("url"), values.Get("closed") != ""
	tags, days := linesOf(values.Get("tags")), moderation.SiteSetting
	change := moderation.ArticleChange{Title: &title, URL: &address, Tags: &tags, Closed: &closed, CloseAfterDays: &days}
	if typed := strings.TrimSpace(values.Get("close_after_days")); typed != "" {
		n, ok := httpio.WholeNumber(typed)
		if !ok || n < 0 {
			faults.Add(
				"/close_after_days",
				"wrong_type",
				"This is a whole number, 0 for never, or nothing for the site’s setting.",
			)
		}
		days = n
	}
	if typed := values.Get("published_at"); typed != before.PublishedAt.UTC().Format(publicationForm) {
		at, err := time.Parse(publicationForm, typed)
		if err != nil || at.Year() > api.LastYear {
			faults.Add("/published_at", "malformed", "This is a time as 2026-03-02T09:00.")
		}
		change.PublishedAt = &at
	}
	return change, faults.Err()
}

// ChangeArticleForm changes an article.
func (h *Sites) ChangeArticleForm(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	ref := articleRefOf(c)
	open, err := h.Sites.Article(c.Request.Context(), session.ViewerOf(c), ref)
	if err != nil {
		return err
	}
	change, err := articleChange(values, open.Article)
	if err == nil {
		_, err = h.Sites.ChangeArticle(c.Request.Context(), session.ViewerOf(c), ref, change)
	}
	return h.afterArticle(c, articleFormID, values, err)
}

// afterArticle goes on after a form about one article: back to it, or to what was refused.
func (h *Sites) afterArticle(c *gin.Context, form string, values url.Values, err error) error {
	if err != nil {
		refused, err := h.refuse(c, form, values, err)
		if err != nil {
			return err
		}
		return h.showArticle(c, refused)
	}
	h.leaveNotice(c, "saved")
	ref := articleRefOf(c)
	httpio.SeeOther(c, articleAddress(ref.SiteSlug, ref.Key))
	return nil
}

func articleRefOf(c *gin.Context) moderation.SiteArticle {
	return moderation.SiteArticle{SiteSlug: c.Query("site"), Key: c.Query("article")}
}
