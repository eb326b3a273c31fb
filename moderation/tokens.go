package moderation

import (
	"strconv"
	"strings"
	"time"

	"rejoinder/privacy"
)

// Purposes keep one kind of token from passing as another.
const (
	purposeReceipt     = "receipt"
	purposeBrowser     = "browser"
	purposeForm        = "form"
	purposeIdempotency = "idempotency"
)

// Receipt returns the secret that lets the author of a comment view, edit and withdraw it. It is derived from
// the comment's ID and the keys: repeated requests return the same receipt, and none is stored.
func Receipt(keys *privacy.Keyring, commentID string) string {
	return keys.Token(purposeReceipt, commentID)
}

func validReceipt(keys *privacy.Keyring, commentID, receipt string) bool {
	return keys.VerifyToken(purposeReceipt, commentID, receipt)
}

// commenterToken proves that the same browser returns with the same email. It is bound to both, so that
// typing a trusted commenter's email does not confer trust.
func commenterToken(keys *privacy.Keyring, browserID, commenterID string) string {
	return browserID + "." + keys.Token(purposeBrowser, browserID+"/"+commenterID)
}

// recogniseBrowser returns the browser's ID if token was issued to it for that commenter, else empty.
func recogniseBrowser(keys *privacy.Keyring, token, commenterID string) string {
	browserID, tag, ok := strings.Cut(token, ".")
	if !ok || !ValidID(browserID) || commenterID == "" {
		return ""
	}
	if !keys.VerifyToken(purposeBrowser, browserID+"/"+commenterID, tag) {
		return ""
	}
	return browserID
}

// FormToken returns the signed creation time of a form for the site.
func FormToken(keys *privacy.Keyring, siteID string, made time.Time) string {
	stamp := strconv.FormatInt(made.UnixMilli(), 36)
	return stamp + "." + keys.Token(purposeForm, siteID+"/"+stamp)
}

// formMade returns when the form with that token was created; false for a token that we did not issue.
func formMade(keys *privacy.Keyring, siteID, token string) (time.Time, bool) {
	stamp, tag, ok := strings.Cut(token, ".")
	if !ok || !keys.VerifyToken(purposeForm, siteID+"/"+stamp, tag) {
		return time.Time{}, false
	}
	ms, err := strconv.ParseInt(stamp, 36, 64)
	if err != nil {
		return time.Time{}, false
	}
	return time.UnixMilli(ms), true
}
