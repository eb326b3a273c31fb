// Package queue implements the moderators' use cases: listing and searching comments, claiming them, deciding
// on one or many, undoing decisions, blocks, notes, staff replies, and the decision log.
//
// What lives here: Queue and DecisionLog, their request and result types, and the storage interfaces they
// need.
//
// What must not: the entities, errors and rules shared with other use cases (package moderation, which never
// imports this one), statistics (package stats), rulesets (package rulebook), SQL and HTTP.
//
// Start reading in queue.go: Store is the storage interface, Decide executes one decision. Then bulk.go for
// bulks, claims.go for claims, and blocks.go for blocks.
package queue
