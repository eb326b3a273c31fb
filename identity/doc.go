// Package identity verifies the tokens with which a publication's server says who a reader is: short JSON Web
// Tokens (RFC 7519) in compact form, signed with HS256, RS256, ES256 or EdDSA.
//
// It reads keys (a secret, PEM, JWK sets), verifies signatures and checks claims. It has no storage, network
// or clock. Which site has which keys, and what an identity permits, belongs to package moderation/readers.
//
// Start reading in verify.go.
package identity
