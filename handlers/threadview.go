package handlers

import (
	"html/template"
	"slices"
	"strings"
	"time"

	"rejoinder/handlers/locale"
	"rejoinder/moderation"
)

// threadView is a reader's page, or what is embedded of it.
type threadView struct {
	frame
	SiteName   string
	Heading    string
	ArticleURL string
	Kept       string // what a reader wrote that can't be sent any more

	PublishedAt   time.Time // zero: not shown
	Version       int64
	Count         int
	CommentsTitle string
	Comments      []*commentView
	BackURL       string
	Ways          []link // on from here, when there is no article
	Sorts         []link
	Pages         []link
	Form          *formView // nil: closed
	Acts          []hiddenField

	byID map[string]*commentView
}

// Words are what the widget says besides what is in its HTML, as JSON.
func (v *threadView) Words() string { return v.words.Words() }

// link is a place to go; without Href it is where the reader is.
type link struct {
	Text string
	Href string
	Next bool // leads to what is added below
}

// commentView is one comment on a page.
type commentView struct {
	ID         string
	ParentID   string
	Tombstone  bool
	Focused    bool
	Notice     string // said to its own writer
	ManageURL  string // for its own writer
	AuthorName string
	AuthorURL  string
	Staff      bool
	Avatar     template.HTML
	CreatedAt  time.Time
	Edited     bool
	HTML       template.HTML // written by moderation/text alone
	Permalink  string
	ParentName string // set where the parent does not stand directly above
	ParentURL  string
	ReplyURL   string // empty: no reply possible
	Votes      *votesView
	ReportURL  string // empty: the site takes no reports
	MoreURL    string // further replies, on a page of their own
	Replies    []*commentView
}

// votesView is where readers vote on a comment.
type votesView struct {
	ID   string
	Up   int
	Down int
	Both bool // also against
}

func (s *Server) newThreadView(at place, thread moderation.Thread, words *locale.Language) *threadView {
	article := thread.Article
	view := &threadView{
		frame:    frame{Lang: words.Tag, Dir: words.Dir, words: words, Style: "page.css"},
		SiteName: thread.Site.Name, Heading: publicHeading(article, thread.Site), ArticleURL: article.URL,
		Version: article.Version, Count: thread.Count, byID: map[string]*commentView{},
	}
	if thread.Site.Settings.Votes != moderation.VotesOff && thread.Count > 0 {
		view.Acts = []hiddenField{{"article", at.article}, {"site", at.site}, {"sort", at.sortWord()}, {"lang", at.lang}}
	}
	view.Title = view.Heading + " – " + view.SiteName
	// The time of registration stands in for an unknown time of publication.
	if at.path == demoPath || !article.PublishedAt.Equal(article.CreatedAt) {
		view.PublishedAt = article.PublishedAt
	}
	if !at.embedded {
		s.describe(view, at, thread)
	}
	builder := threadBuilder{at: at, thread: thread, view: view}
	view.Comments = builder.list(thread.Roots, 0, thread.RootID != "")
	for _, v := range view.byID {
		if v.ParentName != "" && view.byID[v.ParentID] == nil {
			v.ParentURL = at.holding(v.ParentID).address(commentAnchor(v.ParentID))
		}
	}
	view.head(at, thread)
	return view
}

// head says what the list is, and where else there is something to read.
func (v *threadView) head(at place, thread moderation.Thread) {
	v.CommentsTitle = v.words.Count("comments.count", thread.Count)
	switch {
	case thread.RootID != "":
		v.CommentsTitle = v.words.Text("replies.more")
	case thread.Count == 0:
		v.CommentsTitle = v.words.Text("comments.title")
	}
	if thread.RootID != "" || at.cursor != "" || thread.Focus != "" {
		v.BackURL = at.start().address("comments")
	}
	if thread.RootID == "" && thread.Count > 1 {
		sorts := []moderation.ThreadSort{moderation.ThreadOldest, moderation.ThreadNewest}
		if thread.Site.Settings.Votes != moderation.VotesOff {
			sorts = append(sorts, moderation.ThreadBest)
		}
		for _, sort := range sorts {
			l := link{Text: v.words.Text("sort." + string(sort))}
			if at.sort != sort {
				l.Href = at.sorted(sort).address("comments")
			}
			v.Sorts = append(v.Sorts, l)
		}
	}
	if thread.NextCursor != "" {
		further := at.continued(thread.NextCursor)
		text := "comments.more"
		if thread.RootID != "" {
			further, text = at.branch(thread.RootID, thread.NextCursor), "replies.more"
		}
		v.Pages = []link{{Text: v.words.Text(text), Href: further.address("comments"), Next: true}}
	}
}

// threadBuilder turns a thread into what a template shows.
type threadBuilder struct {
	at     place
	thread moderation.Thread
	view   *threadView
}

// list lays comments out at a level: nested as deep as the site shows it, and flat from there on. What stands flat, not
// directly below its parent, says to whom it replies.
func (b *threadBuilder) list(nodes []*moderation.ThreadNode, level int, flat bool) []*commentView {
	views := make([]*commentView, 0, len(nodes))
	for _, n := range nodes {
		v := b.comment(n)
		if flat {
			v.ParentName, v.ParentURL = n.ParentName, "#"+commentAnchor(n.ParentID)
		}
		views = append(views, v)
		if level >= b.thread.Site.Settings.DisplayDepth {
			views = append(views, b.list(n.Replies, level, true)...)
			continue
		}
		v.Replies = b.list(n.Replies, level+1, false)
	}
	return views
}

func (b *threadBuilder) comment(n *moderation.ThreadNode) *commentView {
	settings := b.thread.Site.Settings
	v := &commentView{
		ID: n.ID, ParentID: n.ParentID, Tombstone: n.Tombstone, Focused: n.ID == b.thread.Focus, AuthorName: n.AuthorName,
		AuthorURL: n.AuthorURL, Staff: n.Staff, CreatedAt: n.CreatedAt, Edited: !n.EditedAt.IsZero(),
		HTML: template.HTML(n.BodyHTML), Permalink: b.permalink(n.ID),
	}
	if !n.Tombstone {
		v.Avatar = avatar(n.Avatar)
		if settings.Reports {
			v.ReportURL = b.at.reporting(n.ID)
		}
		if settings.Votes != moderation.VotesOff {
			v.Votes = &votesView{ID: n.ID, Up: n.UpVotes, Down: n.DownVotes, Both: settings.Votes == moderation.VotesUpDown}
		}
		if !b.thread.Closed && n.Depth < settings.MaxDepth {
			v.ReplyURL = b.at.replyingTo(n.ID).address("respond")
		}
	}
	if n.MoreReplies != "" {
		v.MoreURL = b.at.branch(n.ID, n.MoreReplies).address("comments")
	}
	b.view.byID[n.ID] = v
	return v
}

// permalink is the comment under the article itself where we know its address, else on our page.
func (b *threadBuilder) permalink(id string) string {
	if b.at.embedded && b.thread.Article.URL != "" {
		address, _, _ := strings.Cut(b.thread.Article.URL, "#")
		return address + "#" + commentAnchor(id)
	}
	return b.at.holding(id).address(commentAnchor(id))
}

func commentAnchor(id string) string { return "comment-" + id }

// addOwn shows writers what they sent and nobody else sees: below its parent, or at the end of the thread.
func (v *threadView) addOwn(at place, own []ownComment) {
	for _, o := range slices.Backward(own) {
		if v.byID[o.ID] != nil {
			continue
		}
		view := newOwnView(o, v.words)
		view.Permalink = at.replyingTo("").address(commentAnchor(o.ID))
		v.byID[o.ID] = view
		if parent := v.byID[o.ParentID]; parent != nil {
			parent.Replies = append(parent.Replies, view)
			continue
		}
		v.Comments = append(v.Comments, view)
	}
}

// ownComment is a comment with the receipt that its writer's browser holds.
type ownComment struct {
	moderation.OwnComment
	Receipt string
}

func newOwnView(o ownComment, words *locale.Language) *commentView {
	return &commentView{
		ID: o.ID, ParentID: o.ParentID, Notice: ownNotice(o.OwnComment, words), ManageURL: statusAddress(o, words.Tag),
		AuthorName: o.AuthorName, AuthorURL: o.AuthorURL, CreatedAt: o.CreatedAt, Edited: !o.EditedAt.IsZero(),
		HTML: template.HTML(o.BodyHTML), Permalink: "#" + commentAnchor(o.ID), Avatar: avatar(""),
	}
}

// ownNotice is what writers are told about their own comment, with the reason where there is one.
func ownNotice(o moderation.OwnComment, words *locale.Language) string {
	key := "own.pending"
	switch o.Status {
	case moderation.StatusApproved:
		return words.Text("own.approved")
	case moderation.StatusRejected:
		key = "own.rejected"
	}
	if why := refusalWords(o, words); why != "" {
		return words.Text(key) + " " + why
	}
	return words.Text(key)
}
