// Package privacy keeps what must stay secret about commenters: it seals email
// addresses, turns emails and network addresses into keyed indexes that can be
// looked up but not reversed, shortens addresses, and makes the small keyed
// tokens (receipts, browser tokens, form tokens) that need no storage.
//
// What lives here: the key file and its life (create, load, rotate), and the
// four keyed operations on top of it. What must not: anything that knows about
// comments, storage or HTTP, and any logging: this package never prints, and a
// Keyring prints as "privacy.Keyring(redacted)".
//
// The cryptography is Tink's (AES-256-GCM, HMAC-SHA256 as a PRF); this package
// only decides which key serves which purpose and what is bound to what.
//
// Start reading at keyring.go, then seal.go, index.go and token.go; file.go
// holds the format on disk.
package privacy
