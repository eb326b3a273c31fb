package handlers

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
)

// access says who may use a route.
type access string

const (
	public  access = "public"  // readers; no login
	console access = "console" // a page for moderators: without a session it leads to the sign-in page
	// The same for admins only, and for what a moderator does about their own account, whatever they owe
	// (auth.Duty).
	consoleAdmin   access = "console-admin"
	consoleAccount access = "console-account"
	consoleEnrol   access = "console-enrol" // consoleAccount, once the password is one's own

	moderator access = "moderator" // any signed-in moderator, for the sites they work on
	admin     access = "admin"
	account   access = "account" // any signed-in moderator, whatever they owe (auth.Duty)
	enrolling access = "enrol"   // any signed-in moderator, even if the second factor is what they owe
)

// flags say which other origins may use a route, and how its limits differ from the usual ones.
type flags uint

const (
	siteCORS  flags = 1 << iota // origins of the path's site, or of any site if it names none
	largeBody                   // the body may hold a ruleset: maxRulesetBody, whatever Limits.Body says
	unshed                      // never refused under load: health checks of the node itself
	streaming                   // ends when the client disconnects; has its own limits
	unhurried                   // takes as long as its work requires
	hashing                     // hashes a password: has a concurrency limit of its own, see hashRoom

	sameOrigin flags = 0 // no pages of other origins; the usual limits
)

type route struct {
	method string
	path   string
	access access
	flags  flags
	handle func(*gin.Context) error
}

func (f flags) has(other flags) bool { return f&other != 0 }

// routes is the whole outside shape. openapi.yaml says the same in full; a test compares the two.
func (s *Server) routes() []route {
	const get, post, put, patch, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete
	routes := []route{
		{post, "/api/v1/sites/:site/comments", public, siteCORS, s.createComment},
		{get, "/api/v1/sites/:site/thread", public, siteCORS, s.thread},
		{get, "/api/v1/sites/:site/counts", public, siteCORS, s.counts},
		{get, "/api/v1/sites/:site/events", public, siteCORS | streaming, s.events},
		{post, "/api/v1/sites/:site/preview", public, siteCORS, s.within(previews, s.preview)},
		{get, "/api/v1/comments/:id", public, siteCORS, s.within(lookUps, s.ownComment)},
		{patch, "/api/v1/comments/:id", public, siteCORS, s.editComment},
		{del, "/api/v1/comments/:id", public, siteCORS, s.within(removals, s.withdrawComment)},
		{post, "/api/v1/comments/:id/appeal", public, siteCORS, s.appeal},
		{post, "/api/v1/comments/:id/erasure", public, siteCORS, s.within(removals, s.eraseData)},
		{put, "/api/v1/comments/:id/vote", public, siteCORS, s.vote},
		{post, "/api/v1/comments/:id/reports", public, siteCORS, s.report},

		{get, homePath, public, sameOrigin, s.home},
		{get, "/sites/:site/thread", public, siteCORS, s.threadFragment},
		{get, "/sites/:site/page", public, sameOrigin, s.threadPage},
		{post, "/sites/:site/comments", public, siteCORS, s.submitForm},
		{post, "/sites/:site/own", public, siteCORS, s.within(lookUps, s.ownPart)},
		{post, "/sites/:site/preview", public, siteCORS, s.within(previews, s.previewPart)},
		{get, "/sites/:site/feed.atom", public, sameOrigin, s.feed},
		{get, "/comments/:id", public, siteCORS, s.within(lookUps, s.statusPage)},
		{post, "/comments/:id/edit", public, siteCORS, s.editForm},
		{post, "/comments/:id/withdraw", public, siteCORS, s.within(removals, s.withdrawForm)},
		{post, "/comments/:id/erase", public, siteCORS, s.within(removals, s.eraseForm)},
		{post, "/comments/:id/appeal", public, siteCORS, s.appealForm},
		{get, "/comments/:id/report", public, siteCORS, s.within(lookUps, s.reportPage)},
		{post, "/comments/:id/report", public, siteCORS, s.reportForm},
		{post, "/comments/:id/vote", public, siteCORS, s.voteForm},
		{get, "/embed.js", public, sameOrigin, s.embed},
		{get, "/assets/:file", public, sameOrigin, s.asset},
		{get, "/openapi.yaml", public, sameOrigin, s.openAPI},
		{get, "/healthz", public, unshed, s.alive},
		{get, "/readyz", public, unshed, s.ready},

		{post, "/api/v1/auth/login", public, hashing, s.login},
		{post, "/api/v1/auth/refresh", public, sameOrigin, s.within(renewals, s.refresh)},
		{post, "/api/v1/auth/logout", public, sameOrigin, s.logout},
		{post, "/api/v1/auth/second-factor", public, sameOrigin, s.loginCode},
		{post, "/api/v1/auth/links/look-up", public, sameOrigin, s.within(links, s.lookUpLink)},
		{post, "/api/v1/auth/links/accept", public, hashing, s.within(links, s.acceptLink)},
		{get, "/api/v1/me", account, sameOrigin, s.me},
		{post, "/api/v1/me/password", account, hashing, s.changePassword},
		{get, "/api/v1/me/sessions", moderator, sameOrigin, s.listSessions},
		{del, "/api/v1/me/sessions", moderator, sameOrigin, s.endOtherSessions},
		{del, "/api/v1/me/sessions/:id", moderator, sameOrigin, s.endSession},
		{get, "/api/v1/me/sign-ins", moderator, sameOrigin, s.listSignIns},
		{post, "/api/v1/me/second-factor", enrolling, hashing, s.enrolSecondFactor},
		{post, "/api/v1/me/second-factor/confirm", enrolling, sameOrigin, s.confirmSecondFactor},
		{post, "/api/v1/me/second-factor/disable", moderator, hashing, s.disableSecondFactor},
		{get, "/api/v1/moderators", admin, sameOrigin, s.listModerators},
		{post, "/api/v1/moderators", admin, sameOrigin, s.inviteModerator},
		{patch, "/api/v1/moderators/:id", admin, sameOrigin, s.changeModerator},
		{post, "/api/v1/moderators/:id/link", admin, sameOrigin, s.makeLink},
		{del, "/api/v1/moderators/:id/link", admin, sameOrigin, s.revokeLink},
		{del, "/api/v1/moderators/:id/second-factor", admin, sameOrigin, s.resetSecondFactor},
		{get, "/api/v1/audit", admin, sameOrigin, s.auditLog},
		{get, "/api/v1/queue", moderator, sameOrigin, s.queue},
		{get, "/api/v1/queue/groups", moderator, sameOrigin, s.queueGroups},
		{get, "/api/v1/queue/counts", moderator, sameOrigin, s.queueCounts},
		{post, "/api/v1/queue/claims", moderator, sameOrigin, s.claimComments},
		{del, "/api/v1/queue/claims", moderator, sameOrigin, s.releaseClaims},
		{post, "/api/v1/queue/claims/renew", moderator, sameOrigin, s.renewClaims},
		{post, "/api/v1/comments/:id/claim", moderator, sameOrigin, s.claimComment},
		{get, "/api/v1/comments/:id/moderation", moderator, sameOrigin, s.moderationCase},
		{post, "/api/v1/comments/:id/decisions", moderator, sameOrigin, s.decide},
		{get, "/api/v1/decisions", moderator, sameOrigin, s.decisionLog},
		{post, "/api/v1/decisions", moderator, unhurried, s.decideMany},
		{post, "/api/v1/bulk-decisions/:id/undo", moderator, unhurried, s.undoMany},
		{post, "/api/v1/decisions/:id/undo", moderator, sameOrigin, s.undoDecision},
		{post, "/api/v1/comments/:id/replies", moderator, sameOrigin, s.replyAsStaff},
		{post, "/api/v1/comments/:id/blocks", moderator, unhurried, s.blockFromComment},
		{post, "/api/v1/comments/:id/notes", moderator, sameOrigin, s.addNote},
		{post, "/api/v1/comments/:id/email-reveal", moderator, sameOrigin, s.revealEmail},
		{get, "/api/v1/sites", moderator, sameOrigin, s.listSites},
		{post, "/api/v1/sites", admin, sameOrigin, s.addSite},
		{patch, "/api/v1/sites/:site", admin, sameOrigin, s.changeSite},
		{get, "/api/v1/sites/:site/decisions.csv", moderator, sameOrigin, s.exportDecisions},
		{get, "/api/v1/sites/:site/decisions.json", moderator, sameOrigin, s.exportDecisions},
		{get, "/api/v1/sites/:site/transparency", moderator, sameOrigin, s.transparency},
		{get, "/api/v1/sites/:site/articles", moderator, sameOrigin, s.listArticles},
		{post, "/api/v1/sites/:site/articles", admin, sameOrigin, s.registerArticle},
		{patch, "/api/v1/sites/:site/articles", admin, sameOrigin, s.changeArticle},
		{get, "/api/v1/sites/:site/articles/aliases", moderator, sameOrigin, s.listAliases},
		{post, "/api/v1/sites/:site/articles/aliases", admin, sameOrigin, s.addAlias},
		{del, "/api/v1/sites/:site/articles/aliases", admin, sameOrigin, s.removeAlias},
		{get, "/api/v1/sites/:site/blocks", moderator, sameOrigin, s.listBlocks},
		{post, "/api/v1/sites/:site/blocks", moderator, unhurried, s.addBlock},
		{patch, "/api/v1/sites/:site/blocks/:id", moderator, sameOrigin, s.changeBlock},
		{del, "/api/v1/sites/:site/blocks/:id", moderator, sameOrigin, s.removeBlock},
		{get, "/api/v1/sites/:site/rulesets", moderator, sameOrigin, s.listRulesets},
		{get, "/api/v1/sites/:site/rulesets/:version", moderator, sameOrigin, s.ruleset},
		{post, "/api/v1/sites/:site/rulesets", admin, largeBody, s.saveRuleset},
		{post, "/api/v1/sites/:site/rulesets/check", admin, largeBody, s.checkRuleset},
		{post, "/api/v1/sites/:site/rulesets/try", moderator, largeBody, s.tryRuleset},
		{post, "/api/v1/sites/:site/rulesets/backtest", admin, largeBody, s.backtest},
		{post, "/api/v1/sites/:site/rulesets/:version/activate", admin, sameOrigin, s.activateRuleset},
		{post, "/api/v1/sites/:site/rulesets/:version/rerun", admin, sameOrigin, s.rerun},
		{get, "/api/v1/sites/:site/rulesets/:version/diff", moderator, sameOrigin, s.diffRulesets},
		{get, "/api/v1/sites/:site/rules/health", moderator, sameOrigin, s.ruleHealth},

		{get, "/console/sign-in", public, sameOrigin, s.signInPage},
		{post, "/console/sign-in", public, hashing, s.signIn},
		{post, "/console/sign-out", public, sameOrigin, s.signOut},
		{get, "/console", console, sameOrigin, s.queuePage},
		{get, dashboardPath, console, sameOrigin, s.dashboardPage},
		{get, "/console/decisions.csv", console, sameOrigin, s.exportPage},
		{get, "/console/decisions.json", console, sameOrigin, s.exportPage},
		{get, consoleEventsPath, console, streaming, s.queueEvents},
		{get, "/console/groups", console, sameOrigin, s.groupsPage},
		{get, "/console/comments/:id", console, sameOrigin, s.casePage},
		{post, "/console/comments/:id/decisions", console, sameOrigin, s.decideForm},
		{post, "/console/comments/:id/claim", console, sameOrigin, s.claimForm},
		{post, claimsPath, console, sameOrigin, s.takeForm},
		{post, claimsPath + "/renew", console, sameOrigin, s.renewForm},
		{post, claimsPath + "/release", console, sameOrigin, s.giveBackForm},
		{post, "/console/bulk", console, unhurried, s.bulkForm},
		{post, "/console/bulk/:id/undo", console, unhurried, s.undoBulkForm},
		{post, "/console/decisions/:id/undo", console, sameOrigin, s.undoForm},
		{post, answerPath, console, sameOrigin, s.answerForm},
		{post, blockPath, console, unhurried, s.blockForm},
		{post, notePath, console, sameOrigin, s.noteForm},
		{get, blocksPath, console, sameOrigin, s.anyBlocks},
		{get, siteBlocksPath, console, sameOrigin, s.blocksPage},
		{post, siteBlocksPath, console, unhurried, s.addBlockForm},
		{post, siteBlocksPath + "/:id/remove", console, sameOrigin, s.removeBlockForm},
		{post, "/console/comments/:id/email-reveal", console, sameOrigin, s.revealEmailForm},
		{get, rulesPath, console, sameOrigin, s.rulesPage},
		{get, rulesPath + "/versions/:version", console, sameOrigin, s.rulesVersionPage},
		{get, rulesPath + "/versions/:version/activate", consoleAdmin, sameOrigin, s.activatePage},
		{post, rulesPath + "/versions/:version/activate", consoleAdmin, sameOrigin, s.activateForm},
		{get, rulesPath + "/diff", console, sameOrigin, s.rulesDiffPage},
		{get, editPath, consoleAdmin, sameOrigin, s.editRulesPage},
		{post, editPath, consoleAdmin, largeBody, s.editRulesForm},
		{get, rulesPath + "/try", console, sameOrigin, s.tryRulesPage},
		{post, rulesPath + "/try", console, sameOrigin, s.tryRulesForm},
		{get, rulesPath + "/health", console, sameOrigin, s.ruleHealthPage},

		{get, invitationPath + ":secret", public, sameOrigin, s.within(links, s.invitationPage)},
		{post, invitationPath + ":secret", public, hashing, s.within(links, s.invitationForm)},
		{get, accountPath, consoleAccount, sameOrigin, s.accountPage},
		{post, accountPath + "/password", consoleAccount, hashing, s.passwordChangeForm},
		{post, accountPath + "/second-factor", consoleEnrol, hashing, s.enrolForm},
		{post, accountPath + "/second-factor/confirm", consoleEnrol, sameOrigin, s.confirmForm},
		{post, accountPath + "/second-factor/disable", console, hashing, s.disableForm},
		{post, accountPath + "/sessions/end-others", console, sameOrigin, s.endOthersForm},
		{post, accountPath + "/sessions/:id/end", console, sameOrigin, s.endSessionForm},
		{get, moderatorsPath, consoleAdmin, sameOrigin, s.moderatorsPage},
		{post, moderatorsPath, consoleAdmin, sameOrigin, s.inviteModeratorForm},
		{get, moderatorsPath + "/:id", consoleAdmin, sameOrigin, s.moderatorPage},
		{post, moderatorsPath + "/:id", consoleAdmin, sameOrigin, s.changeModeratorForm},
		{post, moderatorsPath + "/:id/link", consoleAdmin, sameOrigin, s.makeLinkForm},
		{post, moderatorsPath + "/:id/link/revoke", consoleAdmin, sameOrigin, s.revokeLinkForm},
		{post, moderatorsPath + "/:id/second-factor/reset", consoleAdmin, sameOrigin, s.resetSecondFactorForm},
		{get, sitesPath, consoleAdmin, sameOrigin, s.sitesPage},
		{post, sitesPath, consoleAdmin, sameOrigin, s.addSiteForm},
		{get, sitesPath + "/:site", consoleAdmin, sameOrigin, s.sitePage},
		{post, sitesPath + "/:site", consoleAdmin, sameOrigin, s.changeSiteForm},
		{get, sitesPath + "/:site/reasons", consoleAdmin, sameOrigin, s.reasonsPage},
		{post, sitesPath + "/:site/reasons", consoleAdmin, sameOrigin, s.changeReasonsForm},
		{get, articlesPath, consoleAdmin, sameOrigin, s.articlesPage},
		{post, articlesPath + "/closing", consoleAdmin, sameOrigin, s.closingForm},
		{get, articlePath, consoleAdmin, sameOrigin, s.articlePage},
		{post, articlePath, consoleAdmin, sameOrigin, s.changeArticleForm},
		{post, articlePath + "/aliases", consoleAdmin, sameOrigin, s.addAliasForm},
		{post, articlePath + "/aliases/remove", consoleAdmin, sameOrigin, s.removeAliasForm},
		{get, auditPath, consoleAdmin, sameOrigin, s.auditPage},
	}
	if s.Config.Demo {
		routes = append(
			routes,
			route{get, "/demo", public, sameOrigin, s.demo},
			route{get, "/demo/:page", public, sameOrigin, s.demoPage},
		)
	}
	return routes
}

// mount puts the table into gin. HEAD goes with every GET, and OPTIONS with every path that other origins may
// use.
func (s *Server) mount(engine *gin.Engine) {
	methods := map[string][]string{} // of paths with CORS
	var paths []string
	for _, r := range s.routes() {
		engine.Handle(r.method, r.path, s.chain(r)...)
		if r.method == http.MethodGet {
			engine.Handle(http.MethodHead, r.path, s.chain(r)...)
		}
		if r.flags.has(siteCORS) {
			if methods[r.path] == nil {
				paths = append(paths, r.path)
			}
			methods[r.path] = append(methods[r.path], r.method)
		}
	}
	for _, path := range paths {
		engine.Handle(
			http.MethodOptions,
			path,
			s.wrap(readableAddress),
			s.wrap(s.allowSiteOrigins),
			s.wrap(preflight(methods[path])),
		)
	}
}

// chain puts the access check before a route's handler, and receives the body between the two, so a client
// without access can send only a small body.
func (s *Server) chain(r route) []gin.HandlerFunc {
	chain := []gin.HandlerFunc{s.wrap(readableAddress)}
	if r.flags.has(siteCORS) {
		chain = append(chain, s.wrap(s.allowSiteOrigins))
	}
	if guard := s.guard(r.access); guard != nil {
		chain = append(chain, s.bounded(r.flags&^hashing, guard))
	}
	if strictQuery(r) {
		chain = append(chain, s.wrap(checkQuery(r)))
	}
	return append(chain, s.bufferBody(r.flags), s.bounded(r.flags, s.wrap(s.orSignIn(r.handle))))
}

// guard rejects callers without access to a route; nil if everyone has access.
func (s *Server) guard(a access) gin.HandlerFunc {
	switch a {
	case moderator:
		return s.requireToken(auth.RoleModerator)
	case admin:
		return s.requireToken(auth.RoleAdmin)
	case account:
		return s.requireToken(auth.RoleModerator, auth.DutyPassword, auth.DutySecondFactor)
	case enrolling:
		return s.requireToken(auth.RoleModerator, auth.DutySecondFactor)
	case console:
		return s.requireSession(auth.RoleModerator)
	case consoleAdmin:
		return s.requireSession(auth.RoleAdmin)
	case consoleAccount:
		return s.requireSession(auth.RoleModerator, auth.DutyPassword, auth.DutySecondFactor)
	case consoleEnrol:
		return s.requireSession(auth.RoleModerator, auth.DutySecondFactor)
	case public:
	}
	return nil
}
