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

// Comments serves the pages about one comment: the author's status page with its forms, reports and votes.
type Comments struct {
	Author    *moderation.AuthorService
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

// statusView is an author's page of a comment: its status, and forms to edit, appeal, delete and erase.
type statusView struct {
	commentPage
	Receipt   string
	Said      string // the comment's status
	Comment   *commentView
	Deleted   bool
	Reason    string
	DecidedBy string    // whether a rejection was automated
	Appealed  string    // status of the author's appeal
	EditUntil time.Time // zero: can't be edited
	Body      string    // in the edit form
	MaxBody   int
	MayAppeal bool
	Appeal    string // in the appeal form
	MaxAppeal int
	MayErase  bool   // there is data left to erase
	Second    bool   // an appeal would go to another moderator
	Ask       string // action to confirm: actionWithdraw or actionErase; empty: none
	Form      string // class of the form that was sent; empty: none
	Kept      string // the typed values
	Gone      bool   // that form is no longer on the page
}

// StatusPage shows a comment to the holder of its receipt. The receipt is in the URL, which must therefore
// not reach other sites, caches or search engines.
func (h *Comments) StatusPage(c *gin.Context) error {
	id, err := httpio.PathID(c)
	if err != nil {
		return err
	}
	action := authorAction{
		id:      id,
		receipt: c.Query("receipt"),
		lang:    page.KnownLanguage(c.Query("lang")),
		ask:     c.Query("ask"),
		done:    c.Query("done"),
	}
	setPrivateHeaders(c)
	return h.renderStatus(c, http.StatusOK, action, nil)
}

// setPrivateHeaders keeps a page that is for one person out of caches and search engines, and its URL out of
// referrers to other sites. Without any referrer, browsers would not send the Origin of forms either.
func setPrivateHeaders(c *gin.Context) {
	c.Header("Cache-Control", "private, no-store")
	c.Header("Referrer-Policy", "same-origin")
	c.Header("X-Robots-Tag", "noindex")
}

// Actions that can't be undone and need confirmation.
const (
	actionWithdraw = "withdraw"
	actionErase    = "erase"
)

// authorAction is an author's request about a comment.
type authorAction struct {
	id, receipt string
	lang        string // requested language
	form        string // edit, appeal, withdraw or erase; empty: no form was sent
	ask         string // action to confirm
	done        string // completed action, for the page that reports it
	values      url.Values
	part        bool // the widget expects a fragment
}

// readAuthorAction reads an author's form, and checks that its receipt is valid and that it does not come
// from another website.
func (h *Comments) readAuthorAction(c *gin.Context) (authorAction, moderation.CommentLocation, error) {
	setPrivateHeaders(c)
	id, values, err := readCommentForm(c)
	action := authorAction{
		id:      id,
		receipt: values.Get("receipt"),
		lang:    page.KnownLanguage(values.Get("lang")),
		values:  values,
		part:    values.Get("part") != "",
	}
	if err != nil {
		return action, moderation.CommentLocation{}, err
	}
	on, err := h.Author.Locate(c.Request.Context(), action.id, action.receipt)
	if err != nil {
		return action, on, err
	}
	return action, on, h.checkSiteSource(c, on.Site)
}

func (a authorAction) address() string {
	query := url.Values{"receipt": {a.receipt}}
	if a.lang != "" {
		query.Set("lang", a.lang)
	}
	if a.done != "" {
		query.Set("done", a.done)
	}
	return "/comments/" + a.id + "?" + query.Encode()
}

// Edit replaces the text of a comment.
func (h *Comments) Edit(c *gin.Context) error {
	action, on, err := h.readAuthorAction(c)
	action.form = "edit"
	if err == nil {
		_, err = h.Editor.Edit(c.Request.Context(), moderation.Edit{
			CommentID: action.id,
			Receipt:   action.receipt,
			Body:      action.values.Get("body"),
			Kind:      moderation.FormHTML,
			Address:   httpio.ClientAddress(c),
		})
	}
	return h.respondAction(c, action, on, err)
}

// Appeal returns a rejected comment to the queue.
func (h *Comments) Appeal(c *gin.Context) error {
	action, on, err := h.readAuthorAction(c)
	action.form = "appeal"
	if err == nil {
		_, err = h.Author.Appeal(c.Request.Context(), moderation.AppealRequest{
			CommentID: action.id, Receipt: action.receipt, Body: action.values.Get("text"), Address: httpio.ClientAddress(c),
		})
	}
	return h.respondAction(c, action, on, err)
}

// Withdraw deletes a comment.
func (h *Comments) Withdraw(c *gin.Context) error {
	action, on, err := h.readAuthorAction(c)
	action.form = actionWithdraw
	if err == nil && !action.confirmed() {
		return h.renderConfirmation(c, action)
	}
	if err == nil {
		err = h.Author.Withdraw(c.Request.Context(), action.id, action.receipt)
	}
	return h.respondDeleted(c, action, on, err)
}

// Erase deletes a comment, and all others that the same remembered browser sent.
func (h *Comments) Erase(c *gin.Context) error {
	action, on, err := h.readAuthorAction(c)
	action.form = actionErase
	if err == nil && !action.confirmed() {
		return h.renderConfirmation(c, action)
	}
	if err == nil {
		_, err = h.Author.Erase(c.Request.Context(), action.id, action.receipt)
	}
	return h.respondDeleted(c, action, on, err)
}

// confirmed reports whether the form comes from the confirmation page.
func (a authorAction) confirmed() bool { return a.values.Get("confirm") != "" }

// renderConfirmation asks to confirm a deletion.
func (h *Comments) renderConfirmation(c *gin.Context, action authorAction) error {
	action.ask, action.form = action.form, ""
	return h.renderStatus(c, http.StatusOK, action, nil)
}

// respondDeleted responds to a form that deletes a comment.
func (h *Comments) respondDeleted(c *gin.Context, action authorAction, on moderation.CommentLocation, err error) error {
	switch {
	case err != nil:
		return h.respondAction(c, action, on, err)
	case action.part:
		words := pageLanguage(c, action.lang, on.Site)
		return h.Renderer.Render(c, http.StatusOK, "own-ended", deletedView{
			page.Frame{Lang: words.Tag, Dir: words.Dir, Locale: words}, words.Text(action.form + ".done")})
	}
	action.done = action.form
	httpio.SeeOther(c, action.address())
	return nil
}

// deletedView replaces a comment that was deleted.
type deletedView struct {
	page.Frame
	Said string
}

// respondAction responds to a form that changes a comment: with the comment, or with what was typed and what
// is wrong with it. Without a valid receipt, it shows nothing of the comment.
func (h *Comments) respondAction(c *gin.Context, action authorAction, on moderation.CommentLocation, err error) error {
	switch {
	case on.Site.ID == "":
		return err
	case err != nil:
		outcome := h.logOutcome(c, err, pageLanguage(c, action.lang, on.Site))
		return h.renderStatus(c, outcome.Status, action, outcome)
	case action.part:
		own, err := h.Author.Show(c.Request.Context(), action.id, action.receipt)
		if err != nil {
			return err
		}
		list := h.Pages.newAuthorComments(pageLanguage(c, action.lang, on.Site), authorComment{own, action.receipt})
		return h.Renderer.Render(c, http.StatusOK, "own", list)
	}
	httpio.SeeOther(c, action.address())
	return nil
}

// renderStatus renders the page; for the widget, only the form that was sent.
func (h *Comments) renderStatus(c *gin.Context, status int, action authorAction, outcome *formOutcome) error {
	ctx := c.Request.Context()
	own, err := h.Author.Show(ctx, action.id, action.receipt)
	if err != nil {
		return err
	}
	on, err := h.Author.Locate(ctx, action.id, action.receipt)
	if err != nil {
		return err
	}
	view := h.newStatusView(c, action, own, on)
	view.Outcome = outcome
	template := "status"
	switch {
	case action.part && view.Ask != "":
		template = "own-ask"
	case view.Ask != "":
		template = "ask"
	case action.part && view.Gone:
		template = "own-gone"
	case action.part:
		template = "own-" + action.form
	}
	return h.Renderer.Render(c, status, template, view)
}

func (h *Comments) newStatusView(c *gin.Context, action authorAction, own moderation.AuthorView,
	on moderation.CommentLocation) statusView {
	words := pageLanguage(c, action.lang, on.Site)
	v := statusView{
		commentPage: newCommentPage(own.ID, on, words, action.lang),
		Receipt:     action.receipt,
		Said:        words.Text("own." + string(own.Status)),
		Comment:     newAuthorCommentView(authorComment{own, action.receipt}, words, h.Now()),
		Deleted:     own.Status == moderation.StatusDeleted,
		Reason:      isolate(page.RefusalWords(own, words), words),
		DecidedBy:   page.DecidedBy(own, words),
		Appealed:    appealText(own, words),
		MayAppeal:   own.MayAppeal,
		Second:      own.SecondReader,
		Body:        own.Body,
		MaxBody:     moderation.MaxBodyCharacters,
		MaxAppeal:   moderation.MaxAppealCharacters,
	}
	v.Title = words.Text("status.title") + " – " + v.SiteName
	v.BackURL = h.articleURL(on, action.lang)
	v.MayErase = !v.Deleted || own.AuthorName != ""
	if h.Now().Before(own.EditUntil) {
		v.EditUntil = own.EditUntil
	}
	if own.Status == moderation.StatusApproved {
		v.Comment.Permalink = h.permalink(on, own.ID, action.lang)
	}
	v.keep(action)
	switch {
	case own.Gone() && (action.done == actionWithdraw || action.done == actionErase):
		v.Said = words.Text(action.done + ".done")
	case action.ask == actionWithdraw && !v.Deleted, action.ask == actionErase && v.MayErase:
		v.Ask, v.Title = action.ask, words.Text(action.ask+".ask")+" – "+v.SiteName
	}
	return v
}

// keep restores what was typed: in its form or, if that is no longer on the page, as text.
func (v *statusView) keep(action authorAction) {
	switch action.form {
	case "edit":
		v.Form, v.Body, v.Gone = "rj-edit", httpio.Printable(action.values.Get("body")), v.EditUntil.IsZero()
		v.Kept = v.Body
	case "appeal":
		v.Form, v.Appeal, v.Gone = "rj-appeal", httpio.Printable(action.values.Get("text")), !v.MayAppeal
		v.Kept = v.Appeal
	case actionWithdraw, actionErase:
		v.Form, v.Gone = "rj-"+action.form, true // these forms have no fields; the page shows the error at its top
	}
}

// isolate wraps a text of unknown direction in Unicode's FSI and PDI if the page runs from right to left.
func isolate(text string, words *locale.Language) string {
	if text == "" || words.Dir != "rtl" {
		return text
	}
	return "\u2068" + text + "\u2069"
}
