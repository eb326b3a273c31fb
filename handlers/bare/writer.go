package bare

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
)

// RowPath is the path that accepts rows.
const RowPath = "/rows"

// row contains the fields of a comment that are written.
type row struct {
	Name  string `json:"author_name"`
	Email string `json:"author_email"`
	Body  string `json:"body"`
}

// Writer returns a handler that accepts rows at RowPath and responds when write has returned. It does not
// validate or moderate them.
func Writer(write func(ctx context.Context, row [4]string) error) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.POST(RowPath, func(c *gin.Context) {
		var r row
		if err := c.ShouldBindJSON(&r); err != nil {
			c.Status(http.StatusBadRequest)
			return
		}
		id, err := uuid.NewV7()
		if err != nil {
			c.String(http.StatusInternalServerError, err.Error())
			return
		}
		if err := write(c.Request.Context(), [4]string{id.String(), r.Name, r.Email, r.Body}); err != nil {
			c.String(http.StatusInternalServerError, err.Error())
			return
		}
		c.JSON(http.StatusCreated, struct {
			ID string `json:"id"`
		}{id.String()})
	})
	return engine
}
