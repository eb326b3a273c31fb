package handlers

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/api"
	"rejoinder/handlers/console"
	"rejoinder/handlers/cors"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/page"
	"rejoinder/handlers/reader"
	"rejoinder/handlers/route"
)

// routes returns all routes. A test compares those of the API with openapi.yaml.
func (s *Server) routes() []route.Route {
	const get, post, put, patch, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete
	routes := []route.Route{
		{Method: post, Path: "/api/v1/sites/:site/comments", Access: route.Public, Flags: route.SiteCORS, Handle: s.api.comments.Create},
		{Method: get, Path: "/api/v1/sites/:site/thread", Access: route.Public, Flags: route.SiteCORS, Handle: s.api.threads.Show},
		{Method: get, Path: "/api/v1/sites/:site/counts", Access: route.Public, Flags: route.SiteCORS, Handle: s.api.threads.Counts},
		{Method: get, Path: "/api/v1/sites/:site/events", Access: route.Public, Flags: route.SiteCORS | route.Streaming, Handle: s.streams.Events},
		{Method: post, Path: "/api/v1/sites/:site/preview", Access: route.Public, Flags: route.SiteCORS, Handle: s.rateLimited(limitPreviews, s.api.comments.Preview)},
		{Method: get, Path: "/api/v1/comments/:id", Access: route.Public, Flags: route.SiteCORS, Handle: s.rateLimited(limitLookUps, s.api.comments.Show)},
		{Method: patch, Path: "/api/v1/comments/:id", Access: route.Public, Flags: route.SiteCORS, Handle: s.api.comments.Edit},
		{Method: del, Path: "/api/v1/comments/:id", Access: route.Public, Flags: route.SiteCORS, Handle: s.rateLimited(limitRemovals, s.api.comments.Withdraw)},
		{Method: post, Path: "/api/v1/comments/:id/appeal", Access: route.Public, Flags: route.SiteCORS, Handle: s.api.comments.Appeal},
		{Method: post, Path: "/api/v1/comments/:id/erasure", Access: route.Public, Flags: route.SiteCORS, Handle: s.rateLimited(limitRemovals, s.api.comments.Erase)},
		{Method: put, Path: "/api/v1/comments/:id/vote", Access: route.Public, Flags: route.SiteCORS, Handle: s.api.comments.Vote},
		{Method: post, Path: "/api/v1/comments/:id/reports", Access: route.Public, Flags: route.SiteCORS, Handle: s.api.comments.Report},

		{Method: get, Path: reader.HomePath, Access: route.Public, Handle: s.reader.site.Home},
		{Method: get, Path: "/sites/:site/thread", Access: route.Public, Flags: route.SiteCORS, Handle: s.reader.threads.Fragment},
		{Method: get, Path: "/sites/:site/page", Access: route.Public, Handle: s.reader.threads.Page},
		{Method: post, Path: "/sites/:site/comments", Access: route.Public, Flags: route.SiteCORS, Handle: s.reader.threads.Submit},
		{Method: post, Path: "/sites/:site/own", Access: route.Public, Flags: route.SiteCORS, Handle: s.rateLimited(limitLookUps, s.reader.threads.AuthorFragment)},
		{Method: post, Path: "/sites/:site/preview", Access: route.Public, Flags: route.SiteCORS, Handle: s.rateLimited(limitPreviews, s.reader.threads.PreviewFragment)},
		{Method: get, Path: "/sites/:site/feed.atom", Access: route.Public, Handle: s.reader.threads.Feed},
		{Method: get, Path: "/comments/:id", Access: route.Public, Flags: route.SiteCORS, Handle: s.rateLimited(limitLookUps, s.reader.comments.StatusPage)},
		{Method: post, Path: "/comments/:id/edit", Access: route.Public, Flags: route.SiteCORS, Handle: s.reader.comments.Edit},
		{Method: post, Path: "/comments/:id/withdraw", Access: route.Public, Flags: route.SiteCORS, Handle: s.rateLimited(limitRemovals, s.reader.comments.Withdraw)},
		{Method: post, Path: "/comments/:id/erase", Access: route.Public, Flags: route.SiteCORS, Handle: s.rateLimited(limitRemovals, s.reader.comments.Erase)},
		{Method: post, Path: "/comments/:id/appeal", Access: route.Public, Flags: route.SiteCORS, Handle: s.reader.comments.Appeal},
		{Method: get, Path: "/comments/:id/report", Access: route.Public, Flags: route.SiteCORS, Handle: s.rateLimited(limitLookUps, s.reader.comments.ReportPage)},
		{Method: post, Path: "/comments/:id/report", Access: route.Public, Flags: route.SiteCORS, Handle: s.reader.comments.Report},
		{Method: post, Path: "/comments/:id/vote", Access: route.Public, Flags: route.SiteCORS, Handle: s.reader.comments.Vote},
		{Method: get, Path: "/embed.js", Access: route.Public, Handle: reader.ServeWidget},
		{Method: get, Path: "/assets/:file", Access: route.Public, Handle: page.ServeAsset},
		{Method: get, Path: "/openapi.yaml", Access: route.Public, Handle: openAPI},
		{Method: get, Path: "/healthz", Access: route.Public, Flags: route.NeverShed, Handle: alive},
		{Method: get, Path: "/readyz", Access: route.Public, Flags: route.NeverShed, Handle: s.ready},

		{Method: post, Path: "/api/v1/auth/login", Access: route.Public, Flags: route.HashesPassword, Handle: s.api.account.Login},
		{Method: post, Path: "/api/v1/auth/refresh", Access: route.Public, Handle: s.rateLimited(limitRenewals, s.api.account.Refresh)},
		{Method: post, Path: "/api/v1/auth/logout", Access: route.Public, Handle: s.api.account.Logout},
		{Method: post, Path: "/api/v1/auth/second-factor", Access: route.Public, Handle: s.api.account.VerifySecondFactor},
		{Method: post, Path: "/api/v1/auth/links/look-up", Access: route.Public, Handle: s.rateLimited(limitLinks, s.api.account.LookUpLink)},
		{Method: post, Path: "/api/v1/auth/links/accept", Access: route.Public, Flags: route.HashesPassword, Handle: s.rateLimited(limitLinks, s.api.account.AcceptLink)},
		{Method: get, Path: "/api/v1/me", Access: route.Account, Handle: s.api.account.Me},
		{Method: post, Path: "/api/v1/me/password", Access: route.Account, Flags: route.HashesPassword, Handle: s.api.account.ChangePassword},
		{Method: get, Path: "/api/v1/me/sessions", Access: route.Moderator, Handle: s.api.account.ListSessions},
		{Method: del, Path: "/api/v1/me/sessions", Access: route.Moderator, Handle: s.api.account.EndOtherSessions},
		{Method: del, Path: "/api/v1/me/sessions/:id", Access: route.Moderator, Handle: s.api.account.EndSession},
		{Method: get, Path: "/api/v1/me/sign-ins", Access: route.Moderator, Handle: s.api.account.ListSignIns},
		{Method: post, Path: "/api/v1/me/second-factor", Access: route.Enrolling, Flags: route.HashesPassword, Handle: s.api.account.EnrolSecondFactor},
		{Method: post, Path: "/api/v1/me/second-factor/confirm", Access: route.Enrolling, Handle: s.api.account.ConfirmSecondFactor},
		{Method: post, Path: "/api/v1/me/second-factor/disable", Access: route.Moderator, Flags: route.HashesPassword, Handle: s.api.account.DisableSecondFactor},
		{Method: get, Path: "/api/v1/moderators", Access: route.Admin, Handle: s.api.moderators.List},
		{Method: post, Path: "/api/v1/moderators", Access: route.Admin, Handle: s.api.moderators.Invite},
		{Method: patch, Path: "/api/v1/moderators/:id", Access: route.Admin, Handle: s.api.moderators.Change},
		{Method: post, Path: "/api/v1/moderators/:id/link", Access: route.Admin, Handle: s.api.moderators.MakeLink},
		{Method: del, Path: "/api/v1/moderators/:id/link", Access: route.Admin, Handle: s.api.moderators.RevokeLink},
		{Method: del, Path: "/api/v1/moderators/:id/second-factor", Access: route.Admin, Handle: s.api.moderators.ResetSecondFactor},
		{Method: get, Path: "/api/v1/audit", Access: route.Admin, Handle: s.api.audit.List},
		{Method: get, Path: "/api/v1/queue", Access: route.Moderator, Handle: s.api.queue.List},
		{Method: get, Path: "/api/v1/queue/groups", Access: route.Moderator, Handle: s.api.queue.Groups},
		{Method: get, Path: "/api/v1/queue/counts", Access: route.Moderator, Handle: s.api.queue.Counts},
		{Method: post, Path: "/api/v1/queue/claims", Access: route.Moderator, Handle: s.api.queue.ClaimNext},
		{Method: del, Path: "/api/v1/queue/claims", Access: route.Moderator, Handle: s.api.queue.ReleaseClaims},
		{Method: post, Path: "/api/v1/queue/claims/renew", Access: route.Moderator, Handle: s.api.queue.RenewClaims},
		{Method: post, Path: "/api/v1/comments/:id/claim", Access: route.Moderator, Handle: s.api.queue.ClaimOne},
		{Method: get, Path: "/api/v1/comments/:id/moderation", Access: route.Moderator, Handle: s.api.queue.Show},
		{Method: post, Path: "/api/v1/comments/:id/decisions", Access: route.Moderator, Handle: s.api.queue.Decide},
		{Method: get, Path: "/api/v1/decisions", Access: route.Moderator, Handle: s.api.queue.ListDecisions},
		{Method: post, Path: "/api/v1/decisions", Access: route.Moderator, Flags: route.NoDeadline, Handle: s.api.queue.DecideMany},
		{Method: post, Path: "/api/v1/bulk-decisions/:id/undo", Access: route.Moderator, Flags: route.NoDeadline, Handle: s.api.queue.UndoMany},
		{Method: post, Path: "/api/v1/decisions/:id/undo", Access: route.Moderator, Handle: s.api.queue.Undo},
		{Method: post, Path: "/api/v1/comments/:id/replies", Access: route.Moderator, Handle: s.api.queue.Reply},
		{Method: post, Path: "/api/v1/comments/:id/blocks", Access: route.Moderator, Flags: route.NoDeadline, Handle: s.api.blocks.BlockFromComment},
		{Method: post, Path: "/api/v1/comments/:id/notes", Access: route.Moderator, Handle: s.api.blocks.AddNote},
		{Method: post, Path: "/api/v1/comments/:id/email-reveal", Access: route.Moderator, Handle: s.api.queue.RevealEmail},
		{Method: get, Path: "/api/v1/sites", Access: route.Moderator, Handle: s.api.sites.List},
		{Method: post, Path: "/api/v1/sites", Access: route.Admin, Handle: s.api.sites.Add},
		{Method: patch, Path: "/api/v1/sites/:site", Access: route.Admin, Handle: s.api.sites.Change},
		{Method: get, Path: "/api/v1/sites/:site/decisions.csv", Access: route.Moderator, Handle: s.api.queue.ExportDecisions},
		{Method: get, Path: "/api/v1/sites/:site/decisions.json", Access: route.Moderator, Handle: s.api.queue.ExportDecisions},
		{Method: get, Path: "/api/v1/sites/:site/transparency", Access: route.Moderator, Handle: s.api.sites.Transparency},
		{Method: get, Path: "/api/v1/sites/:site/articles", Access: route.Moderator, Handle: s.api.sites.ListArticles},
		{Method: post, Path: "/api/v1/sites/:site/articles", Access: route.Admin, Handle: s.api.sites.RegisterArticle},
		{Method: patch, Path: "/api/v1/sites/:site/articles", Access: route.Admin, Handle: s.api.sites.ChangeArticle},
		{Method: get, Path: "/api/v1/sites/:site/articles/aliases", Access: route.Moderator, Handle: s.api.sites.ListAliases},
		{Method: post, Path: "/api/v1/sites/:site/articles/aliases", Access: route.Admin, Handle: s.api.sites.AddAlias},
		{Method: del, Path: "/api/v1/sites/:site/articles/aliases", Access: route.Admin, Handle: s.api.sites.RemoveAlias},
		{Method: get, Path: "/api/v1/sites/:site/blocks", Access: route.Moderator, Handle: s.api.blocks.List},
		{Method: post, Path: "/api/v1/sites/:site/blocks", Access: route.Moderator, Flags: route.NoDeadline, Handle: s.api.blocks.Add},
		{Method: patch, Path: "/api/v1/sites/:site/blocks/:id", Access: route.Moderator, Handle: s.api.blocks.Change},
		{Method: del, Path: "/api/v1/sites/:site/blocks/:id", Access: route.Moderator, Handle: s.api.blocks.Remove},
		{Method: get, Path: "/api/v1/sites/:site/rulesets", Access: route.Moderator, Handle: s.api.rules.List},
		{Method: get, Path: "/api/v1/sites/:site/rulesets/:version", Access: route.Moderator, Handle: s.api.rules.Show},
		{Method: post, Path: "/api/v1/sites/:site/rulesets", Access: route.Admin, Flags: route.LargeBody, Handle: s.api.rules.Save},
		{Method: post, Path: "/api/v1/sites/:site/rulesets/check", Access: route.Admin, Flags: route.LargeBody, Handle: s.api.rules.Check},
		{Method: post, Path: "/api/v1/sites/:site/rulesets/try", Access: route.Moderator, Flags: route.LargeBody, Handle: s.api.rules.Try},
		{Method: post, Path: "/api/v1/sites/:site/rulesets/backtest", Access: route.Admin, Flags: route.LargeBody, Handle: s.api.rules.Backtest},
		{Method: post, Path: "/api/v1/sites/:site/rulesets/:version/activate", Access: route.Admin, Handle: s.api.rules.Activate},
		{Method: post, Path: "/api/v1/sites/:site/rulesets/:version/rerun", Access: route.Admin, Handle: s.api.rules.RerunQueue},
		{Method: get, Path: "/api/v1/sites/:site/rulesets/:version/diff", Access: route.Moderator, Handle: s.api.rules.Diff},
		{Method: get, Path: "/api/v1/sites/:site/rules/health", Access: route.Moderator, Handle: s.api.rules.Health},

		{Method: get, Path: "/console/sign-in", Access: route.Public, Handle: s.console.signIn.Show},
		{Method: post, Path: "/console/sign-in", Access: route.Public, Flags: route.HashesPassword, Handle: s.console.signIn.SignIn},
		{Method: post, Path: "/console/sign-out", Access: route.Public, Handle: s.console.signIn.SignOut},
		{Method: get, Path: "/console", Access: route.Console, Handle: s.console.queue.Show},
		{Method: get, Path: console.DashboardPath, Access: route.Console, Handle: s.console.dashboard.Show},
		{Method: get, Path: "/console/decisions.csv", Access: route.Console, Handle: s.console.dashboard.ExportDecisions},
		{Method: get, Path: "/console/decisions.json", Access: route.Console, Handle: s.console.dashboard.ExportDecisions},
		{Method: get, Path: console.EventsPath, Access: route.Console, Flags: route.Streaming, Handle: s.console.queue.StreamEvents},
		{Method: get, Path: "/console/groups", Access: route.Console, Handle: s.console.queue.ShowGroups},
		{Method: get, Path: "/console/comments/:id", Access: route.Console, Handle: s.console.queue.ShowCase},
		{Method: post, Path: "/console/comments/:id/decisions", Access: route.Console, Handle: s.console.queue.Decide},
		{Method: post, Path: "/console/comments/:id/claim", Access: route.Console, Handle: s.console.queue.ClaimOne},
		{Method: post, Path: console.ClaimsPath, Access: route.Console, Handle: s.console.queue.ClaimNext},
		{Method: post, Path: console.ClaimsPath + "/renew", Access: route.Console, Handle: s.console.queue.RenewClaims},
		{Method: post, Path: console.ClaimsPath + "/release", Access: route.Console, Handle: s.console.queue.ReleaseClaims},
		{Method: post, Path: "/console/bulk", Access: route.Console, Flags: route.NoDeadline, Handle: s.console.queue.DecideMany},
		{Method: post, Path: "/console/bulk/:id/undo", Access: route.Console, Flags: route.NoDeadline, Handle: s.console.queue.UndoMany},
		{Method: post, Path: "/console/decisions/:id/undo", Access: route.Console, Handle: s.console.queue.Undo},
		{Method: post, Path: console.ReplyPath, Access: route.Console, Handle: s.console.queue.Reply},
		{Method: post, Path: console.BlockPath, Access: route.Console, Flags: route.NoDeadline, Handle: s.console.blocks.BlockFromComment},
		{Method: post, Path: console.NotePath, Access: route.Console, Handle: s.console.blocks.AddNote},
		{Method: get, Path: console.BlocksPath, Access: route.Console, Handle: s.console.blocks.RedirectToSite},
		{Method: get, Path: console.SiteBlocksPath, Access: route.Console, Handle: s.console.blocks.Show},
		{Method: post, Path: console.SiteBlocksPath, Access: route.Console, Flags: route.NoDeadline, Handle: s.console.blocks.Add},
		{Method: post, Path: console.SiteBlocksPath + "/:id/remove", Access: route.Console, Handle: s.console.blocks.Remove},
		{Method: post, Path: "/console/comments/:id/email-reveal", Access: route.Console, Handle: s.console.queue.RevealEmail},
		{Method: get, Path: console.RulesPath, Access: route.Console, Handle: s.console.rules.ShowVersions},
		{Method: get, Path: console.RulesPath + "/versions/:version", Access: route.Console, Handle: s.console.rules.ShowVersion},
		{Method: get, Path: console.RulesPath + "/versions/:version/activate", Access: route.ConsoleAdmin, Handle: s.console.rules.ShowActivation},
		{Method: post, Path: console.RulesPath + "/versions/:version/activate", Access: route.ConsoleAdmin, Handle: s.console.rules.Activate},
		{Method: get, Path: console.RulesPath + "/diff", Access: route.Console, Handle: s.console.rules.ShowDiff},
		{Method: get, Path: console.EditPath, Access: route.ConsoleAdmin, Handle: s.console.rules.ShowEditor},
		{Method: post, Path: console.EditPath, Access: route.ConsoleAdmin, Flags: route.LargeBody, Handle: s.console.rules.SubmitEditor},
		{Method: get, Path: console.RulesPath + "/try", Access: route.Console, Handle: s.console.rules.ShowTrial},
		{Method: post, Path: console.RulesPath + "/try", Access: route.Console, Handle: s.console.rules.Try},
		{Method: get, Path: console.RulesPath + "/health", Access: route.Console, Handle: s.console.rules.ShowHealth},

		{Method: get, Path: api.InvitationPath + ":secret", Access: route.Public, Handle: s.rateLimited(limitLinks, s.console.signIn.ShowInvitation)},
		{Method: post, Path: api.InvitationPath + ":secret", Access: route.Public, Flags: route.HashesPassword, Handle: s.rateLimited(limitLinks, s.console.signIn.AcceptInvitation)},
		{Method: get, Path: console.AccountPath, Access: route.ConsoleAccount, Handle: s.console.account.Show},
		{Method: post, Path: console.AccountPath + "/password", Access: route.ConsoleAccount, Flags: route.HashesPassword, Handle: s.console.account.ChangePassword},
		{Method: post, Path: console.AccountPath + "/second-factor", Access: route.ConsoleEnrol, Flags: route.HashesPassword, Handle: s.console.account.EnrolSecondFactor},
		{Method: post, Path: console.AccountPath + "/second-factor/confirm", Access: route.ConsoleEnrol, Handle: s.console.account.ConfirmSecondFactor},
		{Method: post, Path: console.AccountPath + "/second-factor/disable", Access: route.Console, Flags: route.HashesPassword, Handle: s.console.account.DisableSecondFactor},
		{Method: post, Path: console.AccountPath + "/sessions/end-others", Access: route.Console, Handle: s.console.account.EndOtherSessions},
		{Method: post, Path: console.AccountPath + "/sessions/:id/end", Access: route.Console, Handle: s.console.account.EndSession},
		{Method: get, Path: console.ModeratorsPath, Access: route.ConsoleAdmin, Handle: s.console.moderators.ShowList},
		{Method: post, Path: console.ModeratorsPath, Access: route.ConsoleAdmin, Handle: s.console.moderators.Invite},
		{Method: get, Path: console.ModeratorsPath + "/:id", Access: route.ConsoleAdmin, Handle: s.console.moderators.Show},
		{Method: post, Path: console.ModeratorsPath + "/:id", Access: route.ConsoleAdmin, Handle: s.console.moderators.Change},
		{Method: post, Path: console.ModeratorsPath + "/:id/link", Access: route.ConsoleAdmin, Handle: s.console.moderators.MakeLink},
		{Method: post, Path: console.ModeratorsPath + "/:id/link/revoke", Access: route.ConsoleAdmin, Handle: s.console.moderators.RevokeLink},
		{Method: post, Path: console.ModeratorsPath + "/:id/second-factor/reset", Access: route.ConsoleAdmin, Handle: s.console.moderators.ResetSecondFactor},
		{Method: get, Path: console.SitesPath, Access: route.ConsoleAdmin, Handle: s.console.sites.ShowList},
		{Method: post, Path: console.SitesPath, Access: route.ConsoleAdmin, Handle: s.console.sites.Add},
		{Method: get, Path: console.SitesPath + "/:site", Access: route.ConsoleAdmin, Handle: s.console.sites.Show},
		{Method: post, Path: console.SitesPath + "/:site", Access: route.ConsoleAdmin, Handle: s.console.sites.Change},
		{Method: get, Path: console.SitesPath + "/:site/reasons", Access: route.ConsoleAdmin, Handle: s.console.sites.ShowReasons},
		{Method: post, Path: console.SitesPath + "/:site/reasons", Access: route.ConsoleAdmin, Handle: s.console.sites.ChangeReasons},
		{Method: get, Path: console.ArticlesPath, Access: route.ConsoleAdmin, Handle: s.console.sites.ShowArticles},
		{Method: post, Path: console.ArticlesPath + "/closing", Access: route.ConsoleAdmin, Handle: s.console.sites.CloseArticle},
		{Method: get, Path: console.ArticlePath, Access: route.ConsoleAdmin, Handle: s.console.sites.ShowArticle},
		{Method: post, Path: console.ArticlePath, Access: route.ConsoleAdmin, Handle: s.console.sites.ChangeArticle},
		{Method: post, Path: console.ArticlePath + "/aliases", Access: route.ConsoleAdmin, Handle: s.console.sites.AddAlias},
		{Method: post, Path: console.ArticlePath + "/aliases/remove", Access: route.ConsoleAdmin, Handle: s.console.sites.RemoveAlias},
		{Method: get, Path: console.AuditPath, Access: route.ConsoleAdmin, Handle: s.console.audit.Show},
	}
	if s.Config.Demo {
		routes = append(routes,
			route.Route{Method: get, Path: "/demo", Access: route.Public, Handle: s.reader.threads.Demo},
			route.Route{Method: get, Path: "/demo/:page", Access: route.Public, Handle: reader.DemoPage},
		)
	}
	return routes
}

// mount adds the routes to gin: with HEAD for every GET, and OPTIONS for every path with CORS.
func (s *Server) mount(engine *gin.Engine, routes []route.Route) {
	methods := map[string][]string{} // of paths with CORS
	var paths []string
	for _, r := range routes {
		engine.Handle(r.Method, r.Path, s.chain(r)...)
		if r.Method == http.MethodGet {
			engine.Handle(http.MethodHead, r.Path, s.chain(r)...)
		}
		if r.Flags.Has(route.SiteCORS) {
			if methods[r.Path] == nil {
				paths = append(paths, r.Path)
			}
			methods[r.Path] = append(methods[r.Path], r.Method)
		}
	}
	for _, path := range paths {
		engine.Handle(http.MethodOptions, path,
			s.wrap(httpio.CheckURL), s.wrap(s.origins.Allow), s.wrap(cors.Preflight(methods[path])))
	}
}

// chain returns the handlers of a route. The body is read after the access check, so a client without access
// can send only a small one.
func (s *Server) chain(r route.Route) []gin.HandlerFunc {
	chain := []gin.HandlerFunc{s.wrap(httpio.CheckURL)}
	if r.Flags.Has(route.SiteCORS) {
		chain = append(chain, s.wrap(s.origins.Allow))
	}
	if guard := s.guard(r.Access); guard != nil {
		chain = append(chain, s.withLimits(r.Flags&^route.HashesPassword, s.wrap(guard)))
	}
	if strictQuery(r) {
		chain = append(chain, s.wrap(checkQuery(r)))
	}
	handle := s.wrap(s.console.signIn.ResumeAfterSignIn(r.Handle))
	return append(chain, s.bufferBody(r.Flags), s.withLimits(r.Flags, handle))
}

// guard returns the check that a client has access; nil if everyone has.
func (s *Server) guard(a route.Access) func(*gin.Context) error {
	switch a {
	case route.Moderator:
		return s.sessions.RequireToken(auth.RoleModerator)
	case route.Admin:
		return s.sessions.RequireToken(auth.RoleAdmin)
	case route.Account:
		return s.sessions.RequireToken(auth.RoleModerator, auth.StepChangePassword, auth.StepSetUpSecondFactor)
	case route.Enrolling:
		return s.sessions.RequireToken(auth.RoleModerator, auth.StepSetUpSecondFactor)
	case route.Console:
		return s.console.signIn.RequireSession(auth.RoleModerator)
	case route.ConsoleAdmin:
		return s.console.signIn.RequireSession(auth.RoleAdmin)
	case route.ConsoleAccount:
		return s.console.signIn.RequireSession(auth.RoleModerator, auth.StepChangePassword, auth.StepSetUpSecondFactor)
	case route.ConsoleEnrol:
		return s.console.signIn.RequireSession(auth.RoleModerator, auth.StepSetUpSecondFactor)
	case route.Public:
	}
	return nil
}
