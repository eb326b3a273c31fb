// Package sso serves the pages for signing in with an identity provider, linking an account to one, and the
// endpoint for back-channel logout. Package auth/oidc knows the protocol; the sign-in page itself is in
// package console.
package sso
