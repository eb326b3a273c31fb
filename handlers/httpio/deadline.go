package httpio

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// StaleIfErrorWait is how long a request waits for the database before it gets a stale response, if there is
// one.
const StaleIfErrorWait = time.Second

// StartDeadline cancels the request's context with ErrHandlerTimeout after a time, unless the handler calls
// LiftDeadlines. The caller must call end.
func StartDeadline(c *gin.Context, after time.Duration) (end func()) {
	request := c.Request
	ctx, cancel := context.WithCancelCause(request.Context())
	timer := time.AfterFunc(after, func() { cancel(ErrHandlerTimeout) })
	c.Set(keyDeadline, timer)
	c.Request = request.WithContext(ctx)
	return func() {
		timer.Stop()
		cancel(nil)
		c.Request = request
	}
}

// LiftDeadlines removes all deadlines from a request whose handler takes long. A client that disconnects
// still cancels it.
func LiftDeadlines(c *gin.Context) {
	if timer, ok := c.Get(keyDeadline); ok {
		timer.(*time.Timer).Stop()
	}
	controller := http.NewResponseController(c.Writer)
	// Test writers without deadlines return an error.
	_ = controller.SetReadDeadline(time.Time{})
	_ = controller.SetWriteDeadline(time.Time{})
}
