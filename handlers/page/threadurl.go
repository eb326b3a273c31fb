package page

import (
	"net/url"

	"rejoinder/handlers/locale"
	"rejoinder/moderation"
	"rejoinder/weburl"
)

// place is where on which page a reader is: enough to come back to it.
type ThreadURL struct {
	Path    string // of the page: demoPath or /sites/{site}/page
	Site    string
	Article string
	Sort    moderation.ThreadSort
	Cursor  string
	Root    string // only what is below this root
	Focus   string // the comment that the page is to hold
	ReplyTo string // the comment that the form answers
	Voted   string // the reader's vote on the comment in focus: voteReplaced, voteCounted or empty
	Lang    string // the language that was asked for; empty: the browser's, or the site's
	// Part: a script asks, and takes only the part of the page that changes.
	Part bool
	// Embedded: the page around the thread is not ours.
	Embedded bool
}

// placeOf reads a place from a query or a form. What is not understood falls back to the plain page.
func ParseThreadURL(site string, values url.Values) ThreadURL {
	p := ThreadURL{
		Path:    "/sites/" + site + "/page",
		Site:    site,
		Article: weburl.Key(values.Get("article")),
		Sort:    moderation.ThreadOldest,
		Cursor:  values.Get("cursor"),
		Root:    values.Get("root"),
		Focus:   values.Get("comment"),
		ReplyTo: values.Get("reply_to"),
		Lang:    Asked(values.Get("lang")),
		Part:    values.Get("part") != "",
	}
	if voted := values.Get("voted"); voted == VoteReplaced || voted == VoteCounted {
		p.Voted = voted
	}
	switch sort := moderation.ThreadSort(values.Get("sort")); sort {
	case moderation.ThreadNewest, moderation.ThreadBest:
		p.Sort = sort
	}
	return p
}

// Asked is the language of ours that a page asks for by its tag; empty for none.
func Asked(tag string) string {
	if l := locale.Find(tag, ""); l != nil {
		return l.Tag
	}
	return ""
}

// Query is what the place asks of the thread.
func (p ThreadURL) Query() moderation.ThreadQuery {
	q := moderation.ThreadQuery{
		SiteSlug:   p.Site,
		ArticleKey: p.Article,
		Sort:       p.Sort,
		Limit:      moderation.DefaultThreadLimit,
		Cursor:     p.Cursor,
		RootID:     p.Root,
	}
	if p.Cursor == "" && p.Root == "" {
		q.Focus = p.Focus
	}
	return q
}

// Start is the same page without cursor, branch or reply.
func (p ThreadURL) Start() ThreadURL {
	p.Cursor, p.Root, p.Focus, p.ReplyTo, p.Voted = "", "", "", "", ""
	return p
}

func (p ThreadURL) Sorted(sort moderation.ThreadSort) ThreadURL {
	p = p.Start()
	p.Sort = sort
	return p
}

func (p ThreadURL) Continued(cursor string) ThreadURL {
	p.Cursor, p.Focus, p.ReplyTo, p.Voted = cursor, "", "", ""
	return p
}

func (p ThreadURL) Branch(root, cursor string) ThreadURL {
	p.Root, p.Cursor, p.Focus, p.ReplyTo, p.Voted = root, cursor, "", "", ""
	return p
}

func (p ThreadURL) ReplyingTo(id string) ThreadURL {
	p.ReplyTo = id
	return p
}

// Holding is the page on which one comment is.
func (p ThreadURL) Holding(id string) ThreadURL {
	p = p.Start()
	p.Focus = id
	return p
}

// Reporting is where a comment is reported, in the language of the page.
func (p ThreadURL) Reporting(id string) string {
	to := url.URL{Path: "/comments/" + id + "/report"}
	if p.Lang != "" {
		to.RawQuery = url.Values{"lang": {p.Lang}}.Encode()
	}
	return to.String()
}

// SortWord is empty for the usual order.
func (p ThreadURL) SortWord() string {
	if p.Sort == moderation.ThreadOldest {
		return ""
	}
	return string(p.Sort)
}

// Address is the place as a link, with a fragment when one is given.
func (p ThreadURL) Address(fragment string) string {
	query := url.Values{}
	put := func(name, value string) {
		if value != "" {
			query.Set(name, value)
		}
	}
	if p.Path != DemoPath {
		put("article", p.Article)
	}
	put("sort", p.SortWord())
	put("root", p.Root)
	put("cursor", p.Cursor)
	put("comment", p.Focus)
	put("voted", p.Voted)
	put("reply_to", p.ReplyTo)
	put("lang", p.Lang)
	to := url.URL{Path: p.Path, RawQuery: query.Encode(), Fragment: fragment}
	return to.String()
}

const DemoPath = "/demo"

// Messages for a vote that meets an earlier one from the same address.
const (
	VoteReplaced = "replaced"
	VoteCounted  = "counted"
)
