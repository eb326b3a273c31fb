package httpio

import (
	"context"
	"net/http"
	"strconv"

	"rejoinder/auth"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// Kind is a row of the table of problems: the error, its status and what the client is told.
type Kind struct {
	Err    error
	status int
	Code   string // last part of the problem's type
	Title  string
	Detail string
}

// Kinds is the table of problems. The first row whose error matches counts; an error without a row is an
// internal one, so its text cannot leak. handlers/locale has the texts for readers in all languages.
var Kinds = []Kind{
	{ErrNoRoute, http.StatusNotFound, "no-such-address", "URL not found",
		"There is nothing at this URL."},
	{ErrNoMethod, http.StatusMethodNotAllowed, "method-not-allowed", "Method not allowed",
		"This URL does not support that method."},
	kindMalformed,
	{ErrTooLarge, http.StatusRequestEntityTooLarge, "too-large", "Request too large",
		"The request is larger than this URL accepts."},
	{ErrReadTimeout, http.StatusRequestTimeout, "too-slow", "Request too slow",
		"The request did not arrive in time. Nothing was stored; please send it again."},
	{errMediaType, http.StatusUnsupportedMediaType, "media-type", "Unsupported media type",
		"Send application/json here."},
	{errEncoded, http.StatusUnsupportedMediaType, "media-type", "Unsupported media type",
		"Send the body without a Content-Encoding."},
	{errCharset, http.StatusUnsupportedMediaType, "media-type", "Unsupported media type",
		"Send the body in UTF-8, without another charset in its Content-Type."},
	{ErrTooManyFields, http.StatusRequestEntityTooLarge, "too-large", "Request too large",
		"A form has at most 1000 fields."},
	{ErrFormType, http.StatusUnsupportedMediaType, "media-type", "Unsupported media type",
		"Send a form as application/x-www-form-urlencoded or multipart/form-data. Nothing was saved; go " +
			"back to find what you typed."},
	{ErrCrossOrigin, http.StatusForbidden, "cross-origin", "Cross-origin request refused",
		"This came from another website. It can only be done on our own pages."},
	{ErrNotSignedIn, http.StatusUnauthorized, "sign-in", "Please sign in",
		"This requires a moderator's access token. None was sent, or it is no longer valid."},
	{ErrRole, http.StatusForbidden, "role", "Not allowed",
		"Your role does not allow this."},
	{ErrNoKeys, http.StatusForbidden, "key-refused", "Not for server keys",
		"Only people who sign in can do this. No scope allows it to a server key."},
	{auth.ErrKeyRevoked, http.StatusUnauthorized, "key-revoked", "Server key revoked",
		"This server key was revoked. Ask an admin for another one."},
	{auth.ErrKeyExpired, http.StatusUnauthorized, "key-expired", "Server key expired",
		"This server key has expired. Ask an admin for another one."},
	{auth.ErrKeyRejected, http.StatusUnauthorized, "key-unknown", "Unknown server key",
		"No server key has this secret. Perhaps it was cut short, or was replaced by a rotation."},
	{auth.ErrKeyInactive, http.StatusConflict, "key-inactive", "Server key ended",
		"This server key was revoked or has expired. Add a new one."},
	{auth.ErrUnknownKey, http.StatusNotFound, "not-found", "Not found",
		"It does not exist, or you may not see it."},
	{auth.ErrBadCredentials, http.StatusUnauthorized, "bad-credentials", "Sign-in failed",
		"Email or password is wrong."},
	{auth.ErrPasswordsOff, http.StatusForbidden, "passwords-off", "Sign in with your identity provider",
		"This account does not sign in with a password here. Use your identity provider."},
	{auth.ErrProviderRemoved, http.StatusForbidden, "provider-removed", "Your identity provider is no longer used",
		"This account is linked to an identity provider that is no longer configured. Ask an admin to unlink it."},
	{auth.ErrPasswordChangeRequired, http.StatusForbidden, "password-change-required", "Change your password first",
		"Somebody else set your password. Change it before you do anything else."},
	{auth.ErrSecondFactorRequired, http.StatusForbidden, "second-factor-required", "Set up a second factor first",
		"This server requires a second factor. Set one up before you do anything else."},
	{auth.ErrWrongPassword, http.StatusUnprocessableEntity, "wrong-password", "Wrong password",
		"This is not your current password."},
	{auth.ErrWrongCode, http.StatusUnprocessableEntity, "wrong-code", "Wrong code",
		"The code is wrong, too old, or was used before. Wait for the next one, or use a recovery code."},
	{auth.ErrSecondFactorOn, http.StatusConflict, "second-factor-on", "Second factor is on",
		"The second factor is on already. Turn it off to set up another one."},
	{auth.ErrSecondFactorOff, http.StatusConflict, "second-factor-off", "Second factor is off",
		"No second factor is set up, and no set-up was started."},
	{auth.ErrNotLinked, http.StatusConflict, "not-linked", "Account is not linked",
		"The account is not linked to an identity provider."},
	{auth.ErrLink, http.StatusNotFound, "link", "This link is not valid",
		"The link was used or revoked, or it is older than seven days. Ask for a new one."},
	{auth.ErrLastAdmin, http.StatusConflict, "last-admin", "The last admin",
		"This is the last admin. Make somebody else an admin first."},
	{auth.ErrDisabled, http.StatusConflict, "disabled", "Account is disabled",
		"This moderator is disabled. Enable the account first."},
	{auth.ErrModeratorExists, http.StatusConflict, "exists", "Already exists",
		"A moderator with that email exists already."},
	{auth.ErrEmailTaken, http.StatusConflict, "exists", "Already exists",
		"This email has an account for other sites, or an invitation to them. Ask an admin of all sites to " +
			"give that account access here."},
	{auth.ErrUnknownModerator, http.StatusNotFound, "not-found", "Not found",
		"It does not exist, or you may not see it."},
	{auth.ErrUnknownSession, http.StatusNotFound, "not-found", "Not found",
		"It does not exist, or you may not see it."},
	{auth.ErrSiteScope, http.StatusForbidden, "role", "Not allowed",
		"This would affect sites that you do not administer."},
	{auth.ErrTokenReused, http.StatusUnauthorized, "session-over", "Session ended",
		"This session was ended. Please sign in again."},
	{auth.ErrTokenInvalid, http.StatusUnauthorized, "sign-in", "Please sign in",
		"This requires a moderator's access token. None was sent, or it is no longer valid."},
	{moderation.ErrSiteUnknown, http.StatusNotFound, "site-unknown", "No such site",
		"There is no site with that name."},
	{moderation.ErrArticleUnknown, http.StatusNotFound, "article-unknown", "No such article",
		"This article is not registered, and this page may not register it."},
	{moderation.ErrNotFound, http.StatusNotFound, "not-found", "Not found",
		"It does not exist, or you may not see it."},
	{moderation.ErrExists, http.StatusConflict, "exists", "Already exists",
		"Something with that name exists already."},
	{moderation.ErrClaimed, http.StatusConflict, "claimed", "Claimed by somebody else",
		"Another moderator has claimed this comment."},
	{queue.ErrTabClosed, http.StatusConflict, "page-left", "Page closed",
		"The page that sent this request was closed before it arrived. Nothing was claimed."},
	{moderation.ErrVersion, http.StatusConflict, "stale-version", "Comment has changed",
		"This comment has changed since you loaded it. Look at it again, then decide."},
	{moderation.ErrSettings, http.StatusConflict, "stale-settings", "Settings have changed",
		"Somebody changed these settings since you loaded them. Look at them again, then save."},
	{queue.ErrMoreMatch, http.StatusConflict, "more-match", "More comments match",
		"More comments match than you saw. Nothing was decided; look at them first."},
	{queue.ErrUndo, http.StatusConflict, "undo", "Can't be undone",
		"You can undo a decision of yours for ten minutes, as long as the comment's text is still there."},
	{moderation.ErrTransition, http.StatusConflict, "transition", "Nothing to change",
		"The comment's status does not allow that action."},
	{moderation.ErrNotActive, http.StatusConflict, "not-active", "Not the active version",
		"Only the active version may decide comments. Activate it first, or request a preview."},
	{moderation.ErrCompiling, http.StatusTooManyRequests, "compiling", "One ruleset at a time",
		"Your last check, trial, backtest or save is still running. Wait until it has finished, then try " +
			"again."},
	{moderation.ErrReceipt, http.StatusUnauthorized, "receipt", "This link is not complete or no longer valid",
		"Open it again from where you saved it, and make sure that all of it is there."},
	{moderation.ErrIdentityRequired, http.StatusForbidden, "identity-required", "Sign in to comment",
		"Only readers who are signed in on this site can comment here."},
	{moderation.ErrIdentityOff, http.StatusConflict, "identity-off", "Sign-in not available here",
		"This site does not accept signed-in readers. Give your name and email instead."},
	{moderation.ErrEditClosed, http.StatusConflict, "edit-closed", "Too late to edit",
		"The time for changing this comment is over, or a moderator has declined it."},
	{moderation.ErrVotesOff, http.StatusConflict, "votes-off", "No votes here",
		"Readers do not vote on this site."},
	{moderation.ErrReportsOff, http.StatusConflict, "reports-off", "No reports here",
		"This site takes no reports from readers."},
	{moderation.ErrOwnComment, http.StatusConflict, "own-comment", "Your own comment",
		"You cannot vote on your own comment."},
	{moderation.ErrNoAppeal, http.StatusConflict, "no-appeal", "No appeal possible",
		"Only a comment that was declined can be appealed, and only once."},
	{moderation.ErrAnotherModerator, http.StatusConflict, "another-moderator", "Somebody else should decide",
		"The commenter appeals against your own decision, so another moderator has to decide on it."},
	{moderation.ErrAliasTaken, http.StatusConflict, "alias-taken", "Key has its own thread",
		"This key belongs to an article with comments, so it cannot become an alias."},
	{moderation.ErrIdempotencyMismatch, http.StatusUnprocessableEntity, "idempotency-mismatch", "Idempotency-Key reused",
		"This Idempotency-Key was used before with other content. Use a new key for a new comment."},
	{moderation.ErrCursor, http.StatusBadRequest, "cursor", "Invalid cursor",
		"This cursor does not belong to this list. Start again without one."},
	{moderation.ErrForbidden, http.StatusForbidden, "role", "Not allowed",
		"Your role does not allow this."},
	{moderation.ErrStorageFull, http.StatusServiceUnavailable, "storage-full", "Storage full",
		"The server has no space left. Please keep what you wrote, and try again later."},
	{moderation.ErrReadOnly, http.StatusServiceUnavailable, "read-only", "Server is read-only",
		"The server cannot store anything at the moment. Please keep what you wrote, and try again later."},
	{ErrNotReady, http.StatusServiceUnavailable, "not-ready", "Not ready",
		"The database does not respond."},
	{moderation.ErrBusy, http.StatusServiceUnavailable, "busy", "Busy",
		"The server is busy. Nothing was lost; please try again in a moment."},
	{context.DeadlineExceeded, http.StatusServiceUnavailable, "busy", "Busy",
		"The server is busy. Nothing was lost; please try again in a moment."},
}

// Kinds outside the table: their errors carry details, except for KindInternal, which is for all other
// errors.
var (
	KindInvalid = Kind{nil, http.StatusUnprocessableEntity, "invalid", "Please check what you entered",
		"Some fields need your attention."}
	kindOrigin = Kind{nil, http.StatusForbidden, "origin-unknown", "Origin not allowed",
		"%s is not an origin of site %s. Add it under Administration → Sites."}
	kindKeyScope = Kind{nil, http.StatusForbidden, "key-scope", "Scope missing",
		"This server key needs the scope %s here."}
	KindRuleset = Kind{nil, http.StatusUnprocessableEntity, "ruleset-invalid", "The ruleset has errors",
		"Nothing was saved; the active ruleset stays active."}
	kindTooMany = Kind{nil, http.StatusTooManyRequests, "too-many", "Too many requests",
		"Too many requests came from your address. Please wait a little, then try again."}
	kindNudge = Kind{nil, http.StatusConflict, "nudge", "Ask the author first",
		"Comments like this one are usually held for a moderator. Nothing was stored. To send it as it is, leave out nudge."}
	kindMistypedEmail = Kind{nil, http.StatusConflict, "mistyped-email", "Ask the author first",
		"The email address looks mistyped. Nothing was stored."}
	kindIdentity = Kind{nil, http.StatusUnauthorized, "identity", "Sign-in refused",
		"Your sign-in could not be verified. Nothing was lost; sign in again."}
	kindIdentityExpired = Kind{nil, http.StatusUnauthorized, "identity-expired", "Your session has expired",
		"Your session has expired. Nothing was lost; sign in again."}
	kindMalformed = Kind{ErrMalformed, http.StatusBadRequest, "malformed", "Malformed request",
		"The request could not be read."}
	KindInternal = Kind{nil, http.StatusInternalServerError, "internal", "Internal error",
		"Something went wrong on our side. Please try again."}
)

// ProblemPrefix followed by a code is the type of a problem.
const ProblemPrefix = "urn:rejoinder:problem:"

// Problem returns the problem without the details of an error.
func (k Kind) Problem(requestID string) Problem {
	return Problem{
		Type: ProblemPrefix + k.Code, Title: k.Title, Status: k.status, Detail: k.Detail,
		Instance: "urn:uuid:" + requestID,
	}
}

// ProblemTypes returns all types of problems with their statuses, for the test of openapi.yaml.
func ProblemTypes() map[string]string {
	all := map[string]string{}
	others := []Kind{KindInvalid, kindOrigin, KindRuleset, kindTooMany, kindNudge, kindMistypedEmail,
		kindKeyScope, kindIdentity, kindIdentityExpired, KindInternal}
	for _, k := range append(others, Kinds...) {
		p := k.Problem("")
		all[p.Type] = strconv.Itoa(p.Status)
	}
	return all
}
