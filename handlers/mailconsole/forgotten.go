package mailconsole

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
)

// ForgottenPath is the page on which a moderator asks for a new password.
const ForgottenPath = "/console/forgotten-password"

type forgottenView struct {
	page.Frame
	SendsMail bool
	Sent      bool
}

// ShowForgotten asks for the email of an account.
func (h *Pages) ShowForgotten(c *gin.Context) error {
	return h.renderForgotten(c, c.Query("sent") != "")
}

func (h *Pages) renderForgotten(c *gin.Context, sent bool) error {
	c.Header("Cache-Control", "private, no-store")
	return h.Renderer.Render(c, http.StatusOK, "forgotten", forgottenView{
		Frame:     page.ConsoleFrame(session.Words(c), "Forgotten password"),
		SendsMail: h.SendsMail, Sent: sent,
	})
}

// SendLink mails a link that sets a new password. The response does not tell whether there is such an account.
func (h *Pages) SendLink(c *gin.Context) error {
	if !h.PublicURL.IsSameOrigin(c) {
		return httpio.ErrCrossOrigin
	}
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	if h.SendsMail {
		if err := h.Auth.MailPasswordLink(c.Request.Context(), values.Get("email")); err != nil {
			return err
		}
	}
	httpio.SeeOther(c, ForgottenPath+"?sent=1")
	return nil
}
