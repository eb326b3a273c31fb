// Package auth authenticates moderators: passwords, second factors, sign-in, sessions and tokens. It also
// administers their accounts.
//
// What lives here: the rules for passwords and their argon2id hashes, throttling of sign-in attempts, the
// Ed25519 keys that sign access tokens and their rotation, and the Service that connects them to a Store.
//
// What must not: HTTP (package handlers), SQL (package db implements Store), and what a moderator may decide
// about a comment (package moderation). It imports no package of ours.
//
// Start reading in service.go: Login and Refresh return a Session, Authenticate turns an access token into an
// Identity. Then throttle.go (concurrent guessing gains nothing), refresh.go (a stolen refresh token reveals
// itself), principalcache.go (revocation takes effect at once), accounts.go and links.go (administration) and
// keyring.go (how keys are made, shared and retired).
package auth
