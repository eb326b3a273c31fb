package handlers

import (
	_ "embed"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
)

//go:embed openapi.yaml
var contract []byte

type healthResponse struct {
	Status string `json:"status"`
}

// alive reports that the process responds. It does not use the database, so that a slow database does not
// cause nodes to be killed.
func alive(c *gin.Context) error {
	httpio.JSON(c, http.StatusOK, healthResponse{"ok"})
	return nil
}

// ready reports whether the database responds and accepts writes, for load balancers.
func (s *Server) ready(c *gin.Context) error {
	if err := s.Database.Ping(c.Request.Context()); err != nil {
		return fmt.Errorf("%w: %w", httpio.ErrNotReady, err)
	}
	httpio.JSON(c, http.StatusOK, healthResponse{"ok"})
	return nil
}

// openAPI serves the API's contract.
func openAPI(c *gin.Context) error {
	c.Header("Access-Control-Allow-Origin", "*") // for tools in browsers
	c.Header("Cache-Control", "public, max-age=300")
	c.Data(http.StatusOK, "application/yaml; charset=utf-8", contract)
	return nil
}
