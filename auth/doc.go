// Package auth knows who a moderator is: passwords, second factors, sign-in, sessions, tokens, and the
// administration of accounts.
//
// What lives here: the rules for passwords and their argon2id hashes, the delay that slows guessing down, the
// Ed25519 keys that sign access tokens and their rotation, and the Service that ties them to a Store.
//
// What must not: HTTP (cookies and headers are package handlers'), SQL (package db implements Store), and
// what a moderator may decide about a comment (package moderation). Nothing of ours is imported.
//
// Start reading in service.go: Login and Refresh are the two ways into a Session, Authenticate is the way
// back from an access token to an Identity. Then throttle.go (why guessing in parallel gains nothing),
// refresh.go (why a stolen refresh token gives itself away), standing.go (why what is taken away stops at
// once), accounts.go and links.go (what admins do) and keyring.go (how keys are made, shared and retired).
package auth
