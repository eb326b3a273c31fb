package api

import (
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// queueQuery parses the parameters of the queue's list.
func queueQuery(c *gin.Context) (queue.Query, error) {
	query := queue.Query{SiteSlug: c.Query("site"), Cursor: c.Query("cursor")}
	var err error
	if query.Limit, err = httpio.LimitParam(c); err != nil {
		return query, err
	}
	status, err := httpio.ChoiceParam(c, "status", "pending", "approved", "rejected", "spam", "deleted",
		string(queue.AnyStatus))
	if err != nil {
		return query, err
	}
	sort, err := httpio.ChoiceParam(c, "sort", "oldest", "newest", "risk", "reports")
	if err != nil {
		return query, err
	}
	query.Status, query.Sort = moderation.Status(status), queue.Sort(sort)
	query.Filter, err = queueFilter(c)
	return query, err
}

func queueFilter(c *gin.Context) (queue.Filter, error) {
	filter := queue.Filter{
		ArticleKey: c.Query("article"), Rule: c.Query("rule"), Host: c.Query("host"), Language: c.Query("language"),
		CommenterID: c.Query("commenter"), Cluster: c.Query("cluster"), Search: strings.TrimSpace(c.Query("q")),
	}
	reported, err := httpio.ChoiceParam(c, "reported", "false", "true")
	if err != nil {
		return filter, err
	}
	appealed, err := httpio.ChoiceParam(c, "appealed", "false", "true")
	if err != nil {
		return filter, err
	}
	free, err := httpio.ChoiceParam(c, "free", "false", "true")
	if err != nil {
		return filter, err
	}
	filter.Reported, filter.Appealed, filter.Free = reported == "true", appealed == "true", free == "true"
	if filter.From, err = TimeParam(c, "from"); err != nil {
		return filter, err
	}
	filter.To, err = TimeParam(c, "to")
	return filter, err
}
