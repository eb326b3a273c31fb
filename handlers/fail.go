package handlers

import (
	"context"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/httpio"
	"rejoinder/moderation"
)

// statusClientGone is the status that nginx logs for a client that disconnected before the response.
const statusClientGone = 499

// wrap adapts a handler that returns an error to gin.
func (s *Server) wrap(handle func(*gin.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := handle(c); err != nil {
			s.fail(c, err)
		}
	}
}

// fail responds with the problem of an error, as JSON or as a page, and logs unexpected errors.
func (s *Server) fail(c *gin.Context, err error) {
	c.Abort()
	cause := context.Cause(c.Request.Context())
	if errors.Is(err, context.Canceled) && errors.Is(cause, httpio.ErrHandlerTimeout) {
		err = cause
	}
	if errors.Is(err, context.Canceled) && c.Request.Context().Err() != nil {
		c.Status(statusClientGone)
		return
	}
	p := httpio.ReportProblem(c, s.Log, err)
	if p.Status == http.StatusUnauthorized {
		c.Header("WWW-Authenticate", challenge(err))
	}
	c.Header("Cache-Control", "no-store")
	if httpio.WantsHTML(c) {
		s.renderer.Problem(c, p)
		return
	}
	httpio.WriteJSON(c, p.Status, "application/problem+json", p)
}

// challenge returns the WWW-Authenticate header for an error (RFC 6750, section 3).
func challenge(err error) string {
	if errors.Is(err, auth.ErrTokenInvalid) || errors.Is(err, moderation.ErrReceipt) {
		return `Bearer realm="rejoinder", error="invalid_token"`
	}
	return `Bearer realm="rejoinder"`
}
