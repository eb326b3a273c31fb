package handlers

import (
	"context"
	_ "embed"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
)

// readyTime bounds how long the database may take to answer a look at readiness.
const readyTime = 2 * time.Second

//go:embed openapi.yaml
var contract []byte

type healthResponse struct {
	Status string `json:"status"`
}

// alive says that the process answers; it asks nothing else, so that a slow database gets no node killed.
func alive(c *gin.Context) error {
	httpio.JSON(c, http.StatusOK, healthResponse{"ok"})
	return nil
}

// ready reports whether the database responds and accepts writes, so that load balancers know where to send
// requests.
func (s *Server) ready(c *gin.Context) error {
	ctx, cancel := context.WithTimeout(c.Request.Context(), readyTime)
	defer cancel()
	if err := s.Database.Ping(ctx); err != nil {
		return fmt.Errorf("%w: %w", httpio.ErrNotReady, err)
	}
	httpio.JSON(c, http.StatusOK, healthResponse{"ok"})
	return nil
}

// openAPI serves the contract.
func openAPI(c *gin.Context) error {
	c.Header("Access-Control-Allow-Origin", "*") // it is public, and tools in browsers read it
	c.Header("Cache-Control", "public, max-age=300")
	c.Data(http.StatusOK, "application/yaml; charset=utf-8", contract)
	return nil
}
