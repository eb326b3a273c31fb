package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// groupResponse is a group of pending comments. Filter goes into a decision on all of them.
type groupResponse struct {
	Key    string            `json:"key"`
	Count  int               `json:"count"`
	Filter map[string]string `json:"filter"`
	Sample groupSample       `json:"sample"`
}

type groupSample struct {
	Comment moderatedComment `json:"comment"`
	Body    string           `json:"body"`
}

// groupParameters are the parameters of the queue's list by which a group is found again.
var groupParameters = map[queue.GroupBy]string{
	queue.GroupByText:      "cluster",
	queue.GroupByCommenter: "commenter",
	queue.GroupByHost:      "host",
	queue.GroupByRule:      "rule",
}

// queueGroups lists what pending comments of a site have in common.
func (h *Queue) Groups(c *gin.Context) error {
	by := queue.GroupBy(c.Query("by"))
	groups, err := h.Queue.Groups(c.Request.Context(), session.ViewerOf(c), c.Query("site"), by)
	if err != nil {
		return err
	}
	items := make([]groupResponse, 0, len(groups))
	for _, g := range groups {
		items = append(items, groupResponse{g.Key, g.Count,
			map[string]string{"site": c.Query("site"), "status": string(moderation.StatusPending), groupParameters[by]: g.Key},
			groupSample{newModeratedComment(g.Sample.Comment), g.Sample.Submission.Body}})
	}
	httpio.JSON(c, http.StatusOK, struct {
		Items []groupResponse `json:"items"`
	}{items})
	return nil
}
