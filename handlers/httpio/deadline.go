package httpio

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// StaleAfter is how long a request waits for the database if it could be answered with what was true before.
const StaleAfter = time.Second

// LiftDeadlines lifts the time limits of a request whose work takes long. A client that disconnects still
// ends the work.
func LiftDeadlines(c *gin.Context) {
	if timer, ok := c.Get(KeyDeadline); ok {
		timer.(*time.Timer).Stop()
	}
	controller := http.NewResponseController(c.Writer)
	// A writer that has no limits, as in tests, cannot lift them.
	_ = controller.SetReadDeadline(time.Time{})
	_ = controller.SetWriteDeadline(time.Time{})
}
