// Package keyconsole serves the administration of server keys: the pages of the console and the API. Package
// session authenticates keys; handlers/routes.go has the scopes of routes.
package keyconsole
