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
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
)

// auditShown is how many entries stand on a page.
const auditShown = 50

// auditActions are what entries say, by action, in the order of the filter. What is about another moderator
// names them after it.
var auditActions = []struct{ action, words string }{
	{moderation.AuditRevealEmail, "saw a commenter’s email"},
	{moderation.AuditSaveRuleset, "saved a ruleset"},
	{moderation.AuditActivateRuleset, "made a ruleset the active one"},
	{moderation.AuditAddSite, "added a site"},
	{moderation.AuditChangeSite, "changed a site"},
	{moderation.AuditAddArticle, "added an article"},
	{moderation.AuditChangeArticle, "changed an article"},
	{moderation.AuditAddAlias, "added a key of an article"},
	{moderation.AuditRemoveAlias, "removed a key of an article"},
	{auth.ActionInvite, "invited"},
	{auth.ActionRevokeLink, "revoked the link of"},
	{auth.ActionLinkPasswordReset, "made a link to reset the password of"},
	{auth.ActionAcceptInvitation, "accepted an invitation"},
	{auth.ActionResetPassword, "set a password anew"},
	{auth.ActionChangePassword, "changed the password"},
	{auth.ActionChangeModerator, "changed the account of"},
	{auth.ActionDisable, "disabled the account of"},
	{auth.ActionEnable, "enabled the account of"},
	{auth.ActionSecondFactorOn, "turned the second factor on"},
	{auth.ActionSecondFactorOff, "turned the second factor off"},
	{auth.ActionResetSecondFactor, "turned the second factor off for"},
	{auth.ActionUsedRecoveryCode, "used a recovery code"},
	{auth.ActionUnlock, "unlocked the account of"},
	{string(auth.SignInDone), "signed in"},
	{string(auth.SignInFailed), "gave a wrong password"},
	{string(auth.SignInCodeFailed), "gave a wrong code"},
	{string(auth.SignInLocked), "was wrong too often, and has to wait"},
}

// auditView is a page of the audit log.
type auditView struct {
	adminFrame
	People  []choice
	Actions []choice
	Places  []choice // sites
	From    string   // days, as fields for dates have them
	To      string
	Faults  []string
	Items   []auditItem
	Empty   emptyView // shown when there are none
	Next    string
}

// auditItem is one entry in words.
type auditItem struct {
	Who    string
	Did    string
	Whom   string // the moderator that it was done to; empty: the same, or none
	Case   string // address of the comment that it is about
	Site   string
	Reason string
	At     time.Time
}

// auditQuery reads what the page's filter asks for. Faults say what could not be read; it narrows nothing.
func auditQuery(asked url.Values) (q moderation.AuditQuery, faults []string) {
	q = moderation.AuditQuery{ModeratorID: asked.Get("moderator"), Action: asked.Get("action"), SiteSlug: asked.Get("in"),
		Cursor: asked.Get("cursor"), Limit: auditShown}
	day := func(name string) time.Time {
		typed := asked.Get(name)
		if typed == "" {
			return time.Time{}
		}
		at, err := time.Parse(time.DateOnly, typed)
		if err != nil {
			faults = append(faults, "“"+httpio.Printable(typed)+"” is no day; write it as 2026-03-02.")
		}
		return at
	}
	q.Since = day("from")
	if last := day("to"); !last.IsZero() {
		q.Until = last.AddDate(0, 0, 1)
	}
	return q, faults
}

// AuditPage shows what was done besides decisions.
func (h *Sites) AuditPage(c *gin.Context) error {
	asked := c.Request.URL.Query()
	query, faults := auditQuery(asked)
	page, err := h.AuditLog.List(c.Request.Context(), session.ViewerOf(c), query)
	if err != nil {
		return err
	}
	accounts, err := h.Auth.Accounts(c.Request.Context(), session.IdentityOf(c))
	if err != nil {
		return err
	}
	sites, err := h.Sites.List(c.Request.Context(), session.ViewerOf(c))
	if err != nil {
		return err
	}
	view := auditView{
		From:   httpio.Printable(asked.Get("from")),
		To:     httpio.Printable(asked.Get("to")),
		Faults: faults,
		Empty:  emptyAudit(asked),
	}
	if view.adminFrame, err = h.adminFrame(c, AuditPath, "Audit log"); err != nil {
		return err
	}
	view.offer(query, accounts, sites)
	names := map[string]string{}
	for _, a := range accounts {
		names[a.ID] = a.Name
	}
	for _, row := range page.Items {
		view.Items = append(view.Items, newAuditItem(row, names))
	}
	if page.NextCursor != "" {
		asked.Set("cursor", page.NextCursor)
		view.Next = AuditPath + "?" + asked.Encode()
	}
	return h.renderConsole(c, http.StatusOK, "audit", view)
}

// emptyAudit explains why a page shows no entries.
func emptyAudit(asked url.Values) emptyView {
	if asked.Get("cursor") != "" {
		first := maps.Clone(asked)
		first.Del("cursor")
		return emptyView{"No older entries.", []page.Link{{Text: "Newest entries", Href: AuditPath + "?" + first.Encode()}}}
	}
	for _, name := range []string{"moderator", "action", "in", "from", "to"} {
		if asked.Get(name) != "" {
			return emptyView{"No entry matches this filter.", []page.Link{{Text: "Clear filter", Href: AuditPath}}}
		}
	}
	return emptyView{Text: "Nothing has been logged yet."}
}

// offer fills the choices of the filter.
func (v *auditView) offer(q moderation.AuditQuery, accounts []auth.Account, sites []moderation.Site) {
	v.People, v.Actions, v.Places = []choice{
		{Label: "Anybody"},
	}, []choice{
		{Label: "Anything"},
	}, []choice{
		{Label: "Anywhere"},
	}
	for _, a := range accounts {
		v.People = append(v.People, choice{a.ID, a.Name, a.ID == q.ModeratorID})
	}
	for _, known := range auditActions {
		label := capitalised(strings.TrimSuffix(strings.TrimSuffix(known.words, " of"), " for"))
		v.Actions = append(v.Actions, choice{known.action, label, known.action == q.Action})
	}
	for _, site := range sites {
		v.Places = append(v.Places, choice{site.Slug, site.Name, site.Slug == q.SiteSlug})
	}
}

func newAuditItem(row moderation.AuditRow, names map[string]string) auditItem {
	item := auditItem{Who: row.ModeratorName, Did: row.Action, Site: row.SiteSlug, Reason: row.Reason, At: row.CreatedAt}
	if i := slices.IndexFunc(
		auditActions,
		func(known struct{ action, words string }) bool { return known.action == row.Action },
	); i >= 0 {
		item.Did = auditActions[i].words
	}
	if item.Who == "" {
		item.Who = "The command line"
		if slices.Contains(signInOutcomes, auth.SignInOutcome(row.Action)) {
			item.Who = "Somebody unknown"
		}
	}
	toSomebody := strings.HasSuffix(item.Did, " of") || strings.HasSuffix(item.Did, " for") ||
		row.Action == auth.ActionInvite
	switch {
	case toSomebody && row.SubjectID == row.ModeratorID:
		item.Whom = "themself"
	case toSomebody:
		item.Whom = cmp.Or(names[row.SubjectID], "somebody who is not here any more")
	}
	if row.Action == moderation.AuditRevealEmail {
		item.Case = RootPath + "/comments/" + row.SubjectID
	}
	return item
}

// signInOutcomes are the actions that are attempts to sign in.
var signInOutcomes = []auth.SignInOutcome{auth.SignInDone, auth.SignInFailed, auth.SignInCodeFailed, auth.SignInLocked}
