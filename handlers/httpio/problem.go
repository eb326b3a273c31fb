package httpio

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
	"rejoinder/moderation/queue"
	"rejoinder/moderation/rules"
)

// Errors of HTTP itself.
var (
	ErrNoRoute     = errors.New("no such route")
	ErrNoMethod    = errors.New("no such method here")
	ErrSignIn      = errors.New("signed out")
	ErrRole        = errors.New("role not sufficient")
	ErrMalformed   = errors.New("request is malformed")
	ErrTooLarge    = errors.New("request is too large")
	ErrManyFields  = errors.New("form has too many fields")
	ErrTooSlow     = errors.New("request did not arrive in time")
	errMediaType   = errors.New("media type not understood")
	ErrFormType    = errors.New("media type of a form not understood")
	errEncoded     = fmt.Errorf("content encoding: %w", ErrFormType)
	errCharset     = fmt.Errorf("charset: %w", ErrFormType)
	ErrCrossOrigin = errors.New("cross-origin request refused")
	ErrNotReady    = errors.New("not ready")
)

// Kind is one row of the table: which error, which status, and what the client is told.
type Kind struct {
	Err    error
	status int
	Code   string // last part of the problem's type
	Title  string
	Detail string
}

// Kinds is the only place where clients' texts for errors stand. An error that is not here is an internal
// one, so nothing can leak. The first row that fits counts.
var Kinds = []Kind{
	{ErrNoRoute, http.StatusNotFound, "no-such-address", "No such address", "There is nothing at this address."},
	{ErrNoMethod, http.StatusMethodNotAllowed, "method-not-allowed", "Method not allowed", "This address does not take that method."},
	kindMalformed,
	{ErrTooLarge, http.StatusRequestEntityTooLarge, "too-large", "Request too large", "The request has more bytes than this address takes."},
	{ErrTooSlow, http.StatusRequestTimeout, "too-slow", "Request too slow", "The request did not arrive in time. Nothing was stored; please send it again."},
	{errMediaType, http.StatusUnsupportedMediaType, "media-type", "Media type not understood", "Send application/json here."},
	{errEncoded, http.StatusUnsupportedMediaType, "media-type", "Media type not understood", "Send the body as it is, without a Content-Encoding."},
	{errCharset, http.StatusUnsupportedMediaType, "media-type", "Media type not understood", "Send the body in UTF-8, and no other charset in its Content-Type."},
	{ErrManyFields, http.StatusRequestEntityTooLarge, "too-large", "Request too large", "A form has at most 1000 fields."},
	{ErrFormType, http.StatusUnsupportedMediaType, "media-type", "Media type not understood", "A form is sent as application/x-www-form-urlencoded or multipart/form-data. Nothing was saved; go back to find what you typed."},
	{ErrCrossOrigin, http.StatusForbidden, "cross-origin", "Cross-origin request refused", "This came from another website. It can only be done on our own pages."},
	{ErrSignIn, http.StatusUnauthorized, "sign-in", "Please sign in", "This needs a moderator's access token, and there was none or it is not valid any more."},
	{ErrRole, http.StatusForbidden, "role", "Not allowed", "Your role does not allow this."},
	{auth.ErrBadCredentials, http.StatusUnauthorized, "bad-credentials", "Sign-in failed", "Email or password is wrong."},
	{auth.ErrPasswordChangeRequired, http.StatusForbidden, "password-change-required", "Change your password first", "Somebody else made your password. Change it; nothing else is possible before."},
	{auth.ErrSecondFactorRequired, http.StatusForbidden, "second-factor-required", "Set up a second factor first", "Everybody here signs in with a second factor. Set one up; nothing else is possible before."},
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
	{auth.ErrSiteScope, http.StatusForbidden, "role", "Not allowed", "You administer certain sites; this would reach beyond them."},
	{auth.ErrTokenReused, http.StatusUnauthorized, "session-over", "Session is over", "This session was ended. Please sign in again."},
	{auth.ErrTokenInvalid, http.StatusUnauthorized, "sign-in", "Please sign in", "This needs a moderator's access token, and there was none or it is not valid any more."},
	{moderation.ErrSiteUnknown, http.StatusNotFound, "site-unknown", "No such site", "There is no site with that name."},
	{moderation.ErrArticleUnknown, http.StatusNotFound, "article-unknown", "No such article", "This article is not registered, and this page may not register it."},
	{moderation.ErrNotFound, http.StatusNotFound, "not-found", "Not found", "There is no such thing, or you may not see it."},
	{moderation.ErrExists, http.StatusConflict, "exists", "Already there", "Something with that name exists already."},
	{moderation.ErrClaimed, http.StatusConflict, "claimed", "Somebody else is at it", "Another moderator is looking at this comment."},
	{queue.ErrTabClosed, http.StatusConflict, "page-left", "Page was left", "The page that asked for this was left before the request arrived. Nothing was claimed."},
	{moderation.ErrVersion, http.StatusConflict, "stale-version", "Changed meanwhile", "Somebody changed this comment since you saw it. Look at it again, then decide."},
	{queue.ErrMoreMatch, http.StatusConflict, "more-match", "More comments match", "More comments match than you saw. Nothing was decided; look at them first."},
	{queue.ErrUndo, http.StatusConflict, "undo", "Can't be undone", "You can undo a decision of yours for ten minutes, as long as the comment's text is still there."},
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
	{ErrNotReady, http.StatusServiceUnavailable, "not-ready", "Not ready", "The database does not answer."},
	{moderation.ErrBusy, http.StatusServiceUnavailable, "busy", "Busy", "The server is busy. Nothing was lost; please try again in a moment."},
	{context.DeadlineExceeded, http.StatusServiceUnavailable, "busy", "Busy", "The server is busy. Nothing was lost; please try again in a moment."},
}

// The kinds that carry more than a fixed text, and the one for everything unknown.
var (
	KindInvalid   = Kind{nil, http.StatusUnprocessableEntity, "invalid", "Please check what you entered", "Some fields need your attention."}
	kindOrigin    = Kind{nil, http.StatusForbidden, "origin-unknown", "Origin not allowed", "%s is not an origin of site %s. Add it under Administration → Sites."}
	KindRuleset   = Kind{nil, http.StatusUnprocessableEntity, "ruleset-invalid", "The ruleset has faults", "Nothing was saved; the active ruleset stays active."}
	kindTooMany   = Kind{nil, http.StatusTooManyRequests, "too-many", "Too fast", "Too many requests came from your address. Please wait a little, then try again."}
	kindMalformed = Kind{ErrMalformed, http.StatusBadRequest, "malformed", "Malformed request", "The request could not be read."}
	KindInternal  = Kind{nil, http.StatusInternalServerError, "internal", "Internal error", "Something went wrong on our side. Please try again."}
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
	Claim *ClaimResponse `json:"claim,omitempty"`

	RetryAfter time.Duration `json:"-"`
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

// ProblemOf returns what a client is told about an error.
func ProblemOf(err error, requestID string) Problem {
	if p, ok := detailedProblem(err, requestID); ok {
		return p
	}
	for _, k := range Kinds {
		if errors.Is(err, k.Err) {
			p := k.Problem(requestID)
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
	return KindInternal.Problem(requestID)
}

// detailedProblem returns the problem of an error that carries details of its own; false for all others.
func detailedProblem(err error, requestID string) (Problem, bool) {
	var invalid *moderation.Invalid
	var faults *rules.Faults
	var tooMany *moderation.RateLimitError
	var attempts *auth.TooManyAttempts
	var broken *malformed
	var account auth.Invalid
	var stale *queue.ConflictError
	var claimed *queue.ClaimedError
	var foreign *OriginUnknown
	switch {
	case errors.As(err, &foreign):
		p := kindOrigin.Problem(requestID)
		p.Detail = fmt.Sprintf(p.Detail, foreign.Origin, foreign.Site)
		return p, true
	case errors.As(err, &account):
		p := KindInvalid.Problem(requestID)
		p.Errors = accountFaults(account)
		return p, true
	case errors.As(err, &invalid):
		p := KindInvalid.Problem(requestID)
		for _, f := range invalid.Fields {
			p.Errors = append(p.Errors, FieldFault{Pointer: f.Pointer, Code: f.Code, Detail: f.Detail})
		}
		return p, true
	case errors.As(err, &faults):
		p := KindRuleset.Problem(requestID)
		p.Errors = RulesetFaults(faults.List, "ruleset")
		return p, true
	case errors.As(err, &broken):
		p := kindMalformed.Problem(requestID)
		p.Errors = []FieldFault{broken.fault}
		return p, true
	case errors.As(err, &stale):
		p := ProblemOf(stale.Unwrap(), requestID)
		p.Decision = newTakenDecision(*stale)
		return p, true
	case errors.As(err, &claimed):
		p := ProblemOf(claimed.Unwrap(), requestID)
		p.Claim = NewClaimResponse(&claimed.Claim)
		return p, true
	case errors.As(err, &tooMany):
		return kindTooMany.Problem(requestID).after(tooMany.RetryAfter), true
	case errors.As(err, &attempts):
		p := kindTooMany.Problem(requestID).after(attempts.RetryAfter)
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
		faults = append(faults, FieldFault{Pointer: "/" + f.Field, Code: string(f.Code), Detail: "This " + f.Reason + "."})
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

// Expected reports whether an error is reported elsewhere: the metrics count shed requests, and the
// database's guard logs the cause once.
func Expected(err error) bool {
	return errors.Is(err, ErrOverload) || errors.Is(err, ErrStopping) ||
		errors.Is(err, moderation.ErrUnreachable) || refusesWrites(err)
}

// ProblemPrefix and a code are a problem's type.
const ProblemPrefix = "urn:rejoinder:problem:"

func (k Kind) Problem(requestID string) Problem {
	return Problem{
		Type: ProblemPrefix + k.Code, Title: k.Title, Status: k.status, Detail: k.Detail,
		Instance: "urn:uuid:" + requestID,
	}
}

func (p Problem) after(wait time.Duration) Problem {
	p.RetryAfter = wait
	return p
}

// RulesetFaults places faults of a ruleset in the request's source field, with line and column.
func RulesetFaults(list []rules.Fault, code string) []FieldFault {
	faults := make([]FieldFault, 0, len(list))
	for _, f := range list {
		faults = append(faults, FieldFault{
			Pointer: "/source", Code: code, Detail: strings.TrimSuffix(f.Message, ".") + ".", Path: f.Path, Line: f.Line, Column: f.Column, Hint: f.Hint,
			Base: f.Base,
		})
	}
	return faults
}

// OneFault is what is wrong with a single field.
func OneFault(pointer, code, detail string) error {
	return &moderation.Invalid{Fields: []moderation.FieldError{{Pointer: pointer, Code: code, Detail: detail}}}
}

// RetrySeconds rounds up, so that a client that waits that long is not refused again.
func (p Problem) RetrySeconds() int { return max(1, int(math.Ceil(p.RetryAfter.Seconds()))) }

// ErrStopping refuses a request whose body had not arrived when the server was told to stop.
var ErrStopping = fmt.Errorf("the server is stopping: %w", moderation.ErrBusy)

// OriginUnknown rejects a page whose origin is not one of the site's.
type OriginUnknown struct{ Origin, Site string }

func (e *OriginUnknown) Error() string { return "origin is none of the site's" }

// ErrOverload refuses a request because too many others are being worked on. It costs next to nothing, so
// that the server goes on answering as many as it can instead of all of them too late.
var ErrOverload = fmt.Errorf("too many requests at once: %w", moderation.ErrBusy)

// ErrTooLong ends a request that was worked on for too long.
var ErrTooLong = fmt.Errorf("the answer took too long: %w", moderation.ErrBusy)

// NoteProblem records a problem that a page explains in its own way.
func NoteProblem(c *gin.Context, p Problem) {
	c.Set(KeyProblem, p.Type)
	if p.RetryAfter > 0 {
		c.Header("Retry-After", strconv.Itoa(p.RetrySeconds()))
	}
}

// ProblemTypes returns every type of problem with its status. The API's contract is tested against it.
func ProblemTypes() map[string]string {
	all := map[string]string{}
	for _, k := range append([]Kind{KindInvalid, kindOrigin, KindRuleset, kindTooMany, KindInternal}, Kinds...) {
		p := k.Problem("")
		all[p.Type] = strconv.Itoa(p.Status)
	}
	return all
}
