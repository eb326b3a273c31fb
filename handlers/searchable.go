package handlers

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"

	"rejoinder/moderation"
)

// searchable is what the head of a reader's page tells search engines and feed readers.
type searchable struct {
	Canonical string // the address under which the page is to be known
	Robots    string // empty: as they like
	FeedURL   string
	FeedTitle string
	Posting   *posting // nil: nothing to tell
}

// posting is an article with its discussion in the words of schema.org.
type posting struct {
	Context      string          `json:"@context"`
	Type         string          `json:"@type"`
	ID           string          `json:"@id"`
	URL          string          `json:"url"`
	Headline     string          `json:"headline"`
	Language     string          `json:"inLanguage,omitempty"`
	Published    string          `json:"datePublished,omitempty"`
	Author       linkedAuthor    `json:"author"`
	CommentCount int             `json:"commentCount"`
	Comments     []linkedComment `json:"comment,omitempty"`
}

// linkedComment is a comment in the words of schema.org.
type linkedComment struct {
	Type      string          `json:"@type"`
	ID        string          `json:"@id"`
	URL       string          `json:"url"`
	Published string          `json:"datePublished"`
	Modified  string          `json:"dateModified,omitempty"`
	Author    linkedAuthor    `json:"author"`
	Text      string          `json:"text"`
	Upvotes   int             `json:"upvoteCount,omitempty"`
	Downvotes int             `json:"downvoteCount,omitempty"`
	Replies   []linkedComment `json:"comment,omitempty"`
}

// linkedAuthor has no address: commenters' links are marked as not followed in the page, and so are not told
// here.
type linkedAuthor struct {
	Type string `json:"@type"`
	Name string `json:"name"`
}

// describe fills in a thread page's head. Search engines should index only the first page of a thread, to
// avoid duplicates, and no article that exists only as a URL in a request.
func (s *Server) describe(view *threadView, at place, thread moderation.Thread) {
	article := thread.Article
	if !thread.Site.Accepts(article) {
		return
	}
	home := s.readAddress(at.site, article)
	if at.path == demoPath {
		home = s.Config.PublicURL + demoPath
	}
	view.searchable = searchable{
		Canonical: home,
		FeedURL:   "/sites/" + at.site + "/feed.atom?" + url.Values{"article": {at.article}}.Encode(),
		FeedTitle: view.words.Text("feed.article", "title", view.Heading),
	}
	if at.start().sorted(moderation.ThreadOldest) != at || !article.Vouched() {
		view.Robots = "noindex, follow"
		return
	}
	p := &posting{
		Context: "https://schema.org", Type: "DiscussionForumPosting", ID: home, URL: home, Headline: view.Heading,
		Language: thread.Site.Locale, Author: linkedAuthor{"Organization", thread.Site.Name}, CommentCount: thread.Count,
		Comments: s.linkedComments(thread, thread.Roots),
	}
	if !view.PublishedAt.IsZero() {
		p.Published = machineTime(view.PublishedAt)
	}
	view.Posting = p
}

// linkedComments leaves tombstones out; what replies to one takes its place.
func (s *Server) linkedComments(thread moderation.Thread, nodes []*moderation.ThreadNode) []linkedComment {
	var list []linkedComment
	for _, n := range nodes {
		replies := s.linkedComments(thread, n.Replies)
		if n.Tombstone {
			list = append(list, replies...)
			continue
		}
		address := s.commentAddress(thread.Site.Slug, thread.Article, n.ID)
		c := linkedComment{
			Type:      "Comment",
			ID:        address,
			URL:       address,
			Published: machineTime(n.CreatedAt),
			Author:    linkedAuthor{"Person", n.AuthorName},
			Text:      plainText(n.BodyHTML),
			Upvotes:   n.UpVotes,
			Downvotes: n.DownVotes,
			Replies:   replies,
		}
		if !n.EditedAt.IsZero() {
			c.Modified = machineTime(n.EditedAt)
		}
		list = append(list, c)
	}
	return list
}

// blockElements end a line of text.
var blockElements = map[string]bool{
	"p":          true,
	"br":         true,
	"li":         true,
	"pre":        true,
	"blockquote": true,
	"h1":         true,
	"h2":         true,
	"h3":         true,
	"h4":         true,
	"h5":         true,
	"h6":         true,
	"hr":         true,
	"tr":         true,
}

// plainText is what a comment's HTML says without its markup, a line for each block.
func plainText(rendered string) string {
	var b strings.Builder
	tokens := html.NewTokenizer(strings.NewReader(rendered))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return strings.Join(strings.FieldsFunc(b.String(), func(r rune) bool { return r == '\n' }), "\n")
		case html.TextToken:
			b.Write(tokens.Text())
		case html.EndTagToken, html.SelfClosingTagToken:
			if name, _ := tokens.TagName(); blockElements[string(name)] {
				b.WriteByte('\n')
			}
		}
	}
}
