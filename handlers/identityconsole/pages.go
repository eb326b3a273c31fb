package identityconsole

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/console"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/readers"
)

// Path is the page of a site.
const Path = console.SitesPath + "/:site/identity"

// The forms of the page.
const (
	settingsForm = "identity"
	keyForm      = "key"
	checkForm    = "check"
)

// Pages serves the page about signed-in readers.
type Pages struct {
	*console.Pages
	Readers *readers.Readers
	Now     func() time.Time
}

// identityView is the page.
type identityView struct {
	console.AdminFrame
	SiteName string
	Back     string
	Audience string
	Keys     []keyRow
	Secret   string // just made, shown once
	For      string // name of its key
	Settings console.Form
	Add      console.Form
	Check    console.Form
	Checked  *checkedView // nil: no token was checked
}

// keyRow is a key in the list.
type keyRow struct {
	readers.KeyView
	Kind   string
	Remove string // path of the form that removes it
}

// checkedView is what a token says.
type checkedView struct {
	Refusal string // empty: it is accepted
	Name    string
	Badges  string
	Picture string // shown beside the name; empty for none
	Website string
	Ends    time.Time
}

var kindLabels = map[readers.Kind]string{
	readers.KindSecret: "Secret", readers.KindPublic: "Public keys", readers.KindURL: "JWK set at a URL",
}

func pageURL(slug string) string { return console.SitesPath + "/" + slug + "/identity" }

// Show shows the page.
func (h *Pages) Show(c *gin.Context) error { return h.render(c, nil) }

func (h *Pages) render(c *gin.Context, refused *console.Refusal) error {
	view, err := h.newView(c, refused)
	if err != nil {
		return err
	}
	return h.Render(c, refused.Status(), "site-identity", view)
}

func (h *Pages) newView(c *gin.Context, refused *console.Refusal) (identityView, error) {
	ctx, viewer := c.Request.Context(), session.ViewerOf(c)
	site, err := h.Sites.Find(ctx, viewer, c.Param("site"))
	if err != nil {
		return identityView{}, err
	}
	here := pageURL(site.Slug)
	view := identityView{SiteName: site.Name, Back: console.SitesPath + "/" + site.Slug,
		Audience: site.Settings.IdentityAudience}
	if view.Audience == "" {
		view.Audience = site.Slug
	}
	if view.AdminFrame, err = h.NewAdminFrame(c, console.SitesPath, session.Words(c).T("Signed-in readers of %s", site.Name)); err != nil {
		return view, err
	}
	keys, err := h.Readers.ListKeys(ctx, viewer, site.Slug)
	if err != nil {
		return view, err
	}
	for _, key := range keys {
		view.Keys = append(view.Keys, keyRow{key, kindLabels[key.Kind], here + "/keys/" + key.ID + "/remove"})
	}
	once := h.ShownOnce(c)
	view.Secret, view.For = once.Key, once.For
	view.Settings = console.NewForm(console.Form{ID: settingsForm, Action: here, Button: "Save",
		Fields: settingFields(site.Settings)}, refused)
	view.Add = console.NewForm(console.Form{ID: keyForm, Action: here + "/keys", Button: "Add key", Fields: keyFields()}, refused)
	view.Check = console.NewForm(console.Form{ID: checkForm, Action: here + "/check", Button: "Check",
		Fields: []console.Field{{Name: "token", Label: "Token", Kind: "textarea", Required: true}}}, refused)
	return view, nil
}

func settingFields(settings moderation.SiteSettings) []console.Field {
	modes := []console.Choice{
		{Value: string(moderation.IdentityOff), Label: "Off: readers enter name and email"},
		{Value: string(moderation.IdentityOptional), Label: "Optional: readers can be signed in by your site"},
		{Value: string(moderation.IdentityRequired), Label: "Required: only readers whom your site signed in can comment"},
	}
	for i := range modes {
		modes[i].Selected = modes[i].Value == string(settings.Identity)
	}
	return []console.Field{
		{Name: "identity", Label: "Signed-in readers", Kind: "select", Choices: modes, Pointer: "/settings/identity"},
		{Name: "identity_audience", Label: "Audience", Kind: "text", Value: settings.IdentityAudience,
			Pointer: "/settings/identity_audience", Hint: "The claim aud that tokens must have. Empty: the site’s slug."},
		{Name: "identity_issuer", Label: "Issuer", Kind: "text", Value: settings.IdentityIssuer,
			Pointer: "/settings/identity_issuer", Hint: "The claim iss that tokens must have. Empty: any."},
		{Name: "avatar_origins", Label: "Origins of pictures", Kind: "textarea", Value: strings.Join(settings.AvatarOrigins, "\n"),
			Pointer: "/settings/avatar_origins",
			Hint:    "Pictures of readers are shown from these origins only, one per line, such as https://img.example.org."},
		{Name: "sign_in_url", Label: "URL of your sign-in page", Kind: "url", Value: settings.SignInURL,
			Pointer: "/settings/sign_in_url", Hint: "The form links to it. Empty: no link."},
	}
}

func keyFields() []console.Field {
	return []console.Field{
		{Name: "name", Label: "Name", Kind: "text", Required: true, Hint: "To tell it from other keys, such as “Website, 2026”."},
		{Name: "kind", Label: "Kind", Kind: "select", Choices: []console.Choice{
			{Value: string(readers.KindSecret), Label: "Secret, made here (HS256)"},
			{Value: string(readers.KindPublic), Label: "Public keys, pasted below (RS256, ES256, EdDSA)"},
			{Value: string(readers.KindURL), Label: "JWK set at the URL below"},
		}},
		{Name: "key", Label: "Public keys or URL", Kind: "textarea",
			Hint: "PEM, a JWK set, or the https URL of a JWK set. Empty for a secret."},
		{Name: "expires_at", Label: "Expires on", Kind: "date", Hint: "At midnight UTC. Empty: valid until you remove it."},
	}
}

// Save changes the settings.
func (h *Pages) Save(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	change := func(t moderation.SiteSettings) moderation.SiteSettings {
		t.Identity = moderation.IdentityMode(values.Get("identity"))
		t.IdentityAudience = strings.TrimSpace(values.Get("identity_audience"))
		t.IdentityIssuer = strings.TrimSpace(values.Get("identity_issuer"))
		t.AvatarOrigins = strings.Fields(values.Get("avatar_origins"))
		t.SignInURL = strings.TrimSpace(values.Get("sign_in_url"))
		return t
	}
	_, err = h.Sites.Change(c.Request.Context(), session.ViewerOf(c), c.Param("site"), moderation.SiteChange{Settings: change})
	if err != nil {
		return h.Refuse(c, console.NewRefusal(settingsForm, values), err, h.render)
	}
	return h.Redirect(c, pageURL(c.Param("site")), "Saved.")
}

// AddKey adds a key. The next page shows a new secret once.
func (h *Pages) AddKey(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	key := readers.NewKey{Name: values.Get("name"), Kind: readers.Kind(values.Get("kind")), Text: values.Get("key")}
	if key.ExpiresAt, err = parseDate(values); err == nil {
		var secret string
		_, secret, err = h.Readers.AddKey(c.Request.Context(), session.ViewerOf(c), c.Param("site"), key)
		if err == nil {
			err = h.ShowOnce(c, key.Name, secret)
		}
	}
	if err != nil {
		return h.Refuse(c, console.NewRefusal(keyForm, values), err, h.render)
	}
	return h.Redirect(c, pageURL(c.Param("site")), "The key has been added.")
}

// parseDate returns the time at which a key ends; zero for none.
func parseDate(values url.Values) (time.Time, error) {
	typed := strings.TrimSpace(values.Get("expires_at"))
	if typed == "" {
		return time.Time{}, nil
	}
	day, err := time.Parse(time.DateOnly, typed)
	if err != nil {
		return time.Time{}, httpio.InvalidField("/expires_at", "malformed", "Must be a date, such as 2027-01-31.")
	}
	return day, nil
}

// RemoveKey removes a key.
func (h *Pages) RemoveKey(c *gin.Context) error {
	err := h.Readers.RemoveKey(c.Request.Context(), session.ViewerOf(c), c.Param("site"), c.Param("id"))
	if err != nil {
		return err
	}
	return h.Redirect(c, pageURL(c.Param("site")),
		"The key has been removed. Tokens signed with it are refused from now on.")
}

// Check shows what a token says, or why it is refused.
func (h *Pages) Check(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	site, err := h.Sites.Find(c.Request.Context(), session.ViewerOf(c), c.Param("site"))
	if err != nil {
		return err
	}
	view, err := h.newView(c, nil)
	if err != nil {
		return err
	}
	view.Check.Fields[0].Value = httpio.Printable(values.Get("token"))
	if view.Checked, err = h.check(c, site, strings.TrimSpace(values.Get("token"))); err != nil {
		return err
	}
	return h.Render(c, http.StatusOK, "site-identity", view)
}

func (h *Pages) check(c *gin.Context, site moderation.Site, token string) (*checkedView, error) {
	if site.Settings.Identity == moderation.IdentityOff {
		site.Settings.Identity = moderation.IdentityOptional // keys can be tried before readers use them
	}
	reader, err := h.Readers.Check(c.Request.Context(), site, token)
	var refused *moderation.IdentityError
	switch {
	case errors.As(err, &refused):
		return &checkedView{Refusal: refused.Detail}, nil
	case err != nil:
		return nil, err
	}
	return &checkedView{Name: reader.Name, Badges: strings.Join(reader.Badges, ", "), Picture: reader.AvatarURL,
		Website: reader.ProfileURL, Ends: reader.ExpiresAt}, nil
}
