// Package rejoinder is the root of a self-hosted comment backend. It contains only the database schema; this
// comment lists the packages. Helpers for tests (db/dbtest, handlers/openapitest, auth/oidc/oidctest,
// moderation/text/timetest) and the baseline of benchmarks (handlers/bare) are left out.
//
//	schema.sql                     the schema of a fresh database, with a comment for every table and column
//	cmd/rejoinder                  the command line and composition root; imports everything else
//	cmd/rejoinder-bench            benchmarks and generated data; not shipped
//	cmd/rejoinder-bench/wordlists  reading the word lists for the dictionary
//	handlers                       the HTTP server: route table, middleware, load limits, openapi.yaml
//	handlers/api                   JSON endpoints
//	handlers/reader                pages for readers: thread, form, feed, own comments
//	handlers/console               pages for moderators
//	handlers/ruledesk              console: rules as sentences, rule builder, lists, draft
//	handlers/rulewords             why rules fired, in a moderator's language
//	handlers/setup                 console: first admin, first site, tester of its embed code
//	handlers/tester                finds out from requests whether pages embed a site correctly
//	handlers/hoursconsole          console: opening hours and temporary modes
//	handlers/keyconsole            console and API: server keys
//	handlers/identityconsole       console: signed-in readers
//	handlers/mailconsole           console and API: mail settings, outbox, forgotten password
//	handlers/sitedata              console and API: retention, and a person's data
//	handlers/hookconsole           console and API: webhooks and their deliveries
//	handlers/classifierconsole     console and API: outside classifiers
//	handlers/notices               pages behind the links in mails
//	handlers/sso                   signing in with an identity provider, and linking accounts
//	handlers/route, httpio, session, cors, page, pagecache, live, locale: shared by these
//	moderation                     the domain: comments, intake, author self-service, thread
//	moderation/queue               moderators' use cases: queue, decisions, claims, blocks, log
//	moderation/rulebook            a site's rulesets: versions, trials, backtests, health
//	moderation/stats               rollups, dashboard, transparency report
//	moderation/archive             exporting and restoring sites; exporting and erasing a person's data
//	moderation/imports             importing comments from other systems, and undoing imports
//	moderation/retention           deleting data that a site no longer keeps
//	moderation/readers             readers whom a publication signs in
//	moderation/schedule            opening hours and temporary modes
//	moderation/external            calling outside classifiers, and reporting decisions to them
//	moderation/classify            the spam classifier that each site trains
//	moderation/hostility           the shipped model of hostile language
//	moderation/rules               the rule language: parsing, compiling, evaluating, explaining
//	moderation/rules/regex         regular expressions of lists: limits, faults, fast misses
//	moderation/rules/measure       measuring rulesets on labelled texts
//	moderation/ruleform            rules as sentences and forms; editing a document in place
//	moderation/text                Markdown to safe HTML, folding, words, links, email syntax
//	moderation/text/dictionary     ordinary words by language, and names
//	db                             all SQL, for PostgreSQL and SQLite: a store for each entity
//	db/batch                       batching of concurrent calls (group commit)
//	notify                         mail to readers and moderators: outbox, planning, texts, links
//	notify/mail                    sending mail over SMTP or into a folder
//	notify/webhook                 sending events to webhooks: signatures, payloads, chats, deliveries
//	auth                           moderators' sign-in, sessions and tokens; roles, permissions, server keys
//	auth/oidc                      OpenID Connect, and the mapping of groups to roles
//	identity                       tokens of signed-in readers: keys, signatures, claims
//	transfer                       reading exports of other systems; reading and writing our own
//	outbound                       HTTP requests to URLs that admins enter
//	privacy                        sealing emails, keyed indexes, shortening addresses
//	weburl                         parsing URLs as browsers do; article keys
//	web                            the widget, style sheets, the console's modules, demo pages
//	demo                           the demo's week of comments, played through the use cases
//
// To follow a comment from the form to the page, read GLOSSARY.md, moderation/comment.go,
// moderation/intake.go, moderation/rules, handlers/api/comments.go, db/comment_create.go and cmd/rejoinder, in
// this order.
package rejoinder

import _ "embed"

// Schema is the DDL for a fresh database, valid on PostgreSQL and on SQLite.
//
//go:embed schema.sql
var Schema string
