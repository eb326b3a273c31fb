package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/gin-gonic/gin"

	"rejoinder/moderation"
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

// bulkAnswer says what a bulk did, and why it left some comments alone.
type bulkAnswer struct {
	BulkID   string          `json:"bulk_id,omitempty"` // empty: nothing was decided
	Decided  int             `json:"decided"`
	Skipped  []skippedAnswer `json:"skipped"`
	More     bool            `json:"more"`
	Complete bool            `json:"complete"` // false when it broke off; what was decided stays decided
}

type skippedAnswer struct {
	ID    string `json:"id"`
	Cause string `json:"cause"` // last part of a problem's type
}

// decideMany carries one action out on many comments, or says on how many it would be.
func (s *Server) decideMany(c *gin.Context) error {
	var req bulkRequest
	if err := bindJSON(c, &req, maxBody); err != nil {
		return err
	}
	bulk, err := req.bulk()
	if err != nil {
		return err
	}
	if req.Preview {
		return s.previewMany(c, bulk)
	}
	result, err := s.Queue.DecideAll(c.Request.Context(), viewerOf(c), bulk)
	return s.answerBulk(c, result, err)
}

func (s *Server) previewMany(c *gin.Context, bulk moderation.Bulk) error {
	if bulk.Filter == nil {
		return oneFault("/filter", "required", "A preview counts what a filter matches.")
	}
	count, more, err := s.Queue.Matches(c.Request.Context(), viewerOf(c), *bulk.Filter)
	if err != nil {
		return err
	}
	answer(c, http.StatusOK, struct {
		Count int  `json:"count"`
		More  bool `json:"more"`
	}{count, more})
	return nil
}

// undoMany takes back what one bulk did.
func (s *Server) undoMany(c *gin.Context) error {
	result, err := s.Queue.UndoAll(c.Request.Context(), viewerOf(c), c.Param("id"))
	return s.answerBulk(c, result, err)
}

// answerBulk answers with what was done. When the bulk broke off after some batches, that counts more than
// why.
func (s *Server) answerBulk(c *gin.Context, result moderation.BulkResult, err error) error {
	if err != nil && result.Decided == 0 {
		return err
	}
	s.noteBroken(c, result, err)
	answer(c, http.StatusOK, newBulkAnswer(result, err))
	return nil
}

func newBulkAnswer(result moderation.BulkResult, err error) bulkAnswer {
	skipped := make([]skippedAnswer, 0, len(result.Skipped))
	for _, one := range result.Skipped {
		skipped = append(skipped, skippedAnswer{one.CommentID, problemCode(one.Cause)})
	}
	return bulkAnswer{result.BulkID, result.Decided, skipped, result.More, err == nil}
}

// noteBroken logs why a bulk stopped early, if it did.
func (s *Server) noteBroken(c *gin.Context, result moderation.BulkResult, err error) {
	if err != nil {
		s.Log.ErrorContext(
			c.Request.Context(),
			"bulk broke off",
			"request_id",
			requestID(c),
			"decided",
			result.Decided,
			"err",
			err,
		)
	}
}

func problemCode(err error) string {
	i := slices.IndexFunc(kinds, func(k kind) bool { return errors.Is(err, k.err) })
	if i < 0 {
		return kindInternal.code
	}
	return kinds[i].code
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

func (r bulkRequest) bulk() (moderation.Bulk, error) {
	for id, version := range r.Versions {
		if _, err := numberFromOne("/versions/"+pointerEscapes.Replace(id), &version); err != nil {
			return moderation.Bulk{}, err
		}
	}
	b := moderation.Bulk{IDs: r.IDs, Versions: r.Versions, Expected: r.Expected,
		Ruling: moderation.Ruling{Action: r.Action, Reason: r.Reason, Code: r.Code, Note: r.Note}}
	if r.Filter == nil {
		return b, nil
	}
	query, err := filterQuery(r.Filter)
	b.Filter = &query
	return b, err
}

// filterQuery reads a filter as if it were the query of the queue's address.
func filterQuery(filter map[string]string) (moderation.QueueQuery, error) {
	values := url.Values{}
	for name, value := range filter {
		if !slices.Contains(queueParameters, name) {
			return moderation.QueueQuery{}, oneFault("/filter", "unknown", "A filter has the parameters of the queue's list.")
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
