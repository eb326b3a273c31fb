// Package oidc signs moderators in with an identity provider, by OpenID Connect: the authorization code flow
// with PKCE, state and nonce.
//
// What lives here: the operator's configuration file, the requests to providers, the verification of what
// they return, and the mapping of their groups to a role and sites.
//
// What must not: accounts and sessions (package auth), HTTP handlers (package handlers/sso), SQL.
//
// Start reading in config.go, then flow.go (a sign-in) and recheck.go (a session asks the provider again).
package oidc
