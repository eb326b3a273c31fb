package reader

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/moderation"
)

// commentForm is the plain form as it came, or as it is shown. Nothing in it is trusted.
type commentForm struct {
	ArticleURL   string // with ArticleTitle: for forms in a site's own pages, where the article may be new
	ArticleTitle string
	Name         string
	Email        string
	URL          string
	Body         string
	Subject      string // people don't see this field
	Token        string
	Pasted       *int // what a page's script says; nil for nothing usable
	Key          string
	Remember     bool
	// CommenterToken is the writer's from an earlier time, which a script keeps; without script a cookie does.
	CommenterToken string
}

// newForm is a form that nobody has touched. Its key may be in the hands of many readers, from a cache: it
// makes one submission of what is sent twice with the same content, and of nothing else.
func (h *Threads) newForm(thread moderation.Thread) commentForm {
	return commentForm{Token: thread.FormToken, Key: h.NewID()}
}

// emptyForm is a new form, filled with what the browser remembers.
func (h *Threads) emptyForm(c *gin.Context, at page.ThreadURL, thread moderation.Thread) commentForm {
	form := h.newForm(thread)
	if r, ok := h.recall(c, at.Site); ok {
		form.Name, form.Email, form.URL, form.Remember = r.Name, r.Email, r.URL, true
	}
	return form
}

// SubmitForm takes in a comment from the plain form.
func (h *Threads) SubmitForm(c *gin.Context) error {
	at, form, err := h.readForm(c)
	if err != nil {
		return h.formAgain(c, at, form, err)
	}
	token := form.CommenterToken
	if !at.Part {
		token = h.rememberedToken(c, at.Site)
	}
	accepted, err := h.Intake.Submit(c.Request.Context(), form.submission(c, at, token))
	if err != nil {
		return h.formAgain(c, at, form, err)
	}
	if at.Part {
		return h.sentPart(c, at, form, accepted)
	}
	if err := h.keepReader(c, at, form, accepted); err != nil {
		// The comment is committed: whatever a cookie can't do is no reason to say otherwise.
		h.Log.WarnContext(c.Request.Context(), "reader's cookies not set", "request_id", httpio.RequestID(c), "err", err)
	}
	if accepted.Comment.Status == moderation.StatusRejected {
		return h.formDeclined(c, at, form, accepted.Comment)
	}
	at.ReplyTo = ""
	httpio.SeeOther(c, at.Link(page.CommentAnchor(accepted.Comment.ID)))
	return nil
}

// readForm reads the form. With an error comes whatever could be read, so that it can be given back.
func (h *Threads) readForm(c *gin.Context) (page.ThreadURL, commentForm, error) {
	values, err := httpio.FormValuesWithin(c, httpio.MaxBody)
	at := page.ParseThreadURL(c.Param("site"), values)
	at.ReplyTo = values.Get("parent_id")
	httpio.SetLanguage(c, at.Lang)
	if values.Get("page") == "demo" && h.IsDemo(at) {
		at.Path = page.DemoPath
	}
	form := commentForm{
		ArticleURL: values.Get("article_url"), ArticleTitle: values.Get("article_title"),
		Name: values.Get("author_name"), Email: values.Get("author_email"), URL: values.Get("author_url"),
		Body: values.Get("body"), Subject: values.Get("subject"), Token: values.Get("form_token"),
		Key: values.Get("idempotency_key"), Remember: values.Get("remember") != "",
		CommenterToken: values.Get("commenter_token"),
	}
	if n, wrong := strconv.ParseUint(values.Get("pasted"), 10, 24); wrong == nil {
		pasted := int(n)
		form.Pasted = &pasted
	}
	if err != nil {
		return at, form, err
	}
	return at, form, h.checkSource(c, at.Site)
}

// checkSource refuses a form that another website made a visitor's browser send, unless it is the site's own.
// The reader gets the form back, filled in, on our own page, from where sending it is their own act.
func (h *Threads) checkSource(c *gin.Context, slug string) error {
	if h.PublicURL.IsSameOrigin(c) {
		return nil
	}
	site, err := h.Sites.Find(c.Request.Context(), moderation.Viewer{}, slug)
	if err != nil {
		return err
	}
	if !site.Allows(c.GetHeader("Origin")) {
		return httpio.ErrCrossOrigin
	}
	return nil
}

func (h *Threads) rememberedToken(c *gin.Context, site string) string {
	r, _ := h.recall(c, site)
	return r.Token
}

func (f commentForm) submission(c *gin.Context, at page.ThreadURL, token string) moderation.Submission {
	return moderation.Submission{
		SiteSlug:       at.Site,
		Article:        moderation.ArticleRef{Key: at.Article, URL: f.ArticleURL, Title: f.ArticleTitle},
		ParentID:       at.ReplyTo,
		AuthorName:     f.Name,
		AuthorEmail:    f.Email,
		AuthorURL:      f.URL,
		Body:           f.Body,
		Remember:       f.Remember,
		CommenterToken: token,
		Form: moderation.FormEvidence{
			Kind:     moderation.FormHTML,
			Token:    f.Token,
			Honeypot: f.Subject,
			Pasted:   f.Pasted,
		},
		IdempotencyKey: f.idempotencyKey(at),
		Origin:         c.GetHeader("Origin"),
		Address:        httpio.ClientAddress(c),
	}
}

// idempotencyKey makes sending the same form twice one submission, while another text from the same form is
// another. So a double click is harmless, and so is a page that a browser or a cache shows again. Without a
// key in the form nothing is known about repetition.
func (f commentForm) idempotencyKey(at page.ThreadURL) string {
	if f.Key == "" {
		return ""
	}
	hash := sha256.New()
	for _, part := range []string{f.Key, at.Article, at.ReplyTo, f.Name, f.Email, f.URL, f.Body} {
		fmt.Fprintf(hash, "%d:%s", len(part), part)
	}
	return "form-" + hex.EncodeToString(hash.Sum(nil))
}

// keepReader leaves in the browser what lets its owner see the comment and, if they want it, be recognised.
func (h *Threads) keepReader(c *gin.Context, at page.ThreadURL, form commentForm, accepted moderation.SubmitResult) error {
	comment := accepted.Comment
	if !form.Remember {
		h.forget(c, at.Site)
	} else if err := h.remember(c, at.Site, remembered{
		Name:  comment.AuthorName,
		Email: strings.TrimSpace(form.Email),
		URL:   comment.AuthorURL,
		Token: accepted.CommenterToken,
	}); err != nil {
		return err
	}
	if comment.Status == moderation.StatusRejected {
		return nil
	}
	return h.rememberOwn(
		c,
		at.Site,
		sentComment{ID: comment.ID, Receipt: accepted.Receipt, Article: articleMark(at.Article)},
	)
}

// formDeclined tells the writer that rules declined the comment. The text stays in the form.
func (h *Threads) formDeclined(c *gin.Context, at page.ThreadURL, form commentForm, comment moderation.AuthorView) error {
	return h.formWith(c, at, form, func(words *locale.Language) formOutcome {
		return formOutcome{
			Status: http.StatusUnprocessableEntity, Title: words.Text("form.not_accepted"),
			Detail: cmp.Or(comment.PublicReason, words.Text("form.declined")),
		}
	})
}

// formAgain answers with the page and everything typed still in its form, saying what is wrong.
func (h *Threads) formAgain(c *gin.Context, at page.ThreadURL, form commentForm, err error) error {
	if errors.Is(err, context.Canceled) && c.Request.Context().Err() != nil {
		return err
	}
	p := httpio.ProblemOf(err, httpio.RequestID(c))
	httpio.RecordProblem(c, p)
	if p.Status >= http.StatusInternalServerError {
		h.Log.ErrorContext(
			c.Request.Context(),
			"form not taken",
			"request_id",
			httpio.RequestID(c),
			"route",
			c.FullPath(),
			"err",
			err,
		)
	}
	return h.formWith(c, at, form, func(words *locale.Language) formOutcome { return outcomeOf(err, p, words) })
}

// formWith renders the reader's page with a filled form. When the page itself can't be had, the text is given
// back all the same.
func (h *Threads) formWith(c *gin.Context, at page.ThreadURL, form commentForm, say func(*locale.Language) formOutcome) error {
	at.Article, at.ReplyTo = httpio.Printable(at.Article), httpio.Printable(at.ReplyTo)
	outcome := say(locale.Languages()[0])
	if outcome.faults("parent_id") {
		at.ReplyTo = ""
	}
	view, thread, err := h.threadView(c, at)
	if errors.Is(err, moderation.ErrCursor) || errors.Is(err, moderation.ErrNotFound) {
		view, thread, err = h.threadView(c, at.FirstPage().WithReply(at.ReplyTo))
	}
	c.Header("Cache-Control", "private, no-store")
	if err != nil || outcome.faults("article/key") {
		p := outcome.problem
		if p.Status == 0 {
			p = httpio.ProblemOf(err, httpio.RequestID(c))
		}
		h.Renderer.ProblemWithText(c, p, httpio.Printable(form.Body))
		return nil
	}
	outcome = say(view.Locale)
	switch {
	case !thread.Site.HasThread(thread.Article) && !at.Part:
		view.Title, view.Kept = view.Locale.Text("page.missing"), httpio.Printable(form.Body)
		view.Ways = h.Renderer.BackLinks(c, view.Locale)
		return h.Renderer.Render(c, http.StatusNotFound, "missing", view)
	case thread.Closed:
		view.Title, view.Kept, view.Form = view.Locale.Text("comments.closed")+" – "+view.SiteName, httpio.Printable(form.Body), nil
		return h.page(c, http.StatusConflict, at, view)
	}
	form.Token, form.Key = cmp.Or(form.Token, thread.FormToken), cmp.Or(form.Key, h.NewID())
	view.Title = outcome.Title + " – " + view.Heading
	view.Form = form.view(at, view, &outcome)
	return h.page(c, outcome.Status, at, view)
}

// page renders the page that a place belongs to, or for a script what it asked for of it.
func (h *Threads) page(c *gin.Context, status int, at page.ThreadURL, view *threadView) error {
	switch {
	case at.Part:
		return h.Renderer.Render(c, status, "respond", view)
	case at.Path == page.DemoPath:
		c.Header("Content-Security-Policy", demoPolicy)
		return h.Renderer.RenderWithPolicy(c, status, "demo", demoView{threadView: view, Prose: demoProse})
	}
	return h.Renderer.Render(c, status, "thread", view)
}
