package console

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/session"
)

// cookieOnce holds what a page shows once after a form was carried out, and what nobody else is to see: a
// link, recovery codes, the secret of a second factor that is being set up.
const cookieOnce = "rejoinder_once"

// onceLife bounds how long it waits: long enough to find one's phone.
const onceLife = 10 * time.Minute

// shownOnce is what a page may show once. At most one field is set.
type shownOnce struct {
	Codes []string `json:"codes,omitempty"` // for recovery
	// Secret and URL are those of auth.Enrolment. They are shown until the code is confirmed.
	Secret string `json:"secret,omitempty"`
	URL    string `json:"url,omitempty"`
	// Link is an invitation or a password reset, for the moderator of that name.
	Link string `json:"link,omitempty"`
	For  string `json:"for,omitempty"`
}

// onceContext binds what is shown once to the session that made it.
func onceContext(c *gin.Context) string { return "shown-once:" + session.IdentityOf(c).SessionID }

// showOnce has the next page of the session show it.
func (h *Pages) showOnce(c *gin.Context, shown shownOnce) error {
	sealed, err := h.Cookies.Seal(shown, onceContext(c))
	if err != nil {
		return err
	}
	h.Cookies.Set(c, session.Cookie(cookieOnce, RootPath, sealed), onceLife)
	return nil
}

// takeOnce returns what is to be shown once. A secret is kept for the page after a wrong code.
func (h *Pages) takeOnce(c *gin.Context) shownOnce {
	var shown shownOnce
	if !h.Cookies.Open(c, cookieOnce, onceContext(c), &shown) {
		return shownOnce{}
	}
	if shown.Secret == "" && c.Request.Method == http.MethodGet {
		h.forgetOnce(c)
	}
	return shown
}

func (h *Pages) forgetOnce(c *gin.Context) {
	h.Cookies.Set(c, session.Cookie(cookieOnce, RootPath, ""), -1)
}
