package handlers

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/locale"
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
func (s *Server) newForm(thread moderation.Thread) commentForm {
	return commentForm{Token: thread.FormToken, Key: s.NewID()}
}

// emptyForm is a new form, filled with what the browser remembers.
func (s *Server) emptyForm(c *gin.Context, at place, thread moderation.Thread) commentForm {
	form := s.newForm(thread)
	if r, ok := s.recall(c, at.site); ok {
		form.Name, form.Email, form.URL, form.Remember = r.Name, r.Email, r.URL, true
	}
	return form
}

// submitForm takes in a comment from the plain form.
func (s *Server) submitForm(c *gin.Context) error {
	at, form, err := s.readForm(c)
	if err != nil {
		return s.formAgain(c, at, form, err)
	}
	token := form.CommenterToken
	if !at.part {
		token = s.rememberedToken(c, at.site)
	}
	accepted, err := s.Intake.Submit(c.Request.Context(), form.submission(c, at, token))
	if err != nil {
		return s.formAgain(c, at, form, err)
	}
	if at.part {
		return s.sentPart(c, at, form, accepted)
	}
	if err := s.keepReader(c, at, form, accepted); err != nil {
		// The comment is committed: whatever a cookie can't do is no reason to say otherwise.
		s.Log.WarnContext(c.Request.Context(), "reader's cookies not set", "request_id", requestID(c), "err", err)
	}
	if accepted.Comment.Status == moderation.StatusRejected {
		return s.formDeclined(c, at, form, accepted.Comment)
	}
	at.replyTo = ""
	seeOther(c, at.address(commentAnchor(accepted.Comment.ID)))
	return nil
}

// readForm reads the form. With an error comes whatever could be read, so that it can be given back.
func (s *Server) readForm(c *gin.Context) (place, commentForm, error) {
	values, err := formValuesWithin(c, maxBody)
	at := placeOf(c.Param("site"), values)
	at.replyTo = values.Get("parent_id")
	c.Set(keyLanguage, at.lang)
	if values.Get("page") == "demo" && s.isDemo(at) {
		at.path = demoPath
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
	return at, form, s.checkSource(c, at.site)
}

// maxFormFields bounds the fields of a form: each costs far more memory and time than its bytes. The
// console's list of selected comments is the longest.
const maxFormFields = 1000

// formValues reads the body of a form, however the page encodes it. What came before an error is returned
// with it.
func formValues(c *gin.Context) (url.Values, error) {
	values, err := formValuesWithin(c, maxBody)
	if err == nil {
		err = checkValues(values)
	}
	return values, err
}

// formValuesWithin reads a form of at most that many bytes. It keeps invalid text: the caller shows it again,
// cleaned by printable, or reports the error beside the field.
func formValuesWithin(c *gin.Context, limit int64) (url.Values, error) {
	values, err := decodeForm(c, limit)
	c.Set(keyForm, values)
	return values, err
}

func decodeForm(c *gin.Context, limit int64) (url.Values, error) {
	mediaType, params, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err == nil {
		err = plainBody(c, params)
	}
	switch {
	case errors.Is(err, errEncoded), errors.Is(err, errCharset):
		return url.Values{}, err
	case err == nil && mediaType == "application/x-www-form-urlencoded":
		return urlencodedValues(readAll(c, limit))
	case err == nil && mediaType == "multipart/form-data" && params["boundary"] != "":
		body := http.MaxBytesReader(c.Writer, c.Request.Body, limit)
		return multipartValues(multipart.NewReader(body, params["boundary"]))
	}
	return url.Values{}, errFormType
}

func urlencodedValues(raw []byte, readErr error) (url.Values, error) {
	first, tooMany := firstFields(string(raw), maxFormFields)
	values, err := url.ParseQuery(first)
	switch {
	case readErr != nil:
		return values, bodyError(readErr)
	case tooMany:
		return values, errManyFields
	case err != nil:
		return values, errMalformed
	}
	return values, nil
}

// firstFields returns the first n fields of a query, and whether there are more.
func firstFields(query string, n int) (first string, more bool) {
	end := 0
	for field := range strings.SplitSeq(query, "&") {
		if n == 0 {
			return query[:end-1], true
		}
		end += len(field) + len("&")
		n--
	}
	return query, false
}

// multipartValues reads the fields and passes over files. The body is bounded, so nothing goes to a temporary
// file.
func multipartValues(parts *multipart.Reader) (url.Values, error) {
	values := url.Values{}
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if err == io.EOF { // a wrapped one is a body that was cut off
			return values, nil
		}
		if err != nil {
			return values, bodyError(err)
		}
		if n == maxFormFields {
			return values, errManyFields
		}
		if part.FormName() == "" || part.FileName() != "" {
			continue
		}
		raw, err := io.ReadAll(part)
		values.Add(part.FormName(), string(raw))
		if err != nil {
			return values, bodyError(err)
		}
	}
}

// checkSource refuses a form that another website made a visitor's browser send, unless it is the site's own.
// The reader gets the form back, filled in, on our own page, from where sending it is their own act.
func (s *Server) checkSource(c *gin.Context, slug string) error {
	if s.ownSource(c) {
		return nil
	}
	site, err := s.Sites.Find(c.Request.Context(), moderation.Viewer{}, slug)
	if err != nil {
		return err
	}
	if !site.Allows(c.GetHeader("Origin")) {
		return errCrossOrigin
	}
	return nil
}

// ownSource reports whether a request came from our own pages, or from no browser at all.
func (s *Server) ownSource(c *gin.Context) bool {
	if origin := c.GetHeader("Origin"); origin != "" && s.isOwnOrigin(origin) {
		return true
	}
	return http.NewCrossOriginProtection().Check(c.Request) == nil
}

func (s *Server) rememberedToken(c *gin.Context, site string) string {
	r, _ := s.recall(c, site)
	return r.Token
}

func (f commentForm) submission(c *gin.Context, at place, token string) moderation.Submission {
	return moderation.Submission{
		SiteSlug:       at.site,
		Article:        moderation.ArticleRef{Key: at.article, URL: f.ArticleURL, Title: f.ArticleTitle},
		ParentID:       at.replyTo,
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
		Address:        clientAddress(c),
	}
}

// idempotencyKey makes sending the same form twice one submission, while another text from the same form is
// another. So a double click is harmless, and so is a page that a browser or a cache shows again. Without a
// key in the form nothing is known about repetition.
func (f commentForm) idempotencyKey(at place) string {
	if f.Key == "" {
		return ""
	}
	hash := sha256.New()
	for _, part := range []string{f.Key, at.article, at.replyTo, f.Name, f.Email, f.URL, f.Body} {
		fmt.Fprintf(hash, "%d:%s", len(part), part)
	}
	return "form-" + hex.EncodeToString(hash.Sum(nil))
}

// keepReader leaves in the browser what lets its owner see the comment and, if they want it, be recognised.
func (s *Server) keepReader(c *gin.Context, at place, form commentForm, accepted moderation.Accepted) error {
	comment := accepted.Comment
	if !form.Remember {
		s.forget(c, at.site)
	} else if err := s.remember(c, at.site, remembered{
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
	return s.rememberOwn(
		c,
		at.site,
		sentComment{ID: comment.ID, Receipt: accepted.Receipt, Article: articleMark(at.article)},
	)
}

// formDeclined tells the writer that rules declined the comment. The text stays in the form.
func (s *Server) formDeclined(c *gin.Context, at place, form commentForm, comment moderation.OwnComment) error {
	return s.formWith(c, at, form, func(words *locale.Language) formOutcome {
		return formOutcome{
			Status: http.StatusUnprocessableEntity, Title: words.Text("form.not_accepted"),
			Detail: cmp.Or(comment.PublicReason, words.Text("form.declined")),
		}
	})
}

// formAgain answers with the page and everything typed still in its form, saying what is wrong.
func (s *Server) formAgain(c *gin.Context, at place, form commentForm, err error) error {
	if errors.Is(err, context.Canceled) && c.Request.Context().Err() != nil {
		return err
	}
	p := problemOf(err, requestID(c))
	s.noteProblem(c, p)
	if p.Status >= http.StatusInternalServerError {
		s.Log.ErrorContext(
			c.Request.Context(),
			"form not taken",
			"request_id",
			requestID(c),
			"route",
			c.FullPath(),
			"err",
			err,
		)
	}
	return s.formWith(c, at, form, func(words *locale.Language) formOutcome { return outcomeOf(err, p, words) })
}

// formWith renders the reader's page with a filled form. When the page itself can't be had, the text is given
// back all the same.
func (s *Server) formWith(c *gin.Context, at place, form commentForm, say func(*locale.Language) formOutcome) error {
	at.article, at.replyTo = printable(at.article), printable(at.replyTo)
	outcome := say(locale.Languages()[0])
	if outcome.faults("parent_id") {
		at.replyTo = ""
	}
	view, thread, err := s.threadView(c, at)
	if errors.Is(err, moderation.ErrCursor) || errors.Is(err, moderation.ErrNotFound) {
		view, thread, err = s.threadView(c, at.start().replyingTo(at.replyTo))
	}
	c.Header("Cache-Control", "private, no-store")
	if err != nil || outcome.faults("article/key") {
		p := outcome.problem
		if p.Status == 0 {
			p = problemOf(err, requestID(c))
		}
		s.problemPageKeeping(c, p, printable(form.Body))
		return nil
	}
	outcome = say(view.words)
	switch {
	case !thread.Site.Accepts(thread.Article) && !at.part:
		view.Title, view.Kept = view.words.Text("page.missing"), printable(form.Body)
		view.Ways = s.waysBack(c, view.words)
		return s.render(c, http.StatusNotFound, "missing", view)
	case thread.Closed:
		view.Title, view.Kept, view.Form = view.words.Text("comments.closed")+" – "+view.SiteName, printable(form.Body), nil
		return s.page(c, http.StatusConflict, at, view)
	}
	form.Token, form.Key = cmp.Or(form.Token, thread.FormToken), cmp.Or(form.Key, s.NewID())
	view.Title = outcome.Title + " – " + view.Heading
	view.Form = form.view(at, view, &outcome)
	return s.page(c, outcome.Status, at, view)
}

// page renders the page that a place belongs to, or for a script what it asked for of it.
func (s *Server) page(c *gin.Context, status int, at place, view *threadView) error {
	switch {
	case at.part:
		return s.render(c, status, "respond", view)
	case at.path == demoPath:
		c.Header("Content-Security-Policy", demoPolicy)
		return s.renderUnder(c, status, "demo", demoView{threadView: view, Prose: demoProse})
	}
	return s.render(c, status, "thread", view)
}

// printable replaces what is not text, so that the rest can be shown again.
func printable(typed string) string {
	if utf8.ValidString(typed) && !strings.ContainsRune(typed, 0) {
		return typed
	}
	return strings.ReplaceAll(strings.ToValidUTF8(typed, "\uFFFD"), "\x00", "\uFFFD")
}
