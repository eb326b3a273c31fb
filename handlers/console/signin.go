package console

import (
	"errors"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/api"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
)

// SignIn serves the pages for signing in and for invitations, and guards the console's routes.
type SignIn struct {
	*Pages
	Auth      *auth.Service
	Setup     *auth.Setup
	FormLimit int64 // maximum size in bytes of a form that the sign-in page carries
	SendsMail bool  // the server can send mail
}

const signInPath = RootPath + "/sign-in"

// SignInPath is the sign-in page. ProviderPath and the name of an identity provider start a sign-in there.
const (
	SignInPath   = signInPath
	ProviderPath = signInPath + "/with/"
)

// signInView is the sign-in page.
type signInView struct {
	page.Frame
	Email   string // typed earlier
	Token   string // result of the first step; the page asks for the code
	Next    string
	Problem string
	Wait    string
	Kept    []page.HiddenField // a form whose session had ended

	NeedsSetup bool // nobody has an account yet
	SendsMail  bool // a forgotten password can be replaced by mail

	Providers    []providerButton
	PasswordsOff bool // for all accounts but one
}

// providerButton starts a sign-in with an identity provider.
type providerButton struct {
	Label string
	Href  string
	Down  bool // it does not respond
}

// RequireSession requires a session of a moderator with that permission, and with no required step except the
// allowed ones. It renews an expired access token. Without a session, it redirects to the sign-in page.
// Requests that change something must come from the console itself.
func (h *SignIn) RequireSession(need auth.Permission, allowed ...auth.RequiredStep) func(*gin.Context) error {
	return func(c *gin.Context) error {
		who, err := h.openSession(c)
		if err != nil || c.IsAborted() || SignedOut(c) {
			return err
		}
		if !slices.Contains(allowed, who.RequiredStep) {
			if err := who.RequiredStep.Err(); err != nil && !redirectToRequiredStep(c) {
				return err
			}
			if c.IsAborted() {
				return nil
			}
		}
		if !who.May(need) {
			return httpio.ErrRole
		}
		session.SetIdentity(c, who)
		return nil
	}
}

// openSession returns the moderator of the session. Without a session, it redirects to the sign-in page and
// aborts; for a form, ResumeAfterSignIn does so, after the form has arrived.
func (h *SignIn) openSession(c *gin.Context) (auth.Identity, error) {
	if !h.PublicURL.IsSameOrigin(c) {
		return auth.Identity{}, httpio.ErrCrossOrigin
	}
	identity, err := h.Sessions.Identity(c)
	if errors.Is(err, auth.ErrTokenInvalid) {
		h.Sessions.Clear(c)
		if c.Request.Method == http.MethodPost && httpio.WantsHTML(c) {
			c.Set(keySignedOut, true)
			return auth.Identity{}, nil
		}
		c.Abort()
		httpio.SeeOther(c, signInURL(c))
		return auth.Identity{}, nil
	}
	return identity, err
}

// signInURL is the sign-in page, which returns to the requested page.
func signInURL(c *gin.Context) string {
	if c.Request.Method != http.MethodGet || c.Request.URL.RequestURI() == RootPath {
		return signInPath
	}
	return signInPath + "?" + url.Values{"next": {c.Request.URL.RequestURI()}}.Encode()
}

// safeNext returns next if it is a page of the console, otherwise the queue. It must never lead to another
// site.
func safeNext(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !isConsoleURL(u) {
		return RootPath
	}
	return (&url.URL{Path: u.Path, RawQuery: u.Query().Encode()}).String()
}

// isConsoleURL reports whether a URL is in the console, in canonical form.
func isConsoleURL(u *url.URL) bool {
	if u.Path == RootPath {
		return true
	}
	return strings.HasPrefix(u.Path, RootPath+"/") && path.Clean(u.Path) == u.Path &&
		u.EscapedPath() == u.Path && u.Path != signInPath
}

// Show shows the sign-in page, or redirects moderators who are signed in.
func (h *SignIn) Show(c *gin.Context) error {
	if _, err := h.Sessions.Identity(c); err == nil {
		httpio.SeeOther(c, safeNext(c.Query("next")))
		return nil
	}
	return h.renderSignIn(c, http.StatusOK, signInView{Next: c.Query("next")})
}

func (h *SignIn) renderSignIn(c *gin.Context, status int, view signInView) error {
	var err error
	if view.NeedsSetup, err = h.Setup.Needed(c.Request.Context()); err != nil {
		return err
	}
	view.Frame, view.SendsMail = pageFrame(c, "Sign in"), h.SendsMail
	view.Next, view.PasswordsOff = httpio.Printable(view.Next), h.Auth.PasswordsOff()
	if view.Token == "" {
		view.Providers = h.providerButtons(c, view.Next)
	}
	c.Header("Cache-Control", "private, no-store")
	return h.Renderer.Render(c, status, "sign-in", view)
}

func (h *SignIn) providerButtons(c *gin.Context, next string) []providerButton {
	var buttons []providerButton
	for _, p := range h.Auth.Federation.Providers(c.Request.Context()) {
		href := ProviderPath + p.Name
		if next != "" {
			href += "?" + url.Values{"next": {next}}.Encode()
		}
		buttons = append(buttons, providerButton{Label: p.Label, Href: href, Down: p.Down})
	}
	return buttons
}

// SafeNext returns next if it is a page of the console, otherwise the queue.
func SafeNext(next string) string { return safeNext(next) }

// SignIn takes one step of signing in.
func (h *SignIn) SignIn(c *gin.Context) error {
	if !h.PublicURL.IsSameOrigin(c) {
		return httpio.ErrCrossOrigin
	}
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	kept, err := h.keptFields(values)
	if err != nil {
		return err
	}
	if values.Get("resume") != "" { // signed in meanwhile, in another tab
		if _, err := h.Sessions.Identity(c); err == nil {
			return h.resume(c, values)
		}
	}
	words := session.Words(c)
	email, next, token := values.Get("email"), values.Get("next"), values.Get("token")
	session, err := h.signInStep(c, values)
	var needed *auth.SecondFactorNeeded
	switch {
	case err == nil:
		h.Sessions.Begin(c, session)
		return h.resume(c, values)
	case errors.As(err, &needed):
		return h.renderSignIn(c, http.StatusOK, signInView{Token: needed.Token, Next: next, Kept: kept})
	case errors.Is(err, auth.ErrTokenInvalid):
		token = "" // start again with the first step
	}
	p := httpio.ProblemOf(err, httpio.RequestID(c))
	if p.Status >= http.StatusInternalServerError {
		return err
	}
	httpio.RecordProblem(c, p)
	return h.renderSignIn(c, p.Status, signInView{
		Email:   httpio.Printable(email),
		Token:   httpio.Printable(token),
		Next:    next,
		Problem: p.Detail,
		Wait:    words.Wait(p.RetryAfter),
		Kept:    kept,
	})
}

// signInStep takes the second step if the form contains the token of the first, otherwise the first.
func (h *SignIn) signInStep(c *gin.Context, values url.Values) (auth.Session, error) {
	from := h.Sessions.LoginRequest(c)
	if token := values.Get("token"); token != "" {
		return h.Auth.SecondFactors.Login(c.Request.Context(), auth.CodeRequest{Token: token, Code: values.Get("code"), From: from})
	}
	from.Email, from.Password = strings.TrimSpace(values.Get("email")), values.Get("password")
	return h.Auth.Login(c.Request.Context(), from)
}

const invitationFormID = "accept"

// invitationView is the page that an invitation, or a password reset link, leads to.
type invitationView struct {
	page.Frame
	Name  string // the moderator's
	Reset bool   // the link resets a password
	Form  formView
}

// ShowInvitation shows the page that a link leads to.
func (h *SignIn) ShowInvitation(c *gin.Context) error { return h.renderInvitation(c, nil) }

func (h *SignIn) renderInvitation(c *gin.Context, refused *refusal) error {
	secret := c.Param("secret")
	info, err := h.Auth.LookUpLink(c.Request.Context(), secret)
	if err != nil {
		return err
	}
	view := invitationView{Name: info.Name, Reset: info.Kind == auth.LinkPasswordReset}
	name := fieldView{Name: "name", Label: "Name", Kind: "text", Value: info.Name, Complete: "name", Required: true,
		Hint: "Shown next to your decisions, and with your public replies."}
	password := fieldView{Name: "password", Label: "Password", Kind: "password", Complete: "new-password",
		Required: true, Hint: passwordRule}
	title, form := "Welcome", formView{ID: invitationFormID, Action: api.InvitationPath + secret,
		Button: "Accept and sign in", Fields: []fieldView{name, password}}
	if view.Reset {
		password.Label = "New password"
		title, form.Button, form.Fields = "Choose a new password", "Set password and sign in", []fieldView{password}
	}
	view.Form = newFormView(form, refused)
	view.Frame = pageFrame(c, title)
	c.Header("Cache-Control", "private, no-store")
	return h.Renderer.Render(c, refused.status(), "invitation", view)
}

// AcceptInvitation sets the password, and signs the moderator in.
func (h *SignIn) AcceptInvitation(c *gin.Context) error {
	if !h.PublicURL.IsSameOrigin(c) {
		return httpio.ErrCrossOrigin
	}
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	session, err := h.Auth.Accept(c.Request.Context(), auth.Acceptance{
		Secret: c.Param("secret"), Name: values.Get("name"), Password: values.Get("password"),
	}, h.Sessions.LoginRequest(c))
	var needed *auth.SecondFactorNeeded
	switch {
	case errors.As(err, &needed):
		return h.renderSignIn(c, http.StatusOK, signInView{Token: needed.Token})
	case err != nil:
		return h.refuse(c, &refusal{form: invitationFormID, typed: values}, err, h.renderInvitation)
	}
	h.Sessions.Begin(c, session)
	httpio.SeeOther(c, RootPath)
	return nil
}
