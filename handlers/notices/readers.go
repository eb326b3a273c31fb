package notices

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/moderation"
	"rejoinder/notify"
)

// Pages serves the pages behind the links in mails.
type Pages struct {
	Readers    *notify.Readers
	Author     *moderation.AuthorService
	Moderators *notify.Moderators
	Sites      *moderation.Sites
	OffersMail func(moderation.Site) bool // whether readers of a site may ask for mail
	SendsMail  bool
	PublicURL  httpio.PublicURL
	Renderer   *page.Renderer
	Log        *slog.Logger
	Now        func() time.Time
}

// readerView is a page for a reader.
type readerView struct {
	page.Frame
	SiteName string
	Heading  string
	Notice   string // the result of the last form
	Text     string
	Article  string // title of the article that a link is about
	Action   string // of the forms
	Button   string
	Undo     bool // the page offers to take a stop back
	Reader   *notify.Reader
	Choices  []choice
	Expires  time.Time
	NewLink  bool   // the page offers to mail a new link
	Person   string // URL of the reader's own comments
	Form     *page.MailForm
	Back     string // URL of the thread
}

type choice struct {
	Value, Label string
	Selected     bool
}

// setHeaders keeps a page out of caches, search engines and referrers.
func setHeaders(c *gin.Context) {
	c.Header("Cache-Control", "private, no-store")
	c.Header("Referrer-Policy", "same-origin")
	c.Header("X-Robots-Tag", "noindex")
}

// words is the language of a page: the browser's, or the site's.
func words(c *gin.Context, site moderation.Site) *locale.Language {
	return locale.Match(c.Query("lang"), c.GetHeader("Accept-Language"), site.Locale)
}

func (h *Pages) view(c *gin.Context, reader notify.Reader, heading string) readerView {
	l := words(c, reader.Site)
	v := readerView{
		Frame:    page.Frame{Lang: l.Tag, Dir: l.Dir, Locale: l, Style: "page.css", Private: true},
		SiteName: reader.Site.Name, Heading: heading, Reader: &reader, Action: c.Request.URL.EscapedPath(),
	}
	v.Title = heading + " – " + v.SiteName
	return v
}

func (h *Pages) render(c *gin.Context, status int, v readerView) error {
	setHeaders(c)
	return h.Renderer.Render(c, status, "notices", v)
}

// refused shows a page for a link that cannot be used; other errors are returned.
func (h *Pages) refused(c *gin.Context, err error) error {
	l := words(c, moderation.Site{})
	heading, text, status := l.Text("notices.bad"), l.Text("notices.bad_text"), http.StatusNotFound
	switch {
	case errors.Is(err, notify.ErrLinkExpired):
		heading, text, status = l.Text("notices.expired"), l.Text("notices.expired_text"), http.StatusGone
	case !errors.Is(err, notify.ErrLink) && !errors.Is(err, moderation.ErrNotFound):
		return err
	}
	v := h.view(c, notify.Reader{}, heading)
	v.Title, v.Text, v.Reader = heading, text, nil
	return h.render(c, status, v)
}

// readForm reads a form of one of these pages. A mail program's one-click POST has no origin.
func (h *Pages) readForm(c *gin.Context) (url.Values, error) {
	if !h.PublicURL.IsSameOrigin(c) {
		return nil, httpio.ErrCrossOrigin
	}
	return httpio.FormValues(c)
}

// ShowConfirmation asks to confirm an address.
func (h *Pages) ShowConfirmation(c *gin.Context) error {
	reader, err := h.Readers.ShowConfirmation(c.Request.Context(), c.Param("token"))
	if err != nil {
		return h.refused(c, err)
	}
	l := words(c, reader.Site)
	v := h.view(c, reader, l.Text("mail.confirm.subject"))
	v.Text = l.Text("notices.confirm", "site", reader.Site.Name, "address", reader.Address)
	v.Button, v.Reader = l.Text("mail.confirm.button"), nil
	return h.render(c, http.StatusOK, v)
}

// Confirm confirms an address and goes on to the page of notifications.
func (h *Pages) Confirm(c *gin.Context) error {
	if _, err := h.readForm(c); err != nil {
		return err
	}
	_, token, err := h.Readers.Confirm(c.Request.Context(), c.Param("token"))
	if err != nil {
		return h.refused(c, err)
	}
	httpio.SeeOther(c, notify.ManagePath+token+"?done=confirmed")
	return nil
}

// ShowStop asks to stop mail.
func (h *Pages) ShowStop(c *gin.Context) error {
	reader, err := h.Readers.ShowStop(c.Request.Context(), c.Param("token"))
	if err != nil {
		return h.refused(c, err)
	}
	l := words(c, reader.Site)
	v := h.view(c, reader, l.Text("notices.ask."+string(reader.Scope), "site", reader.Site.Name, "address", reader.Address))
	if v.SiteName == "" {
		v.Title = v.Heading // the site was removed
	}
	if reader.Scope != notify.ScopeAll || c.Query("done") != "" { // else the heading names it
		v.Text = l.Text("notices.about", "address", reader.Address)
	}
	v.Article, v.Button, v.Reader = reader.Article.Title, l.Text("notices.stop"), nil
	switch c.Query("done") {
	case "stopped":
		v.Heading, v.Button, v.Undo = l.Text("notices.done"), l.Text("notices.undo"), true
	case "resumed":
		v.Notice = l.Text("notices.undone")
	}
	return h.render(c, http.StatusOK, v)
}

// Stop stops mail, or resumes it. Mail programs send it without opening the page (RFC 8058), so it needs no
// origin: the token is the permission.
func (h *Pages) Stop(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	resume := values.Get("undo") != "" && h.PublicURL.IsSameOrigin(c)
	if err := h.Readers.Stop(c.Request.Context(), c.Param("token"), resume); err != nil {
		return h.refused(c, err)
	}
	if values.Get("List-Unsubscribe") == "One-Click" {
		setHeaders(c)
		c.Status(http.StatusNoContent)
		return nil
	}
	done := "stopped"
	if resume {
		done = "resumed"
	}
	httpio.SeeOther(c, c.Request.URL.EscapedPath()+"?done="+done)
	return nil
}

// notices of the page of notifications, by the "done" of its URL.
var doneTexts = map[string]string{
	"confirmed": "notices.confirmed", "followed": "follow.done", "saved": "notices.saved", "sent": "notices.sent", "removed": "notices.removed",
}

// ShowNotifications shows a reader's choices.
func (h *Pages) ShowNotifications(c *gin.Context) error {
	reader, err := h.Readers.Show(c.Request.Context(), c.Param("token"))
	if errors.Is(err, notify.ErrLinkExpired) {
		l := words(c, moderation.Site{})
		v := h.view(c, notify.Reader{}, l.Text("notices.expired"))
		v.Title, v.NewLink, v.Reader = v.Heading, true, nil
		if c.Query("done") == "sent" {
			v.Notice, v.NewLink = l.Text("notices.sent"), false
		}
		return h.render(c, http.StatusGone, v)
	}
	if err != nil {
		return h.refused(c, err)
	}
	l := words(c, reader.Site)
	v := h.view(c, reader, l.Text("mail.manage"))
	v.Person = notify.PersonPath + c.Param("token")
	v.Text, v.Expires = l.Text("notices.intro", "site", reader.Site.Name, "address", reader.Address), reader.Expires
	if key := doneTexts[c.Query("done")]; key != "" {
		v.Notice = l.Text(key)
	}
	for _, f := range []notify.Frequency{notify.AtOnce, notify.Hourly, notify.Daily, notify.Never} {
		v.Choices = append(v.Choices, choice{string(f), l.Text("notices." + string(f)), f == reader.Choices.Replies})
	}
	return h.render(c, http.StatusOK, v)
}

// ChangeNotifications handles the forms on the page of notifications.
func (h *Pages) ChangeNotifications(c *gin.Context) error {
	values, err := h.readForm(c)
	if err != nil {
		return err
	}
	ctx, token, done := c.Request.Context(), c.Param("token"), "saved"
	change := notify.ReaderChange{Language: c.Query("lang")}
	yes, no := true, false
	switch values.Get("act") {
	case "save":
		replies, outcomes := notify.Frequency(values.Get("replies")), values.Get("outcomes") != ""
		change.Replies, change.Outcomes = &replies, &outcomes
	case "follow":
		change.FollowAll = values.Get("article")
	case "unfollow":
		change.RepliesOnly = values.Get("article")
	case "stop":
		change.StopArticle = values.Get("article")
	case "off":
		change.StopSite = &yes
	case "on":
		change.StopSite = &no
	case "link":
		if err := h.Readers.SendLink(ctx, token); err != nil {
			return h.refused(c, err)
		}
		httpio.SeeOther(c, c.Request.URL.EscapedPath()+"?done=sent")
		return nil
	case "remove":
		if err := h.Readers.RemoveAddress(ctx, token); err != nil {
			return h.refused(c, err)
		}
		l := words(c, moderation.Site{})
		v := h.view(c, notify.Reader{}, l.Text("notices.removed"))
		v.Title, v.Reader = v.Heading, nil
		return h.render(c, http.StatusOK, v)
	}
	if err := h.Readers.Change(ctx, token, change); err != nil {
		return h.refused(c, err)
	}
	httpio.SeeOther(c, c.Request.URL.EscapedPath()+"?done="+done)
	return nil
}
