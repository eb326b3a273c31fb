// Package keyconsole serves the administration of server keys: the pages of the console and the API. Guards that
// let keys in are in package session, and the scopes of routes in handlers/routes.go.
package keyconsole
