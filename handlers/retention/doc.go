// Package retention serves the console's page and the API endpoint about a site's retention: what is deleted once
// it is old, what that would delete now, and what it has deleted.
//
// Deleting is the work of moderation.Retention.
package retention
