package reader

import (
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/moderation"
)

// maxFragmentComments bounds the comments of one request.
const maxFragmentComments = 20

// authorComments is a list of comments as their author sees them.
type authorComments struct {
	page.Frame
	Comments []*commentView
	Gone     []string // ids of comments that no longer exist
}

// WriteComments writes the list of comments where the template calls it.
func (l *authorComments) WriteComments() template.HTML {
	writeComments(l.Writer(), l.Comments, l.Locale)
	return ""
}

func (h *Threads) newAuthorComments(words *locale.Language, own ...authorComment) *authorComments {
	list := &authorComments{Frame: page.Frame{Lang: words.Tag, Dir: words.Dir, Locale: words}}
	for _, o := range own {
		if o.Gone() {
			list.Gone = append(list.Gone, o.ID)
			continue
		}
		list.Comments = append(list.Comments, newAuthorCommentView(o, words, h.Now()))
	}
	return list
}

// respondSent responds to the widget after a reader sent a comment.
func (h *Threads) respondSent(
	c *gin.Context, at page.ThreadURL, form commentForm, accepted moderation.SubmitResult,
) error {
	if accepted.Comment.Status == moderation.StatusRejected {
		return h.respondDeclined(c, at, form, accepted.Comment)
	}
	site, err := h.Sites.Find(c.Request.Context(), moderation.Viewer{}, at.Site)
	if err != nil {
		return err
	}
	c.Header(httpio.HeaderOwnComment, accepted.Comment.ID)
	c.Header(httpio.HeaderOwnReceipt, accepted.Receipt)
	if accepted.CommenterToken != "" {
		c.Header(httpio.HeaderOwnToken, accepted.CommenterToken)
	}
	c.Header("Cache-Control", "private, no-store")
	words := languageOf(requestedLanguage(c, at), site)
	own := h.newAuthorComments(words, authorComment{accepted.Comment, accepted.Receipt})
	return h.Renderer.Render(c, http.StatusCreated, "own", own)
}

// AuthorFragment renders, for the widget, the comments whose receipts it sends, and those of the signed-in
// reader whose token it sends: each as its author sees it, or its id if it no longer exists. Comments that
// can't be read are left out; the widget keeps their receipts.
func (h *Threads) AuthorFragment(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	at := page.ParseThreadURL(c.Param("site"), values)
	if err := h.checkSource(c, at.Site); err != nil {
		return err
	}
	site, err := h.Sites.Find(c.Request.Context(), moderation.Viewer{}, at.Site)
	if err != nil {
		return err
	}
	var own []authorComment
	for i, pair := range values["own"] {
		id, receipt, _ := strings.Cut(pair, ".")
		if i == maxFragmentComments {
			break
		}
		comment, err := h.Author.Show(c.Request.Context(), id, receipt)
		switch {
		case err == nil:
			own = append(own, authorComment{comment, receipt})
		case errors.Is(err, moderation.ErrReceipt), errors.Is(err, moderation.ErrNotFound):
		default:
			return err
		}
	}
	if own, err = h.addSigned(c, at, values.Get("identity"), own); err != nil {
		return err
	}
	c.Header("Cache-Control", "private, no-store")
	return h.Renderer.Render(c, http.StatusOK, "own", h.newAuthorComments(languageOf(requestedLanguage(c, at), site), own...))
}

// PreviewFragment renders a preview of a comment for the widget.
func (h *Threads) PreviewFragment(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	if err := h.checkSource(c, c.Param("site")); err != nil {
		return err
	}
	html, err := moderation.Preview(values.Get("body"))
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "private, no-store")
	c.Header("Content-Security-Policy", page.ContentPolicy)
	c.Data(http.StatusOK, page.HTMLType, []byte(html))
	return nil
}

// statusURL is the author's page of a comment. Its receipt is the key to that page.
func statusURL(o authorComment, lang string) string {
	query := url.Values{"receipt": {o.Receipt}, "lang": {lang}}
	return "/comments/" + o.ID + "?" + query.Encode()
}
