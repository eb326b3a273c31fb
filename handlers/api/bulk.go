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

// bulkRequest is one action on many comments: named ones, or all that match a filter.
type bulkRequest struct {
	IDs      []string          `json:"ids"`
	Versions map[string]int    `json:"versions"`
	Filter   map[string]string `json:"filter"` // parameters of the queue's list
	Preview  bool              `json:"preview"`
	Expected *int              `json:"expected"`
	Action   moderation.Action `json:"action"`
	Reason   string            `json:"reason"`
	Code     string            `json:"reason_code"`
	Note     string            `json:"note"`
}

// bulkResponse says what a bulk did, and why it left some comments alone.
type bulkResponse struct {
	BulkID   string            `json:"bulk_id,omitempty"` // empty: nothing was decided
	Decided  int               `json:"decided"`
	Skipped  []skippedResponse `json:"skipped"`
	More     bool              `json:"more"`
	Complete bool              `json:"complete"` // false when it broke off; what was decided stays decided
}

type skippedResponse struct {
	ID    string `json:"id"`
	Cause string `json:"cause"` // last part of a problem's type
}

// DecideMany carries one action out on many comments, or says on how many it would be.
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
	return h.AnswerBulk(c, result, err)
}

func (h *Queue) previewMany(c *gin.Context, bulk queue.Bulk) error {
	if bulk.Filter == nil {
		return httpio.InvalidField("/filter", "required", "A preview counts what a filter matches.")
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

// UndoMany takes back what one bulk did.
func (h *Queue) UndoMany(c *gin.Context) error {
	result, err := h.Queue.UndoAll(c.Request.Context(), session.ViewerOf(c), c.Param("id"))
	return h.AnswerBulk(c, result, err)
}

// AnswerBulk answers with what was done. When the bulk broke off after some batches, that counts more than
// why.
func (h *Queue) AnswerBulk(c *gin.Context, result queue.BulkResult, err error) error {
	if err != nil && result.Decided == 0 {
		return err
	}
	h.NoteBroken(c, result, err)
	httpio.JSON(c, http.StatusOK, newBulkResponse(result, err))
	return nil
}

func newBulkResponse(result queue.BulkResult, err error) bulkResponse {
	skipped := make([]skippedResponse, 0, len(result.Skipped))
	for _, one := range result.Skipped {
		skipped = append(skipped, skippedResponse{one.CommentID, problemCode(one.Cause)})
	}
	return bulkResponse{result.BulkID, result.Decided, skipped, result.More, err == nil}
}

// NoteBroken logs why a bulk stopped early, if it did.
func (h *Queue) NoteBroken(c *gin.Context, result queue.BulkResult, err error) {
	if err != nil {
		h.Log.ErrorContext(
			c.Request.Context(),
			"bulk broke off",
			"request_id",
			httpio.RequestID(c),
			"decided",
			result.Decided,
			"err",
			err,
		)
	}
}

func problemCode(err error) string {
	i := slices.IndexFunc(httpio.Kinds, func(k httpio.Kind) bool { return errors.Is(err, k.Err) })
	if i < 0 {
		return httpio.KindInternal.Code
	}
	return httpio.Kinds[i].Code
}

// queueParameters are those of the queue's list that a filter may have.
var queueParameters = []string{
	"site",
	"status",
	"reported",
	"appealed",
	"free",
	"article",
	"rule",
	"host",
	"language",
	"commenter",
	"cluster",
	"from",
	"to",
	"q",
}

func (r bulkRequest) bulk() (queue.Bulk, error) {
	for id, version := range r.Versions {
		if _, err := httpio.OptionalPositive("/versions/"+httpio.EscapePointer(id), &version); err != nil {
			return queue.Bulk{}, err
		}
	}
	b := queue.Bulk{IDs: r.IDs, Versions: r.Versions, Expected: r.Expected,
		DecisionRequest: queue.DecisionRequest{Action: r.Action, Reason: r.Reason, Code: r.Code, Note: r.Note}}
	if r.Filter == nil {
		return b, nil
	}
	query, err := filterQuery(r.Filter)
	b.Filter = &query
	return b, err
}

// filterQuery reads a filter as if it were the query of the queue's address.
func filterQuery(filter map[string]string) (queue.Query, error) {
	values := url.Values{}
	for name, value := range filter {
		if !slices.Contains(queueParameters, name) {
			return queue.Query{}, httpio.InvalidField("/filter", "unknown", "A filter has the parameters of the queue's list.")
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
