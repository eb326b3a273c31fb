// Package privacy protects personal data. It seals (encrypts) emails, computes keyed indexes of emails and
// network addresses that can be looked up but not reversed, shortens addresses, and derives keyed tokens
// (receipts, browser tokens, form tokens) that need no storage.
//
// The package contains the key file with its life cycle (create, load, rotate) and these four operations. It
// knows nothing about comments, storage or HTTP, and never logs; a Keyring prints as
// "privacy.Keyring(redacted)".
//
// The cryptography is Tink's (AES-256-GCM, HMAC-SHA256 as a PRF). This package decides which key serves which
// purpose and what context a value is bound to.
//
// Start reading at keyring.go, then seal.go, index.go and token.go; file.go defines the file format.
package privacy
