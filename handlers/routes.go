package handlers

import (
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/api"
	"rejoinder/handlers/console"
	"rejoinder/handlers/cors"
	"rejoinder/handlers/hoursconsole"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/identityconsole"
	"rejoinder/handlers/keyconsole"
	"rejoinder/handlers/page"
	"rejoinder/handlers/reader"
	"rejoinder/handlers/route"
	"rejoinder/handlers/ruledesk"
	"rejoinder/handlers/setup"
	"rejoinder/handlers/sso"
)

// routes returns all routes. A test compares those of the API with openapi.yaml.
func (s *Server) routes() []route.Route {
	routes := slices.Concat(s.publicRoutes(), s.accountRoutes(), s.moderationRoutes(), s.consoleRoutes(),
		s.accountPageRoutes(), s.administrationRoutes(), s.mailRoutes(), s.keyRoutes(), s.providerRoutes(),
		s.webhookRoutes(), s.classifierRoutes())
	if s.Config.Demo {
		routes = append(routes,
			route.Get("/demo", route.Public, s.reader.threads.Demo),
			route.Get("/demo/signed-in", route.Public, s.reader.threads.SignedInDemo),
			route.Get("/demo/:page", route.Public, reader.DemoPage),
		)
	}
	return routes
}

// publicRoutes are the API and the pages for readers, and the files and checks of the server itself.
func (s *Server) publicRoutes() []route.Route {
	return []route.Route{
		route.Post("/api/v1/sites/:site/comments", route.Public, s.api.comments.Create, route.SiteCORS),
		route.Get("/api/v1/sites/:site/thread", route.Public, s.api.threads.Show, route.SiteCORS),
		route.Get("/api/v1/sites/:site/counts", route.Public, s.api.threads.Counts, route.SiteCORS),
		route.Get("/api/v1/sites/:site/events", route.Public, s.streams.Events, route.SiteCORS, route.Streaming),
		route.Post("/api/v1/sites/:site/preview", route.Public, s.rateLimited(limitPreviews, s.api.comments.Preview), route.SiteCORS),
		route.Get("/api/v1/comments/:id", route.Public, s.rateLimited(limitLookUps, s.api.comments.Show), route.SiteCORS),
		route.Patch("/api/v1/comments/:id", route.Public, s.api.comments.Edit, route.SiteCORS),
		route.Delete("/api/v1/comments/:id", route.Public, s.rateLimited(limitRemovals, s.api.comments.Withdraw), route.SiteCORS),
		route.Post("/api/v1/comments/:id/appeal", route.Public, s.api.comments.Appeal, route.SiteCORS),
		route.Post("/api/v1/comments/:id/erasure", route.Public, s.rateLimited(limitRemovals, s.api.comments.Erase), route.SiteCORS),
		route.Put("/api/v1/comments/:id/vote", route.Public, s.api.comments.Vote, route.SiteCORS),
		route.Post("/api/v1/comments/:id/reports", route.Public, s.api.comments.Report, route.SiteCORS),

		route.Get(reader.HomePath, route.Public, s.reader.site.Home),
		route.Get(threadRoute, route.Public, s.reader.threads.Fragment, route.SiteCORS),
		route.Get("/sites/:site/page", route.Public, s.reader.threads.Page),
		route.Get(submitRoute, route.Public, s.reader.threads.ShowSubmitted),
		route.Post(submitRoute, route.Public, s.reader.threads.Submit, route.SiteCORS),
		route.Post("/sites/:site/own", route.Public, s.rateLimited(limitLookUps, s.reader.threads.AuthorFragment), route.SiteCORS),
		route.Post("/sites/:site/preview", route.Public, s.rateLimited(limitPreviews, s.reader.threads.PreviewFragment), route.SiteCORS),
		route.Get("/sites/:site/feed.atom", route.Public, s.reader.threads.Feed),
		route.Get("/comments/:id", route.Public, s.rateLimited(limitLookUps, s.reader.comments.StatusPage), route.SiteCORS),
		route.Post("/comments/:id/edit", route.Public, s.reader.comments.Edit, route.SiteCORS),
		route.Post("/comments/:id/withdraw", route.Public, s.rateLimited(limitRemovals, s.reader.comments.Withdraw), route.SiteCORS),
		route.Post("/comments/:id/erase", route.Public, s.rateLimited(limitRemovals, s.reader.comments.Erase), route.SiteCORS),
		route.Post("/comments/:id/appeal", route.Public, s.reader.comments.Appeal, route.SiteCORS),
		route.Get("/comments/:id/report", route.Public, s.rateLimited(limitLookUps, s.reader.comments.ReportPage), route.SiteCORS),
		route.Post("/comments/:id/report", route.Public, s.reader.comments.Report, route.SiteCORS),
		route.Post("/comments/:id/vote", route.Public, s.reader.comments.Vote, route.SiteCORS),
		route.Get("/embed.js", route.Public, s.serveWidget),
		route.Get("/compose.js", route.Public, reader.ServeComposer),
		route.Get("/identity.js", route.Public, reader.ServeIdentity),
		route.Post("/sites/:site/identity", route.Public, s.rateLimited(limitLookUps, s.reader.threads.Identity), route.SiteCORS),
		route.Get("/api/v1/sites/:site/own", route.Public, s.rateLimited(limitLookUps, s.api.comments.Own), route.SiteCORS),
		route.Get("/assets/:file", route.Public, page.ServeAsset),
		route.Get("/openapi.yaml", route.Public, openAPI),
		route.Get("/healthz", route.Public, alive, route.NeverShed),
		route.Get("/readyz", route.Public, s.ready, route.NeverShed),
	}
}

// providerRoutes are the sign-in with identity providers.
func (s *Server) providerRoutes() []route.Route {
	return []route.Route{
		route.Get(sso.StartPath, route.Public, s.rateLimited(limitRenewals, s.sso.Start)),
		route.Get(sso.CallbackPath, route.Public, s.rateLimited(limitRenewals, s.sso.Callback)),
		route.Post(sso.SignOutPath, route.Public, s.sso.SignOut),
		route.Post(sso.LogoutPath, route.Public, s.rateLimited(limitLookUps, s.sso.Logout)),
		route.Post(sso.LinkPath, route.Public, s.sso.Link, route.HashesPassword),
		route.Get(sso.RequestPath, route.ConsoleAccount, s.sso.RequestLink),
		route.Post(sso.UnlinkPath, route.ConsoleAccount, s.sso.Unlink),
		route.Post(console.ModeratorsPath+"/:id/unlink", route.ConsoleAdmin, s.sso.UnlinkModerator),
		route.Delete("/api/v1/moderators/:id/identity", route.Admin, s.api.moderators.UnlinkIdentity),
	}
}

// accountRoutes are the API for signing in and for accounts of moderators.
func (s *Server) accountRoutes() []route.Route {
	return []route.Route{
		route.Post("/api/v1/auth/login", route.Public, s.api.account.Login, route.HashesPassword),
		route.Post("/api/v1/auth/refresh", route.Public, s.rateLimited(limitRenewals, s.api.account.Refresh)),
		route.Post("/api/v1/auth/logout", route.Public, s.api.account.Logout),
		route.Post("/api/v1/auth/second-factor", route.Public, s.api.account.VerifySecondFactor),
		route.Post("/api/v1/auth/links/look-up", route.Public, s.rateLimited(limitLinks, s.api.account.LookUpLink)),
		route.Post("/api/v1/auth/links/accept", route.Public, s.rateLimited(limitLinks, s.api.account.AcceptLink), route.HashesPassword),
		route.Get("/api/v1/me", route.Account, s.api.account.Me),
		route.Put("/api/v1/me/language", route.Account, s.api.account.ChooseLanguage),
		route.Post("/api/v1/me/password", route.Account, s.api.account.ChangePassword, route.HashesPassword),
		route.Post("/api/v1/me/email", route.SignedIn, s.api.account.ChangeEmail, route.HashesPassword),
		route.Get("/api/v1/me/sessions", route.SignedIn, s.api.account.ListSessions),
		route.Delete("/api/v1/me/sessions", route.SignedIn, s.api.account.EndOtherSessions),
		route.Delete("/api/v1/me/sessions/:id", route.SignedIn, s.api.account.EndSession),
		route.Get("/api/v1/me/sign-ins", route.SignedIn, s.api.account.ListSignIns),
		route.Post("/api/v1/me/second-factor", route.Enrolling, s.api.account.EnrolSecondFactor, route.HashesPassword),
		route.Post("/api/v1/me/second-factor/confirm", route.Enrolling, s.api.account.ConfirmSecondFactor),
		route.Post("/api/v1/me/second-factor/disable", route.SignedIn, s.api.account.DisableSecondFactor, route.HashesPassword),
		route.Get("/api/v1/moderators", route.Admin, s.api.moderators.List),
		route.Post("/api/v1/moderators", route.Admin, s.api.moderators.Invite),
		route.Patch("/api/v1/moderators/:id", route.Admin, s.api.moderators.Change),
		route.Post("/api/v1/moderators/:id/link", route.Admin, s.api.moderators.MakeLink),
		route.Delete("/api/v1/moderators/:id/link", route.Admin, s.api.moderators.RevokeLink),
		route.Delete("/api/v1/moderators/:id/second-factor", route.Admin, s.api.moderators.ResetSecondFactor),
		route.Get("/api/v1/audit", route.Admin, s.api.audit.List),
		route.Get("/api/v1/sites/:site/imports", route.Admin, s.api.imports.List),
		route.Post("/api/v1/sites/:site/imports", route.Admin, s.api.imports.Start, route.Upload, route.NoDeadline),
		route.Get("/api/v1/sites/:site/imports/:id", route.Admin, s.api.imports.Show),
		route.Post("/api/v1/sites/:site/imports/:id/undo", route.Admin, s.api.imports.Undo, route.NoDeadline),
		route.Get("/api/v1/sites/:site/retention", route.Admin, s.sitedata.PreviewRetention),
		route.Post("/api/v1/subjects/export", route.Admin, s.sitedata.ExportSubject),
		route.Post("/api/v1/subjects/erasure", route.Admin, s.sitedata.EraseSubject, route.NoDeadline),
		route.Get("/api/v1/sites/:site/export", route.Admin, s.api.imports.Export, route.NoDeadline, route.KeyExport),
		route.Get("/api/v1/queue", route.Comments, s.api.queue.List, route.KeyRead),
	}
}

// moderationRoutes are the API for moderators: queue, decisions, sites, articles, blocks and rulesets.
func (s *Server) moderationRoutes() []route.Route {
	return []route.Route{
		route.Get("/api/v1/queue/groups", route.Read, s.api.queue.Groups, route.KeyRead),
		route.Get("/api/v1/queue/counts", route.Comments, s.api.queue.Counts, route.KeyRead),
		route.Post("/api/v1/queue/claims", route.Moderator, s.api.queue.ClaimNext),
		route.Delete("/api/v1/queue/claims", route.Moderator, s.api.queue.ReleaseClaims),
		route.Post("/api/v1/queue/claims/renew", route.Moderator, s.api.queue.RenewClaims),
		route.Post("/api/v1/comments/:id/claim", route.Moderator, s.api.queue.ClaimOne),
		route.Get("/api/v1/comments/:id/moderation", route.Comments, s.api.queue.Show, route.KeyRead),
		route.Post("/api/v1/comments/:id/decisions", route.Moderator, s.api.queue.Decide, route.KeyModerate),
		route.Get("/api/v1/decisions", route.Read, s.api.queue.ListDecisions, route.KeyRead),
		route.Post("/api/v1/decisions", route.Moderator, s.api.queue.DecideMany, route.NoDeadline, route.KeyModerate),
		route.Post("/api/v1/bulk-decisions/:id/undo", route.Moderator, s.api.queue.UndoMany, route.NoDeadline, route.KeyModerate),
		route.Post("/api/v1/decisions/:id/undo", route.Moderator, s.api.queue.Undo, route.KeyModerate),
		route.Post("/api/v1/comments/:id/replies", route.Reply, s.api.queue.Reply),
		route.Post("/api/v1/comments/:id/blocks", route.Moderator, s.api.blocks.BlockFromComment, route.NoDeadline, route.KeyModerate),
		route.Post("/api/v1/comments/:id/notes", route.Moderator, s.api.blocks.AddNote, route.KeyModerate),
		route.Patch("/api/v1/comments/:id/highlight", route.Moderator, s.api.queue.Highlight, route.KeyModerate),
		route.Post("/api/v1/comments/:id/email-reveal", route.Moderator, s.api.queue.RevealEmail),
		route.Get("/api/v1/sites", route.Comments, s.api.sites.List, route.KeyRead),
		route.Post("/api/v1/sites", route.Admin, s.api.sites.Add),
		route.Patch("/api/v1/sites/:site", route.Admin, s.api.sites.Change),
		route.Get("/api/v1/sites/:site/moderation", route.Read, s.api.sites.ShowModeration, route.KeyRead),
		route.Patch("/api/v1/sites/:site/moderation", route.Admin, s.api.sites.ChangeModeration),
		route.Get("/api/v1/sites/:site/decisions.csv", route.Read, s.api.queue.ExportDecisions, route.KeyExport),
		route.Get("/api/v1/sites/:site/decisions.json", route.Read, s.api.queue.ExportDecisions, route.KeyExport),
		route.Get("/api/v1/sites/:site/transparency", route.Read, s.api.sites.Transparency, route.KeyRead),
		route.Get("/api/v1/sites/:site/articles", route.Comments, s.api.sites.ListArticles, route.KeyRead, route.KeyArticles),
		route.Post("/api/v1/sites/:site/articles", route.Admin, s.api.sites.RegisterArticle, route.KeyArticles),
		route.Put("/api/v1/sites/:site/articles", route.Admin, s.api.sites.PutArticles, route.LargeBody, route.KeyArticles),
		route.Patch("/api/v1/sites/:site/articles", route.Moderator, s.api.sites.ChangeArticle, route.KeyArticles, route.KeyModerate),
		route.Get("/api/v1/sites/:site/articles/aliases", route.Read, s.api.sites.ListAliases, route.KeyRead, route.KeyArticles),
		route.Post("/api/v1/sites/:site/articles/aliases", route.Admin, s.api.sites.AddAlias, route.KeyArticles),
		route.Delete("/api/v1/sites/:site/articles/aliases", route.Admin, s.api.sites.RemoveAlias, route.KeyArticles),
		route.Get("/api/v1/sites/:site/blocks", route.Read, s.api.blocks.List, route.KeyRead),
		route.Post("/api/v1/sites/:site/blocks", route.Moderator, s.api.blocks.Add, route.NoDeadline, route.KeyModerate),
		route.Patch("/api/v1/sites/:site/blocks/:id", route.Moderator, s.api.blocks.Change, route.KeyModerate),
		route.Delete("/api/v1/sites/:site/blocks/:id", route.Moderator, s.api.blocks.Remove, route.KeyModerate),
		route.Get("/api/v1/sites/:site/rulesets", route.Read, s.api.rules.List, route.KeyRead, route.KeyRules),
		route.Get("/api/v1/sites/:site/rulesets/:version", route.Read, s.api.rules.Show, route.KeyRead, route.KeyRules),
		route.Post("/api/v1/sites/:site/rulesets", route.Rules, s.api.rules.Save, route.LargeBody, route.KeyRules),
		route.Post("/api/v1/sites/:site/rulesets/check", route.Rules, s.api.rules.Check, route.LargeBody, route.KeyRules),
		route.Post("/api/v1/sites/:site/rulesets/try", route.Read, s.api.rules.Try, route.LargeBody, route.KeyRules),
		route.Post("/api/v1/sites/:site/rulesets/backtest", route.Rules, s.api.rules.Backtest, route.LargeBody, route.KeyRules),
		route.Post("/api/v1/sites/:site/rulesets/:version/activate", route.Rules, s.api.rules.Activate, route.KeyRules),
		route.Post("/api/v1/sites/:site/rulesets/:version/rerun", route.Rules, s.api.rules.RerunQueue, route.KeyRules),
		route.Get("/api/v1/sites/:site/rulesets/:version/diff", route.Read, s.api.rules.Diff, route.KeyRead, route.KeyRules),
		route.Get("/api/v1/sites/:site/rules/health", route.Read, s.api.rules.Health, route.KeyRead, route.KeyRules),
	}
}

// keyRoutes are the API and the pages with which admins manage server keys. No key may use them.
func (s *Server) keyRoutes() []route.Route {
	return []route.Route{
		route.Get("/api/v1/keys", route.Admin, s.keys.List),
		route.Post("/api/v1/keys", route.Admin, s.keys.Add),
		route.Post("/api/v1/keys/:id/rotate", route.Admin, s.keys.Rotate),
		route.Post("/api/v1/keys/:id/revoke", route.Admin, s.keys.Revoke),
		route.Get(keyconsole.Path, route.ConsoleAdmin, s.keys.ShowList),
		route.Post(keyconsole.Path, route.ConsoleAdmin, s.keys.SubmitAdd),
		route.Get(keyconsole.Path+"/:id", route.ConsoleAdmin, s.keys.Show),
		route.Post(keyconsole.Path+"/:id/rotate", route.ConsoleAdmin, s.keys.SubmitRotate),
		route.Post(keyconsole.Path+"/:id/revoke", route.ConsoleAdmin, s.keys.SubmitRevoke),
		route.Get("/api/v1/sites/:site/identity-keys", route.Admin, s.api.identityKeys.List),
		route.Post("/api/v1/sites/:site/identity-keys", route.Admin, s.api.identityKeys.Add),
		route.Delete("/api/v1/sites/:site/identity-keys/:id", route.Admin, s.api.identityKeys.Remove),
	}
}

// consoleRoutes are the pages on which moderators work.
func (s *Server) consoleRoutes() []route.Route {
	ofSite := s.console.rules.OfSite
	return []route.Route{
		route.Get("/console/sign-in", route.Public, s.console.signIn.Show),
		route.Post("/console/sign-in", route.Public, s.console.signIn.SignIn, route.HashesPassword),
		route.Get("/console", route.ConsoleComments, s.console.queue.Show),
		route.Get(console.DashboardPath, route.ConsoleRead, s.console.dashboard.Show),
		route.Get(console.TransparencyPath, route.ConsoleRead, s.console.dashboard.ShowTransparency),
		route.Get(console.TransparencyPath+".csv", route.ConsoleRead, s.console.dashboard.ExportTransparency),
		route.Get(console.TransparencyPath+".json", route.ConsoleRead, s.console.dashboard.ExportTransparency),
		route.Get("/console/decisions.csv", route.ConsoleRead, s.console.dashboard.ExportDecisions),
		route.Get("/console/decisions.json", route.ConsoleRead, s.console.dashboard.ExportDecisions),
		route.Get(console.EventsPath, route.ConsoleComments, s.console.queue.StreamEvents, route.Streaming),
		route.Get("/console/groups", route.ConsoleRead, s.console.queue.ShowGroups),
		route.Get("/console/comments/:id", route.ConsoleComments, s.console.queue.ShowCase),
		route.Post("/console/comments/:id/decisions", route.Console, s.console.queue.Decide),
		route.Post("/console/comments/:id/claim", route.Console, s.console.queue.ClaimOne),
		route.Post(console.ClaimsPath, route.Console, s.console.queue.ClaimNext),
		route.Post(console.ClaimsPath+"/renew", route.Console, s.console.queue.RenewClaims),
		route.Post(console.ClaimsPath+"/release", route.Console, s.console.queue.ReleaseClaims),
		route.Post("/console/bulk", route.Console, s.console.queue.DecideMany, route.NoDeadline),
		route.Post("/console/bulk/:id/undo", route.Console, s.console.queue.UndoMany, route.NoDeadline),
		route.Post("/console/decisions/:id/undo", route.Console, s.console.queue.Undo),
		route.Post(console.ReplyPath, route.ConsoleReply, s.console.queue.Reply),
		route.Post(console.BlockPath, route.Console, s.console.blocks.BlockFromComment, route.NoDeadline),
		route.Post(console.NotePath, route.Console, s.console.blocks.AddNote),
		route.Get(console.CommentersPath, route.ConsoleRead, s.console.blocks.ShowCommenters),
		route.Get(console.CommentersPath+"/:id", route.ConsoleRead, s.console.blocks.ShowProfile),
		route.Get(console.BlocksPath, route.ConsoleRead, s.console.blocks.RedirectToSite),
		route.Get(console.SiteBlocksPath, route.ConsoleRead, s.console.blocks.Show),
		route.Post(console.SiteBlocksPath, route.Console, s.console.blocks.Add, route.NoDeadline),
		route.Post(console.SiteBlocksPath+"/:id/remove", route.Console, s.console.blocks.Remove),
		route.Post("/console/comments/:id/highlight", route.Console, s.console.queue.Highlight),
		route.Post("/console/comments/:id/email-reveal", route.Console, s.console.queue.RevealEmail),
		route.Get(ruledesk.OverviewPath, route.ConsoleRead, s.ruledesk.Overview),
		route.Post(ruledesk.ModePath, route.ConsoleRules, s.ruledesk.SwitchMode),
		route.Get(ruledesk.BuilderPath, route.ConsoleRules, ofSite(s.ruledesk.ShowBuilder)),
		route.Post(ruledesk.BuilderPath, route.ConsoleRules, s.ruledesk.SubmitBuilder, route.LargeBody, route.NoDeadline),
		route.Get(ruledesk.ListsPath, route.ConsoleRead, ofSite(s.ruledesk.ShowLists)),
		route.Post(ruledesk.ListsPath, route.ConsoleRules, s.ruledesk.SubmitLists, route.LargeBody),
		route.Get(ruledesk.DraftPath, route.ConsoleRules, ofSite(s.ruledesk.ShowDraft)),
		route.Post(ruledesk.DraftPath, route.ConsoleRules, s.ruledesk.SubmitDraft),
		route.Get(console.VersionsPath, route.ConsoleRead, ofSite(s.console.rules.ShowVersions)),
		route.Get(console.RulesPath+"/versions/:version", route.ConsoleRead, ofSite(s.console.rules.ShowVersion)),
		route.Get(console.RulesPath+"/versions/:version/activate", route.ConsoleRules, ofSite(s.console.rules.ShowActivation)),
		route.Post(console.RulesPath+"/versions/:version/activate", route.ConsoleRules, s.console.rules.Activate),
		route.Get(console.RulesPath+"/diff", route.ConsoleRead, ofSite(s.console.rules.ShowDiff)),
		route.Get(console.EditPath, route.ConsoleRules, ofSite(s.console.rules.ShowEditor)),
		route.Post(console.EditPath, route.ConsoleRules, s.console.rules.SubmitEditor, route.LargeBody),
		route.Get(console.RulesPath+"/try", route.ConsoleRead, ofSite(s.console.rules.ShowTrial)),
		route.Post(console.RulesPath+"/try", route.ConsoleRead, s.console.rules.Try),
		route.Get(console.RulesPath+"/health", route.ConsoleRead, ofSite(s.console.rules.ShowHealth)),
	}
}

// accountPageRoutes are the pages for accounts: invitations, the set-up, one's own account, and moderators.
func (s *Server) accountPageRoutes() []route.Route {
	return []route.Route{
		route.Get(api.InvitationPath+":secret", route.Public, s.rateLimited(limitLinks, s.console.signIn.ShowInvitation)),
		route.Post(api.InvitationPath+":secret", route.Public, s.rateLimited(limitLinks, s.console.signIn.AcceptInvitation), route.HashesPassword),
		route.Get(setup.Path+"/:secret", route.Public, s.rateLimited(limitLinks, s.setup.ShowLink)),
		route.Post(setup.Path+"/:secret", route.Public, s.rateLimited(limitLinks, s.setup.CreateAdmin), route.HashesPassword),
		route.Get(setup.Path, route.ConsoleAdmin, s.setup.Show),
		route.Post(setup.Path, route.ConsoleAdmin, s.setup.AddSite),
		route.Post(setup.Path+"/mode", route.ConsoleAdmin, s.setup.ChooseMode),
		route.Get(console.AccountPath, route.ConsoleAccount, s.console.account.Show),
		route.Post(console.AccountPath+"/password", route.ConsoleAccount, s.console.account.ChangePassword, route.HashesPassword),
		route.Post(console.AccountPath+"/email", route.ConsoleSignedIn, s.console.account.ChangeEmail, route.HashesPassword),
		route.Post(console.AccountPath+"/language", route.ConsoleAccount, s.console.account.ChooseLanguage),
		route.Post(console.AccountPath+"/second-factor", route.ConsoleEnrol, s.console.account.EnrolSecondFactor, route.HashesPassword),
		route.Post(console.AccountPath+"/second-factor/confirm", route.ConsoleEnrol, s.console.account.ConfirmSecondFactor),
		route.Post(console.AccountPath+"/second-factor/disable", route.ConsoleSignedIn, s.console.account.DisableSecondFactor, route.HashesPassword),
		route.Post(console.AccountPath+"/sessions/end-others", route.ConsoleSignedIn, s.console.account.EndOtherSessions),
		route.Post(console.AccountPath+"/sessions/:id/end", route.ConsoleSignedIn, s.console.account.EndSession),
		route.Get(console.ModeratorsPath, route.ConsoleAdmin, s.console.moderators.ShowList),
		route.Post(console.ModeratorsPath, route.ConsoleAdmin, s.console.moderators.Invite),
		route.Get(console.ModeratorsPath+"/:id", route.ConsoleAdmin, s.console.moderators.Show),
		route.Post(console.ModeratorsPath+"/:id", route.ConsoleAdmin, s.console.moderators.Change),
		route.Post(console.ModeratorsPath+"/:id/link", route.ConsoleAdmin, s.console.moderators.MakeLink),
		route.Post(console.ModeratorsPath+"/:id/link/revoke", route.ConsoleAdmin, s.console.moderators.RevokeLink),
		route.Post(console.ModeratorsPath+"/:id/second-factor/reset", route.ConsoleAdmin, s.console.moderators.ResetSecondFactor),
	}
}

// administrationRoutes are the pages for sites and articles, and the audit log.
func (s *Server) administrationRoutes() []route.Route {
	return []route.Route{
		route.Get(console.SitesPath, route.ConsoleAdmin, s.console.sites.ShowList),
		route.Post(console.SitesPath, route.ConsoleAdmin, s.console.sites.Add),
		route.Get(console.SitesPath+"/:site", route.ConsoleAdmin, s.console.sites.Show),
		route.Post(console.SitesPath+"/:site", route.ConsoleAdmin, s.console.sites.Change),
		route.Post(console.SitesPath+"/:site/moderation", route.ConsoleAdmin, s.console.sites.ChangeModeration),
		route.Post(console.SitesPath+"/:site/remove", route.ConsoleAdmin, s.console.sites.Remove),
		route.Get(console.SitesPath+"/:site/checks", route.ConsoleAdmin, s.setup.ShowChecks),
		route.Post(console.SitesPath+"/:site/origins", route.ConsoleAdmin, s.setup.AllowOrigin),
		route.Post(console.SitesPath+"/:site/remove-demo", route.ConsoleAdmin, s.console.sites.RemoveDemo),
		route.Get(identityconsole.Path, route.ConsoleAdmin, s.identity.Show),
		route.Post(identityconsole.Path, route.ConsoleAdmin, s.identity.Save),
		route.Post(identityconsole.Path+"/keys", route.ConsoleAdmin, s.identity.AddKey),
		route.Post(identityconsole.Path+"/keys/:id/remove", route.ConsoleAdmin, s.identity.RemoveKey),
		route.Post(identityconsole.Path+"/check", route.ConsoleAdmin, s.identity.Check),
		route.Get(hoursconsole.SitePath, route.ConsoleAdmin, s.hours.ShowSite),
		route.Post(hoursconsole.SitePath, route.ConsoleAdmin, s.hours.SaveSite),
		route.Get(hoursconsole.ArticlePath, route.ConsoleAdmin, s.hours.ShowArticle),
		route.Post(hoursconsole.ArticlePath, route.ConsoleAdmin, s.hours.SaveArticle),
		route.Get(console.SitesPath+"/:site/reasons", route.ConsoleAdmin, s.console.sites.ShowReasons),
		route.Post(console.SitesPath+"/:site/reasons", route.ConsoleAdmin, s.console.sites.ChangeReasons),
		route.Get(console.SitesPath+"/:site/replies", route.ConsoleAdmin, s.console.sites.ShowReplies),
		route.Post(console.SitesPath+"/:site/replies", route.ConsoleAdmin, s.console.sites.ChangeReplies),
		route.Get(console.SitesPath+"/:site/retention", route.ConsoleAdmin, s.sitedata.ShowRetention),
		route.Post(console.SitesPath+"/:site/retention", route.ConsoleAdmin, s.sitedata.SaveRetention),
		route.Get(console.SitesPath+"/:site/person", route.ConsoleAdmin, s.sitedata.ShowPerson),
		route.Post(console.SitesPath+"/:site/person", route.ConsoleAdmin, s.sitedata.Person, route.NoDeadline),
		route.Get(console.SitesPath+"/:site/export", route.ConsoleAdmin, s.api.imports.Export, route.NoDeadline),
		route.Get(console.SitesPath+"/:site/imports", route.ConsoleAdmin, s.console.imports.Show),
		route.Post(console.SitesPath+"/:site/imports", route.ConsoleAdmin, s.console.imports.Upload, route.Upload, route.NoDeadline),
		route.Post(console.SitesPath+"/:site/imports/checked/:id", route.ConsoleAdmin, s.console.imports.StartChecked),
		route.Post(console.SitesPath+"/:site/imports/checked/:id/columns", route.ConsoleAdmin, s.console.imports.MapColumns,
			route.NoDeadline),
		route.Post(console.SitesPath+"/:site/imports/checked/:id/discard", route.ConsoleAdmin, s.console.imports.DiscardChecked),
		route.Post(console.SitesPath+"/:site/imports/:id/undo", route.ConsoleAdmin, s.console.imports.Undo, route.NoDeadline),
		route.Get(console.ArticlesPath, route.ConsoleComments, s.console.sites.ShowArticles),
		route.Post(console.ArticlesPath+"/closing", route.Console, s.console.sites.CloseArticle),
		route.Post(console.ArticlesPath+"/mode", route.Console, s.console.sites.ChangeArticleMode),
		route.Get(console.ArticlePath, route.ConsoleAdmin, s.console.sites.ShowArticle),
		route.Post(console.ArticlePath, route.ConsoleAdmin, s.console.sites.ChangeArticle),
		route.Post(console.ArticlePath+"/aliases", route.ConsoleAdmin, s.console.sites.AddAlias),
		route.Post(console.ArticlePath+"/aliases/remove", route.ConsoleAdmin, s.console.sites.RemoveAlias),
		route.Get(console.AuditPath, route.ConsoleAdmin, s.console.audit.Show),
	}
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
		chain = append(chain, s.wrap(s.allowOrigin))
	}
	if guard := s.guard(r); guard != nil {
		chain = append(chain, s.withLimits(r.Flags&^route.HashesPassword, s.wrap(guard)))
	}
	if strictQuery(r) {
		chain = append(chain, s.wrap(checkQuery(r)))
	}
	handle := s.wrap(s.console.signIn.ResumeAfterSignIn(r.Handle))
	return append(chain, s.bufferBody(r.Flags), s.withLimits(r.Flags, handle))
}
