package keyconsole

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/api"
	"rejoinder/handlers/console"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
)

// Path is the page with the list of keys.
const Path = console.KeysPath

// The ids of the forms.
const (
	addFormID    = "add-key"
	rotateFormID = "rotate-key"
)

// Pages serves the pages of the console about server keys, and their API.
type Pages struct {
	*console.Pages
	Keys *auth.ServerKeys
	API  *api.Moderators
	Now  func() time.Time
}

// listView lists the keys that the admin may administer.
type listView struct {
	console.AdminFrame
	Once console.Once
	List []keyView
	Add  console.Form
}

// pageView is the page of one key.
type pageView struct {
	console.AdminFrame
	Once   console.Once
	Key    keyView
	Rotate *console.Form // nil: the key has ended
	Revoke *console.Form
}

type keyView struct {
	Name      string
	Href      string
	Status    string
	Scopes    string
	Sites     string
	Hint      string
	PerMinute int
	CreatedAt time.Time
	LastUsed  time.Time // zero: never
	Expires   time.Time // zero: never
	OldUntil  time.Time // until when the old secret is valid; zero: it is not
}

func (h *Pages) newKeyView(k auth.ServerKey, sites []moderation.Site) keyView {
	now := h.Now()
	view := keyView{Name: k.Name, Href: Path + "/" + k.ID, Status: k.Status(now), Sites: "all sites", Hint: k.Hint,
		PerMinute: k.PerMinute, CreatedAt: k.CreatedAt, LastUsed: k.LastUsedAt, Expires: k.ExpiresAt,
		OldUntil: oldValidUntil(k, now)}
	for i, scope := range k.Scopes {
		if i > 0 {
			view.Scopes += ", "
		}
		view.Scopes += string(scope)
	}
	var names []string
	for _, site := range sites {
		for _, id := range k.SiteIDs {
			if id == site.ID {
				names = append(names, site.Name)
			}
		}
	}
	if len(names) > 0 {
		view.Sites = strings.Join(names, ", ")
	}
	return view
}

// ShowList lists the keys.
func (h *Pages) ShowList(c *gin.Context) error { return h.renderList(c, nil) }

func (h *Pages) renderList(c *gin.Context, refused *console.Refusal) error {
	keys, err := h.Keys.List(c.Request.Context(), session.IdentityOf(c))
	if err != nil {
		return err
	}
	sites, err := h.Sites.List(c.Request.Context(), session.ViewerOf(c))
	if err != nil {
		return err
	}
	view := listView{Once: h.ShownOnce(c)}
	if view.AdminFrame, err = h.NewAdminFrame(c, Path, "Server keys"); err != nil {
		return err
	}
	for _, k := range keys {
		view.List = append(view.List, h.newKeyView(k, sites))
	}
	view.Add = console.NewForm(console.Form{ID: addFormID, Action: Path, Button: "Add key",
		Fields: addFields(session.IdentityOf(c), sites)}, refused)
	return h.Render(c, refused.Status(), "keys", view)
}

// scopeLabels say what each scope allows.
var scopeLabels = map[auth.Permission]string{
	auth.PermissionArticles: "articles: register and change articles",
	auth.PermissionRead:     "read: see comments, articles, rules and statistics",
	auth.PermissionModerate: "moderate: decide on comments, block, write notes",
	auth.PermissionExport:   "export: export comments and decisions",
	auth.PermissionRules:    "rules: edit, backtest and activate rules",
	auth.PermissionHooks:    "hooks: manage webhooks",
}

// expiries are the lifetimes that the form offers, in days.
var expiries = []console.Choice{
	{Value: "30", Label: "In 30 days"}, {Value: "90", Label: "In 90 days"}, {Value: "365", Label: "In a year", Selected: true},
	{Value: "", Label: "Never"},
}

func addFields(who auth.Identity, sites []moderation.Site) []console.Field {
	var scopes, places []console.Choice
	for _, scope := range auth.Scopes() {
		scopes = append(scopes, console.Choice{Value: string(scope), Label: scopeLabels[scope]})
	}
	for _, site := range sites {
		places = append(places, console.Choice{Value: site.Slug, Label: site.Name, Verbatim: true})
	}
	fields := []console.Field{
		{Name: "name", Label: "Name", Kind: "text", Required: true,
			Hint: "Such as “CMS”. What the key does is logged under this name."},
		{Name: "scopes", Label: "The key may", Kind: "checks", Choices: scopes},
	}
	if len(who.SiteIDs) == 0 {
		fields = append(fields, console.Field{Name: "scope", Label: "Access to", Kind: "radios", Choices: []console.Choice{
			{Value: "all", Label: "All sites, including future ones"}, {Value: "some", Label: "Only these:", Selected: true}}})
	}
	return append(fields,
		console.Field{Name: "sites", Label: "Sites", Kind: "checks", Choices: places},
		console.Field{Name: "expires", Label: "Expires", Kind: "select", Pointer: "/expires_at", Choices: expiries},
		console.Field{Name: "per_minute", Label: "Requests per minute", Kind: "number", Value: "600", Required: true})
}

// SubmitAdd adds a key, whose secret the next page shows.
func (h *Pages) SubmitAdd(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	n, err := h.parseAdd(c, values)
	var key auth.ServerKey
	var secret string
	if err == nil {
		key, secret, err = h.Keys.Add(c.Request.Context(), session.IdentityOf(c), n)
	}
	if err != nil {
		return h.Refuse(c, console.NewRefusal(addFormID, values), err, h.renderList)
	}
	return h.redirectWithSecret(c, key, secret, Path)
}

func (h *Pages) parseAdd(c *gin.Context, values url.Values) (auth.NewServerKey, error) {
	n := auth.NewServerKey{Name: values.Get("name")}
	for _, scope := range values["scopes"] {
		n.Scopes = append(n.Scopes, auth.Permission(scope))
	}
	if typed := values.Get("expires"); typed != "" {
		days, ok := httpio.WholeNumber(typed)
		if !ok || days < 1 || days > moderation.MaxDays {
			return n, httpio.InvalidField("/expires_at", "out_of_range", "Choose one of the times.")
		}
		n.ExpiresAt = h.Now().AddDate(0, 0, days)
	}
	var ok bool
	if n.PerMinute, ok = httpio.WholeNumber(strings.TrimSpace(values.Get("per_minute"))); !ok || n.PerMinute == 0 {
		n.PerMinute = -1 // out of range
	}
	everywhere := values.Get("scope") == "all" && len(session.IdentityOf(c).SiteIDs) == 0
	if everywhere {
		return n, nil
	}
	if len(values["sites"]) == 0 {
		return n, httpio.InvalidField("/sites", "required", "Choose at least one site.")
	}
	var err error
	n.SiteIDs, err = h.API.SiteIDs(c, values["sites"])
	return n, err
}

// redirectWithSecret redirects to a page that shows a new secret, once.
func (h *Pages) redirectWithSecret(c *gin.Context, key auth.ServerKey, secret, next string) error {
	if err := h.ShowOnce(c, httpio.Printable(key.Name), secret); err != nil {
		return err
	}
	httpio.SeeOther(c, next)
	return nil
}

// Show shows one key.
func (h *Pages) Show(c *gin.Context) error { return h.renderKey(c, nil) }

func (h *Pages) renderKey(c *gin.Context, refused *console.Refusal) error {
	key, err := h.find(c.Request.Context(), c)
	if err != nil {
		return err
	}
	sites, err := h.Sites.List(c.Request.Context(), session.ViewerOf(c))
	if err != nil {
		return err
	}
	view := pageView{Once: h.ShownOnce(c), Key: h.newKeyView(key, sites)}
	if view.AdminFrame, err = h.NewAdminFrame(c, Path, session.Words(c).T("Server key %s", key.Name)); err != nil {
		return err
	}
	if view.Key.Status == "active" {
		view.Rotate = new(console.NewForm(console.Form{ID: rotateFormID, Action: view.Key.Href + "/rotate",
			Button: "Make a new secret", Fields: []console.Field{{Name: "overlap", Label: "The old secret stays valid for",
				Kind: "select", Choices: overlaps}}}, refused))
		view.Revoke = &console.Form{ID: "revoke-key", Action: view.Key.Href + "/revoke", Button: "Revoke key", Grave: true}
	}
	view.Refused = refused.Unshown()
	return h.Render(c, refused.Status(), "key", view)
}

// overlaps are the times, in minutes, for which the old secret may stay valid.
var overlaps = []console.Choice{
	{Value: "60", Label: "An hour"}, {Value: "1440", Label: "A day", Selected: true}, {Value: "10080", Label: "A week"},
	{Value: "43200", Label: "30 days"}, {Value: "0", Label: "Not at all"},
}

// SubmitRotate gives a key a new secret, which the next page shows.
func (h *Pages) SubmitRotate(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	key, err := h.find(c.Request.Context(), c)
	if err != nil {
		return err
	}
	n, ok := httpio.WholeNumber(values.Get("overlap"))
	if !ok {
		n = -1
	}
	key, secret, err := h.Keys.Rotate(c.Request.Context(), session.IdentityOf(c), key.ID, minutes(n))
	if err != nil {
		return h.Refuse(c, console.NewRefusal(rotateFormID, values), err, h.renderKey)
	}
	return h.redirectWithSecret(c, key, secret, Path+"/"+key.ID)
}

// SubmitRevoke ends a key.
func (h *Pages) SubmitRevoke(c *gin.Context) error {
	key, err := h.find(c.Request.Context(), c)
	if err != nil {
		return err
	}
	if _, err := h.Keys.Revoke(c.Request.Context(), session.IdentityOf(c), key.ID); err != nil {
		return err
	}
	return h.Redirect(c, Path, "The key has been revoked.")
}

// overlapFault renames the field of a fault of the overlap to that of the request.
func overlapFault(err error, field string) error {
	var faults auth.Invalid
	if errors.As(err, &faults) {
		for i := range faults {
			faults[i].Field = field
		}
	}
	return err
}
