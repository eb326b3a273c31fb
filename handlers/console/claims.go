package console

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// ClaimsPath is where a moderator takes the next comments.
const ClaimsPath = RootPath + "/claims"

// freeFacet leaves out of a list what other moderators hold.
const freeFacet = "free"

// heldView is what a moderator holds, beside the list.
type heldView struct {
	heldSign        // no words: nothing
	Take     int    // how many are taken at once
	Free     string // address of the list without what others hold; empty: it leaves that out already
	Back     []page.HiddenField
}

// claimSign says of one comment who holds it.
type claimSign struct {
	heldSign
	Held string `json:"held"` // by whom: "own", "other", or empty for nobody
}

// heldSign says what is held. The words end with the time of day in UTC; modules, which know the moderator's
// zone, say it in that.
type heldSign struct {
	Words string    `json:"words"`
	Until time.Time `json:"until,omitzero"`
}

// until ends words with a time.
func until(words string, t time.Time) heldSign {
	return heldSign{words + " until " + t.UTC().Format("15:04 UTC"), t.UTC()}
}

// signOf says who holds what the claim is on; nil is nobody.
func signOf(c *queue.Claim, v moderation.Viewer) claimSign {
	switch {
	case c == nil:
		return claimSign{}
	case c.ModeratorID == v.ModeratorID:
		return claimSign{until("Held by you", c.ExpiresAt), "own"}
	}
	return claimSign{until("Held by "+c.Moderator, c.ExpiresAt), "other"}
}

// heldWords says how much the viewer holds among these claims, and until when all of it; empty for nothing.
func heldWords(held []queue.Claim, v moderation.Viewer) heldSign {
	n, first := 0, time.Time{}
	for _, claim := range held {
		if claim.ModeratorID != v.ModeratorID {
			continue
		}
		if n++; n == 1 || claim.ExpiresAt.Before(first) {
			first = claim.ExpiresAt
		}
	}
	if n == 0 {
		return heldSign{}
	}
	return until(page.Grouped(n)+" held by you", first)
}

// renewSeconds is how often a page renews what somebody holds who works in it.
func (h *Queue) renewSeconds() int { return max(1, int(h.Queue.ClaimLength().Seconds())/3) }

// showHeld says on the list what its moderator holds.
func (h *Queue) showHeld(c *gin.Context, at desk, view *queueView) error {
	held, err := h.Queue.Held(c.Request.Context(), session.ViewerOf(c))
	if err != nil {
		return err
	}
	view.Held = heldView{heldSign: heldWords(held, session.ViewerOf(c)), Take: queueLimit, Back: at.from("").fields()}
	if at.facets[freeFacet] == "" {
		view.Held.Free = at.free().Address()
	}
	view.Renew = h.renewSeconds()
	return nil
}

// free is the desk's first page without what other moderators hold.
func (d desk) free() desk { return d.with(freeFacet, "others") }

// ClaimForm takes the comment for the moderator, or keeps it for longer. A module that goes on from another
// comment, which was only looked at, names it to give it back.
func (h *Queue) ClaimForm(c *gin.Context) error {
	id, err := httpio.CommentID(c)
	if err != nil {
		return err
	}
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	ctx, viewer := c.Request.Context(), session.ViewerOf(c)
	tab, err := tabOf(values)
	if err != nil {
		return err
	}
	if left := values["leave"]; len(left) > 0 {
		if _, err := h.Queue.Release(ctx, viewer, left); err != nil {
			return err
		}
	}
	claim, err := h.Queue.ClaimOne(ctx, viewer, id, queue.ClaimTerms{Tab: tab})
	claimed := (*queue.ClaimedError)(nil)
	switch {
	case errors.As(err, &claimed) && moduleAsks(c):
		httpio.JSON(c, http.StatusOK, signOf(&claimed.Claim, viewer))
	case err != nil && !moduleAsks(c) && refusesForm(err):
		return h.showRefused(c, h.WayBack(c, values), values, err)
	case err != nil:
		return err
	case moduleAsks(c):
		httpio.JSON(c, http.StatusOK, signOf(&claim, viewer))
	default:
		h.leaveNotice(c, "claimed")
		httpio.SeeOther(c, h.WayBack(c, values).afterForm(id))
	}
	return nil
}

// TakeForm takes the next comments of the list that nobody holds.
func (h *Queue) TakeForm(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	tab, err := tabOf(values)
	if err != nil {
		return err
	}
	at := deskOf(values).from("")
	holding, err := h.Queue.Claim(c.Request.Context(), session.ViewerOf(c), at.query(), queue.ClaimTerms{Tab: tab})
	if err != nil {
		return err
	}
	if moduleAsks(c) {
		ids := make([]string, len(holding.Items))
		for i, item := range holding.Items {
			ids[i] = item.Comment.ID
		}
		httpio.JSON(c, http.StatusOK, struct {
			Comments []string `json:"comments"`
			Address  string   `json:"address"` // of the list that begins with them
		}{ids, at.free().Address()})
		return nil
	}
	h.leaveNotice(c, fmt.Sprintf("taken:%d", len(holding.Items)))
	httpio.SeeOther(c, at.free().Address())
	return nil
}

// takenNotice says how many comments were taken.
func takenNotice(count string) notice {
	if _, err := strconv.Atoi(count); err != nil {
		return notice{}
	}
	if count == "0" {
		return notice{Text: "There is nothing left here that nobody holds."}
	}
	return notice{Text: "Taken: " + count + ". Nobody else is given them meanwhile."}
}

// RenewForm keeps all that the moderator holds for longer.
func (h *Queue) RenewForm(c *gin.Context) error {
	if _, _, err := h.Queue.Renew(c.Request.Context(), session.ViewerOf(c), 0); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// GiveBackForm releases all of the moderator's claims. A module reports instead that its page was left: then
// it releases what the tab requested, except the comments that the tab keeps.
func (h *Queue) GiveBackForm(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	if values.Has("all") {
		if _, err := h.Queue.Release(c.Request.Context(), session.ViewerOf(c), nil); err != nil {
			return err
		}
		h.leaveNotice(c, "given-back")
		httpio.SeeOther(c, h.WayBack(c, values).Address())
		return nil
	}
	tab, err := tabOf(values)
	if err != nil {
		return err
	}
	if tab.ID == "" {
		return httpio.InvalidField("/tab", "required", "Name the tab whose page was left, or release all.")
	}
	if err := h.Queue.CloseTab(c.Request.Context(), session.ViewerOf(c), tab, values["keep"]); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// tabOf returns the tab that sends a form, and its sequence number. A form not sent by a module names no tab.
func tabOf(values url.Values) (queue.ClaimTab, error) {
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
