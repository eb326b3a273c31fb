package handlers

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/classifierconsole"
	"rejoinder/handlers/cors"
	"rejoinder/handlers/hookconsole"
	"rejoinder/handlers/hoursconsole"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/identityconsole"
	"rejoinder/handlers/keyconsole"
	"rejoinder/handlers/live"
	"rejoinder/handlers/mailconsole"
	"rejoinder/handlers/notices"
	"rejoinder/handlers/page"
	"rejoinder/handlers/pagecache"
	"rejoinder/handlers/ruledesk"
	"rejoinder/handlers/session"
	"rejoinder/handlers/setup"
	"rejoinder/handlers/sitedata"
	"rejoinder/handlers/sso"
	"rejoinder/handlers/tester"
	"rejoinder/moderation"
	"rejoinder/moderation/archive"
	"rejoinder/moderation/external"
	"rejoinder/moderation/imports"
	"rejoinder/moderation/queue"
	"rejoinder/moderation/readers"
	"rejoinder/moderation/retention"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/stats"
	"rejoinder/notify"
	"rejoinder/notify/mail"
	"rejoinder/notify/webhook"
)

// Server serves the use-cases over HTTP. All exported fields must be set.
type Server struct {
	Intake     *moderation.Intake
	Editor     *moderation.Editor
	Own        *moderation.AuthorService
	Threads    *moderation.Threads
	Votes      *moderation.Votes
	Reports    *moderation.Reports
	Readers    *readers.Readers
	Queue      *queue.Queue
	Sites      *moderation.Sites
	Rulebook   *rulebook.Rulebook
	Trials     *rulebook.Trials
	Backtests  *rulebook.Backtests
	Rerun      *rulebook.Rerun
	RuleHealth *rulebook.Health
	Drafts     *rulebook.Drafts
	Effects    *rulebook.Effects
	Auth       *auth.Service
	ServerKeys *auth.ServerKeys
	Providers  sso.Providers // identity providers, the same that Auth asks; nil: none
	AuditLog   *moderation.AuditLog
	Decisions  *queue.DecisionLog
	Imports    *imports.Log
	Uploads    *archive.Runner
	Exports    *archive.Exporter
	Figures    *stats.Stats
	Retention  *retention.Sweeper
	Subjects   *archive.Subjects
	Mail       Mail
	Webhooks   *webhook.Hooks
	Externals  *external.Admin
	Keys       httpio.Keys
	Database   Pinger
	Changes    Changes
	Metrics    httpio.RequestMetrics
	Log        *slog.Logger
	Now        func() time.Time
	NewID      func() string
	Config     Config

	// Limits.
	inFlight      *inFlightLimiter
	hashing       *hashLimiter
	bodies        *bodyBudget
	rateLimiters  rateLimiters
	renderLimiter *pagecache.RenderLimiter

	// Pages and streams.
	generations *pagecache.Generations
	cache       *pagecache.Cache    // nil: off
	fastPath    *pagecache.FastPath // nil without a cache
	responder   *pagecache.Responder
	renderer    *page.Renderer
	pages       pagePaths
	hub         *live.Hub
	streams     *live.Streams

	publicURL   httpio.PublicURL
	origins     *cors.Origins
	contacts    *tester.Contacts
	cachedAt    atomic.Int64 // when a page that got a cached thread was last recorded, in ms
	cookies     *httpio.Cookies
	sessions    *session.Sessions
	requestLogs *httpio.RequestLogs

	api     apiHandlers
	console consoleHandlers
	reader  readerHandlers
	setup   *setup.Pages
	notices *notices.Pages
	mails   *mailconsole.Pages
	keys    *keyconsole.Pages

	sitedata *sitedata.Pages
	sso      *sso.Pages

	classifiers *classifierconsole.Pages

	ruledesk *ruledesk.Pages
	identity *identityconsole.Pages
	hours    *hoursconsole.Pages
	hooks    *hookconsole.Pages

	moderation *rulebook.SiteModeration
	tester     *tester.Tester

	stopping context.Context // done after Stop
	stop     context.CancelFunc
}

// Mail is what the pages about mail need.
type Mail struct {
	Readers    *notify.Readers
	Moderators *notify.Moderators
	Outbox     *notify.Outbox
	Files      *mail.Files // the demo's mails; nil: mails are sent
	On         bool        // the server can send mail
}

// Config holds the operator's settings.
type Config struct {
	// PublicURL is the URL under which browsers reach the server, as "https://comments.example.org", without a
	// trailing slash.
	PublicURL string
	// TrustedProxies are the proxies whose X-Forwarded-For header is believed.
	TrustedProxies []netip.Prefix
	// Demo serves the demo article at /demo.
	Demo bool
	// CacheBytes is the maximum size of the page cache; 0 turns it off.
	CacheBytes int64
	// StaleFor is how long a cached page may be served after the database last confirmed it, while the database
	// is unavailable.
	StaleFor time.Duration
	// Streams and AddressStreams are the maximum numbers of live streams, in total and for each client address;
	// 0 allows none.
	Streams, AddressStreams int
	Limits                  Limits
	// Unlimited turns off the rate limits per client address (ratelimit.go).
	Unlimited bool
}

// Changes announces changes of public content and of moderators' permissions. db.DB implements it.
type Changes interface {
	Watch(ctx context.Context, handle func(moderation.Change)) error
}

// Pinger checks whether the database is available. db.DB implements it.
type Pinger interface {
	Ping(ctx context.Context) error
}

// Handler returns the complete HTTP handler.
func (s *Server) Handler() (http.Handler, error) {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.HandleMethodNotAllowed = true
	engine.RedirectTrailingSlash = false
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
	engine.Use(s.setRequestID, s.logRequest, s.recoverPanic, setSecureHeaders, normalizeForwarded)
	engine.NoRoute(s.wrap(func(*gin.Context) error { return httpio.ErrNoRoute }))
	engine.NoMethod(s.wrap(func(*gin.Context) error { return httpio.ErrNoMethod }))
	routes := s.routes()
	s.pages = newPagePaths(routes)
	s.mount(engine, routes)
	for _, r := range engine.Routes() {
		s.requestLogs.Add(r.Method, r.Path)
	}
	return handler{engine, s.fastPath.Before(engine)}, nil
}

// handler is a gin engine with the fast path before it. It embeds the engine for its list of routes.
type handler struct {
	*gin.Engine
	first http.Handler
}

// ServeHTTP implements http.Handler.
func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.first.ServeHTTP(w, r) }

// Follow applies announced changes to cached pages, live streams and cached permissions, until ctx ends.
// Without it no page is cached, streams stay silent, and permissions that other nodes revoke stay in force
// for auth.PrincipalCacheAge. It must be called once, after Handler.
func (s *Server) Follow(ctx context.Context) error {
	return s.Changes.Watch(ctx, func(change moderation.Change) {
		s.generations.Advance(change)
		s.hub.Publish(change)
		if change.Kind == moderation.ChangeModerator || change.Kind == moderation.ChangeResync {
			s.Auth.InvalidatePrincipals()
			s.ServerKeys.Invalidate()
		}
	})
}

// Stop ends live streams and refuses requests whose body has not arrived, so that the shutdown does not wait
// for clients.
func (s *Server) Stop() {
	s.hub.Close()
	s.stop()
}
