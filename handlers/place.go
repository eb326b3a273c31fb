package handlers

import (
	"net/url"

	"rejoinder/handlers/locale"
	"rejoinder/moderation"
	"rejoinder/weburl"
)

// place is where on which page a reader is: enough to come back to it.
type place struct {
	path    string // of the page: demoPath or /sites/{site}/page
	site    string
	article string
	sort    moderation.ThreadSort
	cursor  string
	root    string // only what is below this root
	focus   string // the comment that the page is to hold
	replyTo string // the comment that the form answers
	voted   string // the reader's vote on the comment in focus: voteReplaced, voteCounted or empty
	lang    string // the language that was asked for; empty: the browser's, or the site's
	// part: a script asks, and takes only the part of the page that changes.
	part bool
	// embedded: the page around the thread is not ours.
	embedded bool
}

// placeOf reads a place from a query or a form. What is not understood falls back to the plain page.
func placeOf(site string, values url.Values) place {
	p := place{
		path:    "/sites/" + site + "/page",
		site:    site,
		article: weburl.Key(values.Get("article")),
		sort:    moderation.ThreadOldest,
		cursor:  values.Get("cursor"),
		root:    values.Get("root"),
		focus:   values.Get("comment"),
		replyTo: values.Get("reply_to"),
		lang:    asked(values.Get("lang")),
		part:    values.Get("part") != "",
	}
	if voted := values.Get("voted"); voted == voteReplaced || voted == voteCounted {
		p.voted = voted
	}
	switch sort := moderation.ThreadSort(values.Get("sort")); sort {
	case moderation.ThreadNewest, moderation.ThreadBest:
		p.sort = sort
	}
	return p
}

// asked is the language of ours that a page asks for by its tag; empty for none.
func asked(tag string) string {
	if l := locale.Find(tag, ""); l != nil {
		return l.Tag
	}
	return ""
}

// query is what the place asks of the thread.
func (p place) query() moderation.ThreadQuery {
	q := moderation.ThreadQuery{
		SiteSlug:   p.site,
		ArticleKey: p.article,
		Sort:       p.sort,
		Limit:      moderation.DefaultThreadLimit,
		Cursor:     p.cursor,
		RootID:     p.root,
	}
	if p.cursor == "" && p.root == "" {
		q.Focus = p.focus
	}
	return q
}

// start is the same page without cursor, branch or reply.
func (p place) start() place {
	p.cursor, p.root, p.focus, p.replyTo, p.voted = "", "", "", "", ""
	return p
}

func (p place) sorted(sort moderation.ThreadSort) place {
	p = p.start()
	p.sort = sort
	return p
}

func (p place) continued(cursor string) place {
	p.cursor, p.focus, p.replyTo, p.voted = cursor, "", "", ""
	return p
}

func (p place) branch(root, cursor string) place {
	p.root, p.cursor, p.focus, p.replyTo, p.voted = root, cursor, "", "", ""
	return p
}

func (p place) replyingTo(id string) place {
	p.replyTo = id
	return p
}

// holding is the page on which one comment is.
func (p place) holding(id string) place {
	p = p.start()
	p.focus = id
	return p
}

// reporting is where a comment is reported, in the language of the page.
func (p place) reporting(id string) string {
	to := url.URL{Path: "/comments/" + id + "/report"}
	if p.lang != "" {
		to.RawQuery = url.Values{"lang": {p.lang}}.Encode()
	}
	return to.String()
}

// sortWord is empty for the usual order.
func (p place) sortWord() string {
	if p.sort == moderation.ThreadOldest {
		return ""
	}
	return string(p.sort)
}

// address is the place as a link, with a fragment when one is given.
func (p place) address(fragment string) string {
	query := url.Values{}
	put := func(name, value string) {
		if value != "" {
			query.Set(name, value)
		}
	}
	if p.path != demoPath {
		put("article", p.article)
	}
	put("sort", p.sortWord())
	put("root", p.root)
	put("cursor", p.cursor)
	put("comment", p.focus)
	put("voted", p.voted)
	put("reply_to", p.replyTo)
	put("lang", p.lang)
	to := url.URL{Path: p.path, RawQuery: query.Encode(), Fragment: fragment}
	return to.String()
}
