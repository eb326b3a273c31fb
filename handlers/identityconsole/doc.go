// Package identityconsole serves the console's page about the signed-in readers of a site: whether they can
// or must be signed in, the keys with which the publication's server signs their tokens, and a check of one
// token.
//
// How tokens are verified is in package moderation/readers. Start reading in pages.go.
package identityconsole
