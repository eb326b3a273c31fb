// Package notify tells people what happened: readers, that their comment was published, declined or answered;
// moderators, that comments wait or that their account changed.
//
// A transaction that changes something leaves an Event (or, about an account, a Message) in the outbox. A Worker
// runs on every node: its Planner turns events into messages, one for each recipient, and its Composer writes the
// mail when a message's turn comes, or drops the message if it is no longer true. Package mail sends it.
//
// Messages hold ids, never addresses or texts. Links in mails are signed (links.go); Readers and Moderators are
// the use cases behind them.
//
// Start with message.go, then worker.go, plan.go and compose.go. Storage is in db/outbox*.go.
package notify
