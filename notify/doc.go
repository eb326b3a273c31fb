// Package notify sends notifications: to readers when their comment is published, declined or answered; to
// moderators when comments are waiting or their account changes.
//
// A transaction with a change to report stores an Event (or, about an account, a Message) in the outbox. A
// Worker runs on every node: its Planner turns events into messages, one for each recipient, and its Composer
// writes the mail when a message is due, or drops the message if it is no longer true. Package mail sends it.
//
// Messages hold ids, never addresses or texts. Links in mails are signed (links.go); Readers and Moderators
// are the use cases behind them.
//
// Start with message.go, then worker.go, plan.go and compose.go. Storage is in db/outbox*.go.
package notify
