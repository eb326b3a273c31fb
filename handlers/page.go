package handlers

import (
	"cmp"
	"html/template"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/moderation"
)

// place is where on which page a reader is: enough to come back to it.
type place struct {
	path    string // of the page: demoPath or /sites/{site}/page
	site    string
	article string
	sort    moderation.ThreadSort
	cursor  string
	root    string // only what is below this root
	replyTo string // the comment that the form answers
}

// placeOf reads a place from a query or a form. What is not understood falls back to the plain page.
func placeOf(site string, values url.Values) place {
	p := place{
		path: "/sites/" + site + "/page", site: site, article: values.Get("article"), sort: moderation.ThreadOldest,
		cursor: values.Get("cursor"), root: values.Get("root"), replyTo: values.Get("reply_to"),
	}
	if moderation.ThreadSort(values.Get("sort")) == moderation.ThreadNewest {
		p.sort = moderation.ThreadNewest
	}
	return p
}

// start is the same page without cursor, branch or reply.
func (p place) start() place {
	p.cursor, p.root, p.replyTo = "", "", ""
	return p
}

func (p place) sorted(sort moderation.ThreadSort) place {
	p = p.start()
	p.sort = sort
	return p
}

func (p place) continued(cursor string) place {
	p.cursor, p.replyTo = cursor, ""
	return p
}

func (p place) branch(root, cursor string) place {
	p.root, p.cursor, p.replyTo = root, cursor, ""
	return p
}

func (p place) replyingTo(id string) place {
	p.replyTo = id
	return p
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
	put("reply_to", p.replyTo)
	to := url.URL{Path: p.path, RawQuery: query.Encode(), Fragment: fragment}
	return to.String()
}

// threadView is a reader's page.
type threadView struct {
	frame
	discussion
	SiteName   string
	Heading    string
	ArticleURL string
	Kept       string // what a reader wrote that can't be sent any more
}

// discussion is everything about comments on a page.
type discussion struct {
	PublishedAt   time.Time // zero: not shown
	Count         int
	CommentsTitle string
	Comments      []*commentView
	BackURL       string
	Sorts         []link
	Pages         []link
	Form          *formView // nil: closed
}

// link is a place to go; without Href it is where the reader is.
type link struct {
	Text string
	Href string
}

// commentView is one comment on a page.
type commentView struct {
	ID         string
	Tombstone  bool
	Notice     string // said to its own writer
	AuthorName string
	AuthorURL  string
	CreatedAt  time.Time
	Edited     bool
	HTML       template.HTML // written by moderation/text alone
	Permalink  string
	ReplyURL   string // empty: no reply possible
	MoreURL    string // further replies, on a page of their own
	Replies    []*commentView
}

// threadPage serves a thread with its form, for browsers with or without script.
func (s *Server) threadPage(c *gin.Context) error {
	at := placeOf(c.Param("site"), c.Request.URL.Query())
	view, thread, err := s.threadView(c, at)
	if err != nil {
		return err
	}
	if thread.Article.ID == "" {
		view.Title = "No such article"
		return s.render(c, http.StatusNotFound, "missing", view)
	}
	return s.render(c, http.StatusOK, "thread", view)
}

// threadView gathers a place's page, with an empty form that holds what the browser remembers.
func (s *Server) threadView(c *gin.Context, at place) (threadView, moderation.Thread, error) {
	thread, err := s.Threads.Thread(c.Request.Context(), moderation.ThreadQuery{
		SiteSlug: at.site, ArticleKey: at.article, Sort: at.sort, Limit: moderation.DefaultThreadLimit, Cursor: at.cursor, RootID: at.root,
	})
	if err != nil {
		return threadView{}, thread, err
	}
	own := s.ownComments(c, at)
	form := s.emptyForm(c, at, thread)
	personal(c, len(own) > 0 || form.Email != "")
	article := thread.Article
	view := threadView{
		frame:      frame{Lang: thread.Site.Locale, Style: "page.css"},
		discussion: newDiscussion(at, thread, own),
		SiteName:   thread.Site.Name, Heading: threadHeading(thread), ArticleURL: article.URL,
	}
	view.Title = view.Heading + " – " + view.SiteName
	if at.path == demoPath {
		view.PublishedAt = article.PublishedAt
	}
	if !thread.Closed {
		view.Form = form.view(at, view.Comments, nil)
	}
	return view, thread, nil
}

// personal keeps a page that shows something of one reader out of every cache. Other pages may be stored, but not used
// unasked, since an approval must show at once.
func personal(c *gin.Context, yes bool) {
	c.Header("Vary", "Cookie")
	c.Header("Cache-Control", "no-cache")
	if yes {
		c.Header("Cache-Control", "private, no-store")
	}
}

// threadHeading names the article, or its site as long as the article's names are only what some request said.
func threadHeading(thread moderation.Thread) string {
	if !thread.Article.Vouched() {
		return thread.Site.Name
	}
	return articleHeading(thread.Article)
}

func articleHeading(a moderation.Article) string { return cmp.Or(a.Title, a.URL, a.Key) }

func newDiscussion(at place, thread moderation.Thread, own []moderation.OwnComment) discussion {
	builder := threadBuilder{at: at, maxDepth: thread.Site.Settings.MaxDepth, closed: thread.Closed,
		byID: map[string]*commentView{}}
	d := discussion{Count: thread.Count, Comments: builder.comments(thread.Roots)}
	d.Comments = builder.addOwn(d.Comments, own)
	// The time of registration stands in for an unknown time of publication.
	if a := thread.Article; !a.PublishedAt.Equal(a.CreatedAt) {
		d.PublishedAt = a.PublishedAt
	}
	d.CommentsTitle = countLine(thread.Count)
	switch {
	case at.root != "":
		d.CommentsTitle = "More replies"
		d.BackURL = at.start().address("comments")
	case thread.Count == 0:
		d.CommentsTitle = "Comments"
	}
	if at.root == "" && thread.Count > 1 {
		d.Sorts = sortLinks(at)
	}
	d.Pages = pageLinks(at, thread.NextCursor)
	return d
}

func sortLinks(at place) []link {
	links := []link{{Text: "oldest first"}, {Text: "newest first"}}
	for i, sort := range []moderation.ThreadSort{moderation.ThreadOldest, moderation.ThreadNewest} {
		if at.sort != sort {
			links[i].Href = at.sorted(sort).address("comments")
		}
	}
	return links
}

// pageLinks lead to the first and the next page of roots, or of the replies below one root.
func pageLinks(at place, next string) []link {
	first, further := "Oldest comments", "Newer comments"
	switch {
	case at.root != "":
		first, further = "First replies", "More replies"
	case at.sort == moderation.ThreadNewest:
		first, further = "Newest comments", "Older comments"
	}
	var links []link
	if at.cursor != "" && at.root == "" {
		links = append(links, link{Text: "← " + first, Href: at.continued("").address("comments")})
	}
	if next != "" {
		links = append(links, link{Text: further + " →", Href: at.continued(next).address("comments")})
	}
	return links
}

// threadBuilder turns a thread into what a template shows.
type threadBuilder struct {
	at       place
	maxDepth int
	closed   bool
	byID     map[string]*commentView
}

func (b *threadBuilder) comments(nodes []*moderation.ThreadNode) []*commentView {
	views := make([]*commentView, 0, len(nodes))
	for _, n := range nodes {
		views = append(views, b.comment(n))
	}
	return views
}

func (b *threadBuilder) comment(n *moderation.ThreadNode) *commentView {
	v := &commentView{
		ID: n.ID, Tombstone: n.Tombstone, AuthorName: n.AuthorName, AuthorURL: n.AuthorURL, CreatedAt: n.CreatedAt,
		Edited: !n.EditedAt.IsZero(), HTML: template.HTML(n.BodyHTML), Permalink: b.permalink(n.ID),
		Replies: b.comments(n.Replies),
	}
	if !b.closed && !n.Tombstone && n.Depth < b.maxDepth {
		v.ReplyURL = b.at.replyingTo(n.ID).address("respond")
	}
	if n.MoreReplies != "" {
		v.MoreURL = b.at.branch(n.ID, n.MoreReplies).address("comments")
	}
	b.byID[n.ID] = v
	return v
}

func (b *threadBuilder) permalink(id string) string {
	return b.at.replyingTo("").address(commentAnchor(id))
}

func commentAnchor(id string) string { return "comment-" + id }

// What writers are told about their own comments.
const (
	noticePending   = "Your comment is awaiting moderation."
	noticePublished = "Your comment was published."
	noticeDeclined  = "Your comment was not published."
)

// addOwn shows writers what they just sent, to nobody else: below its parent, or at the end of the thread.
func (b *threadBuilder) addOwn(top []*commentView, own []moderation.OwnComment) []*commentView {
	for i := len(own) - 1; i >= 0; i-- {
		o := own[i]
		if b.byID[o.ID] != nil {
			continue
		}
		v := &commentView{
			ID: o.ID, Notice: ownNotice(o), AuthorName: o.AuthorName, AuthorURL: o.AuthorURL, CreatedAt: o.CreatedAt,
			Edited: !o.EditedAt.IsZero(), HTML: template.HTML(o.BodyHTML), Permalink: b.permalink(o.ID),
		}
		b.byID[o.ID] = v
		if parent := b.byID[o.ParentID]; parent != nil {
			parent.Replies = append(parent.Replies, v)
			continue
		}
		top = append(top, v)
	}
	return top
}

func ownNotice(o moderation.OwnComment) string {
	switch o.Status {
	case moderation.StatusApproved:
		return noticePublished
	case moderation.StatusRejected:
		if o.PublicReason != "" {
			return noticeDeclined + " " + o.PublicReason
		}
		return noticeDeclined
	}
	return noticePending
}
