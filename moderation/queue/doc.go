// Package queue holds the moderators' use-cases: listing and searching comments, claiming them, deciding on
// one or many, undoing that, blocks, notes, staff replies, and the decision log.
//
// What lives here: Queue and DecisionLog, their request and result types, and the storage interfaces they
// need.
//
// What must not: the entities, errors and rules that other use-cases share (package moderation, which never
// imports this one), statistics (package stats), rulesets (package rulebook), SQL and HTTP.
//
// Start reading in queue.go: Store is what storage provides, Decide is the path of one decision. Then bulk.go
// for many at once, claims.go for who holds what, and blocks.go.
package queue
