package reader

import (
	"html"
	"net/url"
	"strings"

	"rejoinder/handlers/page"
	"rejoinder/moderation"
)

// addHead adds what search engines need. They should index only the first page of a thread, to avoid
// duplicates, and no article whose title is not trusted.
func (h *Threads) addHead(view *threadView, at page.ThreadURL, thread moderation.Thread) {
	article := thread.Article
	if !thread.Site.HasThread(article) {
		return
	}
	home := h.articleURL(at.Site, article)
	if at.Path == page.DemoPath {
		home = string(h.PublicURL) + page.DemoPath
	}
	view.Searchable = page.Searchable{
		Canonical: home,
		FeedURL:   "/sites/" + at.Site + "/feed.atom?" + url.Values{"article": {at.Article}}.Encode(),
		FeedTitle: view.Locale.Text("feed.article", "title", view.Heading),
	}
	if at.FirstPage().WithSort(moderation.ThreadOldest) != at || !article.TitleTrusted() {
		view.Robots = "noindex, follow"
		return
	}
	p := &page.Posting{
		Context: "https://schema.org", Type: "DiscussionForumPosting", ID: home, URL: home, Headline: view.Heading,
		Language: thread.Site.Locale, Author: page.LinkedAuthor{Type: "Organization", Name: thread.Site.Name},
		CommentCount: thread.Count, Comments: h.structuredComments(thread, thread.Roots),
	}
	if !view.PublishedAt.IsZero() {
		p.Published = page.MachineTime(view.PublishedAt)
	}
	view.Posting = p
}

// structuredComments returns the comments as structured data. Replies to a tombstone take its place.
func (h *Threads) structuredComments(thread moderation.Thread, nodes []*moderation.ThreadNode) []page.LinkedComment {
	var list []page.LinkedComment
	for _, n := range nodes {
		replies := h.structuredComments(thread, n.Replies)
		if n.Tombstone {
			list = append(list, replies...)
			continue
		}
		commentURL := h.commentURL(thread.Site.Slug, thread.Article, n.ID)
		c := page.LinkedComment{
			Type:      "Comment",
			ID:        commentURL,
			URL:       commentURL,
			Published: page.MachineTime(n.CreatedAt),
			Author:    page.LinkedAuthor{Type: "Person", Name: n.AuthorName},
			Text:      plainText(n.BodyHTML),
			Upvotes:   n.UpVotes,
			Downvotes: n.DownVotes,
			Replies:   replies,
		}
		if !n.EditedAt.IsZero() {
			c.Modified = page.MachineTime(n.EditedAt)
		}
		list = append(list, c)
	}
	return list
}

// blockElements end a line of text.
var blockElements = map[string]bool{
	"p": true, "br": true, "li": true, "pre": true, "blockquote": true, "h1": true, "h2": true, "h3": true, "h4": true,
	"h5": true, "h6": true, "hr": true, "tr": true,
}

// plainText strips the markup of a comment's HTML. Each block becomes a line. The HTML is the renderer's, so
// that each "<" begins a tag, which the next ">" ends.
func plainText(rendered string) string {
	var b strings.Builder
	for rest := rendered; rest != ""; {
		var text, tag string
		text, rest, _ = strings.Cut(rest, "<")
		tag, rest, _ = strings.Cut(rest, ">")
		b.WriteString(html.UnescapeString(text))
		if endsBlock(tag) {
			b.WriteByte('\n')
		}
	}
	return strings.Join(strings.FieldsFunc(b.String(), func(r rune) bool { return r == '\n' }), "\n")
}

// endsBlock reports whether a tag, without its brackets, ends a block: "/p" or "br /".
func endsBlock(tag string) bool {
	name, isEnd := strings.CutPrefix(tag, "/")
	if !isEnd {
		name, isEnd = strings.CutSuffix(tag, "/")
	}
	name, _, _ = strings.Cut(name, " ")
	return isEnd && blockElements[name]
}
