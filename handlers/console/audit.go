package console

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
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
)

// Audit serves the audit log: actions other than decisions.
type Audit struct {
	*Pages
	Auth *auth.Service
	Keys *auth.ServerKeys
	Log  *moderation.AuditLog
}

const auditPageSize = 50

// auditActions describe the actions, in the order of the filter. Descriptions of what was done to another
// moderator are followed by their name.
var auditActions = []struct{ action, text string }{
	{moderation.AuditRevealEmail, "viewed a commenter’s email"},
	{moderation.AuditSaveRuleset, "saved a ruleset"},
	{moderation.AuditActivateRuleset, "activated a ruleset"},
	{moderation.AuditAddSite, "added a site"},
	{moderation.AuditChangeSite, "changed a site"},
	{moderation.AuditRemoveDemo, "removed the demo"},
	{moderation.AuditRemoveSite, "deleted a site"},
	{moderation.AuditAddArticle, "added an article"},
	{moderation.AuditChangeArticle, "changed an article"},
	{moderation.AuditPutArticles, "registered a batch of articles"},
	{moderation.AuditAddAlias, "added an alias of an article"},
	{moderation.AuditRemoveAlias, "removed an alias of an article"},
	{moderation.AuditImport, "imported comments"},
	{moderation.AuditUndoImport, "undid an import"},
	{moderation.AuditExport, "exported a site"},
	{moderation.AuditExportSubject, "exported a person’s data"},
	{moderation.AuditEraseSubject, "erased a person’s data"},
	{moderation.AuditRetention, "deleted data past its retention period"},
	{moderation.AuditAddIdentityKey, "added an identity key"},
	{moderation.AuditRemoveIdentityKey, "removed an identity key"},
	{moderation.AuditAddWebhook, "added a webhook"},
	{moderation.AuditChangeWebhook, "changed a webhook"},
	{moderation.AuditRotateWebhook, "made a new secret for a webhook"},
	{moderation.AuditRemoveWebhook, "removed a webhook"},
	{moderation.AuditAddClassifier, "added an outside classifier"},
	{moderation.AuditChangeClassifier, "changed an outside classifier"},
	{moderation.AuditRemoveClassifier, "removed an outside classifier"},
	{auth.ActionSetUp, "set up the server"},
	{auth.ActionInvite, "invited"},
	{auth.ActionRevokeLink, "revoked the link of"},
	{auth.ActionLinkPasswordReset, "made a password reset link for"},
	{auth.ActionAcceptInvitation, "accepted an invitation"},
	{auth.ActionResetPassword, "reset the password"},
	{auth.ActionChangePassword, "changed the password"},
	{auth.ActionChangeEmail, "changed the email of"},
	{auth.ActionChangeModerator, "changed the account of"},
	{auth.ActionDisable, "disabled the account of"},
	{auth.ActionEnable, "enabled the account of"},
	{auth.ActionSecondFactorOn, "turned the second factor on"},
	{auth.ActionSecondFactorOff, "turned the second factor off"},
	{auth.ActionResetSecondFactor, "turned the second factor off for"},
	{auth.ActionUsedRecoveryCode, "used a recovery code"},
	{auth.ActionUnlock, "unlocked the account of"},
	{auth.ActionAddKey, "added a server key:"},
	{auth.ActionRotateKey, "rotated a server key:"},
	{auth.ActionRevokeKey, "revoked a server key:"},
	{auth.ActionLinkIdentity, "linked the account to an identity provider"},
	{auth.ActionUnlinkIdentity, "removed the link to an identity provider of"},
	{auth.ActionCreateByProvider, "got an account through an identity provider"},
	{auth.ActionChangeByProvider, "got role and sites from an identity provider"},
	{auth.ActionEndByProvider, "lost access at an identity provider"},
	{string(auth.SignInDone), "signed in"},
	{string(auth.SignInFailed), "entered a wrong password"},
	{string(auth.SignInCodeFailed), "entered a wrong code"},
	{string(auth.SignInLocked), "was locked out after too many failures"},
}

// auditView is a page of the audit log.
type auditView struct {
	adminFrame
	People  []choice
	Actions []choice
	Places  []choice // sites
	From    string   // dates, as in an input of type date
	To      string
	Faults  []string
	Items   []auditItem
	Empty   emptyView // shown when there are none
	Next    string
}

// auditItem is one entry as the page shows it.
type auditItem struct {
	Who    string
	Did    string
	Whom   string // the moderator that it was done to; empty: none
	Case   string // URL of the comment that it is about
	Site   string
	Reason string
	At     time.Time
}

// parseAuditQuery parses the page's filter. It ignores invalid dates, and returns a fault for each.
func parseAuditQuery(words *locale.Language, params url.Values) (q moderation.AuditQuery, faults []string) {
	q = moderation.AuditQuery{ModeratorID: params.Get("moderator"), Action: params.Get("action"),
		SiteSlug: params.Get("in"), Cursor: params.Get("cursor"), Limit: auditPageSize}
	day := func(name string) time.Time {
		typed := params.Get(name)
		if typed == "" {
			return time.Time{}
		}
		at, err := time.Parse(time.DateOnly, typed)
		if err != nil {
			faults = append(faults, words.T("“%s” is not a date; write it like 2026-03-02.", httpio.Printable(typed)))
		}
		return at
	}
	q.Since = day("from")
	if last := day("to"); !last.IsZero() {
		q.Until = last.AddDate(0, 0, 1)
	}
	return q, faults
}

// Show shows a page of the log.
func (h *Audit) Show(c *gin.Context) error {
	params := c.Request.URL.Query()
	query, faults := parseAuditQuery(session.Words(c), params)
	page, err := h.Log.List(c.Request.Context(), session.ViewerOf(c), query)
	if err != nil {
		return err
	}
	accounts, err := h.Auth.Accounts(c.Request.Context(), session.IdentityOf(c))
	if err != nil {
		return err
	}
	keys, err := h.Keys.List(c.Request.Context(), session.IdentityOf(c))
	if err != nil {
		return err
	}
	sites, err := h.Sites.List(c.Request.Context(), session.ViewerOf(c))
	if err != nil {
		return err
	}
	principals := auditPrincipals(accounts, keys)
	view := auditView{
		From:   httpio.Printable(params.Get("from")),
		To:     httpio.Printable(params.Get("to")),
		Faults: faults,
		Empty:  emptyAudit(params),
	}
	if view.adminFrame, err = h.newAdminFrame(c, AuditPath, "Audit log"); err != nil {
		return err
	}
	view.fillFilter(query, principals, sites)
	names := map[string]string{}
	for _, p := range principals {
		names[p.id] = p.name
	}
	for _, row := range page.Items {
		view.Items = append(view.Items, newAuditItem(view.Locale, row, names))
	}
	if page.NextCursor != "" {
		params.Set("cursor", page.NextCursor)
		view.Next = AuditPath + "?" + params.Encode()
	}
	return h.render(c, http.StatusOK, "audit", view)
}

// emptyAudit explains why a page shows no entries.
func emptyAudit(params url.Values) emptyView {
	if params.Get("cursor") != "" {
		first := maps.Clone(params)
		first.Del("cursor")
		return emptyView{"No older entries.", []page.Link{{Text: "Newest entries", Href: AuditPath + "?" + first.Encode()}}}
	}
	for _, name := range []string{"moderator", "action", "in", "from", "to"} {
		if params.Get(name) != "" {
			return emptyView{"No entry matches this filter.", []page.Link{{Text: "Clear filter", Href: AuditPath}}}
		}
	}
	return emptyView{Text: "Nothing has been logged yet."}
}

// auditPrincipal is a moderator or a server key.
type auditPrincipal struct{ id, name string }

func auditPrincipals(accounts []auth.Account, keys []auth.ServerKey) []auditPrincipal {
	var all []auditPrincipal
	for _, a := range accounts {
		all = append(all, auditPrincipal{a.ID, a.Name})
	}
	for _, k := range keys {
		all = append(all, auditPrincipal{k.ID, k.AccountName()})
	}
	return all
}

// fillFilter sets the choices of the filter.
func (v *auditView) fillFilter(q moderation.AuditQuery, principals []auditPrincipal, sites []moderation.Site) {
	v.People = []choice{{Label: "Anyone"}}
	v.Actions = []choice{{Label: "Any action"}}
	v.Places = []choice{{Label: "Any site"}}
	for _, p := range principals {
		v.People = append(v.People, choice{Value: p.id, Label: p.name, Selected: p.id == q.ModeratorID, Verbatim: true})
	}
	for _, a := range auditActions {
		label := v.Locale.T(a.text)
		for _, suffix := range []string{" of", " for", ":", " von", " für"} {
			label = strings.TrimSuffix(label, suffix)
		}
		v.Actions = append(v.Actions,
			choice{Value: a.action, Label: capitalised(label), Selected: a.action == q.Action, Verbatim: true})
	}
	for _, site := range sites {
		v.Places = append(v.Places, choice{Value: site.Slug, Label: site.Name, Selected: site.Slug == q.SiteSlug, Verbatim: true})
	}
}

func newAuditItem(words *locale.Language, row moderation.AuditRow, names map[string]string) auditItem {
	item := auditItem{Who: row.ModeratorName, Did: row.Action, Site: row.SiteSlug, Reason: row.Reason, At: row.CreatedAt}
	for _, a := range auditActions {
		if a.action == row.Action {
			item.Did = a.text
		}
	}
	if item.Who == "" {
		item.Who = words.T("The command line")
		switch {
		case slices.Contains(signInOutcomes, auth.SignInOutcome(row.Action)):
			item.Who = words.T("Unknown person")
		case row.Action == moderation.AuditRetention:
			item.Who = words.T("The server")
		}
	}
	hasObject := strings.HasSuffix(item.Did, " of") || strings.HasSuffix(item.Did, " for") ||
		strings.HasSuffix(item.Did, ":") || row.Action == auth.ActionInvite
	switch {
	case hasObject && row.SubjectID == row.ModeratorID:
		item.Whom = words.T("themselves")
	case hasObject:
		item.Whom = cmp.Or(names[row.SubjectID], words.T("a former moderator"))
	}
	item.Did = words.T(item.Did)
	if item.Reason != "" && slices.Contains(signInOutcomes, auth.SignInOutcome(row.Action)) {
		item.Reason = clientName(words, item.Reason)
	}
	if row.Action == moderation.AuditRevealEmail {
		item.Case = RootPath + "/comments/" + row.SubjectID
	}
	return item
}

// signInOutcomes are the actions of sign-in attempts, whose moderator may be unknown.
var signInOutcomes = []auth.SignInOutcome{auth.SignInDone, auth.SignInFailed, auth.SignInCodeFailed, auth.SignInLocked}
