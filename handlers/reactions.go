package handlers

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/moderation"
)

// vote takes in a reader's vote on a comment. A receipt or commenter token, when the browser has one, tells
// whether the comment is the reader's own; any other Authorization says nothing here.
func (s *Server) vote(c *gin.Context) error {
	id, err := commentID(c)
	if err != nil {
		return err
	}
	var req struct {
		Value          *int   `json:"value"`
		CommenterToken string `json:"commenter_token"`
	}
	if err := bindJSON(c, &req, maxBody); err != nil {
		return err
	}
	if req.Value == nil {
		return oneFault("/value", "required", "A vote is 1, -1, or 0 to take it back.")
	}
	receipt, _ := bearer(c)
	tally, err := s.Votes.Vote(c.Request.Context(), moderation.Vote{
		CommentID: id, Value: *req.Value, Receipt: receipt, CommenterToken: req.CommenterToken, Address: clientAddress(c),
	})
	if err != nil {
		return err
	}
	answer(c, http.StatusOK, struct {
		Up       int `json:"up"`
		Down     int `json:"down"`
		Value    int `json:"value"`
		Previous int `json:"previous"`
	}{tally.Up, tally.Down, tally.Value, tally.Before})
	return nil
}

// report takes in a reader's complaint about a comment. A repeated one gets the same answer, so that nobody
// learns what others behind the same address said.
func (s *Server) report(c *gin.Context) error {
	id, err := commentID(c)
	if err != nil {
		return err
	}
	var req struct {
		Reason moderation.ReportReason `json:"reason"`
		Note   string                  `json:"note"`
	}
	if err := bindJSON(c, &req, maxBody); err != nil {
		return err
	}
	err = s.Reports.Report(c.Request.Context(), moderation.Complaint{
		CommentID: id, Reason: req.Reason, Note: req.Note, Address: clientAddress(c),
	})
	if err != nil {
		return err
	}
	answer(c, http.StatusCreated, struct {
		Reported bool `json:"reported"`
	}{true})
	return nil
}

// appeal takes a rejected comment back to the queue for the holder of its receipt.
func (s *Server) appeal(c *gin.Context) error {
	id, receipt, err := ownRequest(c)
	if err != nil {
		return err
	}
	var req struct {
		Text string `json:"text"`
	}
	if err := bindJSON(c, &req, maxBody); err != nil {
		return err
	}
	own, err := s.Own.Appeal(c.Request.Context(), moderation.Objection{
		CommentID: id, Receipt: receipt, Body: req.Text, Address: clientAddress(c),
	})
	if err != nil {
		return err
	}
	answer(c, http.StatusOK, commentAnswer{newOwnAnswer(c, own)})
	return nil
}

// eraseData removes what the holder of a receipt sent from the same remembered browser.
func (s *Server) eraseData(c *gin.Context) error {
	id, receipt, err := ownRequest(c)
	if err != nil {
		return err
	}
	erased, err := s.Own.Erase(c.Request.Context(), id, receipt)
	if err != nil {
		return err
	}
	answer(c, http.StatusOK, struct {
		Erased int `json:"erased"`
	}{erased})
	return nil
}

// reportAnswer is a reader's complaint as moderators see it. Who sent it is not kept.
type reportAnswer struct {
	Reason     moderation.ReportReason `json:"reason"`
	Note       string                  `json:"note,omitempty"`
	CreatedAt  time.Time               `json:"created_at"`
	ResolvedAt time.Time               `json:"resolved_at,omitzero"`
	DecisionID string                  `json:"decision_id,omitempty"`
}

func newReportAnswers(reports []moderation.Report) []reportAnswer {
	answers := make([]reportAnswer, 0, len(reports))
	for _, r := range reports {
		answers = append(answers, reportAnswer{r.Reason, r.Note, r.CreatedAt.UTC(), r.ResolvedAt.UTC(), r.DecisionID})
	}
	return answers
}

// appealAnswer is a writer's objection to a rejection as moderators see it.
type appealAnswer struct {
	Text        string            `json:"text"`
	ModeratorID string            `json:"moderator_id,omitempty"` // who should not be the one to answer
	CreatedAt   time.Time         `json:"created_at"`
	ResolvedAt  time.Time         `json:"resolved_at,omitzero"`
	Outcome     moderation.Status `json:"outcome,omitempty"`
}

func newAppealAnswer(a *moderation.Appeal) *appealAnswer {
	if a == nil {
		return nil
	}
	return &appealAnswer{a.Body, a.ModeratorID, a.CreatedAt.UTC(), a.ResolvedAt.UTC(), a.Outcome}
}
