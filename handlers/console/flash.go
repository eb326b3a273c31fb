package console

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
)

// cookieNotice holds the flash message for the next page.
const cookieNotice = "rejoinder_notice"

// noticeLife bounds how long a notice waits for the page that shows it.
const noticeLife = time.Minute

// notice is a flash message: the page after a form shows once what the form did.
type notice struct {
	Text string             `json:"text"`
	Undo string             `json:"undo,omitempty"` // path of the form that reverts it; empty: it can't be undone
	Back []page.HiddenField `json:"-"`              // fields of that form, so that it returns to the page
}

// redirect sends the browser to a page of the console, which shows the notice.
func (h *Pages) redirect(c *gin.Context, to string, n notice) error {
	n.Text = session.Words(c).T(n.Text)
	if err := h.setNotice(c, n); err != nil {
		return err
	}
	httpio.SeeOther(c, to)
	return nil
}

// setNotice keeps a notice for the next page of the session.
func (h *Pages) setNotice(c *gin.Context, n notice) error {
	return h.setFlash(c, cookieNotice, n, noticeLife)
}

// popNotice returns the notice for this page, if there is one, and removes it.
func (h *Pages) popNotice(c *gin.Context) notice {
	var n notice
	if c.Request.Method != http.MethodGet || !h.flash(c, cookieNotice, &n) {
		return notice{}
	}
	h.clearFlash(c, cookieNotice)
	n.Back = parseQueueParams(session.Words(c), c.Request.URL.Query()).fields()
	if c.FullPath() == groupsPath {
		n.Back = groupsReturnFields(c.Query("site"), c.Query("by"))
	}
	return n
}

const cookieSecret = "rejoinder_once"

// secretLife bounds how long a secret waits: long enough to find one's phone.
const secretLife = 10 * time.Minute

// secretFlash holds what the page after a form shows once, to the moderator who sent the form: a link,
// recovery codes, or the secret of a second factor that is being set up.
type secretFlash struct {
	Codes []string `json:"codes,omitempty"` // for recovery
	// Secret and URL are those of auth.Enrolment. They are shown until the code is confirmed.
	Secret string `json:"secret,omitempty"`
	URL    string `json:"url,omitempty"`
	// Link is an invitation or a password reset, for the moderator of that name.
	Link string `json:"link,omitempty"`
	For  string `json:"for,omitempty"`
	// Key is the secret of a server key, a webhook and the like; For says whose it is.
	Key string `json:"key,omitempty"`
}

// ShowOnce shows a secret on the moderator's next page, once. owner says whose secret it is. An empty secret is not
// kept.
func (h *Pages) ShowOnce(c *gin.Context, owner, secret string) error {
	if secret == "" {
		return nil
	}
	return h.setSecret(c, secretFlash{Key: secret, For: owner})
}

// Once is a secret that a page shows, once.
type Once struct {
	For string // whose secret it is
	Key string // empty: there is none
}

// ShownOnce returns the secret that ShowOnce kept for this page, and removes it.
func (h *Pages) ShownOnce(c *gin.Context) Once {
	secret := h.popSecret(c)
	return Once{secret.For, secret.Key}
}

func (h *Pages) setSecret(c *gin.Context, secret secretFlash) error {
	return h.setFlash(c, cookieSecret, secret, secretLife)
}

// popSecret returns the secret for this page and removes it, unless it is a second factor's: that is shown
// again after a wrong code.
func (h *Pages) popSecret(c *gin.Context) secretFlash {
	var secret secretFlash
	if !h.flash(c, cookieSecret, &secret) {
		return secretFlash{}
	}
	if secret.Secret == "" && c.Request.Method == http.MethodGet {
		h.clearFlash(c, cookieSecret)
	}
	return secret
}

// flashContext binds a sealed flash to the session that it was made in.
func flashContext(c *gin.Context, cookie string) string {
	return cookie + ":" + session.IdentityOf(c).SessionID
}

func (h *Pages) setFlash(c *gin.Context, cookie string, value any, life time.Duration) error {
	sealed, err := h.Cookies.Seal(value, flashContext(c, cookie))
	if err != nil {
		return err
	}
	h.Cookies.Set(c, session.Cookie(cookie, RootPath, sealed), life)
	return nil
}

// flash reads a flash into value; false if there is none for this session.
func (h *Pages) flash(c *gin.Context, cookie string, value any) bool {
	return h.Cookies.Open(c, cookie, flashContext(c, cookie), value)
}

func (h *Pages) clearFlash(c *gin.Context, cookie string) {
	h.Cookies.Set(c, session.Cookie(cookie, RootPath, ""), -1)
}
