package reader

import (
	"html/template"
	"slices"
	"strings"
	"time"

	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/moderation"
	"rejoinder/moderation/text"
)

// threadView is a reader's page, or what is embedded of it.
type threadView struct {
	page.Frame
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
	Ways          []page.Link // links to continue if there is no article
	Sorts         []page.Link
	Pages         []page.Link
	Form          *formView // nil: closed
	Lost          bool      // the requested comment is not here
	Acts          []page.HiddenField

	byID map[string]*commentView
}

// Words are what the widget says besides what is in its HTML, as JSON.
func (v *threadView) Words() string { return v.Locale.Words() }

// commentView is one comment on a page.
type commentView struct {
	ID         string
	ParentID   string
	Tombstone  bool
	Focused    bool
	Own        *ownView // for its own writer; nil for everyone else
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
	Voted      string // message about the reader's vote: voteReplaced or voteCounted; empty: none
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

// ownView holds what only a comment's writer sees.
type ownView struct {
	State     moderation.Status
	Notice    string // its state; empty if that is obvious
	StatusURL string
	EditUntil time.Time // zero: editing is not possible
	MayAppeal bool
}

// EditURL is the URL of the form that edits the comment.
func (v ownView) EditURL() string { return v.StatusURL + "#edit" }

// AppealURL is the URL of the appeal form.
func (v ownView) AppealURL() string { return v.StatusURL + "#appeal" }

// DeleteURL is the URL of the page that asks to confirm the deletion.
func (v ownView) DeleteURL() string { return v.StatusURL + "&ask=" + actWithdraw }

func (h *Threads) newThreadView(at page.ThreadURL, thread moderation.Thread, words *locale.Language) *threadView {
	article := thread.Article
	view := &threadView{
		Frame:      page.Frame{Lang: words.Tag, Dir: words.Dir, Locale: words, Style: "page.css"},
		SiteName:   thread.Site.Name,
		Heading:    page.PublicHeading(article, thread.Site),
		ArticleURL: article.URL,
		Version:    article.Version,
		Count:      thread.Count,
		Lost:       at.Query().Focus != thread.Focus,
		byID:       map[string]*commentView{},
	}
	if thread.Site.Settings.Votes != moderation.VotesOff && thread.Count > 0 {
		view.Acts = []page.HiddenField{page.Hidden("article", at.Article), page.Hidden("site", at.Site), page.Hidden("sort", at.SortParam()), page.Hidden("lang", at.Lang)}
	}
	view.Title = view.Heading + " – " + view.SiteName
	// The time of registration stands in for an unknown time of publication.
	if at.Path == page.DemoPath || !article.PublishedAt.Equal(article.CreatedAt) {
		view.PublishedAt = article.PublishedAt
	}
	if !at.Embedded {
		h.describe(view, at, thread)
	}
	builder := threadBuilder{at: at, thread: thread, view: view}
	view.Comments = builder.list(thread.Roots, 0, thread.RootID != "")
	for _, v := range view.byID {
		if v.ParentName != "" && view.byID[v.ParentID] == nil {
			v.ParentURL = at.ForComment(v.ParentID).Link(page.CommentAnchor(v.ParentID))
		}
	}
	view.head(at, thread)
	return view
}

// head says what the list is, and where else there is something to read.
func (v *threadView) head(at page.ThreadURL, thread moderation.Thread) {
	v.CommentsTitle = v.Locale.Count("comments.count", thread.Count)
	switch {
	case thread.RootID != "":
		v.CommentsTitle = v.Locale.Text("replies.more")
	case thread.Count == 0:
		v.CommentsTitle = v.Locale.Text("comments.title")
	}
	if thread.RootID != "" || at.Cursor != "" || thread.Focus != "" {
		v.BackURL = at.FirstPage().Link("comments")
	}
	if thread.RootID == "" && thread.Count > 1 {
		sorts := []moderation.ThreadSort{moderation.ThreadOldest, moderation.ThreadNewest}
		if thread.Site.Settings.Votes != moderation.VotesOff {
			sorts = append(sorts, moderation.ThreadBest)
		}
		for _, sort := range sorts {
			l := page.Link{Text: v.Locale.Text("sort." + string(sort))}
			if at.Sort != sort {
				l.Href = at.WithSort(sort).Link("comments")
			}
			v.Sorts = append(v.Sorts, l)
		}
	}
	if thread.NextCursor != "" {
		further := at.WithCursor(thread.NextCursor)
		text := "comments.more"
		if thread.RootID != "" {
			further, text = at.WithRoot(thread.RootID, thread.NextCursor), "replies.more"
		}
		v.Pages = []page.Link{{Text: v.Locale.Text(text), Href: further.Link("comments"), Next: true}}
	}
}

// threadBuilder turns a thread into what a template shows.
type threadBuilder struct {
	at     page.ThreadURL
	thread moderation.Thread
	view   *threadView
}

// list lays comments out at a level: nested as deep as the site shows it, and flat from there on. What stands
// flat, not directly below its parent, says to whom it replies.
func (b *threadBuilder) list(nodes []*moderation.ThreadNode, level int, flat bool) []*commentView {
	views := make([]*commentView, 0, len(nodes))
	for _, n := range nodes {
		v := b.comment(n)
		if flat {
			v.ParentName, v.ParentURL = n.ParentName, "#"+page.CommentAnchor(n.ParentID)
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
	if v.Focused {
		v.Voted = b.at.Voted
	}
	if !n.Tombstone {
		v.Avatar = page.Avatar(n.Avatar)
		if settings.Reports {
			v.ReportURL = b.at.ReportLink(n.ID)
		}
		if settings.Votes != moderation.VotesOff {
			v.Votes = &votesView{ID: n.ID, Up: n.UpVotes, Down: n.DownVotes, Both: settings.Votes == moderation.VotesUpDown}
		}
		if !b.thread.Closed && n.Depth < settings.MaxDepth {
			v.ReplyURL = b.at.WithReply(n.ID).Link("respond")
		}
	}
	if n.MoreReplies != "" {
		v.MoreURL = b.at.WithRoot(n.ID, n.MoreReplies).Link("comments")
	}
	b.view.byID[n.ID] = v
	return v
}

// permalink is the comment under the article itself where we know its address, else on our page.
func (b *threadBuilder) permalink(id string) string {
	if b.at.Embedded && b.thread.Article.URL != "" {
		address, _, _ := strings.Cut(b.thread.Article.URL, "#")
		return address + "#" + page.CommentAnchor(id)
	}
	return b.at.ForComment(id).Link(page.CommentAnchor(id))
}

// addOwn marks the reader's own comments, and adds those that nobody else sees: below their parent, or at the
// end of the thread. Public comments on another page are added while they are new.
func (v *threadView) addOwn(at page.ThreadURL, own []ownComment, now time.Time) {
	for _, o := range slices.Backward(own) {
		view := newOwnCommentView(o, v.Locale, now)
		if public := v.byID[o.ID]; public != nil {
			public.take(view)
			continue
		}
		if o.Status == moderation.StatusApproved && now.Sub(o.CreatedAt) > freshFor {
			continue
		}
		v.Lost = v.Lost && at.Focus != o.ID
		view.Permalink = at.WithReply("").Link(page.CommentAnchor(o.ID))
		v.byID[o.ID] = view
		if parent := v.byID[o.ParentID]; parent != nil {
			parent.Replies = append(parent.Replies, view)
			continue
		}
		v.Comments = append(v.Comments, view)
	}
}

// take turns a comment's public view into its writer's view; a tombstone shows the comment behind it.
func (v *commentView) take(own *commentView) {
	if v.Tombstone {
		own.Permalink, own.Replies, own.MoreURL = v.Permalink, v.Replies, v.MoreURL
		own.ParentName, own.ParentURL = v.ParentName, v.ParentURL
		*v = *own
		return
	}
	own.Own.Notice = ""
	v.Own, v.Votes, v.ReportURL = own.Own, own.Votes, ""
}

// TrueHost is the host of the author's website if the name suggests another host: "paypal.com" is a valid
// name.
func (v *commentView) TrueHost() string { return text.TrueHost(v.AuthorName, v.AuthorURL) }

// ownComment is a comment with the receipt that its writer's browser holds.
type ownComment struct {
	moderation.AuthorView
	Receipt string
}

// freshFor is how long writers see their public comment beside a page that does not contain it.
const freshFor = time.Hour

func newOwnCommentView(o ownComment, words *locale.Language, now time.Time) *commentView {
	v := &commentView{
		ID:         o.ID,
		ParentID:   o.ParentID,
		AuthorName: o.AuthorName,
		AuthorURL:  o.AuthorURL,
		CreatedAt:  o.CreatedAt,
		Edited:     !o.EditedAt.IsZero(),
		Permalink:  "#" + page.CommentAnchor(o.ID),
		Avatar:     page.Avatar(""),
		Own: &ownView{
			State:     o.Status,
			Notice:    ownNotice(o.AuthorView, words),
			StatusURL: statusAddress(o, words.Tag),
			MayAppeal: o.MayAppeal,
		},
	}
	if o.Status != moderation.StatusDeleted {
		v.HTML = template.HTML(o.BodyHTML)
	}
	if now.Before(o.EditUntil) {
		v.Own.EditUntil = o.EditUntil
	}
	if o.Status == moderation.StatusApproved && o.Votes != moderation.VotesOff {
		v.Votes = &votesView{ID: o.ID, Up: o.UpVotes, Down: o.DownVotes, Both: o.Votes == moderation.VotesUpDown}
	}
	return v
}

// ownNotice is what writers are told about their own comment, with the reason where there is one.
func ownNotice(o moderation.AuthorView, words *locale.Language) string {
	notice := words.Text("own." + string(o.Status))
	if why := page.RefusalWords(o, words); why != "" && o.Status != moderation.StatusApproved {
		notice += " " + isolated(why, words)
	}
	return strings.TrimSpace(notice + " " + appealWords(o, words))
}

// appealWords describe the state of the writer's appeal, if there was one.
func appealWords(o moderation.AuthorView, words *locale.Language) string {
	if key := "appeal." + string(o.Status); !o.AppealedAt.IsZero() && words.Has(key) {
		return words.Text(key)
	}
	return ""
}
