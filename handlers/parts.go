package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/locale"
	"rejoinder/moderation"
)

// What a script gets with the part of a page that shows a comment to its writer.
const (
	headerOwnComment = "X-Rejoinder-Comment"
	headerOwnReceipt = "X-Rejoinder-Receipt"
	headerOwnToken   = "X-Rejoinder-Token"
)

// maxOwnParts bounds how many of a reader's own comments one request shows.
const maxOwnParts = 20

// ownList is a list of comments as their writer sees them.
type ownList struct {
	frame
	Comments []*commentView
	Gone     []string // ids of comments that no longer exist
}

func (s *Server) newOwnList(words *locale.Language, own ...ownComment) ownList {
	list := ownList{frame: frame{Lang: words.Tag, Dir: words.Dir, words: words}}
	for _, o := range own {
		if o.Gone() {
			list.Gone = append(list.Gone, o.ID)
			continue
		}
		list.Comments = append(list.Comments, newOwnCommentView(o, words, s.Now()))
	}
	return list
}

// sentPart answers a script whose reader just sent a comment.
func (s *Server) sentPart(c *gin.Context, at place, form commentForm, accepted moderation.Accepted) error {
	if accepted.Comment.Status == moderation.StatusRejected {
		return s.formDeclined(c, at, form, accepted.Comment)
	}
	site, err := s.Sites.Find(c.Request.Context(), moderation.Viewer{}, at.site)
	if err != nil {
		return err
	}
	c.Header(headerOwnComment, accepted.Comment.ID)
	c.Header(headerOwnReceipt, accepted.Receipt)
	if accepted.CommenterToken != "" {
		c.Header(headerOwnToken, accepted.CommenterToken)
	}
	c.Header("Cache-Control", "private, no-store")
	own := s.newOwnList(languageOf(s.wishedLanguage(c, at), site), ownComment{accepted.Comment, accepted.Receipt})
	return s.render(c, http.StatusCreated, "own", own)
}

// ownPart shows a script what became of the comments whose receipts it sends: each is in the list, as its
// writer sees it, or named as gone. Comments that could not be read are left out, and the script must keep
// their receipts.
func (s *Server) ownPart(c *gin.Context) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	at := placeOf(c.Param("site"), values)
	if err := s.checkSource(c, at.site); err != nil {
		return err
	}
	site, err := s.Sites.Find(c.Request.Context(), moderation.Viewer{}, at.site)
	if err != nil {
		return err
	}
	var own []ownComment
	for i, pair := range values["own"] {
		id, receipt, _ := strings.Cut(pair, ".")
		if i == maxOwnParts {
			break
		}
		comment, err := s.Own.Show(c.Request.Context(), id, receipt)
		switch {
		case err == nil:
			own = append(own, ownComment{comment, receipt})
		case errors.Is(err, moderation.ErrReceipt), errors.Is(err, moderation.ErrNotFound):
		default: // the browser keeps a receipt that is not answered
			return err
		}
	}
	c.Header("Cache-Control", "private, no-store")
	return s.render(c, http.StatusOK, "own", s.newOwnList(languageOf(s.wishedLanguage(c, at), site), own...))
}

// previewPart renders what a reader is about to send, as HTML for a script.
func (s *Server) previewPart(c *gin.Context) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	if err := s.checkSource(c, c.Param("site")); err != nil {
		return err
	}
	html, err := moderation.Preview(values.Get("body"))
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "private, no-store")
	c.Header("Content-Security-Policy", pagePolicy)
	c.Data(http.StatusOK, htmlType, []byte(html))
	return nil
}

// statusAddress is where a writer manages a comment. The receipt in it is the key to that page.
func statusAddress(o ownComment, lang string) string {
	query := url.Values{"receipt": {o.Receipt}, "lang": {lang}}
	return "/comments/" + o.ID + "?" + query.Encode()
}
