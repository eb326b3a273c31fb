package console

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// ClaimsPath is where a moderator claims the next comments.
const ClaimsPath = RootPath + "/claims"

// unclaimedFacet hides comments that other moderators have claimed.
const unclaimedFacet = "free"

// heldView shows the moderator's claims above the list.
type heldView struct {
	claimSummary        // no words: no claims
	Take         int    // how many comments are claimed at once
	Free         string // URL of the list without comments that others have claimed; empty: this one
	Back         []page.HiddenField
}

// claimLabel says who has claimed one comment, in few words.
type claimLabel struct {
	claimSummary
	Held string `json:"held"` // by whom: "own", "other", or empty for nobody
}

// claimSummary describes claims and when they end. Words that end with the time of day in UTC get the time in
// the moderator's zone from modules.
type claimSummary struct {
	Words string    `json:"words"`
	Until time.Time `json:"until,omitzero"`
}

// newClaimLabel describes a claim to the viewer; nil is no claim.
func newClaimLabel(words *locale.Language, c *queue.Claim, v moderation.Viewer) claimLabel {
	switch {
	case c == nil:
		return claimLabel{}
	case c.ModeratorID == v.ModeratorID:
		return claimLabel{claimSummary{words.T("Yours until %s", words.Clock(c.ExpiresAt)), c.ExpiresAt.UTC()}, "own"}
	}
	return claimLabel{claimSummary{words.T("%s is on this", c.Moderator), c.ExpiresAt.UTC()}, "other"}
}

// summarizeOwn counts the viewer's claims, and says when the first of them ends; empty if there are none.
func summarizeOwn(words *locale.Language, claims []queue.Claim, v moderation.Viewer) claimSummary {
	n, first := 0, time.Time{}
	for _, claim := range claims {
		if claim.ModeratorID != v.ModeratorID {
			continue
		}
		if n++; n == 1 || claim.ExpiresAt.Before(first) {
			first = claim.ExpiresAt
		}
	}
	if n == 0 {
		return claimSummary{}
	}
	return claimSummary{words.T("%d yours until %s", n, words.Clock(first)), first.UTC()}
}

// renewSeconds is how often a page renews the claims of a moderator who works in it.
func (h *Queue) renewSeconds() int { return max(1, int(h.Queue.ClaimLength().Seconds())/3) }

// addClaims adds the moderator's claims to the list.
func (h *Queue) addClaims(c *gin.Context, params queueParams, view *queueView) error {
	claims, err := h.Queue.Held(c.Request.Context(), session.ViewerOf(c))
	if err != nil {
		return err
	}
	view.Held = heldView{claimSummary: summarizeOwn(params.words, claims, session.ViewerOf(c)), Take: queuePageSize,
		Back: params.firstPage().fields()}
	if params.facets[unclaimedFacet] == "" {
		view.Held.Free = params.unclaimed().URL()
	}
	view.Renew = h.renewSeconds()
	return nil
}

// unclaimed returns the first page of the list without what other moderators have claimed.
func (p queueParams) unclaimed() queueParams { return p.withFacet(unclaimedFacet, "others") }

// ClaimOne claims a comment, or extends its claim. When the moderator moves on from a comment without
// deciding on it, a module names that comment to release it.
func (h *Queue) ClaimOne(c *gin.Context) error {
	id, err := httpio.PathID(c)
	if err != nil {
		return err
	}
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	ctx, viewer := c.Request.Context(), session.ViewerOf(c)
	tab, err := parseTab(values)
	if err != nil {
		return err
	}
	if left := values["leave"]; len(left) > 0 {
		if _, err := h.Queue.Release(ctx, viewer, left); err != nil {
			return err
		}
	}
	claim, err := h.Queue.ClaimOne(ctx, viewer, id, queue.ClaimTerms{Tab: tab})
	var claimed *queue.ClaimedError
	switch {
	case errors.As(err, &claimed) && wantsJSON(c):
		httpio.JSON(c, http.StatusOK, newClaimLabel(session.Words(c), &claimed.Claim, viewer))
		return nil
	case err != nil && !wantsJSON(c) && isFormError(err):
		return h.renderRefused(c, h.returnParams(c, values), values, err)
	case err != nil:
		return err
	case wantsJSON(c):
		httpio.JSON(c, http.StatusOK, newClaimLabel(session.Words(c), &claim, viewer))
		return nil
	}
	return h.redirect(c, h.returnParams(c, values).returnURL(id), notice{Text: "You have claimed this comment."})
}

// ClaimNext claims the next unclaimed comments of the list.
func (h *Queue) ClaimNext(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	tab, err := parseTab(values)
	if err != nil {
		return err
	}
	params := parseQueueParams(session.Words(c), values).firstPage()
	claimed, err := h.Queue.Claim(c.Request.Context(), session.ViewerOf(c), params.query(h.Now()), queue.ClaimTerms{Tab: tab})
	if err != nil {
		return err
	}
	if wantsJSON(c) {
		ids := make([]string, len(claimed.Items))
		for i, item := range claimed.Items {
			ids[i] = item.Comment.ID
		}
		httpio.JSON(c, http.StatusOK, struct {
			Comments []string `json:"comments"`
			Address  string   `json:"address"` // URL of the list that begins with them
		}{ids, params.unclaimed().URL()})
		return nil
	}
	text := params.words.N("Claimed: %d comment. Nobody else can claim them for now.",
		"Claimed: %d comments. Nobody else can claim them for now.", len(claimed.Items))
	if len(claimed.Items) == 0 {
		text = "No unclaimed comments are left here."
	}
	return h.redirect(c, params.unclaimed().URL(), notice{Text: text})
}

// RenewClaims extends all of the moderator's claims.
func (h *Queue) RenewClaims(c *gin.Context) error {
	if _, _, err := h.Queue.Renew(c.Request.Context(), session.ViewerOf(c), 0); err != nil {
		return err
	}
	httpio.NoContent(c)
	return nil
}

// ReleaseClaims releases all of the moderator's claims. When a module reports that its page was left, it
// releases the claims of the module's tab, except those that the tab keeps.
func (h *Queue) ReleaseClaims(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	if values.Has("all") {
		if _, err := h.Queue.Release(c.Request.Context(), session.ViewerOf(c), nil); err != nil {
			return err
		}
		return h.redirect(c, h.returnParams(c, values).URL(), notice{Text: "You have released all claims."})
	}
	tab, err := parseTab(values)
	if err != nil {
		return err
	}
	if tab.ID == "" {
		return httpio.InvalidField("/tab", "required", "Name the tab that was closed, or release all claims.")
	}
	if err := h.Queue.CloseTab(c.Request.Context(), session.ViewerOf(c), tab, values["keep"]); err != nil {
		return err
	}
	httpio.NoContent(c)
	return nil
}

// parseTab parses the tab that sends a form, and its sequence number. Forms sent without a module name no
// tab.
func parseTab(values url.Values) (queue.ClaimTab, error) {
	tab := queue.ClaimTab{ID: values.Get("tab")}
	if tab.ID == "" {
		return tab, nil
	}
	var err error
	if tab.Seq, err = strconv.ParseInt(values.Get("seq"), 10, 64); err != nil {
		return tab, httpio.InvalidField("/seq", "wrong_type", "Must be a whole number.")
	}
	return tab, nil
}
