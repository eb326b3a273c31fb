package moderation

import (
	"strconv"
	"strings"
	"time"

	"rejoinder/privacy"
)

// The purposes keep one kind of token from passing as another.
const (
	purposeReceipt     = "receipt"
	purposeBrowser     = "browser"
	purposeForm        = "form"
	purposeIdempotency = "idempotency"
)

// Receipt returns the secret by which the writer of a comment sees, edits and withdraws it. It is derived
// from the comment's id and the keys, so a repeated request gets the same one and none is stored.
func Receipt(keys *privacy.Keyring, commentID string) string {
	return keys.Token(purposeReceipt, commentID)
}

func validReceipt(keys *privacy.Keyring, commentID, receipt string) bool {
	return keys.VerifyToken(purposeReceipt, commentID, receipt)
}

// commenterToken proves that the same browser comes back under the same email. Binding it to both is what
// keeps a stranger who types a trusted commenter's email from earning that trust.
func commenterToken(keys *privacy.Keyring, browserID, commenterID string) string {
	return browserID + "." + keys.Token(purposeBrowser, browserID+"/"+commenterID)
}

// recogniseBrowser returns the browser's id when token was handed out to it for that commenter, else "".
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

// FormToken returns the signed moment at which a form for the site was made.
func FormToken(keys *privacy.Keyring, siteID string, made time.Time) string {
	stamp := strconv.FormatInt(made.UnixMilli(), 36)
	return stamp + "." + keys.Token(purposeForm, siteID+"/"+stamp)
}

// formMade returns when the form with that token was made; false for a token that is not ours.
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
