package reader

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/page"
	"rejoinder/web"
)

// Names of cookies.
const (
	cookieReader = "rejoinder_reader" // name, email and website of a reader who asked to save them
	cookieOwn    = "rejoinder_own"    // receipts of the comments that the reader sent last
)

const (
	rememberLife = 365 * 24 * time.Hour
	sentLife     = 7 * 24 * time.Hour
	maxSent      = 5 // comments in the cookie
)

// remembered is what "Save my name, email, and website in this browser" saves. The cookie is sealed to
// protect the email.
type remembered struct {
	Name  string `json:"n"`
	Email string `json:"e"`
	URL   string `json:"u,omitempty"`
	Token string `json:"t,omitempty"` // the commenter token
}

// sentComment is a comment that this browser sent recently, with what it takes to show it to its author.
type sentComment struct {
	ID      string `json:"i"`
	Receipt string `json:"r"`
	Article string `json:"a"` // articleHash of the article's key
}

// hasReaderCookies reports whether pages for this browser may have personal parts.
func hasReaderCookies(c *gin.Context) bool {
	return httpio.CookieValue(c, cookieOwn) != "" || httpio.CookieValue(c, cookieReader) != ""
}

func rememberContext(site string) string { return "remember:" + site }

func sentContext(site string) string { return "own:" + site }

// articleHash shortens an article's key, which may be long.
func articleHash(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:8])
}

func (h *Threads) readRemembered(c *gin.Context, site string) (remembered, bool) {
	var r remembered
	ok := h.Cookies.Open(c, cookieReader, rememberContext(site), &r)
	return r, ok
}

// remember saves the reader's details in a cookie, without the website if it makes the cookie too long.
func (h *Threads) remember(c *gin.Context, site string, r remembered) error {
	value, err := h.Cookies.Seal(r, rememberContext(site))
	if errors.Is(err, httpio.ErrCookieTooLong) {
		r.URL = ""
		value, err = h.Cookies.Seal(r, rememberContext(site))
	}
	if err != nil {
		return err
	}
	h.setReaderCookie(c, site, http.Cookie{Name: cookieReader, Value: value}, rememberLife)
	return nil
}

func (h *Threads) forget(c *gin.Context, site string) {
	if httpio.CookieValue(c, cookieReader) != "" {
		h.setReaderCookie(c, site, http.Cookie{Name: cookieReader}, -1)
	}
}

func (h *Threads) readSent(c *gin.Context, site string) []sentComment {
	var sent []sentComment
	h.Cookies.Open(c, cookieOwn, sentContext(site), &sent)
	return sent
}

// rememberSent adds a comment to the cookie, and drops the oldest beyond maxSent.
func (h *Threads) rememberSent(c *gin.Context, site string, comment sentComment) error {
	sent := []sentComment{comment}
	for _, other := range h.readSent(c, site) {
		if other.ID != comment.ID && len(sent) < maxSent {
			sent = append(sent, other)
		}
	}
	value, err := h.Cookies.Seal(sent, sentContext(site))
	if err != nil {
		return err
	}
	h.setReaderCookie(c, site, http.Cookie{Name: cookieOwn, Value: value}, sentLife)
	return nil
}

// setReaderCookie sets a cookie for the pages of one site only.
func (h *Threads) setReaderCookie(c *gin.Context, site string, cookie http.Cookie, life time.Duration) {
	cookie.SameSite = http.SameSiteLaxMode
	cookie.Path = "/sites/" + site
	h.Cookies.Set(c, cookie, life)
	if h.DemoOn && site == web.DemoSite {
		cookie.Path = page.DemoPath
		h.Cookies.Set(c, cookie, life)
	}
}

// sentComments returns the comments on the article that this browser sent, and that still exist.
func (h *Threads) sentComments(c *gin.Context, at page.ThreadURL) []authorComment {
	var own []authorComment
	for _, sent := range h.readSent(c, at.Site) {
		if sent.Article != articleHash(at.Article) {
			continue
		}
		comment, err := h.Author.Show(c.Request.Context(), sent.ID, sent.Receipt)
		if err != nil {
			// The page is more important than this addition to it.
			h.Log.WarnContext(c.Request.Context(), "own comment not shown", "request_id", httpio.RequestID(c), "comment", sent.ID,
				"err", err)
			continue
		}
		if !comment.Gone() {
			own = append(own, authorComment{comment, sent.Receipt})
		}
	}
	return own
}
