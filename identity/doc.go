// Package identity verifies the tokens with which a publication's server says who a reader is: short JSON Web
// Tokens (RFC 7519) in compact form, signed with HS256, RS256, ES256 or EdDSA.
//
// What lives here: reading keys (a secret, PEM, JWK sets), verifying signatures, and checking claims. It is
// pure: no storage, no network, no clock of its own.
//
// What must not: which site has which keys, and what follows from an identity (package moderation/readers).
//
// Start reading in verify.go.
package identity
