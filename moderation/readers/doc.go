// Package readers identifies readers whom a publication signs in itself.
//
// What lives here: the keys of sites, verifying the tokens that a publication's server signs with them, and
// what a token lets a reader do: comment under their name, and view, edit and withdraw their own comments in
// any browser.
//
// What must not: the format of tokens and keys (package identity), the safety of requests for key sets
// (package outbound), and the judging of submissions (package moderation, whose interface Readers this
// implements).
//
// Start reading in identify.go.
package readers
