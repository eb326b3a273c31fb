// Package hookconsole serves the pages and API endpoints about a site's webhooks: their settings and the log
// of their deliveries. What is sent, and when, belongs to notify/webhook. Start with hookconsole.go.
package hookconsole
