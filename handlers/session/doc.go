// Package session knows who a moderator's request comes from: access tokens of the API, cookies of the
// console, and the client that signs in.
package session
