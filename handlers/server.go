package handlers

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/moderation"
)

// Server answers HTTP requests with the use-cases it was given. Every exported field must be set.
type Server struct {
	Intake     *moderation.Intake
	Editor     *moderation.Editor
	Own        *moderation.Own
	Threads    *moderation.Threads
	Votes      *moderation.Votes
	Reports    *moderation.Reports
	Queue      *moderation.Queue
	Sites      *moderation.Sites
	Rulebook   *moderation.Rulebook
	Trials     *moderation.Trials
	Backtests  *moderation.Backtests
	Rerun      *moderation.Rerun
	RuleHealth *moderation.Health
	Auth       *auth.Service
	AuditLog   *moderation.AuditLog
	Keys       Keys
	Database   Pinger
	Metrics    Metrics
	Log        *slog.Logger
	Now        func() time.Time
	NewID      func() string
	Config     Config

	origins origins // of all sites
}

// Config is what an operator may choose about the outside shape.
type Config struct {
	// PublicURL is where readers and moderators reach the server, as "https://comments.example.org"; no final slash.
	PublicURL string
	// TrustedProxies may say on whose behalf they ask (X-Forwarded-For). None: the peer is the client.
	TrustedProxies []netip.Prefix
	// Demo serves the demo article at /demo.
	Demo bool
}

// Keys is what handlers need of the privacy keys: the index of an address, so that sign-ins can be counted, and
// sealing for the cookie in which the plain form remembers a reader.
type Keys interface {
	AddressIndex(address netip.Addr) []byte
	Seal(plain, context string) ([]byte, error)
	Open(sealed []byte, context string) (string, error)
}

// Pinger tells whether the database answers.
type Pinger interface {
	Ping(ctx context.Context) error
}

// Metrics counts what was answered. Routes are patterns, never paths.
type Metrics interface {
	Answered(method, route string, status int, took time.Duration)
}

// Handler returns the complete HTTP handler.
func (s *Server) Handler() (http.Handler, error) {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.HandleMethodNotAllowed = true
	engine.RedirectTrailingSlash = false // an address is right or it is not
	engine.RemoteIPHeaders = []string{headerForwarded}
	proxies := make([]string, len(s.Config.TrustedProxies))
	for i, p := range s.Config.TrustedProxies {
		proxies[i] = p.String()
	}
	if err := engine.SetTrustedProxies(proxies); err != nil {
		return nil, fmt.Errorf("trusted proxies: %w", err)
	}
	engine.Use(s.identifyRequest, s.logRequest, s.recoverPanic, secureHeaders, joinForwarded)
	engine.NoRoute(s.wrap(func(*gin.Context) error { return errNoRoute }))
	engine.NoMethod(s.wrap(func(*gin.Context) error { return errNoMethod }))
	s.mount(engine)
	return engine, nil
}

// clientAddress is the address that submissions and sign-ins are counted on; invalid when unknown.
func clientAddress(c *gin.Context) netip.Addr {
	address, err := netip.ParseAddr(c.ClientIP())
	if err != nil {
		return netip.Addr{}
	}
	return address.Unmap()
}
