package httpio

import "net/http"

// HeaderFormToken carries the signed time at which a thread was read, for the form below it.
const HeaderFormToken = "X-Form-Token"

// What a script gets with the part of a page that shows a comment to its writer.
const (
	HeaderOwnComment = "X-Rejoinder-Comment"
	HeaderOwnReceipt = "X-Rejoinder-Receipt"
	HeaderOwnToken   = "X-Rejoinder-Token"
)

// Header values that never change. Responses share them, which saves making them each time; http.Header's
// methods replace a value or copy it, so sharing is safe.
var (
	noSniff        = []string{"nosniff"}
	referrerPolicy = []string{"strict-origin-when-cross-origin"}
	contentPolicy  = []string{"default-src 'none'; frame-ancestors 'none'"}
	openerPolicy   = []string{"same-origin"}
)

// SecureHeaders are those that setSecureHeaders sets.
var SecureHeaders = []string{
	"X-Content-Type-Options",
	"Referrer-Policy",
	"Content-Security-Policy",
	"Cross-Origin-Opener-Policy",
}

// SetSecureHeaders sets the headers that are right for every response. Pages replace the
// Content-Security-Policy.
func SetSecureHeaders(h http.Header) {
	h["X-Content-Type-Options"] = noSniff
	h["Referrer-Policy"] = referrerPolicy
	h["Content-Security-Policy"] = contentPolicy
	h["Cross-Origin-Opener-Policy"] = openerPolicy
}
