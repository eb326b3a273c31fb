package handlers

import (
	"context"
	"errors"
	"net/url"
	"slices"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
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
		WorksOn: "every site", Href: moderatorsPath + "/" + a.ID}
	if len(a.SiteIDs) > 0 {
		p.WorksOn = namesOf(a.SiteIDs, names)
	}
	if a.Link != nil {
		p.Link = "A link to reset the password may be used until " + humanTime(a.Link.ExpiresAt) + "."
		if a.Link.Kind == auth.LinkInvitation {
			p.Link = "The invitation may be accepted until " + humanTime(a.Link.ExpiresAt) + "."
		}
	}
	return p
}

func (s *Server) moderatorsPage(c *gin.Context) error { return s.showModerators(c, nil) }

func (s *Server) showModerators(c *gin.Context, refused *refusal) error {
	accounts, err := s.Auth.Accounts(c.Request.Context(), identityOf(c))
	if err != nil {
		return err
	}
	sites, err := s.Sites.List(c.Request.Context(), viewerOf(c))
	if err != nil {
		return err
	}
	view := moderatorsView{Once: s.takeOnce(c), Invite: inviteForm(identityOf(c), sites, refused)}
	if view.adminFrame, err = s.adminFrame(c, moderatorsPath, "Moderators"); err != nil {
		return err
	}
	names := siteNames(sites)
	for _, a := range accounts {
		view.People = append(view.People, newPersonView(a, names))
	}
	return s.renderConsole(c, refused.status(), "moderators", view)
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
	return newConsoleForm(consoleForm{ID: inviteFormID, Action: moderatorsPath, Button: "Make an invitation",
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
func (s *Server) worksOn(c *gin.Context, values url.Values) ([]string, error) {
	if values.Get("scope") == scopeAll && len(identityOf(c).SiteIDs) == 0 {
		return nil, nil
	}
	if len(values["sites"]) == 0 {
		return nil, oneFault("/sites", "required", "Choose at least one.")
	}
	return s.siteIDs(c, values["sites"])
}

// inviteModeratorForm adds a moderator who sets name and password by the link on the next page.
func (s *Server) inviteModeratorForm(c *gin.Context) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	ids, err := s.worksOn(c, values)
	var link auth.NewLink
	if err == nil {
		_, link, err = s.Auth.Invite(c.Request.Context(), identityOf(c), auth.NewModerator{
			Email: values.Get("email"), Name: values.Get("name"), Role: auth.Role(values.Get("role")), SiteIDs: ids,
		})
	}
	if err != nil {
		refused, err := s.refuse(c, inviteFormID, values, err)
		if err != nil {
			return err
		}
		return s.showModerators(c, refused)
	}
	return s.handLink(c, link, printable(values.Get("name")), moderatorsPath)
}

// handLink has the next page show a link that was just made, once.
func (s *Server) handLink(c *gin.Context, link auth.NewLink, name, next string) error {
	if err := s.showOnce(c, shownOnce{Link: s.newLinkAnswer(link).URL, For: name}); err != nil {
		return err
	}
	seeOther(c, next)
	return nil
}

func (s *Server) moderatorPage(c *gin.Context) error { return s.showModerator(c, nil) }

// account finds the moderator that the path names, among those that the admin may administer.
func (s *Server) account(c *gin.Context) (auth.Account, error) {
	accounts, err := s.Auth.Accounts(c.Request.Context(), identityOf(c))
	if err != nil {
		return auth.Account{}, err
	}
	i := slices.IndexFunc(accounts, func(a auth.Account) bool { return a.ID == c.Param("id") })
	if i < 0 {
		return auth.Account{}, auth.ErrUnknownModerator
	}
	return accounts[i], nil
}

func (s *Server) showModerator(c *gin.Context, refused *refusal) error {
	account, err := s.account(c)
	if err != nil {
		return err
	}
	sites, err := s.Sites.List(c.Request.Context(), viewerOf(c))
	if err != nil {
		return err
	}
	view := moderatorView{
		Once:   s.takeOnce(c),
		Person: newPersonView(account, siteNames(sites)),
		Itself: account.ID == identityOf(c).ModeratorID,
	}
	if view.adminFrame, err = s.adminFrame(c, moderatorsPath, account.Name); err != nil {
		return err
	}
	fields := append([]consoleField{{Name: "name", Label: "Name", Kind: "text", Value: account.Name, Required: true}},
		worksFields(identityOf(c), sites, account.Moderator)...)
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
	return s.renderConsole(c, refused.status(), "moderator", view)
}

// changeModeratorForm changes a moderator's name, role, sites, and whether they may sign in.
func (s *Server) changeModeratorForm(c *gin.Context) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	ids, err := s.worksOn(c, values)
	if err == nil {
		name, role, disabled := values.Get("name"), auth.Role(values.Get("role")), values.Get("disabled") != ""
		_, err = s.Auth.ChangeAccount(c.Request.Context(), identityOf(c), c.Param("id"),
			auth.AccountChange{Name: &name, Role: &role, SiteIDs: &ids, Disabled: &disabled})
	}
	if err != nil {
		refused, err := s.refuse(c, accountFormID, values, err)
		if err != nil {
			return err
		}
		return s.showModerator(c, refused)
	}
	s.leaveNotice(c, "saved")
	seeOther(c, moderatorsPath)
	return nil
}

// makeLinkForm makes a new invitation or password reset, which the next page shows.
func (s *Server) makeLinkForm(c *gin.Context) error {
	account, err := s.account(c)
	if err != nil {
		return err
	}
	link, err := s.Auth.Reissue(c.Request.Context(), identityOf(c), account.ID)
	if errors.Is(err, auth.ErrDisabled) {
		refused, err := s.refuse(c, "link", nil, err)
		if err != nil {
			return err
		}
		return s.showModerator(c, refused)
	}
	if err != nil {
		return err
	}
	return s.handLink(c, link, account.Name, moderatorsPath+"/"+account.ID)
}

func (s *Server) revokeLinkForm(c *gin.Context) error {
	return s.onModeratorForm(c, s.Auth.RevokeLink, "link-revoked")
}

func (s *Server) resetSecondFactorForm(c *gin.Context) error {
	return s.onModeratorForm(c, s.Auth.ResetSecondFactor, "factor-reset")
}

// onModeratorForm does something to a moderator. What is done already is what was asked for.
func (s *Server) onModeratorForm(
	c *gin.Context,
	do func(ctx context.Context, actor auth.Identity, id string) error,
	done string,
) error {
	account, err := s.account(c)
	if err != nil {
		return err
	}
	err = do(c.Request.Context(), identityOf(c), account.ID)
	if err != nil && !errors.Is(err, auth.ErrLink) && !errors.Is(err, auth.ErrSecondFactorOff) {
		return err
	}
	s.leaveNotice(c, done)

	seeOther(c, moderatorsPath+"/"+account.ID)
	return nil
}
