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
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
)

const AccountPath = RootPath + "/account"

// The ids of the account page's forms.
const (
	passwordFormID = "password"
	enrolFormID    = "set-up"
	confirmFormID  = "confirm"
	disableFormID  = "turn-off"
)

// accountView is what a moderator sees and does about the own account.
type accountView struct {
	consoleFrame
	Role     string
	WorksOn  string
	Owes     string // what is to be done before anything else
	Password *consoleForm
	Factor   *factorView
	Codes    []string // for recovery, shown once
	Sessions []sessionView
	Others   bool // there are other sessions than this one
	SignIns  []attemptView
}

// factorView is how the second factor stands, and what can be done about it.
type factorView struct {
	On       bool
	Left     string // how many recovery codes are left
	Required bool
	Form     consoleForm
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

// outcomeOfSignIn says what became of an attempt to sign in.
var outcomeOfSignIn = map[auth.SignInOutcome]string{
	auth.SignInDone: "Signed in", auth.SignInFailed: "Wrong password", auth.SignInCodeFailed: "Wrong code",
	auth.SignInLocked: "Wrong too often, has to wait",
}

var roleWords = map[auth.Role]string{auth.RoleAdmin: "Admin", auth.RoleModerator: "Moderator"}

func (h *Account) AccountPage(c *gin.Context) error { return h.showAccount(c, nil) }

func (h *Account) showAccount(c *gin.Context, refused *refusal) error {
	who := session.IdentityOf(c)
	view := accountView{Role: roleWords[who.Role]}
	var err error
	if view.consoleFrame, err = h.consoleFrame(c, "account", "Your account"); err != nil {
		return err
	}
	view.Styles = []string{"admin.css"}
	shown := h.takeOnce(c)
	view.Codes = shown.Codes
	if who.RequiredStep != auth.StepSetUpSecondFactor {
		form := passwordForm(refused)
		view.Password = &form
	}
	if who.RequiredStep != auth.StepChangePassword {
		if view.Factor, err = h.factorOf(c, shown, refused); err != nil {
			return err
		}
	}
	switch who.RequiredStep {
	case auth.StepChangePassword:
		view.Owes = "Somebody else made your password. Choose one of your own; then you can go on."
	case auth.StepSetUpSecondFactor:
		view.Owes = "Everybody here signs in with a second factor. Set one up; then you can go on."
	default:
		if err := h.addHistory(c, &view); err != nil {
			return err
		}
	}
	view.Refused = refused.unsaid()
	return h.renderConsole(c, refused.status(), "account", view)
}

// addHistory adds what the moderator may see who owes nothing.
func (h *Account) addHistory(c *gin.Context, view *accountView) error {
	who := session.IdentityOf(c)
	sites, err := h.Sites.List(c.Request.Context(), session.ViewerOf(c))
	if err != nil {
		return err
	}
	view.WorksOn = "every site"
	if len(who.SiteIDs) > 0 {
		view.WorksOn = namesOf(who.SiteIDs, siteNames(sites))
	}
	sessions, err := h.Auth.Sessions(c.Request.Context(), who)
	if err != nil {
		return err
	}
	for _, one := range sessions {
		current := one.ID == who.SessionID
		view.Others = view.Others || !current
		view.Sessions = append(
			view.Sessions,
			sessionView{one.ID, clientOr(one.Client), one.CreatedAt, one.LastUsedAt, current},
		)
	}
	events, err := h.Auth.RecentSignIns(c.Request.Context(), who)
	if err != nil {
		return err
	}
	for _, e := range events {
		view.SignIns = append(view.SignIns, attemptView{outcomeOfSignIn[e.Outcome], clientOr(e.Client), e.CreatedAt})
	}
	return nil
}

func clientOr(client string) string {
	if client == "" {
		return "Unknown browser"
	}
	return client
}

func passwordForm(refused *refusal) consoleForm {
	return newConsoleForm(consoleForm{ID: passwordFormID, Action: AccountPath + "/password", Button: "Change password",
		Fields: []consoleField{
			{
				Name:     "current_password",
				Label:    "Current password",
				Kind:     "password",
				Complete: "current-password",
				Pointer:  "/password",
				Required: true,
			},
			{
				Name:     "new_password",
				Label:    "New password",
				Kind:     "password",
				Complete: "new-password",
				Required: true,
				Hint:     passwordHint,
			},
		}}, refused)
}

// What is said beside a new password.
const (
	passwordRule = "At least 12 characters. A few words that do not belong together are easy to remember and hard to guess."
	passwordHint = passwordRule + " All your other sessions end."
)

// PasswordChangeForm changes the moderator's own password and ends their other sessions.
func (h *Account) PasswordChangeForm(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	device, err := h.Auth.ChangePassword(c.Request.Context(), session.IdentityOf(c), auth.PasswordChange{
		Current: values.Get("current_password"), New: values.Get("new_password"),
	})
	if err != nil {
		refused, err := h.refuse(c, passwordFormID, values, err)
		if err != nil {
			return err
		}
		return h.showAccount(c, refused)
	}
	h.Sessions.SetDevice(c, device)
	h.leaveNotice(c, "password")
	httpio.SeeOther(c, AccountPath)
	return nil
}

// EndSessionForm ends one of the moderator's own sessions.
func (h *Account) EndSessionForm(c *gin.Context) error {
	id, err := httpio.CommentID(c)
	if err != nil {
		return err
	}
	// One that is over already is what was asked for.
	if err := h.Auth.EndSession(c.Request.Context(), session.IdentityOf(c), id); err != nil &&
		!errors.Is(err, auth.ErrUnknownSession) {
		return err
	}
	h.leaveNotice(c, "session-ended")
	httpio.SeeOther(c, AccountPath)
	return nil
}

// EndOthersForm ends all of the moderator's sessions but this one.
func (h *Account) EndOthersForm(c *gin.Context) error {
	if _, err := h.Auth.EndOtherSessions(c.Request.Context(), session.IdentityOf(c)); err != nil {
		return err
	}
	h.leaveNotice(c, "session-ended")
	httpio.SeeOther(c, AccountPath)
	return nil
}

// sendToDuty sends a browser that asks for a page to where its moderator does what they owe; false for all
// other requests.
func sendToDuty(c *gin.Context) bool {
	if c.Request.Method != http.MethodGet && c.Request.Method != http.MethodHead {
		return false
	}
	c.Abort()
	httpio.SeeOther(c, AccountPath)
	return true
}

// namesOf lists things by name, for people.
func namesOf(ids []string, names map[string]string) string {
	list := make([]string, 0, len(ids))
	for _, id := range ids {
		list = append(list, names[id])
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// siteNames are the sites' names by id.
func siteNames(sites []moderation.Site) map[string]string {
	names := make(map[string]string, len(sites))
	for _, site := range sites {
		names[site.ID] = site.Name
	}
	return names
}

type Account struct {
	*Pages
	Auth *auth.Service
}
