package page

import (
	"net/url"

	"rejoinder/handlers/locale"
	"rejoinder/moderation"
	"rejoinder/weburl"
)

// DemoPath is the path of the demo article.
const DemoPath = "/demo"

// Values of ThreadURL.Voted, for a vote that meets an earlier one from the same address.
const (
	VoteReplaced = "replaced"
	VoteCounted  = "counted"
)

// ThreadURL is the state of a thread page in its URL.
type ThreadURL struct {
	Path    string // DemoPath or /sites/{site}/page
	Site    string
	Article string
	Sort    moderation.ThreadSort
	Cursor  string
	Root    string // show only the replies below this root
	Focus   string // show the page that contains this comment
	ReplyTo string // the comment that the form replies to
	Voted   string // the result of a vote on the focused comment: VoteReplaced, VoteCounted or empty
	Lang    string // requested language; empty: the browser's, or the site's

	Part     bool // a script requests the changed part of the page
	Embedded bool // the thread is embedded in a page of the site
}

// ParseThreadURL reads the state from a query or a form. Invalid values are ignored.
func ParseThreadURL(site string, values url.Values) ThreadURL {
	u := ThreadURL{
		Path:    "/sites/" + site + "/page",
		Site:    site,
		Article: weburl.Key(values.Get("article")),
		Sort:    moderation.ThreadOldest,
		Cursor:  values.Get("cursor"),
		Root:    values.Get("root"),
		Focus:   values.Get("comment"),
		ReplyTo: values.Get("reply_to"),
		Lang:    KnownLanguage(values.Get("lang")),
		Part:    values.Get("part") != "",
	}
	if voted := values.Get("voted"); voted == VoteReplaced || voted == VoteCounted {
		u.Voted = voted
	}
	switch sort := moderation.ThreadSort(values.Get("sort")); sort {
	case moderation.ThreadNewest, moderation.ThreadBest:
		u.Sort = sort
	}
	return u
}

// KnownLanguage returns the tag of the language that a tag asks for; empty if we have no such language.
func KnownLanguage(tag string) string {
	if l := locale.Find(tag, ""); l != nil {
		return l.Tag
	}
	return ""
}

// Query returns the query for the thread's comments.
func (u ThreadURL) Query() moderation.ThreadQuery {
	q := moderation.ThreadQuery{
		SiteSlug:   u.Site,
		ArticleKey: u.Article,
		Sort:       u.Sort,
		Limit:      moderation.DefaultThreadLimit,
		Cursor:     u.Cursor,
		RootID:     u.Root,
	}
	if u.Cursor == "" && u.Root == "" {
		q.Focus = u.Focus
	}
	return q
}

// FirstPage returns the thread's first page.
func (u ThreadURL) FirstPage() ThreadURL {
	u.Cursor, u.Root, u.Focus, u.ReplyTo, u.Voted = "", "", "", "", ""
	return u
}

// WithSort returns the first page in another order.
func (u ThreadURL) WithSort(sort moderation.ThreadSort) ThreadURL {
	u = u.FirstPage()
	u.Sort = sort
	return u
}

// WithCursor returns the page at a cursor.
func (u ThreadURL) WithCursor(cursor string) ThreadURL {
	u.Cursor, u.Focus, u.ReplyTo, u.Voted = cursor, "", "", ""
	return u
}

// WithRoot returns the page of replies below a root.
func (u ThreadURL) WithRoot(root, cursor string) ThreadURL {
	u.Root, u.Cursor, u.Focus, u.ReplyTo, u.Voted = root, cursor, "", "", ""
	return u
}

// WithReply returns the same page with the form for a reply to a comment, or for a new comment if the id is
// empty.
func (u ThreadURL) WithReply(id string) ThreadURL {
	u.ReplyTo = id
	return u
}

// ForComment returns the page that contains a comment.
func (u ThreadURL) ForComment(id string) ThreadURL {
	u = u.FirstPage()
	u.Focus = id
	return u
}

// ReportLink returns the URL of the page that reports a comment, in the same language.
func (u ThreadURL) ReportLink(id string) string {
	to := "/comments/" + url.PathEscape(id) + "/report"
	if u.Lang != "" {
		to += "?lang=" + url.QueryEscape(u.Lang)
	}
	return to
}

// SortParam returns the query parameter for the order; empty for the default.
func (u ThreadURL) SortParam() string {
	if u.Sort == moderation.ThreadOldest {
		return ""
	}
	return string(u.Sort)
}

// Link returns the URL of the page, with a fragment if it is not empty.
func (u ThreadURL) Link(fragment string) string {
	parts := url.URL{Path: u.Path, Fragment: fragment}
	link := append(make([]byte, 0, maxUsualLink), parts.EscapedPath()...)
	separator := byte('?')
	put := func(name, value string) {
		if value == "" {
			return
		}
		link = append(append(append(link, separator), name...), '=')
		link = append(link, url.QueryEscape(value)...)
		separator = '&'
	}
	if u.Path != DemoPath {
		put("article", u.Article)
	}
	put("comment", u.Focus)
	put("cursor", u.Cursor)
	put("lang", u.Lang)
	put("reply_to", u.ReplyTo)
	put("root", u.Root)
	put("sort", u.SortParam())
	put("voted", u.Voted)
	if fragment != "" {
		link = append(append(link, '#'), parts.EscapedFragment()...)
	}
	return string(link)
}

// maxUsualLink is the length of most links: longer ones take one more allocation.
const maxUsualLink = 256
