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
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/stats"
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
	Rulebook   *rulebook.Rulebook
	Trials     *rulebook.Trials
	Backtests  *rulebook.Backtests
	Rerun      *rulebook.Rerun
	RuleHealth *rulebook.Health
	Auth       *auth.Service
	AuditLog   *moderation.AuditLog
	Decisions  *moderation.DecisionLog
	Figures    *stats.Figures
	Keys       Keys
	Database   Pinger
	Changes    Changes
	Metrics    Metrics
	Log        *slog.Logger
	Now        func() time.Time
	NewID      func() string
	Config     Config

	origins origins    // of all sites
	changes *changes   // of what the public sees
	pages   *pageCache // nil: off
	quick   *quick     // nil without pages
	hub     *hub       // of live streams
	load    *load      // of requests
	bodies  *bodies    // of requests

	pageRoom *pageRoom // for pages being rendered and sent

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

// Keys is the part of the privacy keys that handlers need: the indexes of an address and its network, to
// count sign-ins, and sealing for the cookie in which the plain form remembers a reader.
type Keys interface {
	AddressIndex(address netip.Addr) []byte
	NetworkIndex(address netip.Addr) []byte
	Seal(plain, context string) ([]byte, error)
	Open(sealed []byte, context string) (string, error)
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
	s.changes = newChanges()
	s.pageRoom = newPageRoom(s.Config.Limits.Buffered, s.Config.CacheBytes)
	s.pages = newPageCache(s.Config.CacheBytes, s.changes, s)
	s.quick = newQuick(s)
	s.hub = newHub(s.Config.Streams, s.Config.AddressStreams)
	s.load = newLoad(s.Config.Limits)
	s.bodies = newBodies(s.Config.Limits.Buffered)
	s.allowances = newAllowances(s.Config.Unlimited, s.Now)
	engine.Use(s.identifyRequest, s.logRequest, s.recoverPanic, secureHeaders, joinForwarded)
	engine.NoRoute(s.wrap(func(*gin.Context) error { return errNoRoute }))
	engine.NoMethod(s.wrap(func(*gin.Context) error { return errNoMethod }))
	s.mount(engine)
	return &router{engine, s.quick}, nil
}

// Follow keeps pages, live streams and what is known of moderators up to date until ctx ends. Without it no
// page is kept, streams stay silent, and what other nodes take from a moderator is noticed only after
// auth.StandingAge. It is called once, after Handler.
func (s *Server) Follow(ctx context.Context) error {
	return s.Changes.Watch(ctx, func(change moderation.Change) {
		s.changes.note(change)
		s.hub.tell(change)
		if change.Kind == moderation.ChangeModerator || change.Kind == moderation.ChangeMissed {
			s.Auth.StandingChanged()
		}
	})
}

// Stop ends live streams, and refuses requests whose body has not arrived, so that a server that stops does
// not wait for clients.
func (s *Server) Stop() {
	s.hub.close()
	s.stop()
}

// clientAddress is the address that submissions and sign-ins are counted on; invalid when unknown.
func clientAddress(c *gin.Context) netip.Addr {
	address, err := netip.ParseAddr(c.ClientIP())
	if err != nil {
		return netip.Addr{}
	}
	return address.Unmap()
}
