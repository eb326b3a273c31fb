package api

import (
	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// groupResponse is a group of pending comments. Filter selects all of them for a bulk.
type groupResponse struct {
	Key    string              `json:"key"`
	Count  int                 `json:"count"`
	Filter map[string]string   `json:"filter"`
	Sample groupSampleResponse `json:"sample"`
}

type groupSampleResponse struct {
	Comment moderatedCommentResponse `json:"comment"`
	Body    string                   `json:"body"`
}

// groupParameters are the parameters of the queue's list that select a group.
var groupParameters = map[queue.GroupBy]string{
	queue.GroupByText:      "cluster",
	queue.GroupByCommenter: "commenter",
	queue.GroupByHost:      "host",
	queue.GroupByRule:      "rule",
}

// Groups groups the pending comments of a site by what they have in common.
func (h *Queue) Groups(c *gin.Context) error {
	by := queue.GroupBy(c.Query("by"))
	groups, err := h.Queue.Groups(c.Request.Context(), session.ViewerOf(c), c.Query("site"), by)
	if err != nil {
		return err
	}
	httpio.List(c, groups, func(g queue.Group) groupResponse {
		return groupResponse{g.Key, g.Count,
			map[string]string{"site": c.Query("site"), "status": string(moderation.StatusPending), groupParameters[by]: g.Key},
			groupSampleResponse{newModeratedCommentResponse(g.Sample.Comment), g.Sample.Submission.Body}}
	})
	return nil
}
