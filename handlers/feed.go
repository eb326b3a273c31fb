package handlers

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
	"rejoinder/moderation"
	"rejoinder/weburl"
)

// feedEntries is how many comments a feed shows: more than a reader misses between two visits of a feed
// reader.
const feedEntries = 30

const atomType = "application/atom+xml; charset=utf-8"

// atomFeed is a feed as RFC 4287 has it. Authors have a name, never an email, and
// no website: a feed can't mark that link as one which search engines should not follow.
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

// atomReplyTo names the comment that an entry answers (RFC 4685).
type atomReplyTo struct {
	Ref string `xml:"ref,attr"`
}

type atomContent struct {
	Type string  `xml:"type,attr"`
	HTML xmlText `xml:",chardata"`
}

// xmlText is written without the characters that XML has no way to write (XML 1.0, production 2): one of them
// would make the whole feed unreadable, and encoding/xml would put a visible mark in its place.
type xmlText string

// MarshalText returns the text without them.
func (t xmlText) MarshalText() ([]byte, error) {
	return []byte(strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '\n', r == '\r', r >= 0x20 && r <= 0xD7FF, r >= 0xE000 && r <= 0xFFFD, r >= 0x10000:
			return r
		}
		return -1
	}, string(t))), nil
}

// feed serves the newest comments of an article or, when none is named, of a whole site. There is no
// Last-Modified: when a comment is taken out the feed gets no younger, and a client that asked by time would
// keep it.
func (s *Server) feed(c *gin.Context) error {
	query := moderation.LatestQuery{
		SiteSlug:   c.Param("site"),
		ArticleKey: weburl.Key(c.Query("article")),
		Limit:      feedEntries,
	}
	asked := ""
	if lang := c.Query("lang"); lang != "" {
		asked = locale.Match(lang, "", "").Tag
	}
	key := pageKey{kind: "feed", site: query.SiteSlug, article: query.ArticleKey, rest: asked}
	return s.answerPublic(c, key, func(ctx context.Context) (rendering, error) {
		latest, err := s.Threads.Latest(ctx, query)
		if err != nil {
			return rendering{}, err
		}
		if query.ArticleKey != "" && !latest.Site.Accepts(latest.Article) {
			return rendering{}, moderation.ErrArticleUnknown
		}
		body, err := encodeFeed(s.newFeed(query, asked, latest))
		if err != nil {
			return rendering{}, err
		}
		return rendering{contentType: atomType, caching: threadCaching, body: body}, nil
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

func (s *Server) newFeed(query moderation.LatestQuery, lang string, latest moderation.Latest) atomFeed {
	words := locale.Match(lang, "", latest.Site.Locale)
	feed := atomFeed{
		Language:  words.Tag,
		ID:        uuidURN(latest.Site.ID),
		Title:     xmlText(words.Text("feed.site", "site", latest.Site.Name)),
		Generator: "Rejoinder",
		Links: []atomLink{
			{Rel: "self", Type: "application/atom+xml", Href: xmlText(s.feedAddress(query.SiteSlug, query.ArticleKey, lang))},
		},
	}
	updated := latest.Site.CreatedAt
	if article := latest.Article; article.Key != "" {
		feed.ID = s.pageAddress(query.SiteSlug, url.Values{"article": {article.Key}})
		if article.ID != "" {
			feed.ID, updated = uuidURN(article.ID), article.CreatedAt
		}
		feed.Title = xmlText(words.Text("feed.article", "title", publicHeading(article, latest.Site)))
		feed.Links = append(
			feed.Links,
			atomLink{Rel: "alternate", Type: "text/html", Href: xmlText(s.readAddress(query.SiteSlug, article))},
		)
	}
	for _, comment := range latest.Comments {
		entry := s.feedEntry(latest.Site, comment, words)
		feed.Entries = append(feed.Entries, entry)
		for _, at := range []time.Time{comment.CreatedAt, comment.EditedAt} {
			if at.After(updated) {
				updated = at
			}
		}
	}
	feed.Updated = machineTime(updated)
	return feed
}

func (s *Server) feedEntry(site moderation.Site, comment moderation.LatestComment, words *locale.Language) atomEntry {
	updated := comment.CreatedAt
	if comment.EditedAt.After(updated) {
		updated = comment.EditedAt
	}
	entry := atomEntry{
		ID: uuidURN(comment.ID),
		Title: xmlText(
			words.Text("feed.entry", "name", comment.AuthorName, "title", publicHeading(comment.Article, site)),
		),
		Published: machineTime(comment.CreatedAt),
		Updated:   machineTime(updated),
		Author:    atomAuthor{Name: xmlText(comment.AuthorName)},
		Link: atomLink{
			Rel:  "alternate",
			Type: "text/html",
			Href: xmlText(s.commentAddress(site.Slug, comment.Article, comment.ID)),
		},
		Content: atomContent{Type: "html", HTML: xmlText(comment.BodyHTML)},
	}
	if comment.ParentID != "" {
		entry.InReplyTo = &atomReplyTo{Ref: uuidURN(comment.ParentID)}
	}
	return entry
}

func uuidURN(id string) string { return "urn:uuid:" + id }

// feedAddress is where a feed is: of one article or, without a key, of the site; in the site's language
// without another.
func (s *Server) feedAddress(site, key, lang string) string {
	query := url.Values{}
	if key != "" {
		query.Set("article", key)
	}
	if lang != "" {
		query.Set("lang", lang)
	}
	to := s.Config.PublicURL + "/sites/" + url.PathEscape(site) + "/feed.atom"
	if len(query) > 0 {
		to += "?" + query.Encode()
	}
	return to
}

// readAddress is where an article is read: at its own address, as far as somebody vouches for it, else on our
// page.
func (s *Server) readAddress(site string, article moderation.Article) string {
	if article.URL != "" && article.Vouched() {
		return withoutFragment(article.URL)
	}
	return s.pageAddress(site, url.Values{"article": {article.Key}})
}

// commentAddress is where a comment is read, from outside.
func (s *Server) commentAddress(site string, article moderation.Article, id string) string {
	if article.URL != "" && article.Vouched() {
		return withoutFragment(article.URL) + "#" + commentAnchor(id)
	}
	return s.pageAddress(site, url.Values{"article": {article.Key}, "comment": {id}}) + "#" + commentAnchor(id)
}

// pageAddress is our own page of a thread, from outside.
func (s *Server) pageAddress(site string, query url.Values) string {
	return s.Config.PublicURL + "/sites/" + url.PathEscape(site) + "/page?" + query.Encode()
}

func withoutFragment(address string) string {
	address, _, _ = strings.Cut(address, "#")
	return address
}
