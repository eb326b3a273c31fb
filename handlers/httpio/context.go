package httpio

import "github.com/gin-gonic/gin"

// Keys of values that travel in gin's context.
const (
	KeyRequestID = "rejoinder.request_id"
	KeyProblem   = "rejoinder.problem"
	KeyLanguage  = "rejoinder.language" // that a form asked for
	KeyForm      = "rejoinder.form"     // the fields of a form, for the link back from a problem's page
	KeyIdentity  = "rejoinder.identity"
	KeySignedOut = "rejoinder.signed_out" // a form without a session
	KeyDeadline  = "rejoinder.deadline"   // the timer for the request's deadline
	KeyRendering = "rejoinder.rendering"  // ends the client's turn to render a page
)

// RequestID returns the id that a request's log line, its problem and its response share.
func RequestID(c *gin.Context) string { return c.GetString(KeyRequestID) }
