package notices

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/moderation"
	"rejoinder/notify"
)

// The response to a request for mail does not reveal whether the address is known or a mail was sent.

// requested is a form that asks for a mail.
type requested struct {
	values url.Values
	site   moderation.Site
	at     page.ThreadURL
	words  *locale.Language
}

// readRequest reads a form, which must come from this server or from an origin of the site.
func (h *Pages) readRequest(c *gin.Context) (requested, error) {
	r := requested{}
	var err error
	if r.values, err = httpio.FormValues(c); err != nil {
		return r, err
	}
	if r.site, err = h.Sites.Find(c.Request.Context(), moderation.Viewer{}, c.Param("site")); err != nil {
		return r, err
	}
	if !h.PublicURL.IsSameOrigin(c) && !r.site.Allows(c.GetHeader("Origin")) {
		return r, httpio.ErrCrossOrigin
	}
	r.at = page.ParseThreadURL(r.site.Slug, r.values)
	r.words = locale.Match(r.at.Lang, c.GetHeader("Accept-Language"), r.site.Locale)
	return r, nil
}

func (r requested) address() notify.AddressRequest {
	return notify.AddressRequest{Site: r.site, Email: r.email(), Language: r.words.Tag}
}

// email returns the last value of the field: the button that offers another one comes after it.
func (r requested) email() string {
	typed := r.values["email"]
	if len(typed) == 0 {
		return ""
	}
	return strings.TrimSpace(httpio.Printable(typed[len(typed)-1]))
}

// suggestion returns the address that was probably meant, unless the reader was asked about this one already.
func (r requested) suggestion() string {
	if r.email() == r.values.Get("email_asked") || !r.fromPeople() {
		return ""
	}
	return moderation.SuggestEmail(r.email())
}

// fromPeople reports whether the hidden field is empty. Programs get the same response as people.
func (r requested) fromPeople() bool { return r.values.Get("subject") == "" }

// Follow mails a link that confirms that an address follows an article.
func (h *Pages) Follow(c *gin.Context) error {
	r, err := h.readRequest(c)
	if err != nil {
		return err
	}
	if !h.OffersMail(r.site) {
		return moderation.ErrNotFound
	}
	form := page.NewFollowForm(r.at, r.words)
	if r.fromPeople() && r.suggestion() == "" {
		err = h.Readers.RequestFollow(c.Request.Context(), r.address(), r.at.Article)
	}
	return h.respondRequested(c, r, requestView{form, r.words.Text("follow.title"),
		r.words.Text("follow.sent", "address", r.email()),
		r.at.Link("comments")}, err)
}

// requestView is what the response to a form shows.
type requestView struct {
	form    *page.MailForm
	heading string
	sent    string
	back    string
}

// respondRequested shows that a mail was sent, or the form with its fault or the question whether another address
// was meant; for a script, only the form.
func (h *Pages) respondRequested(c *gin.Context, r requested, show requestView, err error) error {
	var invalid *moderation.Invalid
	status := http.StatusOK
	switch {
	case errors.As(err, &invalid):
		status, show.form.Email = http.StatusUnprocessableEntity, r.email()
		show.form.Fault = r.words.Text("fault.author_email." + invalid.Fields[0].Code)
	case err != nil:
		return err
	case r.suggestion() != "":
		status = http.StatusConflict
		show.form.Email, show.form.Asked, show.form.Suggestion = r.email(), r.email(), r.suggestion()
		show.form.Question = r.words.Text("email.ask", "typed", r.email(), "address", r.suggestion())
	default:
		show.form.Sent, show.form.Data = show.sent, ""
	}
	frame := page.Frame{Lang: r.words.Tag, Dir: r.words.Dir, Locale: r.words, Style: "page.css", Private: true}
	v := readerView{Frame: frame, SiteName: r.site.Name, Heading: show.heading, Form: show.form, Back: show.back}
	v.Title = v.Heading + " – " + v.SiteName
	setHeaders(c)
	if r.at.Part {
		return h.Renderer.Render(c, status, "mail-form-part", v)
	}
	return h.render(c, status, v)
}

// ShowFollow asks to confirm that an address follows an article.
func (h *Pages) ShowFollow(c *gin.Context) error {
	reader, err := h.Readers.ShowFollow(c.Request.Context(), c.Param("token"))
	if err != nil {
		return h.refused(c, err)
	}
	l := words(c, reader.Site)
	v := h.view(c, reader, l.Text("follow.confirm"))
	v.Article, v.Text = reader.Article.Title, l.Text("follow.ask", "site", reader.Site.Name, "address", reader.Address)
	v.Button, v.Reader = l.Text("follow.confirm"), nil
	return h.render(c, http.StatusOK, v)
}

// ConfirmFollow subscribes an address to an article and goes on to the page of notifications.
func (h *Pages) ConfirmFollow(c *gin.Context) error {
	if _, err := h.readForm(c); err != nil {
		return err
	}
	token, err := h.Readers.Follow(c.Request.Context(), c.Param("token"))
	if err != nil {
		return h.refused(c, err)
	}
	httpio.SeeOther(c, notify.ManagePath+token+"?done=followed")
	return nil
}

// ShowData shows the form that mails readers a link to their comments.
func (h *Pages) ShowData(c *gin.Context) error {
	site, err := h.Sites.Find(c.Request.Context(), moderation.Viewer{}, c.Param("site"))
	if err != nil {
		return err
	}
	if !h.SendsMail {
		return moderation.ErrNotFound
	}
	l := words(c, site)
	v := h.view(c, notify.Reader{Site: site}, l.Text("data.title"))
	v.Form, v.Reader = dataForm(site, l), nil
	return h.render(c, http.StatusOK, v)
}

func dataForm(site moderation.Site, l *locale.Language) *page.MailForm {
	return &page.MailForm{Action: page.DataPath(site.Slug), Note: l.Text("data.text", "site", site.Name),
		Button: l.Text("data.submit"), Hidden: []page.HiddenField{page.Hidden("lang", l.Tag)}}
}

// SendData mails a link to the comments that were sent with an address.
func (h *Pages) SendData(c *gin.Context) error {
	r, err := h.readRequest(c)
	if err != nil {
		return err
	}
	if !h.SendsMail {
		return moderation.ErrNotFound
	}
	if r.fromPeople() && r.suggestion() == "" {
		err = h.Readers.RequestPerson(c.Request.Context(), r.address())
	}
	return h.respondRequested(c, r, requestView{form: dataForm(r.site, r.words), heading: r.words.Text("data.title"),
		sent: r.words.Text("data.sent", "address", r.email())}, err)
}
