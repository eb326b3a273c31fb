// Package batch executes calls that arrive at the same time together: one transaction or one query instead of
// many (group commit).
//
// What lives here: the Batcher, its queue and its workers.
//
// What must not: anything about databases or comments. Package db says how a batch is executed.
//
// Start reading in batch.go: Do queues a call, work executes one batch after the other, and Run is one batch.
package batch
