package httpio

import "net/http"

// HeaderFormToken carries the signed time at which a thread was read, for the form below it.
const HeaderFormToken = "X-Form-Token"

// Headers of the fragment that shows authors their own comment. The widget stores them.
const (
	HeaderOwnComment = "X-Rejoinder-Comment"
	HeaderOwnReceipt = "X-Rejoinder-Receipt"
	HeaderOwnToken   = "X-Rejoinder-Token"
)

// Constant header values, shared by all responses to avoid allocations. Sharing is safe: the methods of
// http.Header replace or copy the slice.
var (
	noSniff        = []string{"nosniff"}
	referrerPolicy = []string{"strict-origin-when-cross-origin"}
	contentPolicy  = []string{"default-src 'none'; frame-ancestors 'none'"}
	openerPolicy   = []string{"same-origin"}
)

// SecureHeaders are the names of the headers that SetSecureHeaders sets.
var SecureHeaders = []string{
	"X-Content-Type-Options",
	"Referrer-Policy",
	"Content-Security-Policy",
	"Cross-Origin-Opener-Policy",
}

// SetSecureHeaders sets the security headers of every response. Pages replace the Content-Security-Policy.
func SetSecureHeaders(h http.Header) {
	h["X-Content-Type-Options"] = noSniff
	h["Referrer-Policy"] = referrerPolicy
	h["Content-Security-Policy"] = contentPolicy
	h["Cross-Origin-Opener-Policy"] = openerPolicy
}
