package handlers

import (
	"rejoinder/auth"
	"rejoinder/handlers/api"
	"rejoinder/handlers/classifierconsole"
	"rejoinder/handlers/console"
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
	"rejoinder/handlers/reader"
	"rejoinder/handlers/ruledesk"
	"rejoinder/handlers/session"
	"rejoinder/handlers/setup"
	"rejoinder/handlers/sitedata"
	"rejoinder/handlers/sso"
	"rejoinder/handlers/tester"
	"rejoinder/moderation/rulebook"
)

type apiHandlers struct {
	comments   *api.Comments
	threads    *api.Threads
	account    *api.Account
	audit      *api.Audit
	imports    *api.Imports
	moderators *api.Moderators
	queue      *api.Queue
	blocks     *api.Blocks
	sites      *api.Sites
	rules      *api.Rules

	identityKeys *api.IdentityKeys
}

type consoleHandlers struct {
	signIn     *console.SignIn
	queue      *console.Queue
	blocks     *console.Blocks
	dashboard  *console.Dashboard
	account    *console.Account
	audit      *console.Audit
	imports    *console.Imports
	moderators *console.Moderators
	sites      *console.Sites
	rules      *console.Rules
}

type readerHandlers struct {
	site     *reader.Site
	threads  *reader.Threads
	comments *reader.Comments
}

// wire builds the parts of the server.
func (s *Server) wire() {
	s.publicURL = httpio.PublicURL(s.Config.PublicURL)
	s.wireLimits()
	s.wireShared()
	s.wireCache()
	s.wireAPI()
	s.wireReader()
	s.wireConsole()
	s.wireSetup()
	s.ruledesk = &ruledesk.Pages{Rules: s.console.rules, Effects: s.Effects}
	s.sitedata = &sitedata.Pages{Pages: s.console.signIn.Pages, Retention: s.Retention,
		Subjects: s.Subjects, Log: s.AuditLog}
	s.wireMail()
	s.keys = &keyconsole.Pages{Pages: s.console.signIn.Pages, Keys: s.ServerKeys, API: s.api.moderators, Now: s.Now}
	s.identity = &identityconsole.Pages{Pages: s.console.signIn.Pages, Readers: s.Readers, Now: s.Now}
	s.hours = &hoursconsole.Pages{Pages: s.console.signIn.Pages, Now: s.Now}
	if s.Providers == nil {
		s.Providers = sso.NoProviders
	}
	s.sso = &sso.Pages{Pages: s.console.signIn.Pages, Auth: s.Auth, Providers: s.Providers, Log: s.Log}
	s.hooks = &hookconsole.Pages{Pages: s.console.signIn.Pages, Hooks: s.Webhooks, Now: s.Now}
	s.classifiers = &classifierconsole.Pages{Pages: s.console.signIn.Pages, Admin: s.Externals}
}

func (s *Server) wireLimits() {
	limits := s.Config.Limits
	s.inFlight = newInFlightLimiter(limits.InFlight)
	s.hashing = newHashLimiter(limits.Hashing)
	s.bodies = newBodyBudget(limits.Buffered)
	s.rateLimiters = newRateLimiters(s.Config.Unlimited, s.Now)
	s.renderLimiter = pagecache.NewRenderLimiter(limits.Buffered, s.Config.CacheBytes)
}

func (s *Server) wireShared() {
	s.requestLogs = httpio.NewRequestLogs(s.Log, s.Metrics)
	s.origins = &cors.Origins{
		PublicURL: s.publicURL, Sites: s.Sites, Log: s.Log, Now: s.Now, StaleFor: s.Config.StaleFor,
	}
	s.cookies = &httpio.Cookies{PublicURL: s.publicURL, Keys: s.Keys}
	s.sessions = &session.Sessions{
		Cookies: s.cookies, PublicURL: s.publicURL, Keys: s.Keys, Auth: s.Auth, ServerKeys: s.ServerKeys, Now: s.Now,
	}
	s.renderer = &page.Renderer{BackLinks: s.backLinks, Log: s.Log, RenderLimiter: s.renderLimiter}
	s.responder = &pagecache.Responder{RenderLimiter: s.renderLimiter, Threads: s.Threads, Now: s.Now}
	s.moderation = &rulebook.SiteModeration{Rulebook: s.Rulebook, Sites: s.Sites}
	s.contacts = tester.NewContacts(s.Now)
	s.tester = &tester.Tester{
		Contacts: s.contacts, Sites: s.Sites, Queue: s.Queue, Server: s.Config.PublicURL, Now: s.Now,
	}
	s.hub = live.NewHub(s.Config.Streams, s.Config.AddressStreams)
	s.streams = &live.Streams{Hub: s.hub, Threads: s.Threads}
}

// wireCache builds the page cache and its fast path, unless they are off.
func (s *Server) wireCache() {
	s.generations = pagecache.NewGenerations()
	s.cache = pagecache.New(pagecache.Config{
		Bytes: s.Config.CacheBytes, Generations: s.generations, Limiter: s.renderLimiter, Version: s.Threads.Version,
		Now: s.Now, StaleFor: s.Config.StaleFor,
	})
	if s.cache == nil {
		return
	}
	s.fastPath = pagecache.NewFastPath(pagecache.FastPath{
		Responder: s.responder, Origins: s.origins, Logs: s.requestLogs, Now: s.Now, NewID: s.NewID,
		Proxies: s.Config.TrustedProxies, Seen: s.recordCached,
	})
	s.responder.Cache, s.responder.FastPath = s.cache, s.fastPath
}

func (s *Server) wireAPI() {
	s.api = apiHandlers{
		comments: &api.Comments{
			Intake: s.Intake, Editor: s.Editor, Author: s.Own, Votes: s.Votes, Reports: s.Reports, Sites: s.Sites,
			Readers: s.Readers,
		},
		threads: &api.Threads{Threads: s.Threads, Responder: s.responder},
		account: &api.Account{
			Sessions: s.sessions, PublicURL: s.publicURL, Auth: s.Auth, Sites: s.Sites,
		},
		audit:      &api.Audit{Log: s.AuditLog},
		imports:    &api.Imports{Log: s.Imports, Uploads: s.Uploads, Exports: s.Exports, Server: s.Log},
		moderators: &api.Moderators{Auth: s.Auth, Sites: s.Sites, PublicURL: s.publicURL},
		queue:      &api.Queue{Queue: s.Queue, Decisions: s.Decisions, Log: s.Log},
		blocks:     &api.Blocks{Queue: s.Queue, Log: s.Log},
		sites:      &api.Sites{Sites: s.Sites, Stats: s.Figures, Origins: s.origins, Moderation: s.moderation},
		rules: &api.Rules{
			Rulebook: s.Rulebook, Trials: s.Trials, Backtests: s.Backtests, Rerun: s.Rerun, RuleHealth: s.RuleHealth,
			Log: s.Log, Now: s.Now,
		},
		identityKeys: &api.IdentityKeys{Readers: s.Readers},
	}
}

func (s *Server) wireReader() {
	threads := &reader.Threads{
		Intake: s.Intake, Author: s.Own, Threads: s.Threads, Sites: s.Sites, Log: s.Log, Now: s.Now, NewID: s.NewID,
		Cookies: s.cookies, PublicURL: s.publicURL, Renderer: s.renderer, Responder: s.responder,
		RenderLimiter: s.renderLimiter, DemoOn: s.Config.Demo, Readers: s.Readers,
		PersonURL: s.Mail.Readers.PersonURL,
	}
	s.reader = readerHandlers{
		site: &reader.Site{
			Renderer: s.renderer, Sites: s.Sites, PublicURL: s.publicURL, Log: s.Log, DemoOn: s.Config.Demo,
		},
		threads: threads,
		comments: &reader.Comments{
			Author: s.Own, Editor: s.Editor, Threads: s.Threads, Votes: s.Votes, Reports: s.Reports, Sites: s.Sites,
			Log: s.Log, Now: s.Now, Pages: threads, PublicURL: s.publicURL, Renderer: s.renderer,
		},
	}
}

func (s *Server) wireConsole() {
	pages := &console.Pages{
		Sessions: s.sessions, Cookies: s.cookies, PublicURL: s.publicURL, Renderer: s.renderer, Queue: s.Queue,
		Sites: s.Sites,
	}
	queue := &console.Queue{Pages: pages, API: s.api.queue, Auth: s.Auth, Now: s.Now, Hub: s.hub}
	s.console = consoleHandlers{
		signIn: &console.SignIn{
			Pages: pages, Auth: s.Auth, Setup: auth.NewSetup(s.Auth), FormLimit: s.resumableFormLimit(),
			SendsMail: s.Mail.On,
		},
		queue:  queue,
		blocks: &console.Blocks{Pages: pages, Cases: queue, API: s.api.blocks},
		dashboard: &console.Dashboard{Pages: pages, Stats: s.Figures, RuleHealth: s.RuleHealth, API: s.api.queue,
			Reports: s.api.sites},
		account:    &console.Account{Pages: pages, Auth: s.Auth},
		imports:    &console.Imports{Pages: pages, Log: s.Imports, Uploads: s.Uploads},
		audit:      &console.Audit{Pages: pages, Auth: s.Auth, Keys: s.ServerKeys, Log: s.AuditLog},
		moderators: &console.Moderators{Pages: pages, Auth: s.Auth, API: s.api.moderators},
		sites: &console.Sites{
			Pages: pages, Now: s.Now, Origins: s.origins, Moderation: s.moderation, Tester: s.tester,
		},
		rules: &console.Rules{
			Pages: pages, Rulebook: s.Rulebook, Trials: s.Trials, Backtests: s.Backtests, Rerun: s.Rerun,
			RuleHealth: s.RuleHealth, Drafts: s.Drafts, Log: s.Log, Now: s.Now, API: s.api.rules,
		},
	}
}

func (s *Server) wireMail() {
	s.notices = &notices.Pages{
		Readers: s.Mail.Readers, Author: s.Own, Moderators: s.Mail.Moderators, PublicURL: s.publicURL,
		Renderer: s.renderer, Log: s.Log, Now: s.Now,
	}
	s.mails = &mailconsole.Pages{
		Pages: s.console.signIn.Pages, Auth: s.Auth, Moderators: s.Mail.Moderators, Outbox: s.Mail.Outbox,
		Files: s.Mail.Files, SendsMail: s.Mail.On, Now: s.Now,
	}
}

func (s *Server) wireSetup() {
	s.setup = &setup.Pages{
		Setup: auth.NewSetup(s.Auth), Sessions: s.sessions, PublicURL: s.publicURL, Renderer: s.renderer, Sites: s.Sites,
		Moderation: s.moderation, Tester: s.tester, Origins: s.origins,
	}
}
