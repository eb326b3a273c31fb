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
	"rejoinder/handlers/cors"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/live"
	"rejoinder/handlers/page"
	"rejoinder/handlers/pagecache"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/stats"
)

// Server answers HTTP requests with the use-cases it was given. Every exported field must be set.
type Server struct {
	Intake     *moderation.Intake
	Editor     *moderation.Editor
	Own        *moderation.AuthorService
	Threads    *moderation.Threads
	Votes      *moderation.Votes
	Reports    *moderation.Reports
	Queue      *queue.Queue
	Sites      *moderation.Sites
	Rulebook   *rulebook.Rulebook
	Trials     *rulebook.Trials
	Backtests  *rulebook.Backtests
	Rerun      *rulebook.Rerun
	RuleHealth *rulebook.Health
	Auth       *auth.Service
	AuditLog   *moderation.AuditLog
	Decisions  *queue.DecisionLog
	Figures    *stats.Stats
	Keys       httpio.Keys
	Database   Pinger
	Changes    Changes
	Metrics    Metrics
	Log        *slog.Logger
	Now        func() time.Time
	NewID      func() string
	Config     Config

	publicURL     httpio.PublicURL
	demoOn        bool
	formLimit     int64
	origins       *cors.Origins
	generations   *pagecache.Generations // of what the public sees
	renderLimiter *pagecache.RenderLimiter
	pages         *pagecache.Cache    // nil: off
	fastPath      *pagecache.FastPath // nil without pages
	hub           *live.Hub           // of live streams
	load          *load               // of requests
	bodies        *bodies             // of requests

	cookies   *httpio.Cookies
	sessions  *session.Sessions
	renderer  *page.Renderer
	responder *pagecache.Responder
	streams   *live.Streams
	api       apiRoutes
	console   consoleRoutes
	reader    readerRoutes

	stopping context.Context // ends with Stop
	stop     context.CancelFunc

	allowances [allowances]moderation.AddressLimiter
}

// Config is what an operator may choose about the outside shape.
type Config struct {
	// PublicURL is where readers and moderators reach the server, as "https://comments.example.org"; no final
	// slash.
	PublicURL string
	// TrustedProxies may say on whose behalf they ask (X-Forwarded-For). None: the peer is the client.
	TrustedProxies []netip.Prefix
	// Demo serves the demo article at /demo.
	Demo bool
	// CacheBytes bounds the pages that are kept in memory; 0 keeps none.
	CacheBytes int64
	// StaleFor is how long after the database last confirmed it a kept page is sent while the database can't be
	// asked.
	StaleFor time.Duration
	// Streams bounds the live streams that are open at once, in all and for each client address; 0 allows none.
	Streams, AddressStreams int
	// Limits bound what requests may take.
	Limits Limits
	// Unlimited lifts the per-minute limits of a client address without an account (allowance.go).
	Unlimited bool
}

// Changes tells of what changes in public, and in who may do what. See db.DB.Watch, which is one.
type Changes interface {
	Watch(ctx context.Context, tell func(moderation.Change)) error
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
	s.stopping, s.stop = context.WithCancel(context.Background())
	s.wire()
	engine.Use(s.identifyRequest, s.logRequest, s.recoverPanic, withSecureHeaders, joinForwarded)
	engine.NoRoute(s.wrap(func(*gin.Context) error { return httpio.ErrNoRoute }))
	engine.NoMethod(s.wrap(func(*gin.Context) error { return httpio.ErrNoMethod }))
	s.mount(engine)
	return handler{engine, s.fastPath.Before(engine)}, nil
}

// handler is gin, which lists its routes, with the fast path before it.
type handler struct {
	*gin.Engine
	first http.Handler
}

// ServeHTTP implements http.Handler.
func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.first.ServeHTTP(w, r) }

// Follow keeps pages, live streams and what is known of moderators up to date until ctx ends. Without it no
// page is kept, streams stay silent, and what other nodes take from a moderator is noticed only after
// auth.PrincipalCacheAge. It is called once, after Handler.
func (s *Server) Follow(ctx context.Context) error {
	return s.Changes.Watch(ctx, func(change moderation.Change) {
		s.generations.Advance(change)
		s.hub.Tell(change)
		if change.Kind == moderation.ChangeModerator || change.Kind == moderation.ChangeResync {
			s.Auth.InvalidatePrincipals()
		}
	})
}

// Stop ends live streams, and refuses requests whose body has not arrived, so that a server that stops does
// not wait for clients.
func (s *Server) Stop() {
	s.hub.Close()
	s.stop()
}
