package reader

import (
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/moderation"
)

// statusView is the page on which its writer sees what became of a comment, and what else can be done about
// it.
type statusView struct {
	actPage
	Receipt   string
	Said      string // what became of the comment
	Comment   *commentView
	Deleted   bool
	Reason    string
	DecidedBy string    // for a rejected comment: whether a person was involved
	Appealed  string    // what became of the writer's appeal
	EditUntil time.Time // zero: it can't be edited
	Body      string    // in the form to edit
	MaxBody   int
	MayAppeal bool
	Appeal    string // in the form to appeal
	MaxAppeal int
	MayErase  bool   // something of the writer's is still there
	Second    bool   // another moderator would answer an appeal
	Ask       string // action to confirm: actWithdraw or actErase; empty: none
	Form      string // class of the form that was sent, if one was
	Kept      string // what was typed into it
	Gone      bool   // it is not on the page any more
}

// StatusPage shows a comment to the holder of its receipt. The receipt stands in the address, which therefore
// goes to no other site, no cache and no search engine.
func (h *Comments) StatusPage(c *gin.Context) error {
	id, err := httpio.CommentID(c)
	if err != nil {
		return err
	}
	act := ownAct{
		id:      id,
		receipt: c.Query("receipt"),
		lang:    page.KnownLanguage(c.Query("lang")),
		ask:     c.Query("ask"),
		done:    c.Query("done"),
	}
	keepToItself(c)
	return h.answerStatus(c, http.StatusOK, act, nil)
}

// keepToItself is for pages whose address or content belongs to one person. Within the site the referrer
// stays: without it browsers would not say either where a form comes from.
func keepToItself(c *gin.Context) {
	c.Header("Cache-Control", "private, no-store")
	c.Header("Referrer-Policy", "same-origin")
	c.Header("X-Robots-Tag", "noindex")
}

// Actions that can't be undone and need confirmation.
const (
	actWithdraw = "withdraw"
	actErase    = "erase"
)

// ownAct is what a writer asks for about a comment.
type ownAct struct {
	id, receipt string
	lang        string // that was asked for
	form        string // which one was sent: edit, appeal, withdraw or erase; empty: none
	ask         string // action to confirm
	done        string // completed action, for the page that reports it
	values      url.Values
	part        bool
}

// readOwnAct reads a form about a writer's own comment. The receipt proves that it is theirs; a form that
// another website made a browser send is refused all the same.
func (h *Comments) readOwnAct(c *gin.Context) (ownAct, moderation.CommentLocation, error) {
	keepToItself(c)
	id, values, err := actFields(c)
	act := ownAct{
		id:      id,
		receipt: values.Get("receipt"),
		lang:    page.KnownLanguage(values.Get("lang")),
		values:  values,
		part:    values.Get("part") != "",
	}
	if err != nil {
		return act, moderation.CommentLocation{}, err
	}
	on, err := h.Own.Locate(c.Request.Context(), act.id, act.receipt)
	if err != nil {
		return act, on, err
	}
	return act, on, h.checkSiteSource(c, on.Site)
}

func (a ownAct) address() string {
	query := url.Values{"receipt": {a.receipt}}
	if a.lang != "" {
		query.Set("lang", a.lang)
	}
	if a.done != "" {
		query.Set("done", a.done)
	}
	return "/comments/" + a.id + "?" + query.Encode()
}

// EditForm replaces a comment's text for the holder of its receipt.
func (h *Comments) EditForm(c *gin.Context) error {
	act, on, err := h.readOwnAct(c)
	act.form = "edit"
	if err == nil {
		_, err = h.Editor.Edit(c.Request.Context(), moderation.Edit{
			CommentID: act.id,
			Receipt:   act.receipt,
			Body:      act.values.Get("body"),
			Kind:      moderation.FormHTML,
			Address:   httpio.ClientAddress(c),
		})
	}
	return h.answerOwnAct(c, act, on, err)
}

// AppealForm takes a rejected comment back to the queue for the holder of its receipt.
func (h *Comments) AppealForm(c *gin.Context) error {
	act, on, err := h.readOwnAct(c)
	act.form = "appeal"
	if err == nil {
		_, err = h.Own.Appeal(c.Request.Context(), moderation.AppealRequest{
			CommentID: act.id, Receipt: act.receipt, Body: act.values.Get("text"), Address: httpio.ClientAddress(c),
		})
	}
	return h.answerOwnAct(c, act, on, err)
}

// WithdrawForm deletes a comment for the holder of its receipt.
func (h *Comments) WithdrawForm(c *gin.Context) error {
	act, on, err := h.readOwnAct(c)
	act.form = actWithdraw
	if err == nil && !act.confirmed() {
		return h.askFirst(c, act)
	}
	if err == nil {
		err = h.Own.Withdraw(c.Request.Context(), act.id, act.receipt)
	}
	return h.answerGone(c, act, on, err)
}

// EraseForm removes what the holder of a receipt sent from the same remembered browser.
func (h *Comments) EraseForm(c *gin.Context) error {
	act, on, err := h.readOwnAct(c)
	act.form = actErase
	if err == nil && !act.confirmed() {
		return h.askFirst(c, act)
	}
	if err == nil {
		_, err = h.Own.Erase(c.Request.Context(), act.id, act.receipt)
	}
	return h.answerGone(c, act, on, err)
}

// confirmed reports whether the form comes from the confirmation page.
func (a ownAct) confirmed() bool { return a.values.Get("confirm") != "" }

// askFirst answers a form that deletes with a confirmation page.
func (h *Comments) askFirst(c *gin.Context, act ownAct) error {
	act.ask, act.form = act.form, ""
	return h.answerStatus(c, http.StatusOK, act, nil)
}

// answerGone answers when a comment was to be deleted.
func (h *Comments) answerGone(c *gin.Context, act ownAct, on moderation.CommentLocation, err error) error {
	switch {
	case err != nil:
		return h.answerOwnAct(c, act, on, err)
	case act.part:
		words := actWords(c, act.lang, on.Site)
		return h.Renderer.Render(c, http.StatusOK, "own-ended", endedView{
			page.Frame{Lang: words.Tag, Dir: words.Dir, Locale: words}, words.Text(act.form + ".done")})
	}
	act.done = act.form
	httpio.SeeOther(c, act.address())
	return nil
}

// endedView shows in a comment's place that it was deleted.
type endedView struct {
	page.Frame
	Said string
}

// answerOwnAct answers when a comment was to be changed: with the comment as it is now, or with what was
// typed and what is wrong with it. Whoever has no right receipt gets nothing of the comment.
func (h *Comments) answerOwnAct(c *gin.Context, act ownAct, on moderation.CommentLocation, err error) error {
	switch {
	case on.Site.ID == "":
		return err
	case err != nil:
		outcome := h.noteAct(c, err, actWords(c, act.lang, on.Site))
		return h.answerStatus(c, outcome.Status, act, outcome)
	case act.part:
		own, err := h.Own.Show(c.Request.Context(), act.id, act.receipt)
		if err != nil {
			return err
		}
		list := h.Pages.newOwnList(actWords(c, act.lang, on.Site), ownComment{own, act.receipt})
		return h.Renderer.Render(c, http.StatusOK, "own", list)
	}
	httpio.SeeOther(c, act.address())
	return nil
}

// answerStatus renders the page, or for a script the form of it that was sent.
func (h *Comments) answerStatus(c *gin.Context, status int, act ownAct, outcome *formOutcome) error {
	ctx := c.Request.Context()
	own, err := h.Own.Show(ctx, act.id, act.receipt)
	if err != nil {
		return err
	}
	on, err := h.Own.Locate(ctx, act.id, act.receipt)
	if err != nil {
		return err
	}
	view := h.newStatusView(c, act, own, on)
	view.Outcome = outcome
	page := "status"
	switch {
	case act.part && view.Ask != "":
		page = "own-ask"
	case view.Ask != "":
		page = "ask"
	case act.part && view.Gone:
		page = "own-gone"
	case act.part:
		page = "own-" + act.form
	}
	return h.Renderer.Render(c, status, page, view)
}

func (h *Comments) newStatusView(
	c *gin.Context,
	act ownAct,
	own moderation.AuthorView,
	on moderation.CommentLocation,
) statusView {
	words := actWords(c, act.lang, on.Site)
	v := statusView{
		actPage:   newActPage(own.ID, on, words, act.lang),
		Receipt:   act.receipt,
		Said:      words.Text("own." + string(own.Status)),
		Comment:   newOwnCommentView(ownComment{own, act.receipt}, words, h.Now()),
		Deleted:   own.Status == moderation.StatusDeleted,
		Reason:    isolated(page.RefusalWords(own, words), words),
		DecidedBy: page.DecidedBy(own, words),
		Appealed:  appealWords(own, words),
		MayAppeal: own.MayAppeal,
		Second:    own.SecondReader,
		Body:      own.Body,
		MaxBody:   moderation.MaxBodyCharacters,
		MaxAppeal: moderation.MaxAppealCharacters,
	}
	v.Title = words.Text("status.title") + " – " + v.SiteName
	v.BackURL = h.backAddress(on, act.lang)
	v.MayErase = !v.Deleted || own.AuthorName != ""
	if h.Now().Before(own.EditUntil) {
		v.EditUntil = own.EditUntil
	}
	if own.Status == moderation.StatusApproved {
		v.Comment.Permalink = h.permalink(on, own.ID, act.lang)
	}
	v.keep(act)
	switch {
	case own.Gone() && (act.done == actWithdraw || act.done == actErase):
		v.Said = words.Text(act.done + ".done")
	case act.ask == actWithdraw && !v.Deleted, act.ask == actErase && v.MayErase:
		v.Ask, v.Title = act.ask, words.Text(act.ask+".ask")+" – "+v.SiteName
	}
	return v
}

// keep gives back what was typed: in its form or, when that is not there any more, beside it.
func (v *statusView) keep(act ownAct) {
	switch act.form {
	case "edit":
		v.Form, v.Body, v.Gone = "rj-edit", httpio.Printable(act.values.Get("body")), v.EditUntil.IsZero()
		v.Kept = v.Body
	case "appeal":
		v.Form, v.Appeal, v.Gone = "rj-appeal", httpio.Printable(act.values.Get("text")), !v.MayAppeal
		v.Kept = v.Appeal
	case actWithdraw, actErase:
		v.Form, v.Gone = "rj-"+act.form, true // there is nothing to fill in: what went wrong is said above all forms
	}
}

// isolated keeps a text of unknown direction together within one that runs from right to left (Unicode's FSI
// and PDI).
func isolated(text string, words *locale.Language) string {
	if text == "" || words.Dir != "rtl" {
		return text
	}
	return "\u2068" + text + "\u2069"
}

type Comments struct {
	Own       *moderation.AuthorService
	Editor    *moderation.Editor
	Threads   *moderation.Threads
	Votes     *moderation.Votes
	Reports   *moderation.Reports
	Sites     *moderation.Sites
	Log       *slog.Logger
	Now       func() time.Time
	Pages     *Threads
	PublicURL httpio.PublicURL
	Renderer  *page.Renderer
}
