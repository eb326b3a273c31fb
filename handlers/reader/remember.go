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

// How long a reader's browser keeps what we gave it.
const (
	rememberLife = 365 * 24 * time.Hour
	ownLife      = 7 * 24 * time.Hour
	maxOwn       = 5
)

// remembered is what "Save my name, email, and website in this browser" saves. It travels sealed, so that
// neither disk nor proxy shows the email.
type remembered struct {
	Name  string `json:"n"`
	Email string `json:"e"`
	URL   string `json:"u,omitempty"`
	Token string `json:"t,omitempty"` // proves that the same browser comes back
}

// sentComment is a comment that this browser just sent: enough to show it to its writer.
type sentComment struct {
	ID      string `json:"i"`
	Receipt string `json:"r"`
	Article string `json:"a"` // articleMark of the article's key
}

func rememberContext(site string) string { return "remember:" + site }

func ownContext(site string) string { return "own:" + site }

// articleMark stands for an article's key, which may be long.
func articleMark(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:8])
}

func (h *Threads) recall(c *gin.Context, site string) (remembered, bool) {
	var r remembered
	ok := h.Cookies.Open(c, cookieReader, rememberContext(site), &r)
	return r, ok
}

// remember keeps the reader's details in their browser. A website that makes the cookie too long is left out.
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

func (h *Threads) recallOwn(c *gin.Context, site string) []sentComment {
	var sent []sentComment
	h.Cookies.Open(c, cookieOwn, ownContext(site), &sent)
	return sent
}

// rememberOwn lets the browser show one more comment to its writer; the oldest ones give way.
func (h *Threads) rememberOwn(c *gin.Context, site string, one sentComment) error {
	sent := []sentComment{one}
	for _, other := range h.recallOwn(c, site) {
		if other.ID != one.ID && len(sent) < maxOwn {
			sent = append(sent, other)
		}
	}
	value, err := h.Cookies.Seal(sent, ownContext(site))
	if err != nil {
		return err
	}
	h.setReaderCookie(c, site, http.Cookie{Name: cookieOwn, Value: value}, ownLife)
	return nil
}

// setReaderCookie sets a cookie for the pages of one site, so that no other site's requests carry it.
func (h *Threads) setReaderCookie(c *gin.Context, site string, cookie http.Cookie, life time.Duration) {
	cookie.SameSite = http.SameSiteLaxMode
	cookie.Path = "/sites/" + site
	h.Cookies.Set(c, cookie, life)
	if h.DemoOn && site == web.DemoSite {
		cookie.Path = page.DemoPath
		h.Cookies.Set(c, cookie, life)
	}
}

// ownComments returns what this browser sent to the article and its writer may still see.
func (h *Threads) ownComments(c *gin.Context, at page.ThreadURL) []ownComment {
	var own []ownComment
	for _, sent := range h.recallOwn(c, at.Site) {
		if sent.Article != articleMark(at.Article) {
			continue
		}
		comment, err := h.Own.Show(c.Request.Context(), sent.ID, sent.Receipt)
		if err != nil {
			// The page matters more than this addition to it; what is missing here is still in the queue.
			h.Log.WarnContext(
				c.Request.Context(),
				"own comment not shown",
				"request_id",
				httpio.RequestID(c),
				"comment",
				sent.ID,
				"err",
				err,
			)
			continue
		}
		if !comment.Gone() {
			own = append(own, ownComment{comment, sent.Receipt})
		}
	}
	return own
}
