package console

import (
	"context"
	"errors"
	"net/url"
	"slices"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/api"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
)

// The ids of the forms about moderators.
const (
	inviteFormID  = "invite"
	accountFormID = "account"
)

// Where a moderator works.
const (
	scopeAll  = "all"
	scopeSome = "some"
)

// moderatorsView lists the moderators that the admin may administer.
type moderatorsView struct {
	adminFrame
	Once   shownOnce
	People []personView
	Invite consoleForm
}

// moderatorView is one of them.
type moderatorView struct {
	adminFrame
	Once   shownOnce
	Person personView
	Form   consoleForm
	Itself bool // it is the admin's own account
}

type personView struct {
	ID           string
	Name         string
	Role         string
	WorksOn      string
	Status       string
	SecondFactor bool
	Link         string // what may be used, and until when; empty: none
	Href         string
}

func newPersonView(a auth.Account, names map[string]string) personView {
	p := personView{ID: a.ID, Name: a.Name, Role: roleWords[a.Role], Status: a.Status(), SecondFactor: a.SecondFactor,
		WorksOn: "every site", Href: ModeratorsPath + "/" + a.ID}
	if len(a.SiteIDs) > 0 {
		p.WorksOn = namesOf(a.SiteIDs, names)
	}
	if a.Link != nil {
		p.Link = "A link to reset the password may be used until " + page.HumanTime(a.Link.ExpiresAt) + "."
		if a.Link.Kind == auth.LinkInvitation {
			p.Link = "The invitation may be accepted until " + page.HumanTime(a.Link.ExpiresAt) + "."
		}
	}
	return p
}

func (h *Moderators) ModeratorsPage(c *gin.Context) error { return h.showModerators(c, nil) }

func (h *Moderators) showModerators(c *gin.Context, refused *refusal) error {
	accounts, err := h.Auth.Accounts(c.Request.Context(), session.IdentityOf(c))
	if err != nil {
		return err
	}
	sites, err := h.Sites.List(c.Request.Context(), session.ViewerOf(c))
	if err != nil {
		return err
	}
	view := moderatorsView{Once: h.takeOnce(c), Invite: inviteForm(session.IdentityOf(c), sites, refused)}
	if view.adminFrame, err = h.adminFrame(c, ModeratorsPath, "Moderators"); err != nil {
		return err
	}
	names := siteNames(sites)
	for _, a := range accounts {
		view.People = append(view.People, newPersonView(a, names))
	}
	return h.renderConsole(c, refused.status(), "moderators", view)
}

func inviteForm(who auth.Identity, sites []moderation.Site, refused *refusal) consoleForm {
	fields := []consoleField{
		{
			Name:     "email",
			Label:    "Email",
			Kind:     "email",
			Required: true,
			Hint:     "To sign in with. Nobody is shown it, and nothing is sent: you pass the link on yourself.",
		},
		{Name: "name", Label: "Name", Kind: "text", Required: true, Hint: "Can be changed when the invitation is accepted."},
	}
	if len(who.SiteIDs) > 0 {
		fields[0].Hint += " Somebody who has an account for other sites is told so when accepting; " +
			"an admin of every site can let that account work here."
	}
	return newConsoleForm(consoleForm{ID: inviteFormID, Action: ModeratorsPath, Button: "Make an invitation",
		Fields: append(fields, worksFields(who, sites, auth.Moderator{Role: auth.RoleModerator})...)}, refused)
}

// worksFields ask what a moderator may do, and where. An admin of certain sites can give nobody more than
// these.
func worksFields(who auth.Identity, sites []moderation.Site, m auth.Moderator) []consoleField {
	fields := []consoleField{
		{
			Name:  "role",
			Label: "Role",
			Kind:  "select",
			Hint:  "Admins also change rules, sites and moderators.",
			Choices: chooses(
				[]choice{{Value: string(auth.RoleModerator), Label: "Moderator"}, {Value: string(auth.RoleAdmin), Label: "Admin"}},
				string(m.Role),
			),
		},
	}
	scope, list := scopeAll, make([]choice, 0, len(sites))
	for _, site := range sites {
		list = append(list, choice{Value: site.Slug, Label: site.Name, Selected: slices.Contains(m.SiteIDs, site.ID)})
	}
	if len(m.SiteIDs) > 0 {
		scope = scopeSome
	}
	if len(who.SiteIDs) == 0 {
		fields = append(fields, consoleField{
			Name:  "scope",
			Label: "Works on",
			Kind:  "radios",
			Choices: chooses(
				[]choice{{Value: scopeAll, Label: "Every site, also those to come"}, {Value: scopeSome, Label: "Only these:"}},
				scope,
			),
		})
	}
	return append(fields, consoleField{Name: "sites", Label: "Sites", Kind: "checks", Choices: list})
}

// worksOn reads where a moderator is to work; empty means every site.
func (h *Moderators) worksOn(c *gin.Context, values url.Values) ([]string, error) {
	if values.Get("scope") == scopeAll && len(session.IdentityOf(c).SiteIDs) == 0 {
		return nil, nil
	}
	if len(values["sites"]) == 0 {
		return nil, httpio.InvalidField("/sites", "required", "Choose at least one.")
	}
	return h.Api.SiteIDs(c, values["sites"])
}

// InviteModeratorForm adds a moderator who sets name and password by the link on the next page.
func (h *Moderators) InviteModeratorForm(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	ids, err := h.worksOn(c, values)
	var link auth.NewLink
	if err == nil {
		_, link, err = h.Auth.Invite(c.Request.Context(), session.IdentityOf(c), auth.NewModerator{
			Email: values.Get("email"), Name: values.Get("name"), Role: auth.Role(values.Get("role")), SiteIDs: ids,
		})
	}
	if err != nil {
		refused, err := h.refuse(c, inviteFormID, values, err)
		if err != nil {
			return err
		}
		return h.showModerators(c, refused)
	}
	return h.handLink(c, link, httpio.Printable(values.Get("name")), ModeratorsPath)
}

// handLink has the next page show a link that was just made, once.
func (h *Moderators) handLink(c *gin.Context, link auth.NewLink, name, next string) error {
	if err := h.showOnce(c, shownOnce{Link: h.Api.NewLinkResponse(link).URL, For: name}); err != nil {
		return err
	}
	httpio.SeeOther(c, next)
	return nil
}

func (h *Moderators) ModeratorPage(c *gin.Context) error { return h.showModerator(c, nil) }

// account finds the moderator that the path names, among those that the admin may administer.
func (h *Moderators) account(c *gin.Context) (auth.Account, error) {
	accounts, err := h.Auth.Accounts(c.Request.Context(), session.IdentityOf(c))
	if err != nil {
		return auth.Account{}, err
	}
	i := slices.IndexFunc(accounts, func(a auth.Account) bool { return a.ID == c.Param("id") })
	if i < 0 {
		return auth.Account{}, auth.ErrUnknownModerator
	}
	return accounts[i], nil
}

func (h *Moderators) showModerator(c *gin.Context, refused *refusal) error {
	account, err := h.account(c)
	if err != nil {
		return err
	}
	sites, err := h.Sites.List(c.Request.Context(), session.ViewerOf(c))
	if err != nil {
		return err
	}
	view := moderatorView{
		Once:   h.takeOnce(c),
		Person: newPersonView(account, siteNames(sites)),
		Itself: account.ID == session.IdentityOf(c).ModeratorID,
	}
	if view.adminFrame, err = h.adminFrame(c, ModeratorsPath, account.Name); err != nil {
		return err
	}
	fields := append([]consoleField{{Name: "name", Label: "Name", Kind: "text", Value: account.Name, Required: true}},
		worksFields(session.IdentityOf(c), sites, account.Moderator)...)
	disabled := consoleField{Name: "disabled", Label: "Disabled: may not sign in", Kind: "check",
		Hint: "Whoever is disabled loses every session at once. What they decided stays."}
	if !account.Active() {
		disabled.Value = "yes"
	}
	view.Form = newConsoleForm(
		consoleForm{ID: accountFormID, Action: view.Person.Href, Button: "Save", Fields: append(fields, disabled)},
		refused,
	)
	view.Refused = refused.unsaid()
	return h.renderConsole(c, refused.status(), "moderator", view)
}

// ChangeModeratorForm changes a moderator's name, role, sites, and whether they may sign in.
func (h *Moderators) ChangeModeratorForm(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	ids, err := h.worksOn(c, values)
	if err == nil {
		name, role, disabled := values.Get("name"), auth.Role(values.Get("role")), values.Get("disabled") != ""
		_, err = h.Auth.ChangeAccount(c.Request.Context(), session.IdentityOf(c), c.Param("id"),
			auth.AccountChange{Name: &name, Role: &role, SiteIDs: &ids, Disabled: &disabled})
	}
	if err != nil {
		refused, err := h.refuse(c, accountFormID, values, err)
		if err != nil {
			return err
		}
		return h.showModerator(c, refused)
	}
	h.leaveNotice(c, "saved")
	httpio.SeeOther(c, ModeratorsPath)
	return nil
}

// MakeLinkForm makes a new invitation or password reset, which the next page shows.
func (h *Moderators) MakeLinkForm(c *gin.Context) error {
	account, err := h.account(c)
	if err != nil {
		return err
	}
	link, err := h.Auth.ReissueLink(c.Request.Context(), session.IdentityOf(c), account.ID)
	if errors.Is(err, auth.ErrDisabled) {
		refused, err := h.refuse(c, "link", nil, err)
		if err != nil {
			return err
		}
		return h.showModerator(c, refused)
	}
	if err != nil {
		return err
	}
	return h.handLink(c, link, account.Name, ModeratorsPath+"/"+account.ID)
}

func (h *Moderators) RevokeLinkForm(c *gin.Context) error {
	return h.onModeratorForm(c, h.Auth.RevokeLink, "link-revoked")
}

func (h *Moderators) ResetSecondFactorForm(c *gin.Context) error {
	return h.onModeratorForm(c, h.Auth.ResetSecondFactor, "factor-reset")
}

// onModeratorForm does something to a moderator. What is done already is what was asked for.
func (h *Moderators) onModeratorForm(
	c *gin.Context,
	do func(ctx context.Context, actor auth.Identity, id string) error,
	done string,
) error {
	account, err := h.account(c)
	if err != nil {
		return err
	}
	err = do(c.Request.Context(), session.IdentityOf(c), account.ID)
	if err != nil && !errors.Is(err, auth.ErrLink) && !errors.Is(err, auth.ErrSecondFactorOff) {
		return err
	}
	h.leaveNotice(c, done)

	httpio.SeeOther(c, ModeratorsPath+"/"+account.ID)
	return nil
}

type Moderators struct {
	*Pages
	Auth *auth.Service
	Api  *api.Moderators
}
