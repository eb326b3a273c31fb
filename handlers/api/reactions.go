package api

import (
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
)

// Vote takes a reader's vote on a comment. A receipt or commenter token shows that the comment is the
// reader's own; any other Authorization is ignored.
func (h *Comments) Vote(c *gin.Context) error {
	id, err := httpio.PathID(c)
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
	receipt, err := h.ownReceipt(c, id)
	if err != nil {
		return err
	}
	tally, err := h.Votes.Vote(c.Request.Context(), moderation.Vote{
		CommentID: id, Value: *req.Value, Receipt: receipt, CommenterToken: req.CommenterToken,
		Address: httpio.ClientAddress(c),
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

// ownReceipt returns the receipt of a request for a comment: from the Authorization header, or that of the
// signed-in reader who sent the comment; empty if there is none.
func (h *Comments) ownReceipt(c *gin.Context, id string) (string, error) {
	receipt, ok := session.BearerToken(c)
	token := c.GetHeader(httpio.HeaderIdentity)
	if ok || token == "" {
		return receipt, nil
	}
	receipt, err := h.Readers.Receipt(c.Request.Context(), token, id)
	if errors.Is(err, moderation.ErrReceipt) { // somebody else's
		return "", nil
	}
	return receipt, err
}

// Report takes a reader's report. A repeated report gets the same response, so as not to reveal reports from
// others with the same IP address.
func (h *Comments) Report(c *gin.Context) error {
	id, err := httpio.PathID(c)
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

// Appeal returns a rejected comment to the queue for the holder of its receipt.
func (h *Comments) Appeal(c *gin.Context) error {
	id, receipt, err := h.authorCredentials(c)
	if err != nil {
		return err
	}
	var req struct {
		Text string `json:"text"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	own, err := h.Author.Appeal(c.Request.Context(), moderation.AppealRequest{
		CommentID: id, Receipt: receipt, Body: req.Text, Address: httpio.ClientAddress(c),
	})
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, commentResponse{newAuthorCommentResponse(c, own)})
	return nil
}

// Erase deletes a comment, and all others that the same remembered browser sent, for the holder of its
// receipt.
func (h *Comments) Erase(c *gin.Context) error {
	id, receipt, err := h.authorCredentials(c)
	if err != nil {
		return err
	}
	erased, err := h.Author.Erase(c.Request.Context(), id, receipt)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, struct {
		Erased int `json:"erased"`
	}{erased})
	return nil
}

// reportResponse is a reader's report as moderators see it. Reports are anonymous.
type reportResponse struct {
	Reason     moderation.ReportReason `json:"reason"`
	Note       string                  `json:"note,omitempty"`
	CreatedAt  time.Time               `json:"created_at"`
	ResolvedAt time.Time               `json:"resolved_at,omitzero"`
	DecisionID string                  `json:"decision_id,omitempty"`
}

func newReportResponses(reports []moderation.Report) []reportResponse {
	responses := make([]reportResponse, 0, len(reports))
	for _, r := range reports {
		responses = append(responses, reportResponse{r.Reason, r.Note, r.CreatedAt.UTC(), r.ResolvedAt.UTC(), r.DecisionID})
	}
	return responses
}

// appealResponse is an appeal as moderators see it.
type appealResponse struct {
	Text        string            `json:"text"`
	ModeratorID string            `json:"moderator_id,omitempty"` // who made the decision, and may not decide on the appeal
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
