// Package webhook sends events to URLs that admins of a site choose: to programs, with Standard Webhooks
// signatures, and to chat rooms, as messages with links to the console.
//
// The transaction of a change leaves an event in the outbox. Planner turns it into deliveries, one for each
// webhook that wants it. Worker claims those that are due, Composer writes the payload from the current data
// or drops what is no longer true, and Sender signs and sends it. Hooks are the use cases of admins.
//
// A delivery is a message of the outbox (package notify) of the channel "webhook". Like mails, it holds IDs
// only; requests and responses are kept sealed for a week. Package outbound decides which addresses may be
// reached.
//
// To add an event, add its type (webhook.go), the condition under which it happens (planner.go, and the code
// in db that stores it unless it is a decision), its payload (payload.go), its texts (describe.go and
// handlers/hookconsole), and the schema and table in docs.
//
// Start with webhook.go, then planner.go, payload.go, sender.go and worker.go. Storage is in db/webhooks*.go;
// the payloads are described in docs/webhooks.md and docs/webhooks.schema.json.
package webhook
