package httpio

import (
	"net/url"

	"github.com/gin-gonic/gin"
)

// Keys of values in gin's context.
const (
	keyRequestID = "rejoinder.request_id" // string
	keyProblem   = "rejoinder.problem"    // string: the type of the problem that the response reports
	keyLanguage  = "rejoinder.language"   // string: the language tag that a form asked for
	keyForm      = "rejoinder.form"       // url.Values: the fields of the form
	keyDeadline  = "rejoinder.deadline"   // *time.Timer: cancels the request
)

// HeaderRequestID carries the request's id in the response.
const HeaderRequestID = "X-Request-Id"

// SetRequestID sets the id that the request's log line, its problem and its response share.
func SetRequestID(c *gin.Context, id string) {
	c.Set(keyRequestID, id)
	c.Header(HeaderRequestID, id)
}

// RequestID returns the id of the request.
func RequestID(c *gin.Context) string { return c.GetString(keyRequestID) }

// SetLanguage sets the language of a problem page. Without it, the query and the Accept-Language header
// decide.
func SetLanguage(c *gin.Context, tag string) { c.Set(keyLanguage, tag) }

// Language returns the tag passed to SetLanguage, or empty.
func Language(c *gin.Context) string { return c.GetString(keyLanguage) }

// ReceivedForm returns the form that FormValues read from this request; false if it read none.
func ReceivedForm(c *gin.Context) (url.Values, bool) {
	values, ok := c.Value(keyForm).(url.Values)
	return values, ok
}

// ProblemType returns the type of the problem that the response reports, or empty.
func ProblemType(c *gin.Context) string { return c.GetString(keyProblem) }
