package handlers

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/httpio"
	"rejoinder/moderation"
)

// wrap is the one adapter between handlers that return errors and gin.
func (s *Server) wrap(handle func(*gin.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := handle(c); err != nil {
			s.fail(c, err)
		}
	}
}

// fail answers with the error's problem, as JSON or as a page, and logs what only the operator may know.
func (s *Server) fail(c *gin.Context, err error) {
	c.Abort()
	if cause := context.Cause(c.Request.Context()); errors.Is(err, context.Canceled) && errors.Is(cause, httpio.ErrTooLong) {
		err = cause
	}
	if errors.Is(err, context.Canceled) && c.Request.Context().Err() != nil {
		c.Status(statusClientGone)
		return
	}
	p := httpio.ProblemOf(err, httpio.RequestID(c))
	c.Set(httpio.KeyProblem, p.Type)
	if p.Status >= http.StatusInternalServerError && !httpio.Expected(err) {
		s.Log.ErrorContext(c.Request.Context(), "request failed", "request_id", httpio.RequestID(c), "route", c.FullPath(), "err", err)
	}
	if p.RetryAfter > 0 {
		c.Header("Retry-After", strconv.Itoa(p.RetrySeconds()))
	}
	if p.Status == http.StatusUnauthorized {
		c.Header("WWW-Authenticate", challenge(err))
	}
	c.Header("Cache-Control", "no-store")
	if httpio.WantsPage(c) {
		s.renderer.Problem(c, p)
		return
	}
	httpio.WriteJSON(c, p.Status, "application/problem+json", p)
}

// challenge says what authentication is missing (RFC 6750, section 3).
func challenge(err error) string {
	if errors.Is(err, auth.ErrTokenInvalid) || errors.Is(err, moderation.ErrReceipt) {
		return `Bearer realm="rejoinder", error="invalid_token"`
	}
	return `Bearer realm="rejoinder"`
}

// statusClientGone is what nginx logs when a client left before its answer; nobody receives it.
const statusClientGone = 499
