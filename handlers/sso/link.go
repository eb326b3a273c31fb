package sso

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/auth/oidc"
	"rejoinder/handlers/console"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
)

// linkView is the page that asks for the password of the account to link.
type linkView struct {
	page.Frame
	Token   string
	Next    string
	Problem string
	Wait    string
}

// refuseLogin shows why a sign-in failed, or asks for the password of the account that it would link.
func (h *Pages) refuseLogin(c *gin.Context, flow oidc.Flow, err error) error {
	var needed *auth.LinkNeeded
	if errors.As(err, &needed) {
		return h.renderLink(c, http.StatusOK, linkView{Token: needed.Token, Next: flow.Next})
	}
	return h.refuse(c, err)
}

func (h *Pages) renderLink(c *gin.Context, status int, view linkView) error {
	view.Frame, view.Next = frame(c, "Link your account"), console.SafeNext(view.Next)
	setPrivate(c)
	return h.Renderer.Render(c, status, "provider-link", view)
}

// Link links an account after its password was entered, and signs in.
func (h *Pages) Link(c *gin.Context) error {
	if !h.PublicURL.IsSameOrigin(c) {
		return httpio.ErrCrossOrigin
	}
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	token, next := values.Get("token"), console.SafeNext(values.Get("next"))
	signedIn, err := h.Auth.Federation.Link(c.Request.Context(), auth.LinkRequest{
		Token: token, Password: values.Get("password"), Code: values.Get("code"), From: h.Sessions.LoginRequest(c),
	})
	var wait *auth.TooManyAttempts
	switch {
	case err == nil:
		h.Sessions.Set(c, signedIn)
		httpio.SeeOther(c, next)
		return nil
	case errors.Is(err, auth.ErrBadCredentials), errors.Is(err, auth.ErrWrongCode), errors.As(err, &wait):
		p := httpio.ProblemOf(err, httpio.RequestID(c))
		httpio.RecordProblem(c, p)
		view := linkView{Token: httpio.Printable(token), Next: next, Problem: p.Detail,
			Wait: session.Words(c).Wait(p.RetryAfter)}
		if errors.Is(err, auth.ErrBadCredentials) {
			view.Problem = "This is not the password of your account here."
		}
		return h.renderLink(c, p.Status, view)
	}
	return h.refuse(c, err)
}

// Unlink removes the link of the moderator's own account to a provider. All its sessions end.
func (h *Pages) Unlink(c *gin.Context) error {
	err := h.Auth.Federation.Unlink(c.Request.Context(), session.IdentityOf(c))
	if errors.Is(err, auth.ErrNotLinked) { // it was done before
		httpio.SeeOther(c, console.AccountPath)
		return nil
	}
	if err != nil {
		return h.refuse(c, err)
	}
	h.Sessions.Clear(c)
	httpio.SeeOther(c, console.SignInPath)
	return nil
}

// UnlinkModerator removes the link of another account.
func (h *Pages) UnlinkModerator(c *gin.Context) error {
	id := c.Param("id")
	err := h.Auth.Federation.UnlinkModerator(c.Request.Context(), session.IdentityOf(c), id)
	if err != nil && !errors.Is(err, auth.ErrNotLinked) {
		return err
	}
	return h.Redirect(c, console.ModeratorsPath+"/"+id, "The account is no longer linked, and its sessions have ended.")
}
