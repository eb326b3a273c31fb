// Package rejoinder is the root of the comment backend that publications run themselves. It holds the
// database schema and nothing else; this comment is the map of the packages.
//
//	schema.sql         the truth for a fresh database, written as a data dictionary
//	cmd/rejoinder      the command line, and the only place that knows every package
//	cmd/rejoinder-bench the benchmarks; not shipped
//	handlers           the HTTP server: route table, middleware, load limits, openapi.yaml
//	handlers/api       JSON endpoints
//	handlers/reader    pages for readers: thread, form, feed, own comments
//	handlers/console   pages for moderators
//	handlers/ruledesk  pages with the rules of a site in words: overview, builder, draft
//	handlers/rulewords why rules fired, in the language of a moderator
//	handlers/setup     the first hour: the set-up link, the first site, the tester of its embed code
//	handlers/notices   pages behind the links in mails
//	handlers/keyconsole the administration of server keys: pages and API
//	handlers/identityconsole the console's page about signed-in readers
//	handlers/mailconsole the console's pages about mail: choices, outbox, forgotten password
//	handlers/sitedata  retention, and what is stored about a person who asks
//	handlers/sso       signing in with an identity provider, and linking an account to one
//	handlers/hookconsole the console's pages about webhooks and their deliveries, and their API
//	handlers/classifierconsole the console's pages and API about outside classifiers
//	handlers/tester    tells from pages' requests whether they embed a site correctly
//	handlers/route, httpio, session, cors, page, pagecache, live, locale: what these share
//	moderation         the domain: comments, intake, author self-service, thread; no HTTP, no SQL
//	moderation/archive exports of whole sites, reading them back, and requests of persons for their data
//	moderation/imports comments that come from other systems, and taking them back
//	moderation/queue   what moderators do: queue, decisions, claims, blocks, decision log
//	moderation/retention deleting what a site no longer keeps
//	moderation/readers readers whom publications sign in: keys of sites, verifying tokens, own comments
//	moderation/rulebook the rulesets of sites: versions, trials, backtests, health
//	moderation/stats   figures: rollups, dashboard, transparency report
//	moderation/rules   the language of rules: the format, compiling, evaluating, explaining
//	moderation/ruleform rules as sentences and forms, and changing a document in place
//	moderation/classify how a site's spam reads: learning it, and scoring by it
//	moderation/external asking classifiers outside of this program, and telling them what moderators decide
//	moderation/hostility how abuse reads: the shipped model, training it, and scoring by it
//	moderation/text    pure text work: Markdown to safe HTML, folding, words, links, email syntax
//	moderation/text/dictionary which words are ordinary, in which language; names of people and places
//	db                 all SQL, for PostgreSQL and SQLite alike: a store for each entity
//	db/batch           executes calls that arrive at the same time together
//	notify             telling readers and moderators by mail: outbox worker, who is told what, texts, links
//	notify/mail        sending mails over SMTP, or into a folder
//	identity           the tokens of signed-in readers: keys, signatures, claims
//	notify/webhook     sending events to webhooks: signatures, payloads, chats, worker, log of deliveries
//	auth               moderators' passwords, sign-in, access and refresh tokens; roles, permissions, server keys
//	auth/oidc          signing in with identity providers: the protocol and the mapping of groups
//	transfer           reads the exports of other systems, and reads and writes our own; no storage
//	outbound           HTTP requests to addresses that admins enter
//	weburl             URLs as browsers parse them, and the article keys derived from them
//	privacy            sealing emails, keyed indexes, shortening addresses
//	web                what a browser gets: style, demo pages
//	demo               the demo's week of comments, played through the use cases
//
// Read in this order and you have followed one comment from the form to the page: GLOSSARY.md,
// moderation/comment.go, moderation/intake.go, moderation/rules, handlers/api/comments.go, db/comment_create.go,
// cmd/rejoinder.
package rejoinder

import _ "embed"

// Schema is the DDL for a fresh database, valid on PostgreSQL and on SQLite.
//
//go:embed schema.sql
var Schema string
