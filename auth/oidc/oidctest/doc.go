// Package oidctest runs an identity provider for tests: the server of github.com/zitadel/oidc with its
// storage in memory, and users with groups.
package oidctest
