package identityconsole

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/console"
	"rejoinder/handlers/session"
)

// cookieSecret holds a new secret for the page after the form that made it, sealed.
const cookieSecret = "rejoinder_identity_secret"

// secretLife bounds how long the secret waits for that page.
const secretLife = time.Minute

type secretFlash struct {
	Secret string `json:"secret"`
	Name   string `json:"name"`
}

// secretContext binds the cookie to the session, and to the page of one site.
func secretContext(c *gin.Context) string {
	return cookieSecret + ":" + session.IdentityOf(c).SessionID + ":" + c.Param("site")
}

func (h *Pages) setSecret(c *gin.Context, secret, name string) error {
	sealed, err := h.Cookies.Seal(secretFlash{secret, name}, secretContext(c))
	if err != nil {
		return err
	}
	h.Cookies.Set(c, session.Cookie(cookieSecret, console.RootPath, sealed), secretLife)
	return nil
}

// popSecret returns the secret for this page and removes it; empty if there is none.
func (h *Pages) popSecret(c *gin.Context) (secret, name string) {
	var flash secretFlash
	if c.Request.Method != http.MethodGet || !h.Cookies.Open(c, cookieSecret, secretContext(c), &flash) {
		return "", ""
	}
	h.Cookies.Set(c, session.Cookie(cookieSecret, console.RootPath, ""), -1)
	return flash.Secret, flash.Name
}
