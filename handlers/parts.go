package handlers

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

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

// ownView is a list of comments as their writer sees them.
type ownView struct {
	frame
	Comments []*commentView
}

func (s *Server) newOwnView(c *gin.Context, at place, site moderation.Site, own ...ownComment) ownView {
	words := languageOf(s.wishedLanguage(c, at), site)
	view := ownView{frame: frame{Lang: words.Tag, Dir: words.Dir, words: words}}
	for _, o := range own {
		view.Comments = append(view.Comments, newOwnView(o, words))
	}
	return view
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
	return s.render(c, http.StatusCreated, "own", s.newOwnView(c, at, site, ownComment{accepted.Comment, accepted.Receipt}))
}

// ownPart shows a script's reader what became of comments whose receipts it holds. What is left out needs no more attention:
// it is public, as everyone sees it, or gone, or the receipt is wrong.
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
		if err == nil && comment.Status != moderation.StatusDeleted && comment.Status != moderation.StatusApproved {
			own = append(own, ownComment{comment, receipt})
		}
	}
	c.Header("Cache-Control", "private, no-store")
	return s.render(c, http.StatusOK, "own", s.newOwnView(c, at, site, own...))
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
