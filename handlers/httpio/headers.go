package httpio

import "net/http"

// HeaderFormToken carries the signed time at which a thread was read, for the form below it.
const HeaderFormToken = "X-Form-Token"

// HeaderIdentity carries the token of a signed-in reader.
const HeaderIdentity = "X-Rejoinder-Identity"

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

// NotModified responds with 304 and returns true if the client has the representation with that ETag. The
// client keeps most headers of the earlier response, so a 304 repeats only what caches need (RFC 9110, section
// 15.4.5). Call it before setting others, such as Content-Type.
func NotModified(w http.ResponseWriter, r *http.Request, tag string) bool {
	fields := r.Header["If-None-Match"]
	if fields == nil || !MatchesETag(fields, tag) {
		return false
	}
	header := w.Header()
	delete(header, "X-Content-Type-Options")
	delete(header, "Referrer-Policy")
	delete(header, "Content-Security-Policy")
	delete(header, "Cross-Origin-Opener-Policy")
	w.WriteHeader(http.StatusNotModified)
	return true
}

// SetSecureHeaders sets the security headers of every response. Pages replace the Content-Security-Policy.
func SetSecureHeaders(h http.Header) {
	h["X-Content-Type-Options"] = noSniff
	h["Referrer-Policy"] = referrerPolicy
	h["Content-Security-Policy"] = contentPolicy
	h["Cross-Origin-Opener-Policy"] = openerPolicy
}
