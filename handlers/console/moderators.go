package console

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/api"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
)

// Moderators serves the screens on which admins manage accounts.
type Moderators struct {
	*Pages
	Auth *auth.Service
	API  *api.Moderators
}

// The ids of the forms about moderators.
const (
	inviteFormID  = "invite"
	accountFormID = "account"
)

// The sites that a moderator works on.
const (
	scopeAll  = "all"
	scopeSome = "some"
)

// moderatorsView lists the moderators that the admin may administer.
type moderatorsView struct {
	adminFrame
	Once   secretFlash
	People []personView
	Invite formView
}

// moderatorView is the page of one moderator.
type moderatorView struct {
	adminFrame
	Once   secretFlash
	Person personView
	Form   formView
	Itself bool // this is the admin's own account
}

type personView struct {
	ID           string
	Name         string
	Role         string
	WorksOn      string
	Status       string
	SecondFactor bool
	Link         string // which link is valid, and until when; empty: none
	Href         string
	SignsInWith  string // label of an identity provider; empty: password
	Orphaned     bool   // the provider is no longer configured
	LockedOut    bool   // and the account can't sign in with a password, either
	LinkedSince  time.Time
}

func newPersonView(words *locale.Language, a auth.Account, names map[string]string) personView {
	p := personView{ID: a.ID, Name: a.Name, Role: words.T(roleLabels[a.Role]), Status: a.Status(),
		SecondFactor: a.SecondFactor, WorksOn: words.T("all sites"), Href: ModeratorsPath + "/" + a.ID}
	if len(a.SiteIDs) > 0 {
		p.WorksOn = joinNames(a.SiteIDs, names)
	}
	if a.Link != nil {
		p.Link = words.T("The password reset link is valid until %s.", words.Moment(a.Link.ExpiresAt))
		if a.Link.Kind == auth.LinkInvitation {
			p.Link = words.T("The invitation is valid until %s.", words.Moment(a.Link.ExpiresAt))
		}
	}
	return p
}

// setProviders sets which identity providers the moderators sign in with.
func (h *Moderators) setProviders(c *gin.Context, people ...*personView) error {
	identities, err := h.Auth.Federation.Identities(c.Request.Context())
	if err != nil || len(identities) == 0 {
		return err
	}
	labels := map[string]string{}
	for _, p := range h.Auth.Federation.Providers(c.Request.Context()) {
		labels[p.Name] = p.Label
	}
	for _, p := range people {
		identity, linked := identities[p.ID]
		if !linked {
			continue
		}
		p.SignsInWith, p.LinkedSince, p.Orphaned = identity.Provider, identity.CreatedAt, identity.Orphaned
		if label := labels[identity.Provider]; label != "" && !identity.Orphaned {
			p.SignsInWith = label
		}
	}
	return nil
}

// ShowList lists the moderators.
func (h *Moderators) ShowList(c *gin.Context) error { return h.renderModerators(c, nil) }

func (h *Moderators) renderModerators(c *gin.Context, refused *refusal) error {
	accounts, err := h.Auth.Accounts(c.Request.Context(), session.IdentityOf(c))
	if err != nil {
		return err
	}
	sites, err := h.Sites.List(c.Request.Context(), session.ViewerOf(c))
	if err != nil {
		return err
	}
	view := moderatorsView{Once: h.popSecret(c),
		Invite: inviteForm(session.Words(c), session.IdentityOf(c), sites, refused)}
	if view.adminFrame, err = h.newAdminFrame(c, ModeratorsPath, "Moderators"); err != nil {
		return err
	}
	names := siteNames(sites)
	people := make([]*personView, len(accounts))
	view.People = make([]personView, len(accounts))
	for i, a := range accounts {
		view.People[i] = newPersonView(session.Words(c), a, names)
		view.People[i].LockedOut = !h.Auth.HasUsablePassword(a.Moderator)
		people[i] = &view.People[i]
	}
	if err := h.setProviders(c, people...); err != nil {
		return err
	}
	return h.render(c, refused.status(), "moderators", view)
}

func inviteForm(words *locale.Language, who auth.Identity, sites []moderation.Site, refused *refusal) formView {
	fields := []fieldView{
		{Name: "email", Label: "Email", Kind: "email", Required: true,
			Hint: "For signing in. It is shown to nobody, and no email is sent: you pass the link on yourself."},
		{Name: "name", Label: "Name", Kind: "text", Required: true,
			Hint: "Can be changed when the invitation is accepted."},
	}
	if len(who.SiteIDs) > 0 {
		fields[0].Hint = words.T(fields[0].Hint) + " " +
			words.T("A person who already has an account for other sites can't accept the invitation; "+
				"an admin of all sites can give that account access to yours.")
	}
	return newFormView(formView{ID: inviteFormID, Action: ModeratorsPath, Button: "Create invitation",
		Fields: append(fields, accessFields(who, sites, auth.Moderator{Role: auth.RoleModerator})...)}, refused)
}

// accessFields ask for a moderator's role and sites. An admin of some sites can grant access to these only.
func accessFields(who auth.Identity, sites []moderation.Site, m auth.Moderator) []fieldView {
	fields := []fieldView{
		{Name: "role", Label: "Role", Kind: "select", Hint: "Moderators decide on comments. Admins also manage rules, sites and moderators. Rules editors change " +
			"the rules, writers answer readers, and viewers change nothing; none of these decide on comments.",
			Choices: withSelected(roleChoices(), string(m.Role))},
	}
	scope, list := scopeAll, make([]choice, 0, len(sites))
	for _, site := range sites {
		list = append(list, choice{Value: site.Slug, Label: site.Name, Selected: slices.Contains(m.SiteIDs, site.ID),
			Verbatim: true})
	}
	if len(m.SiteIDs) > 0 {
		scope = scopeSome
	}
	if len(who.SiteIDs) == 0 {
		fields = append(fields, fieldView{Name: "scope", Label: "Access to", Kind: "radios",
			Choices: withSelected([]choice{
				{Value: scopeAll, Label: "All sites, including future ones"}, {Value: scopeSome, Label: "Only these:"},
			}, scope)})
	}
	return append(fields, fieldView{Name: "sites", Label: "Sites", Kind: "checks", Choices: list})
}

// roleChoices are all roles, the usual one first.
func roleChoices() []choice {
	choices := []choice{{Value: string(auth.RoleModerator), Label: roleLabels[auth.RoleModerator]}}
	for _, role := range auth.Roles() {
		if role != auth.RoleModerator {
			choices = append(choices, choice{Value: string(role), Label: roleLabels[role]})
		}
	}
	return choices
}

// chosenSiteIDs returns the sites that the form gives access to; empty means all sites.
func (h *Moderators) chosenSiteIDs(c *gin.Context, values url.Values) ([]string, error) {
	if values.Get("scope") == scopeAll && len(session.IdentityOf(c).SiteIDs) == 0 {
		return nil, nil
	}
	if len(values["sites"]) == 0 {
		return nil, httpio.InvalidField("/sites", "required", "Choose at least one site.")
	}
	return h.API.SiteIDs(c, values["sites"])
}

// Invite adds a moderator, who accepts with the link that the next page shows.
func (h *Moderators) Invite(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	ids, err := h.chosenSiteIDs(c, values)
	var link auth.NewLink
	if err == nil {
		_, link, err = h.Auth.Invite(c.Request.Context(), session.IdentityOf(c), auth.NewModerator{
			Email: values.Get("email"), Name: values.Get("name"), Role: auth.Role(values.Get("role")), SiteIDs: ids,
		})
	}
	if err != nil {
		return h.refuse(c, &refusal{form: inviteFormID, typed: values}, err, h.renderModerators)
	}
	return h.redirectWithLink(c, link, httpio.Printable(values.Get("name")), ModeratorsPath)
}

// redirectWithLink redirects to a page that shows a new link, once.
func (h *Moderators) redirectWithLink(c *gin.Context, link auth.NewLink, name, next string) error {
	if err := h.setSecret(c, secretFlash{Link: h.API.NewLinkResponse(link).URL, For: name}); err != nil {
		return err
	}
	httpio.SeeOther(c, next)
	return nil
}

// Show shows one moderator.
func (h *Moderators) Show(c *gin.Context) error { return h.renderModerator(c, nil) }

// account finds the moderator of the path among those that the admin may administer.
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

func (h *Moderators) renderModerator(c *gin.Context, refused *refusal) error {
	account, err := h.account(c)
	if err != nil {
		return err
	}
	sites, err := h.Sites.List(c.Request.Context(), session.ViewerOf(c))
	if err != nil {
		return err
	}
	view := moderatorView{
		Once:   h.popSecret(c),
		Person: newPersonView(session.Words(c), account, siteNames(sites)),
		Itself: account.ID == session.IdentityOf(c).ModeratorID,
	}
	view.Person.LockedOut = !h.Auth.HasUsablePassword(account.Moderator)
	if view.adminFrame, err = h.newAdminFrame(c, ModeratorsPath, account.Name); err != nil {
		return err
	}
	if err := h.setProviders(c, &view.Person); err != nil {
		return err
	}
	fields := []fieldView{{Name: "name", Label: "Name", Kind: "text", Value: account.Name, Required: true}}
	if !view.Itself && len(session.IdentityOf(c).SiteIDs) == 0 {
		fields = append(fields, fieldView{Name: "email", Label: "New email", Kind: "email",
			Hint: "Leave it empty to keep the present one. A new one ends all their sessions and revokes an open link."})
	}
	fields = append(fields,
		accessFields(session.IdentityOf(c), sites, account.Moderator)...)
	disabled := fieldView{Name: "disabled", Label: "Disabled: may not sign in", Kind: "check",
		Hint: "Ends all their sessions immediately. Their decisions stay in effect."}
	if !account.Active() {
		disabled.Value = "yes"
	}
	view.Form = newFormView(formView{ID: accountFormID, Action: view.Person.Href, Button: "Save",
		Fields: append(fields, disabled)}, refused)
	view.Refused = refused.unshown()
	return h.render(c, refused.status(), "moderator", view)
}

// Change changes a moderator's name, role, sites, and whether they may sign in.
func (h *Moderators) Change(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	ids, err := h.chosenSiteIDs(c, values)
	if err == nil {
		name, role, disabled := values.Get("name"), auth.Role(values.Get("role")), values.Get("disabled") != ""
		change := auth.AccountChange{Name: &name, Role: &role, SiteIDs: &ids, Disabled: &disabled}
		if email := values.Get("email"); email != "" {
			change.Email = &email
		}
		_, err = h.Auth.ChangeAccount(c.Request.Context(), session.IdentityOf(c), c.Param("id"), change)
	}
	if err != nil {
		return h.refuse(c, &refusal{form: accountFormID, typed: values}, err, h.renderModerator)
	}
	return h.redirect(c, ModeratorsPath, notice{Text: "Saved."})
}

// MakeLink makes a new invitation or password reset, which the next page shows.
func (h *Moderators) MakeLink(c *gin.Context) error {
	account, err := h.account(c)
	if err != nil {
		return err
	}
	link, err := h.Auth.ReissueLink(c.Request.Context(), session.IdentityOf(c), account.ID)
	if errors.Is(err, auth.ErrDisabled) {
		return h.refuse(c, &refusal{form: "link"}, err, h.renderModerator)
	}
	if err != nil {
		return err
	}
	return h.redirectWithLink(c, link, account.Name, ModeratorsPath+"/"+account.ID)
}

// RevokeLink revokes a moderator's invitation or password reset.
func (h *Moderators) RevokeLink(c *gin.Context) error {
	return h.apply(c, h.Auth.RevokeLink, "The link has been revoked.")
}

// ResetSecondFactor turns off the second factor of a moderator who has lost it.
func (h *Moderators) ResetSecondFactor(c *gin.Context) error {
	return h.apply(c, h.Auth.SecondFactors.Reset, "The second factor is off.")
}

// apply calls do for the moderator of the path. It is not an error if it was done before.
func (h *Moderators) apply(c *gin.Context, do func(context.Context, auth.Identity, string) error, done string) error {
	account, err := h.account(c)
	if err != nil {
		return err
	}
	err = do(c.Request.Context(), session.IdentityOf(c), account.ID)
	if err != nil && !errors.Is(err, auth.ErrLink) && !errors.Is(err, auth.ErrSecondFactorOff) {
		return err
	}
	return h.redirect(c, ModeratorsPath+"/"+account.ID, notice{Text: done})
}
