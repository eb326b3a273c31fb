package api

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// bulkRequest is an action on many comments: the listed ones, or all that match a filter.
type bulkRequest struct {
	IDs      []string          `json:"ids"`
	Versions map[string]int    `json:"versions"`
	Filter   map[string]string `json:"filter"` // parameters of the queue's list
	Preview  bool              `json:"preview"`
	Expected *int              `json:"expected"`
	Action   moderation.Action `json:"action"`
	Reason   string            `json:"reason"`
	Reply    string            `json:"reply"`
	Code     string            `json:"reason_code"`
	Note     string            `json:"note"`
	Limit    int               `json:"limit"`
	Cursor   string            `json:"cursor"`
}

// bulkResponse is the result of a bulk, with the comments that it skipped.
type bulkResponse struct {
	BulkID   string            `json:"bulk_id,omitempty"` // empty: nothing was decided
	Decided  int               `json:"decided"`
	Skipped  []skippedResponse `json:"skipped"`
	More     bool              `json:"more"`
	Complete bool              `json:"complete"` // false: it was interrupted, but earlier decisions stay in effect
	Next     string            `json:"next_cursor,omitempty"`
}

type skippedResponse struct {
	ID    string `json:"id"`
	Cause string `json:"cause"` // last part of a problem's type
}

// DecideMany applies an action to many comments, or counts them for a preview.
func (h *Queue) DecideMany(c *gin.Context) error {
	var req bulkRequest
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	bulk, err := req.bulk()
	if err != nil {
		return err
	}
	if req.Preview {
		return h.previewMany(c, bulk)
	}
	result, err := h.Queue.DecideAll(c.Request.Context(), session.ViewerOf(c), bulk)
	return h.RespondBulk(c, result, err)
}

func (h *Queue) previewMany(c *gin.Context, bulk queue.Bulk) error {
	if bulk.Filter == nil {
		return httpio.InvalidField("/filter", "required", "A preview needs a filter.")
	}
	count, more, err := h.Queue.Matches(c.Request.Context(), session.ViewerOf(c), *bulk.Filter)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, struct {
		Count int  `json:"count"`
		More  bool `json:"more"`
	}{count, more})
	return nil
}

// UndoMany reverts a bulk.
func (h *Queue) UndoMany(c *gin.Context) error {
	result, err := h.Queue.UndoAll(c.Request.Context(), session.ViewerOf(c), c.Param("id"))
	return h.RespondBulk(c, result, err)
}

// RespondBulk responds with a bulk's result. An error after some batches is logged, because the result
// matters more.
func (h *Queue) RespondBulk(c *gin.Context, result queue.BulkResult, err error) error {
	if err != nil && result.Decided == 0 {
		return err
	}
	h.LogInterrupted(c, result, err)
	httpio.JSON(c, http.StatusOK, newBulkResponse(result, err))
	return nil
}

func newBulkResponse(result queue.BulkResult, err error) bulkResponse {
	skipped := make([]skippedResponse, 0, len(result.Skipped))
	for _, s := range result.Skipped {
		skipped = append(skipped, skippedResponse{s.CommentID, problemCode(s.Cause)})
	}
	return bulkResponse{result.BulkID, result.Decided, skipped, result.More, err == nil, result.NextCursor}
}

// LogInterrupted logs the error of a bulk that was interrupted, if there is one.
func (h *Queue) LogInterrupted(c *gin.Context, result queue.BulkResult, err error) {
	if err != nil {
		h.Log.ErrorContext(c.Request.Context(), "bulk interrupted", "request_id", httpio.RequestID(c),
			"decided", result.Decided, "err", err)
	}
}

func problemCode(err error) string {
	i := slices.IndexFunc(httpio.Kinds, func(k httpio.Kind) bool { return errors.Is(err, k.Err) })
	if i < 0 {
		return httpio.KindInternal.Code
	}
	return httpio.Kinds[i].Code
}

// filterParameters are the parameters of the queue's list that a filter may have.
var filterParameters = []string{
	"site", "status", "reported", "appealed", "free", "article", "rule", "host", "language", "commenter", "cluster",
	"from", "to", "q",
}

func (r bulkRequest) bulk() (queue.Bulk, error) {
	for id, version := range r.Versions {
		if _, err := httpio.OptionalPositive("/versions/"+httpio.EscapePointer(id), &version); err != nil {
			return queue.Bulk{}, err
		}
	}
	b := queue.Bulk{IDs: r.IDs, Versions: r.Versions, Expected: r.Expected, Limit: r.Limit, Cursor: r.Cursor,
		DecisionRequest: queue.DecisionRequest{Action: r.Action, Reason: r.Reason, Reply: r.Reply,
			Code: r.Code, Note: r.Note}}
	if r.Filter == nil {
		return b, nil
	}
	query, err := filterQuery(r.Filter)
	b.Filter = &query
	return b, err
}

// filterQuery parses a filter as if it were the query of the queue's URL.
func filterQuery(filter map[string]string) (queue.Query, error) {
	values := url.Values{}
	for name, value := range filter {
		if !slices.Contains(filterParameters, name) {
			return queue.Query{}, httpio.InvalidField("/filter", "unknown", "A filter takes the parameters of the queue's list.")
		}
		values.Set(name, value)
	}
	query, err := queueQuery(&gin.Context{Request: &http.Request{URL: &url.URL{RawQuery: values.Encode()}}})
	var invalid *moderation.Invalid
	if errors.As(err, &invalid) {
		for i := range invalid.Fields {
			invalid.Fields[i].Pointer = "/filter" + invalid.Fields[i].Pointer
		}
	}
	return query, err
}
