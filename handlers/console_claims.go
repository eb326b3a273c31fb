package handlers

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/moderation"
)

// claimsPath is where a moderator takes the next comments.
const claimsPath = consolePath + "/claims"

// freeFacet leaves out of a list what other moderators hold.
const freeFacet = "free"

// heldView is what a moderator holds, beside the list.
type heldView struct {
	heldSign        // no words: nothing
	Take     int    // how many are taken at once
	Free     string // address of the list without what others hold; empty: it leaves that out already
	Back     []hiddenField
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
func signOf(c *moderation.Claim, v moderation.Viewer) claimSign {
	switch {
	case c == nil:
		return claimSign{}
	case c.ModeratorID == v.ModeratorID:
		return claimSign{until("Held by you", c.ExpiresAt), "own"}
	}
	return claimSign{until("Held by "+c.Moderator, c.ExpiresAt), "other"}
}

// heldWords says how much the viewer holds among these claims, and until when all of it; empty for nothing.
func heldWords(held []moderation.Claim, v moderation.Viewer) heldSign {
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
	return until(grouped(n)+" held by you", first)
}

// renewSeconds is how often a page renews what somebody holds who works in it.
func (s *Server) renewSeconds() int { return max(1, int(s.Queue.ClaimLength().Seconds())/3) }

// showHeld says on the list what its moderator holds.
func (s *Server) showHeld(c *gin.Context, at desk, view *queueView) error {
	held, err := s.Queue.Held(c.Request.Context(), viewerOf(c))
	if err != nil {
		return err
	}
	view.Held = heldView{heldSign: heldWords(held, viewerOf(c)), Take: queueLimit, Back: at.from("").fields()}
	if at.facets[freeFacet] == "" {
		view.Held.Free = at.free().address()
	}
	view.Renew = s.renewSeconds()
	return nil
}

// free is the desk's first page without what other moderators hold.
func (d desk) free() desk { return d.with(freeFacet, "others") }

// claimForm takes the comment for the moderator, or keeps it for longer. A module that goes on from another
// comment, which was only looked at, names it to give it back.
func (s *Server) claimForm(c *gin.Context) error {
	id, err := commentID(c)
	if err != nil {
		return err
	}
	values, err := formValues(c)
	if err != nil {
		return err
	}
	ctx, viewer := c.Request.Context(), viewerOf(c)
	tab, err := tabOf(values)
	if err != nil {
		return err
	}
	if left := values["leave"]; len(left) > 0 {
		if _, err := s.Queue.Release(ctx, viewer, left); err != nil {
			return err
		}
	}
	claim, err := s.Queue.ClaimOne(ctx, viewer, id, moderation.ClaimTerms{Tab: tab})
	claimed := (*moderation.Claimed)(nil)
	switch {
	case errors.As(err, &claimed) && moduleAsks(c):
		answer(c, http.StatusOK, signOf(&claimed.Claim, viewer))
	case err != nil && !moduleAsks(c) && refusesForm(err):
		return s.showRefused(c, s.wayBack(c, values), values, err)
	case err != nil:
		return err
	case moduleAsks(c):
		answer(c, http.StatusOK, signOf(&claim, viewer))
	default:
		s.leaveNotice(c, "claimed")
		seeOther(c, s.wayBack(c, values).afterForm(id))
	}
	return nil
}

// takeForm takes the next comments of the list that nobody holds.
func (s *Server) takeForm(c *gin.Context) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	tab, err := tabOf(values)
	if err != nil {
		return err
	}
	at := deskOf(values).from("")
	holding, err := s.Queue.Claim(c.Request.Context(), viewerOf(c), at.query(), moderation.ClaimTerms{Tab: tab})
	if err != nil {
		return err
	}
	if moduleAsks(c) {
		ids := make([]string, len(holding.Items))
		for i, item := range holding.Items {
			ids[i] = item.Comment.ID
		}
		answer(c, http.StatusOK, struct {
			Comments []string `json:"comments"`
			Address  string   `json:"address"` // of the list that begins with them
		}{ids, at.free().address()})
		return nil
	}
	s.leaveNotice(c, fmt.Sprintf("taken:%d", len(holding.Items)))
	seeOther(c, at.free().address())
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

// renewForm keeps all that the moderator holds for longer.
func (s *Server) renewForm(c *gin.Context) error {
	if _, _, err := s.Queue.Renew(c.Request.Context(), viewerOf(c), 0); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// giveBackForm releases all of the moderator's claims. A module reports instead that its page was left: then
// it releases what the tab requested, except the comments that the tab keeps.
func (s *Server) giveBackForm(c *gin.Context) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	if values.Has("all") {
		if _, err := s.Queue.Release(c.Request.Context(), viewerOf(c), nil); err != nil {
			return err
		}
		s.leaveNotice(c, "given-back")
		seeOther(c, s.wayBack(c, values).address())
		return nil
	}
	tab, err := tabOf(values)
	if err != nil {
		return err
	}
	if tab.ID == "" {
		return oneFault("/tab", "required", "Name the tab whose page was left, or release all.")
	}
	if err := s.Queue.Leave(c.Request.Context(), viewerOf(c), tab, values["keep"]); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// tabOf returns the tab that sends a form, and its sequence number. A form not sent by a module names no tab.
func tabOf(values url.Values) (moderation.ClaimTab, error) {
	tab := moderation.ClaimTab{ID: values.Get("tab")}
	if tab.ID == "" {
		return tab, nil
	}
	var err error
	if tab.Seq, err = strconv.ParseInt(values.Get("seq"), 10, 64); err != nil {
		return tab, oneFault("/seq", "wrong_type", "Must be a whole number.")
	}
	return tab, nil
}
