// Package webhook sends events to addresses that admins of a site choose: to programs, with Standard Webhooks
// signatures, and to chat rooms, as messages with links to the console.
//
// The transaction of a change leaves an event in the outbox. Planner turns it into deliveries, one for each
// webhook that wants it. Worker claims those that are due, Composer writes the payload from the current data
// or drops what is no longer true, and Sender signs and sends it. Hooks are the use cases of admins.
//
// A delivery is a message of the outbox (package notify) of the channel "webhook". Like mails, it holds IDs
// only; requests and responses are kept sealed for a week. Which addresses may be reached is up to package
// outbound.
//
// To add an event, add its type (webhook.go), when it happens (planner.go, and its change in db if it is no
// decision), its payload (payload.go), its words (describe.go and handlers/hookconsole), and the schema and
// table in docs.
//
// Start with webhook.go, then planner.go, payload.go, sender.go and worker.go. Storage is in db/webhooks*.go;
// the payloads are described in docs/webhooks.md and docs/webhooks.schema.json.
package webhook
