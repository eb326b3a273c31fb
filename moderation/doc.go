// Package moderation is the domain: what a comment is, how it comes in, what its author may do with it, and
// what the public sees.
//
// What lives here: the entities and errors that all use-cases share, and the use-cases of readers and admins
// (Intake, Editor, AuthorService, Threads, Votes, Reports, Sites, AuditLog, Janitor). Those of moderators are
// in package queue, those around rulesets in rulebook, and statistics in stats; these import this package,
// never the other way round. Each use-case names the storage it needs as a small interface beside it; package
// db implements them.
//
// What must not: HTTP (package handlers) and SQL (package db).
//
// Start reading in comment.go and decision.go for the words, then intake.go for the path of one submission.
package moderation
