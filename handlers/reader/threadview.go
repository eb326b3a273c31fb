package reader

import (
	"html/template"
	"slices"
	"strings"
	"time"

	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/moderation"
	"rejoinder/moderation/schedule"
	"rejoinder/moderation/text"
)

// threadView is a thread, as a page or a fragment.
type threadView struct {
	page.Frame
	SiteName   string
	Heading    string
	ArticleURL string
	Kept       string // a reader's text that can no longer be sent

	PublishedAt   time.Time // zero: not shown
	Version       int64
	Count         int
	CommentsTitle string
	Comments      []*commentView
	BackURL       string
	Ways          []page.Link // links to continue if there is no article
	Sorts         []page.Link
	Pages         []page.Link
	Form          *formView      // nil: closed
	Opens         string         // when a closed thread opens again; empty: not known
	Lost          bool           // the requested comment is not here
	Follow        *page.MailForm // nil: not offered
	Acts          []page.HiddenField

	guidelines    string // of the site, shown above the form
	guidelinesURL string // of the site's whole guidelines
	askWebsite    bool
	offerMail     bool

	identityRequired bool
	signInURL        string   // of the publication; may be empty
	avatarOrigins    []string // of pictures of signed-in readers

	byID map[string]*commentView
}

// Words are the widget's own texts, as JSON.
func (v *threadView) Words() string { return v.Locale.Words() }

// WriteComments writes the list of comments where the template calls it.
func (v *threadView) WriteComments() template.HTML {
	writeComments(v.Writer(), v.Comments, v.Locale)
	return ""
}

// commentView is one comment on a page.
type commentView struct {
	ID         string
	ParentID   string
	Tombstone  bool
	Focused    bool
	Own        *authorView // nil: the reader is not the author
	AuthorName string
	AuthorURL  string
	Badges     []string // in words
	Staff      bool
	Pinned     bool
	Featured   bool
	Avatar     page.Avatar
	CreatedAt  time.Time
	Edited     bool
	HTML       template.HTML // only from moderation/text
	Permalink  string
	ParentName string // empty: the comment is nested below its parent
	ParentURL  string
	ReplyURL   string // empty: no reply possible
	Votes      *votesView
	Voted      string // page.VoteReplaced or VoteCounted; empty: no message about the reader's vote
	ReportURL  string // empty: the site takes no reports
	CopyURL    string // the permalink to copy; empty: no script can copy it
	Below      int    // approved comments at any level below
	MoreURL    string // page of further replies
	Replies    []*commentView
}

// votesView are the vote buttons of a comment.
type votesView struct {
	ID   string
	Up   int
	Down int
	Both bool // with downvotes
}

// authorView is what only a comment's author sees.
type authorView struct {
	State     moderation.Status
	Notice    string // describes the state; empty: it is public
	StatusURL string
	EditUntil time.Time // zero: editing is not possible
	MayAppeal bool
}

// EditURL is the URL of the form that edits the comment.
func (v authorView) EditURL() string { return v.StatusURL + "#edit" }

// AppealURL is the URL of the appeal form.
func (v authorView) AppealURL() string { return v.StatusURL + "#appeal" }

// DeleteURL is the URL of the page that asks to confirm the deletion.
func (v authorView) DeleteURL() string { return v.StatusURL + "&ask=" + actionWithdraw }

func (h *Threads) newThreadView(at page.ThreadURL, thread moderation.Thread, words *locale.Language) *threadView {
	article := thread.Article
	view := &threadView{
		Frame:         page.Frame{Lang: words.Tag, Dir: words.Dir, Locale: words, Style: "page.css"},
		SiteName:      thread.Site.Name,
		Heading:       page.PublicHeading(article, thread.Site),
		ArticleURL:    article.URL,
		Version:       article.Version,
		Count:         thread.Count,
		Lost:          at.Query().Focus != thread.Focus,
		byID:          make(map[string]*commentView, moderation.DefaultThreadLimit),
		guidelines:    thread.Site.Settings.Guidelines,
		guidelinesURL: thread.Site.Settings.GuidelinesURL,
		askWebsite:    thread.Site.Settings.Website,
		offerMail:     h.Intake.OffersMail(thread.Site),

		identityRequired: thread.Site.Settings.Identity == moderation.IdentityRequired,
		signInURL:        thread.Site.Settings.SignInURL, avatarOrigins: thread.Site.Settings.AvatarOrigins,
	}
	if !thread.OpensAt.IsZero() {
		view.Opens = words.Opening(thread.OpensAt.In(schedule.Zone(thread.Site.Settings.TimeZone)))
	}
	if thread.Site.Settings.Votes != moderation.VotesOff && thread.Count > 0 {
		view.Acts = []page.HiddenField{
			page.Hidden("article", at.Article), page.Hidden("site", at.Site), page.Hidden("sort", at.SortParam()),
			page.Hidden("lang", at.Lang),
		}
	}
	view.Title = view.Heading + " – " + view.SiteName
	// An unknown time of publication is stored as the time of registration.
	if at.Path == page.DemoPath || !article.PublishedAt.Equal(article.CreatedAt) {
		view.PublishedAt = article.PublishedAt
	}
	if !at.Embedded {
		h.addHead(view, at, thread)
	}
	builder := threadBuilder{at: at, thread: thread, view: view}
	view.Comments = builder.list(thread.Roots, 0, thread.RootID != "")
	for _, v := range view.byID {
		if v.ParentName != "" && view.byID[v.ParentID] == nil {
			v.ParentURL = at.ForComment(v.ParentID).Link(page.CommentAnchor(v.ParentID))
		}
	}
	view.addNavigation(at, thread)
	if view.offerMail && article.ID != "" && !thread.Closed {
		view.Follow = page.NewFollowForm(at, words)
	}
	return view
}

// addNavigation adds the heading of the list, and links to other orders and pages.
func (v *threadView) addNavigation(at page.ThreadURL, thread moderation.Thread) {
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

// threadBuilder builds the views of a thread's comments.
type threadBuilder struct {
	at     page.ThreadURL
	thread moderation.Thread
	view   *threadView
}

// list returns the views of comments at a level: nested down to the site's display depth, flat below it. Flat
// comments name whom they reply to.
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
	settings := &b.thread.Site.Settings
	v := &commentView{
		ID: n.ID, ParentID: n.ParentID, Tombstone: n.Tombstone, Focused: n.ID == b.thread.Focus, AuthorName: n.AuthorName,
		AuthorURL: n.AuthorURL, Staff: n.Staff, Pinned: n.Pinned, Featured: n.Featured,
		CreatedAt: n.CreatedAt, Edited: !n.EditedAt.IsZero(),
		HTML: template.HTML(n.BodyHTML), Permalink: b.permalink(n.ID), Below: n.Below,
	}
	if v.Focused {
		v.Voted = b.at.Voted
	}
	if !n.Tombstone {
		v.Avatar = page.Avatar{Picture: n.AvatarURL, Seed: n.Avatar, Name: n.AuthorName}
		v.Badges = badgeWords(n.Badges, b.view.Locale)
		if b.at.Embedded {
			v.CopyURL = v.Permalink
		}
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

// permalink is the comment in the article if the thread is embedded there, otherwise on our page.
func (b *threadBuilder) permalink(id string) string {
	if b.at.Embedded && b.thread.Article.URL != "" {
		return withoutFragment(b.thread.Article.URL) + "#" + page.CommentAnchor(id)
	}
	return b.at.ForComment(id).Link(page.CommentAnchor(id))
}

// addAuthorComments marks the reader's own comments, and adds those that are not on the page: below their
// parent, or at the end of the thread. Public comments are added only while they are new.
func (v *threadView) addAuthorComments(at page.ThreadURL, own []authorComment, now time.Time) {
	for _, o := range slices.Backward(own) {
		view := newAuthorCommentView(o, v.Locale, now)
		if public := v.byID[o.ID]; public != nil {
			public.merge(view)
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

// merge turns a comment's public view into its author's. A tombstone becomes the comment that it replaced.
func (v *commentView) merge(own *commentView) {
	if v.Tombstone {
		own.Permalink, own.Replies, own.MoreURL = v.Permalink, v.Replies, v.MoreURL
		own.ParentName, own.ParentURL = v.ParentName, v.ParentURL
		*v = *own
		return
	}
	own.Own.Notice = ""
	v.Own, v.Votes, v.ReportURL = own.Own, own.Votes, ""
}

// TrueHost is the host of the author's website if their name looks like another host, such as "paypal.com".
func (v *commentView) TrueHost() string { return text.TrueHost(v.AuthorName, v.AuthorURL) }

// authorComment is a comment with the receipt that its author's browser has.
type authorComment struct {
	moderation.AuthorView
	Receipt string
}

// freshFor is how long authors see a public comment on a page that does not contain it.
const freshFor = time.Hour

func newAuthorCommentView(o authorComment, words *locale.Language, now time.Time) *commentView {
	v := &commentView{
		ID:         o.ID,
		ParentID:   o.ParentID,
		AuthorName: o.AuthorName,
		AuthorURL:  o.AuthorURL,
		CreatedAt:  o.CreatedAt,
		Edited:     !o.EditedAt.IsZero(),
		Permalink:  "#" + page.CommentAnchor(o.ID),
		Badges:     badgeWords(o.Badges, words),
		Avatar:     page.Avatar{Picture: o.AvatarURL, Name: o.AuthorName},
		Own: &authorView{
			State:     o.Status,
			Notice:    authorNotice(o.AuthorView, words),
			StatusURL: statusURL(o, words.Tag),
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

// authorNotice describes a comment's status to its author, with the reason if there is one.
func authorNotice(o moderation.AuthorView, words *locale.Language) string {
	notice := words.Text("own." + string(o.Status))
	if why := page.RefusalWords(o, words); why != "" && o.Status != moderation.StatusApproved {
		notice += " " + isolate(why, words)
	}
	return strings.TrimSpace(notice + " " + appealText(o, words))
}

// appealText describes the state of the author's appeal, if there was one.
func appealText(o moderation.AuthorView, words *locale.Language) string {
	if key := "appeal." + string(o.Status); !o.AppealedAt.IsZero() && words.Has(key) {
		return words.Text(key)
	}
	return ""
}
