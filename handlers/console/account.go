package console

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/schedule"
)

// Account serves the page of a moderator's own account.
type Account struct {
	*Pages
	Auth *auth.Service
}

// AccountPath is the page of the signed-in moderator's own account.
const AccountPath = RootPath + "/account"

// The ids of the account page's forms.
const (
	emailFormID    = "email"
	passwordFormID = "password"
	enrolFormID    = "set-up"
	confirmFormID  = "confirm"
	disableFormID  = "turn-off"
	languageFormID = "language"
)

// accountView is the page of a moderator's own account.
type accountView struct {
	frame
	Role     string
	WorksOn  string
	Language formView
	Owes     string // the step required before anything else
	Email    *formView
	Password *formView
	Factor   *factorView
	Codes    []string // recovery codes, shown once
	Sessions []sessionView
	Others   bool // there are other sessions than this one
	SignIns  []attemptView

	Provider *providerView // nil: there is none to sign in with
}

// providerView says how the account is linked to an identity provider, or can be.
type providerView struct {
	Linked    string // label of the provider; empty: not linked
	Since     time.Time
	MayUnlink bool
	Orphaned  bool             // the provider is no longer configured
	Links     []providerButton // providers to link the account to
}

// factorView is the state of the second factor, with the form for the next step.
type factorView struct {
	On       bool
	Left     string // how many recovery codes are left
	Required bool
	Form     formView
	Secret   string // in groups of four, while it is being set up
	QR       *page.QRView
}

type sessionView struct {
	ID         string
	Client     string
	Began      time.Time
	LastUsedAt time.Time
	Current    bool
}

// attemptView is one attempt to sign in.
type attemptView struct {
	Outcome string
	Client  string
	At      time.Time
}

var signInOutcomeLabels = map[auth.SignInOutcome]string{
	auth.SignInDone: "Signed in", auth.SignInFailed: "Wrong password", auth.SignInCodeFailed: "Wrong code",
	auth.SignInLocked: "Locked out after too many failures",
}

var roleLabels = map[auth.Role]string{
	auth.RoleAdmin: "Admin", auth.RoleModerator: "Moderator", auth.RoleRules: "Rules editor", auth.RoleWriter: "Writer",
	auth.RoleViewer: "Viewer",
}

// Show shows the account page.
func (h *Account) Show(c *gin.Context) error { return h.renderAccount(c, nil) }

func (h *Account) renderAccount(c *gin.Context, refused *refusal) error {
	who := session.IdentityOf(c)
	view := accountView{Role: session.Words(c).T(roleLabels[who.Role])}
	var err error
	if view.frame, err = h.newFrame(c, "account", "Your account"); err != nil {
		return err
	}
	view.Styles = []string{"admin.css"}
	secret := h.popSecret(c)
	view.Codes = secret.Codes
	methods, err := h.Auth.Federation.SignInMethods(c.Request.Context(), who)
	if err != nil {
		return err
	}
	view.Provider = h.newProviderView(c, methods)
	linked := methods.Identity != nil
	if who.RequiredStep != auth.StepSetUpSecondFactor && !linked {
		form := passwordForm(refused)
		view.Password = &form
	}
	if who.RequiredStep != auth.StepChangePassword && !linked {
		if view.Factor, err = h.loadFactor(c, secret, refused); err != nil {
			return err
		}
	}
	switch who.RequiredStep {
	case auth.StepChangePassword:
		view.Owes = "Your password was set by someone else. Choose a new one to continue."
	case auth.StepSetUpSecondFactor:
		view.Owes = "A second factor is required here. Set one up to continue."
	default:
		if !linked {
			if view.Email, err = h.emailForm(c, refused); err != nil {
				return err
			}
		}
		if err := h.addHistory(c, &view); err != nil {
			return err
		}
	}
	view.Language = languageForm(c, refused)
	view.Refused = refused.unshown()
	return h.render(c, refused.status(), "account", view)
}

// offeredShare is how much of the console must be translated into a language that is offered.
const offeredShare = 0.5

// languageForm chooses the language and the time zone of the console and of mail.
func languageForm(c *gin.Context, refused *refusal) formView {
	chosen := session.IdentityOf(c).Language
	choices := []choice{{Label: "As in the browser", Selected: chosen == ""}}
	for _, l := range locale.Languages() {
		if l.Share() < offeredShare && l.Tag != chosen {
			continue
		}
		label := l.Name
		if share := l.Share(); share < 1 {
			label += " (" + session.Words(c).Percent(share, 0) + ")"
		}
		choices = append(choices, choice{Value: l.Tag, Label: label, Selected: l.Tag == chosen, Verbatim: true})
	}
	return newFormView(formView{ID: languageFormID, Action: AccountPath + "/language", Button: "Save",
		Fields: []fieldView{
			{Name: "language", Label: "Language of the console", Kind: "select", Choices: choices,
				Hint: "Also used for mail to you. Texts without a translation appear in English."},
			{Name: "time_zone", Label: "Your time zone", Kind: "select", Choices: ownZoneChoices(c),
				Hint: "For mail to you and its quiet hours. The console uses the time zone of your browser; without JavaScript it uses this one."},
		}}, refused)
}

// ownZoneChoices are the time zones to choose from; that of the sites is the default.
func ownZoneChoices(c *gin.Context) []choice {
	who := session.IdentityOf(c)
	zones := ZoneChoices(who.TimeZone)
	if !who.ChosenZone {
		zones = withSelected(zones)
	}
	return append([]choice{{Label: "As the site", Selected: !who.ChosenZone}}, zones...)
}

// languageLife is how long a browser keeps the chosen language for the pages before sign-in.
const languageLife = 365 * 24 * time.Hour

// ChooseLanguage sets the language and the time zone of the moderator's console and mail.
func (h *Account) ChooseLanguage(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	chosen, life := "", -time.Second
	if tag := values.Get("language"); locale.Has(tag) {
		chosen, life = tag, languageLife
	}
	choice := auth.LocaleChoice{Language: &chosen}
	if zone := values.Get("time_zone"); values.Has("time_zone") {
		if !schedule.ValidZone(zone) {
			unknown := httpio.InvalidField("/time_zone", "unknown", schedule.UnknownZone)
			return h.refuse(c, &refusal{form: languageFormID, typed: values}, unknown, h.renderAccount)
		}
		choice.TimeZone = &zone
	}
	if err := h.Auth.ChooseLocale(c.Request.Context(), session.IdentityOf(c).ModeratorID, choice); err != nil {
		return err
	}
	h.Cookies.Set(c, session.Cookie(session.LanguageCookie, RootPath, chosen), life)
	saved := locale.MatchConsole(chosen, c.GetHeader("Accept-Language")).T("Saved.") // not in the language before
	if err := h.setNotice(c, notice{Text: saved}); err != nil {
		return err
	}
	httpio.SeeOther(c, AccountPath)
	return nil
}

// newProviderView returns nil if the account has nothing to do with a provider.
func (h *Account) newProviderView(c *gin.Context, m auth.SignInMethods) *providerView {
	if m.Identity == nil && !m.MayLink {
		return nil
	}
	view := &providerView{MayUnlink: m.MayUnlink}
	for _, p := range h.Auth.Federation.Providers(c.Request.Context()) {
		if m.Identity != nil && p.Name == m.Identity.Provider {
			view.Linked = p.Label
		}
		view.Links = append(view.Links, providerButton{Label: p.Label, Href: AccountPath + "/link/" + p.Name, Down: p.Down})
	}
	if m.Identity != nil {
		view.Since, view.Links, view.Orphaned = m.Identity.CreatedAt, nil, m.Identity.Orphaned
		if view.Linked == "" {
			view.Linked = m.Identity.Provider
		}
	}
	return view
}

// addHistory adds the moderator's sites, sessions and sign-ins.
func (h *Account) addHistory(c *gin.Context, view *accountView) error {
	who := session.IdentityOf(c)
	sites, err := h.Sites.List(c.Request.Context(), session.ViewerOf(c))
	if err != nil {
		return err
	}
	words := session.Words(c)
	view.WorksOn = words.T("all sites")
	if len(who.SiteIDs) > 0 {
		view.WorksOn = joinNames(who.SiteIDs, siteNames(sites))
	}
	sessions, err := h.Auth.Sessions(c.Request.Context(), who)
	if err != nil {
		return err
	}
	for _, s := range sessions {
		current := s.ID == who.SessionID
		view.Others = view.Others || !current
		view.Sessions = append(view.Sessions,
			sessionView{s.ID, clientName(words, s.Client), s.CreatedAt, s.LastUsedAt, current})
	}
	events, err := h.Auth.RecentSignIns(c.Request.Context(), who)
	if err != nil {
		return err
	}
	for _, e := range events {
		view.SignIns = append(view.SignIns, attemptView{words.T(signInOutcomeLabels[e.Outcome]), clientName(words, e.Client), e.CreatedAt})
	}
	return nil
}

// clientName is a browser and its system, which sessions are stored with in English.
func clientName(words *locale.Language, client string) string {
	if client == "" {
		return words.T("Unknown browser")
	}
	if browser, system, found := strings.Cut(client, " on "); found {
		return words.T("%s on %s", browser, system)
	}
	return client
}

// emailForm changes the email that the moderator signs in with.
func (h *Account) emailForm(c *gin.Context, refused *refusal) (*formView, error) {
	email, err := h.Auth.OwnEmail(c.Request.Context(), session.IdentityOf(c))
	if err != nil {
		return nil, err
	}
	form := newFormView(formView{ID: emailFormID, Action: AccountPath + "/email", Button: "Change email",
		Fields: []fieldView{
			{Name: "email", Label: "Email", Kind: "email", Complete: "username", Value: email, Required: true,
				Hint: "You sign in with it, and mail to you goes there. Other moderators don’t see it."},
			{Name: "password", Label: "Current password", Kind: "password", Complete: "current-password", Required: true,
				Hint: "A new email ends all your other sessions."},
		}}, refused)
	return &form, nil
}

// ChangeEmail changes the moderator's own email and ends their other sessions.
func (h *Account) ChangeEmail(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	device, err := h.Auth.ChangeEmail(c.Request.Context(), session.IdentityOf(c), auth.EmailChange{
		Password: values.Get("password"), Email: values.Get("email"),
	})
	if err != nil {
		return h.refuse(c, &refusal{form: emailFormID, typed: values}, err, h.renderAccount)
	}
	if device == "" {
		return h.redirect(c, AccountPath, notice{Text: "That is your email already. Nothing was changed."})
	}
	h.Sessions.SetDevice(c, device)
	return h.redirect(c, AccountPath, notice{Text: "Your email has been changed, and all your other sessions have ended. Sign in with the new one from now on."})
}

func passwordForm(refused *refusal) formView {
	return newFormView(formView{ID: passwordFormID, Action: AccountPath + "/password", Button: "Change password",
		Fields: []fieldView{
			{Name: "current_password", Label: "Current password", Kind: "password", Complete: "current-password",
				Pointer: "/password", Required: true},
			{Name: "new_password", Label: "New password", Kind: "password", Complete: "new-password",
				Required: true, Hint: passwordHint},
		}}, refused)
}

// Hints beside a new password.
const (
	passwordRule = "At least 12 characters. A few unrelated words are easy to remember and hard to guess."
	passwordHint = "At least 12 characters. A few unrelated words are easy to remember and hard to guess. This ends all your " +
		"other sessions."
)

// ChangePassword changes the moderator's own password and ends their other sessions.
func (h *Account) ChangePassword(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	device, err := h.Auth.ChangePassword(c.Request.Context(), session.IdentityOf(c), auth.PasswordChange{
		Current: values.Get("current_password"), New: values.Get("new_password"),
	})
	if err != nil {
		return h.refuse(c, &refusal{form: passwordFormID, typed: values}, err, h.renderAccount)
	}
	h.Sessions.SetDevice(c, device)
	return h.redirect(c, AccountPath, notice{Text: "Your password has been changed, and all your other sessions have ended."})
}

// EndSession ends one of the moderator's own sessions.
func (h *Account) EndSession(c *gin.Context) error {
	id, err := httpio.PathID(c)
	if err != nil {
		return err
	}
	err = h.Auth.EndSession(c.Request.Context(), session.IdentityOf(c), id)
	if err != nil && !errors.Is(err, auth.ErrUnknownSession) { // an unknown session has ended already
		return err
	}
	return h.redirect(c, AccountPath, notice{Text: "The session has ended."})
}

// EndOtherSessions ends all of the moderator's sessions except this one.
func (h *Account) EndOtherSessions(c *gin.Context) error {
	if _, err := h.Auth.EndOtherSessions(c.Request.Context(), session.IdentityOf(c)); err != nil {
		return err
	}
	return h.redirect(c, AccountPath, notice{Text: "All your other sessions have ended."})
}

// redirectToRequiredStep redirects a page request to the account page, where the moderator takes the required
// step. It reports false for all other requests.
func redirectToRequiredStep(c *gin.Context) bool {
	if c.Request.Method != http.MethodGet && c.Request.Method != http.MethodHead {
		return false
	}
	c.Abort()
	httpio.SeeOther(c, AccountPath)
	return true
}

// joinNames returns the sorted names of the ids, separated by commas.
func joinNames(ids []string, names map[string]string) string {
	list := make([]string, 0, len(ids))
	for _, id := range ids {
		list = append(list, names[id])
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// siteNames maps site ids to names.
func siteNames(sites []moderation.Site) map[string]string {
	names := make(map[string]string, len(sites))
	for _, site := range sites {
		names[site.ID] = site.Name
	}
	return names
}
