// Package auth authenticates moderators: passwords, second factors, sign-in, sessions and tokens. It also
// administers their accounts.
//
// What lives here: password rules and argon2id hashes, throttling of sign-in attempts, the Ed25519 keys that
// sign access tokens and their rotation, and the Service that connects them to a Store, with Federation for
// identity providers and SecondFactors.
//
// What must not: HTTP (package handlers), SQL (package db implements Store), and a moderator's permissions on
// comments (package moderation). It imports no other package of this module.
//
// Start reading in service.go: Login and Refresh return a Session, and Authenticate turns an access token
// into an Identity. Then throttle.go (parallel guessing), refresh.go (detection of stolen refresh tokens),
// principalcache.go (immediate revocation), accounts.go and links.go (administration), keyring.go
// (creation, sharing and retirement of keys), secondfactor.go, and federation.go (sign-in with identity providers).
package auth
