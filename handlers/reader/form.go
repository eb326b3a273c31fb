package reader

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/moderation"
)

// commentForm holds the values of the comment form. They are untrusted.
type commentForm struct {
	ArticleURL   string // with ArticleTitle: for forms on a site's own pages, where the article may be new
	ArticleTitle string
	Name         string
	Email        string
	URL          string
	Body         string
	Subject      string // honeypot: hidden from people
	Token        string
	Pasted       *int   // number of pasted characters; nil: unknown
	Key          string // for idempotency
	Remember     bool
	Nudged       bool   // a nudge was shown for this comment
	EmailAsked   string // the email about which the reader was asked
	Notify       bool
	// CommenterToken identifies a returning commenter. The widget keeps it; without script, a cookie does.
	CommenterToken string
	Identity       string // token of a signed-in reader
}

// newForm returns an empty form. A cached page gives its key to many readers, so the key alone does not
// identify a submission: see idempotencyKey.
func (h *Threads) newForm(thread moderation.Thread) commentForm {
	return commentForm{Token: thread.FormToken, Key: h.NewID()}
}

// newPersonalForm returns a form with the details that the browser remembers.
func (h *Threads) newPersonalForm(c *gin.Context, at page.ThreadURL, thread moderation.Thread) commentForm {
	form := h.newForm(thread)
	if r, ok := h.readRemembered(c, at.Site); ok {
		form.Name, form.Email, form.URL, form.Remember = r.Name, r.Email, r.URL, true
	}
	return form
}

// ShowSubmitted leads readers who open the form's address, such as from the address bar after a refused form,
// to the thread or, if the address does not name it, to the site.
func (h *Threads) ShowSubmitted(c *gin.Context) error {
	at := page.ParseThreadURL(c.Param("site"), c.Request.URL.Query()).FirstPage()
	if at.Article == "" {
		site, err := h.Sites.Find(c.Request.Context(), moderation.Viewer{}, at.Site)
		if err == nil && len(site.Origins) == 0 {
			err = moderation.ErrNotFound
		}
		if err != nil {
			return err
		}
		httpio.SeeOther(c, site.Origins[0])
		return nil
	}
	if h.IsDemo(at) {
		at.Path = page.DemoPath
	}
	httpio.SeeOther(c, at.Link("respond"))
	return nil
}

// Submit submits a comment from the form.
func (h *Threads) Submit(c *gin.Context) error {
	at, form, err := h.readForm(c)
	if err != nil {
		return h.respondRejected(c, at, form, err)
	}
	known := remembered{Email: form.Email, Token: form.CommenterToken} // the widget sends the token with its email only
	if !at.Part {
		known, _ = h.readRemembered(c, at.Site)
	}
	submission := form.submission(c, at, known.Token)
	submission.MayAskEmail = form.EmailAsked != form.Email && (known.Token == "" || known.Email != form.Email)
	accepted, err := h.Intake.Submit(c.Request.Context(), submission)
	if err != nil {
		return h.respondRejected(c, at, form, err)
	}
	if at.Part {
		return h.respondSent(c, at, form, accepted)
	}
	if err := h.rememberReader(c, at, form, accepted); err != nil {
		// The comment is committed, so this is no reason to report a failure.
		h.Log.WarnContext(c.Request.Context(), "reader's cookies not set", "request_id", httpio.RequestID(c), "err", err)
	}
	if accepted.Comment.Status == moderation.StatusRejected {
		return h.respondDeclined(c, at, form, accepted.Comment)
	}
	at.ReplyTo = ""
	httpio.SeeOther(c, at.Link(page.CommentAnchor(accepted.Comment.ID)))
	return nil
}

// readForm reads the form. With an error, it returns what could be read, to show it again.
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
		Name: values.Get("author_name"), Email: lastValue(values, "author_email"), URL: values.Get("author_url"),
		Body: values.Get("body"), Subject: values.Get("subject"), Token: values.Get("form_token"),
		Key: values.Get("idempotency_key"), Remember: values.Get("remember") != "",
		Nudged:         values.Get("nudged") != "",
		EmailAsked:     values.Get("email_asked"),
		Notify:         values.Get("notify") != "",
		CommenterToken: values.Get("commenter_token"),
		Identity:       values.Get("identity"),
	}
	if n, parseErr := strconv.ParseUint(values.Get("pasted"), 10, 24); parseErr == nil {
		pasted := int(n)
		form.Pasted = &pasted
	}
	if err != nil {
		return at, form, err
	}
	return at, form, h.checkSource(c, at.Site)
}

// checkSource rejects cross-site request forgery: forms must come from this server or from an origin of the
// site. Readers get a rejected form back on our own page, from which they can send it.
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

// lastValue returns the last value of a field: buttons that offer another value come after their field.
func lastValue(values url.Values, name string) string {
	all := values[name]
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1]
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
		MayNudge:       !f.Nudged,
		Notify:         f.Notify,
		Language:       cmp.Or(at.Lang, page.KnownLanguage(c.GetHeader("Accept-Language"))),
		CommenterToken: token,
		Identity:       f.Identity,
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

// idempotencyKey combines the form's key with its content, so that a double click sends one comment, while a
// second comment from the same page is a new one. Empty if the form has no key.
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

// rememberReader sets the cookies with which the author sees the pending comment and, if requested, is
// recognized the next time.
func (h *Threads) rememberReader(
	c *gin.Context, at page.ThreadURL, form commentForm, accepted moderation.SubmitResult,
) error {
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
	return h.rememberSent(c, at.Site,
		sentComment{ID: comment.ID, Receipt: accepted.Receipt, Article: articleHash(at.Article)})
}

// respondDeclined shows that the rules rejected the comment. Its text stays in the form.
func (h *Threads) respondDeclined(
	c *gin.Context, at page.ThreadURL, form commentForm, comment moderation.AuthorView,
) error {
	return h.renderForm(c, at, form, func(words *locale.Language) formOutcome {
		return formOutcome{
			Status: http.StatusUnprocessableEntity, Title: words.Text("form.not_accepted"),
			Detail: cmp.Or(page.RuleWords(words, comment.ReasonCode, comment.PublicReason), words.Text("form.declined")),
		}
	})
}

// respondRejected shows the page with what was typed, and what is wrong with it.
func (h *Threads) respondRejected(c *gin.Context, at page.ThreadURL, form commentForm, err error) error {
	if errors.Is(err, context.Canceled) && c.Request.Context().Err() != nil {
		return err
	}
	p := httpio.ReportProblem(c, h.Log, err)
	return h.renderForm(c, at, form, func(words *locale.Language) formOutcome {
		outcome := newFormOutcome(err, p, words)
		outcome.askAboutEmail(err, form.Email, words)
		return outcome
	})
}

// renderForm renders the page with a filled form and its outcome. If the page can't be rendered, an error
// page keeps the text of the comment.
func (h *Threads) renderForm(c *gin.Context, at page.ThreadURL, form commentForm,
	outcomeIn func(*locale.Language) formOutcome) error {
	at.Article, at.ReplyTo = httpio.Printable(at.Article), httpio.Printable(at.ReplyTo)
	outcome := outcomeIn(locale.Languages()[0])
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
	outcome = outcomeIn(view.Locale)
	switch {
	case !thread.Site.HasThread(thread.Article) && !at.Part:
		view.Title, view.Kept = view.Locale.Text("page.missing"), httpio.Printable(form.Body)
		view.Ways = h.Renderer.BackLinks(c, view.Locale)
		return h.Renderer.Render(c, http.StatusNotFound, "missing", view)
	case thread.Closed:
		view.Title = view.Locale.Text("comments.closed") + " – " + view.SiteName
		view.Kept, view.Form = httpio.Printable(form.Body), nil
		return h.renderPage(c, http.StatusConflict, at, view)
	}
	form.Token, form.Key = cmp.Or(form.Token, thread.FormToken), cmp.Or(form.Key, h.NewID())
	view.Title = outcome.Title + " – " + view.Heading
	view.Form = form.view(at, view, &outcome)
	return h.renderPage(c, outcome.Status, at, view)
}

// renderPage renders a thread as a page; for a script, only the form.
func (h *Threads) renderPage(c *gin.Context, status int, at page.ThreadURL, view *threadView) error {
	switch {
	case at.Part:
		return h.Renderer.Render(c, status, "respond", view)
	case at.Path == page.DemoPath:
		c.Header("Content-Security-Policy", demoPolicy)
		return h.Renderer.RenderWithPolicy(c, status, "demo", demoView{threadView: view, Prose: demoProse})
	}
	c.Header("Content-Security-Policy", page.PolicyWithImages(view.avatarOrigins))
	return h.Renderer.RenderWithPolicy(c, status, "thread", view)
}
