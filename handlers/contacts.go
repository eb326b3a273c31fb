package handlers

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/reader"
	"rejoinder/handlers/tester"
	"rejoinder/moderation"
)

// Routes whose requests tell whether a page embeds threads correctly.
const (
	threadRoute = "/sites/:site/thread"
	submitRoute = "/sites/:site/comments"
)

// allowOrigin is cors.Origins.Allow, and records pages that ask for a thread or send a comment.
func (s *Server) allowOrigin(c *gin.Context) error {
	err := s.origins.Allow(c)
	if route := c.FullPath(); c.Request.Method == http.MethodGet && route == threadRoute ||
		c.Request.Method == http.MethodPost && route == submitRoute {
		s.recordContact(c, err)
	}
	return err
}

// recordContact records a request of a page, after its origin was checked with that result.
func (s *Server) recordContact(c *gin.Context, result error) {
	contact, ok := tester.FromRequest(c, s.publicURL.IsOrigin)
	if !ok {
		return
	}
	var unknown *httpio.UnknownOriginError
	contact.Allowed = result == nil && c.Writer.Header().Get("Access-Control-Allow-Origin") != ""
	contact.Known = !errors.Is(result, moderation.ErrSiteUnknown)
	contact.Site = httpio.Printable(contact.Site)
	if contact.Allowed || !contact.Known || errors.As(result, &unknown) {
		s.contacts.Record(contact)
	}
}

// cachedEvery is the minimum time in ms between records of cached threads, so that recording costs the fast path
// nothing.
const cachedEvery = 250

// recordCached records a page that got a cached thread, so one whose origin is allowed.
func (s *Server) recordCached(site, origin string) {
	now, last := s.Now().UnixMilli(), s.cachedAt.Load()
	if now-last < cachedEvery || !s.cachedAt.CompareAndSwap(last, now) || s.publicURL.IsOrigin(origin) {
		return
	}
	s.contacts.Record(tester.Contact{Kind: tester.AskedForThread, Site: site, Known: true, Allowed: true, Origin: origin})
}

// serveWidget serves the widget, and records the page that loads it.
func (s *Server) serveWidget(c *gin.Context) error {
	if contact, ok := tester.FromRequest(c, s.publicURL.IsOrigin); ok {
		s.contacts.Record(contact)
	}
	return reader.ServeWidget(c)
}
