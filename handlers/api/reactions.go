package api

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
)

// Vote takes in a reader's vote on a comment. A receipt or commenter token, when the browser has one, tells
// whether the comment is the reader's own; any other Authorization says nothing here.
func (h *Comments) Vote(c *gin.Context) error {
	id, err := httpio.CommentID(c)
	if err != nil {
		return err
	}
	var req struct {
		Value          *int   `json:"value"`
		CommenterToken string `json:"commenter_token"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	if req.Value == nil {
		return httpio.InvalidField("/value", "required", "A vote is 1, -1, or 0 to take it back.")
	}
	receipt, _ := session.BearerToken(c)
	tally, err := h.Votes.Vote(c.Request.Context(), moderation.Vote{
		CommentID: id, Value: *req.Value, Receipt: receipt, CommenterToken: req.CommenterToken, Address: httpio.ClientAddress(c),
	})
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, struct {
		Up       int `json:"up"`
		Down     int `json:"down"`
		Value    int `json:"value"`
		Previous int `json:"previous"`
	}{tally.Up, tally.Down, tally.Value, tally.Before})
	return nil
}

// Report takes in a reader's complaint about a comment. A repeated one gets the same answer, so that nobody
// learns what others behind the same address said.
func (h *Comments) Report(c *gin.Context) error {
	id, err := httpio.CommentID(c)
	if err != nil {
		return err
	}
	var req struct {
		Reason moderation.ReportReason `json:"reason"`
		Note   string                  `json:"note"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	err = h.Reports.Report(c.Request.Context(), moderation.ReportRequest{
		CommentID: id, Reason: req.Reason, Note: req.Note, Address: httpio.ClientAddress(c),
	})
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusCreated, struct {
		Reported bool `json:"reported"`
	}{true})
	return nil
}

// Appeal takes a rejected comment back to the queue for the holder of its receipt.
func (h *Comments) Appeal(c *gin.Context) error {
	id, receipt, err := ownRequest(c)
	if err != nil {
		return err
	}
	var req struct {
		Text string `json:"text"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	own, err := h.Own.Appeal(c.Request.Context(), moderation.AppealRequest{
		CommentID: id, Receipt: receipt, Body: req.Text, Address: httpio.ClientAddress(c),
	})
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, commentResponse{newOwnResponse(c, own)})
	return nil
}

// EraseData removes what the holder of a receipt sent from the same remembered browser.
func (h *Comments) EraseData(c *gin.Context) error {
	id, receipt, err := ownRequest(c)
	if err != nil {
		return err
	}
	erased, err := h.Own.Erase(c.Request.Context(), id, receipt)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, struct {
		Erased int `json:"erased"`
	}{erased})
	return nil
}

// reportResponse is a reader's complaint as moderators see it. Who sent it is not kept.
type reportResponse struct {
	Reason     moderation.ReportReason `json:"reason"`
	Note       string                  `json:"note,omitempty"`
	CreatedAt  time.Time               `json:"created_at"`
	ResolvedAt time.Time               `json:"resolved_at,omitzero"`
	DecisionID string                  `json:"decision_id,omitempty"`
}

func newReportResponses(reports []moderation.Report) []reportResponse {
	answers := make([]reportResponse, 0, len(reports))
	for _, r := range reports {
		answers = append(answers, reportResponse{r.Reason, r.Note, r.CreatedAt.UTC(), r.ResolvedAt.UTC(), r.DecisionID})
	}
	return answers
}

// appealResponse is a writer's objection to a rejection as moderators see it.
type appealResponse struct {
	Text        string            `json:"text"`
	ModeratorID string            `json:"moderator_id,omitempty"` // who should not be the one to answer
	CreatedAt   time.Time         `json:"created_at"`
	ResolvedAt  time.Time         `json:"resolved_at,omitzero"`
	Outcome     moderation.Status `json:"outcome,omitempty"`
}

func newAppealResponse(a *moderation.Appeal) *appealResponse {
	if a == nil {
		return nil
	}
	return &appealResponse{a.Body, a.ModeratorID, a.CreatedAt.UTC(), a.ResolvedAt.UTC(), a.Outcome}
}
