package console

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// CommentersPath is the path of the screen that finds commenters; below it is a page for each.
const CommentersPath = RootPath + "/commenters"

// profileField names the commenter whose page a form returns to.
const profileField = "profile"

func profileURL(id string) string { return CommentersPath + "/" + url.PathEscape(id) }

// commentersView is the page that finds commenters.
type commentersView struct {
	frame
	Tabs   []navEntry
	Search string
	Clear  string // URL of the page without the search; empty: there is none
	List   []commenterRow
	Empty  emptyView
}

// commenterRow is one commenter in a list.
type commenterRow struct {
	Name   string
	Href   string
	Site   string // empty if the moderator works on one site
	Record string
	Seen   string
	SeenAt time.Time
}

// profileView is a commenter's page, which the queue also shows in a drawer.
type profileView struct {
	frame
	Tabs      []navEntry
	Name      string
	SiteName  string
	Confirmed bool
	Figures   []figure
	FirstSeen time.Time
	Comments  []profileComment
	More      bool     // there are older comments
	Names     []string // other names that they used
	Timeline  []logLine
	Blocks    []blockRow
	Waiting   page.Link // to their waiting comments; empty Text: there are none
	Block     *formView
	Note      *formView
}

type figure struct {
	Label string
	Value string
}

// profileComment is one of their comments.
type profileComment struct {
	Href    string
	Text    []page.Segment
	Status  string
	Word    string // the status as moderators call it, with the reason
	Article string
	At      time.Time
	Ago     string
}

// commenterTabs are the pages about commenters.
func commenterTabs(present, site string) []navEntry {
	return []navEntry{
		{Label: "Commenters", Href: siteQuery(CommentersPath, site), Present: present == "commenters"},
		{Label: "Blocks", Href: siteQuery(BlocksPath, site), Present: present == "blocks"},
	}
}

// ShowCommenters finds commenters by email or name.
func (h *Blocks) ShowCommenters(c *gin.Context) error {
	q, site := httpio.Printable(c.Query("q")), c.Query("site")
	found, err := h.Queue.FindCommenters(c.Request.Context(), session.ViewerOf(c), site, q)
	if err != nil {
		return err
	}
	view := commentersView{Search: q, Tabs: commenterTabs("commenters", site)}
	if view.frame, err = h.newFrame(c, "commenters", "Commenters"); err != nil {
		return err
	}
	if q != "" {
		view.Clear = siteQuery(CommentersPath, site)
		view.WithSite = []page.HiddenField{page.Hidden("q", q)}
	}
	view.Styles = []string{"admin.css"}
	names := map[string]string{}
	sites, err := h.Sites.List(c.Request.Context(), session.ViewerOf(c))
	if err != nil {
		return err
	}
	for _, each := range sites {
		names[each.ID] = each.Name
	}
	for _, w := range found {
		row := commenterRow{Name: w.Name, Href: profileURL(w.ID), Record: recordText(session.Words(c), w.Record),
			Seen: agoText(session.Words(c), h.Queue.Now().Sub(w.LastSeenAt)), SeenAt: w.LastSeenAt}
		if len(sites) > 1 {
			row.Site = names[w.SiteID]
		}
		view.List = append(view.List, row)
	}
	view.Empty = emptyCommenters(session.Words(c), q, view.Clear)
	return h.render(c, http.StatusOK, "commenters", view)
}

func emptyCommenters(words *locale.Language, q, cleared string) emptyView {
	if q == "" {
		return emptyView{Text: "Nobody has commented yet."}
	}
	text := words.T("No commenter’s latest name begins with “%s”.", q)
	if strings.Contains(q, "@") {
		text = "Nobody has commented with this email."
	}
	return emptyView{text, []page.Link{{Text: "Clear search", Href: cleared}}}
}

// ShowProfile shows a commenter.
func (h *Blocks) ShowProfile(c *gin.Context) error {
	id, err := httpio.PathID(c)
	if err != nil {
		return err
	}
	profile, err := h.Queue.Profile(c.Request.Context(), session.ViewerOf(c), id)
	if err != nil {
		return err
	}
	view := h.newProfileView(session.Words(c), profile, session.ViewerOf(c))
	if err := h.addProfileForms(c, profile, &view); err != nil {
		return err
	}
	if view.frame, err = h.newFrame(c, "commenters", view.Name); err != nil {
		return err
	}
	view.selectSite(profile.Site.Slug)
	view.Styles = []string{"profile.css"}
	return h.render(c, http.StatusOK, "profile", view)
}

func (h *Blocks) newProfileView(words *locale.Language, p queue.Profile, viewer moderation.Viewer) profileView {
	w, now := p.Commenter, h.Queue.Now()
	view := profileView{
		Name: cmp.Or(w.Name, words.T("(erased)")), SiteName: p.Site.Name, Confirmed: !w.ConfirmedAt.IsZero(),
		Tabs: commenterTabs("commenters", p.Site.Slug), FirstSeen: w.FirstSeenAt,
		Figures: []figure{
			{"Approved", words.Number(w.Record.Approved)}, {"Waiting", words.Number(w.Record.Pending)},
			{"Rejected", words.Number(w.Record.Rejected + w.Record.Spam)},
			{"First seen", words.FormatTime("2 Jan 2006", w.FirstSeenAt)},
		},
		Names: slices.DeleteFunc(slices.Clone(p.Names), func(name string) bool { return name == w.Name }),
	}
	total := w.Record.Approved + w.Record.Pending + w.Record.Rejected + w.Record.Spam
	view.More = total > len(p.Comments)
	for _, item := range p.Comments {
		view.Comments = append(view.Comments, newProfileComment(words, item, p.Decisions, now))
	}
	related := caseContext{queue.RelatedComments{Moderators: p.Moderators}, viewer, words}
	for _, d := range p.Decisions {
		view.Timeline = append(view.Timeline,
			logLine{Text: related.decisionText(d), At: d.CreatedAt, Reason: d.Reason, Note: d.Note})
	}
	for _, line := range noteLines(words, p.Notes) {
		line.Text = words.T("Note by %s", line.Text)
		view.Timeline = append(view.Timeline, line)
	}
	for _, b := range p.Blocks {
		view.Blocks = append(view.Blocks, newBlockRow(words, p.Site.Slug, b, now))
		view.Timeline = append(view.Timeline, logLine{Text: words.T("Blocked by %s", b.ModeratorName), At: b.CreatedAt, Note: b.Note})
	}
	slices.SortStableFunc(view.Timeline, func(a, b logLine) int { return b.At.Compare(a.At) })
	if n := w.Record.Pending; n > 0 {
		list := parseQueueParams(words, url.Values{"site": {p.Site.Slug}, "commenter": {w.ID}})
		view.Waiting = page.Link{Text: words.T("Show %d waiting", n), Href: list.URL()}
	}
	return view
}

func newProfileComment(
	words *locale.Language, item queue.Item, log []moderation.Decision, now time.Time,
) profileComment {
	c := item.Comment
	word := map[moderation.Status]string{moderation.StatusPending: "Waiting", moderation.StatusApproved: "Approved",
		moderation.StatusRejected: "Rejected", moderation.StatusSpam: "Spam", moderation.StatusDeleted: "Deleted"}[c.Status]
	word = words.T(word)
	for _, d := range log { // newest first
		if d.CommentID == c.ID && d.Actor == moderation.ActorModerator && d.To == c.Status && d.ReasonCode != "" {
			word += ": " + lowered(words, reasonLabel(words, d.ReasonCode))
			break
		}
	}
	return profileComment{Href: RootPath + "/comments/" + c.ID, Status: string(c.Status), Word: word,
		Text:    page.MarkComment(item.Body, item.Verdict.Hits).Excerpt(excerptCharacters),
		Article: page.ArticleHeading(item.Article), At: c.CreatedAt, Ago: agoText(words, now.Sub(c.CreatedAt))}
}

// addProfileForms adds the forms for a block and a note, which are made from the newest comment that is not
// erased.
func (h *Blocks) addProfileForms(c *gin.Context, p queue.Profile, view *profileView) error {
	for _, item := range p.Comments {
		if item.Comment.AuthorName == "" {
			continue
		}
		offers, err := h.Queue.BlockOffers(c.Request.Context(), session.ViewerOf(c), item.Comment.ID)
		if err != nil {
			return err
		}
		back := []page.HiddenField{page.Hidden(profileField, p.Commenter.ID)}
		from := caseView{itemView: itemView{ID: item.Comment.ID, Back: back}, Pending: p.Commenter.Record.Pending}
		view.Block, view.Note = newBlockForm(session.Words(c), &from, offers, nil), newNoteForm(&from, nil)
		view.Note.ID, view.Note.Fields[1].Choices = "profile-note", withSelected(view.Note.Fields[1].Choices, string(queue.NoteCommenter))
		*view.Note = newFormView(*view.Note, nil)
		if view.Block != nil {
			view.Block.ID = "profile-block"
			*view.Block = newFormView(*view.Block, nil)
		}
		return nil
	}
	return nil
}

// returnURL is where a form that adds a block or a note goes: to the commenter it was sent from, or the comment.
func (h *Blocks) returnURL(c *gin.Context, values url.Values) string {
	if id := values.Get(profileField); moderation.ValidID(id) {
		return profileURL(id)
	}
	return h.Cases.returnParams(c, values).returnURL(c.Param("id"))
}
