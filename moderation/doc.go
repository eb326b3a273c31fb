// Package moderation is the domain: what a comment is, how it comes in, who may decide on it and what the
// public sees.
//
// Here live the use cases (Intake, Queue, Threads, Sites, Janitor; those around rulesets and figures are in
// packages rulebook and stats), the types they speak in, and the errors they return. Each use-case names the
// storage it needs as a small interface beside it; package db implements them. No HTTP and no SQL may enter.
//
// Start with comment.go for the words, then intake.go for the way of one submission.
package moderation
