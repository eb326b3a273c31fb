// Package moderation is the domain: comments, their submission, the actions of their authors, and their
// public view.
//
// It contains the entities and errors shared by all use cases, and the use cases of readers and admins
// (Intake, Editor, AuthorService, Threads, Votes, Reports, Sites, AuditLog, Janitor). Package queue contains
// those of moderators, rulebook those of rulesets, and stats the statistics; they import this package, never
// the other way round. Each use case declares the storage that it needs as a small interface; package db
// implements them.
//
// It contains no HTTP (package handlers) and no SQL (package db).
//
// Start with comment.go and decision.go for the vocabulary, then read intake.go for the path of a
// submission.
package moderation
