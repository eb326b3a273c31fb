package handlers

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/moderation"
	"rejoinder/moderation/rules"
)

// Errors of HTTP itself.
var (
	errNoRoute     = errors.New("no such route")
	errNoMethod    = errors.New("no such method here")
	errSignIn      = errors.New("signed out")
	errRole        = errors.New("role not sufficient")
	errMalformed   = errors.New("request is malformed")
	errTooLarge    = errors.New("request is too large")
	errManyFields  = errors.New("form has too many fields")
	errTooSlow     = errors.New("request did not arrive in time")
	errMediaType   = errors.New("media type not understood")
	errFormType    = errors.New("media type of a form not understood")
	errEncoded     = fmt.Errorf("content encoding: %w", errFormType)
	errCharset     = fmt.Errorf("charset: %w", errFormType)
	errCrossOrigin = errors.New("cross-origin request refused")
	errNotReady    = errors.New("not ready")
)

// kind is one row of the table: which error, which status, and what the client is told.
type kind struct {
	err    error
	status int
	code   string // last part of the problem's type
	title  string
	detail string
}

// kinds is the only place where clients' texts for errors stand. An error that is not here is an internal
// one, so nothing can leak. The first row that fits counts.
var kinds = []kind{
	{errNoRoute, http.StatusNotFound, "no-such-address", "No such address", "There is nothing at this address."},
	{errNoMethod, http.StatusMethodNotAllowed, "method-not-allowed", "Method not allowed", "This address does not take that method."},
	kindMalformed,
	{errTooLarge, http.StatusRequestEntityTooLarge, "too-large", "Request too large", "The request has more bytes than this address takes."},
	{errTooSlow, http.StatusRequestTimeout, "too-slow", "Request too slow", "The request did not arrive in time. Nothing was stored; please send it again."},
	{errMediaType, http.StatusUnsupportedMediaType, "media-type", "Media type not understood", "Send application/json here."},
	{errEncoded, http.StatusUnsupportedMediaType, "media-type", "Media type not understood", "Send the body as it is, without a Content-Encoding."},
	{errCharset, http.StatusUnsupportedMediaType, "media-type", "Media type not understood", "Send the body in UTF-8, and no other charset in its Content-Type."},
	{errManyFields, http.StatusRequestEntityTooLarge, "too-large", "Request too large", "A form has at most 1000 fields."},
	{errFormType, http.StatusUnsupportedMediaType, "media-type", "Media type not understood", "A form is sent as application/x-www-form-urlencoded or multipart/form-data. Nothing was saved; go back to find what you typed."},
	{errCrossOrigin, http.StatusForbidden, "cross-origin", "Cross-origin request refused", "This came from another website. It can only be done on our own pages."},
	{errSignIn, http.StatusUnauthorized, "sign-in", "Please sign in", "This needs a moderator's access token, and there was none or it is not valid any more."},
	{errRole, http.StatusForbidden, "role", "Not allowed", "Your role does not allow this."},
	{auth.ErrBadCredentials, http.StatusUnauthorized, "bad-credentials", "Sign-in failed", "Email or password is wrong."},
	{auth.ErrPasswordChange, http.StatusForbidden, "password-change-required", "Change your password first", "Somebody else made your password. Change it; nothing else is possible before."},
	{auth.ErrSecondFactorDuty, http.StatusForbidden, "second-factor-required", "Set up a second factor first", "Everybody here signs in with a second factor. Set one up; nothing else is possible before."},
	{auth.ErrWrongPassword, http.StatusUnprocessableEntity, "wrong-password", "Wrong password", "This is not your current password."},
	{auth.ErrWrongCode, http.StatusUnprocessableEntity, "wrong-code", "Wrong code", "The code is wrong, too old, or was used before. Wait for the next one, or use a recovery code."},
	{auth.ErrSecondFactorOn, http.StatusConflict, "second-factor-on", "Second factor is on", "The second factor is on already. Turn it off to set up another one."},
	{auth.ErrSecondFactorOff, http.StatusConflict, "second-factor-off", "Second factor is off", "There is no second factor, or none that was begun."},
	{auth.ErrLink, http.StatusNotFound, "link", "This link is not valid", "The link was used or revoked, or it is older than seven days. Ask for a new one."},
	{auth.ErrLastAdmin, http.StatusConflict, "last-admin", "The last admin", "Nobody else could administer then. Make somebody else an admin first."},
	{auth.ErrDisabled, http.StatusConflict, "disabled", "Account is disabled", "This moderator is disabled. Enable the account first."},
	{auth.ErrModeratorExists, http.StatusConflict, "exists", "Already there", "There is a moderator with that email."},
	{auth.ErrEmailTaken, http.StatusConflict, "exists", "Already there", "This email has an account for other sites, or an invitation to them. Ask an admin of every site to let that account work here, too."},
	{auth.ErrUnknownModerator, http.StatusNotFound, "not-found", "Not found", "There is no such thing, or you may not see it."},
	{auth.ErrUnknownSession, http.StatusNotFound, "not-found", "Not found", "There is no such thing, or you may not see it."},
	{auth.ErrMayNot, http.StatusForbidden, "role", "Not allowed", "You administer certain sites; this would reach beyond them."},
	{auth.ErrTokenReused, http.StatusUnauthorized, "session-over", "Session is over", "This session was ended. Please sign in again."},
	{auth.ErrTokenInvalid, http.StatusUnauthorized, "sign-in", "Please sign in", "This needs a moderator's access token, and there was none or it is not valid any more."},
	{moderation.ErrSiteUnknown, http.StatusNotFound, "site-unknown", "No such site", "There is no site with that name."},
	{moderation.ErrArticleUnknown, http.StatusNotFound, "article-unknown", "No such article", "This article is not registered, and this page may not register it."},
	{moderation.ErrNotFound, http.StatusNotFound, "not-found", "Not found", "There is no such thing, or you may not see it."},
	{moderation.ErrExists, http.StatusConflict, "exists", "Already there", "Something with that name exists already."},
	{moderation.ErrClaimed, http.StatusConflict, "claimed", "Somebody else is at it", "Another moderator is looking at this comment."},
	{moderation.ErrTabLeft, http.StatusConflict, "page-left", "Page was left", "The page that asked for this was left before the request arrived. Nothing was claimed."},
	{moderation.ErrVersion, http.StatusConflict, "stale-version", "Changed meanwhile", "Somebody changed this comment since you saw it. Look at it again, then decide."},
	{moderation.ErrMoreMatch, http.StatusConflict, "more-match", "More comments match", "More comments match than you saw. Nothing was decided; look at them first."},
	{moderation.ErrUndo, http.StatusConflict, "undo", "Can't be undone", "You can undo a decision of yours for ten minutes, as long as the comment's text is still there."},
	{moderation.ErrTransition, http.StatusConflict, "transition", "Nothing to change", "The comment's status does not allow that action."},
	{moderation.ErrNotActive, http.StatusConflict, "not-active", "Not the active version", "Only the active version may decide. Activate it first, or ask for a preview."},
	{moderation.ErrCompiling, http.StatusTooManyRequests, "compiling", "One ruleset at a time", "Your last check, try, backtest or save is still being worked on. Wait for its answer, then try again."},
	{moderation.ErrReceipt, http.StatusUnauthorized, "receipt", "Receipt refused", "The receipt does not belong to this comment. Perhaps the link to it was cut short."},
	{moderation.ErrEditClosed, http.StatusConflict, "edit-closed", "Too late to edit", "The time for changing this comment is over, or a moderator has declined it."},
	{moderation.ErrVotesOff, http.StatusConflict, "votes-off", "No votes here", "Readers do not vote on this site."},
	{moderation.ErrReportsOff, http.StatusConflict, "reports-off", "No reports here", "This site takes no reports from readers."},
	{moderation.ErrOwnComment, http.StatusConflict, "own-comment", "Your own comment", "You cannot vote on a comment that you wrote."},
	{moderation.ErrNoAppeal, http.StatusConflict, "no-appeal", "No appeal possible", "Only a comment that was declined can be appealed, and only once."},
	{moderation.ErrAnotherModerator, http.StatusConflict, "another-moderator", "Somebody else should decide", "The commenter appeals against your own decision, so another moderator has to decide on it."},
	{moderation.ErrAliasTaken, http.StatusConflict, "alias-taken", "Key has a thread of its own", "This key belongs to an article that has comments, so it can't become an alias."},
	{moderation.ErrIdempotencyMismatch, http.StatusUnprocessableEntity, "idempotency-mismatch", "Idempotency-Key reused", "This Idempotency-Key was used before with other content. Use a new key for a new comment."},
	{moderation.ErrCursor, http.StatusBadRequest, "cursor", "Cursor not understood", "This cursor was not made by this list. Start again without one."},
	{moderation.ErrForbidden, http.StatusForbidden, "role", "Not allowed", "Your role does not allow this."},
	{moderation.ErrStorageFull, http.StatusServiceUnavailable, "storage-full", "No room left", "The server has no room left to store anything. Please keep what you wrote, and try again later."},
	{moderation.ErrReadOnly, http.StatusServiceUnavailable, "read-only", "Nothing can be stored", "The server cannot store anything at the moment. Please keep what you wrote, and try again later."},
	{errNotReady, http.StatusServiceUnavailable, "not-ready", "Not ready", "The database does not answer."},
	{moderation.ErrBusy, http.StatusServiceUnavailable, "busy", "Busy", "The server is busy. Nothing was lost; please try again in a moment."},
	{context.DeadlineExceeded, http.StatusServiceUnavailable, "busy", "Busy", "The server is busy. Nothing was lost; please try again in a moment."},
}

// The kinds that carry more than a fixed text, and the one for everything unknown.
var (
	kindInvalid   = kind{nil, http.StatusUnprocessableEntity, "invalid", "Please check what you entered", "Some fields need your attention."}
	kindOrigin    = kind{nil, http.StatusForbidden, "origin-unknown", "Origin not allowed", "%s is not an origin of site %s. Add it under Administration → Sites."}
	kindRuleset   = kind{nil, http.StatusUnprocessableEntity, "ruleset-invalid", "The ruleset has faults", "Nothing was saved; the active ruleset stays active."}
	kindTooMany   = kind{nil, http.StatusTooManyRequests, "too-many", "Too fast", "Too many requests came from your address. Please wait a little, then try again."}
	kindMalformed = kind{errMalformed, http.StatusBadRequest, "malformed", "Malformed request", "The request could not be read."}
	kindInternal  = kind{nil, http.StatusInternalServerError, "internal", "Internal error", "Something went wrong on our side. Please try again."}
)

// Problem is RFC 9457's problem details, with the faults of single fields.
type Problem struct {
	Type     string       `json:"type"`
	Title    string       `json:"title"`
	Status   int          `json:"status"`
	Detail   string       `json:"detail"`
	Instance string       `json:"instance"` // urn:uuid of the request, as in the log
	Errors   []FieldFault `json:"errors,omitempty"`
	// Decision is what happened to the comment meanwhile, to a moderator whose decision was refused for it.
	Decision *takenDecision `json:"decision,omitempty"`
	// Claim is who holds the comment, to a moderator whose decision was refused for it.
	Claim *claimAnswer `json:"claim,omitempty"`

	retryAfter time.Duration
}

// FieldFault is what is wrong with one field, or with one place of a ruleset.
type FieldFault struct {
	Pointer string `json:"pointer"`
	Code    string `json:"code"`
	Detail  string `json:"detail"`
	Path    string `json:"path,omitempty"`   // of a ruleset: JSON pointer into the document
	Line    int    `json:"line,omitempty"`   // of a ruleset, from 1
	Column  int    `json:"column,omitempty"` // of a ruleset, from 1
	Hint    string `json:"hint,omitempty"`   // of a ruleset: what to do about it
	Base    string `json:"base,omitempty"`   // of a ruleset: the document that line and column are in, if it is the one that is extended
}

// problemOf returns what a client is told about an error.
func problemOf(err error, requestID string) Problem {
	if p, ok := detailedProblem(err, requestID); ok {
		return p
	}
	for _, k := range kinds {
		if errors.Is(err, k.err) {
			p := k.problem(requestID)
			switch {
			case refusesWrites(err):
				p = p.after(retryRefused)
			case errors.Is(err, moderation.ErrUnreachable):
				p = p.after(retryUnreachable)
			case k.status == http.StatusServiceUnavailable, k.status == http.StatusTooManyRequests:
				p = p.after(time.Second)
			}
			return p
		}
	}
	return kindInternal.problem(requestID)
}

// detailedProblem returns the problem of an error that carries details of its own; false for all others.
func detailedProblem(err error, requestID string) (Problem, bool) {
	var invalid *moderation.Invalid
	var faults *rules.Faults
	var tooMany *moderation.TooMany
	var attempts *auth.TooManyAttempts
	var broken *malformed
	var account auth.Invalid
	var stale *moderation.Stale
	var claimed *moderation.Claimed
	var foreign *originUnknown
	switch {
	case errors.As(err, &foreign):
		p := kindOrigin.problem(requestID)
		p.Detail = fmt.Sprintf(p.Detail, foreign.origin, foreign.site)
		return p, true
	case errors.As(err, &account):
		p := kindInvalid.problem(requestID)
		p.Errors = accountFaults(account)
		return p, true
	case errors.As(err, &invalid):
		p := kindInvalid.problem(requestID)
		for _, f := range invalid.Fields {
			p.Errors = append(p.Errors, FieldFault{Pointer: f.Pointer, Code: f.Code, Detail: f.Detail})
		}
		return p, true
	case errors.As(err, &faults):
		p := kindRuleset.problem(requestID)
		p.Errors = rulesetFaults(faults.List, "ruleset")
		return p, true
	case errors.As(err, &broken):
		p := kindMalformed.problem(requestID)
		p.Errors = []FieldFault{broken.fault}
		return p, true
	case errors.As(err, &stale):
		p := problemOf(stale.Unwrap(), requestID)
		p.Decision = newTakenDecision(*stale)
		return p, true
	case errors.As(err, &claimed):
		p := problemOf(claimed.Unwrap(), requestID)
		p.Claim = newClaimAnswer(&claimed.Claim)
		return p, true
	case errors.As(err, &tooMany):
		return kindTooMany.problem(requestID).after(tooMany.RetryAfter), true
	case errors.As(err, &attempts):
		p := kindTooMany.problem(requestID).after(attempts.RetryAfter)
		p.Detail = "Too many attempts failed. Please wait. A browser that you signed in on before does not wait for the attempts " +
			"of others, and whoever runs the server can end the wait (rejoinder moderator unlock)."
		return p, true
	}
	return Problem{}, false
}

// accountFaults are the faults of a moderator's account as faults of the request's fields.
func accountFaults(invalid auth.Invalid) []FieldFault {
	faults := make([]FieldFault, 0, len(invalid))
	for _, f := range invalid {
		code := "invalid"
		if f.Reason == "is required" {
			code = "required"
		}
		faults = append(faults, FieldFault{Pointer: "/" + f.Field, Code: code, Detail: "This " + f.Reason + "."})
	}
	return faults
}

// retryUnreachable is how long clients wait while the database does not answer: long enough that they are no
// load, short enough that nobody waits long once it does.
const retryUnreachable = 5 * time.Second

// retryRefused is the retry delay while the database refuses writes: somebody has to free space first.
const retryRefused = 30 * time.Second

// refusesWrites reports whether an error says that the database refuses writes.
func refusesWrites(err error) bool {
	return errors.Is(err, moderation.ErrStorageFull) || errors.Is(err, moderation.ErrReadOnly)
}

// expected reports whether an error is reported elsewhere: the metrics count shed requests, and the
// database's guard logs the cause once.
func expected(err error) bool {
	return errors.Is(err, errOverload) || errors.Is(err, errStopping) ||
		errors.Is(err, moderation.ErrUnreachable) || refusesWrites(err)
}

// problemPrefix and a code are a problem's type.
const problemPrefix = "urn:rejoinder:problem:"

func (k kind) problem(requestID string) Problem {
	return Problem{
		Type: problemPrefix + k.code, Title: k.title, Status: k.status, Detail: k.detail,
		Instance: "urn:uuid:" + requestID,
	}
}

func (p Problem) after(wait time.Duration) Problem {
	p.retryAfter = wait
	return p
}

// rulesetFaults places faults of a ruleset in the request's source field, with line and column.
func rulesetFaults(list []rules.Fault, code string) []FieldFault {
	faults := make([]FieldFault, 0, len(list))
	for _, f := range list {
		faults = append(faults, FieldFault{
			Pointer: "/source", Code: code, Detail: strings.TrimSuffix(f.Message, ".") + ".", Path: f.Path, Line: f.Line, Column: f.Column, Hint: f.Hint,
			Base: f.Base,
		})
	}
	return faults
}

// oneFault is what is wrong with a single field.
func oneFault(pointer, code, detail string) error {
	return &moderation.Invalid{Fields: []moderation.FieldError{{Pointer: pointer, Code: code, Detail: detail}}}
}

// retrySeconds rounds up, so that a client that waits that long is not refused again.
func (p Problem) retrySeconds() int { return max(1, int(math.Ceil(p.retryAfter.Seconds()))) }

// wrap is the one adapter between handlers that return errors and gin.
func (s *Server) wrap(handle func(*gin.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := handle(c); err != nil {
			s.fail(c, err)
		}
	}
}

// fail answers with the error's problem, as JSON or as a page, and logs what only the operator may know.
func (s *Server) fail(c *gin.Context, err error) {
	c.Abort()
	if cause := context.Cause(c.Request.Context()); errors.Is(err, context.Canceled) && errors.Is(cause, errTooLong) {
		err = cause
	}
	if errors.Is(err, context.Canceled) && c.Request.Context().Err() != nil {
		c.Status(statusClientGone)
		return
	}
	p := problemOf(err, requestID(c))
	c.Set(keyProblem, p.Type)
	if p.Status >= http.StatusInternalServerError && !expected(err) {
		s.Log.ErrorContext(c.Request.Context(), "request failed", "request_id", requestID(c), "route", c.FullPath(), "err", err)
	}
	if p.retryAfter > 0 {
		c.Header("Retry-After", strconv.Itoa(p.retrySeconds()))
	}
	if p.Status == http.StatusUnauthorized {
		c.Header("WWW-Authenticate", challenge(err))
	}
	c.Header("Cache-Control", "no-store")
	if wantsPage(c) {
		s.problemPage(c, p)
		return
	}
	writeJSON(c, p.Status, "application/problem+json", p)
}

// challenge says what authentication is missing (RFC 6750, section 3).
func challenge(err error) string {
	if errors.Is(err, auth.ErrTokenInvalid) || errors.Is(err, moderation.ErrReceipt) {
		return `Bearer realm="rejoinder", error="invalid_token"`
	}
	return `Bearer realm="rejoinder"`
}

// statusClientGone is what nginx logs when a client left before its answer; nobody receives it.
const statusClientGone = 499
