package reader

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
)

// maxOwnParts bounds how many of a reader's own comments one request shows.
const maxOwnParts = 20

// ownList is a list of comments as their writer sees them.
type ownList struct {
	page.Frame
	Comments []*commentView
	Gone     []string // ids of comments that no longer exist
}

func (h *Threads) newOwnList(words *locale.Language, own ...ownComment) ownList {
	list := ownList{Frame: page.Frame{Lang: words.Tag, Dir: words.Dir, Locale: words}}
	for _, o := range own {
		if o.Gone() {
			list.Gone = append(list.Gone, o.ID)
			continue
		}
		list.Comments = append(list.Comments, newOwnCommentView(o, words, h.Now()))
	}
	return list
}

// sentPart answers a script whose reader just sent a comment.
func (h *Threads) sentPart(c *gin.Context, at page.ThreadURL, form commentForm, accepted moderation.SubmitResult) error {
	if accepted.Comment.Status == moderation.StatusRejected {
		return h.formDeclined(c, at, form, accepted.Comment)
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
	own := h.newOwnList(languageOf(wishedLanguage(c, at), site), ownComment{accepted.Comment, accepted.Receipt})
	return h.Renderer.Render(c, http.StatusCreated, "own", own)
}

// OwnPart shows a script what became of the comments whose receipts it sends: each is in the list, as its
// writer sees it, or named as gone. Comments that could not be read are left out, and the script must keep
// their receipts.
func (h *Threads) OwnPart(c *gin.Context) error {
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
	var own []ownComment
	for i, pair := range values["own"] {
		id, receipt, _ := strings.Cut(pair, ".")
		if i == maxOwnParts {
			break
		}
		comment, err := h.Own.Show(c.Request.Context(), id, receipt)
		switch {
		case err == nil:
			own = append(own, ownComment{comment, receipt})
		case errors.Is(err, moderation.ErrReceipt), errors.Is(err, moderation.ErrNotFound):
		default: // the browser keeps a receipt that is not answered
			return err
		}
	}
	c.Header("Cache-Control", "private, no-store")
	return h.Renderer.Render(c, http.StatusOK, "own", h.newOwnList(languageOf(wishedLanguage(c, at), site), own...))
}

// PreviewPart renders what a reader is about to send, as HTML for a script.
func (h *Threads) PreviewPart(c *gin.Context) error {
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

// statusAddress is where a writer manages a comment. The receipt in it is the key to that page.
func statusAddress(o ownComment, lang string) string {
	query := url.Values{"receipt": {o.Receipt}, "lang": {lang}}
	return "/comments/" + o.ID + "?" + query.Encode()
}
