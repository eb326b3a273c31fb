package handlers

import (
	"rejoinder/handlers/api"
	"rejoinder/handlers/console"
	"rejoinder/handlers/cors"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/live"
	"rejoinder/handlers/page"
	"rejoinder/handlers/pagecache"
	"rejoinder/handlers/reader"
	"rejoinder/handlers/session"
)

// wire makes the parts of the server and gives each what it needs.
func (s *Server) wire() {
	s.publicURL, s.demoOn = httpio.PublicURL(s.Config.PublicURL), s.Config.Demo
	s.load = newLoad(s.Config.Limits)
	s.bodies = newBodies(s.Config.Limits.Buffered)
	s.allowances = newAllowances(s.Config.Unlimited, s.Now)
	s.hub = live.NewHub(s.Config.Streams, s.Config.AddressStreams)
	s.generations = pagecache.NewGenerations()
	s.renderLimiter = pagecache.NewRenderLimiter(s.Config.Limits.Buffered, s.Config.CacheBytes)
	s.origins = &cors.Origins{PublicURL: s.publicURL, Sites: s.Sites, Log: s.Log, Now: s.Now, StaleFor: s.Config.StaleFor}
	s.cookies = &httpio.Cookies{PublicURL: s.publicURL, Keys: s.Keys}
	s.sessions = &session.Sessions{Cookies: s.cookies, PublicURL: s.publicURL, Keys: s.Keys, Auth: s.Auth, Now: s.Now}
	s.renderer = &page.Renderer{BackLinks: s.waysBack, Log: s.Log, RenderLimiter: s.renderLimiter}
	s.responder = &pagecache.Responder{RenderLimiter: s.renderLimiter, Threads: s.Threads, Now: s.Now}
	s.streams = &live.Streams{Hub: s.hub, Threads: s.Threads}
	s.wireCache()
	s.wireAPI()
	s.wireReader()
	s.wireConsole()
}

// wireCache makes the page cache and the fast path to it, if there is to be one.
func (s *Server) wireCache() {
	s.pages = pagecache.New(pagecache.Config{Bytes: s.Config.CacheBytes, StaleFor: s.Config.StaleFor, Generations: s.generations,
		Limiter: s.renderLimiter, Version: s.Threads.Version, Now: s.Now})
	if s.pages == nil {
		return
	}
	s.fastPath = pagecache.NewFastPath(pagecache.FastPath{Responder: s.responder, Origins: s.origins, Metrics: s.Metrics, Log: s.Log,
		Now: s.Now, NewID: s.NewID, Proxies: s.Config.TrustedProxies})
	s.responder.Pages, s.responder.FastPath = s.pages, s.fastPath
}

func (s *Server) wireAPI() {
	s.api = apiRoutes{
		comments: &api.Comments{Intake: s.Intake, Editor: s.Editor, Own: s.Own, Votes: s.Votes, Reports: s.Reports,
			Sites: s.Sites},
		threads:    &api.Threads{Threads: s.Threads, Responder: s.responder},
		account:    &api.Account{Sessions: s.sessions, PublicURL: s.publicURL, Auth: s.Auth, Sites: s.Sites, AuditLog: s.AuditLog},
		moderators: &api.Moderators{Auth: s.Auth, Sites: s.Sites, PublicURL: s.publicURL},
		queue:      &api.Queue{Queue: s.Queue, Decisions: s.Decisions, Log: s.Log},
		blocks:     &api.Blocks{Queue: s.Queue, Log: s.Log},
		sites:      &api.Sites{Sites: s.Sites, Figures: s.Figures, Origins: s.origins},
		rules: &api.Rules{Rulebook: s.Rulebook, Trials: s.Trials, Backtests: s.Backtests, Rerun: s.Rerun,
			RuleHealth: s.RuleHealth, Log: s.Log, Now: s.Now},
	}
}

func (s *Server) wireReader() {
	threads := &reader.Threads{RenderLimiter: s.renderLimiter, Intake: s.Intake, Own: s.Own, Threads: s.Threads, Sites: s.Sites, Log: s.Log, Now: s.Now,
		NewID: s.NewID, Cookies: s.cookies, Renderer: s.renderer, Responder: s.responder, PublicURL: s.publicURL,
		DemoOn: s.demoOn}
	s.reader = readerRoutes{site: &reader.Site{Renderer: s.renderer, DemoOn: s.demoOn}, threads: threads, comments: &reader.Comments{Own: s.Own, Editor: s.Editor, Threads: s.Threads,
		Votes: s.Votes, Reports: s.Reports, Sites: s.Sites, Log: s.Log, Now: s.Now, Pages: threads,
		PublicURL: s.publicURL, Renderer: s.renderer}}
}

func (s *Server) wireConsole() {
	pages := &console.Pages{Sessions: s.sessions, Cookies: s.cookies, PublicURL: s.publicURL, Renderer: s.renderer,
		Queue: s.Queue, Sites: s.Sites}
	queue := &console.Queue{Pages: pages, Api: s.api.queue, Auth: s.Auth, Now: s.Now, Hub: s.hub}
	s.console = consoleRoutes{
		signIn:     &console.SignIn{Pages: pages, Auth: s.Auth, FormLimit: s.keptLimit()},
		queue:      queue,
		blocks:     &console.Blocks{Pages: pages, Cases: queue, Api: s.api.blocks},
		dashboard:  &console.Dashboard{Pages: pages, Figures: s.Figures, Api: s.api.queue},
		account:    &console.Account{Pages: pages, Auth: s.Auth},
		moderators: &console.Moderators{Pages: pages, Auth: s.Auth, Api: s.api.moderators},
		sites: &console.Sites{Pages: pages, Auth: s.Auth, AuditLog: s.AuditLog, Now: s.Now,
			Origins: s.origins},
		rules: &console.Rules{Pages: pages, Rulebook: s.Rulebook, Trials: s.Trials, Backtests: s.Backtests,
			Rerun: s.Rerun, RuleHealth: s.RuleHealth, Log: s.Log, Now: s.Now, Api: s.api.rules},
	}
}

type apiRoutes struct {
	comments   *api.Comments
	threads    *api.Threads
	account    *api.Account
	moderators *api.Moderators
	queue      *api.Queue
	blocks     *api.Blocks
	sites      *api.Sites
	rules      *api.Rules
}

type consoleRoutes struct {
	signIn     *console.SignIn
	queue      *console.Queue
	blocks     *console.Blocks
	dashboard  *console.Dashboard
	account    *console.Account
	moderators *console.Moderators
	sites      *console.Sites
	rules      *console.Rules
}

type readerRoutes struct {
	site     *reader.Site
	threads  *reader.Threads
	comments *reader.Comments
}
