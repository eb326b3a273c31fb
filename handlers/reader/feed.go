package reader

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/handlers/pagecache"
	"rejoinder/moderation"
	"rejoinder/weburl"
)

// feedEntries bounds the comments of a feed. Feed readers poll often enough to miss none.
const feedEntries = 30

const atomType = "application/atom+xml; charset=utf-8"

// atomFeed is an Atom feed (RFC 4287). Authors have no email, and no website, since a feed can't mark links
// as nofollow.
type atomFeed struct {
	XMLName   xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Language  string      `xml:"xml:lang,attr"`
	ID        string      `xml:"id"`
	Title     xmlText     `xml:"title"`
	Updated   string      `xml:"updated"`
	Links     []atomLink  `xml:"link"`
	Generator string      `xml:"generator"`
	Entries   []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string  `xml:"rel,attr"`
	Type string  `xml:"type,attr,omitempty"`
	Href xmlText `xml:"href,attr"`
}

type atomEntry struct {
	ID        string       `xml:"id"`
	Title     xmlText      `xml:"title"`
	Published string       `xml:"published"`
	Updated   string       `xml:"updated"`
	Author    atomAuthor   `xml:"author"`
	Link      atomLink     `xml:"link"`
	InReplyTo *atomReplyTo `xml:"http://purl.org/syndication/thread/1.0 in-reply-to"`
	Content   atomContent  `xml:"content"`
}

type atomAuthor struct {
	Name xmlText `xml:"name"`
}

// atomReplyTo names the comment that an entry replies to (RFC 4685).
type atomReplyTo struct {
	Ref string `xml:"ref,attr"`
}

type atomContent struct {
	Type string  `xml:"type,attr"`
	HTML xmlText `xml:",chardata"`
}

// xmlText is text that is encoded without the characters that XML can't represent (XML 1.0, production 2),
// which encoding/xml would replace by U+FFFD.
type xmlText string

// MarshalText implements encoding.TextMarshaler.
func (t xmlText) MarshalText() ([]byte, error) {
	return []byte(strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '\n', r == '\r', r >= 0x20 && r <= 0xD7FF, r >= 0xE000 && r <= 0xFFFD, r >= 0x10000:
			return r
		}
		return -1
	}, string(t))), nil
}

// Feed serves the newest comments of an article or, without one, of a whole site. It has no Last-Modified,
// because removing a comment would not change it, so that clients would keep the comment.
func (h *Threads) Feed(c *gin.Context) error {
	query := moderation.LatestQuery{
		SiteSlug:   c.Param("site"),
		ArticleKey: weburl.Key(c.Query("article")),
		Limit:      feedEntries,
	}
	lang := ""
	if requested := c.Query("lang"); requested != "" {
		lang = locale.Match(requested, "", "").Tag
	}
	key := pagecache.Key{Kind: "feed", Site: query.SiteSlug, Article: query.ArticleKey, Rest: lang}
	return h.Responder.Serve(c, key, func(ctx context.Context) (pagecache.Rendering, error) {
		latest, err := h.Threads.Latest(ctx, query)
		if err != nil {
			return pagecache.Rendering{}, err
		}
		if query.ArticleKey != "" && !latest.Site.HasThread(latest.Article) {
			return pagecache.Rendering{}, moderation.ErrArticleUnknown
		}
		body, err := encodeFeed(h.newFeed(query, lang, latest))
		if err != nil {
			return pagecache.Rendering{}, err
		}
		return pagecache.Rendering{ContentType: atomType, Caching: pagecache.ThreadCaching, Body: body}, nil
	})
}

func encodeFeed(feed atomFeed) ([]byte, error) {
	var buf bytes.Buffer
	buf.WriteString(xml.Header)
	if err := xml.NewEncoder(&buf).Encode(feed); err != nil {
		return nil, fmt.Errorf("encode feed: %w", err)
	}
	return buf.Bytes(), nil
}

func (h *Threads) newFeed(query moderation.LatestQuery, lang string, latest moderation.Latest) atomFeed {
	words := locale.Match(lang, "", latest.Site.Locale)
	feed := atomFeed{
		Language:  words.Tag,
		ID:        uuidURN(latest.Site.ID),
		Title:     xmlText(words.Text("feed.site", "site", latest.Site.Name)),
		Generator: "Rejoinder",
		Links: []atomLink{
			{Rel: "self", Type: "application/atom+xml", Href: xmlText(h.feedURL(query.SiteSlug, query.ArticleKey, lang))},
		},
	}
	updated := latest.Site.CreatedAt
	if article := latest.Article; article.Key != "" {
		feed.ID = h.threadPageURL(query.SiteSlug, url.Values{"article": {article.Key}})
		if article.ID != "" {
			feed.ID, updated = uuidURN(article.ID), article.CreatedAt
		}
		feed.Title = xmlText(words.Text("feed.article", "title", page.PublicHeading(article, latest.Site)))
		feed.Links = append(feed.Links,
			atomLink{Rel: "alternate", Type: "text/html", Href: xmlText(h.articleURL(query.SiteSlug, article))})
	}
	for _, comment := range latest.Comments {
		entry := h.feedEntry(latest.Site, comment, words)
		feed.Entries = append(feed.Entries, entry)
		for _, at := range []time.Time{comment.CreatedAt, comment.EditedAt} {
			if at.After(updated) {
				updated = at
			}
		}
	}
	feed.Updated = page.MachineTime(updated)
	return feed
}

func (h *Threads) feedEntry(site moderation.Site, comment moderation.LatestComment, words *locale.Language) atomEntry {
	updated := comment.CreatedAt
	if comment.EditedAt.After(updated) {
		updated = comment.EditedAt
	}
	title := words.Text("feed.entry", "name", comment.AuthorName, "title", page.PublicHeading(comment.Article, site))
	href := h.commentURL(site.Slug, comment.Article, comment.ID)
	entry := atomEntry{
		ID:        uuidURN(comment.ID),
		Title:     xmlText(title),
		Published: page.MachineTime(comment.CreatedAt),
		Updated:   page.MachineTime(updated),
		Author:    atomAuthor{Name: xmlText(comment.AuthorName)},
		Link:      atomLink{Rel: "alternate", Type: "text/html", Href: xmlText(href)},
		Content:   atomContent{Type: "html", HTML: xmlText(comment.BodyHTML)},
	}
	if comment.ParentID != "" {
		entry.InReplyTo = &atomReplyTo{Ref: uuidURN(comment.ParentID)}
	}
	return entry
}

func uuidURN(id string) string { return "urn:uuid:" + id }

// feedURL is the feed of an article or, without a key, of the site. Without a language it is in the site's.
func (h *Threads) feedURL(site, key, lang string) string {
	query := url.Values{}
	if key != "" {
		query.Set("article", key)
	}
	if lang != "" {
		query.Set("lang", lang)
	}
	to := string(h.PublicURL) + "/sites/" + url.PathEscape(site) + "/feed.atom"
	if len(query) > 0 {
		to += "?" + query.Encode()
	}
	return to
}

// articleURL is the article's URL if it is trusted, otherwise our page of its thread.
func (h *Threads) articleURL(site string, article moderation.Article) string {
	if article.URL != "" && article.TitleTrusted() {
		return withoutFragment(article.URL)
	}
	return h.threadPageURL(site, url.Values{"article": {article.Key}})
}

// commentURL is the absolute URL of a comment in its article, or on our page.
func (h *Threads) commentURL(site string, article moderation.Article, id string) string {
	if article.URL != "" && article.TitleTrusted() {
		return withoutFragment(article.URL) + "#" + page.CommentAnchor(id)
	}
	return h.threadPageURL(site, url.Values{"article": {article.Key}, "comment": {id}}) + "#" + page.CommentAnchor(id)
}

// threadPageURL is the absolute URL of our page of a thread.
func (h *Threads) threadPageURL(site string, query url.Values) string {
	return string(h.PublicURL) + "/sites/" + url.PathEscape(site) + "/page?" + query.Encode()
}

func withoutFragment(rawURL string) string {
	rawURL, _, _ = strings.Cut(rawURL, "#")
	return rawURL
}
